//! A target that takes an id although it is only nearly right is told to do that, whatever the request did with the record,
//! and the plan that shows it is cut down to a few steps.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "embedded")]

#[allow(dead_code, unreachable_pub, reason = "this program needs some of these helpers")]
#[path = "mutants/misbehave.rs"]
mod misbehave;
mod support;

use std::collections::BTreeSet;
use std::sync::Mutex;

use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::plan::{
    Action, ClientLabel, Fault, Filter, LoadBy, Near, Plan, ServerLabel, TokenAuth, WhichSecret,
};
use descope_mcp_conformance::report::{Failure, Report, Verdict};
use descope_mcp_conformance::run::settings::{Profile, Settings};
use descope_mcp_conformance::run::{self, Source};
use descope_mcp_conformance::wire::stop::Stop;
use misbehave::{Answered, Asked, Misbehave};
use serde_json::{Map, Value, json};
use support::settings;

/// The properties of ids that are nearly right.
const NEAR_IDS: [&str; 2] =
    ["malformed/refuses-a-near-miss-of-an-id", "malformed/refuses-an-id-with-a-blank"];

/// Most steps of a plan that shows one: a server, its client, the request, and a look at what it did.
const MAX_STEPS: usize = 4;

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);

/// Takes what is nearly the id of a record for the id, in requests for one operation.
struct TakesNearIds {
    operation: &'static str,
    pointer: &'static str,
    near: Near,
    known: Mutex<BTreeSet<String>>,
}

impl Misbehave for TakesNearIds {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let known = self.known.lock().unwrap();
        if asked.is(self.operation)
            && let Some(Value::String(id)) = asked.body.pointer_mut(self.pointer)
            && !known.contains(id)
            && let Some(meant) = known.iter().find(|known| self.near.to(known) == *id)
        {
            id.clone_from(meant);
        }
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let ids = ["/server/id", "/id", "/clientId"].map(|pointer| answer.body.pointer(pointer).cloned());
        if asked.path.ends_with("create") {
            let ids = ids.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned));
            self.known.lock().unwrap().extend(ids);
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Every operation that takes an id, by the end of its path, with a request for it and the places of ids in it.
fn operations() -> Vec<(&'static str, Action, &'static [&'static str])> {
    let both: &[&str] = &["/id", "/mcpServerId"];
    let tags = || object(json!({"tags": ["nearly"]}));
    vec![
        ("server/load", Action::LoadServer { server: S1 }, &["/id"]),
        ("server/update", Action::UpdateServer { server: S1, set: tags(), omit: vec![] }, &["/server/id"]),
        ("server/delete", Action::DeleteServer { server: S1 }, &["/id"]),
        ("servers/delete", Action::DeleteServers { servers: vec![S1] }, &["/ids/0"]),
        (
            "server/client/create",
            Action::CreateClient { client: C2, server: S1, body: object(json!({"name": "nearly"})) },
            &["/mcpServerId"],
        ),
        ("server/client/load", Action::LoadClient { client: C1, by: LoadBy::Id }, both),
        ("server/client/update", Action::UpdateClient { client: C1, set: tags(), omit: vec![] }, both),
        ("server/client/delete", Action::DeleteClient { client: C1 }, both),
        (
            "server/clients/delete",
            Action::DeleteClients { server: S1, clients: vec![C1] },
            &["/ids/0", "/mcpServerId"],
        ),
        (
            "server/clients/search",
            Action::SearchClients { server: S1, filter: Filter::default() },
            &["/mcpServerId"],
        ),
        ("server/client/secret", Action::GetSecret { client: C1 }, both),
        ("server/client/secret/rotate", Action::RotateSecret { client: C1 }, both),
    ]
}

/// A plan that asks with an id that is nearly right, and then for all that the request may have changed.
fn plan(action: Action, pointer: &str, near: Near) -> Plan {
    let token = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic };
    let load = Action::LoadClient { client: C1, by: LoadBy::Id };
    let description = || object(json!({"description": "changed"}));
    Plan::named("nearly right")
        .then(Action::CreateServer { server: S1, body: object(json!({"tags": ["one"]})) })
        .then(Action::CreateServer { server: S2, body: object(json!({"description": "two"})) })
        .then(Action::CreateClient { client: C1, server: S1, body: object(json!({"name": "one"})) })
        .then(Action::LoadServer { server: S1 })
        .then(load.clone())
        .then(Action::GetSecret { client: C1 })
        .then_wrongly(Fault::NearId(pointer.to_owned(), near), action)
        .then(Action::LoadAllServers)
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(Action::GetSecret { client: C1 })
        .then(token)
        .then(load.clone())
        .then(Action::LoadServer { server: S1 })
        .then(Action::UpdateServer { server: S1, set: description(), omit: vec![] })
        .then(Action::UpdateServer { server: S2, set: description(), omit: vec![] })
        .then(Action::LoadServer { server: S2 })
        .then(load)
        .then(Action::RotateSecret { client: C1 })
        .then(Action::DeleteClient { client: C1 })
        .then(Action::DeleteServer { server: S1 })
}

