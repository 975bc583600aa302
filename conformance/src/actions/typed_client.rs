//! What the typed client makes of a response: it must read it and lose nothing.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a body as this type of the client and writes it again.
pub(super) fn round_trip<T: DeserializeOwned + Serialize>(body: &Value) -> Result<Value, String> {
    let read: T = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(read).map_err(|error| error.to_string())
}
