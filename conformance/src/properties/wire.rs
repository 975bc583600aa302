//! What every answer looks like, whatever was asked.

use serde_json::Value;

use crate::plan::Action;
use crate::properties::property::{Level, Moment, Property, Verdict};
use crate::wire::exchange::{Answer, Outcome};
use crate::wire::request::Request;

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "wire/answer-matches-the-document",
        sentence: "Every response of a management operation matches its schema in the API document, unless its status is one that gateways give (502, 503, 504, 520 to 524, 530) or it refuses a request of more than 96 KiB.",
        level: Level::Must,
        source: "documented: fact/published-document",
        needs: None,
        eventually: false,
        judge: answer_matches_the_document,
    },
    Property {
        id: "wire/content-type-is-json",
        sentence: "Every response of a management operation has the content type application/json, or application/problem+json if it is an error, unless its status is one that gateways give (502, 503, 504, 520 to 524, 530) or it refuses a request of more than 96 KiB.",
        level: Level::Should,
        source: "documented: fact/answers-are-json",
        needs: None,
        eventually: false,
        judge: content_type_is_json,
    },
    Property {
        id: "wire/refusal-has-an-error-code",
        sentence: "Every error response of a management operation with a status from 400 to 499 is an envelope with an errorCode, unless it refuses a request of more than 96 KiB; errors from 500 on are not judged.",
        level: Level::Should,
        source: "documented: fact/error-envelope",
        needs: None,
        eventually: false,
        judge: refusal_has_an_error_code,
    },
    Property {
        id: "wire/typed-client-loses-nothing",
        sentence: "The typed client can read every successful response, and loses no member when it writes the response again.",
        level: Level::Should,
        source: "assumed: fact/unknown-members",
        needs: None,
        eventually: false,
        judge: typed_client_loses_nothing,
    },
    Property {
        id: "wire/valid-requests-do-not-fail",
        sentence: "A valid request is not answered with a status of 500 or more each time that it is repeated; a status that gateways give (502, 503, 504, 520 to 524, 530) counts only if the target answers other requests.",
        level: Level::Must,
        source: "documented: fact/operations-are-posts; standard: fact/server-errors",
        needs: None,
        eventually: false,
        judge: valid_requests_do_not_fail,
    },
    Property {
        id: "wire/unmade-is-refused",
        sentence: "The target refuses to load a server that was never created.",
        level: Level::Should,
        source: "assumed: fact/unknown-is-refused",
        needs: None,
        eventually: false,
        judge: unmade_is_refused,
    },
];

/// The answer, if it surely is one of the API. What is in front of it refuses large requests in its own form.
fn own_answer<'a>(moment: &Moment<'a>) -> Option<&'a Answer> {
    let answer = moment.exchange.answer()?;
    (answer.is_success() || !moment.exchange.is_large()).then_some(answer)
}

fn answer_matches_the_document(moment: &Moment<'_>) -> Verdict {
    let (Request::Management(operation, _), Some(answer)) = (&moment.call.request, own_answer(moment)) else {
        return Verdict::DoesNotApply;
    };
    let Some(body) = &answer.json else {
        return Verdict::broken(
            "a JSON body",
            format!("status {} with a body that is no JSON", answer.status),
        );
    };
    let violations = moment.document.validate_response(operation, answer.status, body);
    match violations.first() {
        None => Verdict::Holds,
        Some(first) => Verdict::broken(
            format!("an answer as the document describes it for {operation}"),
            format!("{} (at {:?}, status {})", first.message, first.pointer, answer.status),
        ),
    }
}

fn content_type_is_json(moment: &Moment<'_>) -> Verdict {
    let (Request::Management(..), Some(answer)) = (&moment.call.request, own_answer(moment)) else {
        return Verdict::DoesNotApply;
    };
    let actual = answer.header("content-type").unwrap_or("missing");
    let essence = actual.split(';').next().unwrap_or_default().trim();
    // RFC 9457: a standard form of errors in JSON.
    let problem = !answer.is_success() && essence.eq_ignore_ascii_case("application/problem+json");
    Verdict::of(
        problem || essence.eq_ignore_ascii_case("application/json"),
        "content-type: application/json",
        actual,
    )
}

fn refusal_has_an_error_code(moment: &Moment<'_>) -> Verdict {
    let refusal = moment.exchange.refusal().and(own_answer(moment));
    let (Request::Management(..), Some(answer)) = (&moment.call.request, refusal) else {
        return Verdict::DoesNotApply;
    };
    let code = answer.json.as_ref().and_then(|body| body["errorCode"].as_str()).unwrap_or_default();
    Verdict::of(!code.is_empty(), "an errorCode", format!("status {} without one", answer.status))
}

fn typed_client_loses_nothing(moment: &Moment<'_>) -> Verdict {
    let (Request::Management(operation, _), Some(body)) = (&moment.call.request, moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(round_trip) = moment.call.step.action.semantics().round_trip else {
        return Verdict::DoesNotApply;
    };
    match round_trip(body) {
        Ok(written) => Verdict::from_comparison("the answer", crate::json::same(body, &written)),
        Err(error) => Verdict::broken(format!("an answer that the client reads as {operation}"), error),
    }
}

fn unmade_is_refused(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::LoadUnmadeServer), Some(answer)) = (moment.rightly(), moment.exchange.answer()) else {
        return Verdict::DoesNotApply;
    };
    let empty = answer.json.as_ref().is_some_and(|body| matches!(body["server"], Value::Null));
    Verdict::of(!answer.is_success() || empty, "a refusal", format!("status {} with a server", answer.status))
}

