//! Mutants that take a management key that is not the right one.

use axum::http::HeaderValue;

use crate::kind::Key;
use crate::layer::Asked;
use crate::memory::Memory;

/// The right key, if a wrong one was sent that is taken for it.
pub fn in_place_of(memory: &Memory, kind: Key, asked: &Asked) -> Option<HeaderValue> {
    let right = memory.key.as_ref()?;
    let text = right.to_str().ok()?;
    let sent = asked.authorization();
    (sent != Some(text) && is_taken(kind, sent, text)).then(|| right.clone())
}

fn is_taken(kind: Key, sent: Option<&str>, right: &str) -> bool {
    let halves = |text: &str| {
        let (project, key) = text.strip_prefix("Bearer ")?.split_once(':')?;
        Some((project.to_owned(), key.to_owned()))
    };
    let Some((project, key)) = halves(right) else { return false };
    let Some(sent) = sent else { return kind == Key::None };
    if kind == Key::AnotherScheme {
        return !sent.starts_with("Bearer ");
    }
    let Some((sent_project, sent_key)) = halves(sent) else { return false };
    if kind == Key::AnotherProject {
        return sent_key == key;
    }
    sent_project == project
        && match kind {
            Key::Another => true,
            Key::Empty => sent_key.is_empty(),
            Key::Prefix => !sent_key.is_empty() && key.starts_with(&sent_key),
            Key::Longer => sent_key.starts_with(&key),
            Key::Case => sent_key.eq_ignore_ascii_case(&key),
            Key::None | Key::AnotherProject | Key::AnotherScheme => false,
        }
}
