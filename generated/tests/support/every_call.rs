//! One call of every operation, by its operationId.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use descope_mcp_management::operations::find;
use descope_mcp_management::{Error, ManagementClient};

use super::CLIENT_SECRET;

/// Calls an operation with the example of its document and drops the answer.
pub(crate) async fn call(client: &ManagementClient, operation_id: &str) -> Result<(), Error> {
    let example = serde_json::from_str(find(operation_id).unwrap().example.unwrap()).unwrap();
    client.invoke(operation_id, &example).await.map(drop)
}

/// An answer that is a success of every operation.
pub(crate) fn success() -> String {
    format!(
        r#"{{"server":{{"id":"MS1"}},"servers":[],"client":{{"id":"TPA1"}},"clients":[],"total":0,"id":"TPA1","clientId":"c","cleartext":"{CLIENT_SECRET}"}}"#
    )
}