/// Once is not enough: the live service has failed occasionally (`fact/update-client-500`).
fn valid_requests_do_not_fail(moment: &Moment<'_>) -> Verdict {
    let (Some(action), Outcome::Answered(answer)) = (moment.rightly(), &moment.exchange.outcome) else {
        return Verdict::DoesNotApply;
    };
    let (Some(operation), failed) = (action.operation(), moment.exchange.failed_before) else {
        return Verdict::DoesNotApply;
    };
    // A gateway that answers is to blame only if it lets other requests through.
    let others = if answer.is_transient() { ", while other requests were answered" } else { "" };
    match (answer.status, failed) {
        (..500, _) => Verdict::Holds,
        (_, 0) => Verdict::DoesNotApply,
        (status, _) => Verdict::broken(
            format!("a status below 500, because the request for {operation} is as documented"),
            format!("status {status}, {} times in a row{others}", failed + 1),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, Step};
    use crate::story::{S1, Story, object, server};

    fn all(status: u16, content_type: &str, body: serde_json::Value) -> crate::story::Judged {
        let step = Step::from(Action::LoadAllServers);
        Story::default().take(step, status, content_type, body)
    }

    #[test]
    fn an_answer_has_the_documented_shape_and_is_called_json() {
        let good = all(200, "application/json; charset=utf-8", json!({"servers": [], "total": 0, "xNew": 1}));
        good.keeps("wire/answer-matches-the-document");
        good.keeps("wire/content-type-is-json");
        good.keeps("wire/typed-client-loses-nothing");
        all(200, "text/json", json!({"servers": []})).breaks("wire/content-type-is-json");
        let problem = "application/problem+json";
        all(200, problem, json!({"servers": []})).breaks("wire/content-type-is-json");
        all(400, problem, json!({"errorCode": "E1"})).keeps("wire/content-type-is-json");
        let judged = all(200, "application/json", json!({"servers": [], "total": "0"}));
        assert_eq!(judged.broken, ["wire/answer-matches-the-document", "wire/typed-client-loses-nothing"]);
    }

    #[test]
    fn a_refusal_has_a_code() {
        all(400, "application/json", json!({"errorCode": "E1"})).keeps("wire/refusal-has-an-error-code");
        all(400, "application/json", json!({"errorDescription": "no"}))
            .breaks("wire/refusal-has-an-error-code");
    }

    #[test]
    fn a_valid_request_may_fail_once_but_not_each_time() {
        let id = "wire/valid-requests-do-not-fail";
        let failed = |before| {
            let mut story = Story { failed_before: before, ..Story::default() };
            story.step(Action::LoadAllServers, 500, json!({"errorCode": "E1"}))
        };
        failed(0).does_not_judge(id);
        assert!(failed(2).broken.contains(&id));
        let mut recovered = Story { failed_before: 1, ..Story::default() };
        recovered.step(Action::LoadAllServers, 200, json!({"servers": []})).keeps(id);
    }

    #[test]
    fn a_server_that_nobody_made_is_not_there() {
        let load = |status, body| Story::default().step(Action::LoadUnmadeServer, status, body);
        load(404, json!({"errorCode": "E1"})).keeps("wire/unmade-is-refused");
        load(200, json!({"server": {"id": "MSnone"}})).breaks("wire/unmade-is-refused");
    }

    #[test]
    fn what_is_not_judged_is_said_in_the_rule() {
        let statuses = crate::wire::exchange::TRANSIENT_STATUSES;
        let said = |id: &str| super::ALL.iter().find(|property| property.id == id).unwrap().sentence;
        let each_status_is_said = |sentence: &str| {
            statuses
                .iter()
                .all(|status| (521..=523).contains(status) || sentence.contains(&status.to_string()))
                && sentence.contains("520 to 524")
        };
        for status in statuses {
            let judged = all(status, "text/html", json!("busy"));
            for id in ["wire/answer-matches-the-document", "wire/content-type-is-json"] {
                judged.does_not_judge(id);
                assert!(each_status_is_said(said(id)), "{id}");
            }
        }
        all(500, "application/json", json!({})).does_not_judge("wire/refusal-has-an-error-code");
        assert!(said("wire/refusal-has-an-error-code").contains("errors from 500 on are not judged"));
        let most = format!("more than {} KiB", crate::wire::exchange::MAX_ORDINARY_BODY_BYTES >> 10);
        for id in [
            "wire/answer-matches-the-document",
            "wire/content-type-is-json",
            "wire/refusal-has-an-error-code",
        ] {
            assert!(said(id).contains(&most), "{id}");
        }
    }

    #[test]
    fn a_gateways_error_page_is_not_taken_for_an_answer() {
        let mut story = Story::default();
        let create = Action::CreateServer { server: S1, body: object(json!({})) };
        let judged = story.step(create, 503, json!("<html>busy</html>"));
        assert!(judged.held.is_empty() && judged.broken.is_empty());
        let create = Action::CreateServer { server: S1, body: object(json!({})) };
        story
            // A server of the first name may exist.
            .step(create, 200, json!({"server": server(S1, json!({"name": "t a"}))}))
            .keeps("server/create/makes-a-new-id");
    }
}
