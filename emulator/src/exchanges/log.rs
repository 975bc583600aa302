//! The last exchanges, in memory, with every secret masked before it gets here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// A request and what came of it, fit to be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    /// Counts from 1.
    pub(crate) number: u64,
    /// Hours, minutes and seconds of the day, UTC.
    pub(crate) time: String,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// `None` if the connection was reset.
    pub(crate) status: Option<u16>,
    /// The fault that adversity made.
    pub(crate) fault: Option<&'static str>,
    pub(crate) elapsed_us: u64,
    pub(crate) request: Message,
    pub(crate) response: Message,
}

/// Headers and body of one side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct ExchangeLog(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    counted: u64,
    exchanges: VecDeque<Arc<Exchange>>,
}

impl ExchangeLog {
    /// Exchanges that are kept.
    pub(crate) const MOST: usize = 1000;

    /// Adds an exchange and gives it its number.
    pub(crate) fn add(&self, mut exchange: Exchange) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.counted += 1;
        exchange.number = kept.counted;
        if kept.exchanges.len() == Self::MOST {
            kept.exchanges.pop_front();
        }
        kept.exchanges.push_back(Arc::new(exchange));
    }

    /// At most so many with a larger number than `after`, the latest first.
    pub(crate) fn latest(&self, after: u64, most: usize) -> Vec<Arc<Exchange>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = kept.exchanges.iter().rev().take_while(|exchange| exchange.number > after);
        newer.take(most).cloned().collect()
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Exchange>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = kept.exchanges.front()?.number;
        kept.exchanges.get(usize::try_from(number.checked_sub(first)?).ok()?).cloned()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).exchanges.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thousand_are_kept_under_their_numbers() {
        let log = ExchangeLog::default();
        assert!(log.get(1).is_none() && log.latest(0, 10).is_empty());
        for _ in 0..1500 {
            log.add(Exchange::default());
        }
        assert_eq!(log.latest(0, usize::MAX).len(), 1000);
        let numbers =
            |after, most| log.latest(after, most).iter().map(|kept| kept.number).collect::<Vec<_>>();
        assert_eq!(numbers(1498, 10), [1500, 1499]);
        assert_eq!(numbers(0, 2), [1500, 1499]);
        assert_eq!(log.get(501).unwrap().number, 501);
        for gone in [0, 1, 500, 1501, u64::MAX] {
            assert!(log.get(gone).is_none(), "{gone}");
        }
        log.clear();
        log.add(Exchange::default());
        assert_eq!(numbers(0, 9), [1501]);
    }
}
