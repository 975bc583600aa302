//! Whether the compiler names every place of the suite that a new action needs: no `match` takes "the rest" of actions or
//! of their effects, no part outside of `actions/` lists actions, and none tells operations apart by their ids.
//!
//! It reads lines, which is enough for code that rustfmt has formatted: the arms of a `match` have one indentation.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Finding, files_below, shown};

/// Where the suite is.
const SUITE: &str = "conformance/src";
/// The folder that may list actions.
const ACTIONS: &str = "conformance/src/actions/";
/// Where no operation may be told apart by its id.
const NO_IDS: [&str; 3] = [SUITE, "emulator/src", "generated/src"];
/// The API document.
const DOCUMENT: &str = "openapi/descope-mcp.yaml";

/// What a new action, effect or kind of answer is a variant of.
const ENUMS: [&str; 8] = [
    "Action::",
    "Ask::",
    "Effect::",
    "AuthorizationEffect::",
    "ShownRecords::",
    "SentRecord::",
    "ComparedWith::",
    "Capability::",
];

/// Checks the sources.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let read = |name: &Path| {
        fs::read_to_string(root.join(name)).with_context(|| format!("reading {}", name.display()))
    };
    let document = read(Path::new(DOCUMENT))?;
    let ids: Vec<_> = document.lines().filter_map(|line| line.trim().strip_prefix("operationId: ")).collect();
    let mut findings = Vec::new();
    for folder in NO_IDS.map(Path::new) {
        for file in files_below(&root.join(folder))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let path = folder.join(file);
                findings.extend(check_file(&shown(&path), &read(&path)?, &ids));
            }
        }
    }
    Ok(findings)
}

fn check_file(file: &str, text: &str, ids: &[&str]) -> Vec<Finding> {
    let is_test = file.ends_with("/tests.rs") || file.contains("/tests/") || file.ends_with("/story.rs");
    let code = if is_test { "" } else { text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default() };
    let lines: Vec<_> = code.lines().collect();
    let mut findings = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut note = |message: String, cure: &str| {
            findings.push(Finding { file: file.to_owned(), line: index + 1, message, cure: cure.to_owned() });
        };
        if file.starts_with(SUITE)
            && takes_the_rest(line)
            && arms_before(&lines[..index], line).any(names_one)
        {
            note(
                format!("`{}` takes every action or effect that is still to come", line.trim()),
                "list what it stands for, or select one action with let-else",
            );
        }
        if file.starts_with(SUITE) && !file.starts_with(ACTIONS) && is_alternative(line) {
            note(
                "actions are listed outside of actions/".to_owned(),
                "decide by what `Action::semantics` says, or add to it what is missing",
            );
        }
        if let Some(id) = ids.iter().find(|id| compares_with(line, id)) {
            note(
                format!("{id} is told apart by its id"),
                "decide by what the document or `Action::semantics` says of the operation",
            );
        }
    }
    findings
}

/// Whether a line is an arm without a condition that names nothing.
fn takes_the_rest(line: &str) -> bool {
    let Some((pattern, _)) = line.trim().split_once(" => ") else { return false };
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_lowercase() || c == '_')
            && text.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !["true", "false"].contains(&text)
    };
    let parts = pattern.trim_start_matches("Some(").trim_start_matches('(').trim_end_matches(')');
    parts.split(", ").all(is_name)
}

/// The lines before that arm which belong to the same `match` and are as far to the right, the last one first.
fn arms_before<'a>(before: &'a [&'a str], arm: &str) -> impl Iterator<Item = &'a str> {
    let depth = indentation(arm);
    let same = before.iter().rev().take_while(move |line| line.is_empty() || indentation(line) >= depth);
    same.copied().filter(move |line| indentation(line) == depth && !line.trim().starts_with("//"))
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether an arm names a variant. In the files that define the enums it is called `Self`.
fn names_one(arm: &str) -> bool {
    let pattern = arm.split(" => ").next().unwrap_or_default();
    ENUMS.iter().any(|name| pattern.contains(name)) || pattern.contains("Self::")
}

/// Whether a line has an action as one of several alternatives of a pattern.
fn is_alternative(line: &str) -> bool {
    let begins_with_bar = line.trim().strip_prefix("| ").is_some_and(|rest| {
        let rest = rest.trim_start_matches("Some(");
        rest.starts_with("Action::") || rest.starts_with("Ask::")
    });
    let variants = ["Action::", "Ask::"].into_iter().flat_map(|name| line.split(name).skip(1));
    begins_with_bar || variants.into_iter().any(|rest| after_pattern(rest).starts_with(" | "))
}

/// What follows the name of a variant and the pattern of its members.
fn after_pattern(text: &str) -> &str {
    let text = text.trim_start_matches(char::is_alphanumeric);
    let end = match text.trim_start().chars().next() {
        Some('{') => text.find('}'),
        Some('(') => text.find(')'),
        Some(_) | None => None,
    };
    end.and_then(|end| text.get(end + 1..)).unwrap_or(text)
}

fn compares_with(line: &str, id: &str) -> bool {
    let quoted = format!("\"{id}\"");
    let Some((before, after)) = line.split_once(&quoted) else { return false };
    let (before, after) = (before.trim(), after.trim());
    after.starts_with("=>")
        || after.starts_with('|')
        || ["==", "!=", "|"].iter().any(|sign| before.ends_with(sign) || after.starts_with(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, text: &str) -> Vec<String> {
        let found = check_file(file, text, &["LoadMcpServer"]);
        found.iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect()
    }

    #[test]
    fn no_arm_takes_the_rest_of_actions_or_effects() {
        for rest in ["_", "other", "Some(_)", "(_, _)"] {
            let text = format!(
                "match x {{\n    Some(Effect::Nothing) => {{\n        1\n    }}\n    {rest} => 2,\n}}\n"
            );
            assert_eq!(of("conformance/src/run/x.rs", &text).len(), 1, "{text}");
        }
        let text = "match x {\n    Effect::Nothing => match y {\n        1 => 1,\n        _ => 2,\n    },\n    Effect::Y => 3,\n}\n";
        assert_eq!(of("conformance/src/run/x.rs", text), [""; 0]);
        let text = "match x {\n    Effect::Nothing => 1,\n    _ if y => 2,\n    None => 3,\n}\n";
        assert_eq!(of("conformance/src/run/x.rs", text), [""; 0]);
    }

    #[test]
    fn only_the_folder_of_actions_lists_them() {
        let text = "let Some(Action::A | Action::B) = x else { return };\n";
        assert_eq!(of("conformance/src/run/x.rs", text), ["1: actions are listed outside of actions/"]);
        let text = "match x {\n    Action::A\n    | Action::B => 1,\n}\n";
        assert_eq!(of("conformance/src/run/x.rs", text).len(), 1);
        assert_eq!(of("conformance/src/actions/mod.rs", text), [""; 0]);
        let text = "let Some(Action::A) = x else { return };\nlet y = |n| Action::B { n };\n";
        assert_eq!(of("conformance/src/run/x.rs", text), [""; 0]);
    }

    #[test]
    fn no_operation_is_told_apart_by_its_id() {
        for text in ["if id == \"LoadMcpServer\" {}\n", "match id {\n    \"LoadMcpServer\" => 1,\n}\n"] {
            assert_eq!(of("emulator/src/x.rs", text).len(), 1, "{text}");
        }
        assert_eq!(of("emulator/src/x.rs", "const ID: &str = \"LoadMcpServer\";\n"), [""; 0]);
    }
}
