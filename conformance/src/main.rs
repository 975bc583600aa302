//! The conformance suite as a command. See `descope-mcp-conformance --help`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU8, Ordering};

use descope_mcp_conformance::cli::{self, Arguments, exit_code};
use descope_mcp_conformance::wire::stop::Stop;

/// The exit code of a run that the first signal ended.
static ENDED_BY: AtomicU8 = AtomicU8::new(exit_code::INTERRUPTED);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Arguments = match descope_mcp_program::arguments() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    // Set by the first signal; the run then cleans up and ends.
    let stop = Stop::default();
    let ending = match arguments.is_cleanup() {
        true => "ending: `--cleanup` goes on later with what is left",
        false => {
            "ending: what was made is deleted first; a second signal ends at once and leaves it to --cleanup"
        }
    };
    tokio::spawn(obey_signals(Signals::new(), stop.clone(), ending));
    let code = match cli::main(arguments, &stop).await {
        exit_code::INTERRUPTED => ENDED_BY.load(Ordering::Relaxed),
        code => code,
    };
    ExitCode::from(code)
}

/// The first signal ends the run, which then deletes what it made; the second ends the program at once.
async fn obey_signals(mut signals: Signals, stop: Stop, ending: &str) {
    ENDED_BY.store(signals.next().await, Ordering::Relaxed);
    stop.set();
    say(ending);
    let code = signals.next().await;
    say("ended at once: `--cleanup` deletes what is left on the target");
    std::process::exit(code.into());
}

fn say(text: &str) {
    // Nobody is left to tell if stderr is closed.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// The signals that end a run, from when the program starts: one that comes while another is handled is kept.
#[cfg(unix)]
struct Signals {
    /// `None` if it cannot be handled; it then keeps its usual effect.
    interrupt: Option<tokio::signal::unix::Signal>,
    /// The same.
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    /// Waits for Ctrl-C or SIGTERM, and returns the exit code that says so.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            // Of two that have come, the first is always the same.
            biased;
            () = received(&mut self.interrupt) => exit_code::INTERRUPTED,
            () = received(&mut self.terminate) => exit_code::TERMINATED,
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    let came = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if came.is_none() {
        std::future::pending().await
    }
}

/// Ctrl-C, the only signal that ends a run here.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    /// Waits for Ctrl-C, and returns the exit code that says so.
    async fn next(&mut self) -> u8 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
        exit_code::INTERRUPTED
    }
}
