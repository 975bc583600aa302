//! What every command-line program of this workspace does alike.
//!
//! A program reads its command line with [`arguments`]. If it ends with a [`Failure`], it prints `error: …` and, if there is
//! a cure, `hint: …` to standard error, and returns the exit code of the failure. `docs/exit-codes.md` lists the exit codes
//! of each program. [`export`] writes and reads the lines by which a program hands settings to a shell.

pub mod export;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;

/// The exit code for a wrong command line, in every program. clap's own code for it is 2, which means something else where
/// documents are compared.
pub const USAGE: u8 = 64;

/// Reads the command line.
///
/// # Errors
///
/// The exit code with which the program must end at once: 0 after `--help` or `--version`, whose text is then on standard
/// output; [`USAGE`] if the command line is wrong, which standard error then explains.
pub fn arguments<A: clap::Parser>() -> Result<A, ExitCode> {
    A::try_parse().map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            // Somebody asked for text and did not get it.
            Err(_) => ExitCode::FAILURE,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Nobody is left to tell if standard error is closed.
            let _ = error.print();
            ExitCode::from(USAGE)
        }
        _ => ExitCode::from(wrong_usage(&error.to_string()).report()),
    })
}

/// What clap says of a wrong command line, as one line and one hint.
fn wrong_usage(text: &str) -> Failure {
    let (mut message, mut tip) = (Vec::new(), None);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
    {
        match line.strip_prefix("tip: ") {
            Some(text) => tip = Some(text),
            None => message.push(line.strip_prefix("error: ").unwrap_or(line)),
        }
    }
    Failure::new(USAGE, message.join(" ")).hint(tip.unwrap_or("`--help` describes the command line"))
}

/// Why a program ends without having done what it was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// A failure with its exit code and a message that names what is wrong and where. The message must not contain a secret.
    pub fn new(code: u8, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), hint: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl fmt::Display) -> Self {
        Self { hint: Some(hint.to_string()), ..self }
    }

    /// The exit code of the program.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// What is wrong and where.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Prints the failure to standard error, and returns the exit code.
    pub fn report(&self) -> u8 {
        // Nobody is left to tell if standard error is closed.
        let _ = writeln!(io::stderr().lock(), "{self}");
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_an_error_line_and_a_hint_line_if_there_is_a_cure() {
        let failure = Failure::new(4, "DESCOPE_PROJECT_ID is not set");
        assert_eq!(failure.to_string(), "error: DESCOPE_PROJECT_ID is not set");
        let failure = failure.hint("set it");
        assert_eq!(failure.to_string(), "error: DESCOPE_PROJECT_ID is not set\nhint: set it");
        assert_eq!(failure.code(), 4);
    }

    #[test]
    fn a_wrong_command_line_is_one_line_and_a_hint() {
        let of = |words: &[&str]| {
            let format =
                clap::Arg::new("format").long("format").value_parser(["text", "json"]).required(true);
            let error = clap::Command::new("x").arg(format).try_get_matches_from(words).unwrap_err();
            wrong_usage(&error.to_string()).to_string()
        };
        let hint = "\nhint: `--help` describes the command line";
        assert_eq!(
            of(&["x", "--format", "xml"]),
            format!("error: invalid value 'xml' for '--format <format>' [possible values: text, json]{hint}")
        );
        assert_eq!(
            of(&["x"]),
            format!("error: the following required arguments were not provided: --format <format>{hint}")
        );
    }
}
