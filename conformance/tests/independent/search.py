"""The search for clients."""

from errors import Refusal

SORTABLE = ("id", "name", "clientId", "status", "registrationType")


class Search:
    """The part of the management operations that searches."""

    def search_clients(self, values):
        server_id = values["mcpServerId"]
        self._server(server_id, or_deleted=True)
        page, limit = values["page"] or 0, values["limit"] or self.choices.default_limit
        if page < 0 or limit < 0:
            raise Refusal.invalid(self.choices, "page and limit are never negative")
        if limit > self.choices.largest_limit and self.choices.over_limit == "refuse":
            raise Refusal.invalid(self.choices, f"limit is at most {self.choices.largest_limit}")
        limit = min(limit, self.choices.largest_limit)
        found = [
            (record, own)
            for record, own in self.store.client_index.read()
            if record["mcpServerId"] == server_id and self._matches(record, values)
        ]
        if self.choices.newest_first:
            found.reverse()
        for order in reversed(values["sort"] or []):
            if order["field"] in SORTABLE:
                found.sort(key=lambda entry: entry[0][order["field"]] or "", reverse=bool(order["desc"]))
            elif self.choices.unknown_sort == "refuse":
                raise Refusal.invalid(self.choices, "clients cannot be sorted by that member")
        shown = found[page * limit : (page + 1) * limit]
        answer = {"clients": [self._written_client(record, own) for record, own in shown]}
        if self.choices.total != "absent":
            answer["total"] = len(found if self.choices.total == "all" else shown)
        return self._without_zeros(answer)

    def _matches(self, record, values):
        name, tag, text = values["name"], values["tag"], values["text"]
        own_name, tags = record["name"] or "", record["tags"] or []
        if name and self.choices.name_filter == "exact" and own_name != name:
            return False
        if name and self.choices.name_filter == "part" and name.lower() not in own_name.lower():
            return False
        if tag and self.choices.tag_filter == "exact" and tag not in tags:
            return False
        if tag and self.choices.tag_filter == "part" and not any(tag in one for one in tags):
            return False
        if text:
            looked_at = []
            for member in self.choices.text_looks_at:
                looked_at += tags if member == "tags" else [record[member] or ""]
            if not any(text.lower() in one.lower() for one in looked_at):
                return False
        exact = (("clientId", "clientId"), ("status", "status"), ("registrationMethod", "registrationType"))
        return all(not values[wanted] or values[wanted] == record[member] for wanted, member in exact)
