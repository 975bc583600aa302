"""Descope's Python SDK with a management key, as a resource server has it: it takes the emulator's tokens and no others."""

import json
import urllib.parse
import urllib.request

import jwt
from descope import AuthException, DescopeClient

import peer


def token_of(record: dict) -> str:
    made = peer.make_client(record["id"])
    form = {
        "grant_type": "client_credentials",
        "client_id": made["clientId"],
        "client_secret": made["cleartext"],
    }
    url = f"{peer.BASE_URL}/oauth2/v1/apps/agentic/{peer.PROJECT_ID}/{record['id']}/token"
    with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=10) as answer:
        return json.load(answer)["access_token"]


def refused(check) -> None:
    try:
        check()
    except (AuthException, jwt.InvalidTokenError):
        return
    raise AssertionError("the token was taken")


record = peer.make_server("http://127.0.0.1:1/mcp")
token = token_of(record)
# The constructor shakes hands about the license, because there is a management key.
descope = DescopeClient(peer.PROJECT_ID, management_key=peer.MANAGEMENT_KEY, base_url=peer.BASE_URL)
claims = descope.validate_session(token, audience=peer.PROJECT_ID)
assert claims["iss"] == peer.issuer_of(record["id"]), claims["iss"]
print("ok: validate_session takes a token of the emulator")

header, payload, signature = token.split(".")
refused(lambda: descope.validate_session(token, audience="another"))
refused(lambda: descope.validate_session(f"{header}.{payload}.{signature[:-4]}AAAA", audience=peer.PROJECT_ID))
print("ok: validate_session refuses another audience and a broken signature")
