//! What is sent for a step, and which records an answer to it shows. No I/O here.

use std::hash::{BuildHasher, RandomState};

use descope_mcp_operations::AUTHORIZATION_SERVER;
use serde_json::Value;

use super::exchange::Exchange;
use crate::{
    documented,
    json::Members,
    plan::{Action, Step},
};

/// What an endpoint's path says where the project id goes.
pub const PROJECT: &str = "{projectId}";

/// The grant that spends nothing.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

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

    pub(crate) fn mark(&self, body: &Members) -> Members {
        let mut body = body.clone();
        let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
        body.insert("name".into(), format!("{} {name}", self.prefix).into());
        body
    }
}

impl Call {
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
            "CreateMcpServer" | "UpdateMcpServer" => &documented::SERVER_MEMBERS,
            _ => &documented::CLIENT_MEMBERS,
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

/// A request to an authorization server, ready to be sent.
#[derive(Clone)]
pub struct WebRequest {
    /// Its operationId in the authorization server's document.
    pub operation: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below the target, with [`PROJECT`] where the project's id goes.
    pub path: String,
    /// The query, if it is one by method; else the form.
    pub parameters: Vec<(&'static str, String)>,
    /// A JSON body instead of a form.
    pub json: Option<Value>,
    /// Client id and secret for the scheme Basic.
    pub basic: Option<(String, String)>,
}

impl WebRequest {
    /// Whether it can be sent again without harm.
    pub fn is_idempotent(&self) -> bool {
        // The document cannot tell the grants of the token endpoint apart: only this one spends nothing.
        let spends_nothing =
            |(name, value): &(&str, String)| *name == "grant_type" && value == CLIENT_CREDENTIALS;
        self.parameters.iter().any(spends_nothing)
            || AUTHORIZATION_SERVER.find(self.operation).is_some_and(|operation| operation.idempotent)
    }
}

// By hand: parameters hold secrets.
impl std::fmt::Debug for WebRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
