//! The pages of a search: together they hold what the search finds, each client once.

use std::collections::BTreeSet;

use super::search::{count, found, matching};
use crate::model::Walk;
use crate::plan::{Action, Sort};
use crate::properties::property::{Capability, Level, Moment, Property, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "clients/search/honours-the-limit",
        sentence: "A page of a search contains at most as many clients as the limit that was sent.",
        level: Level::Must,
        source: "documented: fact/search-pages",
        needs: None,
        eventually: false,
        judge: honours_the_limit,
    },
    Property {
        id: "clients/search/pages-repeat-nothing",
        sentence: "No client appears twice on the pages of a search.",
        level: Level::Must,
        source: "documented: fact/search-pages",
        needs: None,
        eventually: true,
        judge: pages_repeat_nothing,
    },
    Property {
        id: "clients/search/pages-leave-no-gap",
        sentence: "The pages of a search, read up to the first empty page, contain every client that matches.",
        level: Level::Must,
        source: "documented: fact/search-pages",
        needs: None,
        eventually: true,
        judge: pages_leave_no_gap,
    },
    Property {
        id: "clients/search/is-empty-past-the-end",
        sentence: "A page of a search is empty if its index, counted from 0, is at least the number of clients.",
        level: Level::Should,
        source: "assumed: fact/page-past-the-end",
        needs: None,
        eventually: true,
        judge: is_empty_past_the_end,
    },
    Property {
        id: "clients/search/total-counts-clients",
        sentence: "The total of a search without filters is the number of clients of the server or of the page.",
        level: Level::Should,
        source: "documented: fact/search-total",
        needs: Some(Capability::TotalOfClients),
        eventually: true,
        judge: |moment| total_is_right(moment, true),
    },
    Property {
        id: "clients/search/total-counts-all-pages",
        sentence: "The total of a search without filters is the number of clients on all pages.",
        level: Level::Info,
        source: "assumed: fact/total-counts-all-pages",
        needs: Some(Capability::TotalOfClients),
        eventually: true,
        judge: |moment| total_is_right(moment, false),
    },
    Property {
        id: "clients/search/sorts-by-name",
        sentence: "A search that is sorted by name returns names of lower-case ASCII letters in alphabetical order, or in reverse order if requested.",
        level: Level::Info,
        source: "documented: fact/search-sort; assumed: fact/sort-by-name",
        needs: Some(Capability::SortByName),
        eventually: true,
        judge: sorts_by_name,
    },
];

fn honours_the_limit(moment: &Moment<'_>) -> Verdict {
    let Some((_, request, found)) = found(moment) else { return Verdict::DoesNotApply };
    let Some(limit) = request["limit"].as_u64().filter(|limit| *limit > 0) else {
        return Verdict::DoesNotApply;
    };
    Verdict::of(
        found.len() as u64 <= limit,
        format!("at most {limit} clients"),
        format!("{} clients", found.len()),
    )
}

/// The walk that this answer is a page of.
fn walk<'a>(moment: &Moment<'a>) -> Option<&'a Walk> {
    let (_, request, _) = found(moment)?;
    moment.after.walk.as_ref().filter(|_| request["page"].is_u64())
}

fn pages_repeat_nothing(moment: &Moment<'_>) -> Verdict {
    let Some(walk) = walk(moment) else { return Verdict::DoesNotApply };
    let mut seen = BTreeSet::new();
    let twice = walk.found.iter().find(|(id, _)| !seen.insert(id.as_str()));
    Verdict::of(
        twice.is_none(),
        format!("each client once on {} pages", walk.pages),
        match twice.and_then(|(id, _)| moment.before.client_with_id(id)) {
            Some(label) => format!("{label} twice"),
            None => "one of them twice".to_owned(),
        },
    )
}

fn pages_leave_no_gap(moment: &Moment<'_>) -> Verdict {
    let Some(walk) = walk(moment).filter(|walk| walk.last_was_empty) else { return Verdict::DoesNotApply };
    Verdict::all(matching(moment.before, walk.server, &walk.search).map(|(label, id)| {
        Verdict::of(
            walk.found.iter().any(|(found, _)| found == id),
            format!("{label} is on one of the {} pages", walk.pages),
            format!("{label} is on none"),
        )
    }))
}

