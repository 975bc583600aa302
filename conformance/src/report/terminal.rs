//! The report for a person at a terminal. Readable without colour: the writer given decides whether colours are shown.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::difference::{self, Parts};
use super::{Conclusion, Failure, PropertyReport, Report, Verdict, wording};
use crate::text::{printable, shorten};
use crate::wire::scrubbed::ExchangeReport;

/// Width of the column of ids: almost all are shorter.
const ID_WIDTH: usize = 50;
/// Most steps of a failure that are shown unless all are asked for: the last ones.
const MAX_STEPS: usize = 12;
/// Longest command for the shell that is shown, in characters.
const MAX_CURL_CHARS: usize = 1_000;
/// Longest body shown, in characters.
const MAX_BODY_CHARS: usize = 400;
/// Most characters shown on either side of what differs.
const MAX_CHARS_AROUND: usize = 80;
/// Most characters shown of what differs.
const MAX_DIFFERING_CHARS: usize = 400;
/// Longest line below which carets are set: on a longer one they would not stand below their text.
const MAX_MARKED_LINE_CHARS: usize = 100;

/// Writes the report; with every exchange of every failure if `verbose`, else with the last of each.
pub(crate) fn write(report: &Report, verbose: bool, to: &mut impl Write) -> io::Result<()> {
    let Report { target, project_id, profile, seed, .. } = report;
    writeln!(to, "{} {}", "target ".dimmed(), printable(target))?;
    writeln!(to, "{} {}", "project".dimmed(), printable(project_id))?;
    if report.is_replay() {
        writeln!(to, "{} {}", "replay ".dimmed(), wording::count(report.plans, "plan"))?;
    } else {
        writeln!(to, "{} {profile}, seed {seed}{}", "profile".dimmed(), wording::shards(report))?;
    }
    for (resource, properties) in report.resources() {
        writeln!(to, "\n{}", resource.bold())?;
        for property in properties {
            line(report, property, to)?;
        }
    }
    observations(report, to)?;
    for property in report.causes() {
        if let Some(found) = &property.failure {
            failure(report, property, found, verbose, to)?;
        }
    }
    summary(report, to)
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => Style::new().green(),
        Verdict::Fail | Verdict::Untested | Verdict::UnexpectedPass => Style::new().red().bold(),
        Verdict::ExpectedFail => Style::new().yellow(),
        Verdict::NotApplicable => Style::new().dimmed(),
    }
}

fn line(report: &Report, property: &PropertyReport, to: &mut impl Write) -> io::Result<()> {
    let style = style(property.verdict);
    let finding = printable(&wording::finding(report, property));
    let finding = match property.verdict {
        Verdict::Pass | Verdict::NotApplicable => finding,
        _ => finding.style(style).to_string(),
    };
    let sign = wording::sign(property.verdict);
    writeln!(
        to,
        "  {} {:<ID_WIDTH$} {:<6} {finding}",
        sign.style(style),
        property.id,
        property.level.dimmed()
    )
}

fn observations(report: &Report, to: &mut impl Write) -> io::Result<()> {
    let seen: Vec<_> = report.observations.iter().filter(|asked| !asked.answers.is_empty()).collect();
    if seen.is_empty() {
        return Ok(());
    }
    writeln!(to, "\n{}", "observations".bold())?;
    for asked in seen {
        writeln!(to, "  {}", asked.question)?;
        for answer in &asked.answers {
            let seen = format!("({})", wording::seen_at(answer));
            writeln!(to, "    {} {}", printable(&answer.answer), printable(&seen).dimmed())?;
        }
    }
    Ok(())
}

