"""What the documents leave open, and how each profile decides it.

Each profile in `CORRECT` is a server that no document contradicts. Those in `FAULTY` break one rule, or do what no document
settles and no client expects.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Choices:
    # --- how records are written
    # Members without a value: "full" writes zero values and whole empty objects, "zero" writes zero values of scalars
    # and lists, "null" writes null, "omit" leaves out every zero value, also one that was sent (proto3 JSON).
    absent: str = "full"
    # Members beyond the document that the server writes into records: () or names that `Store` knows.
    own_members: tuple = ()
    # Whether whole numbers of 64 bits are written as strings (proto3 JSON). Only own members have that type.
    long_numbers_as_strings: bool = False
    # Members of requests that the document does not have: "ignore", "refuse" or "keep".
    unknown_members: str = "ignore"
    # What a new server has beside its name: "nothing" or "console".
    server_defaults: str = "console"
    # Whether an update of a server that leaves a member out sets it to the default of a new server, or to nothing.
    update_restores_defaults: bool = False
    # Whether an update of a server without a name is refused, since a server needs one.
    update_needs_a_name: bool = True
    # What an update of a client does with members that are left out: "keep" or "clear".
    client_update: str = "keep"
    flat_scopes: str = "sort"  # "sort" into categories, "refuse" or "ignore"
    checks_login_flow: bool = False
    client_scopes_are_checked: bool = False
    client_callbacks_are_checked: bool = False
    names_are_unique: bool = False
    client_id_has_hash: bool = True
    status: str = "verified"
    registration_types: tuple = ("manual", "dcr")
    secret_is_readable: bool = True
    # Whether deleting a server deletes its clients: "cascade"; if not, they are "reachable" or "unreachable".
    clients_of_deleted: str = "cascade"
    server_prefix: str = "MS"  # or "RS", as the newer Resource API makes them
    secret_form: str = "base62"  # or "hex"
    # What a new client has that names no scopes and no callback URLs: "nothing", or those of the "server".
    client_defaults: str = "nothing"
    # Whether values are refused that a careful service may refuse: see checks.py.
    strict_values: bool = False
    max_body_bytes: int = 8 * 1024 * 1024
    content_type: str = "application/json"

    # --- searches
    total: str = "all"  # counts "all" pages or the "page", or is "absent"
    name_filter: str = "exact"  # or "part", without regard to case
    tag_filter: str = "exact"  # or "part"
    text_looks_at: tuple = ("name",)
    default_limit: int = 100
    largest_limit: int = 1000
    over_limit: str = "cut"  # or "refuse"
    unknown_sort: str = "ignore"  # or "refuse"
    newest_first: bool = False
    lag_seconds: float = 0.0  # until a write shows in searches and lists

    # --- errors
    not_found: tuple = (400, "E113404")
    unauthorized: tuple = (401, "E111119")
    wrong_project: tuple = (401, "E111119")
    invalid: tuple = (400, "E011004")
    problem_json: bool = False
    needs_json_content_type: bool = True
    # Requests in a window of so many seconds; more get 429 until it is over. (0, 0) is no limit.
    rate_limit: tuple = (0, 0)
    single_delete_of_unknown: str = "refuse"  # or "accept"
    bulk_delete_of_unknown_servers: str = "accept"  # or "refuse"

    # --- authorization server
    has_authorization_server: bool = True
    metadata_inserted: bool = True  # also at the paths of RFC 8414, which no document of Descope has
    metadata_scopes: bool = True
    sends_iss: bool = True
    consent: str = "skippable"  # or "page" or "redirect": a user is always needed
    self_registered_skip_consent: bool = False
    self_registered_errors_redirect: bool = False
    redirect_status: int = 302
    publishes_other_keys: bool = False
    loopback_ports_differ: bool = True
    openid_needs_approval: bool = False
    token_errors: str = "oauth"  # or "envelope"
    token_issuer: str = "server"  # or "project"
    own_token_scope: bool = False
    own_token_resource: bool = False
    refresh: str = "rotate"  # "keep" those of confidential clients, or "leeway" for them
    refresh_leeway_seconds: float = 0.0
    reuse_ends_the_family: bool = True
    rotation_ends_refresh_tokens: bool = False
    registration: str = "open"  # or "token": an initial access token is needed
    registration_status: int = 201
    public_clients_get_a_secret: bool = False
    self_registered_get_own_tokens: bool = False
    userinfo: str = "refuse"  # or "top" or "nested"

    # --- faults and peculiarities
    trims_names: bool = False
    tags_are_a_set: bool = False
    old_secret_lives: float = 0.0
    update_drops: str = ""
    # One of the faults of which `FAULTY` has a profile each, or none.
    fault: str = ""


PLAIN = Choices()

CORRECT = {
    "plain": PLAIN,
    # As a gRPC gateway writes it: no zero values, int64 as strings.
    "proto3": replace(
        PLAIN, absent="omit", long_numbers_as_strings=True, own_members=("createdTime",), flat_scopes="refuse",
        update_needs_a_name=False, client_update="clear", server_defaults="nothing", needs_json_content_type=False,
        single_delete_of_unknown="accept", total="all", newest_first=True, own_token_scope=True,
        token_errors="envelope", registration_status=200,
    ),
    # Members that the server manages itself and that change with every write or use.
    "own-members": replace(
        PLAIN, absent="zero", own_members=("createdTime", "modifiedTime", "version", "lastUsedTime"),
        unknown_members="keep", update_restores_defaults=True, name_filter="part", tag_filter="part",
        text_looks_at=("name", "tags", "clientId"), client_id_has_hash=False, self_registered_get_own_tokens=True,
        own_token_resource=True, client_defaults="server",
    ),
    # Missing records and foreign projects are 404, errors are RFC 9457 problems with the members of the envelope.
    "problem-json": replace(
        PLAIN, problem_json=True, not_found=(404, "E113010"), wrong_project=(404, "E011008"),
        unauthorized=(403, "E111604"), invalid=(422, "E113007"), absent="null", unknown_members="refuse",
        over_limit="refuse", unknown_sort="refuse", bulk_delete_of_unknown_servers="refuse", default_limit=20,
    ),
    # A service that checks what it is given.
    "strict": replace(
        PLAIN, strict_values=True, checks_login_flow=True, names_are_unique=True, client_scopes_are_checked=True,
        client_callbacks_are_checked=True, unknown_members="refuse", over_limit="refuse", largest_limit=100,
        default_limit=10, unknown_sort="refuse", max_body_bytes=64 * 1024, invalid=(400, "E113007"),
        content_type="application/json; charset=utf-8",
    ),
    # A limit of requests, as the whole API has one, but a shorter one.
    "rate-limited": replace(PLAIN, rate_limit=(60, 2), default_limit=20, status="active"),
    # Management alone: nothing serves OAuth.
    "management-only": replace(PLAIN, has_authorization_server=False, wrong_project=(400, "E011008"), status="active"),
    # Codes need a user, whom the browser meets elsewhere, and registrations need a token that users do not have.
    "users-only": replace(
        PLAIN, consent="redirect", registration="token", flat_scopes="ignore", server_defaults="nothing",
        token_issuer="project", total="page", client_update="clear", registration_types=("", "DYNAMIC"),
        secret_form="hex",
    ),
    # The consent page is shown here, and the secret is shown once, as the guide says.
    "secret-once": replace(
        PLAIN, consent="page", secret_is_readable=False, total="page", newest_first=True, registration_status=200,
        public_clients_get_a_secret=True,
    ),
    # Refresh tokens of confidential clients stay; metadata only where Descope documents it; no `iss`, no `total`.
    "kept-refresh-tokens": replace(
        PLAIN, refresh="keep", metadata_inserted=False, metadata_scopes=False, sends_iss=False, total="absent",
        loopback_ports_differ=True, openid_needs_approval=True, token_errors="envelope", userinfo="top",
        self_registered_skip_consent=True, registration_status=200, wrong_project=(403, "E111119"),
    ),
    # A replaced refresh token of a confidential client may be used again for a moment, in case the answer was lost.
    "leeway": replace(
        PLAIN, refresh="leeway", refresh_leeway_seconds=20.0, reuse_ends_the_family=False, userinfo="nested",
        self_registered_errors_redirect=True, sends_iss=False, rotation_ends_refresh_tokens=True,
        redirect_status=303, publishes_other_keys=True,
    ),
    # Searches and lists show writes late; clients of a deleted server can still be loaded.
    "lag": replace(PLAIN, lag_seconds=1.2, clients_of_deleted="reachable", default_limit=50, newest_first=True),
    # Clients of a deleted server stay in the store, and every request for them is refused.
    "orphans": replace(PLAIN, clients_of_deleted="unreachable", not_found=(404, "E113404"), total="absent",
                       single_delete_of_unknown="accept", token_errors="envelope", server_prefix="RS"),
}

FAULTY = {
    # No document settles these two.
    "trimmed-names": replace(PLAIN, trims_names=True),
    "tag-set": replace(PLAIN, tags_are_a_set=True),
    # Broken rules.
    "rotation-grace": replace(PLAIN, old_secret_lives=8.0),
    "lost-member": replace(PLAIN, update_drops="logo"),
    "lost-client-member": replace(PLAIN, update_drops="scopes"),
    "fails-on-non-ascii": replace(PLAIN, fault="fails-on-non-ascii"),
    "html-from-a-gateway": replace(PLAIN, fault="html-from-a-gateway"),
    "secret-in-record": replace(PLAIN, fault="secret-in-record"),
    "key-in-refusal": replace(PLAIN, fault="key-in-refusal"),
    "expiry-in-milliseconds": replace(PLAIN, fault="expiry-in-milliseconds"),
    "unpublished-key": replace(PLAIN, fault="unpublished-key"),
}

PROFILES = {**CORRECT, **FAULTY}
