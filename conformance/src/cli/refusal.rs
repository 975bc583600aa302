//! Which exit code and which hint an error has.

use descope_mcp_program::Failure;

use crate::cli::exit_code;
use crate::run::StartError;
use crate::run::journal::JournalError;
use crate::run::set_up::Cause;

impl From<StartError> for Failure {
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
        let failure = Self::new(code, &error);
        match error.cure() {
            Some(cure) => failure.hint(cure),
            None => failure,
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::new(exit_code::BAD_JOURNAL, error)
    }
}
