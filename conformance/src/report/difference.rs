//! Where two texts differ: what a reader should look at.

/// Longest word that is shown as differing as a whole, in bytes; inside longer ones only the part that differs is.
const MAX_WORD_CHARS: usize = 24;

/// A text around the part in which it differs from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// What both begin with.
    pub(super) before: &'a str,
    /// Where they differ; empty if the other only has more.
    pub(super) differing: &'a str,
    /// What both end with.
    pub(super) after: &'a str,
}

/// Splits two texts around the part in which they differ, at the bounds of words where words are short.
pub(super) fn split<'a>(expected: &'a str, actual: &'a str) -> (Parts<'a>, Parts<'a>) {
    let same = expected.chars().zip(actual.chars()).take_while(|(a, b)| a == b);
    let mut start: usize = same.map(|(c, _)| c.len_utf8()).sum();
    start -= word_at_end(&expected[..start], &expected[start..], &actual[start..]);
    let (rest, other) = (&expected[start..], &actual[start..]);
    let same = rest.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b);
    let mut end: usize = same.map(|(c, _)| c.len_utf8()).sum();
    end -= word_at_start(&rest[rest.len() - end..], &rest[..rest.len() - end], &other[..other.len() - end]);
    let parts = |text: &'a str| Parts {
        before: &text[..start],
        differing: &text[start..text.len() - end],
        after: &text[text.len() - end..],
    };
    (parts(expected), parts(actual))
}

/// Bytes at the end of `before` that belong to a word that goes on in one of the texts.
fn word_at_end(before: &str, one: &str, other: &str) -> usize {
    let goes_on = |text: &str| text.chars().next().is_some_and(char::is_alphanumeric);
    let word: usize = before.chars().rev().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
    if word <= MAX_WORD_CHARS && (goes_on(one) || goes_on(other)) { word } else { 0 }
}

/// Bytes at the start of `after` that belong to a word that began in one of the texts.
fn word_at_start(after: &str, one: &str, other: &str) -> usize {
    let began = |text: &str| text.chars().next_back().is_some_and(char::is_alphanumeric);
    let word: usize = after.chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
    if word <= MAX_WORD_CHARS && (began(one) || began(other)) { word } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn differing<'a>(expected: &'a str, actual: &'a str) -> (&'a str, &'a str) {
        let (expected, actual) = split(expected, actual);
        (expected.differing, actual.differing)
    }

    #[test]
    fn the_part_that_differs_is_found() {
        assert_eq!(differing("status 401 or 403", "status 200"), ("401 or 403", "200"));
        assert_eq!(differing("server 1 exists", "server 1 does not exist"), ("exists", "does not exist"));
        assert_eq!(differing(r#"tags = ["a "]"#, r#"tags = ["a"]"#), (" ", ""));
        assert_eq!(differing(r#"tags = ["a","a"]"#, r#"tags = ["a"]"#), (r#","a""#, ""));
        assert_eq!(differing("same", "same"), ("", ""));
        let long = "x".repeat(100);
        assert_eq!(differing(&format!("{long}1"), &format!("{long}2")), ("1", "2"));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_text_are_the_text_and_only_the_middle_differs(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            let (expected, actual) = split(&a, &b);
            let whole = |parts: Parts<'_>| format!("{}{}{}", parts.before, parts.differing, parts.after);
            prop_assert_eq!(whole(expected), a.clone());
            prop_assert_eq!(whole(actual), b.clone());
            prop_assert_eq!((expected.before, expected.after), (actual.before, actual.after));
            prop_assert_eq!(a == b, expected.differing.is_empty() && actual.differing.is_empty());
        }
    }
}
