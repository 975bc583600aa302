//! Texts as people can read them: cut to a bearable length, and without characters that a terminal obeys.

/// A text with at most that many characters; how many there were is said.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
    }
}

/// Two texts, each cut to the part around the place where they first differ if it has more than that many characters; how
/// many there were is said.
pub(crate) fn shorten_around_difference(one: &str, other: &str, most: usize) -> (String, String) {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let length = text.chars().count();
        if length <= most {
            return text.to_owned();
        }
        let start = same.saturating_sub(most / 2);
        let shown: String = text.chars().skip(start).take(most).collect();
        let before = if start > 0 { "…" } else { "" };
        let after = if start + most < length { "…" } else { "" };
        format!("{before}{shown}{after} ({length} characters)")
    };
    (around(one), around(other))
}

/// A text that cannot move the cursor, change colours or turn the direction of writing: what would is escaped.
pub(crate) fn printable(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) || matches!(c, '\u{2028}' | '\u{2029}') {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_texts_the_part_around_their_difference_is_left() {
        let same = "ż".repeat(1_000);
        let (one, other) = shorten_around_difference(&format!("{same}1{same}"), &format!("{same}2"), 20);
        assert_eq!(
            one,
            format!("…{ten}1{nine}… (2001 characters)", ten = "ż".repeat(10), nine = "ż".repeat(9))
        );
        assert_eq!(other, format!("…{ten}2 (1001 characters)", ten = "ż".repeat(10)));
        assert_eq!(shorten_around_difference("a", "b", 20), ("a".to_owned(), "b".to_owned()));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shorten("żółw", 4), "żółw");
        assert_eq!(shorten("żółw", 2), "żó… (4 characters)");
    }
}
