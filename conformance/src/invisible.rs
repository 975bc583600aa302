//! Differences between texts that a reader cannot see, or takes for something else. No I/O here.

use std::fmt::Write;

/// How two texts differ if a reader can hardly see it, in words.
pub(crate) fn kind(one: &str, other: &str) -> Option<&'static str> {
    if one == other {
        return None;
    }
    let nfc =
        |text: &str| icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned();
    let visible = |text: &str| text.chars().filter(|c| !is_invisible(*c)).collect::<String>();
    let blanks_apart = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    Some(if nfc(one) == nfc(other) {
        "their Unicode normal form"
    } else if one.trim() == other.trim() {
        "blanks at their ends"
    } else if blanks_apart(one) == blanks_apart(other) {
        "blanks within them"
    } else if visible(one) == visible(other) {
        "invisible characters"
    } else if one.to_lowercase() == other.to_lowercase() {
        "upper and lower case"
    } else {
        return None;
    })
}

/// Whether a character leaves no mark where it stands: of no width, or a control.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text with every character escaped that is not visible ASCII or a blank of it.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            shown.push(c);
        } else {
            // Writing into a text cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_that_nobody_sees_have_a_name() {
        for (one, other, name) in [
            ("e\u{301}", "\u{e9}", Some("their Unicode normal form")),
            ("a ", "a", Some("blanks at their ends")),
            ("a\u{a0}b", "a b", Some("blanks within them")),
            ("zero\u{200b}width", "zerowidth", Some("invisible characters")),
            ("Two", "two", Some("upper and lower case")),
            ("a", "b", None),
            ("a", "a", None),
        ] {
            assert_eq!(kind(one, other), name, "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(escaped("e\u{301} x\u{a0}\t\""), "e\\u{301} x\\u{a0}\\u{9}\"");
    }
}
