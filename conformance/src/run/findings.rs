//! What a run found, before anybody says what it adds up to. No I/O here.

use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::Serialize;

use super::{latency::Latency, settings::Profile, shrink::CutDown};
use crate::{
    observations::Observation, plan::Plan, properties::property::Property, wire::scrubbed::ExchangeReport,
};

/// What a run found.
pub struct Findings {
    /// One entry for each selected property.
    pub properties: Vec<PropertyFinding>,
    /// One entry for each open question.
    pub observations: Vec<ObservationFinding>,
    /// How long answers took, for each operation.
    pub latencies: Vec<Latency>,
    /// Plans run.
    pub plans: u64,
    /// Requests sent to cut failing plans down.
    pub shrinking_requests: u64,
    /// Requests whose answer no property judged.
    pub wasted_requests: u64,
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
    /// Maximum number of requests, cutting down not counted.
    pub allowed_requests: u64,
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took.
    pub elapsed: Duration,
    /// Requests sent, retries and cutting down included.
    pub requests: u64,
    /// The longest time after which a list was right that had not been at first, in milliseconds.
    pub longest_lag_ms: u64,
    /// Answers that said to slow down.
    pub rate_limited: u64,
    /// Records that may still be on the target.
    pub left_behind: u32,
    /// Whether it was ended before its time.
    pub interrupted: bool,
}

/// What a run found about one property.
pub struct PropertyFinding {
    /// The property.
    pub property: &'static Property,
    /// How often it applied and held.
    pub held: u64,
    /// How often it was broken.
    pub broken: u64,
    /// What the target lacks of what the property needs.
    pub lack: Option<String>,
    /// The broken property that this one is only a consequence of.
    pub follows_from: Option<&'static str>,
    /// Its first breach.
    pub failure: Option<Failure>,
}

/// A breach, by the smallest plan that was found to show it.
pub struct Failure {
    /// What should have been.
    pub expected: String,
    /// What was.
    pub actual: String,
    /// The steps taken up to the breach, in words.
    pub steps: Vec<String>,
    /// What was sent and answered at each of them; the last one is the breach.
    pub exchanges: Vec<ExchangeReport>,
    /// How far its plan was cut down.
    pub cut_down: CutDown,
    /// The plan.
    pub plan: Plan,
}

/// What a run saw about a question that documents leave open.
pub struct ObservationFinding {
    /// The question.
    pub observation: &'static Observation,
    /// Every answer that was seen, the most frequent first.
    pub answers: Vec<ObservedAnswer>,
}

/// An answer to an open question, and how often it was seen.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservedAnswer {
    /// The answer in words.
    pub answer: String,
    /// How often it was seen.
    pub times: u64,
    /// The first exchange that shows it.
    pub evidence: ExchangeReport,
}
