"""What every Python peer needs: the emulator's address, records made through the management API, and a browser.

The emulator grants consent by itself, so a browser is one request whose redirect is read and not followed.
"""

import json
import os
import socket
import urllib.parse
import urllib.request

BASE_URL = os.environ["DESCOPE_BASE_URL"]
PROJECT_ID = os.environ["DESCOPE_PROJECT_ID"]
MANAGEMENT_KEY = os.environ["DESCOPE_MANAGEMENT_KEY"]
# The emulator is started with a document for this client id (documents/client.json).
CLIENT_DOCUMENT_URL = "https://agent.example.com/oauth/client.json"
REDIRECT_URI = "http://127.0.0.1:43117/callback"
SCOPES = ["notes:read", "notes:write"]


def manage(path: str, body: dict) -> dict:
    """Calls the management API."""
    request = urllib.request.Request(
        f"{BASE_URL}/v1/mgmt/mcp/{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {PROJECT_ID}:{MANAGEMENT_KEY}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def make_server(mcp_url: str) -> dict:
    """An MCP server record for the resource at this URL, open to every way of registration."""
    return manage(
        "server/create",
        {
            "name": "notes",
            "audienceWhitelist": [mcp_url],
            "approvedScopes": {"permissionsScopes": [{"name": name} for name in SCOPES]},
            "dynamicRegistration": {"enabled": True},
            "cimdSettings": {
                "enabled": True,
                "domainPolicies": {"policies": [{"domainPattern": "*.example.com", "enabled": True}]},
            },
        },
    )["server"]


def make_client(server_id: str) -> dict:
    """A client with a secret; answers `id`, `clientId` and `cleartext`."""
    return manage(
        "server/client/create",
        {
            "name": "by hand",
            "mcpServerId": server_id,
            "scopes": SCOPES,
            "approvedCallbackUrls": [REDIRECT_URI],
        },
    )


def clients_of(server_id: str, method: str) -> list[dict]:
    """The clients that came by this registration method."""
    query = {"mcpServerId": server_id, "registrationMethod": method}
    return manage("server/clients/search", query)["clients"]


def issuer_of(server_id: str) -> str:
    return f"{BASE_URL}/v1/apps/agentic/{PROJECT_ID}/{server_id}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def browse(url: str) -> dict[str, str]:
    """Opens an authorization URL as a browser does; answers the parameters that came back to the redirect URI."""
    try:
        with urllib.request.build_opener(NoRedirect).open(url, timeout=10) as answer:
            raise AssertionError(f"no redirect but {answer.status}: {answer.read(400)!r}")
    except urllib.error.HTTPError as answer:
        location = answer.headers["Location"]
        assert answer.code in (302, 303) and location, f"{answer.code}: {answer.read(400)!r}"
    assert location.startswith(f"{REDIRECT_URI}?"), location
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
