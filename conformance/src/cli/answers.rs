//! `answers diff`: how two answers files differ.

use std::fs;
use std::path::Path;

use descope_mcp_program::Failure;

use super::{exit_code, print, unusable};
use crate::report::answers::Answers;
use crate::report::answers_diff::{Comparison, Named};

/// Prints how the two files differ, and returns the exit code.
pub(super) fn diff(first: &Path, second: &Path) -> Result<u8, Failure> {
    let (one, other) = (read(first)?, read(second)?);
    let comparison = Comparison::new(&one, &other);
    let (first, second) = (first.display().to_string(), second.display().to_string());
    let named = |name, answers| Named { name, answers };
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = comparison.write(&named(&first, &one), &named(&second, &other), &mut text);
    print(&String::from_utf8_lossy(&text));
    Ok(if comparison.differs() { exit_code::OTHER_ANSWERS } else { exit_code::SAME_ANSWERS })
}

fn read(path: &Path) -> Result<Answers, Failure> {
    let bytes = fs::read(path).map_err(|error| unusable("answers file", path, &error))?;
    Answers::read(&bytes).map_err(|error| unusable("answers file", path, &error))
}
