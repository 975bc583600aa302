//! From a step with symbolic references to the request that is sent, by what the model knows. No I/O here.

pub mod authorization_server;
mod probe;

use serde_json::{Value, json};

use crate::{
    call::authorization_server::client_credentials,
    json::Members,
    model::{Knowledge, Life, Model, Record},
    plan::{Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, ServerLabel, Step, WhichSecret},
    wire::call::{Call, REFUSED_NAME, Request, RunMark},
};

/// A secret that no target gives out.
const INVENTED_SECRET: &str = "AnInventedSecretThatNoClientWasEverGiven123";

impl Call {
    /// Resolves a step. `None` if its subject was never made, or is not known well enough to ask.
    pub fn resolve(step: &Step, model: &Model, mark: &RunMark) -> Option<Self> {
        let server_id = |label: &ServerLabel| model.servers.get(label).map(|record| &record.id);
        let known = |label: &ClientLabel| model.clients.get(label).filter(|client| !client.awaits_its_id());
        let body = match &step.action {
            Action::CreateServer { body, .. } => Value::Object(mark.mark(body)),
            Action::UpdateServer { server, set, omit } => {
                let record = model.servers.get(server)?;
                json!({ "server": changed(record, set, omit, mark)? })
            }
            // If its clients outlive it, nothing leads any more to those that the plan has no id of.
            Action::DeleteServer { server } if model.may_have_orphans(*server) => return None,
            Action::LoadServer { server } | Action::DeleteServer { server } => {
                json!({ "id": server_id(server)? })
            }
            Action::LoadUnmadeServer => json!({ "id": mark.unmade_server_id }),
            Action::DeleteServers { servers } => {
                if servers.iter().any(|server| model.may_have_orphans(*server)) {
                    return None;
                }
                let ids: Vec<_> = servers.iter().filter_map(server_id).collect();
                if ids.is_empty() {
                    return None;
                }
                json!({ "ids": ids })
            }
            Action::LoadAllServers => json!({}),
            Action::CreateClient { server, body, .. } => {
                if !model.servers.get(server)?.is_alive() {
                    return None;
                }
                let mut body = mark.mark(body);
                body.insert("mcpServerId".into(), server_id(server)?.clone().into());
                Value::Object(body)
            }
            Action::UpdateClient { client, set, omit } => {
                let client = known(client)?;
                let mut body = changed(&client.record, set, omit, mark)?;
                // These are in the record and not in the request.
                for member in ["clientId", "registrationType", "status"] {
                    body.remove(member);
                }
                body.insert("mcpServerId".into(), server_id(&client.server)?.clone().into());
                Value::Object(body)
            }
            Action::LoadClient { client, by } => {
                let client = known(client)?;
                let server = server_id(&client.server)?;
                match by {
                    LoadBy::Id => json!({ "id": client.record.id, "mcpServerId": server }),
                    LoadBy::ClientId => json!({ "clientId": client.client_id, "mcpServerId": server }),
                }
            }
            Action::SearchClients { server, filter } => search_body(server_id(server)?, filter, model)?,
            Action::Probe { client, probe } => {
                let client = known(client)?;
                probe.body(server_id(&client.server)?, client)?
            }
            Action::DeleteClients { server, clients } => {
                let belongs =
                    |label: &&_| model.clients.get(label).is_some_and(|client| client.server == *server);
                let ids: Vec<_> =
                    clients.iter().filter(belongs).filter_map(known).map(|c| &c.record.id).collect();
                if ids.is_empty() {
                    return None;
                }
                json!({ "ids": ids, "mcpServerId": server_id(server)? })
            }
            Action::DeleteClient { client }
            | Action::GetSecret { client }
            | Action::RotateSecret { client } => {
                let client = known(client)?;
                json!({ "id": client.record.id, "mcpServerId": server_id(&client.server)? })
            }
            Action::Ask(ask) => {
                return Some(Self { step: step.clone(), request: Request::Web(ask.request(model, mark)?) });
            }
            Action::RequestToken { client, secret, method } => {
                let client = known(client)?;
                if client.record.life == Life::Unknown || !client.secret_is_known {
                    return None;
                }
                let mut newest_first = client.secrets.iter().rev();
                let secret = match secret {
                    WhichSecret::Current => newest_first.next()?.clone(),
                    WhichSecret::BeforeRotation => newest_first.nth(1)?.clone(),
                    WhichSecret::BeforeTwoRotations => newest_first.nth(2)?.clone(),
                    WhichSecret::Invented => INVENTED_SECRET.to_owned(),
                };
                let server_id = server_id(&client.server)?;
                let request = client_credentials(server_id, &client.client_id, secret, *method);
                let request = Request::Web(request);
                return Some(Self { step: step.clone(), request });
            }
        };
        let operation = step.action.operation()?;
        let body = match &step.fault {
            Some(fault) => spoil(body, fault, step, model)?,
            None => body,
        };
        Some(Self { step: step.clone(), request: Request::Management(operation, body) })
    }
}

