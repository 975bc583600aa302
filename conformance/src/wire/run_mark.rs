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

    /// These members with a marked name. If that is taken, it gets a number, the first that makes it another one.
    pub(crate) fn mark(&self, body: &Members, is_taken: impl Fn(&str) -> bool) -> Members {
        let mut body = body.clone();
        let words = body.get("name").and_then(Value::as_str).unwrap_or_default();
        // Alone, the prefix ends in no blank: a target may trim names.
        let after =
            |begin: &str| if words.is_empty() { begin.to_owned() } else { format!("{begin} {words}") };
        let mut name = after(&self.prefix);
        let mut number = 1_u32;
        while is_taken(&name) {
            number += 1;
            name = after(&format!("{} {number}", self.prefix));
        }
        body.insert("name".into(), name.into());
        body
    }
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
    fn a_name_that_is_taken_gets_the_first_number_that_is_free() {
        let mark = RunMark { prefix: "conformance-0123456789abcdef".to_owned(), ..RunMark::new(1) };
        let name = |words: &str, taken: &[&str]| {
            let body = Members::from_iter([("name".to_owned(), words.into())]);
            let body =
                mark.mark(&body, |name| taken.iter().any(|taken| name == format!("{}{taken}", mark.prefix)));
            body["name"].as_str().unwrap().strip_prefix(&mark.prefix).unwrap().to_owned()
        };
        assert_eq!(name("a", &[]), " a");
        assert_eq!(name("a", &[" b"]), " a");
        assert_eq!(name("a", &[" a", " 2 a"]), " 3 a");
        assert_eq!(name("", &[""]), " 2");
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
