//! What to run, and how much.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::journal::Journal;
use crate::properties::property::{Level, Property};
use crate::wire::target::Target;

/// How much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Every property at least once, in at most 100 requests: the live API's limit for one minute.
    Smoke,
    /// The plan of smoke, more for each subject, and random plans, in at most 1,000 requests.
    Standard,
    /// Random plans, until the given number of requests or minutes is used up.
    Deep,
}

/// What to run.
pub struct Settings {
    /// The server under test.
    pub target: Target,
    /// How much to do.
    pub profile: Profile,
    /// Decides every generated value.
    pub seed: u64,
    /// What to judge by.
    pub properties: Vec<&'static Property>,
    /// Most requests to send, clean-up included, besides those that shrink failing plans.
    pub requests: u64,
    /// When to begin no more plans.
    pub duration: Option<Duration>,
    /// Most requests in any 60 s; 0 for no limit.
    pub pace: usize,
    /// How long to wait after a status 429 that does not say how long.
    pub penalty: Duration,
    /// How long a list may lag behind a write.
    pub consistency_window: Duration,
    /// How long a secret may work after its rotation.
    pub rotation_grace: Duration,
    /// How many plans run at the same time.
    pub jobs: NonZeroUsize,
    /// Where the run notes what it makes, so that it can be found if the run cannot delete it.
    pub journal: Option<Journal>,
    /// Most requests to send, besides the others, to shrink plans that broke properties, for each broken property that
    /// follows from no other. Those about the same member of a record share them, unless the plans come from a file.
    pub shrinking: u64,
    /// The lowest level at which a broken property fails the run: the others are neither waited for nor shrunk.
    pub fails_from: Level,
    /// Whether the first broken property that fails a run ends it.
    pub until_broken: bool,
}

impl Profile {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Standard => "standard",
            Self::Deep => "deep",
        }
    }

    /// Most requests, unless told otherwise.
    pub fn requests(self) -> u64 {
        match self {
            Self::Smoke => 100,
            Self::Standard => 1_000,
            Self::Deep => 10_000,
        }
    }
}
