//! One report for one cause: which breaches only follow from others.

use std::collections::BTreeMap;

use crate::properties::property::Property;
use crate::run::outcome::Breach;

/// A breach of the first property makes breaches of the others, later in the same plan, only to be expected.
const EXPLAINS_IN_A_PLAN: &[(&str, &[&str])] = &[
    (
        "concurrency/creates/have-distinct-ids",
        &[
            "client/",
            "clients/",
            "server/",
            "servers/",
            "concurrency/creates/all-appear",
            "records/",
            "grant/",
        ],
    ),
    ("authorization/metadata/names-its-issuer", &["grant/code/names-its-issuer"]),
    ("client/secret/is-the-latest", &["client/secret/is-accepted"]),
];

/// What breaks properties of the first kind one request at a time says all that a breach of the others could: of requests
/// at the same time, or of what builds upon it.
const EXPLAINS_ANYWHERE: &[(&str, &[&str])] = &[
    ("server/update/", &["concurrency/updates/"]),
    ("server/load/", &["concurrency/updates/"]),
    ("server/settings/", &["concurrency/updates/"]),
    ("server/scopes/", &["concurrency/updates/"]),
    ("server/delete/makes-it-gone", &["servers/all/omits-deleted"]),
    (
        "client/delete/makes-it-gone",
        &[
            "clients/search/omits-deleted",
            "clients/search/total-counts-clients",
            "clients/search/total-counts-all-pages",
            "clients/search/is-empty-past-the-end",
        ],
    ),
    ("server/create/", &["concurrency/creates/"]),
    ("client/create/", &["concurrency/creates/", "grant/"]),
    ("servers/all/", &["concurrency/creates/"]),
    ("clients/search/", &["concurrency/creates/", "registration/dynamic/makes-a-record"]),
    ("client/rotate/", &["concurrency/rotations/"]),
    // A secret that outlives one rotation may well outlive two.
    ("client/rotate/invalidates-old-secret", &["client/rotate/revives-no-old-secret"]),
    ("client/secret/", &["concurrency/rotations/", "grant/"]),
];

/// What a request breaks that the target fails to answer.
const SERVER_FAILS: &str = "wire/valid-requests-do-not-fail";

/// Properties whose breach most often is another way to see that of a property that is broken too.
const SELDOM_CAUSES: &[&str] = &["records/"];

