//! The report as one HTML page that needs nothing else: no script, no font, no image, no network.

use std::io::{self, Write};

use askama::Template;
use serde_json::Value;

use super::difference::{self, Parts};
use super::{Conclusion, PropertyReport, Report, Verdict, wording};
use crate::run::latency::Latency;
use crate::wire::scrubbed::{ExchangeReport, HeaderReport};

const STYLE: &str = include_str!("../../templates/report.css");

/// Left end of the scale of latencies, in milliseconds: nothing answers over a socket sooner.
const FASTEST_MS: f64 = 0.1;
/// Right end of the scale at least, in milliseconds.
const SLOWEST_MS: f64 = 10.0;

/// Writes the page.
pub(crate) fn write(report: &Report, to: &mut impl Write) -> io::Result<()> {
    let page = Page::new(report).render().map_err(io::Error::other)?;
    to.write_all(page.as_bytes())
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    style: &'static str,
    verdict: &'static str,
    tone: &'static str,
    tally: String,
    remarks: Vec<String>,
    cost: String,
    lateness: Option<String>,
    shards: String,
    started: String,
    took: String,
    resources: Vec<Resource<'a>>,
    legend: Vec<Meaning>,
    failures: Vec<Failed<'a>>,
    budget: Budget,
    scale: Vec<Mark>,
    latencies: Vec<LatencyRow<'a>>,
    observations: Vec<Observed<'a>>,
}

struct Resource<'a> {
    name: &'a str,
    held: usize,
    properties: Vec<Judged<'a>>,
}

struct Judged<'a> {
    id: &'a str,
    sentence: &'a str,
    source: &'a str,
    level: String,
    sign: &'static str,
    tone: &'static str,
    finding: String,
    /// Whether there is something to see about it among the failures.
    detailed: bool,
    cause: Option<&'a str>,
}

struct Meaning {
    sign: &'static str,
    tone: &'static str,
    meaning: &'static str,
}

struct Failed<'a> {
    id: &'a str,
    sentence: &'a str,
    source: &'a str,
    level: String,
    tone: &'static str,
    finding: String,
    steps: &'a [String],
    cut_down: Option<String>,
    curl_note: Option<String>,
    expected: Parts<'a>,
    actual: Parts<'a>,
    exchanges: Vec<Exchanged<'a>>,
    repeat: Option<&'a str>,
    consequences: Vec<&'a str>,
}

struct Exchanged<'a> {
    number: u64,
    method: &'a str,
    path: &'a str,
    authorization: &'a str,
    request: String,
    status: Option<u16>,
    headers: &'a [HeaderReport],
    answer: String,
    took: String,
    curl: &'a str,
    is_last: bool,
}

struct Observed<'a> {
    id: &'a str,
    question: &'a str,
    answers: Vec<Answered<'a>>,
}

struct Answered<'a> {
    answer: &'a str,
    times: String,
    evidence: Exchanged<'a>,
}

/// Shares of the bar in percent.
struct Budget {
    for_plans: u64,
    used: String,
    shrinking: String,
}

/// A mark of the scale; its place is in percent.
struct Mark {
    at: String,
    anchor: &'static str,
    label: String,
}

/// A row of the chart; places are in percent, durations in milliseconds.
struct LatencyRow<'a> {
    operation: &'a str,
    answers: String,
    p50: String,
    p95: String,
    max: String,
    p50_at: String,
    p95_at: String,
    max_at: String,
}

