use std::borrow::Cow;

use proptest::prelude::*;

use super::Pager;

/// How a service answers, where documents leave it open.
#[derive(Debug, Clone, Copy)]
struct Manner {
    /// What it sends as `total`.
    total: Total,
    /// Most items that it gives per page, whatever is asked for.
    largest_page: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Total {
    OfAllPages,
    OfAllPagesOrZeroIfThePageIsEmpty,
    OfThePage,
    Absent,
}

/// What happens to the list between two requests.
#[derive(Debug, Clone)]
enum Event {
    /// The item at this part of the list goes away.
    Removed(f64),
    /// An item comes to this part of the list.
    Added(f64),
}

struct Outcome {
    yielded: Vec<u32>,
    list: Vec<u32>,
    requests: usize,
}

/// Reads a list to its end while it changes.
fn read(limit: u32, manner: Manner, size: u32, changes: &[Vec<Event>]) -> Outcome {
    let mut list: Vec<u32> = (0..size).collect();
    let mut fresh = size;
    let mut pager = Pager::new(limit);
    let mut outcome = Outcome { yielded: Vec::new(), list: Vec::new(), requests: 0 };
    while let Some(page) = pager.next() {
        let length = (limit as usize).min(manner.largest_page);
        let mut items: Vec<u32> = list.iter().copied().skip(page as usize * length).take(length).collect();
        let total = match manner.total {
            Total::OfAllPages => Some(list.len()),
            Total::OfAllPagesOrZeroIfThePageIsEmpty => Some(if items.is_empty() { 0 } else { list.len() }),
            Total::OfThePage => Some(items.len()),
            Total::Absent => None,
        };
        pager.take(&mut items, total.map(|total| total as u64), |item| Cow::Owned(item.to_string()));
        outcome.yielded.extend(items);
        for event in changes.get(outcome.requests).into_iter().flatten() {
            match event {
                Event::Removed(at) if !list.is_empty() => {
                    list.remove((at * list.len() as f64) as usize);
                }
                Event::Removed(_) => {}
                Event::Added(at) => {
                    list.insert((at * (list.len() + 1) as f64) as usize, fresh);
                    fresh += 1;
                }
            }
        }
        outcome.requests += 1;
        assert!(outcome.requests < 10_000, "it does not end");
    }
    outcome.list = list;
    outcome
}

fn none_twice(yielded: &[u32]) -> bool {
    let mut sorted = yielded.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

const HONEST: Manner = Manner { total: Total::OfAllPages, largest_page: usize::MAX };

#[test]
fn a_list_that_does_not_change_is_read_once_in_its_order() {
    for total in [Total::OfAllPages, Total::OfAllPagesOrZeroIfThePageIsEmpty, Total::OfThePage, Total::Absent]
    {
        for size in [0, 1, 9, 10, 11, 20, 95, 100] {
            for largest_page in [3, 10, usize::MAX] {
                // Pages cut short that also count only themselves look like a short list.
                if largest_page == 3 && total == Total::OfThePage {
                    continue;
                }
                let outcome = read(10, Manner { total, largest_page }, size, &[]);
                assert_eq!(outcome.yielded, outcome.list, "{total:?} {size} {largest_page}");
            }
        }
    }
}

#[test]
fn a_short_last_page_saves_the_empty_one_when_the_total_agrees() {
    for (size, requests) in [(0, 1), (1, 1), (9, 1), (10, 2), (15, 2), (20, 3), (25, 3)] {
        assert_eq!(read(10, HONEST, size, &[]).requests, requests, "{size} items");
    }
    let silent = Manner { total: Total::Absent, largest_page: usize::MAX };
    for (size, requests) in [(0, 1), (1, 2), (10, 2), (15, 3)] {
        assert_eq!(read(10, silent, size, &[]).requests, requests, "{size} items, no total");
    }
}

#[test]
fn a_service_that_ignores_the_page_number_is_read_once_and_once_more() {
    for total in [None, Some(2), Some(50)] {
        let mut pager = Pager::new(2);
        let mut yielded = Vec::new();
        let mut requests = 0;
        while pager.next().is_some() {
            let mut items = vec!["a", "b"];
            pager.take(&mut items, total, |item| Cow::Borrowed(item));
            yielded.extend(items);
            requests += 1;
        }
        assert_eq!((yielded, requests), (vec!["a", "b"], 2), "{total:?}");
    }
}

#[test]
fn a_service_that_goes_round_in_circles_is_left() {
    let mut pager = Pager::new(1);
    let mut yielded = Vec::new();
    while let Some(page) = pager.next() {
        assert!(page < 10, "it does not end");
        let mut items = vec![page % 3];
        pager.take(&mut items, None, |item| Cow::Owned(item.to_string()));
        yielded.extend(items);
    }
    assert_eq!(yielded, [0, 1, 2]);
}

#[test]
fn a_total_that_rises_for_ever_over_the_same_page_ends() {
    let mut pager = Pager::new(2);
    let mut requests = 0;
    while let Some(page) = pager.next() {
        let mut items = vec!["a", "b"];
        // Once, and by as much as fits.
        let total = if page == 0 { 2 } else { i32::MAX as u64 };
        pager.take(&mut items, Some(total), |item| Cow::Borrowed(item));
        requests += 1;
        assert!(requests < 200);
    }
}

#[test]
fn a_total_that_flickers_between_two_replicas_ends() {
    let mut pager = Pager::new(2);
    let mut yielded = Vec::new();
    let mut requests = 0;
    while let Some(page) = pager.next() {
        let mut items: Vec<_> = (0..11_u32).skip(page as usize * 2).take(2).collect();
        pager.take(&mut items, Some(11 - requests % 2), |item| Cow::Owned(item.to_string()));
        yielded.extend(items);
        requests += 1;
        assert!(requests < 20);
    }
    assert_eq!(yielded, (0..11).collect::<Vec<_>>());
}

#[test]
fn deleting_what_was_just_read_passes_over_nothing() {
    for zero_if_empty in [false, true] {
        let mut list: Vec<u32> = (0..100).collect();
        let mut pager = Pager::new(10);
        let mut yielded = Vec::new();
        while let Some(page) = pager.next() {
            let mut items: Vec<_> = list.iter().copied().skip(page as usize * 10).take(10).collect();
            let total = if zero_if_empty && items.is_empty() { 0 } else { list.len() as u64 };
            pager.take(&mut items, Some(total), |item| Cow::Owned(item.to_string()));
            list.retain(|item| !items.contains(item));
            yielded.extend(items);
        }
        assert!(none_twice(&yielded));
        assert_eq!((yielded.len(), list.len()), (100, 0));
    }
}

fn removals() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let event = (0.0..1.0).prop_map(Event::Removed);
    prop::collection::vec(prop::collection::vec(event, 0..12), 0..30)
}

fn additions() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let event = (0.0..1.0).prop_map(Event::Added);
    prop::collection::vec(prop::collection::vec(event, 0..12), 0..30)
}

