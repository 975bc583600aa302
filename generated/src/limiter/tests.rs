use std::sync::Mutex as StdMutex;
use std::time::SystemTime;

use proptest::prelude::*;

use super::*;
use crate::clock::Wait;

const MINUTE: Duration = Duration::from_secs(60);

/// Waits end at once, and the clock moves on by as much. Nothing is ever too late unless it is told so.
#[derive(Debug)]
struct TestClock {
    now: StdMutex<Instant>,
    limits_end: bool,
}

impl TestClock {
    fn new(limits_end: bool) -> Arc<Self> {
        Arc::new(Self { now: StdMutex::new(Instant::now()), limits_end })
    }

    fn advance(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> Wait {
        self.advance(duration);
        // Gives others the chance to come in between, as a real wait would.
        Box::pin(tokio::task::yield_now())
    }

    fn time_limit(&self, _: Duration) -> Wait {
        if self.limits_end { Box::pin(std::future::ready(())) } else { Box::pin(std::future::pending()) }
    }
}

/// The first window that holds more than the quota allows, if any.
fn crowded(times: &[Instant], requests: u32, per: Duration) -> Option<String> {
    let requests = requests as usize;
    let (index, pair) =
        times.windows(requests + 1).enumerate().find(|(_, window)| window[requests] - window[0] <= per)?;
    Some(format!("{} requests in {:?}, from the {index}th on", pair.len(), pair[requests] - pair[0]))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// When requests leave that come after these gaps.
fn departures(quota: Quota, gaps: &[Duration]) -> Vec<Instant> {
    run(async {
        let clock = TestClock::new(false);
        let limiter = Limiter::new(quota, clock.clone());
        let mut times = Vec::new();
        for gap in gaps {
            clock.advance(*gap);
            limiter.admit(Duration::MAX).await.unwrap();
            times.push(clock.now());
        }
        times
    })
}

#[test]
fn no_minute_holds_more_than_descope_allows_and_few_are_wasted() {
    let quota = Quota::descope();
    assert_eq!(quota, Quota::new(100, MINUTE).unwrap());
    // As fast as it goes, for more than ten minutes.
    let times = departures(quota, &[Duration::ZERO; 1000]);
    assert_eq!(crowded(&times, 100, MINUTE), None);
    assert_eq!(times.iter().filter(|time| **time == times[0]).count(), 10, "at once");
    let first_minute = times.iter().filter(|time| **time - times[0] <= MINUTE).count();
    assert_eq!(first_minute, 100);
    let in_ten_minutes = times.iter().filter(|time| **time - times[0] <= 10 * MINUTE).count();
    assert!(in_ten_minutes > 900, "{in_ten_minutes}");
}

#[test]
fn a_burst_after_a_pause_at_the_worst_moment_fits_too() {
    // Steady, then quiet for just long enough that a full burst is allowed, then as fast as it goes.
    for quiet in 0..60 {
        let mut gaps = vec![Duration::from_millis(700); 100];
        gaps.push(Duration::from_secs(quiet));
        gaps.extend([Duration::ZERO; 200]);
        assert_eq!(crowded(&departures(Quota::descope(), &gaps), 100, MINUTE), None, "{quiet}");
    }
}

#[test]
fn the_check_of_these_tests_notices_what_a_plain_token_bucket_does() {
    // 100 at once and one every 0.6 seconds: the usual reading of "100 per minute", and twice as much as allowed.
    let start = Instant::now();
    let mut times = vec![start; 100];
    times.extend((1..=100u32).map(|index| start + Duration::from_millis(600) * index));
    assert!(crowded(&times, 100, MINUTE).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_window_ever_holds_more_than_the_quota(
        requests in 1u32..40,
        burst in 0u32..50,
        per_ms in 1u64..100_000,
        gaps in prop::collection::vec(prop_oneof![3 => Just(0), 1 => 0u64..1000], 1..300),
    ) {
        let per = Duration::from_millis(per_ms);
        let quota = Quota::new(requests, per).unwrap();
        // 0 stands for the burst that is chosen when nobody says.
        let quota = if burst == 0 { quota } else { quota.burst(burst) };
        // Gaps are thousandths of the window.
        let gaps: Vec<_> = gaps.into_iter().map(|gap| per * gap as u32 / 1000).collect();
        let times = departures(quota, &gaps);
        prop_assert_eq!(crowded(&times, requests, per), None);
    }
}

#[test]
fn a_quota_of_nothing_is_refused() {
    assert!(Quota::new(0, MINUTE).is_err());
    assert!(Quota::new(1, Duration::ZERO).is_err());
}

#[test]
fn the_burst_is_between_one_and_all() {
    for (burst, at_once) in [(0, 1), (1, 1), (5, 5), (20, 20), (999, 20)] {
        let times = departures(Quota::new(20, MINUTE).unwrap().burst(burst), &[Duration::ZERO; 50]);
        assert_eq!(times.iter().filter(|time| **time == times[0]).count(), at_once, "{burst}");
        assert_eq!(crowded(&times, 20, MINUTE), None, "{burst}");
    }
}

#[test]
fn those_who_wait_leave_in_the_order_in_which_they_came() {
    let order = run(async {
        let clock = TestClock::new(false);
        let limiter = Arc::new(Limiter::new(Quota::new(3, MINUTE).unwrap(), clock));
        let order = Arc::new(StdMutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for number in 0..50 {
            let (limiter, order) = (limiter.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                limiter.admit(Duration::MAX).await.unwrap();
                order.lock().unwrap().push(number);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        order.lock().unwrap().clone()
    });
    assert_eq!(order, (0..50).collect::<Vec<_>>());
}

#[test]
fn a_wait_that_would_take_too_long_is_not_begun() {
    run(async {
        let clock = TestClock::new(false);
        let limiter = Arc::new(Limiter::new(Quota::new(1, MINUTE).unwrap(), clock.clone()));
        let queue = Queue { limiter, patience: Duration::from_secs(61) };
        assert_eq!(queue.admit(Duration::ZERO).await, Ok(Duration::ZERO));
        let before = clock.now();
        // What the same call waited before counts.
        let needed = queue.admit(Duration::from_secs(2)).await.unwrap_err().needed;
        assert!(needed > Duration::from_secs(59) && needed <= Duration::from_millis(60_001), "{needed:?}");
        assert_eq!(clock.now(), before, "nobody waited");
        // And the place was not used up by asking.
        let waited = queue.admit(Duration::ZERO).await.unwrap();
        assert!(waited > Duration::from_secs(59), "{waited:?}");
    });
}

#[test]
fn a_queue_is_left_when_patience_ends_in_it() {
    run(async {
        let limiter = Limiter::new(Quota::descope(), TestClock::new(true));
        let turn = limiter.turn.lock().await;
        assert_eq!(limiter.admit(MINUTE).await, Err(NoRoom { needed: MINUTE }));
        drop(turn);
        assert_eq!(limiter.admit(MINUTE).await, Ok(Duration::ZERO));
    });
}
