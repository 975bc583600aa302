//! Decides which page to read next, and which items of a page are new. It makes no calls.
//!
//! Pages are windows of a list that others change meanwhile. The only sign of such changes is `total`, if the service
//! sends it. It is only a hint, because it is assumed that `total` counts all pages.
//!
//! * A deleted client moves later ones to earlier positions, perhaps to pages that were already read. When `total`
//!   falls below all earlier values by d, the d positions before the page are read again. So no client is missed
//!   because others were deleted, unless as many were added at the same time.
//! * A new client moves others to later positions, where they are read a second time and dropped. A page with nothing
//!   new is the end, because a service that repeats a page would otherwise never end, unless `total` rose enough to
//!   explain it.
//!
//! The stream ends on every service. Going back lowers the minimum of `total`. Any other page that is followed by
//! another one has something new, or was read before, or uses up a limited allowance.

use std::borrow::Cow;

use super::seen::Seen;

/// Most pages in a row that may hold nothing new because of additions: some thousand between two requests.
const MAX_STALE_PAGES: u64 = 100;

/// Where a stream is in a list.
pub(super) struct Pager {
    /// Page to read next, counted from 0.
    next: Option<u32>,
    /// Items asked for per page; 0 leaves it to the service.
    limit: u64,
    /// Most items that a page had: the real page size if the service allows less than asked for.
    largest: u64,
    seen: Seen,
    seen_count: u64,
    lowest_total: Option<u64>,
    highest_total: Option<u64>,
    /// Pages below this one have been read before.
    read_before: u32,
    /// How many more pages may hold nothing new.
    stale_allowance: u64,
    /// The empty page without a total because of which page 0 is read again.
    in_doubt: Option<u32>,
}

impl Pager {
    /// A pager for pages of `limit` items.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            next: Some(0),
            limit: u64::from(limit),
            largest: 1,
            seen: Seen::new(),
            seen_count: 0,
            lowest_total: None,
            highest_total: None,
            read_before: 0,
            stale_allowance: 0,
            in_doubt: None,
        }
    }

    /// The page to read next; `None` at the end.
    pub(super) fn next(&self) -> Option<u32> {
        self.next
    }

    /// Takes the page that was read, drops what is not new, and decides where to go on.
    pub(super) fn take<T>(
        &mut self,
        items: &mut Vec<T>,
        total: Option<u64>,
        key: impl for<'a> Fn(&'a T) -> Cow<'a, str>,
    ) {
        let Some(page) = self.next else {
            items.clear();
            return;
        };
        let length = items.len() as u64;
        self.largest = self.largest.max(length);
        items.retain(|item| self.seen.insert(&key(item)));
        self.seen_count += items.len() as u64;

        let front = self.in_doubt.take().unwrap_or(page);
        let again = page < self.read_before;
        self.read_before = self.read_before.max(page.saturating_add(1));

        // Some services count nothing when there is nothing on the page. Page 0 knows better.
        if length == 0 && total.unwrap_or_default() == 0 {
            let doubtful = page > 0 && self.highest_total.is_some();
            self.in_doubt = doubtful.then_some(page);
            self.next = doubtful.then_some(0);
            return;
        }

        let (fell, rose) = self.note(total);
        self.stale_allowance =
            self.stale_allowance.saturating_add(rose.div_ceil(self.largest)).min(MAX_STALE_PAGES);
        let back = u32::try_from(fell.div_ceil(self.largest)).unwrap_or(u32::MAX).min(front);
        self.next = if back > 0 {
            Some(front - back)
        } else if length == 0 || front > page || self.is_last(page, length, total) {
            None
        } else if !items.is_empty() || again {
            page.checked_add(1)
        } else if self.stale_allowance > 0 {
            self.stale_allowance -= 1;
            page.checked_add(1)
        } else {
            None
        };
    }

    /// By how much `total` fell below the lowest so far, and rose above the highest.
    fn note(&mut self, total: Option<u64>) -> (u64, u64) {
        let Some(total) = total else { return (0, 0) };
        let lowest = self.lowest_total.unwrap_or(total);
        let highest = self.highest_total.unwrap_or(total);
        self.lowest_total = Some(lowest.min(total));
        self.highest_total = Some(highest.max(total));
        (lowest.saturating_sub(total), total.saturating_sub(highest))
    }

    /// Saves the request for an empty page where two things say that this page is the last: it is not full, and no
    /// more exist than were read. Neither is enough alone: a service may allow smaller pages than asked for, and may
    /// count one page instead of all.
    fn is_last(&self, page: u32, length: u64, total: Option<u64>) -> bool {
        let Some(total) = total else { return false };
        let only = page == 0 && length < self.limit && total <= length;
        only || (length < self.largest && total <= self.seen_count)
    }
}

#[cfg(test)]
#[path = "pager_tests.rs"]
mod tests;