impl<'a> Page<'a> {
    fn new(report: &'a Report) -> Self {
        let slowest = report.latencies.iter().fold(SLOWEST_MS, |most, row| most.max(row.max_ms));
        let resource = |(name, properties): (&'a str, Vec<&'a PropertyReport>)| Resource {
            name,
            held: properties.iter().filter(|property| property.verdict == Verdict::Pass).count(),
            properties: properties.into_iter().map(|property| judged(report, property)).collect(),
        };
        Self {
            report,
            style: STYLE,
            verdict: wording::verdict(report.conclusion),
            tone: match report.conclusion {
                Conclusion::Pass => "good",
                Conclusion::Fail | Conclusion::StaleBaseline => "bad",
                Conclusion::Incomplete | Conclusion::LeftBehind | Conclusion::Interrupted => "warn",
            },
            tally: wording::tally(report),
            remarks: wording::remarks(report),
            cost: wording::cost(report),
            lateness: wording::lateness(report),
            shards: wording::shards(report),
            started: wording::started(report),
            took: wording::seconds(report.elapsed_ms),
            resources: report.resources().into_iter().map(resource).collect(),
            legend: legend(report),
            failures: report.causes().filter_map(|property| failed(report, property)).collect(),
            budget: budget(report),
            scale: scale(slowest),
            latencies: report.latencies.iter().map(|row| latency(row, slowest)).collect(),
            observations: report.observations.iter().map(observed).collect(),
        }
    }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "good",
        Verdict::Fail | Verdict::UnexpectedPass => "bad",
        Verdict::ExpectedFail | Verdict::Untested => "warn",
        Verdict::NotApplicable => "none",
    }
}

fn legend(report: &Report) -> Vec<Meaning> {
    let meanings = [
        (Verdict::Pass, "holds"),
        (Verdict::Fail, "broken"),
        (Verdict::ExpectedFail, "broken, as the baseline expects"),
        (Verdict::UnexpectedPass, "holds, though the baseline expects it to be broken"),
        (Verdict::Untested, "never exercised"),
        (Verdict::NotApplicable, "not applicable to this target"),
    ];
    let shown = meanings.into_iter().filter(|(verdict, _)| report.with(*verdict).next().is_some());
    shown
        .map(|(verdict, meaning)| Meaning { sign: wording::sign(verdict), tone: tone(verdict), meaning })
        .collect()
}

fn judged<'a>(report: &'a Report, property: &'a PropertyReport) -> Judged<'a> {
    Judged {
        id: property.id,
        sentence: property.sentence,
        source: property.source,
        level: property.level.to_string(),
        sign: wording::sign(property.verdict),
        tone: tone(property.verdict),
        finding: wording::finding(report, property),
        detailed: property.failure.is_some(),
        cause: report.cause_of(property).map(|cause| cause.id),
    }
}

fn failed<'a>(report: &'a Report, property: &'a PropertyReport) -> Option<Failed<'a>> {
    let failure = property.failure.as_ref()?;
    let (expected, actual) = difference::split(&failure.expected, &failure.actual);
    let mut exchanges: Vec<_> = failure.exchanges.iter().map(exchanged).collect();
    if let Some(last) = exchanges.last_mut() {
        last.is_last = true;
    }
    Some(Failed {
        id: property.id,
        sentence: property.sentence,
        source: property.source,
        level: property.level.to_string(),
        tone: tone(property.verdict),
        finding: wording::finding(report, property),
        steps: &failure.steps,
        cut_down: wording::cut_down(report, property, failure),
        curl_note: wording::of_curl_lines(&failure.exchanges),
        expected,
        actual,
        exchanges,
        repeat: failure.repeat.as_deref(),
        consequences: report.consequences_of(property.id).map(|property| property.id).collect(),
    })
}

fn exchanged(exchange: &ExchangeReport) -> Exchanged<'_> {
    Exchanged {
        number: exchange.number,
        method: &exchange.method,
        path: &exchange.path,
        authorization: &exchange.authorization,
        request: indented(&exchange.request),
        status: exchange.status,
        headers: &exchange.headers,
        answer: indented(&exchange.answer),
        took: format!("{:.1} ms", exchange.elapsed_ms),
        curl: &exchange.curl,
        is_last: false,
    }
}

/// JSON on several lines; anything else as it is.
fn indented(text: &str) -> String {
    let json = serde_json::from_str::<Value>(text).ok();
    json.and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or_else(|| text.to_owned())
}

fn observed(asked: &super::ObservationReport) -> Observed<'_> {
    Observed {
        id: asked.id,
        question: asked.question,
        answers: asked
            .answers
            .iter()
            .map(|answer| Answered {
                answer: &answer.answer,
                times: wording::seen_at(answer),
                evidence: exchanged(&answer.evidence),
            })
            .collect(),
    }
}

