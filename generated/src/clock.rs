//! The source of time: one trait, so that tests need not wait.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

/// A future that ends after a time.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A source of time for a [`ManagementClient`](crate::ManagementClient). Every pause and every time limit of the client
/// uses it.
///
/// [`SystemClock`] is the real clock. `testing::SkippingClock` of the feature `testing` is one whose pauses end at once. A test
/// can use a clock of its own:
///
/// ```
/// use std::sync::Mutex;
/// use std::time::{Duration, Instant, SystemTime};
/// use descope_mcp_management::{Clock, Wait};
///
/// /// Waits take no time, but the clock moves on as if they had.
/// #[derive(Debug)]
/// struct Impatient(Mutex<Instant>);
///
/// impl Clock for Impatient {
///     fn now(&self) -> Instant {
///         *self.0.lock().unwrap()
///     }
///     fn wall_clock(&self) -> SystemTime {
///         SystemTime::UNIX_EPOCH
///     }
///     fn sleep(&self, duration: Duration) -> Wait {
///         *self.0.lock().unwrap() += duration;
///         Box::pin(std::future::ready(()))
///     }
///     // No answer is ever too late.
///     fn time_limit(&self, _: Duration) -> Wait {
///         Box::pin(std::future::pending())
///     }
/// }
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time of a monotonic clock.
    fn now(&self) -> Instant;

    /// The wall-clock time. A `Retry-After` date is compared with it if the response has no `Date`.
    fn wall_clock(&self) -> SystemTime;

    /// Waits before a retry, and for the limiter.
    fn sleep(&self, duration: Duration) -> Wait;

    /// Ends when an attempt, or the queue of the limiter, has taken too long. The default is [`sleep`](Self::sleep); a
    /// clock can treat the two differently.
    fn time_limit(&self, duration: Duration) -> Wait {
        self.sleep(duration)
    }
}

/// The clock of the system and the timers of Tokio, which `tokio::time::pause` stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> Wait {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// What the future comes to, or nothing when the limit ends first. The future is asked first.
pub(crate) async fn within<F: Future>(limit: &mut Wait, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        limit.as_mut().poll(context).map(|()| None)
    })
    .await
}
