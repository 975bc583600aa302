//! What a run found, as data. The formats beside this file only render it.

mod difference;
pub mod html;
pub mod json;
pub mod junit;
mod latency;
pub mod markdown;
pub mod schema;
pub mod terminal;
mod wording;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    curl,
    exchange::{Exchange, Outcome},
    plan::Plan,
    property::Level,
    scrub::Scrubber,
    shrink::CutDown,
};

pub use latency::{Latencies, Latency};

/// Version of the shape of [`Report`] in JSON. Members may be added without a new one; what is there keeps its meaning.
pub const FORMAT: u32 = 1;

/// Longest body that a report holds, in characters: a list of all servers of a large project has megabytes.
const LONGEST_BODY: usize = 64 << 10;

/// What a run of the conformance suite found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Version of this format. Members may be added without a new one; what is there keeps its meaning.
    pub format: u32,
    /// Version of the tool that wrote it.
    pub version: &'static str,
    /// What was tested.
    pub target: String,
    /// Its project.
    pub project_id: String,
    /// The profile that was run, or `replay`.
    pub profile: &'static str,
    /// The seed: the same seed, profile and version take the same steps.
    pub seed: u64,
    /// The command that takes the same steps again; missing if the run was no command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
    /// Whether the plans are those of another report, whose failures may be mended since.
    pub replays_failures: bool,
    /// When the run began, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_at_ms: u64,
    /// What it adds up to.
    pub conclusion: Conclusion,
    /// The lowest level at which a broken property fails the run.
    pub fails_from: Level,
    /// One entry for each selected property.
    pub properties: Vec<PropertyReport>,
    /// Answers to questions that the documents leave open; they never fail a run.
    pub observations: Vec<ObservationReport>,
    /// How long answers took, for each operation.
    pub latencies: Vec<Latency>,
    /// Plans run.
    pub plans: u64,
    /// Most requests that the run was allowed, shrinking not counted; missing for a replay, which is as long as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_requests: Option<u64>,
    /// Requests sent, retries and shrinking included.
    pub requests: u64,
    /// Of these, requests sent to cut failing plans down.
    pub shrinking_requests: u64,
    /// Of these, requests whose answer no property judged.
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

/// What a run adds up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// Every property that applies was exercised and held, or is broken as the baseline says.
    Pass,
    /// A property is broken that the baseline does not list.
    Fail,
    /// Nothing else is broken, but a property holds that the baseline lists as broken.
    StaleBaseline,
    /// Nothing is broken, but a property was never exercised.
    Incomplete,
    /// Nothing is broken, but records of the run may be left on the target.
    LeftBehind,
    /// Nothing is broken, but the run was ended before its time.
    Interrupted,
}

/// What a run found about one property.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PropertyReport {
    /// Its permanent id, `resource/operation/what-holds`.
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
    /// Requests whose answer it judged, shrinking not counted.
    pub requests: u64,
    /// Why it does not apply to this target, or why the baseline expects it to be broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The broken property that this one is only a consequence of: its smallest plan breaks that one earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows_from: Option<&'static str>,
    /// Its first breach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// What a run saw about a question that documents leave open.
#[derive(Debug, Clone, Serialize, JsonSchema)]
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

/// The verdict on a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It applied at least once and always held.
    Pass,
    /// It was broken.
    Fail,
    /// It was broken, as the baseline says.
    ExpectedFail,
    /// It always held, though the baseline says that it is broken.
    UnexpectedPass,
    /// It never applied.
    Untested,
    /// The target lacks what it is about.
    NotApplicable,
}

/// A breach, cut down to the smallest plan that shows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What should have been.
    pub expected: String,
    /// What was.
    pub actual: String,
    /// The steps taken up to the breach, in words.
    pub steps: Vec<String>,
    /// What was sent and answered at each of them; the last one is the breach.
    pub exchanges: Vec<ExchangeReport>,
    /// The command that shows this breach again; missing if the run was no command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
    /// How far its plan was cut down.
    pub cut_down: CutDown,
    /// The plan, which `--replay` takes to a target again.
    #[schemars(schema_with = "schema::of_plan")]
    pub plan: Plan,
}

/// A request and its answer, without secrets.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeReport {
    /// Position in the run.
    pub number: u64,
    /// HTTP method.
    pub method: &'static str,
    /// Path and query below the target.
    pub path: String,
    /// How it authenticated.
    pub authorization: &'static str,
    /// The body sent.
    pub request: String,
    /// HTTP status, if there was a complete answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers of the answer, in the order received.
    pub headers: Vec<HeaderReport>,
    /// The body received, or why there is none.
    pub answer: String,
    /// From the first byte sent to the last byte read, in milliseconds.
    pub elapsed_ms: f64,
    /// The request as a line for the shell; credentials and the target are variables in it.
    pub curl: String,
}