fn is_empty_past_the_end(moment: &Moment<'_>) -> Verdict {
    let Some((server, request, found)) = found(moment) else { return Verdict::DoesNotApply };
    match (request["page"].as_u64(), count(moment.before, server)) {
        // Every page before the end holds one client at least.
        (Some(page), Some(count)) if page > 0 && page >= count as u64 => Verdict::of(
            found.is_empty(),
            format!("no clients on page {page}, with {count} in all"),
            format!("{} clients", found.len()),
        ),
        _ => Verdict::DoesNotApply,
    }
}

fn total_is_right(moment: &Moment<'_>, or_of_the_page: bool) -> Verdict {
    let (Some(Action::SearchClients { filter, .. }), Some((server, _, found))) =
        (moment.rightly(), found(moment))
    else {
        return Verdict::DoesNotApply;
    };
    let (true, Some(count)) = (filter.by.is_empty(), count(moment.before, server)) else {
        return Verdict::DoesNotApply;
    };
    let Some(total) = moment.success().and_then(|body| body["total"].as_u64()) else {
        return Verdict::DoesNotApply;
    };
    let right = total == count as u64 || (or_of_the_page && total == found.len() as u64);
    Verdict::of(right, format!("total = {count}"), format!("total = {total}"))
}

fn sorts_by_name(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::SearchClients { filter, .. }), Some((_, _, found))) = (moment.rightly(), found(moment))
    else {
        return Verdict::DoesNotApply;
    };
    let Some(Sort { descending, .. }) = filter.sort.as_ref().filter(|sort| sort.field == "name") else {
        return Verdict::DoesNotApply;
    };
    let names: Vec<_> = match walk(moment) {
        Some(walk) => walk.found.iter().map(|(_, name)| name.as_str()).collect(),
        None => found.iter().filter_map(|client| client["name"].as_str()).collect(),
    };
    let pairs = names.iter().enumerate().flat_map(|(at, one)| names[..at].iter().map(move |two| (two, one)));
    Verdict::all(pairs.filter_map(|(one, two)| {
        let ordered = plain_letters_in_order(one, two)?;
        let backwards = if *descending { " backwards" } else { "" };
        let expected = format!("names in order{backwards}");
        Some(Verdict::of(ordered != *descending, expected, format!("{one:?} before {two:?}")))
    }))
}

