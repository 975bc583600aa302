//! How far a run is, on stderr, for those who wait: a bar on a terminal, else a line from time to time.

use std::io::{IsTerminal, Write};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

use crate::run::settings::Settings;
use crate::wire::activity::{Activity, Wait};
use crate::wire::pace::WINDOW;

/// Between two looks at a run that has a bar.
const TICK: Duration = Duration::from_millis(100);
/// A run that ends sooner shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// What follows a run until it is dropped.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    follower: JoinHandle<()>,
}

impl Progress {
    /// Follows a run of at most `most` requests, or without an end.
    pub(crate) fn follow(activity: Arc<Activity>, most: Option<u64>, settings: &Settings) -> Self {
        if let Some(estimate) = most.and_then(|most| estimate(most, settings.pace)) {
            say(&mut anstream::stderr(), &estimate);
        }
        let window = settings.consistency_window;
        if std::io::stderr().is_terminal() {
            return Self::with_bar(activity, most, window);
        }
        let follower = tokio::spawn(async move {
            write_lines(&activity, most, window, &mut anstream::stderr()).await;
        });
        Self { bar: None, follower }
    }

    fn with_bar(activity: Arc<Activity>, most: Option<u64>, window: Duration) -> Self {
        let bar = ProgressBar::with_draw_target(most, ProgressDrawTarget::hidden());
        let template = if most.is_some() {
            "{bar:30} {pos}/{len} requests, {rate}, {elapsed}{msg}"
        } else {
            "{spinner} {pos} requests, {rate}, {elapsed}{msg}"
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
            sleep(PATIENCE).await;
            shown.set_draw_target(ProgressDrawTarget::stderr());
            loop {
                let done = activity.sent();
                // Requests to shrink failing plans come on top.
                if shown.length().is_some_and(|most| most < done) {
                    shown.set_length(done);
                }
                shown.set_position(done);
                shown.set_message(
                    doing(&activity, window).map(|words| format!("; {words}")).unwrap_or_default(),
                );
                sleep(TICK).await;
            }
        });
        Self { bar: Some(bar), follower }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.follower.abort();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Writes a line from time to time, without an end.
async fn write_lines(activity: &Activity, most: Option<u64>, window: Duration, to: &mut impl Write) {
    let begun = Instant::now();
    let mut ticks = interval_at(begun + BETWEEN_LINES, BETWEEN_LINES);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let sent = activity.sent();
        let of = match most {
            Some(most) if sent <= most => format!(" of at most {most}"),
            // Shrinking, and measuring how long an old secret works, come on top.
            Some(most) => format!(", {most} of them for the run itself,"),
            None => String::new(),
        };
        let doing = doing(activity, window).map(|words| format!("; {words}")).unwrap_or_default();
        let elapsed = begun.elapsed().as_secs();
        say(to, &format!("{sent} requests{of} in {elapsed} s{doing}"));
    }
}

/// What a run is doing, if it is not just sending requests.
fn doing(activity: &Activity, window: Duration) -> Option<String> {
    let waiting = activity.waits_for().map(|wait| match wait {
        Wait::Lists => format!("waiting up to {} s for lists to show what was written", window.as_secs()),
        Wait::RateLimit => "waiting because the target said to slow down".to_owned(),
        Wait::Pace => {
            format!("waiting: the requests of the last {} s are as many as --pace allows", WINDOW.as_secs())
        }
    });
    let shrinking = activity.is_shrinking().then(|| "looking for fewer steps that show a failure".to_owned());
    match (shrinking, waiting) {
        (Some(shrinking), Some(waiting)) => Some(format!("{shrinking}; {waiting}")),
        (shrinking, waiting) => shrinking.or(waiting),
    }
}

/// How long a run takes that sends so many requests at this pace, if the pace makes it take long.
fn estimate(requests: u64, pace: usize) -> Option<String> {
    let windows = requests.div_ceil(NonZeroU64::new(pace as u64)?.get()).saturating_sub(1);
    (windows > 0).then(|| {
        let minutes = windows * WINDOW.as_secs() / 60;
        let plural = if minutes == 1 { "minute" } else { "minutes" };
        format!(
            "up to {requests} requests, at most {pace} in any {} s: about {minutes} {plural}, more if a failure is found",
            WINDOW.as_secs()
        )
    })
}

fn say(to: &mut impl Write, text: &str) {
    // Nobody waits if stderr is closed.
    let _ = writeln!(to, "{text}").and_then(|()| to.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paced_run_says_how_long_it_takes() {
        let said = |requests, pace| estimate(requests, pace);
        assert_eq!((said(100, 100), said(100, 0)), (None, None));
        assert!(said(101, 100).unwrap().contains("about 1 minute,"));
        assert!(said(1_000, 100).unwrap().contains("about 9 minutes,"));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_terminal_a_line_every_ten_seconds_says_what_the_run_does() {
        let activity = Activity::default();
        let mut written = Vec::new();
        let window = Duration::from_secs(20);
        let run = async {
            sleep(Duration::from_secs(15)).await;
            let _shrinking = activity.shrink();
            let _waiting = activity.wait(Wait::Lists);
            sleep(Duration::from_secs(10)).await;
        };
        tokio::select! {
            () = write_lines(&activity, Some(100), window, &mut written) => {}
            () = run => {}
        }
        let written = String::from_utf8(written).unwrap();
        let lines: Vec<_> = written.lines().collect();
        let shrinking = "looking for fewer steps that show a failure";
        let waiting = "waiting up to 20 s for lists to show what was written";
        let expected = [
            "0 requests of at most 100 in 10 s".to_owned(),
            format!("0 requests of at most 100 in 20 s; {shrinking}; {waiting}"),
        ];
        assert_eq!(lines, expected);
    }
}
