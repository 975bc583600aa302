//! The one list of properties.

use std::collections::BTreeSet;

use crate::properties;
use crate::properties::property::Property;

/// Every property, in the order in which reports show them.
pub fn all() -> impl Iterator<Item = &'static Property> {
    [
        properties::server::ALL,
        properties::scopes::ALL,
        properties::settings::ALL,
        properties::client::ALL,
        properties::left_out::ALL,
        properties::secret::ALL,
        properties::search::ALL,
        properties::pages::ALL,
        properties::deletion::ALL,
        properties::authentication::ALL,
        properties::authorization::ALL,
        properties::grant::ALL,
        properties::userinfo::ALL,
        properties::registration::ALL,
        properties::concurrency::ALL,
        properties::malformed::ALL,
        properties::records::ALL,
        properties::wire::ALL,
        properties::secrecy::ALL,
    ]
    .into_iter()
    .flatten()
}

/// Properties that together make one promise, under a permanent name of their own.
pub struct Group {
    /// The name, which selects the properties.
    pub name: &'static str,
    /// The promise in one sentence.
    pub sentence: &'static str,
    /// The ids of its properties.
    pub properties: &'static [&'static str],
    /// Those of them without which the promise is not proven: if one of them does not apply to a target, a run that was
    /// asked for the group is incomplete.
    pub proof: &'static [&'static str],
}

/// Every group: what this suite was made for.
pub static GROUPS: &[Group] = &[
    Group {
        name: "update-preserves-fields",
        sentence: "An update changes only what it sends; nothing else is lost.",
        properties: &[
            "server/update/keeps-sent-fields",
            "server/update/keeps-unknown-fields",
            "server/update/keeps-id",
            "server/update/touches-no-other",
            "server/scopes/keep-their-category",
            "server/scopes/keep-optional",
            "server/scopes/keep-values",
            "server/scopes/keep-descriptions",
            "server/settings/keep-sessions",
            "server/settings/keep-dynamic-registration",
            "server/settings/keep-metadata-documents",
            "server/load/agrees-with-last-answer",
            "client/update/keeps-sent-fields",
            "client/update/keeps-or-clears-what-was-left-out",
            "client/update/treats-what-was-left-out-alike",
            "client/update/keeps-unknown-fields",
            "client/update/keeps-identity",
            "client/update/keeps-the-secret",
            "client/load/agrees-with-last-answer",
        ],
        proof: &["server/update/keeps-sent-fields", "client/update/keeps-sent-fields"],
    },
    Group {
        name: "rotate-invalidates-secret",
        sentence: "A rotation returns a new secret, and the token endpoint refuses every older secret.",
        properties: &[
            "client/rotate/gives-a-new-secret",
            "client/rotate/invalidates-old-secret",
            "client/rotate/revives-no-old-secret",
        ],
        proof: &["client/rotate/invalidates-old-secret", "client/rotate/revives-no-old-secret"],
    },
];

/// The properties that a selector chooses: those of the group with that name, the one with that id, or those whose ids lie
/// below that path; all of them for an empty selector.
pub fn select(selector: &str) -> Vec<&'static Property> {
    let group = GROUPS.iter().find(|group| group.name == selector);
    let selects = |id: &str| match group {
        Some(group) => group.properties.contains(&id),
        None => {
            selector.is_empty()
                || id == selector
                || id.strip_prefix(selector).is_some_and(|rest| rest.starts_with('/'))
        }
    };
    all().filter(|property| selects(property.id)).collect()
}

/// Most selectors that are suggested for one that chooses nothing.
const MAX_SUGGESTIONS: usize = 3;

/// How alike two texts must be, from 0 to 1, for one to be suggested for the other.
const MIN_LIKENESS: f64 = 0.7;

/// What a selector that chooses nothing may mean, the likeliest first: groups, ids, and paths that ids begin with. An id of
/// which only the end was given is meant for sure.
pub fn similar(selector: &str) -> Vec<&'static str> {
    let paths = |id: &'static str| id.match_indices('/').map(move |(end, _)| &id[..end]).chain([id]);
    let all: BTreeSet<_> =
        GROUPS.iter().map(|group| group.name).chain(all().flat_map(|property| paths(property.id))).collect();
    let ends = |of: &'static str| of.match_indices('/').map(move |(end, _)| &of[end + 1..]).chain([of]);
    let likeness = |of: &'static str| {
        ends(of).map(|end| strsim::normalized_damerau_levenshtein(end, selector)).fold(0.0, f64::max)
    };
    let mut found: Vec<_> = all.into_iter().map(|one| (likeness(one), one)).collect();
    found.retain(|(likeness, _)| *likeness >= MIN_LIKENESS);
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found.into_iter().map(|(_, one)| one).take(MAX_SUGGESTIONS).collect()
}

