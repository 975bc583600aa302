//! A recorded request as a line for the shell, with variables where credentials stood. No I/O here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
pub use descope_mcp_management::environment::{BASE_URL, MANAGEMENT_KEY, PROJECT_ID};

use crate::wire::exchange::Exchange;
use crate::wire::scrub::Scrubber;

/// Variable with whatever other secret the request held, or what was nearly the key.
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
        let body = &exchange.request_body;
        if exchange.is_large() {
            // No shell takes a word of such a length everywhere, and no reader wants it.
            return line
                + &format!(
                    " --data-binary @body.json # a body of {} bytes, which --replay sends",
                    body.len()
                );
        }
        // A request body that is no UTF-8 was never sent from here.
        line += &format!(" --data-raw {}", word(&String::from_utf8_lossy(body)));
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
