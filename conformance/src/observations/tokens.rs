//! The authorization server: registrations, secrets, tokens and their refusals.

use serde_json::Value;

use super::{clear_answer, describe, refused, yes_or_no};
use crate::actions::authorization_server::issuer_path;
use crate::model::ClientRecord;
use crate::plan::ask::{Ask, RESOURCE, RefreshToken};
use crate::plan::{Action, WhichSecret};
use crate::properties::property::Moment;
use crate::wire::exchange::{Answer, claims, given_code, redirected};

/// The answer to a registration without a secret.
pub(super) fn registration<'a>(moment: &Moment<'a>) -> Option<&'a Answer> {
    let Ask::Register { .. } = moment.asked()? else { return None };
    clear_answer(moment)
}

pub(super) fn public_secret(moment: &Moment<'_>) -> Option<String> {
    given_secret(registration(moment)?)
}

pub(super) fn confidential_secret(moment: &Moment<'_>) -> Option<String> {
    let Ask::RegisterConfidential { .. } = moment.asked()? else { return None };
    given_secret(clear_answer(moment)?)
}

/// Whether a registration gave a secret, and until when.
fn given_secret(answer: &Answer) -> Option<String> {
    let body = answer.json.as_ref().filter(|_| answer.is_success())?;
    if body["client_secret"].is_null() {
        return Some("no".to_owned());
    }
    Some(match body.get("client_secret_expires_at") {
        None | Some(Value::Null) => "yes, and no time is said".to_owned(),
        Some(value) if *value == 0 => "yes, for ever (0)".to_owned(),
        Some(_) => "yes, until a time".to_owned(),
    })
}

pub(super) fn registered_for_itself(moment: &Moment<'_>) -> Option<String> {
    let Ask::RegisterForItself { .. } = moment.asked()? else { return None };
    let answer = clear_answer(moment).filter(|answer| answer.status != 404)?;
    if let Some(refused) = refused(answer) {
        return Some(refused);
    }
    let grants = answer.json.as_ref()?["grant_types"].as_array();
    let given = grants.map(|grants| grants.iter().any(|grant| grant == "client_credentials"));
    Some(
        match given {
            Some(true) => "yes",
            Some(false) => "no, the grant is left out",
            None => "the answer names no grants",
        }
        .to_owned(),
    )
}

pub(super) fn early_error_of_registered(moment: &Moment<'_>) -> Option<String> {
    let Ask::CodeOfRegistered { wrongly: true, .. } = moment.asked()? else { return None };
    let answer = clear_answer(moment).filter(|answer| answer.status != 404)?;
    Some(match redirected(answer) {
        Some((_, parameters)) if parameters.contains_key("error") => "to the redirect URI".to_owned(),
        Some(_) => "to another page".to_owned(),
        None => format!("nowhere: status {}", answer.status),
    })
}

pub(super) fn consent_for_registered(moment: &Moment<'_>) -> Option<String> {
    let Ask::CodeOfRegistered { wrongly: false, .. } = moment.asked()? else { return None };
    let answer = clear_answer(moment).filter(|answer| answer.status != 404)?;
    Some(match given_code(moment.exchange) {
        Some(_) => "yes".to_owned(),
        None => format!("no: status {}", answer.status),
    })
}

pub(super) fn rotated_secret(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::RequestToken { secret: WhichSecret::BeforeRotation, .. }) = moment.rightly() else {
        return None;
    };
    let answer = clear_answer(moment).filter(|answer| answer.status != 404)?;
    Some(if answer.is_success() { "no, it is still accepted" } else { "yes" }.to_owned())
}

pub(super) fn refresh_after_rotation(moment: &Moment<'_>) -> Option<String> {
    let Ask::Refresh { client, token: RefreshToken::Newest } = moment.asked()? else { return None };
    let grant = moment.before.clients.get(client)?.grant.as_ref()?;
    clear_answer(moment).filter(|_| grant.outlived_a_secret && !grant.over).map(yes_or_no)
}

pub(super) fn refresh_again(moment: &Moment<'_>) -> Option<String> {
    let Ask::Refresh { client, token } = moment.asked()? else { return None };
    let known = moment.before.clients.get(client).filter(|known| !known.is_public)?;
    let grant = known.grant.as_ref().filter(|grant| !grant.over)?;
    match token {
        RefreshToken::Spent => clear_answer(moment).map(yes_or_no),
        RefreshToken::Newest => {
            let given = &moment.success()?["refresh_token"];
            let same = given.is_null() || grant.refresh_tokens.last().is_some_and(|used| given == used);
            same.then(|| "yes: no new one replaces it".to_owned())
        }
    }
}

pub(super) fn error_form(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::RequestToken { secret: WhichSecret::Invented, .. }) = moment.rightly() else {
        return None;
    };
    let answer = clear_answer(moment).filter(|answer| !answer.is_success() && answer.status != 404)?;
    let has = |member: &str| answer.json.as_ref().is_some_and(|body| body[member].is_string());
    let form = match (has("error"), has("errorCode")) {
        (true, true) => "both forms",
        (true, false) => "that of RFC 6749",
        (false, true) => "that of the management API",
        (false, false) => "another",
    };
    Some(format!("{form}: {}", describe(answer)))
}

pub(super) fn issuer(moment: &Moment<'_>) -> Option<String> {
    let (client, payload) = token_payload(moment)?;
    let server_id = &moment.before.servers.get(&client.server)?.id;
    let path = url::Url::parse(payload["iss"].as_str()?).ok().map(|url| url.path().to_owned());
    let project = path.as_deref().and_then(|path| path.split('/').rev().nth(1)).unwrap_or_default();
    let same = path.as_deref() == Some(issuer_path(server_id, project).as_str());
    Some(if same { "a URL that ends in the server's id" } else { "something else" }.to_owned())
}

pub(super) fn scope(moment: &Moment<'_>) -> Option<String> {
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
}

/// The client that asked for a client_credentials token, and the claims of the token.
fn token_payload<'a>(moment: &Moment<'a>) -> Option<(&'a ClientRecord, Value)> {
    let Some(Action::RequestToken { client, .. }) = moment.rightly() else { return None };
    let token = moment.success()?["access_token"].as_str()?;
    Some((moment.before.clients.get(client)?, claims(token)?))
}

pub(super) fn audience(moment: &Moment<'_>) -> Option<String> {
    let (client, payload) = token_payload(moment)?;
    audience_of(moment, client, &payload)
}

pub(super) fn audience_of_resource(moment: &Moment<'_>) -> Option<String> {
    let Ask::TokenForResource { client } = moment.asked()? else { return None };
    let answer = clear_answer(moment).filter(|answer| answer.status != 404)?;
    if let Some(refused) = refused(answer) {
        return Some(refused);
    }
    let payload = claims(moment.success()?["access_token"].as_str()?)?;
    audience_of(moment, moment.before.clients.get(client)?, &payload)
}

/// The audience of a token in words.
fn audience_of(moment: &Moment<'_>, client: &ClientRecord, payload: &Value) -> Option<String> {
    let server_id = &moment.before.servers.get(&client.server)?.id;
    let name = |audience: &Value| match audience.as_str() {
        Some(text) if text == client.client_id => "the client id".to_owned(),
        Some(RESOURCE) => "the resource".to_owned(),
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