/// The hint for whoever gave a selector or an id that does not exist.
pub(crate) fn hint_for_unknown(selector: &str) -> String {
    let similar: Vec<_> = similar(selector).into_iter().map(|one| format!("`{one}`")).collect();
    match similar.is_empty() {
        true => "`--list` prints every id".to_owned(),
        false => format!("did you mean {}? `--list` prints every id", similar.join(" or ")),
    }
}

/// The properties that must be judged for a selector to be answered: the proof of a group, or the one property with that
/// id. A path only says where to look, and so does an empty selector.
pub fn required_by(selector: &str) -> Vec<&'static str> {
    match GROUPS.iter().find(|group| group.name == selector) {
        Some(group) => group.proof.to_vec(),
        None => all().map(|property| property.id).filter(|id| *id == selector).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_of_one_form() {
        let mut seen = BTreeSet::new();
        for property in all() {
            assert!(seen.insert(property.id), "{} is there twice", property.id);
            let parts: Vec<_> = property.id.split('/').collect();
            assert!(
                (2..=3).contains(&parts.len()),
                "{}: want resource/what or resource/operation/what",
                property.id
            );
            let plain =
                |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            assert!(parts.iter().all(plain), "{}: want lower case and dashes", property.id);
        }
    }

    #[test]
    fn a_group_requires_its_proof_and_a_path_requires_nothing() {
        for group in GROUPS {
            assert!(group.proof.iter().all(|id| group.properties.contains(id)), "{}", group.name);
        }
        let rotation = ["client/rotate/invalidates-old-secret", "client/rotate/revives-no-old-secret"];
        assert_eq!(required_by("rotate-invalidates-secret"), rotation);
        assert_eq!(required_by("client/secret/is-accepted"), ["client/secret/is-accepted"]);
        assert_eq!(required_by("client/secret"), [""; 0]);
        assert_eq!(required_by(""), [""; 0]);
    }

    #[test]
    fn every_property_is_one_sentence_with_facts_as_its_source() {
        for property in all() {
            assert!(property.sentence.ends_with('.') && !property.sentence.contains(". "), "{}", property.id);
            for part in property.source.split("; ") {
                let (basis, facts) = part.split_once(": ").unwrap_or_default();
                assert!(
                    ["documented", "standard", "observed", "assumed"].contains(&basis),
                    "{}",
                    property.id
                );
                assert!(facts.split(", ").all(descope_mcp_openapi::is_fact_id), "{}: {facts}", property.id);
            }
        }
    }

    #[test]
    fn the_two_promises_that_the_suite_was_made_for_can_be_selected_and_fail_a_run_by_default() {
        for (name, at_its_heart) in [
            ("update-preserves-fields", "server/update/keeps-sent-fields"),
            ("rotate-invalidates-secret", "client/rotate/invalidates-old-secret"),
        ] {
            let selected = select(name);
            let heart = selected.iter().find(|property| property.id == at_its_heart).unwrap();
            assert_eq!(heart.level, crate::properties::property::Level::Must, "{at_its_heart}");
            let group = GROUPS.iter().find(|group| group.name == name).unwrap();
            assert_eq!(selected.len(), group.properties.len(), "{name} names a property that is not there");
        }
    }

    #[test]
    fn what_a_mistyped_selector_may_mean_is_suggested() {
        for (mistyped, meant) in [
            ("server/update/keep-id", "server/update/keeps-id"),
            ("server/updat", "server/update"),
            ("Server/Update/Keeps-Id", "server/update/keeps-id"),
            ("servr", "server"),
            ("rotate-invalidate-secrets", "rotate-invalidates-secret"),
            // As a heading and a line below it would be read.
            ("all/contains-created", "servers/all/contains-created"),
            ("invalidates-old-secret", "client/rotate/invalidates-old-secret"),
        ] {
            assert_eq!(similar(mistyped).first(), Some(&meant), "{mistyped}: {:?}", similar(mistyped));
            assert!(!select(meant).is_empty(), "{meant}");
        }
        assert_eq!(similar("what it does to my data"), [""; 0]);
        assert!(similar("").is_empty());
    }

    #[test]
    fn a_selector_takes_whole_path_segments() {
        assert_eq!(select("").len(), all().count());
        assert!(!select("server").is_empty());
        assert!(select("server").iter().all(|property| property.id.starts_with("server/")));
        assert_eq!(select("server/update/keeps-id").len(), 1);
        assert!(select("serv").is_empty());
    }
}