/// Puts what is wrong into a body. `None` if the body has no place for it.
fn spoil(mut body: Value, fault: &Fault, step: &Step, model: &Model) -> Option<Value> {
    // A creation that should have been refused can be told by its name from those that should not.
    if step.action.is_creation()
        && let Some(Value::String(name)) = body.get_mut("name")
    {
        let prefix = name.split(' ').next().unwrap_or_default();
        *name = format!("{prefix}{REFUSED_NAME}");
    }
    match fault {
        Fault::Without(pointer) => {
            let (parent, member) = pointer.rsplit_once('/')?;
            body.pointer_mut(parent)?.as_object_mut()?.remove(member)?;
        }
        Fault::Null(pointer) => *body.pointer_mut(pointer)? = Value::Null,
        Fault::WrongType(pointer) => {
            let member = body.pointer_mut(pointer)?;
            *member = if member.is_string() { json!({ "not": "a text" }) } else { "only a text".into() };
        }
        Fault::ThroughAnotherServer(server) => {
            let other = model.servers.get(server).filter(|record| record.is_alive())?;
            let member = body.get_mut("mcpServerId")?;
            if *member == *other.id {
                return None;
            }
            *member = other.id.clone().into();
        }
        _ => {}
    }
    Some(body)
}

fn changed(record: &Record, set: &Members, omit: &[String], mark: &RunMark) -> Option<Members> {
    let mut body = match &record.knowledge {
        Knowledge::Seen(members) | Knowledge::Sent(members) => members.clone(),
        Knowledge::OneOf(_) | Knowledge::Unknown => return None,
    };
    let set = if set.contains_key("name") { mark.mark(set) } else { set.clone() };
    body.extend(set);
    body.retain(|name, _| !omit.contains(name));
    body.insert("id".into(), record.id.clone().into());
    Some(body)
}

fn search_body(server_id: &str, filter: &Filter, model: &Model) -> Option<Value> {
    let mut body = json!({ "mcpServerId": server_id });
    for by in &filter.by {
        let client = model.clients.get(&filter.like?)?;
        let value = match by {
            FilterBy::ClientId => Value::from(client.client_id.as_str()),
            FilterBy::Tag => client.record.seen()?.get(by.member())?.get(0)?.clone(),
            _ => client.record.seen()?.get(by.member())?.clone(),
        };
        // An empty filter means no filter.
        if value.as_str().is_some_and(|text| !text.is_empty()) {
            body[by.parameter()] = value;
        }
    }
    if let Some(page) = filter.page {
        body["page"] = page.into();
    }
    if let Some(limit) = filter.limit {
        body["limit"] = limit.into();
    }
    if let Some(sort) = &filter.sort {
        body["sort"] = json!([{ "field": sort.field, "desc": sort.descending }]);
    }
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::{S1, S2, Story};

    #[test]
    fn a_server_that_may_have_unknown_clients_is_not_deleted_by_a_plan() {
        let mut story = Story::default().with_server(S1, json!({})).with_server(S2, json!({}));
        story.model.servers_with_possible_orphans.insert(S1);
        let resolve = |action: Action| Call::resolve(&action.into(), &story.model, &RunMark::new(1));
        assert!(resolve(Action::DeleteServer { server: S1 }).is_none());
        assert!(resolve(Action::DeleteServers { servers: vec![S1, S2] }).is_none());
        assert!(resolve(Action::DeleteServer { server: S2 }).is_some());
    }
}
