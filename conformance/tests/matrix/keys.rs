//! Mutants that take a management key that is not the right one.

use axum::http::header;

use crate::kind::Key;
use crate::layer::{Answered, Asked, Layer};

/// Puts the right key in the place of a wrong one that is taken for it, then asks.
pub async fn answer(layer: &Layer, kind: Key, mut asked: Asked) -> Answered {
    let right = layer.memory().key.clone();
    if let Some(right) = right
        && let Ok(text) = right.to_str()
        && asked.authorization() != Some(text)
        && is_taken(kind, asked.authorization(), text)
    {
        layer.act();
        asked.headers.insert(header::AUTHORIZATION, right);
    }
    layer.ask(asked).await
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