fn failure(
    report: &Report,
    property: &PropertyReport,
    failure: &Failure,
    verbose: bool,
    to: &mut impl Write,
) -> io::Result<()> {
    let head = match (property.verdict, report.replays_failures) {
        (Verdict::ExpectedFail, _) => "BROKEN AS EXPECTED".yellow().bold().to_string(),
        (_, true) => "STILL BROKEN".red().bold().to_string(),
        (_, false) => "BROKEN".red().bold().to_string(),
    };
    writeln!(to, "\n{head} {}", property.id.bold())?;
    writeln!(to, "  {}", property.sentence)?;
    writeln!(to, "  {} ({})", property.source.dimmed(), property.level)?;
    writeln!(to, "  {}", "steps".dimmed())?;
    let hidden = if verbose { 0 } else { failure.steps.len().saturating_sub(MAX_STEPS) };
    if hidden > 0 {
        let before = format!("{} before these: --verbose shows all", wording::count(hidden as u64, "step"));
        writeln!(to, "    {}", before.dimmed())?;
    }
    for (number, step) in failure.steps.iter().enumerate().skip(hidden) {
        writeln!(to, "    {}. {}", number + 1, printable(step))?;
    }
    if let Some(cut_down) = wording::cut_down(report, property, failure) {
        writeln!(to, "    {}", cut_down.dimmed())?;
    }
    let (expected, actual) = difference::split(&failure.expected, &failure.actual);
    marked("expected", expected, Style::new().green(), to)?;
    marked("actual  ", actual, Style::new().red(), to)?;
    if let Some(note) = wording::of_curl_lines(&failure.exchanges) {
        writeln!(to, "  {}     {}", "note".dimmed(), note.dimmed())?;
    }
    let shown = if verbose { failure.exchanges.as_slice() } else { last(&failure.exchanges) };
    for one in shown {
        exchange(one, to)?;
    }
    let hidden = failure.exchanges.len() - shown.len();
    if hidden > 0 {
        let more = format!("{} before it: --verbose shows all", wording::count(hidden as u64, "exchange"));
        writeln!(to, "  {}", more.dimmed())?;
    }
    if let Some(repeat) = &failure.repeat {
        writeln!(to, "  {}   {}", "repeat".dimmed(), printable(repeat))?;
    }
    for consequence in report.consequences_of(property.id) {
        writeln!(to, "  {}  {}", "follows".dimmed(), consequence.id)?;
    }
    Ok(())
}

fn last(exchanges: &[ExchangeReport]) -> &[ExchangeReport] {
    &exchanges[exchanges.len().saturating_sub(1)..]
}

/// A line whose differing part stands out: by colour, and by carets below it where the line is short enough.
fn marked(label: &str, parts: Parts<'_>, style: Style, to: &mut impl Write) -> io::Result<()> {
    let before: Vec<char> = parts.before.chars().collect();
    let cut = before.len().saturating_sub(MAX_CHARS_AROUND);
    let mut start: String = before[cut..].iter().collect();
    if cut > 0 {
        start.insert(0, '…');
    }
    let start = printable(&start);
    let differing = printable(&shorten(parts.differing, MAX_DIFFERING_CHARS));
    let end = printable(&shorten(parts.after, MAX_CHARS_AROUND));
    let differs = style.bold().underline();
    let label_width = label.chars().count() + 3;
    write!(to, "  {} {}", label.dimmed(), start.style(style))?;
    writeln!(to, "{}{}", differing.style(differs), end.style(style))?;
    let (offset, width) = (label_width + start.chars().count(), differing.chars().count());
    let whole = parts.before.is_empty() && parts.after.is_empty();
    if !whole && offset + width + end.chars().count() <= MAX_MARKED_LINE_CHARS {
        writeln!(to, "{}{}", " ".repeat(offset), "^".repeat(width.max(1)).style(style))?;
    }
    Ok(())
}

fn exchange(exchange: &ExchangeReport, to: &mut impl Write) -> io::Result<()> {
    let ExchangeReport { number, method, path, authorization, .. } = exchange;
    let [method, path, authorization] = [method.as_ref(), path, authorization].map(printable);
    writeln!(to, "  {}  #{number} {method} {path} with {authorization}", "request".dimmed())?;
    if !exchange.request.is_empty() {
        writeln!(to, "           {}", body(&exchange.request))?;
    }
    let status = exchange.status.map(|status| format!("{status} ")).unwrap_or_default();
    let took = format!("({:.1} ms)", exchange.elapsed_ms);
    writeln!(to, "  {}   {status}{} {}", "answer".dimmed(), body(&exchange.answer), took.dimmed())?;
    let curl = wording::curl_line(&exchange.curl, MAX_CURL_CHARS);
    writeln!(to, "  {}     {}", "curl".dimmed(), printable(&curl))
}

