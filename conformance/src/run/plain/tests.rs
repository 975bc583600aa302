use super::*;
use crate::plan::{Action, FilterBy};
use crate::plan::{Fault, Filter, LoadBy, Plan, TokenAuth, WhichSecret};
use crate::story::{C1, S1, S2, Story};

fn members(value: Value) -> Members {
    value.as_object().unwrap().clone()
}

fn odd_server() -> Action {
    let body = members(json!({
        "name": "zero\u{200b}width",
        "description": "x".repeat(10_000),
        "approvedScopes": {"permissionsScopes": [{"name": "mcp:a"}, {"name": "Mcp:&<odd>"}]},
        "approvedCallbackUrls": ["https://app.example.com/callback", "https://app.example.com/A;b=c/~d?e=f"],
        "skipConsentScreen": true,
    }));
    Action::CreateServer { server: S1, body }
}

fn odd_client() -> Action {
    let body = members(json!({
        "name": "\u{1}",
        "scopes": ["Mcp:&<odd>", "mcp:a"],
        "approvedCallbackUrls": ["https://app.example.com/A;b=c/~d?e=f", "https://app.example.com/callback"],
        "tags": ["\u{2028}"],
    }));
    Action::CreateClient { client: C1, server: S1, body }
}

fn token() -> Action {
    Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic }
}

fn plain_body(action: Action, later: Plan, model: &Model) -> Option<Value> {
    let plain = instead_of(&action.into(), &later.steps, model, 7);
    assert!(plain.len() <= 1, "{plain:?}");
    plain.first()?.action.created().map(|body| Value::Object(body.clone()))
}

#[test]
fn a_record_that_only_a_deletion_needs_is_not_made_with_plain_values() {
    let model = &Model::default();
    let delete = Plan::named("a").then(Action::DeleteServer { server: S1 });
    assert_eq!(plain_body(odd_server(), delete, model), None);
    let other = Plan::named("a").then(Action::LoadServer { server: S2 });
    assert_eq!(plain_body(odd_server(), other, model), None);
    let asked_wrongly = Step { fault: Some(Fault::CutOff), ..odd_server().into() };
    let load = Plan::named("a").then(Action::LoadServer { server: S1 });
    assert_eq!(instead_of(&asked_wrongly, &load.steps, model, 7), []);
    assert_eq!(plain_body(odd_server(), load, model), Some(json!({"name": "plain 7"})));
    let through = Action::LoadClient { client: C1, by: LoadBy::Id };
    let through = Plan::named("a").then_wrongly(Fault::ThroughAnotherServer(S1), through);
    assert_eq!(plain_body(odd_server(), through, model), Some(json!({"name": "plain 7"})));
}

#[test]
fn what_codes_and_tokens_rely_on_stays_in_its_plain_form() {
    let later = Plan::named("a").then(odd_client()).then(token());
    let plain = plain_body(odd_server(), later, &Model::default()).unwrap();
    let expected = json!({
        "name": "plain 7",
        "approvedScopes": {"permissionsScopes": [{"name": "mcp:a", "description": "plain"}]},
        "approvedCallbackUrls": ["https://app.example.com/callback"],
        "skipConsentScreen": true,
    });
    assert_eq!(plain, expected);
    let approved = json!({
        "approvedScopes": plain["approvedScopes"], "approvedCallbackUrls": plain["approvedCallbackUrls"],
    });
    let story = Story::default().with_server(S1, approved);
    let later = Plan::named("a").then(token());
    let expected = json!({
        "name": "plain 7",
        "scopes": ["mcp:a"],
        "approvedCallbackUrls": ["https://app.example.com/callback"],
    });
    assert_eq!(plain_body(odd_client(), later, &story.model), Some(expected));
    let filter = Filter { like: Some(C1), by: vec![FilterBy::Tag], ..Filter::default() };
    let later = Plan::named("a").then(Action::SearchClients { server: S1, filter });
    assert_eq!(
        plain_body(odd_client(), later, &story.model),
        Some(json!({"name": "plain 7", "tags": ["plain"]}))
    );
}

#[test]
fn blanks_and_unknown_members_stay_until_they_are_refused_by_themselves() {
    let body =
        json!({"name": "\u{1} ", UNKNOWN_MEMBER: {"text": "\u{1}"}, "logo": "\u{1}", "tags": ["\u{1}"]});
    let odd = Step::from(Action::CreateServer { server: S1, body: members(body) });
    let update = Action::UpdateServer { server: S1, set: Members::new(), omit: vec!["logo".into()] };
    let plain = instead_of(&odd, &Plan::named("a").then(update).steps, &Model::default(), 7);
    let bodies: Vec<_> = plain.iter().filter_map(|step| step.action.created()).collect();
    let logo = "https://www.example.com/logo.png";
    assert_eq!(bodies.len(), 2);
    assert_eq!((&bodies[0]["name"], &bodies[0]["logo"]), (&json!("plain 7 "), &json!(logo)));
    assert!(bodies[0].contains_key(UNKNOWN_MEMBER));
    assert_eq!(*bodies[1], members(json!({"name": "plain 7", "logo": logo})));
}

#[test]
fn only_a_plain_name_alone_shows_that_no_server_can_be_made() {
    assert!(has_a_plain_name_alone(&members(json!({}))));
    assert!(has_a_plain_name_alone(&members(json!({"name": "plain 7"}))));
    assert!(!has_a_plain_name_alone(&members(json!({"name": "zero\u{200b}width"}))));
    assert!(!has_a_plain_name_alone(&members(json!({"name": "a", "tags": []}))));
}
