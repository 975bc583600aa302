//! The page about mutants: what each does wrong, which properties catch it, and after how many requests.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;

use crate::outcome::Outcomes;
use crate::page as matrix_page;
use crate::stored::{self, Row};

const HEAD: &str = "<!-- Written by `cargo xtask docs`; do not edit. -->

# Mutants

Wrong behaviours of the emulator that the conformance suite must catch: a matrix that is made from the OpenAPI documents, and
a list that is written by hand.
";

const LIST: &str = "
Each is the emulator with one wrong behaviour. The suite must catch every one of them in the profile `standard`, and
nine of ten in `smoke`. The properties are those of one seed. A dash means that it was not caught. `cargo test` repeats
`smoke` for all, and `standard` for a third of them.
";

/// Whether the page says what is stored.
pub fn is_up_to_date() -> Result<(), Failed> {
    if fs::read_to_string(path()).unwrap_or_default() == page(&stored::rows()) {
        return Ok(());
    }
    Err("docs/mutants.md is out of date; run cargo xtask docs".into())
}

/// Writes the page.
pub fn write(rows: &[Row]) -> Result<(), Failed> {
    Ok(fs::write(path(), page(rows))?)
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/mutants.md")
}

fn page(rows: &[Row]) -> String {
    let smoke = rows.iter().filter(|row| row.smoke.is_some()).count();
    let standard = rows.iter().filter(|row| row.standard.is_some()).count();
    let mut page = format!("{HEAD}\n{}{}{LIST}", matrix_page::write(&Outcomes::stored()), matrix_page::AFTER);
    let all = rows.len();
    writeln!(page, "\nOf {all} mutants, `smoke` catches {smoke} and `standard` {standard}.\n").unwrap();
    page.push_str("| mutant | caught by | requests in `smoke` | in `standard` |\n|---|---|---|---|\n");
    let shown = |requests: Option<u64>| requests.map_or("–".to_owned(), |requests| requests.to_string());
    for Row { name, broken, smoke, standard } in rows {
        let properties: Vec<_> = broken.iter().map(|id| format!("`{id}`")).collect();
        let (smoke, standard) = (shown(*smoke), shown(*standard));
        let (name, properties) = (name.replace('_', " "), properties.join("<br>"));
        writeln!(page, "| {name} | {properties} | {smoke} | {standard} |").unwrap();
    }
    page
}
