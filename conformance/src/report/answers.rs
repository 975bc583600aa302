//! The answers of a target to the open questions, in a file that may be shown to anybody and compared with others.
//!
//! The file has a stable order, and says nothing of the project: no id, name, secret, host or time except the date. What
//! a target put into an answer that could be such a value is replaced by a mark.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{PropertyReport, Report, Verdict};
use crate::observations;
use crate::stored::{self, StoredError};
use crate::wire::target::is_loopback;

/// What stands where a value of the project stood.
const MARK: &str = "[value]";
/// Longest word with a digit in it that is taken for one of the API. Ids and secrets are longer.
const MAX_WORD_CHARS: usize = 16;
/// Most digits in a row that are taken for a number of the API, such as a status. Times and account numbers have more.
const MAX_DIGITS: usize = 6;

/// What a target answers where no document says what is right, and which properties it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    /// Version of this format.
    pub format: u32,
    /// Version of the suite that asked.
    pub suite: String,
    /// What kind of server answered.
    pub target: Kind,
    /// The day on which the run began, in UTC, as `2026-11-28`.
    pub date: String,
    /// The profile of the run.
    pub profile: String,
    /// The seed of the run.
    pub seed: u64,
    /// Every question by its id, also those that nothing answered.
    pub questions: BTreeMap<String, Question>,
    /// The verdict on every property that was judged, whatever a baseline expects.
    pub properties: BTreeMap<String, Verdict>,
}

/// A question and its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The question.
    pub question: String,
    /// The row of `docs/facts.md` that it is about.
    pub fact: String,
    /// Every answer that was seen, in alphabetical order.
    pub answers: Vec<String>,
}

/// What kind of server a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The emulator inside of the suite.
    EmbeddedEmulator,
    /// A server on the same machine.
    ThisMachine,
    /// A host of descope.com.
    Descope,
    /// Any other server.
    Elsewhere,
}

/// Writes the answers of a run as indented JSON.
pub(crate) fn write(report: &Report, to: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &Answers::new(report))?;
    to.write_all(b"\n")
}

impl Answers {
    /// The answers of a run.
    pub fn new(report: &Report) -> Self {
        let question = |asked: &super::ObservationReport| {
            let known = observations::ALL.iter().find(|observation| observation.id == asked.id);
            let mut answers: Vec<_> =
                asked.answers.iter().map(|answer| without_values(&answer.answer, report)).collect();
            answers.sort();
            answers.dedup();
            let fact = known.map_or("", |observation| observation.question_id).to_owned();
            (asked.id.to_owned(), Question { question: asked.question.to_owned(), fact, answers })
        };
        Self {
            format: stored::ANSWERS.current,
            suite: report.version.to_string(),
            target: Kind::of(&report.target),
            date: date(report.started_at_ms),
            profile: report.profile.to_string(),
            seed: report.seed,
            questions: report.observations.iter().map(question).collect(),
            properties: report.properties.iter().map(|one| (one.id.to_owned(), seen(one))).collect(),
        }
    }

    /// Reads an answers file.
    ///
    /// # Errors
    /// If it is none, or one of a format that this version does not read.
    pub fn read(bytes: &[u8]) -> Result<Self, StoredError> {
        let json: Value = serde_json::from_slice(bytes)?;
        stored::ANSWERS.check(&json)?;
        stored::fit(&json)
    }
}

impl Kind {
    /// The kind of the target with that name.
    fn of(target: &str) -> Self {
        let Ok(url) = Url::parse(target) else {
            // Targets that have a URL are named by it. After a merge, several may be named, each on its own machine.
            return if target.contains("://") { Self::ThisMachine } else { Self::EmbeddedEmulator };
        };
        let host = url.host_str().unwrap_or_default();
        match host.strip_suffix("descope.com") {
            _ if is_loopback(&url) => Self::ThisMachine,
            Some(before) if before.is_empty() || before.ends_with('.') => Self::Descope,
            _ => Self::Elsewhere,
        }
    }
}

/// What the run saw of a property, whatever its baseline expects.
fn seen(property: &PropertyReport) -> Verdict {
    match property.verdict {
        Verdict::ExpectedFail => Verdict::Fail,
        Verdict::UnexpectedPass => Verdict::Pass,
        other => other,
    }
}

