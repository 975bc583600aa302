"""Records in memory, their ids, and what searches and lists know of them."""

import base64
import secrets
import time
from collections import deque

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KSUID_EPOCH = 1_400_000_000


def new_id(prefix: str) -> str:
    """A prefix and a KSUID: a time and 16 random bytes in 27 characters of base 62."""
    number = (int(time.time()) - KSUID_EPOCH << 128) | secrets.randbits(128)
    digits = []
    for _ in range(27):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return prefix + "".join(reversed(digits))


def new_secret(choices) -> str:
    if choices.secret_form == "hex":
        return secrets.token_hex(16)
    return "".join(secrets.choice(BASE62) for _ in range(43))


class Index:
    """What searches and lists see: the records as they were some time ago."""

    def __init__(self, lag_seconds):
        self._lag, self._visible, self._pending = lag_seconds, {}, deque()

    def write(self, key, record):
        """Notes a record as it is now, or None if it was deleted."""
        self._pending.append((time.monotonic() + self._lag, key, record))

    def read(self):
        while self._pending and self._pending[0][0] <= time.monotonic():
            _, key, record = self._pending.popleft()
            if record is None:
                self._visible.pop(key, None)
            else:
                self._visible[key] = record
        return list(self._visible.values())


class Client:
    """A client record with its secret, its previous secret, and how it was registered."""

    def __init__(self, record, secret, self_registered=False, auth_method="client_secret_basic", grants=None):
        self.record, self.secret, self.self_registered = record, secret, self_registered
        self.auth_method = auth_method
        self.grants = grants or ["authorization_code", "refresh_token", "client_credentials"]
        self.previous = []  # (secret, when it was replaced)
        self.own = {}

    @property
    def is_public(self):
        return self.auth_method == "none"


class Store:
    def __init__(self, choices):
        self.choices = choices
        self.project_id = new_id("P")
        self.management_key = new_id("K") + secrets.token_hex(16)
        self.servers, self.server_own, self.clients = {}, {}, {}
        self.server_index, self.client_index = Index(choices.lag_seconds), Index(choices.lag_seconds)

    def client_id_of(self, record_id):
        ending = "#" if self.choices.client_id_has_hash else ""
        return base64.b64encode(f"{self.project_id}:{record_id}{ending}".encode()).decode()

    # --- servers

    def put_server(self, record):
        own = self.server_own.setdefault(record["id"], {})
        self._touch(own)
        self.servers[record["id"]] = record
        self.server_index.write(record["id"], (record, dict(own)))

    def delete_server(self, server_id):
        del self.servers[server_id]
        self.server_own.pop(server_id, None)
        self.server_index.write(server_id, None)
        if self.choices.clients_of_deleted == "cascade":
            for record_id in [c.record["id"] for c in self.clients.values() if c.record["mcpServerId"] == server_id]:
                self.delete_client(record_id)

    # --- clients

    def put_client(self, client, touch=True):
        if touch:
            self._touch(client.own)
        record = client.record
        self.clients[record["id"]] = client
        self.client_index.write(record["id"], (record, dict(client.own)))

    def delete_client(self, record_id):
        del self.clients[record_id]
        self.client_index.write(record_id, None)

    def note_use(self, client):
        client.own["lastUsedTime"] = int(time.time() * 1000)
        self.put_client(client, touch=False)

    # --- members that the server manages itself

    def _touch(self, own):
        now = int(time.time() * 1000)
        own.setdefault("createdTime", now)
        own["modifiedTime"] = max(now, own.get("modifiedTime", 0) + 1)
        own["version"] = own.get("version", 0) + 1

    def written_own(self, own):
        members = {name: own[name] for name in (*self.choices.own_members, "credentials") if name in own}
        if self.choices.long_numbers_as_strings:
            return {name: str(value) for name, value in members.items()}
        return members

    def dump(self):
        """What is stored, without secrets: the witness of tests."""
        return {
            "servers": [{"id": key, "name": record["name"]} for key, record in self.servers.items()],
            "clients": [
                {"id": key, "name": client.record["name"], "mcpServerId": client.record["mcpServerId"]}
                for key, client in self.clients.items()
            ],
        }
