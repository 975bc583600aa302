"""The authorization server that each MCP server has."""

import re
import secrets
import time
from urllib.parse import quote, urlencode

from errors import OAuthRefusal, Page, Refusal
from management import approved_scopes
from registration import OPENID_SCOPES, Registration
from store import new_id
from tokens import Code, Grant, Tokens
from urls import is_acceptable_redirect, split, without_port

CODE_SECONDS = 60
# The example of RFC 7517, appendix A.1.
P256_POINT = {
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class AuthorizationServer(Tokens, Registration):
    def __init__(self, store, key, base_url):
        self.store, self.choices, self.key, self.base_url = store, store.choices, key, base_url
        self.codes, self.refresh_tokens, self.users_tokens = {}, {}, {}
        self.user_id = new_id("U")

    def issuer(self, server_id):
        return f"{self.base_url}/v1/apps/agentic/{self.store.project_id}/{server_id}"

    def server(self, project_id, server_id):
        record = self.store.servers.get(server_id) if project_id == self.store.project_id else None
        if record is None:
            raise Refusal(404, "E114101", "MCP server not found", "the project has no such MCP server")
        return record

    # --- metadata and keys

    def metadata(self, server):
        project, server_id = self.store.project_id, server["id"]
        oauth = f"{self.base_url}/oauth2/v1/apps"
        document = {
            "issuer": self.issuer(server_id),
            "authorization_endpoint": f"{oauth}/agentic/{project}/{server_id}/authorize",
            "token_endpoint": f"{oauth}/agentic/{project}/{server_id}/token",
            "revocation_endpoint": f"{oauth}/{project}/revoke",
            "userinfo_endpoint": f"{oauth}/{project}/userinfo",
            "jwks_uri": f"{self.base_url}/{project}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "client_id_metadata_document_supported": self._switch(server, "cimdSettings"),
        }
        if self._switch(server, "dynamicRegistration"):
            document["registration_endpoint"] = f"{self.base_url}/v1/mgmt/mcp/client/{project}/{server_id}/register"
        if self.choices.metadata_scopes:
            document["scopes_supported"] = approved_scopes(server)
        if self.choices.sends_iss:
            document["authorization_response_iss_parameter_supported"] = True
        return document

    def keys(self):
        keys = [self.key.jwk()]
        if self.choices.fault == "unpublished-key":
            keys[0]["kid"] = "another-key"
        if self.choices.publishes_other_keys:
            # Keys of other kinds may stand in the same set (RFC 7517 section 5).
            keys.insert(0, {"kid": "for-encryption", "kty": "EC", "use": "enc", "crv": "P-256", **P256_POINT})
        return {"keys": keys}

    @staticmethod
    def _switch(server, member):
        return bool((server[member] or {}).get("enabled"))

    # --- authorization endpoint

    def authorize(self, server, parameters):
        """The address of a redirect; pages are raised."""
        single = {name: values[0] for name, values in parameters.items() if values}
        for name in ("client_id", "redirect_uri"):
            if len(parameters.get(name, [])) != 1:
                raise Page(f"{name} must be given once")
        client = self._client_of_request(server, single["client_id"])
        redirect_uri = single["redirect_uri"]
        if not self._is_registered(client, redirect_uri):
            raise Page("the redirect URI is not one of the client's")
        answer = {}
        try:
            self._check_request(server, client, parameters, single)
            answer["code"] = self._new_code(client, single, redirect_uri)
        except OAuthRefusal as refusal:
            if client.self_registered and not self.choices.self_registered_errors_redirect:
                raise Page(refusal.description) from refusal
            answer["error"], answer["error_description"] = refusal.error, refusal.description
        if "state" in single:
            answer["state"] = single["state"]
        if self.choices.sends_iss:
            answer["iss"] = self.issuer(server["id"])
        separator = "&" if split(redirect_uri).query else "?"
        return redirect_uri + separator + urlencode(answer, quote_via=quote)

    def _client_of_request(self, server, client_id):
        if client_id.startswith("https://"):
            if not self._switch(server, "cimdSettings"):
                raise Page("metadata documents are not enabled")
            # This server never opens a connection, so it treats each document as one that cannot be fetched.
            raise Page("the metadata document cannot be fetched")
        client = self._client(server, client_id)
        if client is None:
            raise Page("there is no such client")
        return client

    def _is_registered(self, client, redirect_uri):
        if not is_acceptable_redirect(redirect_uri):
            return False
        registered = client.record["approvedCallbackUrls"] or []
        if redirect_uri in registered:
            return True
        if not self.choices.loopback_ports_differ or split(redirect_uri).hostname not in ("127.0.0.1", "::1"):
            return False
        return any(without_port(redirect_uri) == without_port(one) for one in registered)

    def _check_request(self, server, client, parameters, single):
        for name, values in parameters.items():
            if name != "resource" and len(values) != 1:
                raise OAuthRefusal("invalid_request", f"{name} is given more than once")
        if single.get("response_type") != "code":
            raise OAuthRefusal("unsupported_response_type", "response_type must be code")
        if single.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(single.get("code_challenge", "")):
            raise OAuthRefusal("invalid_request", "an S256 code challenge must be given")
        self._scopes(server, client, single.get("scope"))
        for resource in parameters.get("resource", []):
            self._check_resource(server, resource)
        skips = bool(server["skipConsentScreen"]) and self.choices.consent == "skippable"
        if client.self_registered and not self.choices.self_registered_skip_consent:
            skips = False
        if not skips or single.get("prompt") in ("login", "consent"):
            if single.get("prompt") == "none":
                raise OAuthRefusal("interaction_required", "a user must answer")
            self._ask_user(server)

    def _ask_user(self, server):
        if self.choices.consent == "redirect":
            page = server["loginPageURL"] or "https://login.example.com/consent"
            raise Page(page, 302)
        raise Page("Sign in, and allow the client to act for you. (Nobody does so at this test server.)", 200)

    def _new_code(self, client, single, redirect_uri):
        server = self.store.servers[client.record["mcpServerId"]]
        scopes = self._scopes(server, client, single.get("scope"))
        grant = Grant(client.record["clientId"], scopes, single.get("resource", ""), single.get("nonce", ""))
        code = secrets.token_urlsafe(32)
        self.codes[code] = Code(grant, redirect_uri, single["code_challenge"], time.monotonic() + CODE_SECONDS)
        return code

    # --- helpers

    def _client(self, server, client_id):
        for client in self.store.clients.values():
            if client.record["clientId"] == client_id and client.record["mcpServerId"] == server["id"]:
                return client
        return None

    def _scopes(self, server, client, requested):
        own = client.record["scopes"] or []
        if not requested:
            return own
        allowed = set(own)
        if not self.choices.openid_needs_approval:
            allowed |= set(OPENID_SCOPES)
        scopes = list(dict.fromkeys(requested.split()))
        if not set(scopes) <= allowed:
            raise OAuthRefusal("invalid_scope", "the client may not have one of the scopes")
        return scopes

    @staticmethod
    def _check_resource(server, resource):
        allowed = server["audienceWhitelist"] or []
        parts = split(resource)
        if not parts.scheme or parts.fragment or (allowed and resource not in allowed):
            raise OAuthRefusal("invalid_target", "the resource is not allowed")
