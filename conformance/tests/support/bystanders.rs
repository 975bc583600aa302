//! Records of others on a target, and everything that the target shows of itself.

use descope_mcp_conformance::wire::pace::Pace;
use descope_mcp_conformance::wire::request::Request;
use descope_mcp_conformance::wire::sender::Sender;
use descope_mcp_conformance::wire::target::Target;
use serde_json::{Value, json};

/// Names that a run could take for its own.
const NAMES: [&str; 6] = [
    "bystander",
    "conformance",
    "conformance-",
    "conformance-test server of ours",
    "conformance-0123456789abcdef begun by somebody else",
    "not conformance-0123456789abcdef",
];

/// Most times that a request is sent on a target with faults.
const MAX_ATTEMPTS: u32 = 20;

/// Records of others, and a way to look at the target.
pub(crate) struct Bystanders {
    sender: Sender,
    /// Their client secrets.
    pub(crate) secrets: Vec<String>,
}

impl Bystanders {
    /// Nobody: only a way to look at the target.
    pub(crate) fn of(target: &Target) -> Self {
        Self { sender: Sender::new(target.clone(), Pace::new(0)).unwrap(), secrets: Vec::new() }
    }

    /// Makes servers with clients, with and without members that a run uses too.
    pub(crate) async fn settle(target: &Target) -> Self {
        let mut bystanders = Self::of(target);
        for name in NAMES {
            let server = json!({ "name": name, "tags": ["keep", "conformance"], "description": name });
            // What is refused was made by an earlier try, whose answer was lost, where names are unique.
            let Some(made) = bystanders.accepted("CreateMcpServer", server).await else { continue };
            for client in ["one", name] {
                let client = json!({ "name": client, "mcpServerId": made["server"]["id"], "tags": ["keep"] });
                let Some(made) = bystanders.accepted("CreateMcpServerClient", client).await else { continue };
                bystanders.secrets.push(made["cleartext"].as_str().unwrap().to_owned());
            }
        }
        bystanders
    }

    /// Every server, client and secret of the target, as it answers them.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let all = self.ask("LoadAllMcpServers", json!({})).await;
        let mut everything = vec![all.to_string()];
        for server in all["servers"].as_array().unwrap() {
            let found = self.ask("SearchMcpServerClients", json!({ "mcpServerId": server["id"] })).await;
            everything.push(found.to_string());
            for client in found["clients"].as_array().unwrap() {
                let of = json!({ "id": client["id"], "mcpServerId": server["id"] });
                // Some targets show a secret only once.
                let secret = self.accepted("GetMcpServerClientSecret", of).await;
                everything.push(secret.unwrap_or_default().to_string());
            }
        }
        everything
    }

    /// The ids of all servers.
    pub(crate) async fn servers(&self) -> Vec<String> {
        let all = self.ask("LoadAllMcpServers", json!({})).await;
        let ids = all["servers"].as_array().into_iter().flatten();
        ids.map(|server| server["id"].as_str().unwrap().to_owned()).collect()
    }

    /// How many clients a server has, which may be gone itself; none can be seen where the target does not show them.
    pub(crate) async fn clients_of(&self, server: &str) -> usize {
        let search = json!({ "mcpServerId": server });
        let found = self.sender.send(&Request::Management("SearchMcpServerClients", search), None).await;
        found.success().map_or(0, |body| body["clients"].as_array().map_or(0, Vec::len))
    }

    async fn ask(&self, operation: &'static str, body: Value) -> Value {
        self.accepted(operation, body).await.unwrap_or_else(|| panic!("{operation} is refused"))
    }

    /// The body of the answer; nothing if the request is refused.
    async fn accepted(&self, operation: &'static str, body: Value) -> Option<Value> {
        let request = Request::Management(operation, body);
        for _ in 0..MAX_ATTEMPTS {
            // On a target with faults something may be made more than once. It is there before the run, which is all that
            // matters here.
            let exchange = self.sender.send(&request, None).await;
            if let Some(body) = exchange.success() {
                return Some(body.clone());
            }
            if exchange.refusal().is_some() && !exchange.is_rate_limit() {
                return None;
            }
        }
        panic!("{operation} does not succeed")
    }
}
