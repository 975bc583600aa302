"""authlib, a client that knows nothing of MCP: code with PKCE, refresh, revocation, and client credentials."""

import os

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

import peer

# It insists on HTTPS; the emulator is on loopback.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

record = peer.make_server("http://127.0.0.1:1/mcp")
made = peer.make_client(record["id"])
discovery = f"{peer.issuer_of(record['id'])}/.well-known/openid-configuration"
metadata = OAuth2Session().get(discovery, withhold_token=True, timeout=10).json()
assert metadata["issuer"] == peer.issuer_of(record["id"])

for method in ("client_secret_basic", "client_secret_post"):
    session = OAuth2Session(
        made["clientId"],
        made["cleartext"],
        scope="notes:read",
        redirect_uri=peer.REDIRECT_URI,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
    )
    verifier = generate_token(64)
    url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    back = peer.browse(url)
    assert back["state"] == state and back["iss"] == metadata["issuer"], back
    token = session.fetch_token(metadata["token_endpoint"], code=back["code"], code_verifier=verifier, timeout=10)
    assert token["scope"] == "notes:read" and token["token_type"] == "Bearer", token
    fresh = session.refresh_token(metadata["token_endpoint"], token["refresh_token"], timeout=10)
    assert fresh["access_token"] != token["access_token"]
    answer = session.revoke_token(metadata["revocation_endpoint"], fresh["refresh_token"], timeout=10)
    assert answer.status_code == 200, answer.text
    print(f"ok: code, refresh and revocation with {method}")

session = OAuth2Session(made["clientId"], made["cleartext"], scope="notes:read")
token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", timeout=10)
assert token["scope"] == "notes:read", token
print("ok: client credentials")
