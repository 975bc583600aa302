//! An MCP server record: what is accepted, and what is answered.

use serde_json::{Map, Value, json};

use super::{approved_scopes, login_page, session_settings};
use crate::app::{App, ProjectState};
use crate::problem::Problem;
use crate::store::ServerRow;

/// Makes of the members that were sent what is stored: without the id, which the service manages, and with the
/// two-way members in their stored form. `path` leads to the record, for messages.
pub(crate) fn accept(
    app: &App,
    project: &ProjectState,
    mut sent: Map<String, Value>,
    path: &str,
) -> Result<Map<String, Value>, Problem> {
    sent.remove("id");
    app.forms.server.forget_nulls(&mut sent);
    if sent.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Problem::missing(&format!("{path}name")));
    }
    session_settings::check(&sent, &format!("{path}sessionSettings."))?;
    login_page::fold(&mut sent, &app.public_url, &project.id);
    approved_scopes::categorize(&mut sent);
    // Flat scopes had another form a line ago, so their nulls are only reached now.
    app.forms.server.forget_nulls(&mut sent);
    Ok(sent)
}

/// The record as it is answered: with every member. Dynamic registration is on if its settings were never sent
/// (documented for new servers; that an update which leaves them out brings this back is assumed).
pub(crate) fn view(app: &App, server: ServerRow) -> Value {
    let mut record = server.body;
    record.entry("dynamicRegistration").or_insert_with(|| json!({"enabled": true}));
    record.insert(String::from("id"), Value::String(server.id));
    app.forms.server.complete(&mut record);
    Value::Object(record)
}
