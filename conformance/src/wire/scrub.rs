//! Takes secrets out of whatever is shown or written: by the members that hold them, then by the values seen.

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use descope_mcp_openapi::Document;
use serde_json::Value;

use crate::wire::exchange::Exchange;
use crate::wire::fault::Near;
use crate::wire::target::Target;

/// What stands where a secret stood.
pub const MARK: &str = "[secret]";

/// Members, form fields and query parameters that hold a secret wherever they appear: the passwords of the documents, and
/// secrets of OAuth that the documents do not call so.
static SECRET_MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut members: BTreeSet<_> = UNDOCUMENTED.iter().map(|name| (*name).to_owned()).collect();
    for document in [Document::management(), Document::authorization_server()] {
        collect_passwords(document.as_value(), &mut members);
    }
    members
});
const UNDOCUMENTED: [&str; 5] = ["client_secret", "code", "code_verifier", "client_assertion", "id_token"];

fn collect_passwords(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            // A parameter has its name beside its schema.
            if let Some(name) = members.get("name").and_then(Value::as_str)
                && members.get("schema").is_some_and(|schema| schema["format"] == "password")
            {
                found.insert(name.to_owned());
            }
            for (name, member) in members {
                // In a parameter's `schema` that word is no name.
                if member["format"] == "password" && name != "schema" && name != "items" {
                    found.insert(name.clone());
                }
                collect_passwords(member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_passwords(item, found)),
        _ => {}
    }
}

/// Answer headers whose whole value is a secret.
const SECRET_HEADERS: [&str; 1] = ["set-cookie"];

/// Shortest value that is looked for: replacing shorter ones would shred ordinary text.
const MIN_SECRET_CHARS: usize = 8;

/// Shortest run of characters that is taken for a secret only because of where it stands.
const MIN_TOKEN_CHARS: usize = 20;

/// How every JSON Web Token begins: `{"` in base64url.
const TOKEN_START: &str = "eyJ";

/// Knows the secrets of a target and of what was exchanged with it.
#[derive(Default, Clone)]
pub struct Scrubber {
    project_id: Option<String>,
    key: Option<String>,
    secrets: BTreeSet<String>,
    finder: OnceLock<Finder>,
}

/// Finds secrets in texts, however they are spelled there.
#[derive(Clone)]
struct Finder {
    /// `None` only if there are more secrets than an automaton can hold, which is more than fit in memory.
    automaton: Option<AhoCorasick>,
    spellings: Vec<String>,
}

impl Scrubber {
    /// Knows the management key of a target and nothing else yet.
    pub fn for_target(target: &Target) -> Self {
        Self::of(target.project_id.to_string(), target.management_key.expose())
    }

    fn of(project_id: String, key: &str) -> Self {
        let mut scrubber =
            Self { project_id: Some(project_id), key: Some(key.to_owned()), ..Self::default() };
        scrubber.learn(key);
        // Whoever sees what is nearly the key knows the key. One that holds the whole key needs nothing more.
        let near = Near::ALL.into_iter().map(|near| near.to(key));
        near.filter(|near| !near.contains(key)).for_each(|near| scrubber.learn(&near));
        scrubber
    }

    /// Adds a secret to look for.
    pub fn learn(&mut self, secret: &str) {
        if secret.len() >= MIN_SECRET_CHARS && !self.secrets.contains(secret) {
            self.secrets.insert(secret.to_owned());
            self.finder = OnceLock::new();
        }
    }

    /// Adds the secrets that an exchange holds, so that they are known wherever else they appear.
    ///
    /// An answer that gives out a secret may hold it under a name that no document knows: there every long run of the
    /// characters of tokens counts, unless it was asked for or is documented.
    pub fn learn_from(&mut self, exchange: &Exchange) {
        for (_, value) in exchange.request_headers.iter().filter(|(name, _)| name == "authorization") {
            self.learn_authorization(value);
        }
        for_each_field(&String::from_utf8_lossy(&exchange.request_body), |value| self.learn(value));
        for_each_field(&exchange.path, |value| self.learn(value));
        if let Ok(sent) = serde_json::from_slice(&exchange.request_body) {
            self.learn_members(&sent);
        }
        let Some(answer) = exchange.answer() else { return };
        for (_, value) in &answer.headers {
            for_each_field(value, |value| self.learn(value));
        }
        let Some(body) = &answer.json else { return };
        self.learn_members(body);
        let document = Document::management();
        let Some(operation) = document.operation_by_path(exchange.method, &exchange.path) else { return };
        let gives_secrets =
            document.members(&format!("{}Response", operation.id)).iter().any(|member| member.secret);
        if gives_secrets && answer.is_success() {
            let mut documented = body.clone();
            let mut unknown = Vec::new();
            for pointer in document.unknown_members(&operation.id, answer.status, body) {
                unknown.extend(documented.pointer_mut(&pointer).map(Value::take));
            }
            let known = format!("{}{documented}", String::from_utf8_lossy(&exchange.request_body));
            unknown.iter().for_each(|value| self.learn_tokens(value, &known));
        }
    }

