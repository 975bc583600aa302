//! What a run does, before any id exists: steps with symbolic references.
//!
//! A plan says "server 1" and "client 2", never `MS…`. It can therefore be generated before a request is sent, cut down
//! while shrinking, written to a file and replayed against another target. A step whose subject was never made (because
//! shrinking removed its creation, or the server refused it) is skipped.

pub mod ask;
pub mod probe;
pub mod subjects;

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    json::Members,
    plan::{ask::Ask, probe::Probe},
    text::shorten,
};

/// The n-th server that a plan makes, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerLabel(pub u16);

/// The n-th client record that a plan makes, counted from 1 over all servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientLabel(pub u16);

impl fmt::Display for ServerLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "server {}", self.0)
    }
}

impl fmt::Display for ClientLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {}", self.0)
    }
}

/// Steps to take in order, each judged by every property that applies to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Where it came from: the name of a curated plan, or `generated`.
    pub name: String,
    /// What to do.
    pub steps: Vec<Step>,
}

/// One request to the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What is asked.
    pub action: Action,
    /// What is wrong with how it is asked, if anything: such a request must be refused and change nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Neighbouring steps with the same number are sent at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u8>,
}

/// A request by what it means, with symbolic references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are named by what they hold")]
pub enum Action {
    /// `CreateMcpServer` with this body; the run's prefix is put before the name.
    CreateServer { server: ServerLabel, body: Members },
    /// `UpdateMcpServer`: the record as last seen, with these members set and those left out.
    UpdateServer { server: ServerLabel, set: Members, omit: Vec<String> },
    /// `LoadMcpServer`.
    LoadServer { server: ServerLabel },
    /// `LoadMcpServer` for a well-formed id that nobody ever made.
    LoadUnmadeServer,
    /// `DeleteMcpServer`.
    DeleteServer { server: ServerLabel },
    /// `DeleteMcpServers`.
    DeleteServers { servers: Vec<ServerLabel> },
    /// `LoadAllMcpServers`.
    LoadAllServers,
    /// `CreateMcpServerClient` with this body; the run's prefix is put before the name.
    CreateClient { client: ClientLabel, server: ServerLabel, body: Members },
    /// `UpdateMcpServerClient`: the record as last seen, with these members set and those left out.
    UpdateClient { client: ClientLabel, set: Members, omit: Vec<String> },
    /// `LoadMcpServerClient`.
    LoadClient { client: ClientLabel, by: LoadBy },
    /// `SearchMcpServerClients` on this server.
    SearchClients { server: ServerLabel, filter: Filter },
    /// `SearchMcpServerClients` on the client's server, in a way that documents leave open.
    Probe { client: ClientLabel, probe: Probe },
    /// `DeleteMcpServerClient`.
    DeleteClient { client: ClientLabel },
    /// `DeleteMcpServerClients`; clients that belong to another server are left out.
    DeleteClients { server: ServerLabel, clients: Vec<ClientLabel> },
    /// `GetMcpServerClientSecret`.
    GetSecret { client: ClientLabel },
    /// `RotateMcpServerClientSecret`.
    RotateSecret { client: ClientLabel },
    /// A request to the authorization server, without a management key.
    Ask(Ask),
    /// A `client_credentials` request to the server's token endpoint.
    RequestToken { client: ClientLabel, secret: WhichSecret, method: TokenAuth },
}

/// Which identifier a client record is loaded by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBy {
    /// The record's `id` (`TPA…`).
    Id,
    /// The OAuth `client_id`.
    ClientId,
}

/// A search: each named member is filtered by the value that the given client record was last seen with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// The client record whose values are looked for; `None` searches without filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<ClientLabel>,
    /// The filters to use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<FilterBy>,
    /// Which page, counted from 0; `None` leaves it to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Most client records per page; `None` leaves it to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The order of the result, if one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
}

