//! Ids of facts and open questions: `fact/update-replaces` and `question/rotation-grace` are rows of `docs/facts.md`.

/// What an id begins with.
const PREFIXES: [&str; 2] = ["fact/", "question/"];

/// Whether a text is the id of a fact, as `x-source` lists them: `fact/` and lower-case words joined by dashes.
pub fn is_fact_id(text: &str) -> bool {
    text.strip_prefix(PREFIXES[0]).is_some_and(is_name)
}

/// The ids of facts and open questions in a text, each with its byte position. An id that is part of a longer path does
/// not count.
pub fn cited_ids(text: &str) -> Vec<(usize, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '/' || c == '-';
    let is_id = |word: &&str| PREFIXES.iter().any(|prefix| word.strip_prefix(prefix).is_some_and(is_name));
    let mut found = Vec::new();
    let mut place = 0;
    for word in text.split_inclusive(|c| !is_part(c)) {
        let bare = word.trim_end_matches(|c| !is_part(c));
        found.extend(Some(bare).filter(is_id).map(|id| (place, id)));
        place += word.len();
    }
    found
}

/// Replaces each id in the text with a Markdown link, for a page in the same folder as `facts.md`.
pub fn link_facts(text: &str) -> String {
    let mut linked = String::new();
    let mut done = 0;
    for (place, id) in cited_ids(text) {
        linked.push_str(&format!("{}[`{id}`](facts.md#{id})", &text[done..place]));
        done = place + id.len();
    }
    linked + &text[done..]
}

fn is_name(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no name is.
    const NO_NAMES: [&str; 6] = ["", "A", "a-", "-a", "a--b", "ä"];

    #[test]
    fn ids_in_a_text_become_links_and_nothing_else_does() {
        assert_eq!(
            link_facts("documented: fact/keys-for-sdks, fact/scope; assumed: question/total."),
            "documented: [`fact/keys-for-sdks`](facts.md#fact/keys-for-sdks), [`fact/scope`](facts.md#fact/scope); \
             assumed: [`question/total`](facts.md#question/total)."
        );
        for text in ["", "an artifact/scope", "x/fact/scope", "guide, openapi"] {
            assert_eq!(link_facts(text), text);
        }
        for name in NO_NAMES {
            let text = format!("x fact/{name} y");
            assert_eq!(link_facts(&text), text);
        }
    }

    #[test]
    fn only_facts_are_sources() {
        assert!(is_fact_id("fact/update-replaces"));
        for text in ["guide", "question/total", "Fact/scope", "fact/scope, fact/keys"] {
            assert!(!is_fact_id(text), "{text}");
        }
        assert!(NO_NAMES.iter().all(|name| !is_fact_id(&format!("fact/{name}"))));
    }
}
