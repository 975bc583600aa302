//! The parts of an error response that may be shown: a short preview of a body that is not JSON, and the texts of an
//! envelope.

/// Longest preview, in characters.
pub(crate) const MAX_PREVIEW: usize = 200;
/// A run of this many characters without a space may be a credential; identifiers that help (a CDN's request id
/// has 16) are shorter.
const MIN_OPAQUE: usize = 24;
/// In a text that the service wrote for people an id may be quoted, and ids have up to 32 letters and digits; a
/// client secret has 41 or more, and so do tokens. (An OAuth client id is as long as they are, and is hidden too.)
const MIN_SECRET: usize = 36;
/// What stands in place of something that must not be seen.
const REDACTED: &str = "[redacted]";

/// Text of an error page: no tags, no control characters, no runs of spaces, nothing that looks like a credential,
/// at most [`MAX_PREVIEW`] characters. `known` are values to remove wherever they stand.
pub(crate) fn preview(body: &[u8], known: &[&str]) -> String {
    let text = without_tags(&String::from_utf8_lossy(body));
    let text = without_known(&text, known);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut preview = String::new();
    let mut length = 0;
    for word in words {
        let word = if looks_opaque(word) { REDACTED } else { word };
        let word_length = word.chars().count();
        if length + word_length + 1 > MAX_PREVIEW {
            preview.push('…');
            break;
        }
        if length > 0 {
            preview.push(' ');
            length += 1;
        }
        preview.push_str(word);
        length += word_length;
    }
    preview
}

/// Whether a text is the id of a record by its form: too short for a secret, and made of what ids are made of.
pub(crate) fn looks_like_id(text: &str, known: &[&str]) -> bool {
    !text.is_empty()
        && text.len() < MIN_SECRET
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        && without_known(text, known) == text
}

/// Removes known secret values from text that is otherwise shown as it is.
pub(crate) fn without_known(text: &str, known: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in known.iter().filter(|secret| !secret.is_empty()) {
        if text.contains(secret) {
            text = text.replace(secret, REDACTED);
        }
    }
    text
}

/// A text of an envelope without known values, and without anything long enough to be a secret.
pub(crate) fn scrubbed(text: &str, known: &[&str]) -> String {
    let text = without_known(text, known);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !is_part(c)) {
        let run = piece.trim_end_matches(|c| !is_part(c));
        if run.len() >= MIN_SECRET {
            shown.push_str(REDACTED);
            shown.push_str(&piece[run.len()..]);
        } else {
            shown.push_str(piece);
        }
    }
    shown
}

fn looks_opaque(word: &str) -> bool {
    word.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-".contains(c)))
        .any(|run| run.len() >= MIN_OPAQUE)
        || word.chars().count() > MAX_PREVIEW / 2
}

/// The text between tags; styles, scripts and comments are not text.
fn without_tags(html: &str) -> String {
    // ASCII lower-casing keeps byte positions.
    let lower = html.to_ascii_lowercase();
    let mut text = String::with_capacity(html.len());
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|offset| at + offset) {
        text.push_str(&html[at..start]);
        let tag = &lower[start + 1..];
        // A lone `<` of plain text starts no tag.
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            text.push('<');
            at = start + 1;
            continue;
        }
        text.push(' ');
        let end = if tag.starts_with("style") {
            "</style"
        } else if tag.starts_with("script") {
            "</script"
        } else if tag.starts_with("!--") {
            "-->"
        } else {
            ""
        };
        let close = tag.find(end).and_then(|offset| Some(offset + tag[offset..].find('>')?));
        match close {
            Some(offset) => at = start + 1 + offset + 1,
            None => return text,
        }
    }
    text.push_str(&html[at..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_words_of_a_page_without_its_markup() {
        let page = b"<!DOCTYPE html><html><head><title>520: Web server error</title><STYLE>p { color: red }</STYLE>\
            <script>var a = '<p>';</script></head><!-- <b>x</b> --><body>\n  <p>Ray ID: 8f1d2c3b4a596877</p></body>";
        assert_eq!(preview(page, &[]), "520: Web server error Ray ID: 8f1d2c3b4a596877");
    }

    #[test]
    fn hides_known_values_and_whatever_looks_like_a_credential() {
        let body = b"denied for K2short and Bearer P32juVkF2iM8wAGoM8PiLkGi6POV:K2abcdefghij retry";
        assert_eq!(preview(body, &["K2short"]), "denied for [redacted] and Bearer [redacted] retry");
    }

    #[test]
    fn texts_of_an_envelope_keep_ids_and_lose_secrets() {
        let secret = "s3cr3tOfAClientThatNobodyMaySee0123456789";
        let text =
            format!("client TPA38fbAsIT7k1nc84SvEb2qOiyn4g of ({secret}), \"{secret}\" é K2short: {secret}");
        assert_eq!(
            scrubbed(&text, &["K2short"]),
            "client TPA38fbAsIT7k1nc84SvEb2qOiyn4g of ([redacted]), \"[redacted]\" é [redacted]: [redacted]"
        );
        let harmless = "trace 4bf92f3577b34da6a3ce929d0e0e4736, 550e8400-e29b-41d4-a716-446655440000, MS…";
        assert_eq!(scrubbed(harmless, &[]), harmless);
    }

    #[test]
    fn only_what_has_the_form_of_an_id_is_shown_as_one() {
        for id in ["TPA38fbAsIT7k1nc84SvEb2qOiyn4g", "MS1", "a-b_c"] {
            assert!(looks_like_id(id, &["K2short"]), "{id}");
        }
        let secret = "s3cr3tOfAClientThatNobodyMaySee0123456789";
        for other in ["", "two words", "K2short", "xK2short-", "é", secret] {
            assert!(!looks_like_id(other, &["K2short"]), "{other}");
        }
    }

    #[test]
    fn is_never_longer_than_allowed() {
        let body = "wörter ".repeat(1000);
        let preview = preview(body.as_bytes(), &[]);
        assert!(preview.chars().count() <= MAX_PREVIEW, "{}", preview.chars().count());
        assert!(preview.ends_with('…'));
    }

    #[test]
    fn survives_bytes_that_are_not_text_and_tags_that_never_end() {
        assert_eq!(preview(&[0xff, 0x00, b'a', b' ', b'<', b'b'], &[]), "\u{fffd} a");
        assert_eq!(preview(b"1 < 2 <script>", &[]), "1 < 2");
        assert_eq!(preview("<ſtyle>ü".as_bytes(), &[]), "<ſtyle>ü");
    }
}
