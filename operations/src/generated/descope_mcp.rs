// Machine-written by `cargo xtask codegen` from openapi/descope-mcp.yaml. Do not edit.

use super::operations::*;
const SCHEMA_APPROVED_SCOPES: Definition = Definition {
    name: "ApprovedScopes",
    schema: r##"{"description":"The scopes of a server. The API uses the categorized object: always write that one. Only the guide shows the flat list, which is here so that it can be read.","oneOf":[{"$ref":"#/$defs/CategorizedScopes"},{"description":"Alternative for reading only, known only from the guide. A scope with values belongs to connectionsScopes, and a scope without values to permissionsScopes; that rule is assumed.","items":{"$ref":"#/$defs/Scope"},"type":"array"}]}"##,
};
const SCHEMA_CATEGORIZED_SCOPES: Definition = Definition {
    name: "CategorizedScopes",
    schema: r##"{"additionalProperties":{},"description":"Scopes, by the kind of access that they give.","properties":{"attributesScopes":{"description":"Scopes that give access to attributes of the user.","items":{"$ref":"#/$defs/Scope"},"type":["array","null"]},"connectionsScopes":{"description":"Scopes that give access to connections; the client can then fetch their tokens.","items":{"$ref":"#/$defs/Scope"},"type":["array","null"]},"permissionsScopes":{"description":"Scopes that stand for something the client may do.","items":{"$ref":"#/$defs/Scope"},"type":["array","null"]}},"type":"object"}"##,
};
const SCHEMA_CIMD_DOMAIN_POLICIES: Definition = Definition {
    name: "CimdDomainPolicies",
    schema: r##"{"additionalProperties":{},"description":"Wrapper object of the list of policies.","properties":{"policies":{"description":"One policy per host or group of hosts.","items":{"$ref":"#/$defs/CimdDomainPolicy"},"type":["array","null"]}},"type":"object"}"##,
};
const SCHEMA_CIMD_DOMAIN_POLICY: Definition = Definition {
    name: "CimdDomainPolicy",
    schema: r#"{"additionalProperties":{},"description":"Whether the hosts that match one pattern are trusted.","properties":{"domainPattern":{"description":"A host, a wildcard for its subdomains such as `*.example.com`, or `*` for all.","type":["string","null"]},"enabled":{"description":"Whether this policy applies.","type":["boolean","null"]}},"type":"object"}"#,
};
const SCHEMA_CIMD_SETTINGS: Definition = Definition {
    name: "CimdSettings",
    schema: r##"{"additionalProperties":{},"description":"Client ID metadata documents: the id of a client is the HTTPS URL of a document about the client.","properties":{"domainPolicies":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/CimdDomainPolicies"}]}],"description":"Hosts whose documents are trusted."},"enabled":{"description":"Whether such clients are accepted.","type":["boolean","null"]}},"type":"object"}"##,
};
const SCHEMA_CREATE_MCP_SERVER_CLIENT_RESPONSE: Definition = Definition {
    name: "CreateMcpServerClientResponse",
    schema: r#"{"additionalProperties":{},"description":"Response of CreateMcpServerClient, without a wrapper object.","properties":{"cleartext":{"description":"The client secret.","format":"password","type":"string"},"clientId":{"description":"The OAuth client id, for the token endpoint.","type":"string"},"id":{"description":"Id of the client record, which every other operation on the client takes.","type":"string"}},"required":["id","clientId","cleartext"],"type":"object"}"#,
};
const SCHEMA_CREATE_MCP_SERVER_RESPONSE: Definition = Definition {
    name: "CreateMcpServerResponse",
    schema: r##"{"additionalProperties":{},"description":"Response of CreateMcpServer.","properties":{"server":{"allOf":[{"$ref":"#/$defs/McpServer"}],"description":"The server that was created."}},"required":["server"],"type":"object"}"##,
};
const SCHEMA_DELETE_MCP_SERVER_CLIENT_RESPONSE: Definition = Definition {
    name: "DeleteMcpServerClientResponse",
    schema: r#"{"additionalProperties":{},"description":"Response of DeleteMcpServerClient, an empty object.","type":"object"}"#,
};
const SCHEMA_DELETE_MCP_SERVER_CLIENTS_RESPONSE: Definition = Definition {
    name: "DeleteMcpServerClientsResponse",
    schema: r#"{"additionalProperties":{},"description":"Response of DeleteMcpServerClients, an empty object.","type":"object"}"#,
};
const SCHEMA_DELETE_MCP_SERVER_RESPONSE: Definition = Definition {
    name: "DeleteMcpServerResponse",
    schema: r#"{"additionalProperties":{},"description":"Response of DeleteMcpServer, an empty object.","type":"object"}"#,
};
const SCHEMA_DELETE_MCP_SERVERS_RESPONSE: Definition = Definition {
    name: "DeleteMcpServersResponse",
    schema: r#"{"additionalProperties":{},"description":"Response of DeleteMcpServers, an empty object.","type":"object"}"#,
};
const SCHEMA_DYNAMIC_REGISTRATION: Definition = Definition {
    name: "DynamicRegistration",
    schema: r#"{"additionalProperties":{},"description":"Dynamic client registration (RFC 7591) of one server.","properties":{"disableApprovedScopesAsDefault":{"description":"If true, clients that register themselves do not get every approved scope.","type":["boolean","null"]},"enabled":{"description":"Whether clients may register themselves.","type":["boolean","null"]},"flowId":{"description":"Flow that decides on a registration. It is not the consent flow.","type":["string","null"]}},"type":"object"}"#,
};
const SCHEMA_GET_MCP_SERVER_CLIENT_SECRET_RESPONSE: Definition = Definition {
    name: "GetMcpServerClientSecretResponse",
    schema: r#"{"additionalProperties":{},"description":"Response of GetMcpServerClientSecret.","properties":{"cleartext":{"description":"The current client secret.","format":"password","type":"string"}},"required":["cleartext"],"type":"object"}"#,
};
const SCHEMA_LOAD_ALL_MCP_SERVERS_RESPONSE: Definition = Definition {
    name: "LoadAllMcpServersResponse",
    schema: r##"{"additionalProperties":{},"description":"Response of LoadAllMcpServers.","properties":{"servers":{"description":"All servers of the project, in no documented order. A server may leave out an empty list.","items":{"$ref":"#/$defs/McpServer"},"type":["array","null"]},"total":{"description":"Number of servers of the project. The guide does not mention it.","format":"int32","maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]}},"type":"object"}"##,
};
const SCHEMA_LOAD_MCP_SERVER_CLIENT_RESPONSE: Definition = Definition {
    name: "LoadMcpServerClientResponse",
    schema: r##"{"additionalProperties":{},"description":"Response of LoadMcpServerClient.","properties":{"client":{"allOf":[{"$ref":"#/$defs/McpServerClient"}],"description":"The stored client."}},"required":["client"],"type":"object"}"##,
};
const SCHEMA_LOAD_MCP_SERVER_RESPONSE: Definition = Definition {
    name: "LoadMcpServerResponse",
    schema: r##"{"additionalProperties":{},"description":"Response of LoadMcpServer.","properties":{"server":{"allOf":[{"$ref":"#/$defs/McpServer"}],"description":"The stored server."}},"required":["server"],"type":"object"}"##,
};
const SCHEMA_MCP_SERVER: Definition = Definition {
    name: "McpServer",
    schema: r##"{"additionalProperties":{},"description":"An MCP server: an OAuth-protected resource with its own authorization server.","properties":{"approvedCallbackUrls":{"description":"Redirect URLs that clients of this server may use.","items":{"type":"string"},"type":["array","null"]},"approvedScopes":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/ApprovedScopes"}]}],"description":"The scopes that clients of this server may ask for."},"audienceWhitelist":{"description":"Resource URLs that a token of this server may name as its audience.","items":{"type":"string"},"type":["array","null"]},"cimdSettings":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/CimdSettings"}]}],"description":"Whether clients may identify themselves by a client ID metadata document."},"description":{"description":"What the server offers, in free text.","type":["string","null"]},"dynamicRegistration":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/DynamicRegistration"}]}],"description":"Whether and how clients may register themselves."},"forceAddAllAuthorizationInfo":{"description":"Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.","type":["boolean","null"]},"id":{"description":"Id of the server, chosen by the service on creation and never changed. `MS` and 27 base62 characters.","type":"string"},"loginPageURL":{"description":"Page that runs the consent flow, with the flow's id in its `flow` query parameter. It is reported that a flow of another kind is refused with E102005.","type":["string","null"]},"logo":{"description":"URL or data of the picture shown on the consent screen.","type":["string","null"]},"name":{"description":"Name shown to people.","type":["string","null"]},"sessionSettings":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/SessionSettings"}]}],"description":"Token lifetimes and templates. If absent or not enabled, those of the project apply."},"skipConsentScreen":{"description":"Grants scopes without asking the user.","type":["boolean","null"]},"tags":{"description":"Labels, in free text.","items":{"type":"string"},"type":["array","null"]}},"required":["id"],"type":"object"}"##,
};
const SCHEMA_MCP_SERVER_CLIENT: Definition = Definition {
    name: "McpServerClient",
    schema: r#"{"additionalProperties":{},"description":"An OAuth client of one MCP server. The record never contains the client's secret.","properties":{"allowedTenants":{"description":"Ids of the tenants whose users may use this client. Newer than the guide and the reference pages.","items":{"type":"string"},"type":["array","null"]},"approvedCallbackUrls":{"description":"Redirect URLs that this client may use.","items":{"type":"string"},"type":["array","null"]},"clientId":{"description":"The OAuth client id. For clients that CreateMcpServerClient created, it is the project id and the record id in base64. For clients with a metadata document, it is the URL of that document.","type":["string","null"]},"forceAddAllAuthorizationInfo":{"description":"Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name.","type":["boolean","null"]},"id":{"description":"Id of the record, chosen by the service on creation. `TPA` and 27 base62 characters.","type":"string"},"logo":{"description":"URL or data of the picture shown on the consent screen.","type":["string","null"]},"mcpServerId":{"description":"Id of the server that the client belongs to.","type":["string","null"]},"name":{"description":"Name shown to people.","type":["string","null"]},"registrationType":{"description":"How the client was registered: by hand, by dynamic registration or by a metadata document. The values are not documented.","type":["string","null"]},"scopes":{"description":"Names of the scopes that the client may ask for.","items":{"type":"string"},"type":["array","null"]},"status":{"description":"State of the client. The values are not documented; a public user of the live API relies on `verified`, and the guide's example filters by `active`.","type":["string","null"]},"tags":{"description":"Labels, in free text.","items":{"type":"string"},"type":["array","null"]}},"required":["id"],"type":"object"}"#,
};
const SCHEMA_ROTATE_MCP_SERVER_CLIENT_SECRET_RESPONSE: Definition = Definition {
    name: "RotateMcpServerClientSecretResponse",
    schema: r#"{"additionalProperties":{},"description":"Response of RotateMcpServerClientSecret.","properties":{"cleartext":{"description":"The new client secret.","format":"password","type":"string"}},"required":["cleartext"],"type":"object"}"#,
};
const SCHEMA_SCOPE: Definition = Definition {
    name: "Scope",
    schema: r#"{"additionalProperties":{},"description":"One scope that clients may ask for.","properties":{"description":{"description":"What the user reads on the consent screen.","type":["string","null"]},"name":{"description":"The scope as it appears in OAuth requests.","type":["string","null"]},"optional":{"description":"Whether the client or the user may leave the scope out. If absent, the scope is mandatory.","type":["boolean","null"]},"values":{"description":"What the scope stands for, such as connections or their resource URLs.","items":{"type":"string"},"type":["array","null"]}},"type":"object"}"#,
};
const SCHEMA_SEARCH_MCP_SERVER_CLIENTS_RESPONSE: Definition = Definition {
    name: "SearchMcpServerClientsResponse",
    schema: r##"{"additionalProperties":{},"description":"Response of SearchMcpServerClients: one page.","properties":{"clients":{"description":"The clients of this page. A server may leave out an empty list.","items":{"$ref":"#/$defs/McpServerClient"},"type":["array","null"]},"total":{"description":"A count. Presumably the number of matches on all pages; no document says so.","format":"int32","maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]}},"type":"object"}"##,
};
const SCHEMA_SESSION_SETTINGS: Definition = Definition {
    name: "SessionSettings",
    schema: r#"{"additionalProperties":{},"description":"Lifetimes and templates of the tokens of one server. Each lifetime is a number, with its unit in another member: seconds, minutes, hours, days or weeks. Units and limits are those of Descope's inbound applications.","properties":{"enabled":{"description":"Whether these settings apply. If not, those of the project apply.","type":["boolean","null"]},"keySessionTokenExpiration":{"description":"Lifetime of tokens that a client gets for itself, in keySessionTokenExpirationUnit. Inbound applications allow three minutes to one month.","format":"int32","maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]},"keySessionTokenExpirationUnit":{"description":"Unit of keySessionTokenExpiration.","type":["string","null"]},"keyTemplateId":{"description":"Template for the claims of tokens that a client gets for itself.","type":["string","null"]},"refreshTokenExpiration":{"description":"Lifetime of refresh tokens, in refreshTokenExpirationUnit.","format":"int32","maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]},"refreshTokenExpirationUnit":{"description":"Unit of refreshTokenExpiration.","type":["string","null"]},"sessionTokenExpiration":{"description":"Lifetime of access tokens of users, in sessionTokenExpirationUnit.","format":"int32","maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]},"sessionTokenExpirationUnit":{"description":"Unit of sessionTokenExpiration.","type":["string","null"]},"userTemplateId":{"description":"Template for the claims of users' tokens.","type":["string","null"]}},"type":"object"}"#,
};
const SCHEMA_SORT_FIELD: Definition = Definition {
    name: "SortField",
    schema: r#"{"additionalProperties":{},"description":"One member to sort by, and the direction.","properties":{"desc":{"description":"Whether to sort in descending order.","type":["boolean","null"]},"field":{"description":"Name of the member. Which members clients can be sorted by is not documented.","type":["string","null"]}},"type":"object"}"#,
};
const SCHEMA_UPDATE_MCP_SERVER_CLIENT_RESPONSE: Definition = Definition {
    name: "UpdateMcpServerClientResponse",
    schema: r##"{"additionalProperties":{},"description":"Response of UpdateMcpServerClient.","properties":{"client":{"allOf":[{"$ref":"#/$defs/McpServerClient"}],"description":"The client after the update."}},"required":["client"],"type":"object"}"##,
};
const SCHEMA_UPDATE_MCP_SERVER_RESPONSE: Definition = Definition {
    name: "UpdateMcpServerResponse",
    schema: r##"{"additionalProperties":{},"description":"Response of UpdateMcpServer.","properties":{"server":{"allOf":[{"$ref":"#/$defs/McpServer"}],"description":"The server after the update."}},"required":["server"],"type":"object"}"##,
};
/// Everything that the document says about its operations.
pub static DOCUMENT: Document = Document {
    source: "openapi/descope-mcp.yaml",
    title: "Descope MCP server management (unofficial)",
    version: "2026-08-03",
    operations: &[
        Operation {
            id: "CreateMcpServer",
            method: "POST",
            path: "/v1/mgmt/mcp/server/create",
            group: Some("McpServer"),
            summary: "Create an MCP server",
            description: "Creates an MCP server in the project and returns the whole record, including the id that the service chose. Whether two servers may have the same name is not documented, so a repeated create can leave a duplicate.",
            access: Access::Write,
            idempotent: false,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "name",
                    wire_name: "name",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "description",
                    wire_name: "description",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "dynamicRegistration",
                    wire_name: "dynamicRegistration",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "audienceWhitelist",
                    wire_name: "audienceWhitelist",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "approvedScopes",
                    wire_name: "approvedScopes",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "approvedCallbackUrls",
                    wire_name: "approvedCallbackUrls",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "loginPageURL",
                    wire_name: "loginPageURL",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "sessionSettings",
                    wire_name: "sessionSettings",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "tags",
                    wire_name: "tags",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "logo",
                    wire_name: "logo",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "cimdSettings",
                    wire_name: "cimdSettings",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "skipConsentScreen",
                    wire_name: "skipConsentScreen",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "consentFlowId",
                    wire_name: "consentFlowId",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "consentFlowHostingURL",
                    wire_name: "consentFlowHostingURL",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "forceAddAllAuthorizationInfo",
                    wire_name: "forceAddAllAuthorizationInfo",
                    place: Place::Member,
                    required: false,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"approvedCallbackUrls":["https://assistant.example.com/oauth/callback"],"approvedScopes":{"attributesScopes":[{"description":"Know your e-mail address","name":"profile:email","optional":true,"values":["email"]}],"connectionsScopes":[{"description":"Read delivery dates from your calendar","name":"calendar:read","optional":true,"values":["https://calendar.example.com/readonly"]}],"permissionsScopes":[{"description":"Look at orders","name":"orders:read","optional":false},{"description":"Cancel an order","name":"orders:cancel","optional":true}]},"audienceWhitelist":["https://orders.example.com/mcp"],"cimdSettings":{"domainPolicies":{"policies":[{"domainPattern":"*.example.com","enabled":true}]},"enabled":true},"consentFlowHostingURL":"https://login.example.com/consent","consentFlowId":"inbound-apps-user-consent","description":"Tools over the order book","dynamicRegistration":{"disableApprovedScopesAsDefault":true,"enabled":true,"flowId":"mcp-client-registration"},"forceAddAllAuthorizationInfo":false,"logo":"https://orders.example.com/logo.png","name":"orders","sessionSettings":{"enabled":true,"keySessionTokenExpiration":15,"keySessionTokenExpirationUnit":"minutes","refreshTokenExpiration":4,"refreshTokenExpirationUnit":"weeks","sessionTokenExpiration":10,"sessionTokenExpirationUnit":"minutes"},"skipConsentScreen":false,"tags":["orders","production"]}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/create-server"),
            input: Schema {
                root: r##"{"properties":{"approvedCallbackUrls":{"description":"Redirect URLs that clients of this server may use.","items":{"type":"string"},"type":["array","null"]},"approvedScopes":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/ApprovedScopes"}]}],"description":"The scopes that clients of this server may ask for."},"audienceWhitelist":{"description":"Resource URLs that a token of this server may name as its audience.","items":{"type":"string"},"type":["array","null"]},"cimdSettings":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/CimdSettings"}]}],"description":"Whether clients may identify themselves by a client ID metadata document."},"consentFlowHostingURL":{"description":"URL of the page that hosts the consent flow. Only creation accepts it; no record has it. Presumably it becomes loginPageURL without its query.","type":["string","null"]},"consentFlowId":{"description":"Id of the flow that asks for consent. Only creation accepts it; no record has it. Presumably it becomes the `flow` parameter of loginPageURL.","type":["string","null"]},"description":{"description":"What the server offers, in free text.","type":["string","null"]},"dynamicRegistration":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/DynamicRegistration"}]}],"description":"Whether and how clients may register themselves."},"forceAddAllAuthorizationInfo":{"description":"Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.","type":["boolean","null"]},"loginPageURL":{"description":"Page that runs the consent flow, with the flow's id in its `flow` query parameter.","type":["string","null"]},"logo":{"description":"URL or data of the picture shown on the consent screen.","type":["string","null"]},"name":{"description":"Name shown to people. Required by the settings page of the console.","type":"string"},"sessionSettings":{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/SessionSettings"}]}],"description":"Token lifetimes and templates. If absent or not enabled, those of the project apply."},"skipConsentScreen":{"description":"Grants scopes without asking the user.","type":["boolean","null"]},"tags":{"description":"Labels, in free text.","items":{"type":"string"},"type":["array","null"]}},"required":["name"],"type":"object"}"##,
                definitions: &[
                    SCHEMA_APPROVED_SCOPES,
                    SCHEMA_CATEGORIZED_SCOPES,
                    SCHEMA_CIMD_DOMAIN_POLICIES,
                    SCHEMA_CIMD_DOMAIN_POLICY,
                    SCHEMA_CIMD_SETTINGS,
                    SCHEMA_DYNAMIC_REGISTRATION,
                    SCHEMA_SCOPE,
                    SCHEMA_SESSION_SETTINGS,
                ],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/CreateMcpServerResponse"}"##,
                definitions: &[
                    SCHEMA_APPROVED_SCOPES,
                    SCHEMA_CATEGORIZED_SCOPES,
                    SCHEMA_CIMD_DOMAIN_POLICIES,
                    SCHEMA_CIMD_DOMAIN_POLICY,
                    SCHEMA_CIMD_SETTINGS,
                    SCHEMA_CREATE_MCP_SERVER_RESPONSE,
                    SCHEMA_DYNAMIC_REGISTRATION,
                    SCHEMA_MCP_SERVER,
                    SCHEMA_SCOPE,
                    SCHEMA_SESSION_SETTINGS,
                ],
            }),
        },
        Operation {
            id: "UpdateMcpServer",
            method: "POST",
            path: "/v1/mgmt/mcp/server/update",
            group: Some("McpServer"),
            summary: "Replace an MCP server",
            description: "Replaces the stored record with the given one: members that are left out are lost. To change one member, load the server, change the member and send the whole record back. The API has no version member, so a change that somebody else made between the load and the update is overwritten. Sending the same record twice leaves the same state as sending it once.",
            access: Access::Write,
            idempotent: true,
            paginated: None,
            replaces: Some("LoadMcpServer"),
            arguments: &[
                Argument {
                    name: "server",
                    wire_name: "server",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"server":{"approvedCallbackUrls":["https://assistant.example.com/oauth/callback"],"approvedScopes":{"attributesScopes":[],"connectionsScopes":[],"permissionsScopes":[{"description":"Look at orders","name":"orders:read","optional":false}]},"audienceWhitelist":["https://orders.example.com/mcp"],"description":"Tools over the order book and its archive","dynamicRegistration":{"disableApprovedScopesAsDefault":true,"enabled":false,"flowId":""},"id":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo","loginPageURL":"https://login.example.com/consent?flow=inbound-apps-user-consent","name":"orders","skipConsentScreen":false,"tags":["orders","production"]}}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/update-server, fact/update-replaces"),
            input: Schema {
                root: r##"{"properties":{"server":{"allOf":[{"$ref":"#/$defs/McpServer"}],"description":"The whole server, with the id of the server to replace. Members that are left out are lost."}},"required":["server"],"type":"object"}"##,
                definitions: &[
                    SCHEMA_APPROVED_SCOPES,
                    SCHEMA_CATEGORIZED_SCOPES,
                    SCHEMA_CIMD_DOMAIN_POLICIES,
                    SCHEMA_CIMD_DOMAIN_POLICY,
                    SCHEMA_CIMD_SETTINGS,
                    SCHEMA_DYNAMIC_REGISTRATION,
                    SCHEMA_MCP_SERVER,
                    SCHEMA_SCOPE,
                    SCHEMA_SESSION_SETTINGS,
                ],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/UpdateMcpServerResponse"}"##,
                definitions: &[
                    SCHEMA_APPROVED_SCOPES,
                    SCHEMA_CATEGORIZED_SCOPES,
                    SCHEMA_CIMD_DOMAIN_POLICIES,
                    SCHEMA_CIMD_DOMAIN_POLICY,
                    SCHEMA_CIMD_SETTINGS,
                    SCHEMA_DYNAMIC_REGISTRATION,
                    SCHEMA_MCP_SERVER,
                    SCHEMA_SCOPE,
                    SCHEMA_SESSION_SETTINGS,
                    SCHEMA_UPDATE_MCP_SERVER_RESPONSE,
                ],
            }),
        },
        Operation {
            id: "LoadMcpServer",
            method: "POST",
            path: "/v1/mgmt/mcp/server/load",
            group: Some("McpServer"),
            summary: "Load one MCP server",
            description: "Reads the whole record of one server of the project by its id.",
            access: Access::Read,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "id",
                    wire_name: "id",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(r#"{"id":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo"}"#),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/load-server"),
            input: Schema {
                root: r#"{"properties":{"id":{"description":"Id of the server.","type":"string"}},"required":["id"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/LoadMcpServerResponse"}"##,
                definitions: &[
                    SCHEMA_APPROVED_SCOPES,
                    SCHEMA_CATEGORIZED_SCOPES,
                    SCHEMA_CIMD_DOMAIN_POLICIES,
                    SCHEMA_CIMD_DOMAIN_POLICY,
                    SCHEMA_CIMD_SETTINGS,
                    SCHEMA_DYNAMIC_REGISTRATION,
                    SCHEMA_LOAD_MCP_SERVER_RESPONSE,
                    SCHEMA_MCP_SERVER,
                    SCHEMA_SCOPE,
                    SCHEMA_SESSION_SETTINGS,
                ],
            }),
        },
        Operation {
            id: "DeleteMcpServer",
            method: "POST",
            path: "/v1/mgmt/mcp/server/delete",
            group: Some("McpServer"),
            summary: "Delete one MCP server",
            description: "Deletes a server permanently. No id is used twice, so a second request cannot delete anything else. Whether the second request gets a success or an error is not documented. What happens to the server's clients is not documented either.",
            access: Access::Write,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "id",
                    wire_name: "id",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(r#"{"id":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo"}"#),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/delete-server"),
            input: Schema {
                root: r#"{"properties":{"id":{"description":"Id of the server.","type":"string"}},"required":["id"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/DeleteMcpServerResponse"}"##,
                definitions: &[SCHEMA_DELETE_MCP_SERVER_RESPONSE],
            }),
        },
        Operation {
            id: "DeleteMcpServers",
            method: "POST",
            path: "/v1/mgmt/mcp/servers/delete",
            group: Some("McpServer"),
            summary: "Delete several MCP servers",
            description: "Deletes every server whose id is listed. What happens with ids that do not exist is not documented. For clients, the bulk operation is reported to ignore them.",
            access: Access::Write,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "ids",
                    wire_name: "ids",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"ids":["MS3FtZbxdWpdUpzj7ydvZcmi84Ibo","MS3FthibGgzfdzrmfEGSKtka96NKN"]}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/delete-servers"),
            input: Schema {
                root: r#"{"properties":{"ids":{"description":"Ids of the servers.","items":{"type":"string"},"type":"array"}},"required":["ids"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/DeleteMcpServersResponse"}"##,
                definitions: &[SCHEMA_DELETE_MCP_SERVERS_RESPONSE],
            }),
        },
        Operation {
            id: "LoadAllMcpServers",
            method: "POST",
            path: "/v1/mgmt/mcp/servers/all",
            group: Some("McpServer"),
            summary: "Load all MCP servers",
            description: "Reads the records of all MCP servers of the project in one response. The guide mentions paging and filter members, but no schema has them: send an empty object.",
            access: Access::Read,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(r#"{}"#),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/load-all-servers"),
            input: Schema {
                root: r#"{"properties":{},"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/LoadAllMcpServersResponse"}"##,
                definitions: &[
                    SCHEMA_APPROVED_SCOPES,
                    SCHEMA_CATEGORIZED_SCOPES,
                    SCHEMA_CIMD_DOMAIN_POLICIES,
                    SCHEMA_CIMD_DOMAIN_POLICY,
                    SCHEMA_CIMD_SETTINGS,
                    SCHEMA_DYNAMIC_REGISTRATION,
                    SCHEMA_LOAD_ALL_MCP_SERVERS_RESPONSE,
                    SCHEMA_MCP_SERVER,
                    SCHEMA_SCOPE,
                    SCHEMA_SESSION_SETTINGS,
                ],
            }),
        },
        Operation {
            id: "CreateMcpServerClient",
            method: "POST",
            path: "/v1/mgmt/mcp/server/client/create",
            group: Some("McpServerClient"),
            summary: "Register a client of an MCP server",
            description: "Creates an OAuth client that belongs to one MCP server. The response has no wrapper object: it is the record's id, the OAuth client id and the first client secret. Store the secret, although GetMcpServerClientSecret can read it again. Sending the request twice creates two clients.",
            access: Access::Write,
            idempotent: false,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "name",
                    wire_name: "name",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "approvedCallbackUrls",
                    wire_name: "approvedCallbackUrls",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "scopes",
                    wire_name: "scopes",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "tags",
                    wire_name: "tags",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "logo",
                    wire_name: "logo",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "forceAddAllAuthorizationInfo",
                    wire_name: "forceAddAllAuthorizationInfo",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "allowedTenants",
                    wire_name: "allowedTenants",
                    place: Place::Member,
                    required: false,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"allowedTenants":["T3FtXaG9toWYY5m0CUF1ILQhfjjbT"],"approvedCallbackUrls":["https://assistant.example.com/oauth/callback"],"forceAddAllAuthorizationInfo":false,"logo":"https://assistant.example.com/logo.png","mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo","name":"support agent","scopes":["orders:read","orders:cancel"],"tags":["agent","support"]}"#,
            ),
            input_secrets: &[],
            output_secrets: &[
                SecretMember {
                    pointer: "/cleartext",
                    required: true,
                },
            ],
            basis: Basis::Documented,
            source: Some("fact/create-client"),
            input: Schema {
                root: r#"{"properties":{"allowedTenants":{"description":"Ids of the tenants whose users may use this client. Newer than the guide and the reference pages.","items":{"type":"string"},"type":["array","null"]},"approvedCallbackUrls":{"description":"Redirect URLs that this client may use.","items":{"type":"string"},"type":["array","null"]},"forceAddAllAuthorizationInfo":{"description":"Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.","type":["boolean","null"]},"logo":{"description":"URL or data of the picture shown on the consent screen.","type":["string","null"]},"mcpServerId":{"description":"Id of the server (or of the MCP resource, `RS…`) that the client belongs to.","type":"string"},"name":{"description":"Name shown to people.","type":"string"},"scopes":{"description":"Names of the scopes that the client may ask for. Whether they are checked against the server's approved scopes is not documented.","items":{"type":"string"},"type":["array","null"]},"tags":{"description":"Labels, in free text.","items":{"type":"string"},"type":["array","null"]}},"required":["name","mcpServerId"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/CreateMcpServerClientResponse"}"##,
                definitions: &[SCHEMA_CREATE_MCP_SERVER_CLIENT_RESPONSE],
            }),
        },
        Operation {
            id: "UpdateMcpServerClient",
            method: "POST",
            path: "/v1/mgmt/mcp/server/client/update",
            group: Some("McpServerClient"),
            summary: "Change a client of an MCP server",
            description: "Writes new values to an existing client and returns the record. No document says whether members that are left out keep their value or are cleared. To be safe in both cases, load the client and send every member that this request has. In both cases, sending the same body twice leaves the same state as sending it once.",
            access: Access::Write,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "id",
                    wire_name: "id",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "name",
                    wire_name: "name",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "approvedCallbackUrls",
                    wire_name: "approvedCallbackUrls",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "scopes",
                    wire_name: "scopes",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "tags",
                    wire_name: "tags",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "logo",
                    wire_name: "logo",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "forceAddAllAuthorizationInfo",
                    wire_name: "forceAddAllAuthorizationInfo",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "allowedTenants",
                    wire_name: "allowedTenants",
                    place: Place::Member,
                    required: false,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"allowedTenants":["T3FtXaG9toWYY5m0CUF1ILQhfjjbT"],"approvedCallbackUrls":["https://assistant.example.com/oauth/callback"],"forceAddAllAuthorizationInfo":false,"id":"TPA3FtrqtGLEVyXlf3oJgLGWMdTcTF","logo":"https://assistant.example.com/logo.png","mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo","name":"support agent, second line","scopes":["orders:read"],"tags":["agent","support"]}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/update-client"),
            input: Schema {
                root: r#"{"properties":{"allowedTenants":{"description":"Ids of the tenants whose users may use this client. Newer than the guide and the reference pages.","items":{"type":"string"},"type":["array","null"]},"approvedCallbackUrls":{"description":"Redirect URLs that this client may use.","items":{"type":"string"},"type":["array","null"]},"forceAddAllAuthorizationInfo":{"description":"Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.","type":["boolean","null"]},"id":{"description":"Id of the client record.","type":"string"},"logo":{"description":"URL or data of the picture shown on the consent screen.","type":["string","null"]},"mcpServerId":{"description":"Id of the server that the client belongs to.","type":"string"},"name":{"description":"Name shown to people.","type":["string","null"]},"scopes":{"description":"Names of the scopes that the client may ask for.","items":{"type":"string"},"type":["array","null"]},"tags":{"description":"Labels, in free text.","items":{"type":"string"},"type":["array","null"]}},"required":["id","mcpServerId"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/UpdateMcpServerClientResponse"}"##,
                definitions: &[
                    SCHEMA_MCP_SERVER_CLIENT,
                    SCHEMA_UPDATE_MCP_SERVER_CLIENT_RESPONSE,
                ],
            }),
        },
        Operation {
            id: "LoadMcpServerClient",
            method: "POST",
            path: "/v1/mgmt/mcp/server/client/load",
            group: Some("McpServerClient"),
            summary: "Load one client of an MCP server",
            description: "Reads the record of one client, by its record id or by its OAuth client id. The guide has only the record id; the reference has both. The record never contains the secret.",
            access: Access::Read,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "id",
                    wire_name: "id",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "clientId",
                    wire_name: "clientId",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"id":"TPA3FtrqtGLEVyXlf3oJgLGWMdTcTF","mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo"}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/load-client, fact/load-by-client-id"),
            input: Schema {
                root: r#"{"properties":{"clientId":{"description":"The OAuth client id, instead of id. The guide does not mention it.","type":["string","null"]},"id":{"description":"Id of the client record.","type":["string","null"]},"mcpServerId":{"description":"Id of the server that the client belongs to.","type":"string"}},"required":["mcpServerId"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/LoadMcpServerClientResponse"}"##,
                definitions: &[
                    SCHEMA_LOAD_MCP_SERVER_CLIENT_RESPONSE,
                    SCHEMA_MCP_SERVER_CLIENT,
                ],
            }),
        },
        Operation {
            id: "SearchMcpServerClients",
            method: "POST",
            path: "/v1/mgmt/mcp/server/clients/search",
            group: Some("McpServerClient"),
            summary: "Search the clients of an MCP server",
            description: "Lists the clients of one server, one page at a time. Filters narrow the result. A search without filters is paged too, so a client can be missing from the first page; use clientId to find one exactly. It is reported that a new client sometimes appears only after some seconds.",
            access: Access::Read,
            idempotent: true,
            paginated: Some(Pagination {
                items: "clients",
                page: "page",
                limit: "limit",
                total: "total",
            }),
            replaces: None,
            arguments: &[
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "page",
                    wire_name: "page",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "limit",
                    wire_name: "limit",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "text",
                    wire_name: "text",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "name",
                    wire_name: "name",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "clientId",
                    wire_name: "clientId",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "status",
                    wire_name: "status",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "registrationMethod",
                    wire_name: "registrationMethod",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "tag",
                    wire_name: "tag",
                    place: Place::Member,
                    required: false,
                },
                Argument {
                    name: "sort",
                    wire_name: "sort",
                    place: Place::Member,
                    required: false,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"limit":20,"mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo","page":0,"sort":[{"desc":false,"field":"name"}],"tag":"agent","text":"support"}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/search-clients"),
            input: Schema {
                root: r##"{"properties":{"clientId":{"description":"Only the client with this OAuth client id.","type":["string","null"]},"limit":{"description":"Maximum number of clients per page; never negative. If it is 0 or absent, the service chooses a limit that is not documented.","format":"int32","maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]},"mcpServerId":{"description":"Id of the server whose clients are listed.","type":"string"},"name":{"description":"Only clients with this name. Whether a part of the name matches is not documented.","type":["string","null"]},"page":{"description":"Which page, counted from 0; never negative.","format":"int32","maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]},"registrationMethod":{"description":"Only clients that were registered in this way. Presumably compared with registrationType of the record; the values are not documented.","type":["string","null"]},"sort":{"description":"Sort order of the result, the most important member first.","items":{"$ref":"#/$defs/SortField"},"type":["array","null"]},"status":{"description":"Only clients in this state. The values are not documented; see McpServerClient.","type":["string","null"]},"tag":{"description":"Only clients that have this tag.","type":["string","null"]},"text":{"description":"Text to look for in several members; which members is not documented.","type":["string","null"]}},"required":["mcpServerId"],"type":"object"}"##,
                definitions: &[SCHEMA_SORT_FIELD],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/SearchMcpServerClientsResponse"}"##,
                definitions: &[
                    SCHEMA_MCP_SERVER_CLIENT,
                    SCHEMA_SEARCH_MCP_SERVER_CLIENTS_RESPONSE,
                ],
            }),
        },
        Operation {
            id: "DeleteMcpServerClient",
            method: "POST",
            path: "/v1/mgmt/mcp/server/client/delete",
            group: Some("McpServerClient"),
            summary: "Delete one client of an MCP server",
            description: "Deletes a client and its secret permanently. No id is used twice, so a second request cannot delete anything else. Whether the second request gets a success or an error is not documented.",
            access: Access::Write,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "id",
                    wire_name: "id",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"id":"TPA3FtrqtGLEVyXlf3oJgLGWMdTcTF","mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo"}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/delete-client"),
            input: Schema {
                root: r#"{"properties":{"id":{"description":"Id of the client record.","type":"string"},"mcpServerId":{"description":"Id of the server that the client belongs to.","type":"string"}},"required":["id","mcpServerId"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/DeleteMcpServerClientResponse"}"##,
                definitions: &[SCHEMA_DELETE_MCP_SERVER_CLIENT_RESPONSE],
            }),
        },
        Operation {
            id: "DeleteMcpServerClients",
            method: "POST",
            path: "/v1/mgmt/mcp/server/clients/delete",
            group: Some("McpServerClient"),
            summary: "Delete several clients of an MCP server",
            description: "Deletes every client of one server whose id is listed. Ids that no longer exist are reported to be ignored without an error.",
            access: Access::Write,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "ids",
                    wire_name: "ids",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"ids":["TPA3FtrqtGLEVyXlf3oJgLGWMdTcTF","TPA3Fts3Tz8rBF9xDp8qgo4lrJc6VU"],"mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo"}"#,
            ),
            input_secrets: &[],
            output_secrets: &[],
            basis: Basis::Documented,
            source: Some("fact/delete-clients"),
            input: Schema {
                root: r#"{"properties":{"ids":{"description":"Ids of the client records.","items":{"type":"string"},"type":"array"},"mcpServerId":{"description":"Id of the server that the clients belong to.","type":"string"}},"required":["ids","mcpServerId"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/DeleteMcpServerClientsResponse"}"##,
                definitions: &[SCHEMA_DELETE_MCP_SERVER_CLIENTS_RESPONSE],
            }),
        },
        Operation {
            id: "GetMcpServerClientSecret",
            method: "POST",
            path: "/v1/mgmt/mcp/server/client/secret",
            group: Some("McpServerClient"),
            summary: "Read a client's current secret",
            description: "Returns the current secret of the client. The secret can be read repeatedly; that contradicts another part of the guide, which says that a secret is shown only once.",
            access: Access::Read,
            idempotent: true,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "id",
                    wire_name: "id",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"id":"TPA3FtrqtGLEVyXlf3oJgLGWMdTcTF","mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo"}"#,
            ),
            input_secrets: &[],
            output_secrets: &[
                SecretMember {
                    pointer: "/cleartext",
                    required: true,
                },
            ],
            basis: Basis::Documented,
            source: Some("fact/get-client-secret"),
            input: Schema {
                root: r#"{"properties":{"id":{"description":"Id of the client record.","type":"string"},"mcpServerId":{"description":"Id of the server that the client belongs to.","type":"string"}},"required":["id","mcpServerId"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/GetMcpServerClientSecretResponse"}"##,
                definitions: &[SCHEMA_GET_MCP_SERVER_CLIENT_SECRET_RESPONSE],
            }),
        },
        Operation {
            id: "RotateMcpServerClientSecret",
            method: "POST",
            path: "/v1/mgmt/mcp/server/client/secret/rotate",
            group: Some("McpServerClient"),
            summary: "Replace a client's secret",
            description: "Creates a new secret for the client and returns it. It is assumed, from Descope's other keys, that the old secret stops working at once. Every call creates another secret: if the outcome of a call is unknown, read the secret with GetMcpServerClientSecret instead of rotating again.",
            access: Access::Write,
            idempotent: false,
            paginated: None,
            replaces: None,
            arguments: &[
                Argument {
                    name: "id",
                    wire_name: "id",
                    place: Place::Member,
                    required: true,
                },
                Argument {
                    name: "mcpServerId",
                    wire_name: "mcpServerId",
                    place: Place::Member,
                    required: true,
                },
            ],
            body: Body::Object {
                required: true,
                open: true,
            },
            example: Some(
                r#"{"id":"TPA3FtrqtGLEVyXlf3oJgLGWMdTcTF","mcpServerId":"MS3FtZbxdWpdUpzj7ydvZcmi84Ibo"}"#,
            ),
            input_secrets: &[],
            output_secrets: &[
                SecretMember {
                    pointer: "/cleartext",
                    required: true,
                },
            ],
            basis: Basis::Documented,
            source: Some("fact/rotate-client-secret"),
            input: Schema {
                root: r#"{"properties":{"id":{"description":"Id of the client record.","type":"string"},"mcpServerId":{"description":"Id of the server that the client belongs to.","type":"string"}},"required":["id","mcpServerId"],"type":"object"}"#,
                definitions: &[],
            },
            output: Some(Schema {
                root: r##"{"$ref":"#/$defs/RotateMcpServerClientSecretResponse"}"##,
                definitions: &[SCHEMA_ROTATE_MCP_SERVER_CLIENT_SECRET_RESPONSE],
            }),
        },
    ],
};
