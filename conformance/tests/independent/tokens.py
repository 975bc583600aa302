"""The token endpoint, the revocation endpoint and the claims about a user."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from urllib.parse import unquote_plus

from errors import OAuthRefusal, Refusal

UNIT_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
DEFAULT_LIFETIMES = {"sessionToken": 600, "keySessionToken": 600, "refreshToken": 4 * 604_800}


@dataclass
class Grant:
    """What a user allowed a client: the family of tokens that come from one code."""

    client_id: str
    scopes: list
    resource: str
    nonce: str
    ended: bool = False


@dataclass
class Code:
    grant: Grant
    redirect_uri: str
    challenge: str
    expires: float
    used: bool = False


@dataclass
class RefreshToken:
    grant: Grant
    expires: float
    issued: float
    replaced: float = 0.0


class Tokens:
    """The part of an authorization server that deals with tokens."""

    def token(self, server, parameters, authorization):
        client = self._authenticated(server, parameters, authorization)
        grant_type = parameters.get("grant_type")
        if not grant_type:
            raise OAuthRefusal("invalid_request", "grant_type must be given")
        grants = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_credentials,
        }
        if grant_type not in grants:
            raise OAuthRefusal("unsupported_grant_type", "the grant type is not supported")
        if grant_type not in client.grants:
            raise OAuthRefusal("unauthorized_client", "the client may not use this grant type")
        answer = grants[grant_type](server, client, parameters)
        self.store.note_use(client)
        return answer

    def _authenticated(self, server, parameters, authorization):
        client_id, secret = parameters.get("client_id"), parameters.get("client_secret")
        challenge = None
        if authorization and authorization.lower().startswith("basic "):
            challenge = 'Basic realm="token"'
            try:
                pair = base64.b64decode(authorization[6:].strip(), validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                pair = ""
            client_id, _, secret = (unquote_plus(part) for part in pair.partition(":"))
        client = self._client(server, client_id or "")
        if client is not None:
            if client.is_public and not secret:
                return client
            if not client.is_public and secret and self._is_secret(client, secret):
                return client
        raise OAuthRefusal("invalid_client", "the client is unknown or its secret is wrong", 401, challenge)

    def _is_secret(self, client, secret):
        if hmac.compare_digest(client.secret.encode(), secret.encode()):
            return True
        oldest = time.monotonic() - self.choices.old_secret_lives
        return any(old == secret and replaced > oldest for old, replaced in client.previous)

    def _by_code(self, server, client, parameters):
        code = self.codes.get(parameters.get("code", ""))
        if code is None or code.grant.client_id != client.record["clientId"]:
            raise OAuthRefusal("invalid_grant", "the code is unknown")
        if code.used:
            code.grant.ended = True
            raise OAuthRefusal("invalid_grant", "the code was used before")
        if code.expires < time.monotonic() or code.redirect_uri != parameters.get("redirect_uri"):
            raise OAuthRefusal("invalid_grant", "the code has expired, or the redirect URI is another one")
        digest = hashlib.sha256(parameters.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
            raise OAuthRefusal("invalid_grant", "the verifier is wrong")
        if parameters.get("resource") and parameters["resource"] != code.grant.resource:
            raise OAuthRefusal("invalid_target", "the resource is not that of the code")
        code.used = True
        return self._users_tokens(server, client, code.grant, code.grant.scopes, self._new_refresh(server, code.grant))

    def _by_refresh_token(self, server, client, parameters):
        now, value = time.monotonic(), parameters.get("refresh_token", "")
        token = self.refresh_tokens.get(value)
        if token is None or token.grant.client_id != client.record["clientId"]:
            raise OAuthRefusal("invalid_grant", "the refresh token is unknown")
        # A replaced token of a public client is invalid at once (fact/refresh-rotates).
        leeway = 0 if client.is_public else self.choices.refresh_leeway_seconds
        if token.replaced and now - token.replaced >= leeway:
            if self.choices.reuse_ends_the_family:
                token.grant.ended = True
            raise OAuthRefusal("invalid_grant", "the refresh token was used before")
        if token.grant.ended or token.expires < now:
            raise OAuthRefusal("invalid_grant", "the refresh token is no longer valid")
        if self.choices.rotation_ends_refresh_tokens and any(when > token.issued for _, when in client.previous):
            raise OAuthRefusal("invalid_grant", "the client's secret was rotated since")
        scopes = token.grant.scopes
        if parameters.get("scope"):
            scopes = parameters["scope"].split()
            if not set(scopes) <= set(token.grant.scopes):
                raise OAuthRefusal("invalid_scope", "the scope is wider than the granted one")
        new = None
        if client.is_public or self.choices.refresh != "keep":
            token.replaced = token.replaced or now
            new = self._new_refresh(server, token.grant)
        return self._users_tokens(server, client, token.grant, scopes, new)

    def _by_credentials(self, server, client, parameters):
        if client.is_public:
            raise OAuthRefusal("unauthorized_client", "a public client gets no tokens for itself")
        scopes = self._scopes(server, client, parameters.get("scope"))
        audience = [client.record["clientId"], self.store.project_id]
        if parameters.get("resource"):
            self._check_resource(server, parameters["resource"])
            if self.choices.own_token_resource:
                audience.append(parameters["resource"])
        claims = {"sub": client.record["id"], "azp": client.record["clientId"], "aud": audience}
        if self.choices.own_token_scope:
            claims["scope"] = " ".join(scopes)
        return self._answer(server, claims, "keySessionToken", scopes)

    # --- tokens

    def _users_tokens(self, server, client, grant, scopes, refresh_token):
        client_id, project = client.record["clientId"], self.store.project_id
        audience = [client_id, project] + ([grant.resource] if grant.resource else [])
        claims = {
            "sub": self.user_id, "azp": client_id, "aud": audience, "scope": " ".join(scopes),
            "token_type": "access_token",
        }
        answer = self._answer(server, claims, "sessionToken", scopes)
        self.users_tokens[answer["access_token"]] = grant
        if refresh_token:
            answer["refresh_token"] = refresh_token
        if "openid" in scopes:
            identity = {"sub": self.user_id, "aud": [client_id, project]}
            if grant.nonce:
                identity["nonce"] = grant.nonce
            answer["id_token"] = self._jwt(server, identity, "sessionToken")
        return answer

    def _answer(self, server, claims, lifetime, scopes):
        return {
            "access_token": self._jwt(server, claims, lifetime),
            "token_type": "Bearer",
            "expires_in": self._lifetime(server, lifetime),
            "scope": " ".join(scopes),
        }

    def _jwt(self, server, claims, lifetime):
        now = int(time.time())
        issuer = self.issuer(server["id"])
        if self.choices.token_issuer == "project":
            issuer = f"{self.base_url}/v1/apps/{self.store.project_id}"
        times = {"iss": issuer, "iat": now, "exp": now + self._lifetime(server, lifetime)}
        if self.choices.fault == "expiry-in-milliseconds":
            times["exp"] *= 1000
        return self.key.jwt({**times, **claims, "jti": secrets.token_hex(16)})

    def _new_refresh(self, server, grant):
        value, now = secrets.token_urlsafe(40), time.monotonic()
        self.refresh_tokens[value] = RefreshToken(grant, now + self._lifetime(server, "refreshToken"), now)
        return value

    @staticmethod
    def _lifetime(server, name):
        settings = server["sessionSettings"] or {}
        number = settings.get(f"{name}Expiration") or 0
        unit = UNIT_SECONDS.get(settings.get(f"{name}ExpirationUnit"), 0)
        if settings.get("enabled") and number * unit > 0:
            return number * unit
        return DEFAULT_LIFETIMES[name]

    # --- revocation and claims about a user

    def revoke(self, parameters, authorization):
        value = parameters.get("token")
        if not value:
            raise OAuthRefusal("invalid_request", "token must be given")
        token, grant = self.refresh_tokens.get(value), self.users_tokens.get(value)
        grant = token.grant if token else grant
        if grant is None:
            return
        client = next((c for c in self.store.clients.values() if c.record["clientId"] == grant.client_id), None)
        server = self.store.servers.get(client.record["mcpServerId"]) if client else None
        if server is None:
            return
        if self._authenticated(server, parameters, authorization) is not client:
            raise OAuthRefusal("invalid_client", "the token is not that of the client", 401)
        grant.ended = True

    def claims(self, authorization):
        scheme, _, token = (authorization or "").partition(" ")
        grant = self.users_tokens.get(token)
        if scheme.lower() != "bearer" or grant is None or grant.ended:
            raise OAuthRefusal("invalid_token", "the token is not valid", 401, 'Bearer error="invalid_token"')
        if self.choices.userinfo == "refuse":
            raise Refusal(404, "E063303", "Third party application not found", "the token is that of an MCP server")
        claims = {"sub": self.user_id, "name": "Test User"}
        return {"userInfoClaims": claims} if self.choices.userinfo == "nested" else claims
