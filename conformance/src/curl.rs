//! A recorded request as a line for the shell, with variables where credentials stood. No I/O here.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{exchange::Exchange, scrub::Scrubber};

/// Variable with the URL of the target.
pub const BASE_URL: &str = "DESCOPE_BASE_URL";
/// Variable with the project id of the target.
pub const PROJECT_ID: &str = "DESCOPE_PROJECT_ID";
/// Variable with the management key of the target.
pub const MANAGEMENT_KEY: &str = "DESCOPE_MANAGEMENT_KEY";
/// Variable with whatever other secret the request held.
pub const SECRET: &str = "SECRET";

/// Headers that curl sets by itself.
const SET_BY_CURL: [&str; 3] = ["accept", "content-length", "host"];

/// Part of a word.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Variable(&'static str),
}

/// The command that sends the request again and prints the answer with its headers.
///
/// The URL of the target, its project and its key stand in it as the variables [`BASE_URL`], [`PROJECT_ID`] and
/// [`MANAGEMENT_KEY`], any other secret as [`SECRET`].
pub fn line(exchange: &Exchange, scrubber: &Scrubber) -> String {
    let mut known = scrubber.clone();
    known.learn_from(exchange);
    let word = |text: &str| word(&split(text, &known));
    // Brackets and braces of a URL would mean several URLs.
    let globbing = if exchange.path.contains(['[', ']', '{', '}']) { "g" } else { "" };
    let mut line = format!("curl -sSi{globbing} -X {}", exchange.method);
    let mut url = vec![Piece::Variable(BASE_URL)];
    url.extend(split(&exchange.path, &known));
    line += &format!(" {}", self::word(&url));
    for (name, value) in &exchange.request_headers {
        if SET_BY_CURL.contains(&name.as_str()) {
            continue;
        }
        match basic_credentials(name, value) {
            // curl encodes them itself, so that no secret has to be typed in base64.
            Some(credentials) => line += &format!(" -u {}", word(&credentials)),
            None => line += &format!(" -H {}", word(&format!("{name}: {value}"))),
        }
    }
    if !exchange.request_body.is_empty() {
        if exchange.request_headers.iter().all(|(name, _)| name != "content-type") {
            // Without this, curl would say that it sends a form.
            line += " -H 'content-type:'";
        }
        // A request body that is no UTF-8 was never sent from here.
        line += &format!(" --data-raw {}", word(&String::from_utf8_lossy(&exchange.request_body)));
    }
    line
}

/// The pair of a `Basic` authorization that curl can send.
fn basic_credentials(name: &str, value: &str) -> Option<String> {
    let encoded = value.strip_prefix("Basic ").filter(|_| name == "authorization")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    // Without a colon curl would ask for a password.
    pair.contains(':').then_some(pair)
}

/// A text with variables where secrets and the project id stand in it.
fn split<'a>(text: &'a str, scrubber: &Scrubber) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut end = 0;
    for (start, stop, is_key) in scrubber.find(text) {
        split_plain(&text[end..start], scrubber, &mut pieces);
        pieces.push(Piece::Variable(if is_key { MANAGEMENT_KEY } else { SECRET }));
        end = stop;
    }
    split_plain(&text[end..], scrubber, &mut pieces);
    pieces
}

/// Adds the pieces of a text without secrets.
fn split_plain<'a>(text: &'a str, scrubber: &Scrubber, pieces: &mut Vec<Piece<'a>>) {
    let project_id = scrubber.project_id().unwrap_or_default();
    let parts: Vec<_> = if project_id.is_empty() { vec![text] } else { text.split(project_id).collect() };
    for (position, part) in parts.into_iter().enumerate() {
        if position > 0 {
            pieces.push(Piece::Variable(PROJECT_ID));
        }
        if !part.is_empty() {
            pieces.push(Piece::Text(part));
        }
    }
}

/// One word of the shell. Texts that mean nothing to it inside double quotes stay readable there.
fn word(pieces: &[Piece<'_>]) -> String {
    let is_plain = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => !text.contains(['"', '$', '`', '\\', '!']),
        Piece::Variable(_) => true,
    };
    if !pieces.iter().any(|piece| matches!(piece, Piece::Variable(_))) || !pieces.iter().all(is_plain) {
        let words = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => quoted(text),
            Piece::Variable(name) => format!("\"${name}\""),
        });
        let joined: String = words.collect();
        return if joined.is_empty() { "''".to_owned() } else { joined };
    }
    let mut word = String::from("\"");
    for (position, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => word += text,
            Piece::Variable(name) => {
                let next = match pieces.get(position + 1) {
                    Some(Piece::Text(text)) => text,
                    _ => "",
                };
                // Braces where the name would go on, or where zsh would see a modifier such as `:h`.
                let mut next = next.chars();
                let ends = match (next.next(), next.next()) {
                    (Some(':'), Some(letter)) => !letter.is_ascii_alphabetic(),
                    (Some(first), _) => !first.is_alphanumeric() && !"_[".contains(first),
                    (None, _) => true,
                };
                word += &if ends { format!("${name}") } else { format!("${{{name}}}") };
            }
        }
    }
    word + "\""
}

