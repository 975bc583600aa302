//! Which module of a crate may import which: the folders and files directly below `src/` are in an order, and each imports
//! only modules before it, so that their imports have no cycle. Tests may import what they like.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Finding, sources};

/// The heading of the table in ARCHITECTURE.md that lists the modules of a crate; its first cells name them in order.
fn heading(folder: &str) -> String {
    format!("| folder of `{folder}/src/` |")
}

/// A crate whose modules are in an order, and what in it is no module: what puts everything together, or only helps tests.
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
        let Some((line, modules)) = modules_on(&page, each) else {
            let message = format!("no table lists what is inside {}", each.folder);
            findings.push(on_the_page(
                1,
                message,
                &format!("add one whose head is {}", heading(each.folder)),
            ));
            continue;
        };
        let source = Path::new(each.folder).join("src");
        let mut empty = modules.clone();
        for file in sources(root, &source)? {
            let module = module_of(&file.path);
            empty.retain(|other| *other != module);
            findings.extend(check_file(each, &modules, &module, &file.name, &file.code));
        }
        for module in empty {
            let message = format!("{} has no `{module}`", source.display());
            findings.push(on_the_page(line, message, "remove it from the table"));
        }
    }
    Ok(findings)
}

/// The modules of a crate in their order, and the line of the table's head.
fn modules_on(page: &str, each: &Crate) -> Option<(usize, Vec<String>)> {
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

fn module_of(file: &Path) -> String {
    let first = file.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let first = first.unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

fn check_file(each: &Crate, modules: &[String], module: &str, file: &str, text: &str) -> Vec<Finding> {
    let Crate { folder, outside } = each;
    if outside.contains(&module) {
        return Vec::new();
    }
    let Some(position) = modules.iter().position(|other| other == module) else {
        return vec![Finding {
            file: file.to_owned(),
            line: 1,
            message: format!("ARCHITECTURE.md does not list `{module}` of {folder}"),
            cure: "give it a line there, where its imports allow".into(),
        }];
    };
    let mut findings = Vec::new();
    for (line, imported) in imports(text) {
        let later = modules.iter().position(|other| *other == imported).is_some_and(|other| other > position);
        if later {
            findings.push(Finding {
                file: file.to_owned(),
                line,
                message: format!("`{module}` imports `{imported}`, which comes after it in {folder}"),
                cure: "move what both need into the earlier module, or into one before both".into(),
            });
        }
    }
    findings
}

/// What follows `crate::` outside of comments, with the line, counted from 1.
fn imports(code: &str) -> Vec<(usize, String)> {
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
    use super::super::without_tests;
    use super::*;

    const SMALL: Crate = Crate { folder: "a", outside: &["lib"] };
    const PAGE: &str = "\n| folder of `a/src/` | what |\n|---|---|\n| `low.rs`, then `middle/` | `x` |\n| `high/` | z |\n| `lib` | l |\n";

    fn of(module: &str, text: &str) -> Vec<String> {
        let modules = modules_on(PAGE, &SMALL).unwrap().1;
        let file = format!("a/src/{module}/mod.rs");
        let found = check_file(&SMALL, &modules, module, &file, without_tests(&file, text));
        found.iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect()
    }

    #[test]
    fn a_module_imports_only_what_comes_before_it() {
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
    fn comments_and_tests_may_name_any_module() {
        let text =
            "// crate::high\n/// [`crate::high`]\n#[cfg(test)]\nmod tests {\n    use crate::high;\n}\n";
        assert!(of("low", text).is_empty());
    }

    #[test]
    fn a_new_module_needs_a_place() {
        assert_eq!(of("new", ""), ["1: ARCHITECTURE.md does not list `new` of a"]);
        assert!(of("lib", "use crate::high;").is_empty());
    }

    #[test]
    fn the_page_lists_the_modules_in_their_order() {
        let modules = ["low", "middle", "high"].map(str::to_owned).to_vec();
        assert_eq!(modules_on(PAGE, &SMALL), Some((2, modules)));
        assert_eq!(modules_on("nothing", &SMALL), None);
    }

    #[test]
    fn every_crate_of_the_table_is_looked_into() {
        let page = fs::read_to_string(xtask::workspace::root().join("ARCHITECTURE.md")).unwrap();
        for each in &CRATES {
            assert!(modules_on(&page, each).unwrap().1.len() > 10, "{}", each.folder);
        }
    }
}
