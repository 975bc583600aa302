use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::documented::UNKNOWN_MEMBER;
use crate::plan::ask::{Ask, CodeRequest, RESOURCE, Redemption, RefreshToken};
use crate::plan::{Filter, LoadBy, Step, TokenAuth, WhichSecret};
use crate::plans::questions;
use crate::story::{C1, C2, S1, S2, Story, client, object, server};

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
fn a_registration_for_its_own_tokens_shows_whether_the_grant_is_given() {
    let register = Action::Ask(Ask::RegisterForItself { client: C1, server: S1 });
    let grants = |grants: &[&str]| json!({"client_id": "c", "grant_types": grants});
    for (status, body, expected) in [
        (201, grants(&["authorization_code", "client_credentials"]), "yes"),
        (201, grants(&["authorization_code"]), "no, the grant is left out"),
        (201, json!({"client_id": "c"}), "the answer names no grants"),
        (400, json!({"error": "invalid_client_metadata"}), "refused: status 400, invalid_client_metadata"),
    ] {
        let mut story = Story::default().with_server(S1, json!({}));
        let seen = seen(&mut story, register.clone(), status, body);
        assert!(seen.contains(&("registration/client-credentials", expected.to_owned())), "{seen:?}");
    }
}

#[test]
fn a_page_for_a_client_that_registered_itself_shows_that_nothing_goes_to_its_redirect_uri() {
    let story = Story::default().with_server(S1, json!({}));
    let story = story.with_client(C1, S1, json!({"approvedCallbackUrls": ["https://c.example/cb"]}));
    for (wrongly, status, id, expected) in [
        (true, 400, "registration/early-errors", "nowhere: status 400"),
        (false, 200, "registration/consent", "no: status 200"),
    ] {
        let ask = Action::Ask(Ask::CodeOfRegistered { client: C1, wrongly });
        let seen = seen(&mut story.clone(), ask, status, json!(null));
        assert_eq!(seen, [(id, expected.to_owned())]);
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
    let ask = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic };
    let seen = seen(&mut story, ask, 200, json!({ "access_token": token }));
    let expected = [
        ("token/issuer", "a URL that ends in the server's id"),
        ("token/audience", "a list of the client id and the project id"),
        ("token/scope", "as a text"),
    ];
    assert_eq!(seen, expected.map(|(id, answer)| (id, answer.to_owned())));
}

