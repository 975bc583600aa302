"""The `mcp` SDK on both ends: its client signs in by DCR, by a metadata document and with a secret, and calls a tool
of its server, which checks tokens with the `descope` SDK.
"""

import asyncio
import contextlib

import jwt
import uvicorn
from descope import AuthException, DescopeClient
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

import peer


class Verifier:
    """Accepts what Descope's own SDK accepts."""

    def __init__(self, mcp_url: str):
        self.descope = DescopeClient(peer.PROJECT_ID, base_url=peer.BASE_URL)
        self.mcp_url = mcp_url
        self.seen: list[dict] = []

    async def verify_token(self, token: str) -> AccessToken | None:
        # A token of a client for itself names no resource, as the service does it.
        audiences = [self.mcp_url, peer.PROJECT_ID]
        try:
            claims = await asyncio.to_thread(self.descope.validate_session, token, audiences)
        except (AuthException, jwt.InvalidTokenError):
            return None
        self.seen.append(claims)
        return AccessToken(
            token=token,
            client_id=claims["azp"],
            scopes=claims.get("scope", "").split(),
            expires_at=claims["exp"],
            subject=claims["sub"],
        )


class Storage:
    def __init__(self):
        self.tokens = None
        self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Browser:
    """Follows an authorization URL and remembers what came back."""

    async def open(self, url: str) -> None:
        self.came_back = await asyncio.to_thread(peer.browse, url)

    async def callback(self) -> AuthorizationCodeResult:
        back = self.came_back
        assert back["iss"], "the redirect names its issuer"
        return AuthorizationCodeResult(code=back["code"], state=back["state"], iss=back["iss"])


async def call_tool(url: str, auth) -> str:
    async with create_mcp_http_client(auth=auth) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            result = await client.call_tool("whisper", {"text": "hello"})
            return result.content[0].text


async def by_user(url: str, **how) -> Storage:
    storage, browser = Storage(), Browser()
    metadata = OAuthClientMetadata(client_name="python mcp", redirect_uris=[peer.REDIRECT_URI])
    provider = OAuthClientProvider(url, metadata, storage, browser.open, browser.callback, **how)
    assert await call_tool(url, provider) == "hello, quietly"
    # The SDK refreshes by itself once it takes a token for old.
    first = storage.tokens
    assert first.refresh_token, "a user's grant can be refreshed"
    provider.context.token_expiry_time = 1
    assert await call_tool(url, provider) == "hello, quietly"
    assert storage.tokens.access_token != first.access_token, "refreshed"
    assert storage.tokens.refresh_token != first.refresh_token, "refresh tokens rotate"
    return storage


async def scenario(port: int) -> None:
    url = f"http://127.0.0.1:{port}/mcp"
    record = peer.make_server(url)
    issuer = peer.issuer_of(record["id"])
    verifier = Verifier(url)
    app = MCPServer(
        "notes",
        token_verifier=verifier,
        # The verifier checks the audience itself.
        auth=AuthSettings(issuer_url=issuer, resource_server_url=url, validate_token_resource=False),
    )

    @app.tool()
    def whisper(text: str) -> str:
        return f"{text}, quietly"

    config = uvicorn.Config(app.streamable_http_app(), host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    try:
        registered = await by_user(url)
        assert registered.client.client_id == peer.clients_of(record["id"], "dcr")[0]["clientId"]
        assert url in verifier.seen[-1]["aud"], "the token is for this resource"
        print("ok: dynamic registration, PKCE and refresh")

        described = await by_user(url, client_metadata_url=peer.CLIENT_DOCUMENT_URL)
        assert described.client.client_id == peer.CLIENT_DOCUMENT_URL
        assert peer.clients_of(record["id"], "cimd")[0]["clientId"] == peer.CLIENT_DOCUMENT_URL
        print("ok: client metadata document, PKCE and refresh")

        made = peer.make_client(record["id"])
        provider = ClientCredentialsOAuthProvider(
            url, Storage(), made["clientId"], made["cleartext"], issuer=issuer
        )
        assert await call_tool(url, provider) == "hello, quietly"
        assert verifier.seen[-1]["sub"] == made["id"], "the client is its own subject"
        print("ok: client credentials")
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(serving, 10)


if __name__ == "__main__":
    asyncio.run(scenario(peer.free_port()))
