//! Parts of the sentences that actions read as.

use std::fmt;

use crate::json::Members;
use crate::text::shorten;

/// Longest value that a sentence quotes, in characters.
const MAX_QUOTE_CHARS: usize = 60;

/// The members that are sent.
pub(super) fn with(members: &Members) -> String {
    let shown: Vec<_> = members
        .iter()
        .map(|(name, value)| format!("{name} {}", shorten(&value.to_string(), MAX_QUOTE_CHARS)))
        .collect();
    if shown.is_empty() { String::new() } else { format!(" with {}", shown.join(", ")) }
}

/// The members that are left out.
pub(super) fn without(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" leaving out {}", names.join(", ")) }
}

/// Several records.
pub(super) fn list<T: fmt::Display>(items: &[T]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}
