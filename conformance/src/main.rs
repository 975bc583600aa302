//! The conformance suite as a command. See `descope-mcp-conformance --help`.

use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use clap::Parser;
use descope_mcp_conformance::cli::{self, Arguments};

/// Set by the first signal; the run then cleans up and ends.
static STOP: AtomicBool = AtomicBool::new(false);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tokio::spawn(async {
        until_signal().await;
        STOP.store(true, Ordering::Relaxed);
    });
    ExitCode::from(cli::main(arguments, &STOP).await)
}

/// Waits for Ctrl-C or, where it exists, SIGTERM.
async fn until_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    // Without a handler for it the signal keeps its usual effect.
    let _ = interrupt.await;
}
