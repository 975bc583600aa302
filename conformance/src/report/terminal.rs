//! The report for a person at a terminal. Readable without colour: the writer given decides whether colours are shown.

use std::io::{self, Write};

use owo_colors::OwoColorize;

use super::{Failure, PropertyReport, Report, Verdict};
use crate::property::Level;

/// Longest body shown, in characters.
const LONGEST_BODY: usize = 400;

/// Writes the report.
pub fn write(report: &Report, least: Level, to: &mut impl Write) -> io::Result<()> {
    let Report { target, project_id, profile, seed, .. } = report;
    writeln!(to, "{} {target}", "target ".dimmed())?;
    writeln!(to, "{} {project_id}", "project".dimmed())?;
    writeln!(to, "{} {profile}, seed {seed}", "profile".dimmed())?;
    let resource = |property: &PropertyReport| property.id.split('/').next().unwrap_or_default();
    let mut resources: Vec<_> = report.properties.iter().map(resource).collect();
    resources.sort_unstable();
    resources.dedup();
    for group in resources {
        writeln!(to, "\n{}", group.bold())?;
        for property in report.properties.iter().filter(|property| resource(property) == group) {
            line(property, &property.id[group.len() + 1..], to)?;
        }
    }
    for property in report.with(Verdict::Fail) {
        if let Some(found) = &property.failure {
            failure(property, found, to)?;
        }
    }
    summary(report, least, to)
}

fn line(property: &PropertyReport, name: &str, to: &mut impl Write) -> io::Result<()> {
    let PropertyReport { level, held, broken, .. } = property;
    match property.verdict {
        Verdict::Pass => {
            writeln!(to, "  {} {name:<36} {:<6} held {}", "✓".green(), level.dimmed(), times(*held))
        }
        Verdict::Fail => {
            let times = format!("broken {broken} of {}", times(held + broken));
            writeln!(to, "  {} {name:<36} {level:<6} {}", "✗".red().bold(), times.red())
        }
        Verdict::Untested => {
            writeln!(to, "  {} {name:<36} {level:<6} {}", "?".red(), "never exercised".red())
        }
        Verdict::NotApplicable => {
            let reason = property.reason.as_deref().unwrap_or_default();
            writeln!(to, "  {} {name:<36} {:<6} not applicable: {reason}", "–".dimmed(), level.dimmed())
        }
    }
}

fn times(count: u64) -> String {
    if count == 1 { "1 time".to_owned() } else { format!("{count} times") }
}

fn failure(property: &PropertyReport, failure: &Failure, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "\n{} {}", "BROKEN".red().bold(), property.id.bold())?;
    writeln!(to, "  {}", property.sentence)?;
    writeln!(to, "  {} ({})", property.source.dimmed(), property.level)?;
    writeln!(to, "  {}", "steps".dimmed())?;
    for (number, step) in failure.steps.iter().enumerate() {
        writeln!(to, "    {}. {step}", number + 1)?;
    }
    writeln!(to, "  {} {}", "expected".dimmed(), failure.expected.green())?;
    writeln!(to, "  {} {}", "actual  ".dimmed(), failure.actual.red())?;
    if let Some(last) = failure.exchanges.last() {
        writeln!(to, "  {} {} {} with {}", "request ".dimmed(), last.method, last.path, last.authorization)?;
        writeln!(to, "           {}", shorten(&last.request))?;
        let status = last.status.map(|status| status.to_string()).unwrap_or_default();
        writeln!(to, "  {} {status} {}", "answer  ".dimmed(), shorten(&last.answer))?;
    }
    Ok(())
}

fn summary(report: &Report, least: Level, to: &mut impl Write) -> io::Result<()> {
    let count = |verdict| report.with(verdict).count();
    let (held, broken) = (count(Verdict::Pass), count(Verdict::Fail));
    let (untested, not_applicable) = (count(Verdict::Untested), count(Verdict::NotApplicable));
    let mut parts = vec![format!("{held} of {} properties hold", report.properties.len())];
    if broken > 0 {
        parts.push(format!("{broken} broken"));
    }
    if untested > 0 {
        parts.push(format!("{untested} never exercised"));
    }
    if not_applicable > 0 {
        parts.push(format!("{not_applicable} not applicable"));
    }
    let verdict = if report.interrupted {
        "INTERRUPTED".yellow().bold().to_string()
    } else if report.broken(least).next().is_some() {
        "FAIL".red().bold().to_string()
    } else if untested > 0 {
        "INCOMPLETE".yellow().bold().to_string()
    } else {
        "PASS".green().bold().to_string()
    };
    writeln!(to, "\n{verdict}  {}", parts.join(", "))?;
    let seconds = report.elapsed_ms as f64 / 1000.0;
    let mut spent = format!(
        "{} requests in {seconds:.1} s, {} plans, seed {}",
        report.requests, report.plans, report.seed
    );
    if report.shrinking_requests > 0 {
        spent += &format!(", {} of them to cut failing plans down", report.shrinking_requests);
    }
    if report.rate_limited > 0 {
        spent += &format!(", slowed down {} times", report.rate_limited);
    }
    let left = match report.left_behind {
        0 => "nothing left behind".to_owned(),
        count => format!("{count} records may be left behind"),
    };
    writeln!(to, "      {}", format!("{spent}; {left}").dimmed())
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_BODY) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
