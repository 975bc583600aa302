//! What a run found, as data. The formats beside this file only render it.

pub mod answers;
pub mod answers_diff;
pub mod baseline;
mod difference;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub mod merge;
pub mod policy;
mod read;
pub mod schema;
pub(crate) mod terminal;
mod wording;

use std::borrow::Cow;
use std::time::UNIX_EPOCH;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::policy::{Policy, Replayed};
pub use self::read::{ReadError, read};
use crate::plan::Plan;
use crate::properties::property::Level;
use crate::run::findings::{Facts, Findings, ObservedAnswer, PropertyFinding};
use crate::run::latency::Latency;
use crate::run::replay;
use crate::run::rotation::Rotation;
use crate::run::settings::Profile;
use crate::run::shrink::CutDown;
use crate::shard::Shard;
use crate::stored;
use crate::wire::scrubbed::ExchangeReport;

/// Version of this program, which reports name.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a run of the conformance suite found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Version of this format. Members may be added without a new one; what is there keeps its meaning.
    pub format: u32,
    /// Version of the program that wrote the report.
    pub version: Cow<'static, str>,
    /// What was tested.
    pub target: String,
    /// Its project.
    pub project_id: String,
    /// The profile that was run, or `replay`.
    pub profile: Cow<'static, str>,
    /// The seed: the same seed, profile and version give the same steps.
    pub seed: u64,
    /// Which shard of a run this is; missing if it is a whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The shards of which this report is made up; missing unless `report merge` made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
    /// The command that repeats the same steps; missing if the run was not started by a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
    /// Whether the plans are those of another report, whose failures may have been fixed since.
    pub replays_failures: bool,
    /// When the run began, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_at_ms: u64,
    /// The conclusion of the run.
    pub conclusion: Conclusion,
    /// The lowest level at which a broken property fails the run.
    pub fails_from: Level,
    /// The properties that were asked for by name: one that does not apply to the target leaves the run incomplete.
    #[serde(default)]
    pub required: Vec<String>,
    /// One entry for each selected property.
    pub properties: Vec<PropertyReport>,
    /// Answers to questions that the documents leave open; they never fail a run.
    pub observations: Vec<ObservationReport>,
    /// How long secrets were seen to work after their rotation.
    #[serde(default)]
    pub rotation: Rotation,
    /// Response times, for each operation.
    pub latencies: Vec<Latency>,
    /// Number of plans that were run.
    pub plans: u64,
    /// Maximum number of requests of the run, without shrinking; missing for a replay, which has no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_requests: Option<u64>,
    /// Number of requests that were sent, with retries and shrinking.
    pub requests: u64,
    /// Number of these requests that were sent to shrink failing plans.
    pub shrinking_requests: u64,
    /// Number of these requests whose response no property judged.
    pub wasted_requests: u64,
    /// Whether part of a plan was left out because the run may send no more requests.
    #[serde(default)]
    pub ran_out_of_requests: bool,
    /// The longest time until a list that was wrong at first became right, in milliseconds.
    pub longest_lag_ms: u64,
    /// How long that list was seen to be wrong, in milliseconds: it was not asked for again until `longestLagMs`.
    #[serde(default)]
    pub longest_lag_more_than_ms: u64,
    /// Number of responses that asked the suite to slow down.
    pub rate_limited: u64,
    /// Duration of the run in milliseconds.
    pub elapsed_ms: u64,
    /// At least so many records of this run may still be on the target; 0 if the target has shown that none is.
    pub left_behind: u32,
    /// Why, if records may still be on the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_because: Option<String>,
    /// Why the target was given up, if it stopped answering before the run was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gave_up: Option<String>,
    /// Whether a signal ended the run early.
    pub interrupted: bool,
}

/// The shards of which a merged report is made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Merged {
    /// The number of shards that the run was split into.
    pub of: u32,
    /// The shards whose reports are missing, counted from 1.
    pub missing: Vec<u32>,
}

/// The conclusion of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// Every property that applies was exercised, and held or was broken as the baseline says.
    Pass,
    /// A property that the baseline does not list is broken.
    Fail,
    /// Nothing else is broken, but a property that the baseline lists as broken holds.
    StaleBaseline,
    /// Nothing is broken, but a property was never exercised, one that was asked for by name does not apply, a shard of the
    /// run is missing, or the target stopped answering.
    Incomplete,
    /// Nothing is broken, but records of the run may be left on the target.
    LeftBehind,
    /// Nothing is broken, but a signal ended the run early.
    Interrupted,
}

