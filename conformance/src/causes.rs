//! One report for one cause: which breaches only follow from others.

use std::collections::BTreeMap;

use crate::{execute::Breach, property::Property};

/// A breach of the first property makes breaches of the others, later in the same plan, only to be expected.
const EXPLAINS: &[(&str, &[&str])] = &[
    ("concurrency/creates/all-appear", &["servers/all/contains-created", "clients/search/finds-created"]),
    (
        "concurrency/creates/have-distinct-ids",
        &["client/", "clients/", "server/", "servers/", "concurrency/"],
    ),
];

/// Whether a breach of `cause` explains one of `other`.
fn explains(cause: &str, other: &str) -> bool {
    let explained = |id: &str| other == id || id.ends_with('/') && other.starts_with(id);
    EXPLAINS.iter().any(|(id, others)| *id == cause && others.iter().any(|id| explained(id)))
}

/// The property among those broken up to the breach, in the same plan, from which it follows.
pub(crate) fn cause_within(
    breach: &Breach,
    all: &[Breach],
    properties: &[&'static Property],
) -> Option<usize> {
    let id = |position: usize| properties.get(position).map_or("", |property| property.id);
    all.iter()
        .filter(|other| other.property != breach.property && other.taken <= breach.taken)
        .find(|other| explains(id(other.property), id(breach.property)))
        .map(|other| other.property)
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
    use crate::registry;

    #[test]
    fn causes_and_what_they_explain_are_in_the_registry() {
        for (cause, explained) in EXPLAINS {
            assert!(registry::all().any(|property| property.id == *cause), "{cause}");
            for id in *explained {
                assert!(registry::all().any(|property| property.id.starts_with(id)), "{id}");
            }
            assert!(!explained.contains(cause), "{cause} explains itself");
        }
    }

    #[test]
    fn a_chain_ends_at_its_first_cause_and_a_ring_has_none() {
        let chain = BTreeMap::from([(3, 2), (2, 1)]);
        assert_eq!(root(3, &chain), 1);
        assert_eq!(root(1, &chain), 1);
        assert_eq!(root(1, &BTreeMap::from([(1, 2), (2, 1)])), 1);
    }
}
