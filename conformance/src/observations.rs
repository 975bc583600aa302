//! What documents leave open, and what a target does there. An observation never fails a run; properties must hold
//! whichever way a target answers.

use serde_json::Value;

use crate::{
    authorization_server::{claims, issuer_path},
    call::Sighting,
    exchange::Answer,
    json::is_zero,
    model::{ClientRecord, Knowledge, Life},
    plan::{Action, Fault, WhichSecret},
    property::Moment,
    spec,
};

/// A question that documents leave open.
pub struct Observation {
    /// Permanent id, `resource/question`.
    pub id: &'static str,
    /// The question.
    pub question: &'static str,
    /// The answer that one moment of a run gives, in words without ids or secrets.
    pub see: fn(&Moment<'_>) -> Option<String>,
}

/// Every observation, in the order in which reports show them.
pub static ALL: &[Observation] = &[
    Observation {
        id: "server/id-form",
        question: "Which prefix has the id of a new server?",
        see: |moment| {
            let Some(Action::CreateServer { .. }) = moment.rightly() else { return None };
            Some(spec::server(moment.success()?)["id"].as_str()?.chars().take(2).collect())
        },
    },
    Observation {
        id: "server/defaults",
        question: "Which members does the target fill in for a server that is created with a name alone?",
        see: server_defaults,
    },
    Observation {
        id: "server/empty-members",
        question: "How does the target spell members that hold nothing?",
        see: empty_members,
    },
    Observation {
        id: "server/flat-scopes",
        question: "What becomes of approvedScopes that are sent as a flat list?",
        see: flat_scopes,
    },
    Observation {
        id: "client/registration-types",
        question: "Which values has registrationType?",
        see: |moment| of_clients(moment, "registrationType"),
    },
    Observation {
        id: "client/statuses",
        question: "Which values has status?",
        see: |moment| of_clients(moment, "status"),
    },
    Observation {
        id: "client/update-without-members",
        question: "Does an update of a client keep or clear members that it leaves out?",
        see: update_without_members,
    },
    Observation {
        id: "client/scopes-beyond-the-server",
        question: "Can a client have scopes that its server does not approve?",
        see: scopes_beyond_the_server,
    },
    Observation {
        id: "client/rotated-secret",
        question: "Does a secret die at once when it is rotated?",
        see: rotated_secret,
    },
    Observation {
        id: "errors/unknown-server",
        question: "How is a server refused that does not exist?",
        see: |moment| match moment.rightly() {
            Some(Action::LoadUnmadeServer) => refusal(moment),
            _ => None,
        },
    },
    Observation {
        id: "errors/unknown-client",
        question: "How is a client refused that does not exist?",
        see: |moment| match moment.rightly() {
            Some(Action::LoadClient { client, .. })
                if moment.before.clients.get(client)?.record.life == Life::Gone =>
            {
                refusal(moment)
            }
            _ => None,
        },
    },
    Observation {
        id: "errors/no-key",
        question: "How is a request refused that has no management key?",
        see: |moment| of_fault(moment, &Fault::NoKey),
    },
    Observation {
        id: "errors/wrong-key",
        question: "How is a request refused that has a wrong management key?",
        see: |moment| of_fault(moment, &Fault::WrongKey),
    },
    Observation {
        id: "delete/unknown",
        question: "Does the deletion of one record that does not exist succeed?",
        see: delete_unknown,
    },
    Observation {
        id: "delete/clients-of-a-server",
        question: "Do the clients of a deleted server exist any longer?",
        see: clients_of_deleted,
    },
    Observation {
        id: "token/issuer",
        question: "What is the issuer of a client_credentials token?",
        see: |moment| {
            let (client, payload) = token_payload(moment)?;
            let server_id = &moment.before.servers.get(&client.server)?.id;
            let path = url::Url::parse(payload["iss"].as_str()?).ok().map(|url| url.path().to_owned());
            let project = path.as_deref().and_then(|path| path.split('/').rev().nth(1)).unwrap_or_default();
            let same = path.as_deref() == Some(issuer_path(server_id, project).as_str());
            Some(if same { "a URL that ends in the server's id" } else { "something else" }.to_owned())
        },
    },
    Observation {
        id: "token/audience",
        question: "What is the audience of a client_credentials token?",
        see: token_audience,
    },
    Observation {
        id: "token/scope",
        question: "Does a client_credentials token say its scopes in `scope`?",
        see: |moment| {
            let (_, payload) = token_payload(moment)?;
            Some(
                match &payload["scope"] {
                    Value::Null => "it has no scope",
                    Value::String(_) => "as a text",
                    Value::Array(_) => "as a list",
                    _ => "as something else",
                }
                .to_owned(),
            )
        },
    },
];

/// Status and code of a refusal, or that there is none.
fn refusal(moment: &Moment<'_>) -> Option<String> {
    moment.exchange.answer().map(describe)
}

fn describe(answer: &Answer) -> String {
    let code = answer.json.as_ref().and_then(|body| body["errorCode"].as_str());
    match (answer.is_success(), code) {
        (true, _) => format!("it is not refused: status {}", answer.status),
        (false, Some(code)) => format!("status {}, {}", answer.status, word(code)),
        (false, None) => format!("status {} without errorCode", answer.status),
    }
}

/// A short value of the target's own, shortened if it is not.
fn word(text: &str) -> String {
    text.chars().take(40).collect()
}

fn of_fault(moment: &Moment<'_>, fault: &Fault) -> Option<String> {
    (moment.call.step.fault.as_ref() == Some(fault)).then(|| refusal(moment))?
}

fn server_defaults(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateServer { body, .. }) = moment.rightly() else { return None };
    let record = spec::server(moment.success()?).as_object()?;
    if !body.is_empty() {
        return None;
    }
    let filled =
        record.iter().filter(|(name, value)| !["id", "name"].contains(&name.as_str()) && !is_zero(value));
    let names: Vec<_> = filled.map(|(name, _)| name.as_str()).collect();
    Some(if names.is_empty() { "none".to_owned() } else { names.join(", ") })
}

