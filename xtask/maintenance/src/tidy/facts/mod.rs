//! Facts and open questions: every id that is cited has a row in `docs/facts.md`, the row is as it should be, the word
//! beside an id is the basis of the fact, and each question says where it is asked.

mod page;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use descope_mcp_spec::cited_ids;

use self::page::{BASES, Content, Page, citing, finding, named};
use super::files::is_checked;
use super::{Finding, files_below, shown};

/// The page that lists them.
const PAGE: &str = "docs/facts.md";

/// Where ids stand that are made up for tests.
const OWN_TESTS: &str = "xtask/maintenance/src/tidy/facts/";

/// Who asks questions: the folder, and what is in it.
const ASKERS: [(&str, &str); 2] =
    [("emulator/src/variants/", "variant"), ("conformance/src/", "observation")];

/// Checks the page against the repository.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("reading {name}"));
    let mut files = Vec::new();
    for path in files_below(root)? {
        let name = shown(&path);
        if is_checked(&path) && name != PAGE && !name.starts_with(OWN_TESTS) {
            let text = read(&name)?;
            files.push((name, text));
        }
    }
    Ok(check_texts(&read(PAGE)?, &files))
}

fn check_texts(page_text: &str, files: &[(String, String)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let page = Page::read(page_text, &mut findings);
    if page.rows.is_empty() {
        findings.push(finding(1, "there is no fact here".to_owned(), "bring the tables back"));
    }
    for (index, line) in page_text.lines().enumerate() {
        check_ids(PAGE, index + 1, citing(line), &page, &mut findings);
    }
    let mut asked = Vec::new();
    for (file, text) in files {
        let lines: Vec<_> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            check_ids(file, index + 1, line, &page, &mut findings);
            let before = index.checked_sub(1).and_then(|index| lines.get(index));
            check_bases(file, index + 1, line, before.copied(), &page, &mut findings);
        }
        asked.extend(questions(file, &lines));
    }
    check_asked(&page, &asked, &mut findings);
    findings.sort();
    findings
}

/// Notes ids that have no row.
fn check_ids(file: &str, line: usize, text: &str, page: &Page, findings: &mut Vec<Finding>) {
    for (_, id) in cited_ids(text).into_iter().filter(|(_, id)| !page.rows.contains_key(*id)) {
        findings.push(Finding {
            file: file.to_owned(),
            line,
            message: format!("`{id}` is not in {PAGE}"),
            cure: "add a row there, or correct the id".to_owned(),
        });
    }
}

/// Notes facts that are not what the word before them says, as in `documented: fact/…` or in an `x-basis` above an
/// `x-source`.
fn check_bases(
    file: &str,
    line: usize,
    text: &str,
    before: Option<&str>,
    page: &Page,
    findings: &mut Vec<Finding>,
) {
    let is_source = text.trim_start().starts_with("x-source: ");
    let above = before.filter(|_| is_source).and_then(|before| before.trim_start().strip_prefix("x-basis: "));
    let mut said = None;
    let mut end = 0;
    for (place, id) in cited_ids(text) {
        // A list goes on under the word that it began with.
        if end == 0 || &text[end..place] != ", " {
            let word = |basis: &&&str| text[..place].ends_with(&format!("{basis}: "));
            said = above.or(BASES.iter().find(word).copied());
        }
        end = place + id.len();
        let (Some(said), Some(basis)) = (said, page.basis(id)) else { continue };
        if said != basis {
            let at = page.rows.get(id).map_or(0, |row| row.line);
            findings.push(Finding {
                file: file.to_owned(),
                line,
                message: format!("`{id}` is {basis}, not {said}"),
                cure: format!("correct the word before it, or the row in {PAGE}:{at}"),
            });
        }
    }
}

/// A place in the code that asks an open question.
struct Asked<'a> {
    file: &'a str,
    line: usize,
    /// The variant or observation in words.
    who: String,
    question: &'a str,
}

/// The questions that a file of the emulator's variants or of the suite asks.
fn questions<'a>(file: &'a str, lines: &[&'a str]) -> Vec<Asked<'a>> {
    let Some((_, kind)) = ASKERS.iter().find(|(folder, _)| file.starts_with(folder)) else {
        return Vec::new();
    };
    let mut asked = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(question) = quoted(line, "question_id: ") else { continue };
        // A switch is named where its braces open, an observation by its own `id`.
        let name = lines[..=index].iter().rev().find_map(|line| match *kind {
            "variant" => line.strip_suffix(" {").and_then(|head| head.split('"').nth(1)),
            _ => quoted(line, " id: "),
        });
        if let Some(name) = name {
            asked.push(Asked { file, line: index + 1, who: named(kind, name), question });
        }
    }
    asked
}

/// The text in quotes after a key.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split_once(key)?.1.strip_prefix('"')?.split('"').next()
}

/// Notes where the rows of questions and the code that asks them disagree.
fn check_asked(page: &Page, asked: &[Asked<'_>], findings: &mut Vec<Finding>) {
    let mut askers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Asked { file, line, who, question } in asked {
        askers.entry(*question).or_default().push(who);
        let Some(row) = page.rows.get(*question) else { continue };
        let Content::Question(shown) = &row.content else { continue };
        if !shown.as_ref().is_some_and(|shown| shown.contains(who)) {
            findings.push(Finding {
                file: (*file).to_owned(),
                line: *line,
                message: format!("{who} asks `{question}`, whose row does not name it"),
                cure: format!("name it in the last cell of {PAGE}:{}", row.line),
            });
        }
    }
    for (id, row) in &page.rows {
        let Content::Question(Some(shown)) = &row.content else { continue };
        let known = askers.get(id.as_str());
        for who in shown.iter().filter(|who| !known.is_some_and(|known| known.contains(&who.as_str()))) {
            let message = format!("{who} does not ask `{id}`");
            findings.push(finding(row.line, message, "remove it here, or correct its `question_id`"));
        }
    }
}
