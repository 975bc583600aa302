//! The report as JSON.

use std::io::{self, Write};

use super::Report;

/// Writes the report as indented JSON.
pub(crate) fn write(report: &Report, to: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, report)?;
    to.write_all(b"\n")
}
