//! How far a run is, on stderr, for a person who waits.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::task::JoinHandle;

/// Between two looks at the counter.
const TICK: Duration = Duration::from_millis(100);
/// A run that ends sooner shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that follows a run until it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    follower: JoinHandle<()>,
}

impl Progress {
    /// Follows the counter of requests up to `most`, or without an end; nothing if stderr is no terminal.
    pub(crate) fn follow(sent: Arc<AtomicU64>, most: Option<u64>) -> Option<Self> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let bar = ProgressBar::with_draw_target(most, ProgressDrawTarget::hidden());
        let template = if most.is_some() {
            "{bar:30} {pos}/{len} requests, {rate}, {elapsed}"
        } else {
            "{spinner} {pos} requests, {rate}, {elapsed}"
        };
        let rate = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
            // The bar draws again at once, so a failed write is mended by the next.
            let _ = write!(to, "{:.0}/s", state.per_sec());
        };
        // The templates above are valid ones; were they not, indicatif's own would be shown.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", rate));
        }
        let shown = bar.clone();
        let follower = tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            shown.set_draw_target(ProgressDrawTarget::stderr());
            loop {
                let done = sent.load(Ordering::Relaxed);
                // Requests that cut failing plans down come on top.
                if shown.length().is_some_and(|most| most < done) {
                    shown.set_length(done);
                }
                shown.set_position(done);
                tokio::time::sleep(TICK).await;
            }
        });
        Some(Self { bar, follower })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.follower.abort();
        self.bar.finish_and_clear();
    }
}
