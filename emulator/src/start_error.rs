//! Why an emulator did not start, for callers and for the one line that a person reads.

use crate::variants::VariantError;

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration lists no project, so nobody could call.
    #[error("no project to serve; give at least one")]
    NoProject,
    /// Two projects share an id.
    #[error("project {0:?} is listed twice; give each project an id of its own")]
    DuplicateProject(String),
    /// A project id with characters that URLs or the bearer token cannot carry.
    #[error("project id {0:?} is not 1 to 64 letters, digits, - or _")]
    ProjectId(String),
    /// A management key with characters that a header or a shell line cannot carry. The key is not repeated.
    #[error("the management key is not 1 to 512 letters, digits or . _ ~ + / = : -")]
    ManagementKey,
    /// A public URL from which issuers cannot be derived.
    #[error("public URL {url:?}: {reason}")]
    PublicUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A variant that does not exist.
    #[error(transparent)]
    Variant(#[from] VariantError),
    /// Client metadata documents from the machine itself, on an emulator that other machines reach.
    #[error("client metadata documents from loopback addresses need a public URL on loopback, not {0}")]
    LoopbackDocuments(String),
    /// A pinned client metadata document that breaks a rule.
    #[error(transparent)]
    PinnedDocument(#[from] PinError),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Randomness,
    /// The data directory cannot be used; the text says why and what to do.
    #[error("data directory: {0}")]
    Data(String),
    /// The seed file does not fit; the text begins with the JSON pointer of the fault.
    #[error("seed file: {0}")]
    Seed(String),
    /// The database could not be set up.
    #[error("cannot open the store")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A pinned client metadata document that breaks a rule.
#[derive(Debug, thiserror::Error)]
#[error("pinned client metadata document {url:?}: {problem}")]
pub struct PinError {
    pub(crate) url: String,
    pub(crate) problem: String,
}