/// An order of search results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// The member of client records to sort by.
    pub field: String,
    /// Whether it runs backwards.
    pub descending: bool,
}

/// A filter of `SearchMcpServerClients` whose exact value must match in every reading of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "named as the filters are")]
pub enum FilterBy {
    ClientId,
    Name,
    Status,
    RegistrationMethod,
    Tag,
    /// Searched for with the client record's whole name.
    Text,
}

/// Which of a client's secrets a token request uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhichSecret {
    /// The one that the last answer gave.
    Current,
    /// The one before the last rotation.
    BeforeRotation,
    /// The one before the last two rotations.
    BeforeTwoRotations,
    /// One that the target never gave out.
    Invented,
}

/// How a token request authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenAuth {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}

/// A way to ask wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// No `Authorization` header.
    NoKey,
    /// The right project with a key that is not its key.
    WrongKey,
    /// The right project and key with the scheme `Basic`.
    WrongScheme,
    /// The right key with the id of a project that it is not of.
    WrongProject,
    /// The member at this JSON pointer left out.
    Without(String),
    /// `null` for the member at this JSON pointer.
    Null(String),
    /// A value of another JSON type for the member at this JSON pointer.
    WrongType(String),
    /// A body whose last character is missing.
    CutOff,
    /// A content type that is not JSON's.
    AnotherContentType,
    /// The id of this server in place of the one that the client record belongs to.
    ThroughAnotherServer(ServerLabel),
}

impl Plan {
    /// A plan without steps.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), steps: Vec::new() }
    }

    /// Maximum number of requests that it sends when nothing gets in the way, clean-up included: a server that was given
    /// clients is emptied of them, and searched, before it is deleted.
    pub fn max_requests(&self) -> u64 {
        let actions = || self.steps.iter().map(|step| &step.action);
        let with_clients: BTreeSet<_> = actions().filter_map(Action::gives_a_client_to).collect();
        let registered =
            actions().filter(|action| matches!(action, Action::Ask(_))).filter_map(Action::gives_a_client_to);
        let with_registered: BTreeSet<_> = registered.collect();
        (self.steps.len() + 2 * with_clients.len() + with_registered.len() + 1) as u64
    }

    /// Adds a well-formed step.
    #[must_use]
    pub fn then(mut self, action: Action) -> Self {
        self.steps.push(action.into());
        self
    }

    /// Adds well-formed steps that are sent at the same time.
    #[must_use]
    pub fn then_at_once(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        let number =
            self.steps.iter().filter_map(|step| step.at_once).max().map_or(1, |last| last.wrapping_add(1));
        self.steps.extend(actions.into_iter().map(|action| Step { at_once: Some(number), ..action.into() }));
        self
    }

    /// Adds a step that must be refused.
    #[must_use]
    pub fn then_wrongly(mut self, fault: Fault, action: Action) -> Self {
        self.steps.push(Step { fault: Some(fault), ..action.into() });
        self
    }
}

impl From<Action> for Step {
    /// The step that asks for it rightly, by itself.
    fn from(action: Action) -> Self {
        Self { action, fault: None, at_once: None }
    }
}