fn summary(report: &Report, to: &mut impl Write) -> io::Result<()> {
    let verdict = wording::verdict(report.conclusion);
    let style = match report.conclusion {
        Conclusion::Pass => Style::new().green(),
        Conclusion::Fail | Conclusion::StaleBaseline => Style::new().red(),
        Conclusion::Incomplete | Conclusion::LeftBehind | Conclusion::Interrupted => Style::new().yellow(),
    };
    writeln!(to, "\n{}  {}", verdict.style(style.bold()), wording::tally(report))?;
    if let Some(broken) = wording::broken(report) {
        writeln!(to, "      {broken}")?;
    }
    writeln!(to, "      {}", wording::cost(report).dimmed())?;
    for remark in wording::remarks(report) {
        writeln!(to, "      {}", printable(&remark))?;
    }
    let hints = [wording::cut_down_hint(report), wording::ran_out_hint(report)];
    let is_all_well = report.conclusion == Conclusion::Pass && hints.iter().all(Option::is_none);
    for hint in hints.into_iter().flatten() {
        writeln!(to, "      {}", hint.dimmed())?;
    }
    match &report.repeat {
        Some(repeat) if !is_all_well => {
            writeln!(to, "      {}", format!("repeat it with: {repeat}").dimmed())
        }
        _ => Ok(()),
    }
}

