//! Logs on standard error.

use std::io;

use tracing::Level;

use crate::failure::Failure;

/// Names the most detailed log level to print.
const LOG_VARIABLE: &str = "DESCOPE_EMULATOR_LOG";

/// How logs look.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// One line of text for each event.
    Text,
    /// One JSON object for each event, one per line.
    Json,
}

pub(crate) fn start(format: LogFormat) -> Result<(), Failure> {
    let level = match std::env::var(LOG_VARIABLE) {
        Ok(name) => name.parse::<Level>().map_err(|_| {
            Failure::Setting(format!(
                "{LOG_VARIABLE} must be error, warn, info, debug or trace, not {name:?}"
            ))
        })?,
        Err(std::env::VarError::NotPresent) => Level::INFO,
        Err(error) => return Err(Failure::Setting(format!("{LOG_VARIABLE}: {error}"))),
    };
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).with_max_level(level);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
