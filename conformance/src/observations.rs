//! What documents leave open, and what a target does there. An observation never fails a run; properties must hold
//! whichever way a target answers.

use serde_json::Value;

use crate::{
    authorization_server::{Ask, claims, issuer_path},
    call::Sighting,
    exchange::Answer,
    json::is_zero,
    model::{ClientRecord, Knowledge, Life},
    plan::{Action, Fault, WhichSecret},
    plans::curated::UNKNOWN_MEMBER,
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
        id: "server/unknown-members",
        question: "What becomes of members of a server that are beyond the document?",
        see: unknown_members,
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
        see: |moment| beyond_the_server(moment, "scopes", "approvedScopes"),
    },
    Observation {
        id: "client/callbacks-beyond-the-server",
        question: "Can a client have callback URLs that its server does not approve?",
        see: |moment| beyond_the_server(moment, "approvedCallbackUrls", "approvedCallbackUrls"),
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
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::NoKey)),
    },
    Observation {
        id: "errors/wrong-key",
        question: "How is a request refused that has a wrong management key?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongKey)),
    },
    Observation {
        id: "errors/another-scheme",
        question: "How is a management key refused that comes with another scheme than Bearer?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongScheme)),
    },
    Observation {
        id: "errors/another-project",
        question: "How is a management key refused that comes with the id of another project?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongProject)),
    },
    Observation {
        id: "errors/missing-member",
        question: "How is a request refused that lacks a required member?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::Without(_))),
    },
    Observation {
        id: "errors/null-member",
        question: "How is a request refused that has null for a required member?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::Null(_))),
    },
    Observation {
        id: "errors/member-of-another-type",
        question: "How is a request refused that has a member of another type?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongType(_))),
    },
    Observation {
        id: "errors/cut-off-body",
        question: "How is a body refused that ends too early?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::CutOff)),
    },
    Observation {
        id: "errors/another-content-type",
        question: "How is a body refused that does not say that it is JSON?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::AnotherContentType)),
    },
    Observation {
        id: "errors/client-of-another-server",
        question: "How is a client refused that is asked for with the id of another server?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::ThroughAnotherServer(_))),
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
        id: "registration/answer",
        question: "How is a dynamic registration answered?",
        see: |moment| registration(moment).map(|answer| format!("status {}", answer.status)),
    },
    Observation {
        id: "registration/public-secret",
        question: "Does a client get a secret that registers itself without authentication, and until when?",
        see: public_secret,
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

fn of_fault(moment: &Moment<'_>, is_meant: fn(&Fault) -> bool) -> Option<String> {
    moment.call.step.fault.as_ref().filter(|fault| is_meant(fault)).and_then(|_| refusal(moment))
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

/// Whether a new client may have values in `member` that its server does not have in `approved`.
fn beyond_the_server(moment: &Moment<'_>, member: &str, approved: &str) -> Option<String> {
    let Some(Action::CreateClient { server, .. }) = moment.rightly() else { return None };
    let sent = moment.call.sent_record();
    let record = moment.before.servers.get(server)?;
    let (Knowledge::Seen(known) | Knowledge::Sent(known)) = &record.knowledge else { return None };
    let approved = known.get(approved).map(ToString::to_string).unwrap_or_default();
    let quoted = |value: &Value| approved.contains(&value.to_string());
    let beyond = sent.get(member)?.as_array()?.iter().any(|value| !quoted(value));
    let answer = moment.exchange.answer().filter(|_| beyond)?;
    Some(if answer.is_success() { "yes".to_owned() } else { format!("no: {}", describe(answer)) })
}

fn unknown_members(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateServer { body, .. }) = moment.rightly() else { return None };
    let answer = moment.exchange.answer().filter(|_| body.contains_key(UNKNOWN_MEMBER))?;
    if !answer.is_success() {
        return Some(format!("refused: {}", describe(answer)));
    }
    let kept = spec::server(moment.success()?).get(UNKNOWN_MEMBER).is_some();
    Some(if kept { "kept" } else { "dropped" }.to_owned())
}

fn registration<'a>(moment: &Moment<'a>) -> Option<&'a Answer> {
    match moment.rightly() {
        Some(Action::Ask(Ask::Register { .. })) => moment.exchange.answer(),
        _ => None,
    }
}

fn public_secret(moment: &Moment<'_>) -> Option<String> {
    let body = registration(moment).filter(|answer| answer.is_success())?.json.as_ref()?;
    if body["client_secret"].is_null() {
        return Some("no".to_owned());
    }
    Some(match body.get("client_secret_expires_at") {
        None | Some(Value::Null) => "yes, and no time is said".to_owned(),
        Some(value) if *value == 0 => "yes, for ever (0)".to_owned(),
        Some(_) => "yes, until a time".to_owned(),
    })
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
mod tests;
