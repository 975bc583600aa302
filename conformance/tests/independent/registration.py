"""Dynamic client registration (RFC 7591)."""

import time

from errors import OAuthRefusal
from management import approved_scopes
from store import Client, new_id, new_secret
from urls import is_acceptable_redirect

OPENID_SCOPES = ("openid", "profile", "email", "phone", "offline_access")


class Registration:
    """The part of an authorization server that registers clients."""

    def register(self, server, document, authorization, forwarded_host):
        if forwarded_host:
            raise OAuthRefusal("invalid_request", "registrations through a proxy are not accepted", 403)
        if not self._switch(server, "dynamicRegistration"):
            raise OAuthRefusal("invalid_request", "clients cannot register at this server", 403)
        if self.choices.registration == "token":
            raise OAuthRefusal("invalid_token", "an initial access token is needed", 401, "Bearer")
        redirect_uris = document.get("redirect_uris") or []
        grants = document.get("grant_types") or ["authorization_code"]
        method = document.get("token_endpoint_auth_method") or "client_secret_basic"
        if not all(isinstance(value, list) for value in (redirect_uris, grants)):
            raise OAuthRefusal("invalid_client_metadata", "redirect_uris and grant_types are lists")
        if not all(isinstance(uri, str) and is_acceptable_redirect(uri) for uri in redirect_uris):
            raise OAuthRefusal("invalid_redirect_uri", "redirect URIs use https, or http on loopback")
        if "authorization_code" in grants and not redirect_uris:
            raise OAuthRefusal("invalid_redirect_uri", "a redirect URI must be given")
        allowed = {"authorization_code", "refresh_token"}
        if self.choices.self_registered_get_own_tokens and method != "none":
            allowed.add("client_credentials")
        if not set(map(str, grants)) <= allowed or method not in ("none", "client_secret_basic", "client_secret_post"):
            raise OAuthRefusal("invalid_client_metadata", "the grant types or the method are not supported")
        return self._registered(server, document, redirect_uris, grants, method)

    def _registered(self, server, document, redirect_uris, grants, method):
        scopes = approved_scopes(server)
        if (server["dynamicRegistration"] or {}).get("disableApprovedScopesAsDefault"):
            scopes = []
        if isinstance(document.get("scope"), str):
            approved = set(approved_scopes(server)) | set(OPENID_SCOPES)
            scopes = [scope for scope in document["scope"].split() if scope in approved]
        record_id = new_id("TPA")
        name = document.get("client_name")
        record = {
            "id": record_id,
            "clientId": self.store.client_id_of(record_id),
            "mcpServerId": server["id"],
            "registrationType": self.choices.registration_types[1],
            "status": self.choices.status,
            "name": name if isinstance(name, str) and name else f"client {record_id}",
            "approvedCallbackUrls": redirect_uris,
            "scopes": scopes,
            "tags": None, "logo": None, "forceAddAllAuthorizationInfo": None, "allowedTenants": None,
        }
        client = Client(record, new_secret(self.choices), True, method, grants)
        self.store.put_client(client)
        answer = {
            "client_id": record["clientId"],
            "client_id_issued_at": int(time.time()),
            "client_name": record["name"],
            "redirect_uris": redirect_uris,
            "grant_types": grants,
            "response_types": ["code"] if "authorization_code" in grants else [],
            "token_endpoint_auth_method": method,
            "scope": " ".join(scopes),
        }
        if method != "none" or self.choices.public_clients_get_a_secret:
            answer |= {"client_secret": client.secret, "client_secret_expires_at": 0}
        return answer