/// The day of a time, in UTC.
fn date(ms: u64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Such as `Sat, 28 Nov 2026 08:04:28 GMT`.
    let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(ms));
    let words: Vec<_> = text.split(' ').collect();
    let [_, day, month, year, ..] = words[..] else { return text };
    let month = MONTHS.iter().position(|name| *name == month).map_or(0, |position| position + 1);
    format!("{year}-{month:02}-{day}")
}

/// An answer in which a mark stands for every word that may be a value of the project.
fn without_values(answer: &str, report: &Report) -> String {
    let host = Url::parse(&report.target).ok().and_then(|url| url.host_str().map(str::to_owned));
    let known = [Some(report.project_id.clone()), host];
    let known: Vec<_> = known.into_iter().flatten().filter(|value| !value.is_empty()).collect();
    let is_value = |word: &str| {
        let digits = word.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
        digits > MAX_DIGITS
            || digits > 0 && word.chars().count() > MAX_WORD_CHARS
            || word.contains("://")
            || word.contains('@')
            || is_time(word)
            || known.iter().any(|value| word.contains(value.as_str()))
    };
    let words = answer.split(' ').map(|word| if is_value(word) { MARK } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word is a time of day or a date, such as `08:04:28` or `2026-11-28`.
fn is_time(word: &str) -> bool {
    let numbers = |separator| {
        let parts: Vec<_> = word.trim_end_matches([',', 'Z']).split(separator).collect();
        parts.len() == 3
            && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    numbers(':') || numbers('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::property::Level;
    use crate::report::baseline::Baseline;
    use crate::report::policy::Policy;
    use crate::run::findings::{Facts, Findings};
    use crate::run::patience::Lag;
    use crate::run::rotation::Rotation;

    #[test]
    fn a_target_is_told_by_its_kind_only() {
        for (target, kind) in [
            ("the embedded emulator", Kind::EmbeddedEmulator),
            ("http://127.0.0.1:8787/", Kind::ThisMachine),
            ("http://127.0.0.1:1/, http://127.0.0.1:2/", Kind::ThisMachine),
            ("https://api.descope.com/", Kind::Descope),
            ("https://api.euc1.descope.com/", Kind::Descope),
            ("https://descope.com.example.org/", Kind::Elsewhere),
            ("https://notdescope.com/", Kind::Elsewhere),
            ("https://example.org/descope.com", Kind::Elsewhere),
        ] {
            assert_eq!(Kind::of(target), kind, "{target}");
        }
    }

    #[test]
    fn a_word_that_may_be_a_value_of_the_project_becomes_a_mark() {
        let report = empty("https://mcp.example.org:8443/", "P2short");
        let masked = |text: &str| without_values(text, &report);
        for word in [
            "MS3MjCXL771Y15kLTolF2hyii5li4",
            "conformance-00000000000000ff",
            "https://a.b/c",
            "https://a.b/c,",
            "demo@b.org",
            "1795853068",
            "08:04:28",
            "2026-11-28,",
            "P2short",
            "x.mcp.example.org",
        ] {
            assert_eq!(masked(&format!("refused: {word}")), "refused: [value]");
        }
        for text in [
            "refused: status 404, E114102",
            "that of RFC 6749: status 401, invalid_client",
            "approvedCallbackUrls, dynamicRegistration",
            "yes, for ever (0)",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    /// The report of a run that found nothing.
    fn empty(target: &str, project_id: &str) -> Report {
        let run = Facts {
            target: target.to_owned(),
            project_id: project_id.to_owned(),
            profile: None,
            seed: 1,
            allowed_requests: 1,
            started_at: UNIX_EPOCH,
            elapsed: Duration::ZERO,
            requests: 0,
            longest_lag: Lag::default(),
            rate_limited: 0,
            left_behind: 0,
            left_because: None,
            gave_up: None,
            interrupted: false,
        };
        let findings = Findings {
            properties: Vec::new(),
            observations: Vec::new(),
            latencies: Vec::new(),
            rotation: Rotation::default(),
            plans: 0,
            shrinking_requests: 0,
            wasted_requests: 0,
            ran_out: false,
            run,
        };
        let baseline = Baseline::default();
        let policy = Policy {
            fails_from: Level::Must,
            required: &[],
            baseline: &baseline,
            replays: None,
            commands: None,
        };
        Report::new(findings, &policy)
    }

    #[test]
    fn a_time_is_told_by_its_day_only() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(1_795_853_068_000), "2026-11-28");
    }
}
