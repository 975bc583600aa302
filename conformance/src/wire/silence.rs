//! When a target that has stopped answering is given up. No I/O here.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::wire::exchange::Outcome;
use crate::wire::no_answer::Kind;

/// A target is given up when nothing has come from it for so long, and in so many tries.
const MAX_SILENCE: Duration = Duration::from_secs(20);
const MIN_TRIES: u32 = 3;

/// Whether a target still answers.
#[derive(Default)]
pub(super) struct Silence {
    since_last_answer: Mutex<Tries>,
    given_up: OnceLock<String>,
}

/// Tries in a row that nothing came of.
#[derive(Default)]
struct Tries {
    count: u32,
    since: Option<Instant>,
}

impl Silence {
    /// Why the target was given up, if it was.
    pub(super) fn given_up(&self) -> Option<&str> {
        self.given_up.get().map(String::as_str)
    }

    /// Takes in what came of a try that was begun then. If the run is to end, one that nothing came of in time is enough.
    pub(super) fn note(&self, outcome: &Outcome, started: Instant, is_to_end: bool) {
        let mut tries = self.since_last_answer.lock().unwrap_or_else(PoisonError::into_inner);
        let (reason, is_last) = match outcome {
            // A gateway answers while nothing is behind it.
            Outcome::Answered(answer) if answer.is_transient() => {
                (format!("status {}", answer.status), false)
            }
            Outcome::Answered(_) => {
                *tries = Tries::default();
                return;
            }
            Outcome::NeverSent(why) | Outcome::Unclear(why) => match why.kind {
                Kind::NotAwaited | Kind::NotAllowed => return,
                kind => (why.reason.clone(), is_to_end && kind == Kind::Silence),
            },
        };
        tries.count += 1;
        let since = *tries.since.get_or_insert(started);
        if is_last || tries.count >= MIN_TRIES && since.elapsed() >= MAX_SILENCE {
            self.given_up.get_or_init(|| reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::time::sleep;

    use super::*;
    use crate::wire::exchange::Answer;
    use crate::wire::no_answer::NoAnswer;

    const TRY: Duration = Duration::from_secs(10);

    fn nothing(kind: Kind) -> Outcome {
        Outcome::Unclear(NoAnswer { kind, reason: "nothing".to_owned() })
    }

    fn answer(status: u16) -> Outcome {
        Outcome::Answered(Answer { status, headers: Vec::new(), body: Bytes::new(), json: None })
    }

    async fn given_up_after(outcomes: &[Outcome], is_to_end: bool) -> bool {
        let silence = Silence::default();
        for outcome in outcomes {
            let started = Instant::now();
            sleep(TRY).await;
            silence.note(outcome, started, is_to_end);
        }
        silence.given_up().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_is_given_up_after_three_tries_in_a_row_without_an_answer() {
        let silent = || nothing(Kind::Silence);
        assert!(!given_up_after(&[silent(), silent()], false).await);
        assert!(given_up_after(&[silent(), nothing(Kind::Broken), answer(503)], false).await);
        assert!(!given_up_after(&[silent(), silent(), answer(500), silent()], false).await);
        assert!(given_up_after(&[silent()], true).await);
        assert!(!given_up_after(&[answer(503), nothing(Kind::Broken)], true).await);
        assert!(!given_up_after(&[const { Kind::NotAwaited }; 4].map(nothing), true).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_outage_gives_no_target_up() {
        let silence = Silence::default();
        for _ in 0..50 {
            silence.note(&nothing(Kind::NoConnection), Instant::now(), false);
        }
        assert_eq!(silence.given_up(), None);
    }
}
