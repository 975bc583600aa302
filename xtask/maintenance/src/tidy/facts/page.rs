//! What `docs/facts.md` says, row by row, and whether each row is as it should be.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_spec::cited_ids;

use super::{Finding, PAGE};

/// How sure a fact can be.
pub(super) const BASES: [&str; 4] = ["documented", "observed", "standard", "assumed"];

/// Cells of every row.
const CELLS: usize = 4;

/// How to write the last cell of a question.
const HOW_TO_SHOW: &str = "write variant `name`, observation `id`, or neither: and the reason";

/// The page.
#[derive(Default)]
pub(super) struct Page {
    /// The row of each id.
    pub(super) rows: BTreeMap<String, Row>,
}

/// The row of a fact or of an open question.
pub(super) struct Row {
    /// Its line, counted from 1.
    pub(super) line: usize,
    /// What it says.
    pub(super) content: Content,
}

/// What a row says.
pub(super) enum Content {
    /// A fact, with its basis.
    Fact(String),
    /// An open question, with where it shows; `None` if a reason says why nowhere.
    Question(Option<BTreeSet<String>>),
    /// Nothing that could be read; a finding says so.
    Unclear,
}

impl Page {
    /// Reads the page and notes what is wrong with it.
    pub(super) fn read(text: &str, findings: &mut Vec<Finding>) -> Self {
        let mut page = Self::default();
        let sources = sources(text, findings);
        for (line, cells) in rows(text) {
            let Some(id) = row_id(&cells) else { continue };
            let mut note = |message: String, cure: &str| findings.push(finding(line, message, cure));
            if cited_ids(id).first().map(|(_, found)| *found) != Some(id) {
                note(format!("`{id}` is no id"), "write lower-case words joined by dashes");
                continue;
            }
            if cells[0] != format!("<a id=\"{id}\"></a>`{id}`") {
                let message =
                    format!("the row of `{id}` begins with something else than its anchor and its id");
                note(message, &format!("begin it with `<a id=\"{id}\"></a>` and the id in backticks"));
            }
            if let Some(first) = page.rows.get(id).map(|row| row.line) {
                let message = format!("`{id}` has a row already, in line {first}");
                note(message, "give this row an id of its own; ids are never given out twice");
                continue;
            }
            let content = match cells[..] {
                [_, _, basis, source] if id.starts_with("fact/") => {
                    check_source(id, basis, source, &sources, &mut note);
                    Content::Fact(basis.to_owned())
                }
                [_, _, _, shown] => Content::Question(shows(id, shown, &mut note)),
                _ => {
                    note(wrong_cells(cells.len()), "see the head of the table");
                    Content::Unclear
                }
            };
            page.rows.insert(id.to_owned(), Row { line, content });
        }
        page
    }

    /// The basis of a fact.
    pub(super) fn basis(&self, id: &str) -> Option<&str> {
        match &self.rows.get(id)?.content {
            Content::Fact(basis) => Some(basis),
            _ => None,
        }
    }
}

/// The part of a line in which it cites: all of it, less the id that its row is about.
pub(super) fn citing(line: &str) -> &str {
    let first = line.strip_prefix('|').and_then(|row| row.split('|').next());
    match first {
        Some(first) if row_id(&[first]).is_some() => &line[1 + first.len()..],
        _ => line,
    }
}

/// The rows of all tables: the line and the cells of each.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let row = line.trim_end().strip_prefix('|')?.strip_suffix('|')?;
        Some((index + 1, row.split('|').map(str::trim).collect()))
    })
}

/// The id that a row is about, if it is one of a fact or a question.
fn row_id<'a>(cells: &[&'a str]) -> Option<&'a str> {
    let id = cells.first()?.split('`').nth(1)?;
    ["fact/", "question/"].iter().any(|prefix| id.starts_with(prefix)).then_some(id)
}

/// The names in the table of sources.
fn sources<'a>(text: &'a str, findings: &mut Vec<Finding>) -> BTreeMap<&'a str, usize> {
    let mut names = BTreeMap::new();
    let begins = text.lines().position(|line| line == "## Sources").unwrap_or(usize::MAX);
    for (line, cells) in rows(text).filter(|(line, _)| *line > begins) {
        let Some(name) = cells[0].split('`').nth(1) else { continue };
        let mut note = |message: String, cure: &str| findings.push(finding(line, message, cure));
        if let Some(first) = names.insert(name, line) {
            note(format!("`{name}` has a row already, in line {first}"), "remove one of them");
        }
        let [_, _, address, seen] = cells[..] else {
            note(wrong_cells(cells.len()), "see the head of the table");
            continue;
        };
        if address.is_empty() {
            note(format!("`{name}` has no address"), "give its address, or say that it is not known");
        }
        if !is_date(seen) {
            note(format!("`{seen}` is no date"), "write the day when it was seen as year-month-day");
        }
    }
    names
}

fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let is = |part: &str, digits: usize, most: u32| {
        part.len() == digits && part.parse().is_ok_and(|number: u32| (1..=most).contains(&number))
    };
    matches!(parts[..], [year, month, day] if is(year, 4, 9999) && is(month, 2, 12) && is(day, 2, 31))
}

/// Notes a basis that is none, and sources that the table lacks. What is assumed needs none.
fn check_source(
    id: &str,
    basis: &str,
    source: &str,
    sources: &BTreeMap<&str, usize>,
    note: &mut impl FnMut(String, &str),
) {
    if !BASES.contains(&basis) {
        note(format!("`{basis}` is no basis"), &format!("write one of {}", BASES.join(", ")));
    }
    let quoted = source.split('`').skip(1).step_by(2);
    let names: Vec<_> = quoted.filter(|name| cited_ids(name).is_empty()).collect();
    for name in names.iter().filter(|name| !sources.contains_key(*name)) {
        note(format!("`{name}` is not in the table of sources"), "add a row there, or correct the name");
    }
    if names.is_empty() && basis != "assumed" {
        note(format!("`{id}` is {basis} and has no source"), "name one of the table of sources in backticks");
    }
}

/// Where a question shows, as its last cell says: each as `variant x` or `observation y`.
fn shows(id: &str, cell: &str, note: &mut impl FnMut(String, &str)) -> Option<BTreeSet<String>> {
    if let Some(reason) = cell.strip_prefix("neither:") {
        if reason.trim().is_empty() {
            note(unasked(id), ASK_IT);
        }
        return None;
    }
    let mut shown = BTreeSet::new();
    for part in cell.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let words: Vec<_> = part.split('`').map(str::trim).collect();
        match words[..] {
            [kind @ ("variant" | "observation"), name, ""] => {
                shown.insert(named(kind, name));
            }
            _ => note(format!("`{part}` is no place where `{id}` could show"), HOW_TO_SHOW),
        }
    }
    if cell.is_empty() {
        note(unasked(id), ASK_IT);
    }
    Some(shown)
}

/// How to mend a question that nothing asks.
const ASK_IT: &str =
    "add one, as CONTRIBUTING.md says under \"Adding an open question\", or write neither: and the reason";

fn unasked(id: &str) -> String {
    format!("`{id}` has neither a variant nor an observation, and no reason why")
}

/// A variant or an observation in words.
pub(super) fn named(kind: &str, name: &str) -> String {
    format!("{kind} `{name}`")
}

fn wrong_cells(number: usize) -> String {
    format!("{number} cells instead of {CELLS}")
}

/// A finding in the page.
pub(super) fn finding(line: usize, message: String, cure: &str) -> Finding {
    Finding { file: PAGE.to_owned(), line, message, cure: cure.to_owned() }
}
