//! What a run found, as data. The formats beside this file only render it.

pub mod json;
pub mod terminal;

use serde::Serialize;

use crate::{
    exchange::{Exchange, Outcome},
    plan::Plan,
    property::Level,
    scrub::Scrubber,
};

/// What a run found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Version of this tool.
    pub version: &'static str,
    /// What was tested.
    pub target: String,
    /// Its project.
    pub project_id: String,
    /// The profile that was run.
    pub profile: &'static str,
    /// The seed: the same seed, profile and version take the same steps.
    pub seed: u64,
    /// One entry for each selected property.
    pub properties: Vec<PropertyReport>,
    /// What the target does where documents leave it open.
    pub observations: Vec<ObservationReport>,
    /// Plans run.
    pub plans: u64,
    /// Requests sent, retries and shrinking included.
    pub requests: u64,
    /// Of these, requests sent to cut failing plans down.
    pub shrinking_requests: u64,
    /// Requests that no property judged.
    pub wasted_requests: u64,
    /// The longest time after which a list was right that had not been at first, in milliseconds.
    pub longest_lag_ms: u64,
    /// Answers that said to slow down.
    pub rate_limited: u64,
    /// Duration of the run in milliseconds.
    pub elapsed_ms: u64,
    /// Records of this run that may still be on the target.
    pub left_behind: u32,
    /// Whether the run was ended before its time.
    pub interrupted: bool,
}

/// What a run found about one property.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyReport {
    /// Its id.
    pub id: &'static str,
    /// Its rule.
    pub sentence: &'static str,
    /// How a breach counts.
    pub level: Level,
    /// What it rests on.
    pub source: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// How often it applied and held.
    pub held: u64,
    /// How often it was broken, shrinking not counted.
    pub broken: u64,
    /// How many requests it judged.
    pub requests: u64,
    /// Id of the broken property from which this breach follows, if it has no cause of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows_from: Option<&'static str>,
    /// Why it does not apply to this target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its first breach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// What a run saw about a question that documents leave open.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservationReport {
    /// Its id.
    pub id: &'static str,
    /// The question.
    pub question: &'static str,
    /// Every answer that was seen, the most frequent first; none if nothing that was seen says anything about it.
    pub answers: Vec<ObservedAnswer>,
}

/// An answer to an open question, and how often it was seen.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservedAnswer {
    /// The answer in words.
    pub answer: String,
    /// How often it was seen.
    pub times: u64,
    /// The first exchange that shows it.
    pub evidence: ExchangeReport,
}

/// The verdict on a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It applied at least once and always held.
    Pass,
    /// It was broken.
    Fail,
    /// It never applied.
    Untested,
    /// The target lacks what it is about.
    NotApplicable,
}

/// A breach, cut down to the smallest plan that shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What should have been.
    pub expected: String,
    /// What was.
    pub actual: String,
    /// The steps taken up to the breach, in words.
    pub steps: Vec<String>,
    /// What was sent and answered at each of them.
    pub exchanges: Vec<ExchangeReport>,
    /// The plan, to be run again.
    pub plan: Plan,
}

/// A request and its answer, without secrets.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeReport {
    /// Position in the run.
    pub number: u64,
    /// HTTP method.
    pub method: &'static str,
    /// Path below the target.
    pub path: String,
    /// How it authenticated.
    pub authorization: &'static str,
    /// The body sent.
    pub request: String,
    /// HTTP status, if there was a complete answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body received, or why there is none.
    pub answer: String,
    /// From the first byte sent to the last byte read, in milliseconds.
    pub elapsed_ms: f64,
}

impl ExchangeReport {
    /// An exchange without its secrets.
    pub fn new(exchange: &Exchange, scrubber: &Scrubber) -> Self {
        let (status, answer) = match &exchange.outcome {
            Outcome::Answered(answer) => (Some(answer.status), scrubber.body(&answer.body)),
            Outcome::NeverSent(why) => (None, format!("never sent: {}", scrubber.text(why))),
            Outcome::Unclear(why) => (None, format!("no complete answer: {}", scrubber.text(why))),
        };
        Self {
            number: exchange.number,
            method: exchange.method,
            path: exchange.path.clone(),
            authorization: exchange.authorization,
            request: scrubber.body(&exchange.request_body),
            status,
            answer,
            elapsed_ms: exchange.elapsed.as_secs_f64() * 1000.0,
        }
    }
}

impl Report {
    /// The properties with that verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &PropertyReport> {
        self.properties.iter().filter(move |property| property.verdict == verdict)
    }

    /// The broken properties that do not follow from others.
    pub fn causes(&self) -> impl Iterator<Item = &PropertyReport> {
        self.with(Verdict::Fail).filter(|property| property.follows_from.is_none())
    }

    /// The broken properties at or above a level.
    pub fn broken(&self, least: Level) -> impl Iterator<Item = &PropertyReport> {
        self.with(Verdict::Fail).filter(move |property| property.level <= least)
    }
}
