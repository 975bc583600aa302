//! The conformance suite as a command. See `descope-mcp-conformance --help`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use descope_mcp_conformance::cli::{self, Arguments, exit_code};

/// Set by the first signal; the run then cleans up and ends.
static STOP: AtomicBool = AtomicBool::new(false);
/// The exit code of a run that the first signal ended.
static ENDED_BY: AtomicU8 = AtomicU8::new(exit_code::INTERRUPTED);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Arguments = match descope_mcp_program::arguments() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    tokio::spawn(obey_signals(Signals::new()));
    let code = match cli::main(arguments, &STOP).await {
        exit_code::INTERRUPTED => ENDED_BY.load(Ordering::Relaxed),
        code => code,
    };
    ExitCode::from(code)
}

/// The first signal ends the run, which then deletes what it made; the second ends the program at once.
async fn obey_signals(mut signals: Signals) {
    ENDED_BY.store(signals.next().await, Ordering::Relaxed);
    STOP.store(true, Ordering::Relaxed);
    say("ending: what was made is deleted first; a second signal ends at once and leaves it to --cleanup");
    let code = signals.next().await;
    say("ended at once: `--cleanup` deletes what is left on the target");
    std::process::exit(code.into());
}

fn say(text: &str) {
    // Nobody is left to tell if stderr is closed.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// The signals that end a run.
struct Signals {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    fn new() -> Self {
        Self {
            // Without a handler for it the signal keeps its usual effect.
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok(),
        }
    }

    /// Waits for Ctrl-C or, where it exists, SIGTERM, and returns the exit code that says so.
    async fn next(&mut self) -> u8 {
        let interrupt = async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending().await
            }
        };
        #[cfg(unix)]
        if let Some(terminate) = &mut self.terminate {
            return tokio::select! {
                () = interrupt => exit_code::INTERRUPTED,
                _ = terminate.recv() => exit_code::TERMINATED,
            };
        }
        interrupt.await;
        exit_code::INTERRUPTED
    }
}