fn cut_down(failure: &Failure) -> String {
    serde_json::to_value(failure.cut_down).unwrap().as_str().unwrap().to_owned()
}

async fn run(embedded: &Embedded, plan: Plan) -> Report {
    let settings = settings(embedded.target(), Profile::Smoke, 0, Profile::Smoke.requests());
    let settings = Settings { shrinking: 100, ..settings };
    let (plans, stop) = ([plan], Stop::default());
    support::report(run::run_plans(&settings, Source::Replay(&plans), &stop, |_| ()).await.unwrap())
}

#[tokio::test]
async fn what_a_request_with_a_nearly_right_id_did_is_one_fault_and_shown_by_a_few_steps() {
    let mut wrong = Vec::new();
    for (operation, action, pointers) in operations() {
        for pointer in pointers {
            for near in [Near::Shorter, Near::AnotherCase, Near::Blank] {
                let behaviour = TakesNearIds { operation, pointer, near, known: Mutex::default() };
                let wrap = |router| misbehave::wrap(router, Box::new(behaviour));
                let embedded = Embedded::start_wrapped(wrap).await.unwrap();
                let report = run(&embedded, plan(action.clone(), pointer, near)).await;
                let causes: Vec<_> = report.causes().collect();
                let is_told = match causes.as_slice() {
                    [one] => one.failure.as_ref().is_some_and(|failure| {
                        let expected = NEAR_IDS[usize::from(near == Near::Blank)];
                        one.id == expected
                            && failure.steps.len() <= MAX_STEPS
                            && cut_down(failure) == "finished"
                    }),
                    _ => false,
                };
                if !is_told {
                    let told = causes.iter().map(|cause| {
                        let failure = cause.failure.as_ref().unwrap();
                        let (actual, steps) = (&failure.actual, &failure.steps);
                        format!("{}: {actual}, {}: {steps:#?}", cause.id, cut_down(failure))
                    });
                    let told = told.collect::<Vec<_>>().join("\n  ");
                    wrong.push(format!("{operation} with {pointer} {near}:\n  {told}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are told otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_deletion_by_a_nearly_right_id_that_deletes_nothing_hides_no_other_fault() {
    // It acknowledges whatever deletion finds nothing, and shows a wrong secret.
    let behaviour = misbehave::after(|asked: &Asked, answer: &mut Answered| {
        if asked.is("server/delete") && answer.status == 404 {
            *answer = Answered::json(200, json!({}));
        }
        if asked.is("server/client/secret") {
            *answer = Answered::json(200, json!({"cleartext": "not the secret"}));
        }
    });
    let embedded = Embedded::start_wrapped(|router| misbehave::wrap(router, behaviour)).await.unwrap();
    let report = run(&embedded, plan(Action::DeleteServer { server: S1 }, "/id", Near::AnotherCase)).await;
    let failed: Vec<_> =
        report.properties.iter().filter(|one| one.verdict == Verdict::Fail).map(|one| &one.id).collect();
    assert!(failed.iter().any(|id| id.starts_with("client/secret/")), "{failed:?}");
    assert!(!failed.iter().any(|id| NEAR_IDS.contains(id)), "{failed:?}");
}