fn body(text: &str) -> String {
    printable(&shorten(text, MAX_BODY_CHARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(expected: &str, actual: &str) -> String {
        let (expected, actual) = difference::split(expected, actual);
        let mut written = Vec::new();
        marked("expected", expected, Style::new(), &mut written).unwrap();
        marked("actual  ", actual, Style::new(), &mut written).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(written).unwrap()).to_string()
    }

    fn printed(change: impl FnOnce(&mut Report)) -> String {
        let mut report = crate::report::read(include_bytes!("../../tests/formats/report-1.json")).unwrap();
        change(&mut report);
        let mut written = Vec::new();
        write(&report, false, &mut written).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(written).unwrap()).to_string()
    }

    #[test]
    fn a_run_that_passed_and_could_have_used_more_requests_says_how_to_repeat_it() {
        let shown = printed(|report| {
            report.conclusion = Conclusion::Pass;
            report.ran_out_of_requests = true;
            report.allowed_requests = Some(100);
            report.repeat = Some("suite --seed 1".to_owned());
        });
        assert!(shown.contains("--requests N allows more"), "{shown}");
        assert!(shown.contains("repeat it with: suite --seed 1"), "{shown}");
    }

    fn broken(report: &mut Report) -> &mut Failure {
        report.properties.iter_mut().find_map(|property| property.failure.as_mut()).unwrap()
    }

    #[test]
    fn of_many_steps_the_last_ones_are_shown_up_to_the_one_that_shows_the_failure() {
        let many = |report: &mut Report| {
            broken(report).steps = (1..=30).map(|number| format!("do {number}")).collect();
        };
        let shown = printed(many);
        assert!(shown.contains("18 steps before these: --verbose shows all"), "{shown}");
        assert!(shown.contains("    30. do 30") && shown.contains("    19. do 19"), "{shown}");
        assert!(!shown.contains("    18. do 18"), "{shown}");
    }

    #[test]
    fn what_variables_a_curl_line_has_and_that_its_records_are_gone_is_said_above_it() {
        let shown = printed(|report| {
            for exchange in &mut broken(report).exchanges {
                exchange.curl =
                    r#"curl "$DESCOPE_BASE_URL/x" -u "a:$SECRET" -H "Bearer ${DESCOPE_PROJECT_ID}b""#
                        .to_owned();
            }
        });
        let lines: Vec<_> = shown.lines().collect();
        let note = lines.iter().position(|line| line.starts_with("  note ")).unwrap();
        let curl = lines.iter().position(|line| line.starts_with("  curl ")).unwrap();
        assert!(note < curl, "{shown}");
        for says in [
            "$DESCOPE_BASE_URL is the URL of the target",
            "$DESCOPE_PROJECT_ID is",
            "$SECRET is a secret that the target gave out",
            "The records that they name are deleted",
        ] {
            assert!(lines[note].contains(says), "{says}: {shown}");
        }
        assert!(!lines[note].contains("$DESCOPE_MANAGEMENT_KEY"), "no line has it: {shown}");
    }

    #[test]
    fn a_long_curl_line_is_cut_and_says_where_the_whole_one_is() {
        let long = format!("curl --data-raw '{}'", "x".repeat(8_000));
        let shown = printed(|report| {
            for exchange in &mut broken(report).exchanges {
                exchange.curl.clone_from(&long);
            }
        });
        let line = shown.lines().find(|line| line.starts_with("  curl ")).unwrap();
        assert!(line.len() < 1_200, "{}", line.len());
        assert!(
            line.contains("(8018 characters); the whole line is in the report of --report json="),
            "{line}"
        );
    }

    #[test]
    fn causes_come_before_what_counts_less_or_takes_more_steps_and_are_named_at_the_end() {
        let shown = printed(|report| {
            let one = report.properties.iter().find(|one| one.failure.is_some()).unwrap().clone();
            let with = |id, level, steps: usize| {
                let mut other = one.clone();
                (other.id, other.level) = (id, level);
                if let Some(failure) = &mut other.failure {
                    failure.steps = vec!["step".to_owned(); steps];
                }
                other
            };
            use crate::properties::property::Level;
            report.properties = vec![
                with("info/short", Level::Info, 1),
                with("must/long", Level::Must, 6),
                with("must/short", Level::Must, 5),
            ];
        });
        let heads: Vec<_> = shown.lines().filter_map(|line| line.strip_prefix("BROKEN ")).collect();
        assert_eq!(heads, ["must/short", "must/long", "info/short"]);
        let summary = shown.lines().position(|line| line.starts_with("FAIL ")).unwrap();
        assert_eq!(
            shown.lines().nth(summary + 1),
            Some("      broken: must/short, must/long, info/short"),
            "{shown}"
        );
    }

    #[test]
    fn each_answer_to_an_open_question_names_what_was_asked() {
        let shown = printed(|report| {
            let answer = &mut report.observations[0].answers[0];
            answer.operations = ["LoadMcpServer".into(), "DeleteMcpServers".into()].into();
        });
        assert!(shown.contains("(3 times: DeleteMcpServers, LoadMcpServer)"), "{shown}");
        let of_an_older_report = printed(|_| ());
        assert!(of_an_older_report.contains("(3 times)"), "{of_an_older_report}");
    }

    #[test]
    fn carets_stand_below_what_differs() {
        let shown = plain(r#"server 1 /tags = ["a","b"]"#, r#"server 1 /tags = ["a"]"#);
        let wanted = "  expected server 1 /tags = [\"a\",\"b\"]\n                                ^^^^\n  actual   server 1 /tags = [\"a\"]\n                                ^\n";
        assert_eq!(shown, wanted);
    }

    #[test]
    fn of_a_long_text_the_part_that_differs_is_shown() {
        let long = "x".repeat(5_000);
        let shown = plain(&format!("{long}1{long}"), &format!("{long}2{long}"));
        assert!(shown.contains("x1x") && shown.contains("x2x") && shown.len() < 600, "{shown}");
        assert!(!shown.contains('^'), "{shown}");
    }

    #[test]
    fn nothing_from_a_target_can_change_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\r\n\u{9b}\u{202e}c"), "a\\u{1b}[31mb\\r\\n\\u{9b}\\u{202e}c");
        assert_eq!(printable("żółw 🐢"), "żółw 🐢");
    }
}
