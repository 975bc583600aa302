//! Notices of machine-written files, and the length of the others.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use descope_mcp_codegen::NOTICE;

use super::{Finding, files_below, shown};
use xtask::workspace::MACHINE_WRITTEN;

/// Longest source file that is written by hand. Half of it is what most files should keep to.
const MAX_LINES: usize = 600;

/// Longer files, each with the reason why splitting it would make it worse.
const LONG_FILES: [(&str, &str); 0] = [];

/// Kinds of file that are looked at.
const KINDS: [&str; 5] = ["rs", "toml", "md", "yaml", "yml"];

/// Checks every file of the repository.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files_below(root)? {
        if !is_checked(&path) {
            continue;
        }
        let name = shown(&path);
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("reading {name}"))?;
        findings.extend(check_file(&name, &text));
    }
    for (name, _) in LONG_FILES {
        if !root.join(name).exists() {
            findings.push(Finding {
                file: "xtask/maintenance/src/tidy/files.rs".to_owned(),
                line: 1,
                message: format!("LONG_FILES names {name}, which does not exist"),
                cure: "remove its row".to_owned(),
            });
        }
    }
    Ok(findings)
}

/// Whether a file is of a kind that is looked at.
pub(super) fn is_checked(path: &Path) -> bool {
    path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
}

fn check_file(name: &str, text: &str) -> Option<Finding> {
    let finding = |line, message: String, cure: &str| {
        Some(Finding { file: name.to_owned(), line, message, cure: cure.to_owned() })
    };
    let machine_written = MACHINE_WRITTEN.iter().any(|folder| name.starts_with(&format!("{folder}/")));
    let has_notice = text.starts_with(NOTICE);
    if machine_written && !has_notice {
        let cure = "run `cargo xtask codegen`; hand-written code belongs beside the folder";
        return finding(1, "a file of the machine-written folder lacks the notice".to_owned(), cure);
    }
    if !machine_written && has_notice {
        let cure = "remove the notice, or let the generator write the file";
        let folders = MACHINE_WRITTEN.join(", ");
        return finding(1, format!("a file outside of {folders} claims to be machine-written"), cure);
    }
    let lines = text.lines().count();
    let excused = machine_written || LONG_FILES.iter().any(|(file, _)| *file == name);
    if name.ends_with(".rs") && lines > MAX_LINES && !excused {
        let cure = "split it, or add it to LONG_FILES in xtask/maintenance/src/tidy/files.rs with the reason";
        return finding(MAX_LINES + 1, format!("{lines} lines, more than {MAX_LINES}"), cure);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_written_file_needs_its_notice_and_no_other_file_has_it() {
        let notice = format!("{NOTICE} from x.\n");
        assert!(check_file("generated/src/generated/types.rs", &notice).is_none());
        assert!(check_file("generated/src/generated/types.rs", "pub struct A;\n").is_some());
        assert!(check_file("operations/src/generated/descope_mcp.rs", &notice).is_none());
        assert!(check_file("operations/src/generated/descope_mcp.rs", "const A: u8 = 1;\n").is_some());
        assert!(check_file("generated/src/lib.rs", &notice).is_some());
        assert!(check_file("generated/src/lib.rs", "//! Docs.\n").is_none());
    }

    #[test]
    fn a_long_file_is_noticed_at_the_first_line_too_many() {
        let finding = check_file("a/src/lib.rs", &"x\n".repeat(MAX_LINES + 1)).unwrap();
        assert_eq!(finding.line, MAX_LINES + 1);
        assert!(check_file("a/src/lib.rs", &"x\n".repeat(MAX_LINES)).is_none());
        assert!(check_file("openapi/a.yaml", &"x\n".repeat(MAX_LINES + 1)).is_none());
    }
}