fn empty_members(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::LoadServer { .. }) = moment.rightly() else { return None };
    let record = spec::server(moment.success()?).as_object()?;
    let absent = spec::SERVER_MEMBERS.iter().any(|name| !record.contains_key(name));
    let null = record.values().any(Value::is_null);
    let empty = record.values().any(|value| !value.is_null() && is_zero(value));
    let spelled: Vec<_> = [(absent, "absent"), (null, "null"), (empty, "empty")]
        .into_iter()
        .filter(|(seen, _)| *seen)
        .collect();
    (!spelled.is_empty()).then(|| spelled.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(" and "))
}

fn flat_scopes(moment: &Moment<'_>) -> Option<String> {
    if moment.call.step.fault.is_some() {
        return None;
    }
    let sent = moment.call.sent_record();
    let sent = sent.get("approvedScopes")?.as_array().filter(|scopes| !scopes.is_empty())?;
    let answer = moment.exchange.answer()?;
    if !answer.is_success() {
        return Some(format!("refused: {}", describe(answer)));
    }
    let kept = &spec::server(moment.success()?)["approvedScopes"];
    Some(match kept {
        _ if is_zero(kept) => "dropped".to_owned(),
        Value::Array(kept) if kept.len() == sent.len() => "kept as a list".to_owned(),
        Value::Object(_) => "sorted into categories".to_owned(),
        _ => "kept in another form".to_owned(),
    })
}

fn of_clients(moment: &Moment<'_>, member: &str) -> Option<String> {
    let mut values =
        moment.call.sightings(moment.exchange).into_iter().filter_map(|sighting| match sighting {
            Sighting::Client(id, members) => {
                moment.before.client_with_id(id).and(members.get(member)?.as_str())
            }
            Sighting::Server(..) => None,
        });
    values.next().map(|value| if value.is_empty() { "empty".to_owned() } else { word(value) })
}

