//! Doing things at the same time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, anyhow};

/// Things that are done at the same time. They wait as much as they compute, or use one core.
const AT_ONCE: usize = 2;

/// Does this work for each item, beginning in their order. The results are in no order.
///
/// # Errors
/// Those of the work; what had begun is done all the same.
pub(crate) fn side_by_side<T: Send, R: Send>(
    items: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let queue: Mutex<VecDeque<T>> = Mutex::new(items.into_iter().collect());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work_on_some = || -> Result<Vec<R>> {
        let mut results = Vec::new();
        while let Some(item) = next() {
            results.push(work(item)?);
        }
        Ok(results)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work_on_some)).collect();
        let mut results = Vec::new();
        for worker in workers {
            results.extend(worker.join().map_err(|_| anyhow!("the work panicked"))??);
        }
        Ok(results)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_an_error_is_told() {
        let mut doubled = side_by_side(0..100, |item| Ok(item * 2)).unwrap();
        doubled.sort();
        assert_eq!(doubled, (0..100).map(|item| item * 2).collect::<Vec<_>>());
        let failing = side_by_side(0..100, |item| if item == 7 { Err(anyhow!("seven")) } else { Ok(item) });
        assert_eq!(failing.unwrap_err().to_string(), "seven");
    }
}
