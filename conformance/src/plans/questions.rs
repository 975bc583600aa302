//! What only a request made for it shows of the questions that documents leave open. Nothing here has a right answer;
//! what other plans show anyway is not asked again.

use serde_json::json;

use super::members;
use crate::plan::ask::{Ask, CodeRequest, RESOURCE, Redemption, RefreshToken};
use crate::plan::probe::Probe;
use crate::plan::{Action, ClientLabel, Filter, FilterBy, LoadBy, Plan, ServerLabel};
use crate::plans::authorization::find_registered;

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const S4: ServerLabel = ServerLabel(4);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);
const C3: ClientLabel = ClientLabel(3);
const C4: ClientLabel = ClientLabel(4);
const C5: ClientLabel = ClientLabel(5);
const C6: ClientLabel = ClientLabel(6);

/// The id of a flow that asks for consent, and the address of a page that hosts it.
pub(crate) const CONSENT_FLOW: [&str; 2] = ["inbound-apps-conformance", "https://login.example.com/consent"];
/// A login page with a flow that does not ask for consent.
pub(crate) const OTHER_FLOW: &str = "https://login.example.com/?flow=sign-up-or-in";

/// Searches, members that only creations take, what a rotation does to tokens, and deletions.
pub(crate) fn plan() -> Plan {
    let probe = |probe| Action::Probe { client: C1, probe };
    let found = Filter { like: Some(C1), by: vec![FilterBy::ClientId], ..Filter::default() };
    let client = json!({
        "name": "asked about",
        "tags": ["labelled-like-this"],
        "scopes": ["tools:use"],
        "approvedCallbackUrls": ["https://client.example.com/callback"],
    });
    let mut plan = Plan::named("open questions")
        .then(Action::CreateServer {
            server: S1,
            body: members(json!({
                "name": "asked about",
                "approvedScopes": {"permissionsScopes": [{"name": "tools:use", "description": "Use the tools"}]},
                "audienceWhitelist": [RESOURCE],
                "dynamicRegistration": {"enabled": true},
                "skipConsentScreen": true,
            })),
        })
        .then(Action::CreateServer {
            server: S2,
            body: members(json!({
                "name": "with a consent flow",
                "consentFlowId": CONSENT_FLOW[0],
                "consentFlowHostingURL": CONSENT_FLOW[1],
            })),
        })
        .then(Action::CreateServer {
            server: S3,
            body: members(json!({
                "name": "with another flow",
                "loginPageURL": OTHER_FLOW,
                "approvedCallbackUrls": ["https://server.example.com/callback"],
            })),
        })
        .then(Action::CreateServer { server: S4, body: members(json!({"name": "asked about"})) })
        .then(Action::CreateClient { client: C1, server: S1, body: members(client) })
        .then(Action::CreateClient { client: C2, server: S1, body: members(json!({"name": "asked about"})) })
        .then(Action::CreateClient {
            client: C5,
            server: S3,
            body: members(json!({
                "name": "with a URL that its server does not approve",
                "approvedCallbackUrls": ["https://client.example.com/callback"],
            })),
        })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        // Until it is found rightly, it cannot be found otherwise.
        .then(Action::SearchClients { server: S1, filter: found });
    for asked in [
        Probe::PartOfName,
        Probe::NameInCapitals,
        Probe::PartOfTag,
        Probe::TagAsText,
        Probe::ClientIdAsText,
        Probe::LimitBeyondAll,
        Probe::UnknownOrder,
    ] {
        plan = plan.then(probe(asked));
    }
    for field in ["clientId", "status", "registrationType"] {
        plan = plan.then(probe(Probe::OrderBy(field.to_owned())));
    }
    plan.then(Action::Ask(Ask::TokenForResource { client: C1 }))
        .then(Action::Ask(Ask::Code { client: C1, how: CodeRequest::Rightly }))
        .then(Action::Ask(Ask::Redeem { client: C1, how: Redemption::Rightly }))
        .then(Action::RotateSecret { client: C1 })
        .then(Action::Ask(Ask::Refresh { client: C1, token: RefreshToken::Newest }))
        .then(Action::Ask(Ask::Refresh { client: C1, token: RefreshToken::Spent }))
        .then(Action::Ask(Ask::RegisterConfidential { client: C3, server: S1 }))
        .then(find_registered(C3))
        .then(Action::Ask(Ask::CodeOfRegistered { client: C3, wrongly: true }))
        .then(Action::Ask(Ask::CodeOfRegistered { client: C3, wrongly: false }))
        .then(Action::Ask(Ask::RegisterForItself { client: C4, server: S1 }))
        .then(find_registered(C4))
        .then(Action::DeleteClient { client: C2 })
        .then(Action::DeleteClient { client: C2 })
        // Only where the clients of a deleted server are in reach is a server deleted that has some.
        .then(Action::CreateClient {
            client: C6,
            server: S4,
            body: members(json!({"name": "deleted first"})),
        })
        .then(Action::DeleteClient { client: C6 })
        .then(Action::SearchClients { server: S4, filter: Filter::default() })
        .then(Action::DeleteServer { server: S4 })
        .then(Action::SearchClients { server: S4, filter: Filter::default() })
        .then(Action::DeleteClients { server: S4, clients: vec![C6] })
        .then(Action::DeleteServer { server: S1 })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
}
