//! Mutants of the authorization server: it takes what it must refuse.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::form_urlencoded;

use crate::kind::Granted;
use crate::layer::{Answered, Asked, Layer};
use crate::memory::{Memory, text};

/// The verifier and challenge of RFC 7636 appendix B, which the suite uses.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What authorization servers gave.
#[derive(Debug, Default)]
pub struct Grants {
    /// Codes, with the parameters that they were asked for with.
    codes: BTreeMap<String, BTreeMap<String, String>>,
    /// What the redemption of a code was answered with.
    redeemed: BTreeMap<String, Value>,
    /// Refresh tokens with the client that they were given to, the oldest first.
    refresh: Vec<(String, String)>,
}

/// Learns from an exchange with an authorization server.
pub fn learn(grants: &mut Grants, asked: &Asked, answered: &Answered) {
    if asked.operation.contains("AuthorizeGet")
        && let Some(code) = location(answered).and_then(|place| parameter(&place, "code"))
    {
        grants.codes.insert(code, fields(asked).into_iter().collect());
    }
    if asked.operation.contains("TokenEndpoint") && answered.status == 200 {
        if let Some(code) = field(asked, "code") {
            grants.redeemed.insert(code, answered.body.clone());
        }
        if let Some(token) = answered.body["refresh_token"].as_str() {
            let client = credentials(asked).map(|(client, _)| client).unwrap_or_default();
            grants.refresh.push((token.to_owned(), client));
        }
    }
}

/// Makes right what is taken although it is wrong, then asks.
pub async fn answer(layer: &Layer, kind: Granted, asked: Asked) -> Answered {
    let changed = {
        let memory = layer.memory();
        if asked.operation.contains("AuthorizeGet") {
            authorize(&memory, kind, &asked)
        } else {
            token(&memory, kind, &asked)
        }
    };
    match changed {
        Some(Change::Request(changed)) => {
            layer.act();
            layer.ask(*changed).await
        }
        Some(Change::Answer(body)) => {
            layer.act();
            Answered::success(body)
        }
        Some(Change::Redirect(changed, from, to)) => {
            layer.act();
            let mut answered = layer.ask(*changed).await;
            if let Some(place) = location(&answered) {
                let place = place.replacen(&from, &to, 1);
                answered.headers.insert(header::LOCATION, place.parse().expect("a location"));
            }
            answered
        }
        None => without_what_is_refused(layer, kind, asked).await,
    }
}

enum Change {
    Request(Box<Asked>),
    Answer(Value),
    /// Another request, in whose redirect the first text becomes the second.
    Redirect(Box<Asked>, String, String),
}

/// What asks for too much is asked for again without it.
async fn without_what_is_refused(layer: &Layer, kind: Granted, asked: Asked) -> Answered {
    let answered = layer.ask(asked.clone()).await;
    let name = match kind {
        Granted::Scope | Granted::RefreshWider => "scope",
        Granted::Resource => "resource",
        _ => return answered,
    };
    let is_refresh = field(&asked, "grant_type").is_some_and(|grant| grant == "refresh_token");
    let refused = answered.status >= 400 || location(&answered).is_some_and(|place| place.contains("error="));
    let Some(wanted) =
        field(&asked, name).filter(|_| refused && is_refresh == (kind == Granted::RefreshWider))
    else {
        return answered;
    };
    layer.act();
    let mut again = asked;
    set_fields(&mut again, |fields| fields.retain(|(field, _)| field != name));
    let mut answered = layer.ask(again).await;
    if name == "scope" && answered.status == 200 && answered.body.is_object() {
        answered.body["scope"] = wanted.into();
        answered.raw = answered.body.to_string().into_bytes();
    }
    answered
}

