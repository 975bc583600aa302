//! What the typed client makes of an answer: it must read it and lose nothing.

use descope_mcp_management::raw::types;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Reads a successful answer as the typed client would and writes it again. `None` for operations whose answers hold a
/// secret, which the client never writes, and for answers without members.
pub fn round_trip(operation: &str, body: &Value) -> Option<Result<Value, String>> {
    Some(match operation {
        "CreateMcpServer" => through::<types::CreateMcpServerResponse>(body),
        "UpdateMcpServer" => through::<types::UpdateMcpServerResponse>(body),
        "LoadMcpServer" => through::<types::LoadMcpServerResponse>(body),
        "LoadAllMcpServers" => through::<types::LoadAllMcpServersResponse>(body),
        "UpdateMcpServerClient" => through::<types::UpdateMcpServerClientResponse>(body),
        "LoadMcpServerClient" => through::<types::LoadMcpServerClientResponse>(body),
        "SearchMcpServerClients" => through::<types::SearchMcpServerClientsResponse>(body),
        _ => return None,
    })
}

fn through<T: DeserializeOwned + Serialize>(body: &Value) -> Result<Value, String> {
    let read: T = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(read).map_err(|error| error.to_string())
}