    /// Adds the credentials of an `Authorization` header, unless they are those of the target: its key is known, and a
    /// wrong one is no secret.
    fn learn_authorization(&mut self, value: &str) {
        let Some((scheme, credentials)) = value.split_once(' ') else { return };
        let pair = STANDARD.decode(credentials).ok().and_then(|pair| String::from_utf8(pair).ok());
        let pair = pair.filter(|_| scheme.eq_ignore_ascii_case("basic"));
        let plain = pair.as_deref().unwrap_or(credentials);
        let of_target = |project: &str| plain.strip_prefix(project).is_some_and(|rest| rest.starts_with(':'));
        let is_of_target = self.project_id.as_deref().is_some_and(of_target);
        if is_of_target && pair.is_none() {
            return;
        }
        self.learn(credentials);
        if let Some((_, password)) = plain.split_once(':').filter(|_| !is_of_target) {
            self.learn(password);
            if let Some((decoded, _)) = url::form_urlencoded::parse(password.as_bytes()).next() {
                self.learn(&decoded);
            }
        }
    }

    fn learn_members(&mut self, json: &Value) {
        match json {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(secret) if SECRET_MEMBERS.contains(name.as_str()) => self.learn(secret),
                        _ => self.learn_members(member),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_members(item)),
            _ => {}
        }
    }

    fn learn_tokens(&mut self, json: &Value, known: &str) {
        match json {
            Value::String(text) => {
                let of_token = |c: char| c.is_ascii_alphanumeric() || "-_~.+/=".contains(c);
                let runs = text.split(|c| !of_token(c)).filter(|run| run.len() >= MIN_TOKEN_CHARS);
                runs.filter(|run| !known.contains(run)).for_each(|run| self.learn(run));
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_tokens(item, known)),
            Value::Object(members) => members.values().for_each(|member| self.learn_tokens(member, known)),
            _ => {}
        }
    }

    /// The project of the target, if there is a target.
    pub(crate) fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    fn finder(&self) -> &Finder {
        self.finder.get_or_init(|| {
            let spellings = self.secrets.iter().flat_map(|secret| {
                let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
                let quoted = Value::from(secret.as_str()).to_string();
                let escaped = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
                [secret.clone(), encoded, escaped]
            });
            let spellings: Vec<_> = spellings.collect::<BTreeSet<_>>().into_iter().collect();
            let mut builder = AhoCorasick::builder();
            // The longest, since one secret may hold another. It reads a few short texts and is thrown away, so what counts
            // is how fast it is made.
            builder.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::NoncontiguousNFA));
            let automaton = builder.build(&spellings).ok();
            Finder { automaton, spellings }
        })
    }

    /// Where secrets stand in a text, in order: start, end, and whether it is the management key.
    pub(crate) fn find(&self, text: &str) -> Vec<(usize, usize, bool)> {
        let Finder { automaton, spellings } = self.finder();
        let Some(automaton) = automaton else { return vec![(0, text.len(), false)] };
        let is_key = |pattern: usize| self.key.is_some() && spellings.get(pattern) == self.key.as_ref();
        let found = automaton.find_iter(text);
        found.map(|found| (found.start(), found.end(), is_key(found.pattern().as_usize()))).collect()
    }

    /// A text without the secrets, whether they stand in it as they are, percent-encoded or escaped as in JSON; and
    /// without anything that looks like a JSON Web Token.
    pub fn text(&self, text: &str) -> String {
        without_tokens(&marked(text, self.find(text)))
    }

    /// A path with its query, a form, or the value of a header: fields go by their names, and all secrets by value.
    pub fn fields(&self, text: &str) -> String {
        let mut of_text = Self::default();
        for_each_field(text, |value| of_text.learn(value));
        let mut found = self.find(text);
        if !of_text.secrets.is_empty() {
            found.extend(of_text.find(text));
        }
        without_tokens(&marked(text, found))
    }

    /// The value of an answer's header without the secrets.
    pub fn header(&self, name: &str, value: &str) -> String {
        if SECRET_HEADERS.contains(&name) { MARK.to_owned() } else { self.fields(value) }
    }

    /// A body without the secrets. JSON stays JSON.
    pub fn body(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_str::<Value>(&text) {
            Ok(mut json) => {
                mask(&mut json);
                self.text(&json.to_string())
            }
            Err(_) => self.fields(&text),
        }
    }
}

