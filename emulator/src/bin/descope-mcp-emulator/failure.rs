//! Why the program ends before it is stopped, as an exit code and one line.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use descope_mcp_emulator::StartError;
use descope_mcp_program as program;

/// Why the program ends; each has its exit code.
pub(crate) enum Failure {
    Setting(String),
    Start(StartError),
    Listen(SocketAddr, io::Error),
    Serve(&'static str, io::Error),
    Damaged(usize),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Serve(..) => 1,
            Self::Start(StartError::Data(_)) => 4,
            Self::Damaged(_) => 5,
            Self::Setting(_) | Self::Start(_) => program::USAGE,
            Self::Listen(..) => 3,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Setting(problem) => problem.clone(),
            Self::Start(error) => match error.source() {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            },
            Self::Listen(address, error) => format!("cannot listen on {address}: {error}"),
            Self::Serve(what, error) => format!("{what}: {error}"),
            Self::Damaged(faults) => format!("the data directory has {faults} faults"),
        }
    }
}

impl From<Failure> for program::Failure {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code(), failure.message())
    }
}
