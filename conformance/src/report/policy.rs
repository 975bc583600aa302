//! What findings are held to, and how a reader can repeat them. No I/O here.

use super::baseline::Baseline;
use super::{PropertyReport, Verdict};
use crate::properties::property::Level;
use crate::run::findings::Facts;

/// What makes a report out of findings.
pub struct Policy<'a> {
    /// The lowest level at which a broken property fails the run.
    pub fails_from: Level,
    /// The properties that must be judged: one that does not apply to the target leaves the run incomplete.
    pub required: &'a [&'static str],
    /// The failures that are expected.
    pub baseline: &'a Baseline,
    /// What was taken from a file, if the plans were.
    pub replays: Option<Replayed>,
    /// The commands that repeat what was found; none if the run was no command.
    pub commands: Option<&'a dyn Commands>,
}

/// What a file to replay held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// A single plan.
    Plan,
    /// The failures of another report, which may be mended since.
    Failures,
}

/// The commands that take the steps of a run again.
pub trait Commands {
    /// All of them.
    fn whole_run(&self, run: &Facts) -> String;
    /// Those that broke a property.
    fn failure(&self, property: &str, run: &Facts) -> String;
}

impl Policy<'_> {
    /// Whether a report says nothing of a property: a single plan says nothing of those that it never comes by.
    pub(super) fn leaves_out(&self, property: &PropertyReport) -> bool {
        self.replays == Some(Replayed::Plan) && property.verdict == Verdict::Untested
    }
}