/// The text with a mark in place of each of these stretches. Those that overlap become one.
fn marked(text: &str, mut stretches: Vec<(usize, usize, bool)>) -> String {
    stretches.sort_unstable();
    let mut kept = String::with_capacity(text.len());
    let mut end = 0;
    for (start, stop, _) in stretches {
        if start >= end {
            kept.push_str(&text[end..start]);
            kept.push_str(MARK);
        }
        end = end.max(stop);
    }
    kept.push_str(&text[end..]);
    kept
}

/// The secrets that an answer gives out under their usual names.
pub(crate) fn secrets_of(json: &Value) -> impl Iterator<Item = &str> {
    SECRET_MEMBERS.iter().filter_map(|name| json.get(name)?.as_str()).filter(|secret| !secret.is_empty())
}

/// Shows every non-empty value of a secret field in a form or a query, as written and decoded.
fn for_each_field(text: &str, mut show: impl FnMut(&str)) {
    for name in SECRET_MEMBERS.iter() {
        for (start, _) in text.match_indices(name.as_str()) {
            let begins = text[..start].chars().next_back().is_none_or(|before| "?&#; \"".contains(before));
            let Some(rest) = text[start + name.len()..].strip_prefix('=').filter(|_| begins) else {
                continue;
            };
            let value = rest.split(['&', '#', ' ', '"', '\'', '<', '>', ';']).next().unwrap_or_default();
            show(value);
            if let Some((decoded, _)) = url::form_urlencoded::parse(value.as_bytes()).next() {
                show(&decoded);
            }
        }
    }
}

