//! Which part of a crate may import which. A room is a folder or a file directly below `src/`; the rooms of a crate stand
//! in an order, and each imports only rooms before it, so that there is no circle. Tests may import what they like.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Finding, shown};

/// The rooms of a crate, each of which imports only rooms before it.
struct Crate {
    /// Folder of the crate.
    folder: &'static str,
    /// Rooms in the order of imports.
    rooms: &'static [&'static str],
    /// What puts everything together, or only helps tests.
    outside: &'static [&'static str],
}

/// ARCHITECTURE.md has a line for each room, in the same order.
const CRATES: [Crate; 2] = [
    Crate {
        folder: "conformance",
        rooms: &[
            "text",
            "json",
            "documented",
            "plan",
            "wire",
            "model",
            "call",
            "plans",
            "properties",
            "observations",
            "run",
            "report",
            "embedded",
            "cli",
        ],
        outside: &["lib", "main", "story"],
    },
    Crate {
        folder: "codegen",
        rooms: &[
            "limits",
            "errors",
            "names",
            "document",
            "refs",
            "compose",
            "facts",
            "stack",
            "preflight",
            "normalise",
            "in_place",
            "emit",
            "polish",
            "format",
            "registry",
            "table",
            "review",
            "client",
            "foreign",
        ],
        outside: &["lib"],
    },
];

/// Checks the crates of the table, and that ARCHITECTURE.md speaks of every room in order.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).context("reading ARCHITECTURE.md")?;
    let mut findings = Vec::new();
    for each in &CRATES {
        findings.extend(missing_on_the_page(&page, each));
        let source = Path::new(each.folder).join("src");
        for file in super::files_below(&root.join(&source))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let path = source.join(&file);
                let text = fs::read_to_string(root.join(&path))
                    .with_context(|| format!("reading {}", path.display()))?;
                findings.extend(check_file(each, &room_of(&file), &shown(&path), &text));
            }
        }
    }
    Ok(findings)
}

fn room_of(file: &Path) -> String {
    let first = file.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let first = first.unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

fn check_file(each: &Crate, room: &str, file: &str, text: &str) -> Vec<Finding> {
    let Crate { folder, rooms, outside } = each;
    if outside.contains(&room) || file.ends_with("/tests.rs") || file.contains("/tests/") {
        return Vec::new();
    }
    let Some(position) = rooms.iter().position(|other| *other == room) else {
        return vec![Finding {
            file: file.to_owned(),
            line: 1,
            message: format!("`{room}` is no room of {folder} that the table knows"),
            cure:
                "add it to CRATES in xtask/src/tidy/rooms.rs and to ARCHITECTURE.md, where its imports allow"
                    .into(),
        }];
    };
    let mut findings = Vec::new();
    for (line, imported) in imports(text) {
        let later = rooms.iter().position(|other| *other == imported).is_some_and(|other| other > position);
        if later {
            findings.push(Finding {
                file: file.to_owned(),
                line,
                message: format!("`{room}` imports `{imported}`, which comes after it in {folder}"),
                cure: "move what both need into the earlier room, or into one before both".into(),
            });
        }
    }
    findings
}

/// What follows `crate::` outside of tests and comments, with the line, counted from 1.
fn imports(text: &str) -> Vec<(usize, String)> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    // Comments become blanks, so that positions stay what they are.
    let mut bare = String::with_capacity(code.len());
    for line in code.split_inclusive('\n') {
        match line.find("//") {
            Some(start) => {
                bare.push_str(&line[..start]);
                bare.extend(line[start..].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            }
            None => bare.push_str(line),
        }
    }
    let mut found = Vec::new();
    for (start, _) in bare.match_indices("crate::") {
        let rest = &bare[start + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => first_names(list),
            None => vec![(0, name_at(rest))],
        };
        for (offset, name) in names {
            let line = 1 + bare[..start + offset].matches('\n').count();
            found.push((line, name));
        }
    }
    found
}

/// The first segments of the paths in a braced list, each with its position.
fn first_names(list: &str) -> Vec<(usize, String)> {
    let (mut depth, mut names, mut expects_name) = (0, Vec::new(), true);
    for (position, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects_name = true,
            _ if expects_name && depth == 0 && !c.is_whitespace() => {
                // The line of the name is that of its first character, one brace further on.
                names.push((position + "crate::{".len(), name_at(&list[position..])));
                expects_name = false;
            }
            _ => {}
        }
    }
    names
}

fn name_at(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Rooms without a line of their own on the page, or out of order there.
fn missing_on_the_page(page: &str, each: &Crate) -> Vec<Finding> {
    let heading = format!("folder of `{}/src/`", each.folder);
    let finding = |line, message: String| Finding {
        file: "ARCHITECTURE.md".into(),
        line,
        message,
        cure: "give each room a line in the order of CRATES in xtask/src/tidy/rooms.rs".into(),
    };
    let Some(start) = page.lines().position(|line| line.contains(&heading)) else {
        return vec![finding(1, format!("no table says what is inside {}", each.folder))];
    };
    let rows: Vec<_> = page.lines().skip(start + 2).take_while(|line| line.starts_with('|')).collect();
    let named: Vec<_> = rows
        .iter()
        .map(|row| {
            row.trim_start_matches("| `")
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .collect();
    match named.iter().map(String::as_str).eq(each.rooms.iter().copied()) {
        true => Vec::new(),
        false => vec![finding(
            start + 1,
            format!("the table has {named:?}, and {} has {:?}", each.folder, each.rooms),
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Crate = Crate { folder: "a", rooms: &["low", "middle", "high"], outside: &["lib"] };

    fn of(room: &str, text: &str) -> Vec<String> {
        let found = check_file(&SMALL, room, &format!("a/src/{room}/mod.rs"), text);
        found.iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect()
    }

    #[test]
    fn a_room_imports_only_what_comes_before_it() {
        assert!(of("middle", "use crate::low::X;\nuse crate::middle::Y;\n").is_empty());
        assert_eq!(
            of("low", "//! x\nuse crate::high;\n"),
            ["2: `low` imports `high`, which comes after it in a"]
        );
        assert_eq!(
            of("low", "use crate::{\n    low::{A, B},\n    middle::C,\n};\nfn f() { crate::high::g() }\n"),
            [
                "3: `low` imports `middle`, which comes after it in a",
                "5: `low` imports `high`, which comes after it in a"
            ]
        );
    }

    #[test]
    fn comments_and_tests_may_name_any_room() {
        let text =
            "// crate::high\n/// [`crate::high`]\n#[cfg(test)]\nmod tests {\n    use crate::high;\n}\n";
        assert!(of("low", text).is_empty());
    }

    #[test]
    fn a_new_room_needs_a_place() {
        assert_eq!(of("new", ""), ["1: `new` is no room of a that the table knows"]);
        assert!(of("lib", "use crate::high;").is_empty());
    }

    #[test]
    fn the_page_has_the_rooms_in_their_order() {
        let page = "| folder of `a/src/` | what |\n|---|---|\n| `low/` | x |\n| `middle.rs` | y |\n| `high/` | z |\n";
        assert!(missing_on_the_page(page, &SMALL).is_empty());
        assert_eq!(missing_on_the_page(&page.replace("low", "lower"), &SMALL).len(), 1);
        assert_eq!(missing_on_the_page("nothing", &SMALL).len(), 1);
    }
}
