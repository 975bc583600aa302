//! Parts of the bodies that actions send, by what the model knows.

use serde_json::{Value, json};

use crate::json::Members;
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::{ClientRecord, Knowledge, Model, Record};
use crate::wire::run_mark::RunMark;

/// The id of a server, if it was ever created.
pub(super) fn server_id(server: ServerLabel, model: &Model) -> Option<&str> {
    model.servers.get(&server).map(|record| record.id.as_str())
}

/// A client record, if its id is known.
pub(super) fn known_client(client: ClientLabel, model: &Model) -> Option<&ClientRecord> {
    model.clients.get(&client).filter(|client| !client.awaits_its_id())
}

/// These members with the name marked, and with one that is still free.
pub(super) fn marked(body: &Members, model: &Model, mark: &RunMark) -> Members {
    mark.mark(body, |name| model.taken_names.contains(name))
}

/// The body of an operation on one client record.
pub(super) fn client_body(client: ClientLabel, model: &Model) -> Option<Value> {
    let client = known_client(client, model)?;
    Some(json!({ "id": client.record.id, "mcpServerId": server_id(client.server, model)? }))
}

/// A record as last seen, with these members set and those left out. `None` if it is not known what it holds.
pub(super) fn changed(
    record: &Record,
    set: &Members,
    omit: &[String],
    model: &Model,
    mark: &RunMark,
) -> Option<Members> {
    let mut body = match &record.knowledge {
        Knowledge::Seen(members) | Knowledge::Sent(members) => members.clone(),
        Knowledge::OneOf(_) | Knowledge::Unknown => return None,
    };
    let set = if set.contains_key("name") { marked(set, model, mark) } else { set.clone() };
    body.extend(set);
    body.retain(|name, _| !omit.contains(name));
    body.insert("id".into(), record.id.clone().into());
    Some(body)
}
