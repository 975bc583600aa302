//! Reading the text: YAML into the tree, within limits.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::{Key, Kind, Members, Node, Position};
use crate::errors::{Errors, Report};
use crate::limits::{MAX_BYTES, MAX_DEPTH, MAX_NODES};

/// Reads YAML (or JSON, which is YAML too).
///
/// # Errors
///
/// One finding, at the place that is not readable.
pub fn parse(text: &str, file: &str) -> Result<Node, Errors> {
    let mut report = Report::new(file);
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes; at most {MAX_BYTES} are read", text.len());
        report.note(&Position::default(), message, "split it, or leave out what is not called");
        return Err(report.into_errors());
    }
    let mut budget = serde_saphyr::Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    // Every element is at most two events; with its own, smaller default this limit would come first.
    budget.max_events = 2 * MAX_NODES;
    let mut aliases = serde_saphyr::options::AliasLimits::default();
    aliases.max_total_replayed_events = MAX_NODES;
    let options = serde_saphyr::options! { budget: Some(budget), alias_limits: aliases };
    match serde_saphyr::from_str_with_options::<Node>(text, options) {
        Ok(node) => Ok(node),
        Err(error) => {
            let at = error.location().map(position).unwrap_or_default();
            let (message, cure) = explain(&error);
            report.note(&at, message, cure);
            Err(report.into_errors())
        }
    }
}

/// What kept a text from being read, and what to do about it: limits in our words, the rest in the reader's.
fn explain(error: &serde_saphyr::Error) -> (String, &'static str) {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;
    match error.without_snippet() {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
            (format!("nested deeper than {MAX_DEPTH} levels"), "name the inner schemas and refer to them")
        }
        Error::Budget { breach: BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. }, .. } => {
            (format!("more than {MAX_NODES} elements"), "split the document, or leave out what is not called")
        }
        Error::Budget {
            breach: BudgetBreach::AliasAnchorRatio { .. } | BudgetBreach::Aliases { .. },
            ..
        }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => (
            "YAML aliases make far more out of this document than its text has".to_owned(),
            "write components and refer to them with $ref instead",
        ),
        other => {
            let text = other.to_string();
            let first = text.lines().next().unwrap_or("no details given");
            if first.contains("RecordedAnchor") || first.contains("recursive references") {
                let message = "YAML aliases lead back to themselves, or make far more out of this document than its text has";
                return (message.to_owned(), "write components and refer to them with $ref instead");
            }
            // The rest is the position once more, and advice to programmers.
            let end = [" at line ", ", set ", "; use "].iter().filter_map(|mark| first.find(mark)).min();
            let first = end.map_or(first, |end| &first[..end]);
            (format!("not readable as YAML: {first}"), "correct the text at this place")
        }
    }
}

fn position(location: serde_saphyr::Location) -> Position {
    Position { line: location.line(), column: location.column() }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self { at: position(spanned.referenced), kind: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value that JSON has too")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Kind::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Kind, E> {
        serde_json::Number::from_f64(value)
            .map(Kind::Number)
            .ok_or_else(|| E::custom("a number that JSON cannot hold (infinite or not a number)"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<Node>()? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = access.next_entry::<Spanned<String>, Node>()? {
            entries.push((Key { at: position(key.referenced), name: key.value }, node));
        }
        Ok(Kind::Map(Members::new(entries)))
    }
}
