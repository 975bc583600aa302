//! What is wrong with a document: all of it at once, each problem with its place and its cure.

use std::collections::HashSet;
use std::fmt;

/// A line and a column, both counted from 1; 0 means unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// Something in a document that a problem can be noted at.
pub trait Located {
    /// Where it stands.
    fn position(&self) -> Position;

    /// Its JSON pointer (RFC 6901); empty for the document as a whole.
    fn pointer(&self) -> &str;
}

/// A position in a text that could not be read, which has no elements yet.
impl Located for Position {
    fn position(&self) -> Position {
        *self
    }

    fn pointer(&self) -> &str {
        ""
    }
}

/// One problem that keeps a document from being turned into a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the document, as the caller of [`crate::generate`] gave it.
    pub file: String,
    /// Line of the problem, counted from 1; `None` only when the document as a whole is meant.
    pub line: Option<u64>,
    /// Column of the problem, counted from 1.
    pub column: Option<u64>,
    /// JSON pointer (RFC 6901) of the element; empty for the document as a whole.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub cure: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        if !self.pointer.is_empty() {
            write!(f, ": {}", self.pointer)?;
        }
        write!(f, ": {}\n  hint: {}", self.message, self.cure)
    }
}

/// Every problem of one document, in the order of their places. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors {
    findings: Vec<Finding>,
}

impl Errors {
    pub(crate) fn from_findings(findings: impl Iterator<Item = Finding>) -> Self {
        let mut findings: Vec<_> = findings.collect();
        findings.sort_by(|a, b| (a.line, a.column, &a.pointer).cmp(&(b.line, b.column, &b.pointer)));
        // Operations share components, and so their problems.
        findings.dedup();
        Self { findings }
    }

    /// All problems, sorted by line and column.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// Collects problems while a document is walked.
#[derive(Debug)]
pub struct Report {
    file: String,
    findings: Vec<Finding>,
    /// What was noted already, by place and message: two rules may see the same thing.
    seen: HashSet<(u64, u64, String, String)>,
}

impl Report {
    /// Of the document of this name.
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), findings: Vec::new(), seen: HashSet::new() }
    }

    /// Notes a problem at a place of the document.
    pub fn note(&mut self, place: &impl Located, message: impl Into<String>, cure: impl Into<String>) {
        let at = place.position();
        let finding = Finding {
            file: self.file.clone(),
            line: (at.line > 0).then_some(at.line),
            column: (at.column > 0).then_some(at.column),
            pointer: place.pointer().to_owned(),
            message: message.into(),
            cure: cure.into(),
        };
        // A shared component is reached by many references.
        let key = (at.line, at.column, finding.pointer.clone(), finding.message.clone());
        if self.seen.insert(key) {
            self.findings.push(finding);
        }
    }

    /// How many problems were noted.
    pub(crate) fn len(&self) -> usize {
        self.findings.len()
    }

    /// `Ok` if nothing was noted.
    ///
    /// # Errors
    ///
    /// Everything that was noted.
    pub fn into_result(self) -> Result<(), Errors> {
        if self.findings.is_empty() { Ok(()) } else { Err(self.into_errors()) }
    }

    /// Everything noted so far, in document order.
    pub fn into_errors(mut self) -> Errors {
        self.findings.sort_by(|a, b| (a.line, a.column, &a.pointer).cmp(&(b.line, b.column, &b.pointer)));
        Errors { findings: self.findings }
    }
}
