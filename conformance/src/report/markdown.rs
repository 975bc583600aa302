//! The report as Markdown, short enough for a comment on a pull request.

use std::io::{self, Write};

use super::{Conclusion, Failure, PropertyReport, Report, wording};
use crate::text::shorten;

/// Most broken properties shown with their details: a comment on GitHub has at most 65,536 characters.
const MAX_DETAILED_FAILURES: usize = 12;
/// Longest body, line or value shown, in characters.
const LONGEST: usize = 800;

/// Writes the report.
pub(crate) fn write(report: &Report, to: &mut impl Write) -> io::Result<()> {
    let sign = match report.conclusion {
        Conclusion::Pass => "✅",
        Conclusion::Fail | Conclusion::StaleBaseline => "❌",
        Conclusion::Incomplete | Conclusion::LeftBehind | Conclusion::Interrupted => "⚠️",
    };
    writeln!(to, "## {sign} MCP conformance: {}\n", wording::verdict(report.conclusion))?;
    writeln!(to, "**{}**, {}.\n", wording::tally(report), wording::cost(report))?;
    writeln!(
        to,
        "Target {}, project {}, {} {}{}.\n",
        code(&report.target),
        code(&report.project_id),
        if report.is_replay() { "a" } else { "profile" },
        report.profile,
        wording::shards(report)
    )?;
    for remark in wording::remarks(report) {
        writeln!(to, "- {}\n", escape(&remark))?;
    }
    table(report, to)?;
    let causes: Vec<_> = report.causes().collect();
    for property in causes.iter().take(MAX_DETAILED_FAILURES) {
        if let Some(found) = &property.failure {
            details(report, property, found, to)?;
        }
    }
    if causes.len() > MAX_DETAILED_FAILURES {
        let more = wording::count((causes.len() - MAX_DETAILED_FAILURES) as u64, "more broken property");
        writeln!(to, "\nThe other reports have the details of {more}.")?;
    }
    observations(report, to)?;
    if let Some(repeat) = &report.repeat {
        writeln!(to, "\nRepeat it with\n\n{}", block("sh", repeat))?;
    }
    Ok(())
}

fn table(report: &Report, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "| resource | properties | not held |\n|---|---|---|")?;
    for (resource, properties) in report.resources() {
        let signs =
            |property: &PropertyReport| format!("{} {}", wording::sign(property.verdict), code(property.id));
        let held = |property: &PropertyReport| property.verdict == super::Verdict::Pass;
        let others: Vec<_> =
            properties.iter().copied().filter(|property| !held(property)).map(signs).collect();
        writeln!(
            to,
            "| {resource} | {} of {} hold | {} |",
            properties.len() - others.len(),
            properties.len(),
            others.join("<br>")
        )?;
    }
    Ok(())
}

fn details(
    report: &Report,
    property: &PropertyReport,
    failure: &Failure,
    to: &mut impl Write,
) -> io::Result<()> {
    writeln!(
        to,
        "\n<details><summary>{} <code>{}</code></summary>\n",
        wording::sign(property.verdict),
        property.id
    )?;
    writeln!(to, "{} ({}; {})\n", escape(property.sentence), property.level, escape(property.source))?;
    if let Some(reason) = &property.reason {
        writeln!(to, "Expected by the baseline: {}\n", escape(reason))?;
    }
    for (number, step) in failure.steps.iter().enumerate() {
        writeln!(to, "{}. {}", number + 1, escape(&shorten(step, LONGEST)))?;
    }
    if let Some(cut_down) = wording::cut_down(report, property, failure) {
        writeln!(to, "\nThese steps were {cut_down}.")?;
    }
    let short = |text: &str| shorten(text, LONGEST);
    let differs = format!("- expected {}\n+ actual   {}", short(&failure.expected), short(&failure.actual));
    writeln!(to, "\n{}", block("diff", &differs))?;
    if let Some(last) = failure.exchanges.last() {
        if let Some(note) = wording::of_curl_lines(std::slice::from_ref(last)) {
            writeln!(to, "{}\n", escape(&note))?;
        }
        let status = last.status.map(|status| format!("{status} ")).unwrap_or_default();
        writeln!(to, "{}", block("sh", &wording::curl_line(&last.curl, LONGEST)))?;
        writeln!(to, "{}", block("", &format!("{status}{}", short(&last.answer))))?;
    }
    for consequence in report.consequences_of(property.id) {
        writeln!(to, "Follows from it: <code>{}</code>\n", consequence.id)?;
    }
    writeln!(to, "</details>")
}

fn observations(report: &Report, to: &mut impl Write) -> io::Result<()> {
    let seen: Vec<_> = report.observations.iter().filter(|asked| !asked.answers.is_empty()).collect();
    if seen.is_empty() {
        return Ok(());
    }
    writeln!(to, "\n<details><summary>Observations</summary>\n\n| question | answer |\n|---|---|")?;
    for asked in seen {
        let answers = asked.answers.iter();
        let answers: Vec<_> = answers
            .map(|answer| escape(&format!("{} ({})", answer.answer, wording::seen_at(answer))))
            .collect();
        writeln!(to, "| {} | {} |", escape(asked.question), answers.join("<br>"))?;
    }
    writeln!(to, "\n</details>")
}

/// A text that Markdown takes literally, on one line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' | '\r' => escaped.push(' '),
            // An invisible joint keeps a mention or a reference from notifying anybody.
            '@' | '#' => escaped.extend([c, '\u{2060}']),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => escaped.extend(['\\', c]),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A word in code type, which can stand in a table.
fn code(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('|', "&#124;");
    format!("<code>{text}</code>")
}

/// A block of code behind a fence that is longer than any inside it.
fn block(language: &str, text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{text}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        assert_eq!(block("sh", "a\n````\nb"), "`````sh\na\n````\nb\n`````\n");
    }

    #[test]
    fn values_of_a_target_are_no_markup() {
        assert_eq!(escape("<img src=x>|*a*"), "&lt;img src=x&gt;\\|\\*a\\*");
        assert_eq!(escape("@all"), "@\u{2060}all");
        assert_eq!(code("a|<b>"), "<code>a&#124;&lt;b&gt;</code>");
    }
}
