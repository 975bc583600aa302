//! The one list of properties.

use crate::{properties, property::Property};

/// Every property, in the order in which reports show them.
pub fn all() -> impl Iterator<Item = &'static Property> {
    [
        properties::server::ALL,
        properties::scopes::ALL,
        properties::settings::ALL,
        properties::client::ALL,
        properties::secret::ALL,
        properties::search::ALL,
        properties::pages::ALL,
        properties::deletion::ALL,
        properties::authentication::ALL,
        properties::authorization::ALL,
        properties::grant::ALL,
        properties::registration::ALL,
        properties::concurrency::ALL,
        properties::malformed::ALL,
        properties::records::ALL,
        properties::wire::ALL,
    ]
    .into_iter()
    .flatten()
}

/// The properties whose id is `selector` or begins with its path; all of them for an empty selector.
pub fn select(selector: &str) -> Vec<&'static Property> {
    let selects = |id: &str| {
        selector.is_empty()
            || id == selector
            || id.strip_prefix(selector).is_some_and(|rest| rest.starts_with('/'))
    };
    all().filter(|property| selects(property.id)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
    fn every_property_is_one_sentence_with_a_source() {
        for property in all() {
            assert!(property.sentence.ends_with('.') && !property.sentence.contains(". "), "{}", property.id);
            assert!(!property.source.is_empty(), "{}", property.id);
        }
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