/// Whether the first name comes before the second, as far as every way to compare texts agrees: they must differ, and
/// only in plain letters after what they have in common.
fn plain_letters_in_order(one: &str, two: &str) -> Option<bool> {
    let common = one.bytes().zip(two.bytes()).take_while(|(one, two)| one == two).count();
    let (one, two) = (one.as_bytes().get(common..)?, two.as_bytes().get(common..)?);
    let plain = |rest: &[u8]| rest.iter().all(u8::is_ascii_lowercase);
    (plain(one) && plain(two) && one != two).then_some(one < two)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::call::Call;
    use crate::plan::{Action, ClientLabel, Filter, Sort};
    use crate::story::{C1, C2, Judged, S1, Story, client};
    use crate::wire::request::Request;
    use crate::wire::run_mark::RunMark;

    const C3: ClientLabel = ClientLabel(3);

    fn story() -> Story {
        [C1, C2, C3].iter().fold(Story::default().with_server(S1, json!({})), |story, label| {
            story.with_client(*label, S1, json!({}))
        })
    }

    fn page(page: u32) -> Action {
        let filter = Filter { page: Some(page), limit: Some(2), ..Filter::default() };
        Action::SearchClients { server: S1, filter }
    }

    fn of(labels: &[ClientLabel], total: u64) -> Value {
        let clients: Vec<_> = labels.iter().map(|label| client(*label, S1, json!({}))).collect();
        json!({"clients": clients, "total": total})
    }

    fn walk(pages: &[&[ClientLabel]]) -> Judged {
        let mut story = story();
        let mut judged = None;
        for (number, labels) in pages.iter().enumerate() {
            judged = Some(story.step(page(number as u32), 200, of(labels, 3)));
        }
        judged.expect("there is a page")
    }

    #[test]
    fn pages_hold_everything_once() {
        let good = walk(&[&[C1, C2], &[C3], &[]]);
        good.keeps("clients/search/pages-leave-no-gap");
        good.keeps("clients/search/pages-repeat-nothing");
        walk(&[&[C1, C2], &[C2]]).breaks("clients/search/pages-repeat-nothing");
        walk(&[&[C1, C2], &[]]).breaks("clients/search/pages-leave-no-gap");
        walk(&[&[C1], &[C2], &[C3], &[]]).keeps("clients/search/pages-leave-no-gap");
        walk(&[&[C1, C2], &[C3], &[], &[C3]]).broken.iter().for_each(|id| {
            let ids = ["clients/search/pages-repeat-nothing", "clients/search/is-empty-past-the-end"];
            assert!(ids.contains(id), "{id}");
        });
    }

    #[test]
    fn a_page_that_does_not_fit_those_before_it_is_read_again_after_them() {
        let mut story = story();
        for (number, labels) in [[C1], [C2]].iter().enumerate() {
            story.step(page(number as u32), 200, of(labels, 3));
        }
        let before = |number| {
            let call = Call::resolve(&page(number).into(), &story.model, &RunMark::new(1)).unwrap();
            let pages = story.model.pages_before(&call.request).into_iter();
            let number = |page: Request| match page {
                Request::Management(_, body) => body["page"].as_u64(),
                Request::Web(_) => None,
            };
            pages.filter_map(number).collect::<Vec<_>>()
        };
        assert_eq!(before(2), [0, 1]);
        assert_eq!(before(0), [0; 0]);
        assert_eq!(before(3), [0; 0], "it is not the next one");
    }

    #[test]
    fn a_page_holds_no_more_than_the_limit() {
        walk(&[&[C1, C2]]).keeps("clients/search/honours-the-limit");
        walk(&[&[C1, C2, C3]]).breaks("clients/search/honours-the-limit");
    }

    #[test]
    fn a_page_far_past_the_end_is_empty() {
        story().step(page(3), 200, of(&[], 3)).keeps("clients/search/is-empty-past-the-end");
        story().step(page(3), 200, of(&[C1], 3)).breaks("clients/search/is-empty-past-the-end");
    }

    #[test]
    fn a_total_counts_the_clients_on_all_pages_or_on_one() {
        let judged = story().step(page(0), 200, of(&[C1, C2], 3));
        judged.keeps("clients/search/total-counts-clients");
        judged.keeps("clients/search/total-counts-all-pages");
        story().step(page(0), 200, of(&[C1, C2], 2)).breaks("clients/search/total-counts-all-pages");
        let judged = story().step(page(0), 200, of(&[C1, C2], 4));
        assert_eq!(
            judged.broken,
            ["clients/search/total-counts-clients", "clients/search/total-counts-all-pages"]
        );
    }

    #[test]
    fn names_of_plain_letters_come_in_order() {
        let sorted = |names: &[&str], descending| {
            let sort = Some(Sort { field: "name".into(), descending });
            let search = Action::SearchClients { server: S1, filter: Filter { sort, ..Filter::default() } };
            let clients: Vec<_> = names.iter().map(|name| json!({"id": name, "name": name})).collect();
            Story::default().with_server(S1, json!({})).step(
                search,
                200,
                json!({"clients": clients, "total": 0}),
            )
        };
        let id = "clients/search/sorts-by-name";
        assert!(sorted(&["t a", "t ab", "t c"], false).held.contains(&id));
        assert!(sorted(&["t c", "t a"], true).held.contains(&id));
        assert!(sorted(&["t c", "t a"], false).broken.contains(&id));
        assert!(sorted(&["t a", "t c"], true).broken.contains(&id));
        // Whether capitals come before small letters is for the target to choose.
        assert!(!sorted(&["t a", "t B"], false).broken.contains(&id));
    }
}
