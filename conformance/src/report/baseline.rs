//! Failures that are known and accepted for now, each with its reason. Strict both ways: a failure that is not listed
//! fails the run, and so does a listed one that is gone.
//!
//! The file is TOML, because its reasons are for people: they may have comments and several lines.

use std::ops::Range;
use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use toml::Spanned;

use super::Verdict;
use crate::properties::registry;

/// Properties that are expected to be broken.
#[derive(Debug, Default)]
pub struct Baseline {
    expected: Vec<(&'static str, String)>,
}

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Io(#[from] io::Error),
    /// Something in it is wrong.
    #[error("line {line}, column {column}: {reason}")]
    At {
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    expected_failure: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    property: Spanned<String>,
    reason: Spanned<String>,
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is no TOML of this form, names a property that does not exist or the same one twice, or gives no reason.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        Self::parse(&fs::read_to_string(path)?)
    }

    fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: File = toml::from_str(text)
            .map_err(|error| at(text, error.span().unwrap_or_default(), error.message().to_owned()))?;
        let mut expected: Vec<(&'static str, String)> = Vec::new();
        for Entry { property, reason } in file.expected_failure {
            let id = property.get_ref();
            let Some(known) = registry::all().find(|known| known.id == id) else {
                return Err(at(
                    text,
                    property.span(),
                    format!("no property is called {id:?}; {}", registry::hint_for_unknown(id)),
                ));
            };
            if expected.iter().any(|(other, _)| *other == known.id) {
                return Err(at(
                    text,
                    property.span(),
                    format!("{id} is listed twice; remove one of the entries"),
                ));
            }
            if reason.get_ref().trim().is_empty() {
                return Err(at(text, reason.span(), format!("say why {id} is expected to be broken")));
            }
            expected.push((known.id, reason.into_inner().trim().to_owned()));
        }
        Ok(Self { expected })
    }

    /// The verdict on a property by what the baseline expects of it, and why that was expected, if the verdict rests on it:
    /// a broken one may be expected, and one that held unexpected.
    pub(super) fn verdict(&self, property: &str, found: Verdict) -> (Verdict, Option<&str>) {
        let Some((_, reason)) = self.expected.iter().find(|(id, _)| *id == property) else {
            return (found, None);
        };
        match found {
            Verdict::Fail => (Verdict::ExpectedFail, Some(reason)),
            Verdict::Pass => (Verdict::UnexpectedPass, Some(reason)),
            // Nothing was seen of it, so nothing is said against the entry.
            other => (other, None),
        }
    }
}

fn at(text: &str, span: Range<usize>, reason: String) -> BaselineError {
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    BaselineError::At { line, column, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        Baseline::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn an_entry_is_a_property_and_a_reason() {
        let text = "# A comment.\n[[expected-failure]]\nproperty = \"server/update/keeps-id\"\nreason = \"\"\"\nTicket 7.\n\"\"\"\n";
        let baseline = Baseline::parse(text).unwrap();
        assert_eq!(baseline.expected, [("server/update/keeps-id", "Ticket 7.".to_owned())]);
        assert!(Baseline::parse("").unwrap().expected.is_empty());
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let entry = |id: &str, reason: &str| {
            format!("[[expected-failure]]\nproperty = {id:?}\nreason = {reason:?}\n")
        };
        let good = entry("server/update/keeps-id", "why");
        assert!(
            said(&entry("no/such", "why"))
                .starts_with("line 2, column 12: no property is called \"no/such\"")
        );
        assert!(
            said(&format!("{good}{good}"))
                .starts_with("line 5, column 12: server/update/keeps-id is listed twice")
        );
        assert!(said(&entry("server/update/keeps-id", " ")).starts_with("line 3, column 10: say why"));
        assert!(said("[[expected-failure]]\nid = 1\n").starts_with("line 2, column 1: unknown field `id`"));
        assert!(said("[[expected-failure\n").starts_with("line 1, "));
        assert!(said("[[expected-failure]]\nproperty = \"a\"\n").contains("missing field `reason`"));
    }
}
