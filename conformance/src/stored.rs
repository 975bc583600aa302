//! The formats of the files that the suite writes and reads again, and their versions. No I/O here.
//!
//! A file says in `format` which version it has. A version stays readable as long as its constant here says so;
//! `tests/formats/` holds one file of each.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A format of files.
pub(crate) struct Format {
    /// What such a file is, with an article.
    what: &'static str,
    /// The version that is written now.
    pub(crate) current: u32,
    /// The oldest version that can still be read.
    oldest: u32,
    /// The version of a file that says none, if such files were ever written.
    unsaid: Option<u32>,
}

/// JSON reports.
pub(crate) const REPORT: Format = Format { what: "a JSON report", current: 1, oldest: 1, unsaid: None };
/// Plans, each in a file of its own or in a report. The first ones did not say their version.
pub(crate) const PLAN: Format = Format { what: "a plan", current: 1, oldest: 0, unsaid: Some(0) };
/// Answers to the open questions.
pub(crate) const ANSWERS: Format = Format { what: "an answers file", current: 1, oldest: 1, unsaid: None };
/// The journal; the line that begins a run says the version. The first ones did not.
pub(crate) const JOURNAL: Format = Format { what: "a journal", current: 1, oldest: 0, unsaid: Some(0) };

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It is not such a file, or one of a format that cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A member does not fit.
    #[error("{place}: {reason}")]
    Member {
        /// Path of the member.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a value whose format has been checked.
///
/// # Errors
/// If a member does not fit.
pub(crate) fn fit<T: DeserializeOwned>(json: &Value) -> Result<T, StoredError> {
    serde_path_to_error::deserialize(json).map_err(|error| StoredError::Member {
        place: error.path().to_string(),
        reason: error.inner().to_string(),
    })
}

/// Why a file is not read: its version is not one that this program knows.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It says no version, or not as a number.
    #[error("it is not {what} of this suite: it has no number `format`")]
    Unsaid {
        /// What the file should be.
        what: &'static str,
    },
    /// A newer program wrote it.
    #[error(
        "it is {what} of format {found}, and this version of the suite ({}) reads formats up to {current}; use the version \
         that wrote it{by}",
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// What the file is.
        what: &'static str,
        /// Its version.
        found: u64,
        /// The newest version that can be read.
        current: u32,
        /// The version of the program that wrote it, in brackets, if the file says so.
        by: String,
    },
    /// An old program wrote it.
    #[error(
        "it is {what} of format {found}, and this version of the suite ({}) reads formats from {oldest} on; write it again \
         with this version",
        env!("CARGO_PKG_VERSION")
    )]
    Older {
        /// What the file is.
        what: &'static str,
        /// Its version.
        found: u64,
        /// The oldest version that can be read.
        oldest: u32,
    },
}

impl Format {
    /// Checks the version that a file says.
    ///
    /// # Errors
    /// If this program cannot read that version.
    pub(crate) fn check(&self, file: &Value) -> Result<(), FormatError> {
        let said = file.get("format").map_or(self.unsaid.map(u64::from), Value::as_u64);
        let what = self.what;
        match said {
            None => Err(FormatError::Unsaid { what }),
            Some(found) if found > u64::from(self.current) => {
                let by = ["version", "suite"].iter().find_map(|member| file.get(member)?.as_str());
                let by = by.map(|version| format!(" ({version})")).unwrap_or_default();
                Err(FormatError::Newer { what, found, current: self.current, by })
            }
            Some(found) if found < u64::from(self.oldest) => {
                Err(FormatError::Older { what, found, oldest: self.oldest })
            }
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_that_cannot_be_read_is_named_with_the_cure() {
        let format = Format { what: "a map", current: 3, oldest: 2, unsaid: None };
        let said = |file: Value| format.check(&file).map_err(|error| error.to_string());
        assert_eq!((said(json!({"format": 2})), said(json!({"format": 3}))), (Ok(()), Ok(())));
        let newer = said(json!({"format": 4, "version": "9.1.0"})).unwrap_err();
        assert!(newer.contains("a map of format 4") && newer.contains("formats up to 3"), "{newer}");
        assert!(newer.ends_with("use the version that wrote it (9.1.0)"), "{newer}");
        let older = said(json!({"format": 1})).unwrap_err();
        assert!(
            older.contains("a map of format 1") && older.contains("from 2 on; write it again"),
            "{older}"
        );
        for unsaid in [json!({}), json!({"format": "1"}), json!({"format": -1}), json!([])] {
            assert!(said(unsaid).unwrap_err().contains("has no number `format`"));
        }
    }

    #[test]
    fn a_file_of_a_kind_that_once_said_no_version_may_still_say_none() {
        assert_eq!((PLAN.check(&json!({"steps": []})), JOURNAL.check(&json!({}))), (Ok(()), Ok(())));
        assert!(PLAN.check(&json!({"format": PLAN.current + 1})).is_err());
    }
}