/// A token with these claims and no signature.
fn token(claims: &Value) -> String {
    format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[test]
fn a_second_record_of_one_name_is_taken_or_refused() {
    let named = object(json!({"name": "a"}));
    let create = |server| Action::CreateServer { server, body: named.clone() };
    let mut story = Story::default();
    let shown = |label| json!({"server": server(label, json!({"name": "t a"}))});
    let first = seen(&mut story, create(S1), 200, shown(S1));
    assert!(first.iter().all(|(id, _)| *id != "server/same-name"), "{first:?}");
    let second = seen(&mut story.clone(), create(S2), 200, shown(S2));
    assert!(second.contains(&("server/same-name", "yes".to_owned())), "{second:?}");
    let refused = seen(&mut story, create(S2), 400, json!({"errorCode": "E113011"}));
    assert!(refused.contains(&("server/same-name", "no: status 400, E113011".to_owned())), "{refused:?}");

    let create = |client| Action::CreateClient { client, server: S1, body: named.clone() };
    let made = json!({"id": "TPA1", "clientId": "c1", "cleartext": "a-secret-of-the-first"});
    let first = seen(&mut story, create(C1), 200, made);
    assert!(first.iter().all(|(id, _)| *id != "client/same-name"), "{first:?}");
    let refused = seen(&mut story, create(C2), 400, json!({"errorCode": "E113011"}));
    assert_eq!(refused, [("client/same-name", "no: status 400, E113011".to_owned())]);
}

#[test]
fn a_consent_flow_is_looked_for_in_the_login_page() {
    let [flow, page] = questions::CONSENT_FLOW;
    let body = object(json!({"consentFlowId": flow, "consentFlowHostingURL": page}));
    for (shown, expected) in [
        (json!({"loginPageURL": format!("{page}?flow={flow}")}), "they become loginPageURL"),
        (json!({"loginPageURL": page}), "the address is loginPageURL"),
        (json!({"loginPageURL": format!("https://own.example/?flow={flow}")}), "the flow is in loginPageURL"),
        (json!({"consentFlowId": flow}), "they are shown as they are"),
        (json!({}), "no answer shows them"),
    ] {
        let create = Action::CreateServer { server: S1, body: body.clone() };
        let seen = seen(&mut Story::default(), create, 200, json!({"server": server(S1, shown)}));
        assert!(seen.contains(&("server/consent-flow", expected.to_owned())), "{seen:?}");
    }
    let body = object(json!({"loginPageURL": questions::OTHER_FLOW}));
    let create = Action::CreateServer { server: S1, body };
    let refused = seen(&mut Story::default(), create.clone(), 400, json!({"errorCode": "E102005"}));
    assert_eq!(refused, [("server/login-flow", "refused: status 400, E102005".to_owned())]);
    for (shown, expected) in [
        (questions::OTHER_FLOW, "it is taken as it is"),
        ("https://login.example.com/?flow=consent", "it is replaced"),
        ("", "it is dropped"),
    ] {
        let mut story = Story::default();
        let body = json!({"server": server(S1, json!({"loginPageURL": shown}))});
        let judged = story.clone().step(create.clone(), 200, body.clone());
        judged.keeps("server/create/returns-what-was-sent");
        let seen = seen(&mut story, create.clone(), 200, body);
        assert!(seen.contains(&("server/login-flow", expected.to_owned())), "{seen:?}");
    }
}

#[test]
fn a_client_id_shows_what_it_is_made_of() {
    for (client_id, expected) in [
        ("UDE6VFBBMSM=", "base64 of two parts and #"),
        ("UDE6VFBBMQ", "base64 of two parts"),
        ("VFBBMQ==", "base64 of something else"),
        ("c-1", "something else"),
    ] {
        let create = Action::CreateClient { client: C1, server: S1, body: object(json!({})) };
        let made = json!({"id": "TPA1", "clientId": client_id, "cleartext": "a-secret-of-the-first"});
        let mut story = Story::default().with_server(S1, json!({}));
        let seen = seen(&mut story, create, 200, made);
        assert!(seen.contains(&("client/id-form", expected.to_owned())), "{seen:?}");
        assert!(seen.contains(&("client/secret-storage", "no-store".to_owned())), "{seen:?}");
    }
}

#[test]
fn a_probe_shows_whether_the_client_is_found_that_was_looked_for() {
    let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({})).with_client(
        C2,
        S1,
        json!({}),
    );
    let known = client(C1, S1, json!({"name": "of a client", "tags": ["tag"]}));
    story.step(Action::LoadClient { client: C1, by: LoadBy::Id }, 200, json!({ "client": known }));
    let probe = Action::Probe { client: C1, probe: Probe::PartOfName };
    let lagging = json!({"clients": [], "total": 0});
    assert_eq!(seen(&mut story.clone(), probe, 200, lagging), []);
    let search = Action::SearchClients { server: S1, filter: Filter::default() };
    story.step(search, 200, json!({"clients": [known], "total": 2}));
    let found = |of| json!({"clients": [client(of, S1, json!({}))], "total": 1});
    for (probe, id) in [
        (Probe::PartOfName, "search/part-of-name"),
        (Probe::NameInCapitals, "search/name-in-capitals"),
        (Probe::PartOfTag, "search/part-of-tag"),
        (Probe::TagAsText, "search/tag-as-text"),
        (Probe::ClientIdAsText, "search/client-id-as-text"),
    ] {
        let probe = Action::Probe { client: C1, probe };
        let see = |status, body| seen(&mut story.clone(), probe.clone(), status, body);
        assert_eq!(see(200, found(C1)), [(id, "yes".to_owned())]);
        assert_eq!(see(200, found(C2)), [(id, "no".to_owned())]);
        assert_eq!(see(400, json!({"errorCode": "E1"})), [(id, "no: status 400, E1".to_owned())]);
    }
}

#[test]
fn limits_and_orders_are_taken_or_refused() {
    let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
    let see = |probe, status| {
        let probe = Action::Probe { client: C1, probe };
        seen(&mut story.clone(), probe, status, json!({"clients": [], "total": 0, "errorCode": "E1"}))
    };
    let limit = "search/limit-beyond-all";
    assert_eq!(see(Probe::LimitBeyondAll, 200), [(limit, "it is taken, or cut down in silence".to_owned())]);
    assert_eq!(see(Probe::LimitBeyondAll, 400), [(limit, "refused: status 400, E1".to_owned())]);
    assert_eq!(see(Probe::UnknownOrder, 200), [("search/unknown-order", "it is ignored".to_owned())]);
    assert_eq!(
        see(Probe::UnknownOrder, 400),
        [("search/unknown-order", "refused: status 400, E1".to_owned())]
    );
    let by_status = || Probe::OrderBy("status".to_owned());
    assert_eq!(see(by_status(), 200), [("search/orders", "status".to_owned())]);
    assert_eq!(see(by_status(), 400), [("search/orders", "not status: status 400, E1".to_owned())]);
}

