"""The members of requests and records, as openapi/descope-mcp.yaml lists them: how they are read and written."""

from errors import Refusal

INT32 = range(-(2**31), 2**31)


class Scalar:
    """A string, a boolean or a whole number of 32 bits."""

    def __init__(self, name, zero):
        self.name, self.zero = name, zero

    def read(self, value, at, choices):
        if self.name == "string":
            fits = isinstance(value, str)
        elif self.name == "boolean":
            fits = isinstance(value, bool)
        else:
            fits = isinstance(value, int) and not isinstance(value, bool) and value in INT32
        if not fits:
            raise Refusal.invalid(choices, f"{at} must be a {self.name}")
        return value

    def write(self, value, absent):
        return value


class ListOf:
    zero = []

    def __init__(self, item):
        self.item = item

    def read(self, value, at, choices):
        if not isinstance(value, list):
            raise Refusal.invalid(choices, f"{at} must be a list")
        return [self.item.read(item, f"{at}[{index}]", choices) for index, item in enumerate(value)]

    def write(self, value, absent):
        return [self.item.write(item, absent) for item in value]


class Message:
    """An object. A member that is null counts as left out."""

    zero = None

    def __init__(self, **members):
        self.members = members

    def read(self, value, at, choices):
        if not isinstance(value, dict):
            raise Refusal.invalid(choices, f"{at} must be an object")
        result = dict.fromkeys(self.members)
        for name, member in value.items():
            kind = self.members.get(name)
            if name in choices.own_members:
                # A record may be sent back with the members that this server manages itself.
                continue
            if kind is None and choices.unknown_members == "refuse":
                raise Refusal.invalid(choices, f"{at} has no member {name}")
            if kind is None and choices.unknown_members == "keep":
                result[name] = member
            elif kind is not None and member is not None:
                result[name] = kind.read(member, f"{at}.{name}", choices)
        return result

    def write(self, value, absent):
        result = {}
        for name, member in value.items():
            kind = self.members.get(name)
            if kind is None:
                result[name] = member
            elif absent == "omit":
                if member is not None and member != kind.zero:
                    result[name] = kind.write(member, absent)
            elif member is not None:
                result[name] = kind.write(member, absent)
            elif absent == "null":
                result[name] = None
            elif kind.zero is not None:
                result[name] = kind.zero
            elif absent == "full":
                result[name] = kind.write(dict.fromkeys(kind.members), absent)
        return result


class ScopesMessage(Message):
    """`approvedScopes`: the object, or the flat list that only the guide shows."""

    def read(self, value, at, choices):
        if not isinstance(value, list) or choices.flat_scopes == "refuse":
            return super().read(value, at, choices)
        if choices.flat_scopes == "ignore":
            return None
        scopes = ListOf(SCOPE).read(value, at, choices)
        return {
            "permissionsScopes": [scope for scope in scopes if not scope["values"]],
            "attributesScopes": [],
            "connectionsScopes": [scope for scope in scopes if scope["values"]],
        }


STRING, BOOLEAN, NUMBER = Scalar("string", ""), Scalar("boolean", False), Scalar("number", 0)
STRINGS = ListOf(STRING)
SCOPE = Message(name=STRING, description=STRING, optional=BOOLEAN, values=STRINGS)

SERVER = dict(
    name=STRING,
    description=STRING,
    dynamicRegistration=Message(enabled=BOOLEAN, disableApprovedScopesAsDefault=BOOLEAN, flowId=STRING),
    audienceWhitelist=STRINGS,
    approvedScopes=ScopesMessage(
        permissionsScopes=ListOf(SCOPE), attributesScopes=ListOf(SCOPE), connectionsScopes=ListOf(SCOPE)
    ),
    approvedCallbackUrls=STRINGS,
    loginPageURL=STRING,
    sessionSettings=Message(
        enabled=BOOLEAN,
        refreshTokenExpiration=NUMBER,
        refreshTokenExpirationUnit=STRING,
        sessionTokenExpiration=NUMBER,
        sessionTokenExpirationUnit=STRING,
        userTemplateId=STRING,
        keyTemplateId=STRING,
        keySessionTokenExpiration=NUMBER,
        keySessionTokenExpirationUnit=STRING,
    ),
    tags=STRINGS,
    logo=STRING,
    cimdSettings=Message(
        enabled=BOOLEAN,
        domainPolicies=Message(policies=ListOf(Message(domainPattern=STRING, enabled=BOOLEAN))),
    ),
    skipConsentScreen=BOOLEAN,
    forceAddAllAuthorizationInfo=BOOLEAN,
)
CLIENT = dict(
    name=STRING,
    approvedCallbackUrls=STRINGS,
    scopes=STRINGS,
    tags=STRINGS,
    logo=STRING,
    forceAddAllAuthorizationInfo=BOOLEAN,
    allowedTenants=STRINGS,
)

SERVER_RECORD = Message(id=STRING, **SERVER)
CLIENT_RECORD = Message(
    id=STRING, clientId=STRING, mcpServerId=STRING, registrationType=STRING, status=STRING, **CLIENT
)

CREATE_SERVER = Message(consentFlowId=STRING, consentFlowHostingURL=STRING, **SERVER)
UPDATE_SERVER = Message(server=SERVER_RECORD)
ONE_ID = Message(id=STRING)
SEVERAL_IDS = Message(ids=STRINGS)
NOTHING = Message()
CREATE_CLIENT = Message(mcpServerId=STRING, **CLIENT)
# A client record as it was loaded may be sent back: the members that an update cannot change are passed over.
UPDATE_CLIENT = Message(
    id=STRING, mcpServerId=STRING, clientId=STRING, registrationType=STRING, status=STRING, **CLIENT
)
LOAD_CLIENT = Message(id=STRING, clientId=STRING, mcpServerId=STRING)
ONE_CLIENT = Message(id=STRING, mcpServerId=STRING)
SEVERAL_CLIENTS = Message(ids=STRINGS, mcpServerId=STRING)
SEARCH = Message(
    mcpServerId=STRING,
    page=NUMBER,
    limit=NUMBER,
    text=STRING,
    name=STRING,
    clientId=STRING,
    status=STRING,
    registrationMethod=STRING,
    tag=STRING,
    sort=ListOf(Message(field=STRING, desc=BOOLEAN)),
)
