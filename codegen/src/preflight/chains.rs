//! Schemas that stand for one another: round in a circle there is no type, and long chains are followed by recursion.

use std::collections::BTreeMap;

use crate::document::{Node, Place};
use crate::errors::Report;
use crate::limits::MAX_CHAIN;
use crate::refs::{Component, target_name};

/// Keywords whose parts are the schema itself, not something that it holds.
const PARTS: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// Checks the named schemas against each other.
pub(super) fn check(root: &Place<'_>, report: &mut Report) {
    let schemas = root.find("/components/schemas").map(|schemas| schemas.members()).unwrap_or_default();
    let numbers: BTreeMap<&str, usize> =
        schemas.iter().enumerate().map(|(number, (name, _))| (*name, number)).collect();
    let edges: Vec<Vec<usize>> = schemas
        .iter()
        .map(|(_, place)| {
            let mut names = Vec::new();
            stands_for(place.node, &mut names);
            let mut edges: Vec<_> = names.iter().filter_map(|name| numbers.get(name).copied()).collect();
            edges.sort_unstable();
            edges.dedup();
            edges
        })
        .collect();

    let mut lengths: Vec<Option<usize>> = vec![None; schemas.len()];
    let mut open = vec![false; schemas.len()];
    for start in 0..schemas.len() {
        // Depth first with a stack of our own: the chains are what must not recurse.
        let mut stack = vec![(start, 0)];
        while let Some((number, next)) = stack.pop() {
            if next == 0 {
                if lengths[number].is_some() {
                    continue;
                }
                open[number] = true;
            }
            let Some(&target) = edges[number].get(next) else {
                open[number] = false;
                let below = edges[number].iter().filter_map(|target| lengths[*target]).max();
                lengths[number] = Some(below.map_or(0, |below| below + 1));
                continue;
            };
            stack.push((number, next + 1));
            let (name, place) = &schemas[number];
            if open[target] {
                let other = schemas[target].0;
                let message = format!(
                    "this schema contains itself through allOf, oneOf, anyOf or $ref ('{name}' leads back to '{other}')"
                );
                report.note(
                    place,
                    message,
                    "break the circle: a type cannot contain itself without an optional member",
                );
            } else {
                stack.push((target, 0));
            }
        }
    }
    for (number, (_, place)) in schemas.iter().enumerate() {
        if lengths[number].is_some_and(|length| length == MAX_CHAIN + 1) {
            let message = format!("more than {MAX_CHAIN} schemas stand for one another from here");
            report.note(place, message, "refer to the last of them directly");
        }
    }
}

/// Names of the schemas that a schema stands for, wholly or as one alternative.
fn stands_for<'a>(schema: &'a Node, names: &mut Vec<&'a str>) {
    if let Some(reference) = schema.text("$ref") {
        names.extend(target_name(reference, Component::Schema));
        return;
    }
    for part in PARTS.iter().filter_map(|name| schema.get(name)).flat_map(Node::items) {
        stands_for(part, names);
    }
}
