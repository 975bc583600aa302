//! Secrets and keys: no response repeats one, except where the documents say that it gives it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use descope_mcp_openapi::Document;
use serde_json::Value;

use crate::model::Model;
use crate::properties::property::{Level, Moment, Property, Verdict};
use crate::wire::exchange::{Answer, Exchange};
use crate::wire::request::Request;

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[Property {
    id: "wire/responses-repeat-no-secret",
    sentence: "No response repeats a secret, a token or the credentials of its request, except in the members that are documented to have them.",
    level: Level::Must,
    source: "documented: fact/client-record, fact/secret-members; assumed: fact/credentials-are-not-repeated",
    needs: None,
    eventually: false,
    judge: responses_repeat_no_secret,
}];

/// Shortest text that is looked for: shorter ones occur in ordinary text.
const MIN_SECRET_CHARS: usize = 8;

/// Members of responses of an authorization server that have secrets.
const SECRETS_OF_OAUTH: [&str; 5] =
    ["access_token", "refresh_token", "id_token", "client_secret", "registration_access_token"];

/// Fields of forms and queries that have secrets.
const SECRET_FIELDS: [&str; 5] = ["client_secret", "code", "code_verifier", "refresh_token", "token"];

/// A secret that a response must not repeat, and what it is in words.
struct Secret {
    text: String,
    what: String,
}

fn responses_repeat_no_secret(moment: &Moment<'_>) -> Verdict {
    let Some(answer) = moment.exchange.answer() else { return Verdict::DoesNotApply };
    let secrets = secrets(moment);
    if secrets.is_empty() {
        return Verdict::DoesNotApply;
    }
    for secret in &secrets {
        if let Some(place) = place_of(&secret.text, answer, moment) {
            return Verdict::broken(
                format!("a response without {}", secret.what),
                format!("status {} with it in {place}", answer.status),
            );
        }
    }
    Verdict::Holds
}

/// Everything that the response must not repeat: what the target gave out before, what this request sent, and what the
/// response itself gives where it is documented to.
fn secrets(moment: &Moment<'_>) -> Vec<Secret> {
    let mut secrets = of_request(moment.exchange);
    secrets.extend(of_clients(moment.before));
    if let Some(answer) = moment.exchange.answer().and_then(|answer| answer.json.as_ref()) {
        let given = documented_secrets(moment).into_iter().filter_map(|member| answer[member].as_str());
        let what = || "the secret that it gives in a member of its own".to_owned();
        secrets.extend(given.map(|text| Secret { text: text.to_owned(), what: what() }));
    }
    secrets.retain(|secret| secret.text.len() >= MIN_SECRET_CHARS);
    secrets
}

fn of_clients(model: &Model) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for (label, client) in &model.clients {
        let current = client.secrets.last();
        for text in &client.secrets {
            let age = if Some(text) == current { "secret" } else { "former secret" };
            secrets.push(Secret { text: text.clone(), what: format!("the {age} of {label}") });
        }
        let Some(grant) = &client.grant else { continue };
        let of_grant = [("code", std::slice::from_ref(&grant.code))].into_iter().chain([
            ("refresh token", grant.refresh_tokens.as_slice()),
            ("access token", grant.access_tokens.as_slice()),
        ]);
        for (what, texts) in of_grant {
            let what = || format!("the {what} of {label}");
            secrets.extend(texts.iter().map(|text| Secret { text: text.clone(), what: what() }));
        }
    }
    secrets
}

/// The credentials in a request: in its header, its form or its query.
fn of_request(exchange: &Exchange) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let header = exchange.request_headers.iter().find(|(name, _)| name == "authorization");
    if let Some((scheme, credentials)) = header.and_then(|(_, value)| value.split_once(' ')) {
        let pair = STANDARD.decode(credentials).ok().and_then(|pair| String::from_utf8(pair).ok());
        let pair = pair.filter(|_| scheme.eq_ignore_ascii_case("basic"));
        let password = pair.as_deref().unwrap_or(credentials).split_once(':').map(|(_, password)| password);
        let management = exchange.path.starts_with("/v1/mgmt/");
        let key = if management { "the management key of its request" } else { "the secret of its request" };
        secrets.extend(password.map(|text| Secret { text: text.to_owned(), what: key.to_owned() }));
        let what = "the Authorization header of its request".to_owned();
        secrets.push(Secret { text: credentials.to_owned(), what });
    }
    let query = exchange.path.split_once('?').map(|(_, query)| query.as_bytes());
    let fields = [query.unwrap_or_default(), &exchange.request_body[..]];
    let is_form = |text: &&[u8]| !text.starts_with(b"{");
    for (name, value) in fields.into_iter().filter(is_form).flat_map(url::form_urlencoded::parse) {
        if SECRET_FIELDS.contains(&&*name) {
            secrets.push(Secret { text: value.into_owned(), what: format!("the {name} of its request") });
        }
    }
    secrets
}