/// The text with every run that begins as a JSON Web Token and has a full stop in it replaced.
fn without_tokens(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(TOKEN_START) {
        let (before, token) = rest.split_at(start);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
        let end = token.find(|c| !is_part(c)).unwrap_or(token.len());
        let (token, after) = token.split_at(end);
        kept.push_str(before);
        kept.push_str(if token.contains('.') { MARK } else { token });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

fn mask(json: &mut Value) {
    match json {
        Value::Object(members) => {
            for (name, member) in members {
                if SECRET_MEMBERS.contains(name.as_str()) && member.is_string() {
                    *member = MARK.into();
                } else {
                    mask(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::wire::exchange::{Answer, Outcome};

    #[test]
    fn secrets_go_by_member_and_by_value() {
        let mut scrubber = Scrubber::default();
        scrubber.learn("hunter2+hunter2");
        let body = br#"{"cleartext":"never seen before","note":"it was hunter2+hunter2","name":"a"}"#;
        assert_eq!(scrubber.body(body), r#"{"cleartext":"[secret]","name":"a","note":"it was [secret]"}"#);
        assert_eq!(scrubber.body(b"client_secret=hunter2%2Bhunter2"), "client_secret=[secret]");
    }

    #[test]
    fn a_secret_is_found_behind_the_escapes_of_json() {
        let mut scrubber = Scrubber::default();
        scrubber.learn("with \"quotes\" and \\");
        assert_eq!(
            scrubber.body(br#"{"note":"with \"quotes\" and \\ it is"}"#),
            r#"{"note":"[secret] it is"}"#
        );
    }

    #[test]
    fn fields_of_forms_and_queries_go_by_name() {
        let scrubber = Scrubber::default();
        let masked = scrubber.fields("https://a.example/cb?state=short&code=never-seen-before&iss=b");
        assert_eq!(masked, "https://a.example/cb?state=short&code=[secret]&iss=b");
        assert_eq!(
            scrubber.body(b"grant_type=refresh_token&refresh_token=abcdefgh1"),
            "grant_type=refresh_token&refresh_token=[secret]"
        );
        assert_eq!(scrubber.header("set-cookie", "session=1"), MARK);
        assert_eq!(scrubber.header("content-type", "text/html"), "text/html");
    }

    #[test]
    fn credentials_of_a_request_are_secrets_wherever_they_come_back() {
        let mut scrubber = Scrubber { project_id: Some("P2abc".into()), ..Scrubber::default() };
        scrubber.learn_authorization(&format!("Basic {}", STANDARD.encode("client:s%2Bcret-of-client")));
        scrubber.learn_authorization("Bearer opaque-token");
        scrubber.learn_authorization("Bearer P2abc:a-wrong-key");
        let echo = format!(
            "{} s+cret-of-client opaque-token a-wrong-key",
            STANDARD.encode("client:s%2Bcret-of-client")
        );
        assert_eq!(scrubber.text(&echo), "[secret] [secret] [secret] a-wrong-key");
    }

    #[test]
    fn what_is_nearly_the_key_shows_nothing_of_it() {
        let key = "K2abcDEF0123456789xyz";
        let scrubber = Scrubber::of("P2abc".to_owned(), key);
        for near in Near::ALL {
            let shown = scrubber.text(&format!("Bearer P2abc:{}", near.to(key)));
            let parts = ["abcdef", "0123456", "xy"];
            let shows = parts.iter().any(|part| shown.to_ascii_lowercase().contains(part));
            assert!(!shows && shown.contains(MARK), "{near}: {shown}");
        }
        assert_eq!(scrubber.find(key), [(0, key.len(), true)]);
    }

    #[test]
    fn of_two_secrets_at_one_place_the_longer_goes() {
        let mut scrubber = Scrubber::default();
        scrubber.learn("secret-12");
        scrubber.learn("secret-1");
        assert_eq!(scrubber.text("secret-12 secret-13"), "[secret] [secret]3");
    }

    #[test]
    fn the_value_of_a_field_leaves_nothing_of_a_longer_secret() {
        let mut scrubber = Scrubber::default();
        scrubber.learn("never-seen-before&what-follows");
        assert_eq!(scrubber.fields("code=never-seen-before&what-follows&iss=b"), "code=[secret]&iss=b");
        assert_eq!(scrubber.fields("code=never-seen-before&never-seen-before"), "code=[secret]&[secret]");
    }

    #[test]
    fn what_looks_like_a_token_is_taken_out() {
        let scrubber = Scrubber::default();
        assert_eq!(scrubber.text("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln, why?"), "got [secret], why?");
        assert_eq!(scrubber.text("eyJ is how they begin"), "eyJ is how they begin");
    }

    #[test]
    fn an_answer_that_gives_out_a_secret_has_no_unknown_token_that_is_kept() {
        const ID: &str = "TPA0123456789012345678901234";
        let path = &Document::management().operation("GetMcpServerClientSecret").unwrap().path;
        let body = json!({"cleartext": "the first secret", "echo": {"of": ["it is 2nd-secret-0123456789, see"]}, "as": ID});
        let exchange = Exchange {
            number: 1,
            method: "POST",
            path: path.clone(),
            request_headers: Vec::new(),
            authorization: "",
            request_body: Bytes::from(json!({ "id": ID }).to_string()),
            outcome: Outcome::Answered(Answer {
                status: 200,
                headers: Vec::new(),
                body: Bytes::from(body.to_string()),
                json: Some(body),
            }),
            sent_at: Instant::now(),
            elapsed: Duration::ZERO,
            after_unclear_try: false,
            failed_before: 0,
            retry_after: None,
        };
        let mut scrubber = Scrubber::default();
        scrubber.learn_from(&exchange);
        let text = format!("the first secret, 2nd-secret-0123456789, {ID}");
        assert_eq!(scrubber.text(&text), format!("[secret], [secret], {ID}"));
    }

    #[test]
    fn every_password_of_the_documents_is_masked() {
        for member in
            ["cleartext", "client_secret", "access_token", "refresh_token", "id_token", "flow_token"]
        {
            let body = json!({ "nested": [{ member: "never-seen-before" }] }).to_string();
            assert!(!Scrubber::default().body(body.as_bytes()).contains("never"), "{member} is not masked");
        }
    }
}