/// The result for one property.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PropertyReport {
    /// Its permanent id, `resource/operation/what-holds`.
    pub id: &'static str,
    /// Its rule.
    pub sentence: &'static str,
    /// How much a broken property counts.
    pub level: Level,
    /// The facts that it rests on.
    pub source: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// How often it applied and held.
    pub held: u64,
    /// How often it was broken, without shrinking.
    pub broken: u64,
    /// Number of requests whose response it judged, without shrinking.
    pub requests: u64,
    /// Why the property does not apply to this target, why nothing exercised it, or why the baseline expects it to be
    /// broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Another broken property that this failure follows from: the smallest plan breaks that property earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows_from: Option<&'static str>,
    /// Another broken property about the same member of a record, whose plan was shrunk first: most likely both show one
    /// fault, so they share the requests for shrinking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares_requests_with: Option<&'static str>,
    /// Its first failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// The answers of the target to a question that no document settles.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservationReport {
    /// Its id.
    pub id: &'static str,
    /// The question.
    pub question: &'static str,
    /// Every observed answer, the most frequent first; empty if no response answered the question.
    pub answers: Vec<ObservedAnswer>,
}

/// The verdict on a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It applied at least once and always held.
    Pass,
    /// It was broken.
    Fail,
    /// It was broken, as the baseline says.
    ExpectedFail,
    /// It always held, although the baseline says that it is broken.
    UnexpectedPass,
    /// It never applied.
    Untested,
    /// The target does not have what the property is about.
    NotApplicable,
}

/// A failure of a property, with the smallest plan that was found to show it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What the property expects.
    pub expected: String,
    /// What the target did.
    pub actual: String,
    /// The steps up to the failure, in words.
    pub steps: Vec<String>,
    /// The exchange of each step; the last one breaks the property.
    pub exchanges: Vec<ExchangeReport>,
    /// The command that repeats this failure; missing if the run was not started by a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
    /// How far shrinking of its plan got.
    pub cut_down: CutDown,
    /// The plan, for `--replay`.
    #[schemars(schema_with = "schema::of_plan")]
    pub plan: Plan,
}