fn budget(report: &Report) -> Budget {
    let for_plans = report.requests.saturating_sub(report.shrinking_requests);
    let whole = report.requests.max(report.allowed_requests.unwrap_or(0) + report.shrinking_requests).max(1);
    let share = |requests: u64| format!("{:.2}", 100.0 * requests as f64 / whole as f64);
    Budget { for_plans, used: share(for_plans), shrinking: share(report.shrinking_requests) }
}

/// Where a duration stands on a logarithmic scale, in percent.
fn place(ms: f64, slowest: f64) -> f64 {
    100.0 * (ms.max(FASTEST_MS) / FASTEST_MS).log10() / (slowest / FASTEST_MS).log10()
}

fn percent(place: f64) -> String {
    format!("{place:.2}")
}

/// A mark at every power of ten.
fn scale(slowest: f64) -> Vec<Mark> {
    let powers = (-1..6).map(|power| 10_f64.powi(power)).take_while(|ms| *ms <= slowest);
    let mark = |ms: f64| {
        let at = place(ms, slowest);
        let anchor = if at < 1.0 {
            "start"
        } else if at > 99.0 {
            "end"
        } else {
            "middle"
        };
        Mark { at: percent(at), anchor, label: format!("{ms}") }
    };
    powers.map(mark).collect()
}

fn latency(row: &Latency, slowest: f64) -> LatencyRow<'_> {
    let shown = |ms: f64| if ms < 10.0 { format!("{ms:.1}") } else { format!("{ms:.0}") };
    let at = |ms| percent(place(ms, slowest));
    LatencyRow {
        operation: &row.operation,
        answers: wording::count(row.answers, "answer"),
        p50: shown(row.p50_ms),
        p95: shown(row.p95_ms),
        max: shown(row.max_ms),
        p50_at: at(row.p50_ms),
        p95_at: at(row.p95_ms),
        max_at: at(row.max_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_its_place_on_the_scale() {
        assert_eq!([place(0.01, 1_000.0), place(1.0, 1_000.0), place(1_000.0, 1_000.0)], [0.0, 25.0, 100.0]);
        let labels: Vec<_> = scale(150.0).into_iter().map(|mark| mark.label).collect();
        assert_eq!(labels, ["0.1", "1", "10", "100"]);
    }

    #[test]
    fn a_command_breaks_between_its_words_and_not_at_their_hyphens() {
        let mut report = crate::report::read(include_bytes!("../../tests/formats/report-1.json")).unwrap();
        report.repeat = Some("suite --seed 1 --only a/b".to_owned());
        let mut page = Vec::new();
        write(&report, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let words = ["suite", "--seed", "1", "--only", "a/b"]
            .map(|word| format!(r#"<span class="word">{word}</span>"#));
        assert!(page.contains(&format!("<pre>{}</pre>", words.join(" "))), "{page}");
        assert!(page.contains(r#"<span class="word">curl</span>"#), "{page}");
    }

    #[test]
    fn boxes_that_scroll_show_whole_lines() {
        let rule = |selector: &str| {
            let start = STYLE.find(&format!("\n{selector} {{")).unwrap();
            STYLE[start..].split_once('}').unwrap().0
        };
        let rem = |rule: &str, member: &str| -> f64 {
            let value = rule.split_once(&format!("{member}: ")).unwrap().1;
            value.split_once("rem").unwrap().0.parse().unwrap()
        };
        let line = 1.5 * rem(rule("code, pre, .steps"), "font-size");
        for (selector, padding) in [("pre", rem(rule("pre"), "padding")), (".compare dd", 0.0)] {
            let lines = (rem(rule(selector), "max-height") - padding) / line;
            assert!((lines - lines.round()).abs() < 0.001, "{selector} shows {lines} lines");
        }
    }

    #[test]
    fn json_is_indented_and_anything_else_kept() {
        assert_eq!(indented(r#"{"a":1}"#), "{\n  \"a\": 1\n}");
        assert_eq!(indented("a=1&b=<2>"), "a=1&b=<2>");
    }
}
