//! A comparison as text for a terminal and as Markdown for a pull request; as JSON it is what [`Outcome`] serialises to.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::{Change, Class, Declared};

/// All that there is to say about a comparison.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Name of the first document.
    pub before: String,
    /// Name of the second document.
    pub after: String,
    /// Operations that were compared.
    pub operations: usize,
    /// What changed.
    #[serde(flatten)]
    pub declared: Declared,
    /// The present version of the client crate.
    pub version: String,
    /// The version that it gets when all undeclared changes are taken over.
    pub next_version: String,
}

impl Outcome {
    /// The worst of what was not declared; `None` if there is nothing.
    pub fn class(&self) -> Option<Class> {
        self.declared.undeclared.iter().map(Change::class).max()
    }
}

/// Declared differences that are shown of those with one reason; JSON and Markdown have all.
const SHOWN: usize = 2;

/// For a terminal: every undeclared change with its places, then the declared ones by reason, a few of each.
pub fn text(outcome: &Outcome) -> String {
    let Outcome { before, after, operations, declared, .. } = outcome;
    let mut text = format!("{before} -> {after}, {operations} operations\n");
    for class in [
        Class::BreakingForCallers,
        Class::BreakingForDecoding,
        Class::NotJudged,
        Class::Additive,
        Class::Documentation,
    ] {
        let changes: Vec<_> = declared.undeclared.iter().filter(|change| change.class() == class).collect();
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}", class.words());
        for change in changes {
            let _ = writeln!(text, "  {}", line(change));
            for (name, location) in [(before, &change.before), (after, &change.after)] {
                if let Some(location) = location {
                    let _ = writeln!(text, "      {name}:{}: {}", location.line, location.pointer);
                }
            }
            let _ = writeln!(text, "      shows in {}", list(change));
        }
    }
    if !declared.declared.is_empty() {
        let _ = writeln!(text, "\ndeclared");
        for (reason, changes) in by_reason(declared) {
            let _ = writeln!(text, "  {reason}");
            let shown: Vec<_> = changes.iter().take(SHOWN).map(|change| line(change)).collect();
            let _ = writeln!(text, "      {}", shown.join("; "));
            if changes.len() > SHOWN {
                let _ = writeln!(text, "      and {} more", changes.len() - SHOWN);
            }
        }
    }
    for (deviation, at) in &declared.stale {
        let _ = writeln!(
            text,
            "\nstale: {} at `{at}` is declared in line {}, and there is no such change any more\n  hint: remove it",
            name(&deviation.change),
            deviation.line
        );
    }
    text.push('\n');
    let _ = writeln!(text, "{}", verdict(outcome));
    text
}

/// For a pull request.
pub fn markdown(outcome: &Outcome) -> String {
    let Outcome { before, after, declared, .. } = outcome;
    let mut text = format!("## `{before}` → `{after}`\n\n{}\n", verdict(outcome));
    if !declared.undeclared.is_empty() {
        text += "\n| what it does | change | where | shows in |\n|---|---|---|---|\n";
        let mut changes: Vec<_> = declared.undeclared.iter().collect();
        changes.sort_by_key(|change| std::cmp::Reverse(change.class()));
        for change in changes {
            let location = change.after.as_ref().or(change.before.as_ref());
            let place = location.map(|location| format!("`{}`", cell(&location.pointer))).unwrap_or_default();
            let _ = writeln!(
                text,
                "| {} | {} | {place} | {} |",
                change.class().words(),
                cell(&line(change)),
                list(change)
            );
        }
    }
    if !declared.declared.is_empty() {
        let _ = writeln!(
            text,
            "\n<details><summary>{} declared differences</summary>\n",
            declared.declared.len()
        );
        for (reason, changes) in by_reason(declared) {
            let _ = writeln!(text, "- {reason}");
            for change in changes {
                let _ = writeln!(text, "  - {}", line(change));
            }
        }
        text += "\n</details>\n";
    }
    for (deviation, at) in &declared.stale {
        let _ =
            writeln!(text, "\n**Stale:** `{}` at `{at}` (line {}).", name(&deviation.change), deviation.line);
    }
    text
}

fn line(change: &Change) -> String {
    let detail = if change.detail.is_empty() { String::new() } else { format!(": {}", change.detail) };
    format!("{} {}{detail}", change.at, change.kind.words())
}

/// A line break or `|` would end a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn list(change: &Change) -> String {
    change.shows_in.iter().cloned().collect::<Vec<_>>().join(", ")
}

fn by_reason(declared: &Declared) -> BTreeMap<&str, Vec<&Change>> {
    let mut by_reason: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for (change, reason) in &declared.declared {
        by_reason.entry(reason).or_default().push(change);
    }
    by_reason
}

fn name(kind: &super::ChangeKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn verdict(outcome: &Outcome) -> String {
    let declared = match outcome.declared.declared.len() {
        0 => String::new(),
        number => format!(" ({number} declared differences)"),
    };
    match outcome.class() {
        None => format!("same{declared}; the client stays at {}", outcome.version),
        Some(class) => {
            let number = outcome.declared.undeclared.len();
            let noun = if number == 1 { "change" } else { "changes" };
            let worst = class.words();
            let unjudged =
                outcome.declared.undeclared.iter().filter(|change| change.class() == Class::NotJudged);
            let unjudged = match unjudged.count() {
                0 => String::new(),
                number => format!("; {number} not judged, for you to look at"),
            };
            let next = &outcome.next_version;
            format!(
                "{number} {noun}, at worst {worst}{declared}{unjudged}; taken over, the client goes from {} to {next}",
                outcome.version
            )
        }
    }
}
