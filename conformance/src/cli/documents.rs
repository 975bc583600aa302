//! Documents that are made from the code and kept in the repository. `cargo xtask docs` asks for them by name.

use std::fmt::Write;

use descope_mcp_openapi::link_facts;

use crate::observations::{self, Observation};
use crate::properties::property::{Level, Property};
use crate::properties::registry::{self, GROUPS, Group};
use crate::report::schema;

/// A document by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Document {
    /// `docs/properties.md`.
    Properties,
    /// `conformance/report.schema.json`.
    ReportSchema,
}

impl Document {
    /// Its text.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Properties => properties(),
            Self::ReportSchema => schema::text(),
        }
    }
}

fn properties() -> String {
    let all: Vec<_> = registry::all().collect();
    let mut text = String::from(
        "<!-- Written by `cargo xtask docs` from conformance/src/properties/; do not edit. -->\n\n# Properties\n\n",
    );
    let of = |level| all.iter().filter(|property| property.level == level).count();
    text += &format!(
        "Every rule that the conformance suite judges a target by: {} properties. {} have the level `must` (documented, \
         required by a standard, or observed on the live API), {} have `should` (the official SDKs rely on the rule, or any \
         reasonable server follows it), and {} have `info` (assumed; fails a run only with `--strict`). Sources are rows of \
         [facts.md](facts.md). Ids are permanent. `--only` takes an id, a path that several ids begin with, or one of these \
         groups:\n\n| group | rule | properties |\n|---|---|---|\n",
        all.len(),
        of(Level::Must),
        of(Level::Should),
        of(Level::Info)
    );
    // Writing to a text cannot fail.
    for Group { name, sentence, properties, proof: _ } in GROUPS {
        let _ = writeln!(text, "| `{name}` | {sentence} | `{}` |", properties.join("`, `"));
    }
    let mut resources: Vec<&str> = Vec::new();
    for property in &all {
        let resource = resource(property);
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    for wanted in resources {
        text += &format!("\n## {wanted}\n\n| id | level | rule | source | needs |\n|---|---|---|---|---|\n");
        for property in all.iter().filter(|property| resource(property) == wanted) {
            let Property { id, level, sentence, source, needs, .. } = property;
            let needs = needs.map(|capability| capability.to_string()).unwrap_or_default();
            let _ = writeln!(
                text,
                "| `{id}` | {level} | {} | {} | {needs} |",
                sentence.replace('|', "\\|"),
                link_facts(source)
            );
        }
    }
    text += "\n## Observations\n\nQuestions that no public document settles. A run reports the answers of the target, and how often each \
             occurred, with one exchange as evidence. For the rate limit, that exchange is the one that the target accepted in the \
             end. An observation never fails a run. `smoke` answers the questions that its requests show anyway. `standard` and \
             `deep` ask all of these questions except the one about the rate limit, which they do not exceed on purpose.\n\n\
             | id | question | row in facts.md |\n|---|---|---|\n";
    for Observation { id, question_id, question, .. } in observations::ALL {
        let _ = writeln!(text, "| `{id}` | {question} | {} |", link_facts(question_id));
    }
    text
}

fn resource(property: &Property) -> &'static str {
    property.id.split('/').next().unwrap_or_default()
}
