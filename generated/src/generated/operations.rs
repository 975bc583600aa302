// Machine-written by `cargo xtask codegen` from openapi/descope-mcp.yaml. Do not edit.

/// What sending an operation goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationFacts {
    /// The operationId, such as `LoadMcpServer`.
    pub id: &'static str,
    /// The method of the machine-written client that calls it, such as `load_mcp_server`.
    pub function: &'static str,
    /// Whether it may change anything. `true` where the document does not say.
    pub writes: bool,
    /// Whether it may be sent again when it is unknown whether it was carried out. `false` where the document does
    /// not say.
    pub idempotent: bool,
}
/// CreateMcpServer: `POST /v1/mgmt/mcp/server/create`.
pub const CREATE_MCP_SERVER: OperationFacts = OperationFacts {
    id: "CreateMcpServer",
    function: "create_mcp_server",
    writes: true,
    idempotent: false,
};
/// UpdateMcpServer: `POST /v1/mgmt/mcp/server/update`.
pub const UPDATE_MCP_SERVER: OperationFacts = OperationFacts {
    id: "UpdateMcpServer",
    function: "update_mcp_server",
    writes: true,
    idempotent: true,
};
/// LoadMcpServer: `POST /v1/mgmt/mcp/server/load`.
pub const LOAD_MCP_SERVER: OperationFacts = OperationFacts {
    id: "LoadMcpServer",
    function: "load_mcp_server",
    writes: false,
    idempotent: true,
};
/// DeleteMcpServer: `POST /v1/mgmt/mcp/server/delete`.
pub const DELETE_MCP_SERVER: OperationFacts = OperationFacts {
    id: "DeleteMcpServer",
    function: "delete_mcp_server",
    writes: true,
    idempotent: true,
};
/// DeleteMcpServers: `POST /v1/mgmt/mcp/servers/delete`.
pub const DELETE_MCP_SERVERS: OperationFacts = OperationFacts {
    id: "DeleteMcpServers",
    function: "delete_mcp_servers",
    writes: true,
    idempotent: true,
};
/// LoadAllMcpServers: `POST /v1/mgmt/mcp/servers/all`.
pub const LOAD_ALL_MCP_SERVERS: OperationFacts = OperationFacts {
    id: "LoadAllMcpServers",
    function: "load_all_mcp_servers",
    writes: false,
    idempotent: true,
};
/// CreateMcpServerClient: `POST /v1/mgmt/mcp/server/client/create`.
pub const CREATE_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "CreateMcpServerClient",
    function: "create_mcp_server_client",
    writes: true,
    idempotent: false,
};
/// UpdateMcpServerClient: `POST /v1/mgmt/mcp/server/client/update`.
pub const UPDATE_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "UpdateMcpServerClient",
    function: "update_mcp_server_client",
    writes: true,
    idempotent: true,
};
/// LoadMcpServerClient: `POST /v1/mgmt/mcp/server/client/load`.
pub const LOAD_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "LoadMcpServerClient",
    function: "load_mcp_server_client",
    writes: false,
    idempotent: true,
};
/// SearchMcpServerClients: `POST /v1/mgmt/mcp/server/clients/search`.
pub const SEARCH_MCP_SERVER_CLIENTS: OperationFacts = OperationFacts {
    id: "SearchMcpServerClients",
    function: "search_mcp_server_clients",
    writes: false,
    idempotent: true,
};
/// DeleteMcpServerClient: `POST /v1/mgmt/mcp/server/client/delete`.
pub const DELETE_MCP_SERVER_CLIENT: OperationFacts = OperationFacts {
    id: "DeleteMcpServerClient",
    function: "delete_mcp_server_client",
    writes: true,
    idempotent: true,
};
/// DeleteMcpServerClients: `POST /v1/mgmt/mcp/server/clients/delete`.
pub const DELETE_MCP_SERVER_CLIENTS: OperationFacts = OperationFacts {
    id: "DeleteMcpServerClients",
    function: "delete_mcp_server_clients",
    writes: true,
    idempotent: true,
};
/// GetMcpServerClientSecret: `POST /v1/mgmt/mcp/server/client/secret`.
pub const GET_MCP_SERVER_CLIENT_SECRET: OperationFacts = OperationFacts {
    id: "GetMcpServerClientSecret",
    function: "get_mcp_server_client_secret",
    writes: false,
    idempotent: true,
};
/// RotateMcpServerClientSecret: `POST /v1/mgmt/mcp/server/client/secret/rotate`.
pub const ROTATE_MCP_SERVER_CLIENT_SECRET: OperationFacts = OperationFacts {
    id: "RotateMcpServerClientSecret",
    function: "rotate_mcp_server_client_secret",
    writes: true,
    idempotent: false,
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
/// Whether the answer of an operation that gives a secret out can be read, and if not, where it does not fit. Other
/// operations have no such answer.
///
/// # Errors
///
/// What the parser says. It can quote the answer.
pub(crate) fn check_secret_answer(
    function: &str,
    body: &[u8],
) -> Result<(), ::serde_json::Error> {
    use super::types;
    match function {
        "create_mcp_server_client" => {
            ::serde_json::from_slice::<types::CreateMcpServerClientResponse>(body)
                .map(drop)
        }
        "get_mcp_server_client_secret" => {
            ::serde_json::from_slice::<types::GetMcpServerClientSecretResponse>(body)
                .map(drop)
        }
        "rotate_mcp_server_client_secret" => {
            ::serde_json::from_slice::<types::RotateMcpServerClientSecretResponse>(body)
                .map(drop)
        }
        _ => Ok(()),
    }
}