impl Action {
    /// Whether it asks for many records at once.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::LoadAllServers | Self::SearchClients { .. })
    }

    /// Whether it makes a record.
    pub fn is_creation(&self) -> bool {
        matches!(self, Self::CreateServer { .. } | Self::CreateClient { .. })
    }

    /// The server that may have one client more afterwards.
    pub fn gives_a_client_to(&self) -> Option<ServerLabel> {
        match self {
            Self::CreateClient { server, .. }
            | Self::Ask(
                Ask::Register { server, .. }
                | Ask::RegisterConfidential { server, .. }
                | Ask::RegisterForItself { server, .. },
            ) => Some(*server),
            _ => None,
        }
    }

    /// The servers that it deletes.
    pub fn deletes_servers(&self) -> &[ServerLabel] {
        match self {
            Self::DeleteServer { server } => std::slice::from_ref(server),
            Self::DeleteServers { servers } => servers,
            _ => &[],
        }
    }

    /// The operation that it calls, or `None` for the authorization server, which has no management operations.
    pub fn operation(&self) -> Option<&'static str> {
        Some(match self {
            Self::CreateServer { .. } => "CreateMcpServer",
            Self::UpdateServer { .. } => "UpdateMcpServer",
            Self::LoadServer { .. } | Self::LoadUnmadeServer => "LoadMcpServer",
            Self::DeleteServer { .. } => "DeleteMcpServer",
            Self::DeleteServers { .. } => "DeleteMcpServers",
            Self::LoadAllServers => "LoadAllMcpServers",
            Self::CreateClient { .. } => "CreateMcpServerClient",
            Self::UpdateClient { .. } => "UpdateMcpServerClient",
            Self::LoadClient { .. } => "LoadMcpServerClient",
            Self::SearchClients { .. } | Self::Probe { .. } => "SearchMcpServerClients",
            Self::DeleteClient { .. } => "DeleteMcpServerClient",
            Self::DeleteClients { .. } => "DeleteMcpServerClients",
            Self::GetSecret { .. } => "GetMcpServerClientSecret",
            Self::RotateSecret { .. } => "RotateMcpServerClientSecret",
            Self::Ask(_) | Self::RequestToken { .. } => return None,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.at_once {
            write!(f, "at the same time ({number}): ")?;
        }
        self.action.fmt(f)?;
        match &self.fault {
            None => Ok(()),
            Some(fault) => write!(f, ", {fault}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("without a key"),
            Self::WrongKey => f.write_str("with a wrong key"),
            Self::WrongScheme => f.write_str("with the key by the scheme Basic"),
            Self::WrongProject => f.write_str("with the key for another project"),
            Self::Without(member) => write!(f, "without {member}"),
            Self::Null(member) => write!(f, "with null for {member}"),
            Self::WrongType(member) => write!(f, "with a value of the wrong type for {member}"),
            Self::CutOff => f.write_str("with a body that is cut off"),
            Self::AnotherContentType => f.write_str("with a content type that is not JSON's"),
            Self::ThroughAnotherServer(server) => write!(f, "naming {server}"),
        }
    }
}

impl Fault {
    /// Whether the request lacks the right to be answered, whatever it asks.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::NoKey | Self::WrongKey | Self::WrongScheme | Self::WrongProject)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateServer { server, body } => write!(f, "create {server}{}", with(body)),
            Self::UpdateServer { server, set, omit } => {
                write!(f, "update {server}{}{}", with(set), without(omit))
            }
            Self::LoadServer { server } => write!(f, "load {server}"),
            Self::LoadUnmadeServer => f.write_str("load a server that nobody made"),
            Self::DeleteServer { server } => write!(f, "delete {server}"),
            Self::DeleteServers { servers } => write!(f, "delete {} in bulk", list(servers)),
            Self::LoadAllServers => f.write_str("load all servers"),
            Self::CreateClient { client, server, body } => {
                write!(f, "create {client} of {server}{}", with(body))
            }
            Self::UpdateClient { client, set, omit } => {
                write!(f, "update {client}{}{}", with(set), without(omit))
            }
            Self::LoadClient { client, by: LoadBy::Id } => write!(f, "load {client}"),
            Self::LoadClient { client, by: LoadBy::ClientId } => {
                write!(f, "load {client} by its OAuth client id")
            }
            Self::SearchClients { server, filter } => {
                write!(f, "search the clients of {server}{filter}")
            }
            Self::Probe { client, probe } => write!(f, "search for {client} {probe}"),
            Self::DeleteClient { client } => write!(f, "delete {client}"),
            Self::DeleteClients { server, clients } => {
                write!(f, "delete {} of {server} in bulk", list(clients))
            }
            Self::GetSecret { client } => write!(f, "read the secret of {client}"),
            Self::RotateSecret { client } => write!(f, "rotate the secret of {client}"),
            Self::Ask(ask) => ask.fmt(f),
            Self::RequestToken { client, secret, method } => {
                let secret = match secret {
                    WhichSecret::Current => "its secret",
                    WhichSecret::BeforeRotation => "its secret from before the rotation",
                    WhichSecret::BeforeTwoRotations => "its secret from before the last two rotations",
                    WhichSecret::Invented => "a secret that it was never given",
                };
                let method = match method {
                    TokenAuth::Basic => "Basic",
                    TokenAuth::Post => "form",
                };
                write!(f, "ask for a token as {client} with {secret} ({method})")
            }
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(client) = self.like.filter(|_| !self.by.is_empty()) {
            let names: Vec<_> = self.by.iter().map(|by| by.parameter()).collect();
            write!(f, " by the {} of {client}", names.join(" and "))?;
        }
        if let Some(Sort { field, descending }) = &self.sort {
            write!(f, ", sorted by {field}{}", if *descending { " backwards" } else { "" })?;
        }
        if let Some(page) = self.page {
            write!(f, ", page {page}")?;
        }
        self.limit.map_or(Ok(()), |limit| write!(f, ", {limit} per page"))
    }
}

