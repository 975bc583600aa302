//! What the suite knows of an action: one value that every part of the suite decides by, so that none of them lists
//! actions. Each action states its own in `actions/`. No I/O here.

use serde_json::Value;

use crate::capability::Capability;
use crate::documented;
use crate::json::Members;
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::wire::exchange::{Answer, Exchange};
use crate::wire::fault::Fault;
use crate::wire::request::Request;

/// What an action is about, does and shows.
#[derive(Debug, Clone)]
pub struct Semantics<'a> {
    /// The operationId; `None` for requests to an authorization server, which has no management operations.
    pub operation: Option<&'static str>,
    /// The servers that the action names.
    pub servers: &'a [ServerLabel],
    /// The client records that the action names.
    pub clients: &'a [ClientLabel],
    /// The records that the answer is compared with besides those that the action names.
    pub compared_with: ComparedWith,
    /// The record in the request.
    pub sends: SentRecord,
    /// What the target does if it carries the request out, and what it tells besides records.
    pub effect: Effect<'a>,
    /// The records in a successful answer.
    pub shows: ShownRecords,
    /// The capabilities that the target may turn out to lack by how it answers.
    pub reveals: Reveals<'a>,
    /// Reads a successful answer as the typed client does, and writes it again. `None` if the answer has no members, or
    /// holds a secret, which the client never writes.
    pub round_trip: Option<RoundTrip>,
}

/// Capabilities that the answer to an action may show to be lacking.
#[derive(Debug, Clone, Copy)]
pub enum Reveals<'a> {
    /// These, whatever is sent.
    Always(&'static [Capability]),
    /// What the members that are sent may reveal. They are looked at only when somebody asks: actions are asked for their
    /// semantics with every property.
    BySent(&'a Members, fn(&Members) -> Vec<Capability>),
}

impl Reveals<'_> {
    /// All of them.
    pub fn capabilities(&self) -> Vec<Capability> {
        match self {
            Self::Always(capabilities) => capabilities.to_vec(),
            Self::BySent(members, revealed) => revealed(members),
        }
    }
}

/// Reads a body as the typed client does, and writes it again; else says why the client cannot read it.
pub(crate) type RoundTrip = fn(&Value) -> Result<Value, String>;

/// Records that an answer is compared with although the action does not name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparedWith {
    /// None.
    Nothing,
    /// Every server of the plan.
    AllServers,
    /// Every client record of this server.
    AllClientsOf(ServerLabel),
}

/// The record in a request, with the JSON pointer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentRecord {
    /// None.
    Nothing,
    /// A server.
    Server(&'static str),
    /// A client record.
    Client(&'static str),
}

/// The records in a successful answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownRecords {
    /// None.
    Nothing,
    /// This server, as `server`.
    Server(ServerLabel, Seen),
    /// This client record, as `client`.
    Client(ClientLabel, Seen),
    /// Any servers, as the list `servers`.
    Servers,
    /// Any client records, as the list `clients`.
    Clients,
}

/// What an answer with one record says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// What was just written.
    Written,
    /// What the target has stored.
    Loaded,
    /// The same, but reached by another way than its id. It is judged by what is known, and adds nothing to it.
    LoadedByAnotherWay,
}

impl ShownRecords {
    /// Whether the answer lists any number of records.
    pub fn is_list(self) -> bool {
        match self {
            Self::Servers | Self::Clients => true,
            Self::Nothing | Self::Server(..) | Self::Client(..) => false,
        }
    }
}

/// A request with what it means: all that the model has to know of it.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// What the action means.
    pub semantics: Semantics<'a>,
    /// What is wrong with how it is asked.
    pub fault: Option<&'a Fault>,
    /// What is sent.
    pub request: &'a Request,
}

/// A record in an answer: its id and members.
#[derive(Debug, Clone, Copy)]
pub enum Sighting<'a> {
    /// A server.
    Server(&'a str, &'a Members),
    /// A client record.
    Client(&'a str, &'a Members),
}

impl<'a> Sighting<'a> {
    /// Its id.
    pub fn id(&self) -> &'a str {
        match self {
            Self::Server(id, _) | Self::Client(id, _) => id,
        }
    }
}

impl<'a> Asked<'a> {
    /// The record in the request.
    pub fn sent(&self) -> Option<&'a Members> {
        let Request::Management(_, body) = self.request else { return None };
        match self.semantics.sends {
            SentRecord::Nothing => None,
            SentRecord::Server(pointer) | SentRecord::Client(pointer) => body.pointer(pointer)?.as_object(),
        }
    }

    /// The members of the record as this request sends them; empty for a request that sends no record.
    pub fn sent_record(&self) -> Members {
        self.sent().cloned().unwrap_or_default()
    }

    /// The same without members that the document does not know: whether a target keeps these is open.
    pub fn sent_documented(&self) -> Members {
        let known = match self.semantics.sends {
            SentRecord::Nothing => return Members::new(),
            SentRecord::Server(_) => &documented::SERVER_MEMBERS,
            SentRecord::Client(_) => &documented::CLIENT_MEMBERS,
        };
        self.sent_record().into_iter().filter(|(name, _)| known.contains(name)).collect()
    }

    /// Whether a success has a body that cannot be read, such as a page for people: it does not say whether the target has
    /// carried out what an operation asks for.
    pub fn is_unreadable(&self, exchange: &Exchange) -> bool {
        self.semantics.operation.is_some() && exchange.answer().is_some_and(Answer::is_unreadable)
    }

    /// Those of these clients that the request names by their ids: a step may be about others too, whose ids nobody knows.
    pub fn named(&self, clients: &[ClientLabel], model: &Model) -> Vec<ClientLabel> {
        let Request::Management(_, body) = self.request else { return Vec::new() };
        let names = |id: &str| {
            body["id"] == id || body["ids"].as_array().is_some_and(|ids| ids.iter().any(|named| named == id))
        };
        let is_named = |client: &&ClientLabel| {
            let client = model.clients.get(client).filter(|client| !client.awaits_its_id());
            client.is_some_and(|client| names(&client.record.id))
        };
        clients.iter().filter(is_named).copied().collect()
    }

    /// The records that a successful answer shows.
    pub fn sightings<'b>(&self, exchange: &'b Exchange) -> Vec<Sighting<'b>> {
        let Some(body) = exchange.success() else { return Vec::new() };
        let many = |member: &str| body[member].as_array().map(Vec::as_slice).unwrap_or_default();
        let (servers, clients): (&[Value], &[Value]) = match self.semantics.shows {
            ShownRecords::Nothing => (&[], &[]),
            ShownRecords::Server(..) => (std::slice::from_ref(&body["server"]), &[]),
            ShownRecords::Client(..) => (&[], std::slice::from_ref(&body["client"])),
            ShownRecords::Servers => (many("servers"), &[]),
            ShownRecords::Clients => (&[], many("clients")),
        };
        let shown = |record: &'b Value| Some((record.get("id")?.as_str()?, record.as_object()?));
        let servers = servers.iter().filter_map(shown).map(|(id, members)| Sighting::Server(id, members));
        servers
            .chain(clients.iter().filter_map(shown).map(|(id, members)| Sighting::Client(id, members)))
            .collect()
    }
}
