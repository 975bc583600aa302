//! `report merge`: one verdict out of the JSON reports of all shards of a run.

use std::fs;
use std::path::{Path, PathBuf};

use descope_mcp_program::Failure;

use super::arguments::Output;
use super::output::{open_all, write_all};
use super::{exit_code, unusable};
use crate::report::{self, Report};

/// Prints and writes the verdict of all shards, and returns its exit code.
pub(super) fn merge(files: &[PathBuf], output: &Output) -> Result<u8, Failure> {
    let read = |path: &PathBuf| Ok((path.display().to_string(), read(path)?));
    // Before anything is written: a merged report may have the name of one that it is merged from.
    let reports = files.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    let merged = report::merge::merge(reports)
        .map_err(|error| Failure::new(exit_code::BAD_FILE, format!("cannot merge the reports: {error}")))?;
    let files = open_all(output)?;
    Ok(write_all(&merged, output.verbose, files))
}

fn read(path: &Path) -> Result<Report, Failure> {
    let bytes = fs::read(path).map_err(|error| unusable("report", path, &error))?;
    report::read(&bytes).map_err(|error| unusable("report", path, &error))
}