impl Report {
    /// The report on findings by a policy.
    pub fn new(findings: Findings, policy: &Policy<'_>) -> Self {
        let Findings {
            properties,
            observations,
            latencies,
            rotation,
            plans,
            shrinking_requests,
            wasted_requests,
            ran_out,
            run,
        } = findings;
        let commands = policy.commands;
        let repeat = commands.map(|commands| commands.whole_run(&run));
        let properties: Vec<_> = properties
            .into_iter()
            .map(|found| PropertyReport::new(found, policy, &run))
            .filter(|property| !policy.leaves_out(property))
            .collect();
        let observations = observations.into_iter().map(|found| ObservationReport {
            id: found.observation.id,
            question: found.observation.question,
            answers: found.answers,
        });
        let mut report = Self {
            format: stored::REPORT.current,
            version: VERSION.into(),
            target: run.target,
            project_id: run.project_id,
            profile: run.profile.map_or(replay::PROFILE, Profile::name).into(),
            seed: run.seed,
            shard: None,
            merged: None,
            repeat,
            replays_failures: policy.replays == Some(Replayed::Failures),
            started_at_ms: run
                .started_at
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_millis() as u64),
            conclusion: Conclusion::Pass,
            fails_from: policy.fails_from,
            required: policy.required.iter().map(|id| (*id).to_owned()).collect(),
            properties,
            observations: observations.collect(),
            rotation,
            latencies,
            plans,
            allowed_requests: run.profile.map(|_| run.allowed_requests),
            requests: run.requests,
            shrinking_requests,
            wasted_requests,
            ran_out_of_requests: ran_out,
            longest_lag_ms: run.longest_lag.at_most_ms,
            longest_lag_more_than_ms: run.longest_lag.more_than_ms,
            rate_limited: run.rate_limited,
            elapsed_ms: run.elapsed.as_millis() as u64,
            left_behind: run.left_behind,
            left_because: run.left_because,
            gave_up: run.gave_up,
            interrupted: run.interrupted,
        };
        report.conclusion = report.conclude();
        report
    }

    fn conclude(&self) -> Conclusion {
        if self.broken(self.fails_from).next().is_some() {
            Conclusion::Fail
        } else if (self.interrupted || self.gave_up.is_some()) && self.left_behind > 0 {
            Conclusion::LeftBehind
        } else if self.interrupted {
            Conclusion::Interrupted
        } else if self.with(Verdict::UnexpectedPass).next().is_some() {
            Conclusion::StaleBaseline
        } else if self.left_behind > 0 {
            Conclusion::LeftBehind
        } else if self.gave_up.is_some()
            || self.proves_nothing()
            || self.with(Verdict::Untested).chain(self.required_but_not_applicable()).next().is_some()
            || self.lacks_parts()
        {
            Conclusion::Incomplete
        } else {
            Conclusion::Pass
        }
    }

    /// The properties that were asked for by name and do not apply to the target.
    pub fn required_but_not_applicable(&self) -> impl Iterator<Item = &PropertyReport> {
        self.with(Verdict::NotApplicable).filter(|property| self.required.iter().any(|id| id == property.id))
    }

    /// Whether none of the properties that were asked for applies to the target.
    pub fn proves_nothing(&self) -> bool {
        self.properties.iter().all(|property| property.verdict == Verdict::NotApplicable)
    }

    /// Whether it is merged, and a shard is missing.
    fn lacks_parts(&self) -> bool {
        self.merged.as_ref().is_some_and(|merged| !merged.missing.is_empty())
    }

    /// The properties with that verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &PropertyReport> {
        self.properties.iter().filter(move |property| property.verdict == verdict)
    }

    /// The broken properties at or above a level, without those that a baseline expects to be broken.
    pub fn broken(&self, least: Level) -> impl Iterator<Item = &PropertyReport> {
        self.with(Verdict::Fail).filter(move |property| property.level <= least)
    }

    /// The broken properties that are no mere consequence of another, the expected ones included. First comes what counts
    /// most; of that, what is shown by the fewest steps, since others may follow from it though nobody knows it.
    pub fn causes(&self) -> impl Iterator<Item = &PropertyReport> {
        let properties = self.properties.iter().filter(|property| self.cause_of(property).is_none());
        let mut causes: Vec<_> = properties
            .filter_map(|property| Some((property, property.failure.as_ref()?.steps.len())))
            .collect();
        causes.sort_by_key(|(property, steps)| (property.level, *steps));
        causes.into_iter().map(|(property, _)| property)
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

    /// The broken properties whose plans could be smaller, had there been more requests for that.
    pub fn not_cut_down(&self) -> impl Iterator<Item = &PropertyReport> {
        let short = |failure: &Failure| matches!(failure.cut_down, CutDown::Unfinished | CutDown::NotTried);
        self.causes().filter(move |property| property.failure.as_ref().is_some_and(short))
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
        self.profile == replay::PROFILE
    }
}

impl PropertyReport {
    fn new(found: PropertyFinding, policy: &Policy<'_>, run: &Facts) -> Self {
        let PropertyFinding {
            property,
            held,
            broken,
            lack,
            unexercised,
            follows_from,
            shares_requests_with,
            failure,
        } = found;
        let verdict = match (broken, held, &lack) {
            (1.., _, _) => Verdict::Fail,
            (0, 1.., _) => Verdict::Pass,
            (0, 0, Some(_)) => Verdict::NotApplicable,
            (0, 0, None) => Verdict::Untested,
        };
        let (verdict, expected) = policy.baseline.verdict(property.id, verdict);
        Self {
            id: property.id,
            sentence: property.sentence,
            level: property.level,
            source: property.source,
            verdict,
            held,
            broken,
            requests: held + broken,
            reason: expected.map(str::to_owned).or(match verdict {
                Verdict::NotApplicable => lack,
                Verdict::Untested => unexercised,
                Verdict::Pass | Verdict::Fail | Verdict::ExpectedFail | Verdict::UnexpectedPass => None,
            }),
            follows_from,
            shares_requests_with,
            failure: failure.map(|failure| Failure {
                expected: failure.expected,
                actual: failure.actual,
                steps: failure.steps,
                exchanges: failure.exchanges,
                repeat: policy.commands.map(|commands| commands.failure(property.id, run)),
                cut_down: failure.cut_down,
                plan: failure.plan,
            }),
        }
    }

    /// The resource that it is about, and the rest of its id.
    pub fn path(&self) -> (&'static str, &'static str) {
        self.id.split_once('/').unwrap_or((self.id, ""))
    }
}