fn authorize(memory: &Memory, kind: Granted, asked: &Asked) -> Option<Change> {
    let mut changed = asked.clone();
    let with = |mut changed: Asked, name: &str, value: &str| {
        set(&mut changed, name, value);
        Some(Change::Request(Box::new(changed)))
    };
    let challenge = field(asked, "code_challenge");
    match kind {
        Granted::ChallengeMissing if challenge.is_none() => {
            set(&mut changed, "code_challenge_method", "S256");
            with(changed, "code_challenge", CHALLENGE)
        }
        Granted::ChallengePlain if field(asked, "code_challenge_method")? == "plain" => {
            set(&mut changed, "code_challenge_method", "S256");
            with(changed, "code_challenge", CHALLENGE)
        }
        Granted::ResponseType if field(asked, "response_type")? != "code" => {
            with(changed, "response_type", "code")
        }
        Granted::ClientUnknown => {
            let client = field(asked, "client_id")?;
            if memory.client(&client).is_some() || client.starts_with("https://") {
                return None;
            }
            let known = memory.clients.iter().rev().find(|client| asked.path.contains(&client.server))?;
            with(changed, "client_id", &text(&known.now, "/clientId"))
        }
        Granted::RedirectSubdomain
        | Granted::RedirectPath
        | Granted::RedirectScheme
        | Granted::RedirectQuery => {
            let sent = field(asked, "redirect_uri")?;
            let client = memory.client(&field(asked, "client_id")?)?;
            let registered: Vec<_> =
                client.now["approvedCallbackUrls"].as_array()?.iter().filter_map(Value::as_str).collect();
            if registered.contains(&sent.as_str()) {
                return None;
            }
            let near = registered.into_iter().find(|known| is_near(kind, known, &sent))?.to_owned();
            set(&mut changed, "redirect_uri", &near);
            Some(Change::Redirect(Box::new(changed), near, sent))
        }
        _ => None,
    }
}

fn is_near(kind: Granted, known: &str, sent: &str) -> bool {
    let (Some((known_scheme, known_rest)), Some((scheme, rest))) =
        (known.split_once("://"), sent.split_once("://"))
    else {
        return false;
    };
    match kind {
        Granted::RedirectSubdomain => scheme == known_scheme && rest.ends_with(&format!(".{known_rest}")),
        Granted::RedirectPath => sent.starts_with(known) && !sent[known.len()..].starts_with(['?', '#']),
        Granted::RedirectQuery => sent.starts_with(known) && sent[known.len()..].starts_with(['?', '#']),
        _ => scheme != known_scheme && rest == known_rest,
    }
}

fn token(memory: &Memory, kind: Granted, asked: &Asked) -> Option<Change> {
    let mut changed = asked.clone();
    let (client_id, secret) = credentials(asked)?;
    let code = field(asked, "code");
    let bound = |name: &str| memory.grants.codes.get(code.as_ref()?)?.get(name).cloned();
    let as_client = |owner: &str| {
        let owner = memory.client(owner)?;
        let secret = memory.secrets.get(&owner.id)?.last()?;
        let mut changed = asked.clone();
        present(&mut changed, &text(&owner.now, "/clientId"), secret);
        Some(Change::Request(Box::new(changed)))
    };
    match kind {
        Granted::CodeOfAnotherClient => as_client(&bound("client_id").filter(|owner| *owner != client_id)?),
        Granted::CodeTwice => memory.grants.redeemed.get(&code?).cloned().map(Change::Answer),
        Granted::VerifierAnother | Granted::VerifierMissing => {
            let sent = field(asked, "code_verifier");
            let is_taken = match kind {
                Granted::VerifierMissing => sent.is_none(),
                _ => sent.is_some_and(|verifier| verifier != VERIFIER),
            };
            bound("code_challenge").filter(|challenge| is_taken && challenge == CHALLENGE)?;
            set(&mut changed, "code_verifier", VERIFIER);
            Some(Change::Request(Box::new(changed)))
        }
        Granted::RedirectAnother | Granted::RedirectMissing => {
            let right = bound("redirect_uri")?;
            let is_taken = match field(asked, "redirect_uri") {
                None => kind == Granted::RedirectMissing,
                Some(sent) => kind == Granted::RedirectAnother && sent != right,
            };
            is_taken.then(|| {
                set(&mut changed, "redirect_uri", &right);
                Change::Request(Box::new(changed))
            })
        }
        Granted::RefreshOfAnotherClient => {
            let token = field(asked, "refresh_token")?;
            let (_, owner) = memory.grants.refresh.iter().find(|(known, _)| *known == token)?;
            as_client(Some(owner).filter(|owner| **owner != client_id)?)
        }
        Granted::RefreshSpent => {
            let token = field(asked, "refresh_token")?;
            let (newest, _) = memory.grants.refresh.iter().rev().find(|(_, owner)| *owner == client_id)?;
            (*newest != token).then(|| {
                set(&mut changed, "refresh_token", newest);
                Change::Request(Box::new(changed))
            })
        }
        _ => {
            let client = memory.client(&client_id)?;
            let right = memory.secrets.get(&client.id)?.last()?;
            is_taken(memory, kind, &client.id, &client.server, secret.as_deref(), right).then(|| {
                present(&mut changed, &client_id, right);
                Change::Request(Box::new(changed))
            })
        }
    }
}

