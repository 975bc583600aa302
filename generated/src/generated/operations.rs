// Machine-written by `cargo xtask codegen` from openapi/descope-mcp.yaml. Do not edit.

/// Facts about one operation, from the x- keys of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationFacts {
    /// The operationId, such as `LoadMcpServer`.
    pub id: &'static str,
    /// The method of the machine-written client that calls it, such as `load_mcp_server`.
    pub function: &'static str,
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The path, starting with a slash.
    pub path: &'static str,
    /// One line that says what it does.
    pub summary: &'static str,
    /// Whether it changes anything. `Write` where the document does not say.
    pub access: Access,
    /// Whether it may be sent again when it is unknown whether it was carried out. `false` where the document does
    /// not say.
    pub idempotent: bool,
    /// Present on operations that answer page by page.
    pub paginated: Option<Pagination>,
    /// On an operation that replaces a whole record: the operationId of the one that loads it.
    pub replaces: Option<&'static str>,
    /// How sure the facts are. `Assumed` where the document does not say.
    pub basis: Basis,
    /// Where the facts come from.
    pub source: Option<&'static str>,
}
/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// It only reads.
    Read,
    /// It changes or deletes something.
    Write,
}
/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// An official document says so.
    Documented,
    /// Seen on the live service.
    Observed,
    /// Inferred.
    Assumed,
}
/// Which members page through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pagination {
    /// Member of the answer with the items of the page.
    pub items: &'static str,
    /// Member of the request with the number of the page.
    pub page: &'static str,
    /// Member of the request with the most items per page.
    pub limit: &'static str,
    /// Member of the answer with the number of items on all pages.
    pub total: &'static str,
}
/// CreateMcpServer: `POST /v1/mgmt/mcp/server/create`.
pub const CREATE_MCP_SERVER: OperationFacts = OperationFacts {
    id: "CreateMcpServer",
    function: "create_mcp_server",
    method: "POST",
    path: "/v1/mgmt/mcp/server/create",
    summary: "Create an MCP server",
    access: Access::Write,
    idempotent: false,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/create-server"),
};
/// UpdateMcpServer: `POST /v1/mgmt/mcp/server/update`.
pub const UPDATE_MCP_SERVER: OperationFacts = OperationFacts {
    id: "UpdateMcpServer",
    function: "update_mcp_server",
    method: "POST",
    path: "/v1/mgmt/mcp/server/update",
    summary: "Replace an MCP server",
    access: Access::Write,
    idempotent: true,
    paginated: None,
    replaces: Some("LoadMcpServer"),
    basis: Basis::Documented,
    source: Some("fact/update-server, fact/update-replaces"),
};
/// LoadMcpServer: `POST /v1/mgmt/mcp/server/load`.
pub const LOAD_MCP_SERVER: OperationFacts = OperationFacts {
    id: "LoadMcpServer",
    function: "load_mcp_server",
    method: "POST",
    path: "/v1/mgmt/mcp/server/load",
    summary: "Load one MCP server",
    access: Access::Read,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/load-server"),
};
/// DeleteMcpServer: `POST /v1/mgmt/mcp/server/delete`.
pub const DELETE_MCP_SERVER: OperationFacts = OperationFacts {
    id: "DeleteMcpServer",
    function: "delete_mcp_server",
    method: "POST",
    path: "/v1/mgmt/mcp/server/delete",
    summary: "Delete one MCP server",
    access: Access::Write,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/delete-server"),
};
/// DeleteMcpServers: `POST /v1/mgmt/mcp/servers/delete`.
pub const DELETE_MCP_SERVERS: OperationFacts = OperationFacts {
    id: "DeleteMcpServers",
    function: "delete_mcp_servers",
    method: "POST",
    path: "/v1/mgmt/mcp/servers/delete",
    summary: "Delete several MCP servers",
    access: Access::Write,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/delete-servers"),
};
/// LoadAllMcpServers: `POST /v1/mgmt/mcp/servers/all`.
pub const LOAD_ALL_MCP_SERVERS: OperationFacts = OperationFacts {
    id: "LoadAllMcpServers",
    function: "load_all_mcp_servers",
    method: "POST",
    path: "/v1/mgmt/mcp/servers/all",
    summary: "Load all MCP servers",
    access: Access::Read,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/load-all-servers"),
};
/// CreateMcpServerClient: `POST /v1/mgmt/mcp/server/client/create`.
pub const CREATE_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "CreateMcpServerClient",
    function: "create_mcp_server_client",
    method: "POST",
    path: "/v1/mgmt/mcp/server/client/create",
    summary: "Register a client of an MCP server",
    access: Access::Write,
    idempotent: false,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/create-client"),
};
/// UpdateMcpServerClient: `POST /v1/mgmt/mcp/server/client/update`.
pub const UPDATE_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "UpdateMcpServerClient",
    function: "update_mcp_server_client",
    method: "POST",
    path: "/v1/mgmt/mcp/server/client/update",
    summary: "Change a client of an MCP server",
    access: Access::Write,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/update-client"),
};
/// LoadMcpServerClient: `POST /v1/mgmt/mcp/server/client/load`.
pub const LOAD_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "LoadMcpServerClient",
    function: "load_mcp_server_client",
    method: "POST",
    path: "/v1/mgmt/mcp/server/client/load",
    summary: "Load one client of an MCP server",
    access: Access::Read,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/load-client, fact/load-by-client-id"),
};
/// SearchMcpServerClients: `POST /v1/mgmt/mcp/server/clients/search`.
pub const SEARCH_MCP_SERVER_CLIENTS: OperationFacts = OperationFacts {
    id: "SearchMcpServerClients",
    function: "search_mcp_server_clients",
    method: "POST",
    path: "/v1/mgmt/mcp/server/clients/search",
    summary: "Search the clients of an MCP server",
    access: Access::Read,
    idempotent: true,
    paginated: Some(Pagination {
        items: "clients",
        page: "page",
        limit: "limit",
        total: "total",
    }),
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/search-clients"),
};
/// DeleteMcpServerClient: `POST /v1/mgmt/mcp/server/client/delete`.
pub const DELETE_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "DeleteMcpServerClient",
    function: "delete_mcp_server_client",
    method: "POST",
    path: "/v1/mgmt/mcp/server/client/delete",
    summary: "Delete one client of an MCP server",
    access: Access::Write,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/delete-client"),
};
/// DeleteMcpServerClients: `POST /v1/mgmt/mcp/server/clients/delete`.
pub const DELETE_MCP_SERVER_CLIENTS: OperationFacts = OperationFacts {
    id: "DeleteMcpServerClients",
    function: "delete_mcp_server_clients",
    method: "POST",
    path: "/v1/mgmt/mcp/server/clients/delete",
    summary: "Delete several clients of an MCP server",
    access: Access::Write,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/delete-clients"),
};
/// GetMcpServerClientSecret: `POST /v1/mgmt/mcp/server/client/secret`.
pub const GET_MCP_SERVER_CLIENT_SECRET: OperationFacts = OperationFacts {
    id: "GetMcpServerClientSecret",
    function: "get_mcp_server_client_secret",
    method: "POST",
    path: "/v1/mgmt/mcp/server/client/secret",
    summary: "Read a client's current secret",
    access: Access::Read,
    idempotent: true,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/get-client-secret"),
};
/// RotateMcpServerClientSecret: `POST /v1/mgmt/mcp/server/client/secret/rotate`.
pub const ROTATE_MCP_SERVER_CLIENT_SECRET: OperationFacts = OperationFacts {
    id: "RotateMcpServerClientSecret",
    function: "rotate_mcp_server_client_secret",
    method: "POST",
    path: "/v1/mgmt/mcp/server/client/secret/rotate",
    summary: "Replace a client's secret",
    access: Access::Write,
    idempotent: false,
    paginated: None,
    replaces: None,
    basis: Basis::Documented,
    source: Some("fact/rotate-client-secret"),
};
/// Every operation of the document, in its order.
pub const OPERATIONS: &[OperationFacts] = &[
    CREATE_MCP_SERVER,
    UPDATE_MCP_SERVER,
    LOAD_MCP_SERVER,
    DELETE_MCP_SERVER,
    DELETE_MCP_SERVERS,
    LOAD_ALL_MCP_SERVERS,
    CREATE_MCP_SERVER_CLIENT,
    UPDATE_MCP_SERVER_CLIENT,
    LOAD_MCP_SERVER_CLIENT,
    SEARCH_MCP_SERVER_CLIENTS,
    DELETE_MCP_SERVER_CLIENT,
    DELETE_MCP_SERVER_CLIENTS,
    GET_MCP_SERVER_CLIENT_SECRET,
    ROTATE_MCP_SERVER_CLIENT_SECRET,
];
