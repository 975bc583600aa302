use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::*;
use crate::{
    plan::{LoadBy, Step},
    story::{C1, S1, Story, client, object, server},
};

fn seen(story: &mut Story, action: Action, status: u16, body: Value) -> Vec<(&'static str, String)> {
    story.observe(action.into(), status, body)
}

#[test]
fn ids_are_unique_and_questions_are_questions() {
    let ids: BTreeSet<_> = ALL.iter().map(|observation| observation.id).collect();
    assert_eq!(ids.len(), ALL.len());
    assert!(ALL.iter().all(|observation| observation.question.ends_with('?')));
}

#[test]
fn a_bare_creation_shows_the_defaults_and_the_form_of_ids() {
    let record = server(S1, json!({"loginPageURL": "https://a", "tags": []}));
    let create = Action::CreateServer { server: S1, body: object(json!({})) };
    let seen = seen(&mut Story::default(), create, 200, json!({ "server": record }));
    assert!(seen.contains(&("server/id-form", "MS".to_owned())), "{seen:?}");
    assert!(seen.contains(&("server/defaults", "loginPageURL".to_owned())), "{seen:?}");
}

#[test]
fn a_refusal_is_described_by_its_status_and_code() {
    let body = json!({"errorCode": "E112", "errorMessage": "no secret-1 here"});
    let seen = seen(&mut Story::default(), Action::LoadUnmadeServer, 404, body);
    assert_eq!(seen, [("errors/unknown-server", "status 404, E112".to_owned())]);
}

#[test]
fn each_kind_of_wrong_request_has_an_answer_of_its_own() {
    let story = Story::default().with_server(S1, json!({}));
    let load = Action::LoadServer { server: S1 };
    for (fault, id) in [
        (Fault::Without("/id".to_owned()), "errors/missing-member"),
        (Fault::Null("/id".to_owned()), "errors/null-member"),
        (Fault::WrongType("/id".to_owned()), "errors/member-of-another-type"),
        (Fault::CutOff, "errors/cut-off-body"),
        (Fault::AnotherContentType, "errors/another-content-type"),
        (Fault::NoKey, "errors/no-key"),
        (Fault::WrongKey, "errors/wrong-key"),
        (Fault::WrongScheme, "errors/another-scheme"),
        (Fault::WrongProject, "errors/another-project"),
    ] {
        let step = Step { fault: Some(fault), ..load.clone().into() };
        let seen = story.clone().observe(step, 400, json!({"errorCode": "E1"}));
        assert_eq!(seen, [(id, "status 400, E1".to_owned())]);
    }
}

#[test]
fn members_beyond_the_document_are_kept_dropped_or_refused() {
    let create = Action::CreateServer { server: S1, body: object(json!({UNKNOWN_MEMBER: 1})) };
    let kept = json!({"server": server(S1, json!({UNKNOWN_MEMBER: 1}))});
    let dropped = json!({"server": server(S1, json!({}))});
    let refused = json!({"errorCode": "E1"});
    for (status, body, expected) in
        [(200, kept, "kept"), (200, dropped, "dropped"), (400, refused, "refused: status 400, E1")]
    {
        let seen = seen(&mut Story::default(), create.clone(), status, body);
        assert!(seen.contains(&("server/unknown-members", expected.to_owned())), "{seen:?}");
    }
}

#[test]
fn a_registration_shows_its_status_and_whether_there_is_a_secret() {
    let register = Action::Ask(Ask::Register { client: C1, server: S1 });
    for (body, expected) in [
        (json!({"client_id": "c"}), "no"),
        (json!({"client_id": "c", "client_secret": "x"}), "yes, and no time is said"),
        (json!({"client_id": "c", "client_secret": "x", "client_secret_expires_at": 0}), "yes, for ever (0)"),
        (json!({"client_id": "c", "client_secret": "x", "client_secret_expires_at": 9}), "yes, until a time"),
    ] {
        let mut story = Story::default().with_server(S1, json!({}));
        let seen = seen(&mut story, register.clone(), 201, body);
        assert!(seen.contains(&("registration/answer", "status 201".to_owned())), "{seen:?}");
        assert!(seen.contains(&("registration/public-secret", expected.to_owned())), "{seen:?}");
    }
}

#[test]
fn an_update_without_a_member_shows_whether_it_is_kept() {
    let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({"tags": ["a"]}));
    let update = Action::UpdateClient { client: C1, set: object(json!({})), omit: vec!["tags".to_owned()] };
    for (after, expected) in [(json!({"tags": ["a"]}), "kept"), (json!({}), "cleared")] {
        let body = json!({"client": client(C1, S1, after)});
        let seen = seen(&mut story.clone(), update.clone(), 200, body);
        assert_eq!(seen, [("client/update-without-members", expected.to_owned())]);
    }
}

#[test]
fn a_client_of_a_deleted_server_shows_whether_it_went_along() {
    let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
    story.step(Action::DeleteServer { server: S1 }, 200, json!({}));
    let load = Action::LoadClient { client: C1, by: LoadBy::Id };
    let seen = seen(&mut story, load, 404, json!({"errorCode": "E1"}));
    assert_eq!(seen, [("delete/clients-of-a-server", "no: status 404, E1".to_owned())]);
}

#[test]
fn the_claims_of_a_token_are_described_and_not_quoted() {
    let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
    let claims = json!({"iss": "https://a/v1/apps/agentic/P1/MS1", "aud": ["c1", "P1"], "scope": "x"});
    let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let ask = Action::RequestToken {
        client: C1,
        secret: WhichSecret::Current,
        method: crate::plan::TokenAuth::Basic,
    };
    let seen = seen(&mut story, ask, 200, json!({ "access_token": token }));
    let expected = [
        ("token/issuer", "a URL that ends in the server's id"),
        ("token/audience", "a list of the client id and the project id"),
        ("token/scope", "as a text"),
    ];
    assert_eq!(seen, expected.map(|(id, answer)| (id, answer.to_owned())));
}
