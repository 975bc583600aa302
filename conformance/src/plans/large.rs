//! Values that are large or deep. No document states a limit, so a target may refuse them; what it takes, it must keep whole.

use std::fmt::Write;

use serde_json::{Value, json};

use super::curated::update;
use super::members;
use crate::documented::UNKNOWN_MEMBER;
use crate::plan::{Action, Plan, ServerLabel};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);

/// How long the descriptions are, in bytes, and what reports call them.
pub(crate) const DESCRIPTIONS: [(usize, &str); 2] = [(100_000, "100 KB"), (1_000_000, "1 MB")];
/// Levels of the deep member: fewer than a hundred, which common readers of JSON stop at.
const DEPTH: usize = 64;
/// Items of the long list.
const ITEMS: usize = 300;

/// A server whose description grows, and one with a deep member and a long list. Each is deleted as soon as it was seen, so
/// that lists of all servers stay small.
pub(crate) fn plan() -> Plan {
    let deep = (0..DEPTH).fold(json!("the end"), |inner, level| match level % 2 {
        0 => json!({ "deep": inner }),
        _ => json!([inner]),
    });
    let tags: Vec<_> = (0..ITEMS).map(|number| format!("tag-{number:03}")).collect();
    let mut plan = Plan::named("large values")
        .then(Action::CreateServer { server: S1, body: members(json!({"name": "with a long description"})) });
    for (bytes, _) in DESCRIPTIONS {
        let set = json!({"description": description(bytes)});
        plan = plan.then(update(set, &[])).then(Action::LoadServer { server: S1 });
    }
    plan.then(Action::DeleteServer { server: S1 })
        .then(Action::CreateServer {
            server: S2,
            body: members(json!({"name": "with a deep member", UNKNOWN_MEMBER: deep})),
        })
        .then(Action::UpdateServer { server: S2, set: members(json!({"tags": tags})), omit: vec![] })
        .then(Action::LoadServer { server: S2 })
        .then(Action::DeleteServer { server: S2 })
}

/// What reports call a description of this plan.
pub(crate) fn size_of(description: &Value) -> Option<&'static str> {
    let length = description.as_str()?.len();
    DESCRIPTIONS.iter().find(|(bytes, _)| *bytes == length).map(|(_, size)| *size)
}

/// A text of so many bytes, no part of which comes twice: what is cut, repeated or left out shows.
fn description(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 8);
    let mut number = 0;
    while text.len() < bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{number} ");
        number += 1;
    }
    text.truncate(bytes - 1);
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_have_the_length_that_reports_name() {
        for (bytes, size) in DESCRIPTIONS {
            assert_eq!(size_of(&description(bytes).into()), Some(size));
        }
        assert_eq!(size_of(&json!("short")), None);
    }
}
