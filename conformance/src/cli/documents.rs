//! Documents made from the code, which the repository keeps: `cargo xtask docs` asks for them by name.

use std::fmt::Write;

use crate::{
    observations::{self, Observation},
    properties::{
        property::{Level, Property},
        registry::{self, GROUPS, Group},
    },
    report::schema,
};

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
        "Every rule that the conformance suite judges a target by: {} in all, {} of level `must` (documented, or observed \
         on the live API), {} `should` (the official SDKs rely on it, or any sane server does it) and {} `info` (assumed; \
         fails a run only with `--strict`). Ids are permanent; `--only` takes one, a path above several, or one of these \
         groups:\n\n| group | promise | properties |\n|---|---|---|\n",
        all.len(),
        of(Level::Must),
        of(Level::Should),
        of(Level::Info)
    );
    // Writing to a text cannot fail.
    for Group { name, sentence, properties } in GROUPS {
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
                source.replace('|', "\\|")
            );
        }
    }
    text += "\n## Observations\n\nWhat no public document settles: a run reports what the target answered and how often, with one \
             exchange as evidence: for the rate limit the one that was let through in the end. It fails no run. `smoke` answers what its \
             requests show anyway; `standard` and `deep` ask all of these, the rate limit aside, which they only meet.\n\n\
             | id | question |\n|---|---|\n";
    for Observation { id, question, .. } in observations::ALL {
        let _ = writeln!(text, "| `{id}` | {question} |");
    }
    text
}

fn resource(property: &Property) -> &'static str {
    property.id.split('/').next().unwrap_or_default()
}