impl FilterBy {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ClientId, Self::Name, Self::Status, Self::RegistrationMethod, Self::Tag, Self::Text];

    /// The member of the search request.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::ClientId => "clientId",
            Self::Name => "name",
            Self::Status => "status",
            Self::RegistrationMethod => "registrationMethod",
            Self::Tag => "tag",
            Self::Text => "text",
        }
    }

    /// The member of the client record that it is compared with.
    pub fn member(self) -> &'static str {
        match self {
            Self::RegistrationMethod => "registrationType",
            Self::Tag => "tags",
            Self::Text => "name",
            other => other.parameter(),
        }
    }
}

fn with(members: &Members) -> String {
    let shown: Vec<_> = members
        .iter()
        .map(|(name, value)| format!("{name} {}", shorten(&value.to_string(), LONGEST_QUOTE)))
        .collect();
    if shown.is_empty() { String::new() } else { format!(" with {}", shown.join(", ")) }
}

fn without(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" leaving out {}", names.join(", ")) }
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

/// Longest value that a sentence quotes, in characters.
const LONGEST_QUOTE: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn members(value: serde_json::Value) -> Members {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_step_reads_as_a_sentence() {
        let plan = Plan::named("a")
            .then(Action::CreateServer { server: ServerLabel(1), body: members(json!({"tags": [""]})) })
            .then_wrongly(
                Fault::NoKey,
                Action::DeleteServers { servers: vec![ServerLabel(1), ServerLabel(2)] },
            );
        assert_eq!(plan.steps[0].to_string(), "create server 1 with tags [\"\"]");
        assert_eq!(plan.steps[1].to_string(), "delete server 1 and server 2 in bulk, without a key");
    }

    #[test]
    fn a_long_value_is_cut_and_its_length_said() {
        let action = Action::CreateServer {
            server: ServerLabel(1),
            body: members(json!({"name": "x".repeat(10_000)})),
        };
        assert!(action.to_string().ends_with("… (10002 characters)"), "{action}");
    }

    #[test]
    fn a_plan_survives_being_written_to_a_file() {
        let plan = Plan::named("a").then(Action::SearchClients {
            server: ServerLabel(1),
            filter: Filter {
                like: Some(ClientLabel(2)),
                by: FilterBy::ALL.to_vec(),
                page: Some(0),
                limit: Some(2),
                sort: Some(Sort { field: "name".into(), descending: true }),
            },
        });
        let plan = plan.then_wrongly(
            Fault::ThroughAnotherServer(ServerLabel(2)),
            Action::GetSecret { client: ClientLabel(2) },
        );
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}
