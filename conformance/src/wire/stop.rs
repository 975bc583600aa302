//! How a run is told to end before its time.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Tells a run to end before its time, and ends what it waits for. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Tells it.
    pub fn set(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was told.
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns as soon as it is told.
    pub async fn wait(&self) {
        // The sender lives as long as this does, so the wait never fails.
        let _ = self.0.subscribe().wait_for(|is_set| *is_set).await;
    }

    /// Waits for so long, or until it is told.
    pub async fn sleep(&self, duration: Duration) {
        // Both ways of ending are fine.
        let _ = timeout(duration, self.wait()).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_when_a_clone_is_told() {
        let stop = Stop::default();
        let start = Instant::now();
        stop.sleep(Duration::from_secs(3)).await;
        assert_eq!((start.elapsed(), stop.is_set()), (Duration::from_secs(3), false));
        let told = stop.clone();
        let (_, ()) = tokio::join!(stop.sleep(Duration::from_secs(60)), async { told.set() });
        assert_eq!((start.elapsed(), stop.is_set()), (Duration::from_secs(3), true));
        stop.wait().await;
    }
}