fn update_without_members(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::UpdateClient { client, omit, .. }) = moment.rightly() else { return None };
    let before = moment.before.clients.get(client)?.record.seen()?;
    let after = moment.success()?["client"].as_object()?;
    let left_out = omit.iter().filter(|name| before.get(*name).is_some_and(|value| !is_zero(value)));
    let kept: Vec<_> = left_out.map(|name| after.get(name) == before.get(name)).collect();
    match kept.as_slice() {
        [] => None,
        kept if kept.iter().all(|kept| *kept) => Some("kept".to_owned()),
        kept if kept.iter().any(|kept| *kept) => Some("some are kept and some are not".to_owned()),
        _ => Some("cleared".to_owned()),
    }
}

fn scopes_beyond_the_server(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateClient { server, .. }) = moment.rightly() else { return None };
    let sent = moment.call.sent_record();
    let record = moment.before.servers.get(server)?;
    let (Knowledge::Seen(known) | Knowledge::Sent(known)) = &record.knowledge else { return None };
    let approved = known.get("approvedScopes").map(ToString::to_string).unwrap_or_default();
    let quoted = |scope: &Value| approved.contains(&scope.to_string());
    let beyond = sent.get("scopes")?.as_array()?.iter().any(|scope| !quoted(scope));
    let answer = moment.exchange.answer().filter(|_| beyond)?;
    Some(if answer.is_success() { "yes".to_owned() } else { format!("no: {}", describe(answer)) })
}

fn rotated_secret(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::RequestToken { secret: WhichSecret::BeforeRotation, .. }) = moment.rightly() else {
        return None;
    };
    let answer = moment.exchange.answer().filter(|answer| answer.status != 404)?;
    Some(if answer.is_success() { "no, it is still accepted" } else { "yes" }.to_owned())
}

fn delete_unknown(moment: &Moment<'_>) -> Option<String> {
    let life = match moment.rightly()? {
        Action::DeleteServer { server } => moment.before.servers.get(server)?.life,
        Action::DeleteClient { client } => moment.before.clients.get(client)?.record.life,
        _ => return None,
    };
    let answer = moment.exchange.answer().filter(|_| life == Life::Gone)?;
    Some(if answer.is_success() { "yes".to_owned() } else { format!("no: {}", describe(answer)) })
}

fn clients_of_deleted(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::LoadClient { client, .. }) = moment.rightly() else { return None };
    let known = moment.before.clients.get(client)?;
    let server = moment.before.servers.get(&known.server)?;
    if server.life != Life::Gone || known.record.life != Life::Unknown {
        return None;
    }
    let answer = moment.exchange.answer()?;
    Some(if answer.is_success() { "yes".to_owned() } else { format!("no: {}", describe(answer)) })
}

/// The client that asked for a client_credentials token, and the claims of the token.
fn token_payload<'a>(moment: &Moment<'a>) -> Option<(&'a ClientRecord, Value)> {
    let Some(Action::RequestToken { client, .. }) = moment.rightly() else { return None };
    let token = moment.success()?["access_token"].as_str()?;
    Some((moment.before.clients.get(client)?, claims(token)?))
}

fn token_audience(moment: &Moment<'_>) -> Option<String> {
    let (client, payload) = token_payload(moment)?;
    let server_id = &moment.before.servers.get(&client.server)?.id;
    let name = |audience: &Value| match audience.as_str() {
        Some(text) if text == client.client_id => "the client id".to_owned(),
        Some(text) if text == *server_id => "the server id".to_owned(),
        Some(text) if text.starts_with('P') && !text.contains("://") => "the project id".to_owned(),
        Some(text) if text.contains("://") => "a URL".to_owned(),
        _ => "something else".to_owned(),
    };
    Some(match &payload["aud"] {
        Value::Null => "it has none".to_owned(),
        Value::Array(all) => {
            let mut names: Vec<_> = all.iter().map(name).collect();
            names.sort();
            names.dedup();
            format!("a list of {}", if names.is_empty() { "nothing".to_owned() } else { names.join(" and ") })
        }
        one => name(one),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;
    use crate::{
        plan::LoadBy,
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
    fn an_update_without_a_member_shows_whether_it_is_kept() {
        let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({"tags": ["a"]}));
        let update =
            Action::UpdateClient { client: C1, set: object(json!({})), omit: vec!["tags".to_owned()] };
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
}
