//! What a run found, before anybody says what it adds up to. No I/O here.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::latency::Latency;
use super::patience::Lag;
use super::rotation::Rotation;
use super::settings::Profile;
use super::shrink::CutDown;
use crate::observations::Observation;
use crate::plan::Plan;
use crate::properties::property::Property;
use crate::wire::scrubbed::ExchangeReport;

/// What a run found.
pub struct Findings {
    /// One entry for each selected property.
    pub properties: Vec<PropertyFinding>,
    /// One entry for each open question.
    pub observations: Vec<ObservationFinding>,
    /// Response times, for each operation.
    pub latencies: Vec<Latency>,
    /// How long secrets work after their rotation.
    pub rotation: Rotation,
    /// Number of plans that were run.
    pub plans: u64,
    /// Requests sent to shrink failing plans.
    pub shrinking_requests: u64,
    /// Requests whose answer no property judged.
    pub wasted_requests: u64,
    /// Whether something was left out because the allowed requests were used up.
    pub ran_out: bool,
    /// The facts of the run.
    pub run: Facts,
}

/// The facts of a run.
pub struct Facts {
    /// What was tested.
    pub target: String,
    /// Its project.
    pub project_id: String,
    /// How much was to be done; none if the plans came from a file.
    pub profile: Option<Profile>,
    /// The seed.
    pub seed: u64,
    /// Maximum number of requests, shrinking not counted.
    pub allowed_requests: u64,
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took.
    pub elapsed: Duration,
    /// Requests sent, retries and shrinking included.
    pub requests: u64,
    /// The longest time until a list that was wrong at first became right.
    pub longest_lag: Lag,
    /// Number of responses that asked the suite to slow down.
    pub rate_limited: u64,
    /// At least so many records may still be on the target.
    pub left_behind: u32,
    /// Why, if some may.
    pub left_because: Option<String>,
    /// Why the target was given up, if it stopped answering.
    pub gave_up: Option<String>,
    /// Whether it was ended before its time.
    pub interrupted: bool,
}

/// The result for one property.
pub struct PropertyFinding {
    /// The property.
    pub property: &'static Property,
    /// How often it applied and held.
    pub held: u64,
    /// How often it was broken.
    pub broken: u64,
    /// What the target lacks of what the property needs.
    pub lack: Option<String>,
    /// Why nothing exercised it, if nothing did.
    pub unexercised: Option<String>,
    /// The broken property that this one is only a consequence of.
    pub follows_from: Option<&'static str>,
    /// The broken property about the same member of a record that was cut down before this one, with the requests that both
    /// share.
    pub shares_requests_with: Option<&'static str>,
    /// Its first failure.
    pub failure: Option<Failure>,
}

/// A breach, by the smallest plan that was found to show it.
pub struct Failure {
    /// What the property expects.
    pub expected: String,
    /// What the target did.
    pub actual: String,
    /// The steps up to the failure, in words.
    pub steps: Vec<String>,
    /// The exchange of each step; the last one breaks the property.
    pub exchanges: Vec<ExchangeReport>,
    /// How far shrinking of its plan got.
    pub cut_down: CutDown,
    /// The plan.
    pub plan: Plan,
}

/// The answers of the target to a question that no document settles.
pub struct ObservationFinding {
    /// The question.
    pub observation: &'static Observation,
    /// Every answer that was seen, the most frequent first.
    pub answers: Vec<ObservedAnswer>,
}

/// An answer to an open question, and how often it occurred.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservedAnswer {
    /// The answer in words.
    pub answer: String,
    /// Number of times that it occurred.
    pub times: u64,
    /// The operations that were answered so, by their operationIds, and endpoints of the authorization server.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub operations: BTreeSet<Cow<'static, str>>,
    /// The first exchange that shows it.
    pub evidence: ExchangeReport,
}
