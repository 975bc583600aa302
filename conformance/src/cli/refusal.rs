//! Why nothing was run, as an exit code and words.

use crate::{
    cli::exit_code,
    run::{StartError, journal::JournalError, set_up::Cause},
};

/// A reason not to run, with its exit code.
pub(super) struct Refusal {
    pub(super) code: u8,
    pub(super) reason: String,
    pub(super) hint: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: u8, reason: impl ToString) -> Self {
        Self { code, reason: reason.to_string(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl ToString) -> Self {
        self.hint = Some(hint.to_string());
        self
    }
}

impl From<StartError> for Refusal {
    fn from(error: StartError) -> Self {
        let code = match &error {
            StartError::Unreachable { .. } => exit_code::UNREACHABLE,
            StartError::KeyRefused { .. } => exit_code::KEY_REFUSED,
            StartError::SetUpRefused { cause, .. } => match cause {
                Cause::Key | Cause::KeyNotYetActive | Cause::Permission => exit_code::KEY_REFUSED,
                Cause::Path => exit_code::NOT_THIS_API,
                Cause::Failure | Cause::Other => exit_code::SET_UP_REFUSED,
            },
            StartError::NotThisApi { .. } => exit_code::NOT_THIS_API,
            StartError::Http(_) => exit_code::CANNOT_START,
            StartError::Journal(_) => exit_code::BAD_JOURNAL,
        };
        let hint = error.cure().map(str::to_owned);
        Self { hint, ..Self::new(code, error) }
    }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        Self::new(exit_code::BAD_JOURNAL, error)
    }
}
