//! Which exit code and which hint an error has.

use descope_mcp_program::Failure;

use crate::cli::exit_code;
use crate::run::StartError;
use crate::run::journal::JournalError;
use crate::run::set_up::Cause;
use crate::text::printable;

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let code = code_of(&error);
        let failure = Self::new(code, printable(&error.to_string()));
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

fn code_of(error: &StartError) -> u8 {
    match error {
        StartError::Unreachable { .. } => exit_code::UNREACHABLE,
        StartError::Certificate { .. } => exit_code::BAD_CERTIFICATE,
        StartError::KeyRefused { .. } => exit_code::KEY_REFUSED,
        StartError::SetUpRefused { cause, .. } => match cause {
            Cause::Key | Cause::KeyNotYetActive | Cause::Permission => exit_code::KEY_REFUSED,
            Cause::Path | Cause::Redirect => exit_code::NOT_THIS_API,
            Cause::Gateway | Cause::NoAnswer => exit_code::UNREACHABLE,
            Cause::Failure | Cause::Other => exit_code::SET_UP_REFUSED,
        },
        StartError::NotThisApi { .. } => exit_code::NOT_THIS_API,
        StartError::Ended { .. } => exit_code::INTERRUPTED,
        StartError::LeftBehind { error } => code_of(error),
        StartError::Http(_) => exit_code::CANNOT_START,
        StartError::Journal(_) => exit_code::BAD_JOURNAL,
    }
}
