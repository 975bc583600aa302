//! A step with its references resolved: the request to send, and what its answer shows. No I/O here.

use std::hash::{BuildHasher, RandomState};

use serde_json::{Value, json};

use crate::{
    authorization_server::{WebRequest, client_credentials},
    exchange::Exchange,
    json::Members,
    model::{Knowledge, Life, Model, Record},
    plan::{Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, ServerLabel, Step, WhichSecret},
    spec,
};

/// A secret that no target gives out.
const INVENTED_SECRET: &str = "AnInventedSecretThatNoClientWasEverGiven123";

/// How the name of a client record or server ends whose creation must be refused.
pub const REFUSED_NAME: &str = " must be refused";

/// A step with its references resolved against a model.
#[derive(Debug, Clone)]
pub struct Call {
    /// The step.
    pub step: Step,
    /// What to send.
    pub request: Request,
}

/// What to send.
#[derive(Clone)]
pub enum Request {
    /// A management operation, by its operationId, with a JSON body.
    Management(&'static str, Value),
    /// A request to an authorization server.
    Web(WebRequest),
}

// By hand: a token request holds a secret.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Management(operation, body) => write!(f, "{operation} {body}"),
            Self::Web(request) => request.fmt(f),
        }
    }
}

/// A record that an answer shows: its id and members.
#[derive(Debug, Clone, Copy)]
pub enum Sighting<'a> {
    /// A server.
    Server(&'a str, &'a Members),
    /// A client record.
    Client(&'a str, &'a Members),
}

/// What marks the things that one run makes, so that they can be told from everything else on the target.
#[derive(Debug, Clone)]
pub struct RunMark {
    /// Put before every name.
    pub prefix: String,
    /// A well-formed server id that this run made up, so that nobody ever created it.
    pub unmade_server_id: String,
}

/// What every prefix begins with.
const PREFIX_WORD: &str = "conformance-";
/// Hexadecimal digits after it.
const PREFIX_DIGITS: usize = 16;

impl RunMark {
    /// The mark of a new run. It is random, so that two runs of one seed do not take each other's records for their own.
    pub fn new(seed: u64) -> Self {
        let nonce = RandomState::new().hash_one("prefix");
        Self {
            prefix: format!("{PREFIX_WORD}{nonce:0PREFIX_DIGITS$x}"),
            unmade_server_id: format!("MS0000000{seed:020}"),
        }
    }

    /// Whether a text has the form of a prefix: `conformance-` and 16 hexadecimal digits.
    pub fn is_prefix(text: &str) -> bool {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        text.strip_prefix(PREFIX_WORD)
            .is_some_and(|digits| digits.len() == PREFIX_DIGITS && digits.bytes().all(digit))
    }

    /// Whether a name was given by the run with that prefix: it begins with it as a whole word.
    pub fn is_borne_by(prefix: &str, name: &str) -> bool {
        name.strip_prefix(prefix).is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace))
    }

    fn mark(&self, body: &Members) -> Members {
        let mut body = body.clone();
        let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
        body.insert("name".into(), format!("{} {name}", self.prefix).into());
        body
    }
}

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

    /// The members of the record as this request sends them; empty for a request that sends no record.
    pub fn sent_record(&self) -> Members {
        let Request::Management(operation, body) = &self.request else { return Members::new() };
        let record = match *operation {
            "UpdateMcpServer" => &body["server"],
            "CreateMcpServer" | "CreateMcpServerClient" | "UpdateMcpServerClient" => body,
            _ => return Members::new(),
        };
        record.as_object().cloned().unwrap_or_default()
    }

    /// The members of the record as this request sends them, without those that the document does not know: whether a
    /// target keeps these is open.
    pub fn sent_documented(&self) -> Members {
        let Request::Management(operation, _) = &self.request else { return Members::new() };
        let known = match *operation {
            "CreateMcpServer" | "UpdateMcpServer" => &spec::SERVER_MEMBERS,
            _ => &spec::CLIENT_MEMBERS,
        };
        self.sent_record().into_iter().filter(|(name, _)| known.contains(name)).collect()
    }

    /// The records that a successful answer shows.
    pub fn sightings<'a>(&self, exchange: &'a Exchange) -> Vec<Sighting<'a>> {
        let Some(body) = exchange.success() else { return Vec::new() };
        let many = |member: &str| body[member].as_array().map(Vec::as_slice).unwrap_or_default();
        let (servers, clients): (&[Value], &[Value]) = match self.step.action {
            Action::CreateServer { .. } | Action::UpdateServer { .. } | Action::LoadServer { .. } => {
                (std::slice::from_ref(&body["server"]), &[])
            }
            Action::LoadAllServers => (many("servers"), &[]),
            Action::UpdateClient { .. } | Action::LoadClient { .. } => {
                (&[], std::slice::from_ref(&body["client"]))
            }
            Action::SearchClients { .. } => (&[], many("clients")),
            _ => (&[], &[]),
        };
        let shown = |record: &'a Value| Some((record.get("id")?.as_str()?, record.as_object()?));
        let servers = servers.iter().filter_map(shown).map(|(id, members)| Sighting::Server(id, members));
        servers
            .chain(clients.iter().filter_map(shown).map(|(id, members)| Sighting::Client(id, members)))
            .collect()
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
    fn every_run_has_a_prefix_of_its_own_and_of_one_form() {
        let (one, two) = (RunMark::new(1).prefix, RunMark::new(1).prefix);
        assert!(RunMark::is_prefix(&one) && RunMark::is_prefix(&two));
        assert_ne!(one, two);
        for other in ["", "conformance-", "conformance-0", "conformance-0123456789ABCDEF", "0123456789abcdef"]
        {
            assert!(!RunMark::is_prefix(other), "{other}");
        }
    }

    #[test]
    fn a_server_that_may_have_unknown_clients_is_not_deleted_by_a_plan() {
        let mut story = Story::default().with_server(S1, json!({})).with_server(S2, json!({}));
        story.model.servers_with_possible_orphans.insert(S1);
        let resolve = |action: Action| Call::resolve(&action.into(), &story.model, &RunMark::new(1));
        assert!(resolve(Action::DeleteServer { server: S1 }).is_none());
        assert!(resolve(Action::DeleteServers { servers: vec![S1, S2] }).is_none());
        assert!(resolve(Action::DeleteServer { server: S2 }).is_some());
    }

    #[test]
    fn a_prefix_is_borne_as_a_whole_word_at_the_beginning() {
        let prefix = "conformance-0123456789abcdef";
        for ours in ["conformance-0123456789abcdef", "conformance-0123456789abcdef name"] {
            assert!(RunMark::is_borne_by(prefix, ours), "{ours}");
        }
        for other in ["", "conformance-0123456789abcdef0", " conformance-0123456789abcdef", "conformance-"] {
            assert!(!RunMark::is_borne_by(prefix, other), "{other}");
        }
    }
}
