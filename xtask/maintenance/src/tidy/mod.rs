//! `cargo xtask tidy`: the rules of the house that no compiler checks.

mod actions;
mod facts;
mod files;
mod imports;
mod rooms;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use xtask::workspace;

/// A rule that is broken somewhere.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// Relative to the root, with forward slashes.
    file: String,
    /// Counted from 1.
    line: usize,
    message: String,
    cure: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n  hint: {}", self.file, self.line, self.message, self.cure)
    }
}

/// Runs the task.
pub(crate) fn run() -> Result<ExitCode> {
    let findings = check(&workspace::root())?;
    if findings.is_empty() {
        println!("tidy");
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    eprintln!("error: {} rule{} broken", findings.len(), if findings.len() == 1 { "" } else { "s" });
    Ok(ExitCode::FAILURE)
}

fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = imports::check(root)?;
    findings.extend(files::check(root)?);
    findings.extend(rooms::check(root)?);
    findings.extend(facts::check(root)?);
    findings.extend(actions::check(root)?);
    findings.sort();
    Ok(findings)
}

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// Every file of the repository, relative to the root, sorted.
fn files_below(root: &Path) -> Result<Vec<PathBuf>> {
    fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name();
            if entry.file_type()?.is_dir() {
                if !SKIPPED.iter().any(|skipped| name == *skipped) {
                    collect(root, &path, files)?;
                }
            } else if let Ok(relative) = path.strip_prefix(root) {
                files.push(relative.to_owned());
            }
        }
        Ok(())
    }
    let mut files = Vec::new();
    collect(root, root, &mut files)?;
    files.sort();
    Ok(files)
}

/// A path as findings show it.
fn shown(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let findings = check(&workspace::root()).unwrap();
        let text: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{}", text.join("\n"));
    }

    #[test]
    fn a_finding_names_file_line_and_cure() {
        let finding =
            Finding { file: "a/b.rs".into(), line: 7, message: "is wrong".into(), cure: "right it".into() };
        assert_eq!(finding.to_string(), "a/b.rs:7: is wrong\n  hint: right it");
    }
}
