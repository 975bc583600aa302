//! Which part of a crate may import which. A room is a folder or a file directly below `src/`; the rooms of a crate stand
//! in an order, and each imports only rooms before it, so that there is no circle. Tests may import what they like.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Finding, shown};

/// The heading of the table in ARCHITECTURE.md that lists the rooms of a crate; its first cells name them in order.
fn heading(folder: &str) -> String {
    format!("| folder of `{folder}/src/` |")
}

/// A crate whose rooms are in an order, and what in it is no room: what puts everything together, or only helps tests.
struct Crate {
    folder: &'static str,
    outside: &'static [&'static str],
}

const CRATES: [Crate; 3] = [
    Crate { folder: "codegen", outside: &["lib"] },
    Crate { folder: "conformance", outside: &["lib", "main", "story"] },
    Crate { folder: "emulator", outside: &["lib", "bin", "testing"] },
];

/// Checks the crates of the table against what ARCHITECTURE.md says of them.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).context("reading ARCHITECTURE.md")?;
    let mut findings = Vec::new();
    for each in &CRATES {
        let Some((line, rooms)) = rooms_on(&page, each) else {
            let message = format!("no table lists what is inside {}", each.folder);
            findings.push(on_the_page(
                1,
                message,
                &format!("add one whose head is {}", heading(each.folder)),
            ));
            continue;
        };
        let source = Path::new(each.folder).join("src");
        let mut empty = rooms.clone();
        for file in super::files_below(&root.join(&source))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let path = source.join(&file);
                let text = fs::read_to_string(root.join(&path))
                    .with_context(|| format!("reading {}", path.display()))?;
                let room = room_of(&file);
                empty.retain(|other| *other != room);
                findings.extend(check_file(each, &rooms, &room, &shown(&path), &text));
            }
        }
        for room in empty {
            let message = format!("{} has no `{room}`", source.display());
            findings.push(on_the_page(line, message, "remove it from the table"));
        }
    }
    Ok(findings)
}

/// The rooms of a crate in their order, and the line of the table's head.
fn rooms_on(page: &str, each: &Crate) -> Option<(usize, Vec<String>)> {
    let heading = heading(each.folder);
    let start = page.lines().position(|line| line.starts_with(&heading))?;
    let rows = page.lines().skip(start + 2).take_while(|line| line.starts_with('|'));
    let first_cells = rows.filter_map(|row| row.strip_prefix("| ")?.split(" | ").next());
    // Names stand between backticks.
    let names = first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let names = names.map(|name| name.trim_end_matches('/').trim_end_matches(".rs").to_owned());
    Some((start + 1, names.filter(|name| !each.outside.contains(&name.as_str())).collect()))
}

fn on_the_page(line: usize, message: String, cure: &str) -> Finding {
    Finding { file: "ARCHITECTURE.md".into(), line, message, cure: cure.into() }
}

fn room_of(file: &Path) -> String {
    let first = file.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let first = first.unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

fn check_file(each: &Crate, rooms: &[String], room: &str, file: &str, text: &str) -> Vec<Finding> {
    let Crate { folder, outside } = each;
    if outside.contains(&room) || file.ends_with("/tests.rs") || file.contains("/tests/") {
        return Vec::new();
    }
    let Some(position) = rooms.iter().position(|other| other == room) else {
        return vec![Finding {
            file: file.to_owned(),
            line: 1,
            message: format!("ARCHITECTURE.md does not list `{room}` of {folder}"),
            cure: "give it a line there, where its imports allow".into(),
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

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Crate = Crate { folder: "a", outside: &["lib"] };
    const PAGE: &str = "\n| folder of `a/src/` | what |\n|---|---|\n| `low.rs`, then `middle/` | `x` |\n| `high/` | z |\n| `lib` | l |\n";

    fn of(room: &str, text: &str) -> Vec<String> {
        let rooms = rooms_on(PAGE, &SMALL).unwrap().1;
        let found = check_file(&SMALL, &rooms, room, &format!("a/src/{room}/mod.rs"), text);
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
        assert_eq!(of("new", ""), ["1: ARCHITECTURE.md does not list `new` of a"]);
        assert!(of("lib", "use crate::high;").is_empty());
    }

    #[test]
    fn the_page_lists_the_rooms_in_their_order() {
        let rooms = ["low", "middle", "high"].map(str::to_owned).to_vec();
        assert_eq!(rooms_on(PAGE, &SMALL), Some((2, rooms)));
        assert_eq!(rooms_on("nothing", &SMALL), None);
    }

    #[test]
    fn every_crate_of_the_table_is_looked_into() {
        let page = fs::read_to_string(xtask::workspace::root().join("ARCHITECTURE.md")).unwrap();
        for each in &CRATES {
            assert!(rooms_on(&page, each).unwrap().1.len() > 10, "{}", each.folder);
        }
    }
}
