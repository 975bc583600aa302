"""The 14 management operations."""

import time
from urllib.parse import parse_qs, quote

import members
from checks import check
from errors import Refusal
from search import Search
from store import Client, new_id, new_secret
from urls import split

CONSENT_FLOWS = ("inbound-apps-user-consent", "inbound-apps-multi-org-consent")
DEFAULT_LOGIN_PAGE = "https://login.example.com/consent"


def unique(values):
    return list(dict.fromkeys(values))


class Management(Search):
    def __init__(self, store):
        self.store, self.choices = store, store.choices
        # Path below /v1/mgmt/mcp/: the operation, its request, and the members that the guide requires.
        self.operations = {
            "server/create": (self.create_server, members.CREATE_SERVER, ("name",)),
            "server/update": (self.update_server, members.UPDATE_SERVER, ("server",)),
            "server/load": (self.load_server, members.ONE_ID, ("id",)),
            "server/delete": (self.delete_server, members.ONE_ID, ("id",)),
            "servers/delete": (self.delete_servers, members.SEVERAL_IDS, ("ids",)),
            "servers/all": (self.load_all_servers, members.NOTHING, ()),
            "server/client/create": (self.create_client, members.CREATE_CLIENT, ("name", "mcpServerId")),
            "server/client/update": (self.update_client, members.UPDATE_CLIENT, ("id", "mcpServerId")),
            "server/client/load": (self.load_client, members.LOAD_CLIENT, ("mcpServerId",)),
            "server/clients/search": (self.search_clients, members.SEARCH, ("mcpServerId",)),
            "server/client/delete": (self.delete_client, members.ONE_CLIENT, ("id", "mcpServerId")),
            "server/clients/delete": (self.delete_clients, members.SEVERAL_CLIENTS, ("ids", "mcpServerId")),
            "server/client/secret": (self.get_secret, members.ONE_CLIENT, ("id", "mcpServerId")),
            "server/client/secret/rotate": (self.rotate_secret, members.ONE_CLIENT, ("id", "mcpServerId")),
        }

    def answer(self, path, body):
        operation, request, required = self.operations[path]
        values = request.read(body, "the request", self.choices)
        for name in required:
            # An empty value is as good as none: no record has an empty id, and a name must say something.
            if not values[name]:
                raise Refusal.missing(self.choices, name)
        return operation(values)

    # --- servers

    def create_server(self, values):
        flow, hosting = values.pop("consentFlowId"), values.pop("consentFlowHostingURL")
        record = {"id": new_id(self.choices.server_prefix), **values}
        if not record["loginPageURL"] and (flow or hosting):
            page = hosting or DEFAULT_LOGIN_PAGE
            record["loginPageURL"] = page + (f"?flow={quote(flow, safe='')}" if flow else "")
        self._fill_defaults(record)
        record = self._checked_server(record)
        self.store.put_server(record)
        return {"server": self._written_server(record)}

    def update_server(self, values):
        record = values["server"]
        if not record["id"]:
            raise Refusal.missing(self.choices, "server.id")
        self._server(record["id"])
        if not record["name"] and self.choices.update_needs_a_name:
            raise Refusal.missing(self.choices, "server.name")
        if self.choices.update_restores_defaults:
            self._fill_defaults(record)
        record = self._checked_server(record)
        if self.choices.update_drops in record:
            record[self.choices.update_drops] = None
        self.store.put_server(record)
        return {"server": self._written_server(record)}

    def load_server(self, values):
        return {"server": self._written_server(self._server(values["id"]))}

    def delete_server(self, values):
        if values["id"] in self.store.servers:
            self.store.delete_server(values["id"])
        elif self.choices.single_delete_of_unknown == "refuse":
            raise Refusal.not_found(self.choices, "server")
        return {}

    def delete_servers(self, values):
        known = [server_id for server_id in unique(values["ids"]) if server_id in self.store.servers]
        if self.choices.bulk_delete_of_unknown_servers == "refuse" and len(known) < len(unique(values["ids"])):
            raise Refusal.not_found(self.choices, "server")
        for server_id in known:
            self.store.delete_server(server_id)
        return {}

    def load_all_servers(self, _values):
        servers = self.store.server_index.read()
        answer = {"servers": [self._written_server(record, own) for record, own in servers]}
        if self.choices.total != "absent":
            answer["total"] = len(servers)
        return self._without_zeros(answer)

    # --- clients

    def create_client(self, values):
        server = self._server(values["mcpServerId"])
        if self.choices.client_defaults == "server":
            if values["scopes"] is None:
                values["scopes"] = approved_scopes(server)
            if values["approvedCallbackUrls"] is None:
                values["approvedCallbackUrls"] = server["approvedCallbackUrls"]
        record_id = new_id("TPA")
        record = {
            "id": record_id,
            "clientId": self.store.client_id_of(record_id),
            "registrationType": self.choices.registration_types[0],
            "status": self.choices.status,
            **values,
        }
        client = Client(self._checked_client(record), new_secret(self.choices))
        self.store.put_client(client)
        return {"id": record_id, "clientId": record["clientId"], "cleartext": client.secret}

    def update_client(self, values):
        client = self._client(values)
        record = dict(client.record)
        for name, value in values.items():
            if name in members.CLIENT:
                if value is not None or self.choices.client_update == "clear":
                    record[name] = value
            elif name not in members.CLIENT_RECORD.members:
                record[name] = value
        record = self._checked_client(record)
        if self.choices.update_drops in record:
            record[self.choices.update_drops] = None
        client.record = record
        self.store.put_client(client)
        return {"client": self._written_client(record, client.own)}

    def load_client(self, values):
        if not values["id"] and not values["clientId"]:
            raise Refusal.missing(self.choices, "id or clientId")
        client = self._client(values)
        return {"client": self._written_client(client.record, client.own)}

    def delete_client(self, values):
        self._server(values["mcpServerId"], or_deleted=True)
        client = self.store.clients.get(values["id"])
        if client and client.record["mcpServerId"] == values["mcpServerId"]:
            self.store.delete_client(values["id"])
        elif self.choices.single_delete_of_unknown == "refuse":
            raise Refusal.not_found(self.choices, "client")
        return {}

    def delete_clients(self, values):
        self._server(values["mcpServerId"], or_deleted=True)
        for record_id in unique(values["ids"]):
            client = self.store.clients.get(record_id)
            if client and client.record["mcpServerId"] == values["mcpServerId"]:
                self.store.delete_client(record_id)
        return {}

    def get_secret(self, values):
        client = self._client(values)
        if not self.choices.secret_is_readable:
            raise Refusal(403, "E113011", "Not allowed", "a secret is shown only when it is made")
        return {"cleartext": client.secret}

    def rotate_secret(self, values):
        client = self._client(values)
        client.previous.append((client.secret, time.monotonic()))
        client.secret = new_secret(self.choices)
        self.store.put_client(client)
        return {"cleartext": client.secret}

    # --- helpers

    def _server(self, server_id, or_deleted=False):
        record = self.store.servers.get(server_id)
        if record is None and or_deleted and self._is_reachable(server_id):
            return None
        if record is None:
            raise Refusal.not_found(self.choices, "server")
        return record

    def _is_reachable(self, server_id):
        """Whether a deleted server still has clients that requests may name."""
        return self.choices.clients_of_deleted == "reachable" and any(
            client.record["mcpServerId"] == server_id for client in self.store.clients.values()
        )

    def _client(self, values):
        self._server(values["mcpServerId"], or_deleted=True)
        client = self.store.clients.get(values["id"]) if values["id"] else self._client_by_client_id(values)
        if client is None or client.record["mcpServerId"] != values["mcpServerId"]:
            raise Refusal.not_found(self.choices, "client of this server")
        return client

    def _client_by_client_id(self, values):
        for client in self.store.clients.values():
            if client.record["clientId"] == values["clientId"]:
                return client
        return None

    def _fill_defaults(self, record):
        if self.choices.server_defaults == "nothing":
            return
        if record["dynamicRegistration"] is None:
            record["dynamicRegistration"] = {
                "enabled": True, "disableApprovedScopesAsDefault": False, "flowId": "default-client-registration",
            }
        if record["loginPageURL"] is None:
            record["loginPageURL"] = f"{DEFAULT_LOGIN_PAGE}?flow={CONSENT_FLOWS[0]}"
        if record["sessionSettings"] is None:
            lifetimes = (("refreshToken", 520, "weeks"), ("sessionToken", 10, "minutes"))
            settings = {"enabled": False, "userTemplateId": "", "keyTemplateId": ""}
            for name, number, unit in (*lifetimes, ("keySessionToken", 10, "minutes")):
                settings[f"{name}Expiration"], settings[f"{name}ExpirationUnit"] = number, unit
            record["sessionSettings"] = settings

    def _checked_server(self, record):
        self._normalise(record)
        check(record, self.choices)
        flows = parse_qs(split(record["loginPageURL"] or "").query).get("flow", [])
        if self.choices.checks_login_flow and any(flow not in CONSENT_FLOWS for flow in flows):
            raise Refusal(400, "E102005", "Flow type invalid for this operation", "the flow must ask for consent")
        others = [server for key, server in self.store.servers.items() if key != record["id"]]
        self._check_name(record, others)
        return record

    def _checked_client(self, record):
        self._normalise(record)
        check(record, self.choices)
        server = self.store.servers.get(record["mcpServerId"])
        if server and self.choices.client_scopes_are_checked:
            unknown = set(record["scopes"] or []) - set(approved_scopes(server))
            if unknown:
                raise Refusal.invalid(self.choices, f"the server does not approve the scope {sorted(unknown)[0]}")
        if server and self.choices.client_callbacks_are_checked:
            unknown = set(record["approvedCallbackUrls"] or []) - set(server["approvedCallbackUrls"] or [])
            if unknown:
                raise Refusal.invalid(self.choices, f"the server does not approve the URL {sorted(unknown)[0]}")
        others = [
            client.record
            for key, client in self.store.clients.items()
            if key != record["id"] and client.record["mcpServerId"] == record["mcpServerId"]
        ]
        self._check_name(record, others)
        return record

    def _normalise(self, record):
        if self.choices.fault == "fails-on-non-ascii" and not (record["name"] or "").isascii():
            raise Refusal(500, "E130500", "Internal error", "the name cannot be stored")
        if self.choices.trims_names and record["name"]:
            record["name"] = record["name"].strip()
        if self.choices.tags_are_a_set and record["tags"]:
            record["tags"] = sorted(set(record["tags"]))

    def _check_name(self, record, others):
        if self.choices.names_are_unique and any(other["name"] == record["name"] for other in others):
            raise Refusal(409, "E113011", "Already exists", "the name is taken")

    def _written_server(self, record, own=None):
        own = self.store.server_own.get(record["id"], {}) if own is None else own
        return {**members.SERVER_RECORD.write(record, self.choices.absent), **self.store.written_own(own)}

    def _written_client(self, record, own):
        if self.choices.fault == "secret-in-record":
            client = self.store.clients.get(record["id"])
            own = {**own, "credentials": client.secret if client else ""}
        return {**members.CLIENT_RECORD.write(record, self.choices.absent), **self.store.written_own(own)}

    def _without_zeros(self, answer):
        if self.choices.absent != "omit":
            return answer
        return {name: value for name, value in answer.items() if value}


def approved_scopes(server):
    """Names of all scopes that a server approves."""
    categories = (server["approvedScopes"] or {}).values()
    return unique(scope["name"] for scopes in categories for scope in scopes or [] if scope["name"])
