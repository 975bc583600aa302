//! An MCP server client record: what is accepted, what an update does to it, and what is answered.

use serde_json::{Map, Value};

use super::{Rules, approved_scopes};
use crate::problem::Problem;
use crate::store::{ClientQuery, ClientRow, Records, StoreError};
use crate::variants::{
    ClientCallbacks, ClientScopes, ClientUpdate, DuplicateNames, RegistrationType, Status, UnknownMembers,
    Variants,
};

/// How a client came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registered {
    /// Through the management API.
    ByHand,
    /// By dynamic client registration.
    Dynamically,
    /// By a client-ID metadata document.
    ByDocument,
}

impl Registered {
    /// `registrationType` of such clients. The values are undocumented; all of them are assumed.
    pub(crate) const fn word(self, variants: &Variants) -> &'static str {
        match (variants.registration_type(), self) {
            (RegistrationType::Manual, Self::ByHand) => "manual",
            (RegistrationType::Manual, Self::Dynamically) => "dcr",
            (RegistrationType::Manual, Self::ByDocument) => "cimd",
            (RegistrationType::Preregistered, Self::ByHand) => "preregistered",
            (RegistrationType::Preregistered, Self::Dynamically) => "dynamic",
            (RegistrationType::Preregistered, Self::ByDocument) => "metadata",
            (RegistrationType::Capitals, Self::ByHand) => "MANUAL",
            (RegistrationType::Capitals, Self::Dynamically) => "DCR",
            (RegistrationType::Capitals, Self::ByDocument) => "CIMD",
        }
    }
}

/// `status` of a client that may get tokens. The guide's example filters by `active`; that records carry it is assumed.
pub(crate) const fn status_of_new(variants: &Variants) -> &'static str {
    match variants.status() {
        Status::Active => "active",
        Status::Verified => "verified",
    }
}

/// Members that the service manages: sent ones are ignored (assumed).
const MANAGED: [&str; 6] = ["id", "clientId", "mcpServerId", "registrationType", "status", "cleartext"];

/// Makes of the members that were sent what is stored.
pub(crate) fn accept(rules: Rules<'_>, mut sent: Map<String, Value>) -> Result<Map<String, Value>, Problem> {
    for member in MANAGED {
        sent.remove(member);
    }
    rules.forms.client.forget_nulls(&mut sent);
    match sent.get("name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => {}
        _ => return Err(Problem::missing("name")),
    }
    match rules.variants.unknown_members() {
        UnknownMembers::Keep => {}
        UnknownMembers::Drop => rules.forms.client.drop_unknown(&mut sent),
        UnknownMembers::Reject => {
            if let Some(member) = rules.forms.client.unknown(&sent, "") {
                return Err(Problem::unknown_member(&member));
            }
        }
    }
    Ok(sent)
}

/// Refuses a client that does not fit its server or its siblings, under the variants that mind. To be called in the
/// transaction that writes it; `id` is its own.
pub(crate) fn check(
    variants: &Variants,
    records: &Records<'_>,
    project: &str,
    server: &str,
    id: &str,
    body: &Map<String, Value>,
) -> Result<(), Problem> {
    if variants.client_scopes() == ClientScopes::Checked
        || variants.client_callbacks() == ClientCallbacks::Checked
    {
        let stored = records.server(project, server)?.ok_or_else(|| Problem::server_not_found(server))?;
        let approved = approved_scopes::names(&stored.body);
        if variants.client_scopes() == ClientScopes::Checked
            && texts(body, "scopes").any(|scope| !approved.contains(&scope))
        {
            return Err(Problem::refused("scopes must be among those that the MCP server approves"));
        }
        let approved: Vec<_> = texts(&stored.body, "approvedCallbackUrls").collect();
        if variants.client_callbacks() == ClientCallbacks::Checked
            && !approved.is_empty()
            && texts(body, "approvedCallbackUrls").any(|url| !approved.contains(&url))
        {
            return Err(Problem::refused(
                "approvedCallbackUrls must be among those that the MCP server approves",
            ));
        }
    }
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    if variants.duplicate_names() == DuplicateNames::Reject
        && has_namesake(records, project, server, id, name)?
    {
        return Err(Problem::duplicate_name());
    }
    Ok(())
}

fn has_namesake(
    records: &Records<'_>,
    project: &str,
    server: &str,
    id: &str,
    name: &str,
) -> Result<bool, StoreError> {
    // Two, since one of them may be the client itself.
    let query = ClientQuery { name_is: Some(name.to_owned()), limit: 2, ..ClientQuery::default() };
    let found = records.search_clients(project, server, &query)?;
    Ok(found.is_some_and(|page| page.clients.iter().any(|row| row.id != id)))
}

fn texts<'a>(record: &'a Map<String, Value>, member: &str) -> impl Iterator<Item = &'a str> {
    record.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The rule of an update: the sent members take the place of the stored ones, those that were left out are cleared,
/// unknown ones included; only the name, which a client cannot be without, stays if it was left out. Assumed:
/// documents do not say whether members that were left out are kept; `--variant client-update=patch` keeps them.
pub(crate) fn update(
    rules: Rules<'_>,
    stored: &Map<String, Value>,
    mut sent: Map<String, Value>,
) -> Result<Map<String, Value>, Problem> {
    if sent.get("name").is_none_or(Value::is_null)
        && let Some(name) = stored.get("name")
    {
        sent.insert(String::from("name"), name.clone());
    }
    if rules.variants.client_update() == ClientUpdate::Patch {
        rules.forms.client.forget_nulls(&mut sent);
        for (member, value) in stored {
            sent.entry(member.as_str()).or_insert_with(|| value.clone());
        }
    }
    accept(rules, sent)
}

/// The record as it is answered: with every member, and never with the secret.
pub(crate) fn view(rules: Rules<'_>, server_id: &str, client: ClientRow) -> Value {
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
    rules.forms.client.complete(&mut record, rules.variants.absent());
    Value::Object(record)
}
