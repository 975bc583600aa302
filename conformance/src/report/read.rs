//! Reads JSON reports of this version of the suite.
//!
//! What a report says of properties and questions besides their ids (sentence, level, source) is that of this version.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Failure, ObservationReport, PropertyReport, Report, VERSION, Verdict};
use crate::observations;
use crate::properties::registry;
use crate::run::findings::ObservedAnswer;
use crate::stored::{self, FormatError};

/// Why a file is no report that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It is not a report, or one of a format that cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Another version of the suite wrote it, which may have judged by other properties.
    #[error(
        "version {found} of the suite wrote it, and this is version {VERSION}; use one version for all reports"
    )]
    AnotherVersion {
        /// The version that wrote it.
        found: String,
    },
    /// A member does not fit.
    #[error("{place}: {reason}")]
    Member {
        /// Path of the member.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a report.
///
/// # Errors
/// If it is no JSON report of this version of the suite.
pub fn read(bytes: &[u8]) -> Result<Report, ReadError> {
    let json: Value = serde_json::from_slice(bytes)?;
    stored::REPORT.check(&json)?;
    if let Some(found) = json["version"].as_str().filter(|found| *found != VERSION) {
        return Err(ReadError::AnotherVersion { found: found.to_owned() });
    }
    serde_path_to_error::deserialize(&json).map_err(|error| ReadError::Member {
        place: error.path().to_string(),
        reason: error.inner().to_string(),
    })
}

/// What is read of the result for a property.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredProperty {
    id: String,
    verdict: Verdict,
    held: u64,
    broken: u64,
    requests: u64,
    reason: Option<String>,
    follows_from: Option<String>,
    failure: Option<Failure>,
}

impl<'de> Deserialize<'de> for PropertyReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredProperty { id, verdict, held, broken, requests, reason, follows_from, failure } =
            StoredProperty::deserialize(deserializer)?;
        let find = |id: &str| {
            let found = registry::all().find(|property| property.id == id);
            found.ok_or_else(|| D::Error::custom(format!("no property is called {id:?}")))
        };
        let property = find(&id)?;
        Ok(Self {
            id: property.id,
            sentence: property.sentence,
            level: property.level,
            source: property.source,
            verdict,
            held,
            broken,
            requests,
            reason,
            follows_from: follows_from.map(|id| find(&id)).transpose()?.map(|cause| cause.id),
            failure,
        })
    }
}

/// What is read of the answers to a question.
#[derive(Deserialize)]
struct StoredObservation {
    id: String,
    answers: Vec<ObservedAnswer>,
}

impl<'de> Deserialize<'de> for ObservationReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredObservation { id, answers } = StoredObservation::deserialize(deserializer)?;
        let known = observations::ALL.iter().find(|observation| observation.id == id);
        let known = known.ok_or_else(|| D::Error::custom(format!("no observation is called {id:?}")))?;
        Ok(Self { id: known.id, question: known.question, answers })
    }
}