/// The members at the top of the response that are documented to have a secret.
fn documented_secrets(moment: &Moment<'_>) -> Vec<&'static str> {
    match &moment.call.request {
        Request::Management(operation, _) => {
            let members = Document::management().members(&format!("{operation}Response"));
            members.iter().filter(|member| member.secret).map(|member| member.name.as_str()).collect()
        }
        Request::Web(_) => SECRETS_OF_OAUTH.to_vec(),
    }
}

/// Where a response has a text that is documented to be nowhere there, in words without the text.
fn place_of(secret: &str, answer: &Answer, moment: &Moment<'_>) -> Option<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let has = |text: &str| text.contains(secret) || text.contains(&encoded);
    let in_header = |(name, value): &(String, String)| match (name.as_str(), url::Url::parse(value)) {
        // A code is given in a redirect, and nowhere else in it.
        ("location", Ok(mut url)) => {
            let others = url.query_pairs().into_owned().filter(|(name, _)| name != "code");
            let others: Vec<_> = others.collect();
            url.query_pairs_mut().clear().extend_pairs(others);
            has(url.as_str())
        }
        _ => has(value),
    };
    if let Some((name, _)) = answer.headers.iter().find(|header| in_header(header)) {
        return Some(format!("the header {name}"));
    }
    let Some(body) = &answer.json else {
        return has(&String::from_utf8_lossy(&answer.body)).then(|| "its body".to_owned());
    };
    let given = if answer.is_success() { documented_secrets(moment) } else { Vec::new() };
    let Value::Object(members) = body else { return pointer_to(body, &has).map(in_member) };
    let others = members.iter().filter(|(name, _)| !given.contains(&name.as_str()));
    let mut found = others.filter_map(|(name, member)| match has(name) {
        true => Some(String::new()),
        false => pointer_to(member, &has).map(|rest| format!("/{name}{rest}")),
    });
    found.next().map(in_member)
}

fn in_member(pointer: String) -> String {
    if pointer.is_empty() { "the name of a member".to_owned() } else { format!("the member {pointer}") }
}

/// The JSON pointer to the first text that has it; empty if the name of a member has it.
fn pointer_to(value: &Value, has: &impl Fn(&str) -> bool) -> Option<String> {
    match value {
        Value::String(text) => has(text).then(String::new),
        Value::Array(items) => {
            let mut found = items.iter().enumerate();
            found.find_map(|(index, item)| Some(format!("/{index}{}", pointer_to(item, has)?)))
        }
        Value::Object(members) => members.iter().find_map(|(name, member)| match has(name) {
            true => Some(String::new()),
            false => Some(format!("/{name}{}", pointer_to(member, has)?)),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, LoadBy, TokenAuth, WhichSecret};
    use crate::properties::property::Verdict;
    use crate::story::{C1, S1, Story, client, secret};

    const ID: &str = "wire/responses-repeat-no-secret";

    fn story() -> Story {
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": secret(2)})).keeps(ID);
        story
    }

    const LOAD: Action = Action::LoadClient { client: C1, by: LoadBy::Id };

    #[test]
    fn a_record_has_no_secret_in_it() {
        let shown = |extra: serde_json::Value| json!({"client": client(C1, S1, extra)});
        story().step(LOAD, 200, shown(json!({}))).keeps(ID);
        for leak in [json!({"secret": secret(2)}), json!({"history": [{"old": secret(1)}]})] {
            story().step(LOAD, 200, shown(leak)).breaks(ID);
        }
    }

    #[test]
    fn a_secret_is_only_in_its_documented_member() {
        let read = || Action::GetSecret { client: C1 };
        story().step(read(), 200, json!({"cleartext": secret(2)})).keeps(ID);
        let twice = json!({"cleartext": secret(2), "note": format!("it is {}", secret(2))});
        story().step(read(), 200, twice).breaks(ID);
    }

    #[test]
    fn what_it_says_of_a_leak_names_the_secret_and_the_place_and_shows_neither() {
        let mut story = story();
        let mut refused = story.clone();
        let ask = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Post };
        let error =
            json!({"error": "invalid_client", "error_description": format!("{} is wrong", secret(2))});
        let judged = refused.why(ID, ask, 401, error);
        let Verdict::Broken(why) = judged else { panic!("{judged:?}") };
        assert_eq!(why.expected, "a response without the secret of client 1");
        assert_eq!(why.actual, "status 401 with it in the member /error_description");
        let key = json!({"errorCode": "E1", "errorMessage": "the key K2-of-the-story is unknown"});
        let judged = story.why(ID, LOAD, 401, key);
        let Verdict::Broken(why) = judged else { panic!("{judged:?}") };
        assert_eq!(why.expected, "a response without the management key of its request");
        assert_eq!(why.actual, "status 401 with it in the member /errorMessage");
    }
}