/// Whether a wrong secret is taken for the right one.
fn is_taken(memory: &Memory, kind: Granted, id: &str, server: &str, sent: Option<&str>, right: &str) -> bool {
    let Some(sent) = sent else { return kind == Granted::SecretMissing };
    let of_others = |elsewhere: bool| {
        memory.secrets.iter().any(|(owner, secrets)| {
            let is_elsewhere = memory.record(owner).is_some_and(|owner| owner.server != server);
            owner != id && is_elsewhere == elsewhere && secrets.iter().any(|secret| secret == sent)
        })
    };
    sent != right
        && match kind {
            Granted::AnySecret => true,
            Granted::SecretPrefix => !sent.is_empty() && right.starts_with(sent),
            Granted::SecretLonger => sent.starts_with(right),
            Granted::SecretCase => sent.eq_ignore_ascii_case(right),
            Granted::SecretEmpty => sent.is_empty(),
            Granted::SecretOld => memory.secrets[id].iter().any(|secret| secret == sent),
            Granted::SecretOfAnotherClient => of_others(false),
            Granted::SecretOfAnotherServer => of_others(true),
            _ => false,
        }
}

fn location(answered: &Answered) -> Option<String> {
    Some(answered.headers.get(header::LOCATION)?.to_str().ok()?.to_owned())
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.into_owned())
}

/// The fields of the form, or of the query if there is no form.
fn fields(asked: &Asked) -> Vec<(String, String)> {
    let encoded = asked.path.split_once('?').map_or(asked.raw.as_slice(), |(_, query)| query.as_bytes());
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn field(asked: &Asked, name: &str) -> Option<String> {
    fields(asked).into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
}

fn set_fields(asked: &mut Asked, change: impl FnOnce(&mut Vec<(String, String)>)) {
    let mut pairs = fields(asked);
    change(&mut pairs);
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    match asked.path.split_once('?') {
        Some((path, _)) => asked.path = format!("{path}?{encoded}"),
        None => asked.raw = encoded.into_bytes(),
    }
}

fn set(asked: &mut Asked, name: &str, value: &str) {
    set_fields(asked, |fields| {
        fields.retain(|(field, _)| field != name);
        fields.push((name.to_owned(), value.to_owned()));
    });
}

/// Which client a token request is by, and with which secret.
fn credentials(asked: &Asked) -> Option<(String, Option<String>)> {
    let decode = |text: &str| {
        form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, v)| v.into_owned())
    };
    match asked.authorization().and_then(|value| value.strip_prefix("Basic ")) {
        Some(pair) => {
            let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
            let (client, secret) = pair.split_once(':')?;
            Some((decode(client)?, Some(decode(secret).unwrap_or_default())))
        }
        None => Some((field(asked, "client_id")?, field(asked, "client_secret"))),
    }
}

fn present(asked: &mut Asked, client_id: &str, secret: &str) {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    if asked.authorization().is_some_and(|value| value.starts_with("Basic ")) {
        let pair = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret)));
        let value = HeaderValue::from_str(&format!("Basic {pair}")).expect("a header");
        asked.headers.insert(header::AUTHORIZATION, value);
        return;
    }
    set(asked, "client_id", client_id);
    set(asked, "client_secret", secret);
}
