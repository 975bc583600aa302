//! An MCP server client record: what is accepted, what an update does to it, and what is answered.

use serde_json::{Map, Value};

use crate::app::App;
use crate::problem::Problem;
use crate::store::ClientRow;

/// `registrationType` of clients made through the management API. The values are undocumented; this one is assumed.
pub(crate) const REGISTERED_BY_HAND: &str = "manual";
/// `status` of a client that may get tokens. The guide's example filters by it; that records carry it is assumed.
pub(crate) const ACTIVE: &str = "active";
/// Members that the service manages: sent ones are ignored (assumed).
const MANAGED: [&str; 6] = ["id", "clientId", "mcpServerId", "registrationType", "status", "cleartext"];

/// Makes of the members that were sent what is stored.
pub(crate) fn accept(app: &App, mut sent: Map<String, Value>) -> Result<Map<String, Value>, Problem> {
    for member in MANAGED {
        sent.remove(member);
    }
    app.forms.client.forget_nulls(&mut sent);
    match sent.get("name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Ok(sent),
        _ => Err(Problem::missing("name")),
    }
}

/// The rule of an update: the sent members take the place of the stored ones, those that were left out are cleared,
/// unknown ones included; only the name, which a client cannot be without, stays if it was left out. Assumed:
/// documents do not say whether members that were left out are kept.
pub(crate) fn update(
    app: &App,
    stored: &Map<String, Value>,
    mut sent: Map<String, Value>,
) -> Result<Map<String, Value>, Problem> {
    if sent.get("name").is_none_or(Value::is_null)
        && let Some(name) = stored.get("name")
    {
        sent.insert(String::from("name"), name.clone());
    }
    accept(app, sent)
}

/// The record as it is answered: with every member, and never with the secret.
pub(crate) fn view(app: &App, server_id: &str, client: ClientRow) -> Value {
    let mut record = client.body;
    for (member, value) in [
        ("id", client.id),
        ("clientId", client.client_id),
        ("mcpServerId", server_id.to_owned()),
        ("registrationType", client.registration_type),
        ("status", client.status),
    ] {
        record.insert(member.to_owned(), Value::String(value));
    }
    app.forms.client.complete(&mut record);
    Value::Object(record)
}
