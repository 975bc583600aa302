"""A second server for Descope's MCP server management API, as a counter-check of the conformance suite.

It was written from docs/facts.md and the OpenAPI documents alone, without a look at the emulator. It is for tests only:
everything is in memory, and `GET /__store` shows all records to anybody. It needs Python 3.9 and no package.
"""

import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from authorization import AuthorizationServer
from choices import PROFILES
from errors import OAuthRefusal, Page, Refusal
from management import Management
from rs256 import SigningKey
from store import Store, new_id

MANAGEMENT = "/v1/mgmt/mcp/"
MAX_BODY_BYTES = 16 * 1024 * 1024


class Answer:
    def __init__(self, status, body=b"", content_type="application/json", **headers):
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.body = body
        if body:
            self.headers["Content-Type"] = content_type


def strict_json(body):
    """A JSON value that can be written again: Python also reads NaN, infinite numbers and halves of characters."""
    value = json.loads(body.decode("utf-8"))
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return value


class Application:
    def __init__(self, profile, base_url):
        self.choices = PROFILES[profile]
        self.store = Store(self.choices)
        self.management = Management(self.store)
        key = SigningKey(new_id("SK")) if self.choices.has_authorization_server else None
        self.oauth = AuthorizationServer(self.store, key, base_url)
        self.lock = threading.Lock()
        self.window_ends, self.requests_in_window = 0.0, 0

    def answer(self, method, target, headers, body):
        parts = urlsplit(target)
        path, query = parts.path, parts.query
        with self.lock:
            if path == "/__store":
                return Answer(200, self.store.dump())
            try:
                self._count(len(body))
                if path.startswith(MANAGEMENT) and path[len(MANAGEMENT) :] in self.management.operations:
                    return self._managed(method, path[len(MANAGEMENT) :], headers, body)
                if path == "/v1/mgmt/license":
                    self._check_key(headers)
                    return Answer(200, {"rateLimitTier": "tier1"})
                if self.choices.has_authorization_server:
                    return self._authorized(method, path, query, headers, body)
                raise Refusal(404, "E011001", "Not found", "there is no such path")
            except Refusal as refusal:
                content_type = "application/problem+json" if self.choices.problem_json else self.choices.content_type
                extra = {"Retry_After": "1"} if refusal.status == 429 else {}
                return Answer(refusal.status, refusal.body(self.choices.problem_json), content_type, **extra)
            except OAuthRefusal as refusal:
                extra = {"WWW_Authenticate": refusal.challenge} if refusal.challenge else {}
                body = refusal.body(self.choices.token_errors)
                return Answer(refusal.status, body, Cache_Control="no-store", **extra)
            except Page as page:
                if page.status == 302:
                    return Answer(self.choices.redirect_status, Location=page.text)
                return Answer(page.status, f"<!doctype html><p>{page.text}</p>".encode(), "text/html; charset=utf-8")

    # --- management

    def _managed(self, method, operation, headers, body):
        self._check_key(headers)
        if method != "POST":
            raise Refusal(405, "E011001", "Bad request", "only POST is served here")
        content_type = (headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if self.choices.needs_json_content_type and content_type != "application/json":
            raise Refusal(415, "E011001", "Bad request", "the body must be declared as application/json")
        try:
            values = strict_json(body)
        except (ValueError, RecursionError):
            raise Refusal(400, "E011001", "Bad request", "the body is no JSON") from None
        if self.choices.fault == "html-from-a-gateway" and operation == "server/client/update":
            return Answer(200, b"<!doctype html><title>Welcome</title>", "text/html")
        return Answer(200, self.management.answer(operation, values), self.choices.content_type)

    def _count(self, body_bytes):
        """Refuses what is too large or too much."""
        if body_bytes > self.choices.max_body_bytes:
            raise Refusal(413, "E011001", "Bad request", "the body is too large")
        limit, seconds = self.choices.rate_limit
        if not limit:
            return
        now = time.monotonic()
        if now >= self.window_ends:
            self.window_ends, self.requests_in_window = now + seconds, 0
        self.requests_in_window += 1
        if self.requests_in_window > limit:
            raise Refusal(429, "E130429", "Too many requests", "the limit of requests is exceeded")

    def _check_key(self, headers):
        scheme, _, credentials = (headers.get("Authorization") or "").partition(" ")
        project, _, key = credentials.strip().partition(":")
        if self.choices.fault == "key-in-refusal" and scheme.lower() != "bearer":
            raise Refusal(*self.choices.unauthorized, "Unauthorized", f"expected Bearer, not {scheme} {credentials}")
        if scheme.lower() != "bearer" or key != self.store.management_key:
            raise Refusal(*self.choices.unauthorized, "Unauthorized", "the management key is missing or wrong")
        if project != self.store.project_id:
            raise Refusal(*self.choices.wrong_project, "Unauthorized", "the key does not belong to this project")

    # --- authorization server

    def _authorized(self, method, path, query, headers, body):
        oauth, project = self.oauth, self.store.project_id
        segments = path.strip("/").split("/")
        authorization = headers.get("Authorization")
        if method == "GET" and path in (f"/{project}/.well-known/jwks.json", f"/v2/keys/{project}"):
            return Answer(200, oauth.keys())
        server_id = self._metadata_server(segments) if method == "GET" else None
        if server_id:
            return Answer(200, oauth.metadata(oauth.server(project, server_id)))
        if segments[:4] == ["oauth2", "v1", "apps", "agentic"] and len(segments) == 7:
            server = oauth.server(segments[4], segments[5])
            if segments[6] == "authorize" and method in ("GET", "POST"):
                location = oauth.authorize(server, self._many_parameters(method, query, headers, body))
                return Answer(self.choices.redirect_status, Location=location, Cache_Control="no-store")
            if segments[6] == "token" and method == "POST":
                answer = oauth.token(server, self._parameters(headers, body), authorization)
                return Answer(200, answer, Cache_Control="no-store", Pragma="no-cache")
        if method == "POST" and path in ("/oauth2/v1/apps/revoke", f"/oauth2/v1/apps/{project}/revoke"):
            oauth.revoke(self._parameters(headers, body), authorization)
            return Answer(200)
        if method in ("GET", "POST") and path == f"/oauth2/v1/apps/{project}/userinfo":
            return Answer(200, oauth.claims(authorization))
        if segments[:4] == ["v1", "mgmt", "mcp", "client"] and len(segments) == 7 and segments[6] == "register":
            server = oauth.server(segments[4], segments[5])
            forwarded = headers.get("X-Forwarded-Host")
            document = self._parameters(headers, body, strings_only=False)
            answer = oauth.register(server, document, authorization, forwarded)
            return Answer(self.choices.registration_status, answer, Cache_Control="no-store")
        raise Refusal(404, "E011001", "Not found", "there is no such path")

    def _metadata_server(self, segments):
        """The server whose metadata are asked for, if this is one of the paths of metadata."""
        names = ("openid-configuration", "oauth-authorization-server")
        issuer = ["v1", "apps", "agentic", self.store.project_id]
        if segments[:4] == issuer and len(segments) == 7 and segments[5] == ".well-known" and segments[6] in names:
            return segments[4]
        inserted = segments[:1] == [".well-known"] and len(segments) == 7 and segments[1] in names
        if inserted and segments[2:6] == issuer and self.choices.metadata_inserted:
            return segments[6]
        return None

    def _parameters(self, headers, body, strings_only=True):
        """The parameters in a body, each at most once."""
        content_type = (headers.get("Content-Type") or "").split(";")[0].strip().lower()
        try:
            if content_type == "application/json":
                values = strict_json(body)
            else:
                many = parse_qs(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body))
                values = {name: found[0] for name, found in many.items() if len(found) == 1}
                if len(values) < len(many):
                    raise ValueError("a parameter is repeated")
        except (ValueError, RecursionError):
            raise OAuthRefusal("invalid_request", "the body cannot be read") from None
        if not isinstance(values, dict):
            raise OAuthRefusal("invalid_request", "the body must be an object")
        values = {name: value for name, value in values.items() if value is not None}
        if strings_only and not all(isinstance(value, str) for value in values.values()):
            raise OAuthRefusal("invalid_request", "each parameter must be a string")
        return values

    def _many_parameters(self, method, query, headers, body):
        """The parameters of an authorization request; `resource` may be a list or be repeated."""
        content_type = (headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if method == "GET" or content_type != "application/json":
            try:
                text = query if method == "GET" else body.decode("utf-8")
            except UnicodeDecodeError:
                raise Page("the body cannot be read") from None
            return parse_qs(text, keep_blank_values=True)
        try:
            values = strict_json(body)
        except (ValueError, RecursionError):
            raise Page("the body cannot be read") from None
        if not isinstance(values, dict):
            raise Page("the body must be an object")
        given = {name: value for name, value in values.items() if value is not None}
        many = {name: value if isinstance(value, list) else [value] for name, value in given.items()}
        if not all(isinstance(one, str) for found in many.values() for one in found):
            raise Page("each parameter must be a string")
        return many


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    application = None

    def _serve(self):
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if self.headers.get("Transfer-Encoding") or not 0 <= length <= MAX_BODY_BYTES:
            self.close_connection = True
            envelope = {"errorCode": "E011001", "errorDescription": "Bad request", "errorMessage": "unreadable body"}
            answer = Answer(413 if length > MAX_BODY_BYTES else 400, envelope)
        else:
            answer = self.application.answer(self.command, self.path, self.headers, self.rfile.read(length))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def log_message(self, *_):
        """Nothing is logged: paths and bodies contain secrets."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        # A client that was killed closes its connection at any time.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="plain")
    arguments = parser.parse_args()
    server = Server(("127.0.0.1", arguments.port), Handler)
    base_url = f"http://127.0.0.1:{server.server_address[1]}"
    application = Handler.application = Application(arguments.profile, base_url)
    print(f"DESCOPE_BASE_URL={base_url}")
    print(f"DESCOPE_PROJECT_ID={application.store.project_id}")
    print(f"DESCOPE_MANAGEMENT_KEY={application.store.management_key}")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