fn both() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let event = prop_oneof![(0.0..1.0).prop_map(Event::Removed), (0.0..1.0).prop_map(Event::Added)];
    prop::collection::vec(prop::collection::vec(event, 0..12), 0..30)
}

fn manner() -> impl Strategy<Value = Manner> {
    let total = prop_oneof![
        Just(Total::OfAllPages),
        Just(Total::OfAllPagesOrZeroIfThePageIsEmpty),
        Just(Total::OfThePage),
        Just(Total::Absent),
    ];
    (total, 1..12_usize).prop_map(|(total, largest_page)| Manner { total, largest_page })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_stays_is_read_whatever_goes_away(
        limit in 1..12_u32,
        largest_page in 1..12_usize,
        size in 0..120_u32,
        changes in removals(),
        zero in any::<bool>(),
    ) {
        let total = if zero { Total::OfAllPagesOrZeroIfThePageIsEmpty } else { Total::OfAllPages };
        let outcome = read(limit, Manner { total, largest_page }, size, &changes);
        prop_assert!(none_twice(&outcome.yielded));
        for item in &outcome.list {
            prop_assert!(outcome.yielded.contains(item), "{item} was passed over");
        }
    }

    #[test]
    fn what_was_there_is_read_whatever_comes(
        limit in 1..12_u32, largest_page in 1..12_usize, size in 0..120_u32, changes in additions(),
    ) {
        let outcome = read(limit, Manner { largest_page, ..HONEST }, size, &changes);
        prop_assert!(none_twice(&outcome.yielded));
        for item in 0..size {
            prop_assert!(outcome.yielded.contains(&item), "{item} was passed over");
        }
    }

    #[test]
    fn nothing_is_given_out_twice_and_it_ends_whatever_happens(
        limit in 1..12_u32, manner in manner(), size in 0..120_u32, changes in both(),
    ) {
        prop_assert!(none_twice(&read(limit, manner, size, &changes).yielded));
    }
}
