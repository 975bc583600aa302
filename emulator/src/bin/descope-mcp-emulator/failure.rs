//! Why the program ends before it is stopped, as an exit code and one line.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use descope_mcp_emulator::StartError;

/// A flag, or what it names, is wrong.
pub(crate) const USAGE: u8 = 64;

/// Why the program ends; each has its exit code.
pub(crate) enum Failure {
    Setting(String),
    Start(StartError),
    Listen(SocketAddr, io::Error),
    Serve(&'static str, io::Error),
    Damaged(usize),
}

impl Failure {
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Serve(..) => 1,
            Self::Start(StartError::Data(_)) => 4,
            Self::Damaged(_) => 5,
            Self::Setting(_) | Self::Start(_) => USAGE,
            Self::Listen(..) => 3,
        }
    }

    pub(crate) fn line(&self) -> String {
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