/// A header of an answer, without secrets.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HeaderReport {
    /// Its name in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl ExchangeReport {
    /// An exchange without its secrets.
    pub fn new(exchange: &Exchange, scrubber: &Scrubber) -> Self {
        let (status, headers, answer) = match &exchange.outcome {
            Outcome::Answered(answer) => {
                let header = |(name, value): &(String, String)| HeaderReport {
                    name: name.clone(),
                    value: scrubber.header(name, value),
                };
                let headers = answer.headers.iter().map(header).collect();
                (Some(answer.status), headers, scrubber.body(&answer.body))
            }
            Outcome::NeverSent(why) => (None, Vec::new(), format!("never sent: {}", scrubber.text(why))),
            Outcome::Unclear(why) => {
                (None, Vec::new(), format!("no complete answer: {}", scrubber.text(why)))
            }
        };
        Self {
            number: exchange.number,
            method: exchange.method,
            path: scrubber.fields(&exchange.path),
            authorization: exchange.authorization,
            request: wording::shorten(&scrubber.body(&exchange.request_body), LONGEST_BODY),
            status,
            headers,
            answer: wording::shorten(&answer, LONGEST_BODY),
            elapsed_ms: exchange.elapsed.as_secs_f64() * 1000.0,
            curl: curl::line(exchange, scrubber),
        }
    }
}

impl Report {
    /// The properties with that verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &PropertyReport> {
        self.properties.iter().filter(move |property| property.verdict == verdict)
    }

    /// The broken properties at or above a level, without those that a baseline expects to be broken.
    pub fn broken(&self, least: Level) -> impl Iterator<Item = &PropertyReport> {
        self.with(Verdict::Fail).filter(move |property| property.level <= least)
    }

    /// The broken properties that are no mere consequence of another, the expected ones included.
    pub fn causes(&self) -> impl Iterator<Item = &PropertyReport> {
        self.properties
            .iter()
            .filter(|property| property.failure.is_some() && self.cause_of(property).is_none())
    }

    /// The broken properties that follow from that one.
    pub fn consequences_of(&self, cause: &str) -> impl Iterator<Item = &PropertyReport> {
        self.properties
            .iter()
            .filter(move |property| self.cause_of(property).is_some_and(|found| found.id == cause))
    }

    /// The broken property at the root of a broken one, if it is another and this report shows its failure.
    fn cause_of(&self, property: &PropertyReport) -> Option<&PropertyReport> {
        let mut root = None;
        let mut next = property.follows_from;
        // At most as many steps as there are properties, should two follow from each other.
        for _ in &self.properties {
            let Some(found) = next.and_then(|id| self.properties.iter().find(|other| other.id == id)) else {
                break;
            };
            if found.id == property.id {
                return None;
            }
            if found.failure.is_none() {
                break;
            }
            root = Some(found);
            next = found.follows_from;
        }
        root
    }

    /// Says what the run adds up to, if properties of this level and above fail it.
    pub fn conclude(&mut self, fails_from: Level) {
        self.fails_from = fails_from;
        self.conclusion = if self.broken(fails_from).next().is_some() {
            Conclusion::Fail
        } else if self.interrupted && self.left_behind > 0 {
            Conclusion::LeftBehind
        } else if self.interrupted {
            Conclusion::Interrupted
        } else if self.with(Verdict::UnexpectedPass).next().is_some() {
            Conclusion::StaleBaseline
        } else if self.with(Verdict::Untested).next().is_some() {
            Conclusion::Incomplete
        } else if self.left_behind > 0 {
            Conclusion::LeftBehind
        } else {
            Conclusion::Pass
        };
    }

    /// The broken properties whose plans could be smaller, had there been more requests for that. A replay takes plans as
    /// they are.
    pub fn not_cut_down(&self) -> impl Iterator<Item = &PropertyReport> {
        let short = |failure: &Failure| matches!(failure.cut_down, CutDown::Unfinished | CutDown::NotTried);
        self.causes()
            .filter(move |property| !self.is_replay() && property.failure.as_ref().is_some_and(short))
    }

    /// The resources that the properties are about, with the properties of each, in the order of the registry.
    pub fn resources(&self) -> Vec<(&'static str, Vec<&PropertyReport>)> {
        let mut resources: Vec<(_, Vec<_>)> = Vec::new();
        for property in &self.properties {
            let (resource, _) = property.path();
            match resources.iter_mut().find(|(known, _)| *known == resource) {
                Some((_, properties)) => properties.push(property),
                None => resources.push((resource, vec![property])),
            }
        }
        resources
    }

    /// Whether it judges plans of a file and not those of a profile.
    pub fn is_replay(&self) -> bool {
        self.profile == crate::replay::PROFILE
    }
}

impl PropertyReport {
    /// The resource that it is about, and the rest of its id.
    pub fn path(&self) -> (&'static str, &'static str) {
        self.id.split_once('/').unwrap_or((self.id, ""))
    }
}
