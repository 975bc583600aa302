//! Reads JSON reports of this version of the suite.
//!
//! What a report says of properties and questions besides their ids (sentence, level, source) is that of this version.

use clap::ValueEnum;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Failure, ObservationReport, PropertyReport, Report, VERSION, Verdict};
use crate::observations;
use crate::properties::registry;
use crate::run::findings::ObservedAnswer;
use crate::run::replay;
use crate::run::settings::Profile;
use crate::stored::{self, StoredError};

/// Largest number that a report may count up to: a hundred of them can be added.
const MAX_COUNT: u64 = 1 << 53;
/// The end of the year 9999, in milliseconds since 1970: the last time that has an HTTP date.
const MAX_TIME_MS: u64 = 253_402_300_799_999;

/// Why a file is no report that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON report, or one that cannot be read.
    #[error(transparent)]
    Stored(#[from] StoredError),
    /// Another version of the suite wrote it, which may have judged by other properties.
    #[error(
        "version {found} of the suite wrote it, and this is version {VERSION}; use one version for all reports"
    )]
    AnotherVersion {
        /// The version that wrote it.
        found: String,
    },
}

/// Reads a report.
///
/// # Errors
/// If it is no JSON report of this version of the suite.
pub fn read(bytes: &[u8]) -> Result<Report, ReadError> {
    let json: Value = serde_json::from_slice(bytes).map_err(StoredError::from)?;
    stored::REPORT.check(&json).map_err(StoredError::from)?;
    if let Some(found) = json["version"].as_str().filter(|found| *found != VERSION) {
        return Err(ReadError::AnotherVersion { found: found.to_owned() });
    }
    let report: Report = stored::fit(&json)?;
    check_numbers(&report)?;
    let profiles = Profile::value_variants().iter().map(|profile| profile.name());
    if !profiles.chain([replay::PROFILE]).any(|name| name == report.profile) {
        return Err(member("profile", "no profile has that name"));
    }
    Ok(report)
}

/// Numbers that no run has: with them, sums would overflow, and times would have no date.
fn check_numbers(report: &Report) -> Result<(), ReadError> {
    if report.started_at_ms > MAX_TIME_MS {
        return Err(member("startedAtMs", "it is after the year 9999"));
    }
    let of_run = [
        report.plans,
        report.allowed_requests.unwrap_or_default(),
        report.requests,
        report.shrinking_requests,
        report.wasted_requests,
        report.longest_lag_ms,
        report.longest_lag_more_than_ms,
        report.rate_limited,
        report.elapsed_ms,
    ];
    let of_properties = report.properties.iter().flat_map(|one| [one.held, one.broken, one.requests]);
    let of_answers = report.observations.iter().flat_map(|one| &one.answers).map(|answer| answer.times);
    let of_operations = report.latencies.iter().map(|row| row.answers);
    match of_run.into_iter().chain(of_properties).chain(of_answers).chain(of_operations).max() {
        Some(most) if most > MAX_COUNT => Err(member("/", &format!("no run counts up to {most}"))),
        _ => Ok(()),
    }
}

fn member(place: &str, reason: &str) -> ReadError {
    StoredError::Member { place: place.to_owned(), reason: reason.to_owned() }.into()
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
    #[serde(default)]
    shares_requests_with: Option<String>,
    failure: Option<Failure>,
}

impl<'de> Deserialize<'de> for PropertyReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredProperty {
            id,
            verdict,
            held,
            broken,
            requests,
            reason,
            follows_from,
            shares_requests_with,
            failure,
        } = StoredProperty::deserialize(deserializer)?;
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
            shares_requests_with: shares_requests_with.map(|id| find(&id)).transpose()?.map(|other| other.id),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The report that `tests/formats/` keeps, with another value at a place.
    fn read_with(pointer: &str, value: Value) -> Result<Report, String> {
        let text = include_str!("../../tests/formats/report-1.json");
        let mut json: Value = serde_json::from_str(text).unwrap();
        *json.pointer_mut(pointer).unwrap() = value;
        read(json.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let report = read_with("/seed", 5.into()).unwrap();
        let written = serde_json::to_value(&report).unwrap();
        let stored: Value = serde_json::from_str(include_str!("../../tests/formats/report-1.json")).unwrap();
        for member in
            ["/properties/1/failure", "/observations/0/answers", "/latencies", "/shard", "/startedAtMs"]
        {
            assert_eq!(written.pointer(member), stored.pointer(member), "{member}");
        }
    }

    #[test]
    fn a_report_that_no_run_can_have_written_is_refused() {
        for (pointer, value, reason) in [
            ("/startedAtMs", u64::MAX.into(), "startedAtMs: it is after the year 9999"),
            ("/requests", u64::MAX.into(), "no run counts up to"),
            ("/properties/0/held", u64::MAX.into(), "no run counts up to"),
            ("/leftBehind", (-1).into(), "leftBehind"),
            ("/shard/of", u32::MAX.into(), "there is no shard"),
            ("/shard/index", 0.into(), "there is no shard"),
            ("/profile", "\u{1b}[2J".into(), "profile: no profile"),
            ("/version", "0.0.1".into(), "version 0.0.1 of the suite wrote it"),
            ("/observations/0/id", "no/such".into(), "no observation is called"),
        ] {
            let said = read_with(pointer, value).unwrap_err();
            assert!(said.contains(reason), "{pointer}: {said}");
        }
    }
}
