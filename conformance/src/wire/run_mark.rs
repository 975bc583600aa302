//! The mark of a run on everything that it creates.

use std::hash::{BuildHasher, RandomState};

use serde_json::Value;

use crate::json::Members;

/// What marks the things that one run makes, so that they can be told from everything else on the target.
#[derive(Debug, Clone)]
pub struct RunMark {
    /// Put before every name.
    pub prefix: String,
    /// A well-formed server id that this run made up, so that nobody ever created it.
    pub unmade_server_id: String,
}

/// What every prefix begins with.
const PREFIX_WORD: &str = "conformance-";
/// Hexadecimal digits after it.
const PREFIX_DIGITS: usize = 16;

impl RunMark {
    /// The mark of a new run. It is random, so that two runs of one seed do not take each other's records for their own.
    pub fn new(seed: u64) -> Self {
        let nonce = RandomState::new().hash_one("prefix");
        Self {
            prefix: format!("{PREFIX_WORD}{nonce:0PREFIX_DIGITS$x}"),
            unmade_server_id: format!("MS0000000{seed:020}"),
        }
    }

    /// Whether a text has the form of a prefix: `conformance-` and 16 hexadecimal digits.
    pub fn is_prefix(text: &str) -> bool {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        text.strip_prefix(PREFIX_WORD)
            .is_some_and(|digits| digits.len() == PREFIX_DIGITS && digits.bytes().all(digit))
    }

    /// Whether a name was given by the run with that prefix: it begins with it as a whole word, in whichever case a wrong
    /// target stores names.
    pub fn is_borne_by(prefix: &str, name: &str) -> bool {
        let Some((word, rest)) = name.split_at_checked(prefix.len()) else { return false };
        word.eq_ignore_ascii_case(prefix) && rest.chars().next().is_none_or(char::is_whitespace)
    }

    /// These members with a marked name. If that is taken, letters are added to its last word: blanks at its end stay, and so
    /// does its place among other names, as far as it has one.
    pub(crate) fn mark(&self, body: &Members, is_taken: impl Fn(&str) -> bool) -> Members {
        let mut body = body.clone();
        let words = body.get("name").and_then(Value::as_str).unwrap_or_default();
        let (words, blanks) = words.split_at(words.trim_end().len());
        let named = |more: &str| match [words, more].concat() {
            // Alone, the prefix ends in no blank: a target may trim names.
            words if words.is_empty() && blanks.is_empty() => self.prefix.clone(),
            words => format!("{} {words}{blanks}", self.prefix),
        };
        let more = std::iter::once(String::new()).chain((1..).map(letters));
        let free = more.map(|more| named(&more)).find(|name| !is_taken(name));
        body.insert("name".into(), free.unwrap_or_else(|| named("")).into());
        body
    }
}

/// A number above zero in lower-case letters, each number in other ones: a, b, …, z, ba, bb, …
fn letters(number: u32) -> String {
    let letter = |digit: u32| char::from(b'a' + (digit % 26) as u8);
    let mut rest = number - 1;
    let mut letters = vec![letter(rest)];
    while rest >= 26 {
        rest /= 26;
        letters.push(letter(rest));
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_a_prefix_of_its_own_and_of_one_form() {
        let (one, two) = (RunMark::new(1).prefix, RunMark::new(1).prefix);
        assert!(RunMark::is_prefix(&one) && RunMark::is_prefix(&two));
        assert_ne!(one, two);
        for other in ["", "conformance-", "conformance-0", "conformance-0123456789ABCDEF", "0123456789abcdef"]
        {
            assert!(!RunMark::is_prefix(other), "{other}");
        }
    }

    #[test]
    fn a_name_that_is_taken_becomes_another_one_that_sorts_alike() {
        let mark = RunMark { prefix: "conformance-0123456789abcdef".to_owned(), ..RunMark::new(1) };
        let name = |words: &str, taken: &[&str]| {
            let body = Members::from_iter([("name".to_owned(), words.into())]);
            let is_taken = |name: &str| taken.iter().any(|taken| *name == format!("{}{taken}", mark.prefix));
            let body = mark.mark(&body, is_taken);
            body["name"].as_str().unwrap().strip_prefix(&mark.prefix).unwrap().to_owned()
        };
        assert_eq!(name("alpha", &[]), " alpha");
        assert_eq!(name("alpha", &[" beta"]), " alpha");
        assert_eq!(name("alpha", &[" alpha", " alphaa"]), " alphab");
        assert_eq!(name("two words ", &[" two words "]), " two wordsa ");
        assert_eq!(name("", &[""]), " a");
        assert_eq!([1, 26, 27, 53].map(letters), ["a", "z", "ba", "ca"]);
    }

    #[test]
    fn a_prefix_is_borne_as_a_whole_word_at_the_beginning() {
        let prefix = "conformance-0123456789abcdef";
        for ours in [
            "conformance-0123456789abcdef",
            "conformance-0123456789abcdef name",
            "CONFORMANCE-0123456789ABCDEF NAME",
        ] {
            assert!(RunMark::is_borne_by(prefix, ours), "{ours}");
        }
        for other in ["", "conformance-0123456789abcdef0", " conformance-0123456789abcdef", "conformance-"] {
            assert!(!RunMark::is_borne_by(prefix, other), "{other}");
        }
    }
}
