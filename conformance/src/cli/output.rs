//! Where a verdict goes: to standard output, into files, and into the exit code.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use descope_mcp_program::Failure;

use super::arguments::{Output, ReportFile};
use super::{code_of, exit_code};
use crate::report::{self, Conclusion, Report};

/// Opens every file that a report is to be written to: one that cannot be written should be noticed before any work.
pub(super) fn open_all(output: &Output) -> Result<Vec<(File, &ReportFile)>, Failure> {
    output.report.iter().map(open).collect()
}

/// Prints a report, writes it to every file, and returns the exit code.
pub(super) fn write_all(report: &Report, verbose: bool, files: Vec<(File, &ReportFile)>) -> u8 {
    let mut stdout = anstream::stdout().lock();
    // A closed pipe (`| head`) must not hide the verdict, which is the exit code.
    let _ = report::terminal::write(report, verbose, &mut stdout).and_then(|()| stdout.flush());
    drop(stdout);
    let mut code = code_of(report.conclusion);
    // A report that cannot be written hides neither the others nor the verdict.
    for (file, ReportFile { format, path }) in files {
        let mut file = BufWriter::new(file);
        let written = format.write(report, &mut file).and_then(|()| file.flush());
        if let Err(error) = written {
            let unwritten = unwritable(path, &error).report();
            if !matches!(report.conclusion, Conclusion::Fail | Conclusion::Interrupted) {
                code = unwritten;
            }
        }
    }
    code
}

fn open(report: &ReportFile) -> Result<(File, &ReportFile), Failure> {
    match File::create(&report.path) {
        Ok(file) => Ok((file, report)),
        Err(error) => Err(unwritable(&report.path, &error)),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        exit_code::UNWRITABLE_REPORT,
        format!("cannot write the report to {}: {error}", path.display()),
    )
}