/// Whether a property is seldom broken by itself.
fn is_seldom_a_cause(property: usize, properties: &[&'static Property]) -> bool {
    SELDOM_CAUSES.iter().any(|selector| is_or_lies_below(id(properties, property), selector))
}

/// Whether an id is the one given or, if that ends with a slash, lies below it.
fn is_or_lies_below(id: &str, selector: &str) -> bool {
    id == selector || selector.ends_with('/') && id.starts_with(selector)
}

fn explains(table: &[(&str, &[&str])], cause: &str, other: &str) -> bool {
    table.iter().any(|(selector, others)| {
        is_or_lies_below(cause, selector) && others.iter().any(|selector| is_or_lies_below(other, selector))
    })
}

fn id(properties: &[&'static Property], position: usize) -> &'static str {
    properties.get(position).map_or("", |property| property.id)
}

/// The property among those broken up to the breach, in the same plan, from which it follows.
pub(crate) fn cause_within(
    breach: &Breach,
    all: &[Breach],
    properties: &[&'static Property],
) -> Option<usize> {
    let of = id(properties, breach.property);
    // Whatever else an answer breaks that says that the server failed, it says nothing more.
    let failed =
        |other: &&Breach| other.taken == breach.taken && id(properties, other.property) == SERVER_FAILS;
    if let Some(failed) = all.iter().find(failed).filter(|_| of != SERVER_FAILS) {
        return Some(failed.property);
    }
    all.iter()
        .filter(|other| other.property != breach.property && other.taken <= breach.taken)
        .find(|other| explains(EXPLAINS_IN_A_PLAN, id(properties, other.property), of))
        .map(|other| other.property)
}

/// The property among those that are broken, and follow from none themselves, from which a breach of this one follows wherever it shows.
pub(crate) fn cause_among(
    property: usize,
    broken: impl IntoIterator<Item = usize>,
    properties: &[&'static Property],
) -> Option<usize> {
    let of = id(properties, property);
    broken.into_iter().find(|other| explains(EXPLAINS_ANYWHERE, id(properties, *other), of))
}

/// Whether two breaches are about the same member of a record. Most likely one fault shows as both, though it need not.
pub(crate) fn share_a_member(one: &Breach, other: &Breach) -> bool {
    // The empty pointer stands for whatever was compared, which need not be a record.
    let members = one.why.members.iter().filter(|member| !member.is_empty());
    members.into_iter().any(|member| other.why.members.contains(member))
}

/// How many faults these breaches most likely show, none of which is known to follow from another.
pub(crate) fn likely_faults(breaches: &[&Breach], properties: &[&'static Property]) -> usize {
    let likely = breaches.iter().filter(|breach| !is_seldom_a_cause(breach.property, properties));
    let mut faults: Vec<&Breach> = Vec::new();
    for breach in likely {
        if !faults.iter().any(|other| share_a_member(other, breach)) {
            faults.push(breach);
        }
    }
    faults.len().max(breaches.len().min(1))
}

/// The order in which the first breaches of properties are best cut down, should there not be enough requests for all: what
/// is seldom a cause comes last, and of the others what counts most comes first.
pub(crate) fn rank(property: usize, properties: &[&'static Property]) -> impl Ord + use<> {
    (is_seldom_a_cause(property, properties), properties.get(property).map(|property| property.level))
}

/// The end of the chain of causes that begins with a property.
pub(crate) fn root(property: usize, follows: &BTreeMap<usize, usize>) -> usize {
    let mut root = property;
    // A chain has no more links than there are properties in it; a ring has no end, and is none.
    for _ in 0..=follows.len() {
        match follows.get(&root) {
            Some(cause) => root = *cause,
            None => return root,
        }
    }
    property
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::property::Why;
    use crate::properties::registry;

    #[test]
    fn causes_and_what_they_explain_are_in_the_registry() {
        let is_known = |selector| registry::all().any(|property| is_or_lies_below(property.id, selector));
        for (table, (cause, explained)) in [EXPLAINS_IN_A_PLAN, EXPLAINS_ANYWHERE]
            .into_iter()
            .flat_map(|table| table.iter().map(move |line| (table, line)))
        {
            assert!(is_known(cause), "{cause}");
            assert!(explained.iter().all(|selector| is_known(selector)), "{cause}: {explained:?}");
            let circular = registry::all().any(|property| explains(table, property.id, property.id));
            assert!(!circular, "{cause} explains itself");
        }
    }

    #[test]
    fn a_breach_at_the_same_time_says_nothing_new_beside_one_by_itself() {
        let properties: Vec<_> = registry::all().collect();
        let position = |id: &str| properties.iter().position(|property| property.id == id).unwrap();
        let (list, at_once) =
            (position("servers/all/contains-created"), position("concurrency/creates/all-appear"));
        assert_eq!(cause_among(at_once, [at_once, list], &properties), Some(list));
        assert_eq!(cause_among(list, [at_once, list], &properties), None);
    }

    #[test]
    fn a_secret_that_outlives_one_rotation_explains_one_that_outlives_two() {
        let properties: Vec<_> = registry::all().collect();
        let position = |id: &str| properties.iter().position(|property| property.id == id).unwrap();
        let (one, two) = (
            position("client/rotate/invalidates-old-secret"),
            position("client/rotate/revives-no-old-secret"),
        );
        assert_eq!(cause_among(two, [one, two], &properties), Some(one));
        assert_eq!(cause_among(one, [one, two], &properties), None);
    }

    fn breach(properties: &[&'static Property], id: &str, members: &[&str]) -> Breach {
        let property = properties.iter().position(|property| property.id == id).unwrap();
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        let why = Why { expected: String::new(), actual: String::new(), members, outright: false };
        Breach { property, taken: 0, why }
    }

    #[test]
    fn breaches_about_one_member_most_likely_show_one_fault_and_others_each_their_own() {
        let properties: Vec<_> = registry::all().collect();
        let breach = |id, members: &[&str]| breach(&properties, id, members);
        let faults = |breaches: &[&Breach]| likely_faults(breaches, &properties);
        let update = breach("server/update/keeps-sent-fields", &["/logo"]);
        let left_out = breach("client/update/treats-what-was-left-out-alike", &["/name", "/logo"]);
        let creation = breach("client/create/stores-what-was-sent", &["/tags"]);
        let seldom = breach("records/keep-values-that-may-be-refused", &["/scopes"]);
        let rotation = breach("client/rotate/invalidates-old-secret", &[]);
        let page = breach("client/secret/is-the-latest", &[""]);
        let keys = breach("authorization/keys/are-the-same-for-sdks", &[""]);
        assert_eq!(faults(&[]), 0);
        assert_eq!(faults(&[&update, &left_out]), 1);
        assert_eq!(faults(&[&update, &left_out, &creation, &seldom]), 2);
        assert_eq!(faults(&[&seldom]), 1);
        assert_eq!(faults(&[&update, &rotation, &page, &keys]), 4);
    }

    #[test]
    fn what_counts_most_is_cut_down_first_and_what_is_seldom_a_cause_last() {
        let properties: Vec<_> = registry::all().collect();
        let ids = [
            "records/keep-values-that-may-be-refused",
            "client/update/treats-what-was-left-out-alike",
            "server/update/keeps-sent-fields",
        ];
        let mut ranked: Vec<_> = ids.iter().map(|id| breach(&properties, id, &[])).collect();
        ranked.sort_by_key(|breach| rank(breach.property, &properties));
        let ranked: Vec<_> = ranked.iter().map(|breach| properties[breach.property].id).collect();
        assert_eq!(ranked, [ids[2], ids[1], ids[0]]);
    }

    #[test]
    fn a_chain_ends_at_its_first_cause_and_a_ring_has_none() {
        let chain = BTreeMap::from([(3, 2), (2, 1)]);
        assert_eq!(root(3, &chain), 1);
        assert_eq!(root(1, &chain), 1);
        assert_eq!(root(1, &BTreeMap::from([(1, 2), (2, 1)])), 1);
    }
}