#[test]
fn a_total_is_that_of_all_pages_or_of_one() {
    let mut story = Story::default().with_server(S1, json!({}));
    story = story.with_client(C1, S1, json!({})).with_client(C2, S1, json!({}));
    let all = json!({"clients": [client(C1, S1, json!({})), client(C2, S1, json!({}))], "total": 2});
    let search = |limit| Action::SearchClients { server: S1, filter: Filter { limit, ..Filter::default() } };
    story.step(search(None), 200, all);
    for (total, expected) in [(2, "what matches, on all pages"), (1, "what the page holds")] {
        let body = json!({"clients": [client(C1, S1, json!({}))], "total": total});
        let seen = seen(&mut story.clone(), search(Some(1)), 200, body);
        assert!(seen.contains(&("search/total", expected.to_owned())), "{seen:?}");
    }
}

#[test]
fn the_audience_of_a_token_for_a_resource_may_be_the_resource() {
    let ask = Action::Ask(Ask::TokenForResource { client: C1 });
    let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
    for (audience, expected) in [
        (json!(RESOURCE), "the resource"),
        (json!(["c1", RESOURCE]), "a list of the client id and the resource"),
    ] {
        let body = json!({"access_token": token(&json!({"aud": audience}))});
        let seen = seen(&mut story.clone(), ask.clone(), 200, body);
        assert!(seen.contains(&("token/audience-of-resource", expected.to_owned())), "{seen:?}");
    }
}

#[test]
fn a_refusal_of_the_token_endpoint_has_one_form_or_the_other() {
    let ask = Action::RequestToken { client: C1, secret: WhichSecret::Invented, method: TokenAuth::Basic };
    let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
    for (body, expected) in [
        (json!({"error": "invalid_client"}), "that of RFC 6749: status 401, invalid_client"),
        (json!({"errorCode": "E1"}), "that of the management API: status 401, E1"),
        (json!({}), "another: status 401 without errorCode"),
    ] {
        let seen = seen(&mut story.clone(), ask.clone(), 401, body);
        assert_eq!(seen, [("token/error-form", expected.to_owned())]);
    }
}

#[test]
fn a_refresh_token_outlives_a_rotation_or_not() {
    let mut story = Story::default().with_server(S1, json!({})).with_client(
        C1,
        S1,
        json!({"approvedCallbackUrls": ["https://client.example.com/callback"]}),
    );
    let code = Ask::Code { client: C1, how: CodeRequest::Rightly };
    let location = [("location", "https://client.example.com/callback?code=the-code-of-a-test")];
    story.ask(code, 302, &location, Value::Null);
    let redeem = Action::Ask(Ask::Redeem { client: C1, how: Redemption::Rightly });
    let tokens = json!({"access_token": "a-token-of-a-test", "refresh_token": "a-refresh-token"});
    story.step(redeem, 200, tokens.clone());
    let refresh = Action::Ask(Ask::Refresh { client: C1, token: RefreshToken::Newest });
    let again = "token/refresh-again";
    let same = [(again, "yes: no new one replaces it".to_owned())];
    assert_eq!(seen(&mut story.clone(), refresh.clone(), 200, tokens), same);
    let tokens = json!({"access_token": "a-token-of-a-test", "refresh_token": "another-refresh-token"});
    let mut replaced = story.clone();
    assert_eq!(seen(&mut replaced, refresh.clone(), 200, tokens.clone()), []);
    let spent = Action::Ask(Ask::Refresh { client: C1, token: RefreshToken::Spent });
    let refused = json!({"error": "invalid_grant"});
    let no = [(again, "no: status 400, invalid_grant".to_owned())];
    assert_eq!(seen(&mut replaced.clone(), spent.clone(), 400, refused), no);
    assert_eq!(seen(&mut replaced, spent, 200, tokens.clone()), [(again, "yes".to_owned())]);
    story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": "the-second-secret"}));
    let id = "token/refresh-after-rotation";
    assert_eq!(seen(&mut story.clone(), refresh.clone(), 200, tokens), [(id, "yes".to_owned())]);
    let gone = json!({"error": "invalid_grant"});
    assert_eq!(seen(&mut story, refresh, 400, gone), [(id, "no: status 400, invalid_grant".to_owned())]);
}

#[test]
fn an_answer_that_may_hold_anything_is_not_quoted() {
    let refused = |code: &str| json!({"errorCode": code});
    for code in ["unknown token aVerySecretToken", "aTokenThatIsLongerThanAnyCodeOfAnApiIs", ""] {
        let seen = seen(&mut Story::default(), Action::LoadUnmadeServer, 404, refused(code));
        assert_eq!(seen, [("errors/unknown-server", "status 404, something that is no word".to_owned())]);
    }
    assert_eq!(seen(&mut Story::default(), Action::LoadUnmadeServer, 500, refused("E1")), []);
}