/// A text as a word that the shell takes literally. NUL cannot be in any argument, so it is left out.
fn quoted(text: &str) -> String {
    let text = text.replace('\0', "");
    shlex::try_quote(&text).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, process::Command, time::Duration};

    use bytes::Bytes;
    use descope_mcp_management::ManagementKey;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        exchange::Outcome,
        target::{Target, parse_url},
    };

    const URL: &str = "http://127.0.0.1:1/base";
    const PROJECT: &str = "P2abcdefghijklmnopqrstuvwxyz";
    const KEY: &str = "K2the-management-key";
    const CLIENT_SECRET: &str = "the-secret-of-a-client";

    fn scrubber() -> Scrubber {
        let mut scrubber = Scrubber::for_target(&Target {
            base_url: parse_url(URL).unwrap(),
            project_id: PROJECT.parse().unwrap(),
            management_key: ManagementKey::new(KEY).unwrap(),
            name: "a test".to_owned(),
        });
        scrubber.learn(CLIENT_SECRET);
        scrubber
    }

    fn exchange(path: &str, headers: &[(&str, &str)], body: &str) -> Exchange {
        Exchange {
            number: 1,
            method: "POST",
            path: path.to_owned(),
            request_headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            authorization: "",
            request_body: Bytes::from(body.to_owned()),
            outcome: Outcome::Unclear(String::new()),
            elapsed: Duration::ZERO,
            after_unclear_try: false,
        }
    }

    /// The arguments that curl gets when a shell runs the line, by the flag before each; the URL has none.
    fn run(line: &str) -> BTreeMap<String, Vec<String>> {
        let script = format!("curl() {{ for word in \"$@\"; do printf '%s\\0' \"$word\"; done; }}\n{line}");
        let output = Command::new("sh")
            .args(["-euc", &script])
            .env(BASE_URL, URL)
            .env(PROJECT_ID, PROJECT)
            .env(MANAGEMENT_KEY, KEY)
            .env(SECRET, CLIENT_SECRET)
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        let mut words = said.split('\0').map(str::to_owned);
        let mut arguments: BTreeMap<_, Vec<_>> = BTreeMap::new();
        while let Some(word) = words.next().filter(|word| !word.is_empty()) {
            let takes_value = ["-X", "-H", "-u", "--data-raw"].contains(&word.as_str());
            let (flag, value) =
                if takes_value { (word, words.next().unwrap()) } else { (String::new(), word) };
            arguments.entry(flag).or_default().push(value);
        }
        arguments
    }

    #[test]
    fn a_management_request_reads_well_and_holds_no_key() {
        let bearer = format!("Bearer {PROJECT}:{KEY}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let line = line(&exchange("/v1/mgmt/mcp/server/load", &headers, r#"{"id":"MS1"}"#), &scrubber());
        assert_eq!(
            line,
            "curl -sSi -X POST \"$DESCOPE_BASE_URL/v1/mgmt/mcp/server/load\" -H 'content-type: application/json' \
             -H \"authorization: Bearer $DESCOPE_PROJECT_ID:$DESCOPE_MANAGEMENT_KEY\" --data-raw '{\"id\":\"MS1\"}'"
        );
    }

    #[test]
    fn a_basic_pair_is_given_to_curl_with_the_secret_as_a_variable() {
        let pair = STANDARD.encode(format!("client%3D:{CLIENT_SECRET}"));
        let basic = format!("Basic {pair}");
        let path = format!("/oauth2/v1/apps/agentic/{PROJECT}/MS1/token");
        let line = line(
            &exchange(&path, &[("authorization", &basic)], "grant_type=client_credentials"),
            &scrubber(),
        );
        assert!(!line.contains(&pair) && !line.contains(CLIENT_SECRET) && !line.contains(PROJECT), "{line}");
        let ran = run(&line);
        assert_eq!(ran["-u"], [format!("client%3D:{CLIENT_SECRET}")]);
        assert_eq!(ran[""], ["-sSi".to_owned(), format!("{URL}{path}")]);
        // The request had no content type, so curl must not add one.
        assert_eq!(ran["-H"], ["content-type:"]);
    }

    #[test]
    fn a_secret_that_only_its_field_tells_is_a_variable_too() {
        let body = "grant_type=refresh_token&refresh_token=never-seen-before";
        let line = line(&exchange("/token", &[], body), &scrubber());
        assert!(line.ends_with("--data-raw \"grant_type=refresh_token&refresh_token=$SECRET\""), "{line}");
        let body = r#"{"client_secret":"never \"seen\" before"}"#;
        let line = self::line(&exchange("/token", &[], body), &scrubber());
        assert!(!line.contains("never"), "{line}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_passes_on_what_was_sent(
            before in "[^\\x00]{0,20}", after in "[^\\x00]{0,20}", odd in "['\"$`\\\\!\n *?~#;&|<>(){}\\[\\]%=:-]{0,12}",
        ) {
            let body = format!("{before}{odd}{CLIENT_SECRET}{odd}{PROJECT}{after}{KEY}");
            let path = format!("/a{}", odd.replace('\n', ""));
            let headers = [("content-type", "text/plain"), ("x-odd", &path)];
            let line = line(&exchange(&path, &headers, &body), &scrubber());
            prop_assert!(!line.contains(CLIENT_SECRET) && !line.contains(KEY), "{}", line);
            let ran = run(&line);
            prop_assert_eq!(&ran["--data-raw"], &[body]);
            prop_assert_eq!(&ran["-H"], &["content-type: text/plain".to_owned(), format!("x-odd: {path}")]);
            prop_assert_eq!(ran[""].last().unwrap(), &format!("{URL}{path}"));
        }
    }
}
