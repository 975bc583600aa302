//! An MCP server record: what is accepted, and what is answered.

use serde_json::{Map, Value, json};

use super::{Rules, approved_scopes, login_page, session_settings};
use crate::problem::Problem;
use crate::store::{Records, ServerRow};
use crate::variants::{DuplicateNames, RegistrationDefault, SessionDefaults, UnknownMembers, Variants};

/// Makes of the members that were sent what is stored: without the id, which the service manages, and with the
/// two-way members in their stored form. `path` leads to the record, for messages.
pub(crate) fn accept(
    rules: Rules<'_>,
    project_id: &str,
    mut sent: Map<String, Value>,
    path: &str,
) -> Result<Map<String, Value>, Problem> {
    sent.remove("id");
    rules.forms.server.forget_nulls(&mut sent);
    if sent.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Problem::missing(&format!("{path}name")));
    }
    session_settings::check(&sent, &format!("{path}sessionSettings."))?;
    login_page::fold(&mut sent, rules.public_url, project_id, rules.variants)?;
    approved_scopes::categorize(&mut sent, rules.variants.flat_scopes(), path)?;
    // Flat scopes had another form a line ago, so their nulls are only reached now.
    rules.forms.server.forget_nulls(&mut sent);
    match rules.variants.unknown_members() {
        UnknownMembers::Keep => {}
        UnknownMembers::Drop => rules.forms.server.drop_unknown(&mut sent),
        UnknownMembers::Reject => {
            if let Some(member) = rules.forms.server.unknown(&sent, path) {
                return Err(Problem::unknown_member(&member));
            }
        }
    }
    Ok(sent)
}

/// Refuses a name that another server of the project has, under the variant that minds. To be called in the transaction
/// that writes the record.
pub(crate) fn check_name(
    variants: &Variants,
    records: &Records<'_>,
    project: &str,
    row: &ServerRow,
) -> Result<(), Problem> {
    if variants.duplicate_names() == DuplicateNames::Accept {
        return Ok(());
    }
    let others = records.servers(project)?;
    if others.iter().any(|other| other.id != row.id && other.body.get("name") == row.body.get("name")) {
        return Err(Problem::duplicate_name());
    }
    Ok(())
}

/// The record as it is answered: with every member. Dynamic registration is on if its settings were never sent
/// (documented for new servers; that an update which leaves them out brings this back is assumed).
pub(crate) fn view(rules: Rules<'_>, server: ServerRow) -> Value {
    let mut record = server.body;
    let registration = rules.variants.registration_default() == RegistrationDefault::On;
    record.entry("dynamicRegistration").or_insert_with(|| json!({"enabled": registration}));
    if rules.variants.session_defaults() == SessionDefaults::Filled {
        record.entry("sessionSettings").or_insert_with(session_settings::of_inbound_apps);
    }
    record.insert(String::from("id"), Value::String(server.id));
    rules.forms.server.complete(&mut record, rules.variants.absent());
    Value::Object(record)
}
