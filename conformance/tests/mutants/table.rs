//! The page about mutants: what each does wrong, which properties catch it, and after how many requests.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use libtest_mimic::Failed;

use crate::{mutants, outcome};

const HEAD: &str = "<!-- Written by `cargo xtask docs`; do not edit. -->

# Mutants

Each is the emulator with one wrong behaviour. The suite must catch every one of them in the profile `standard`, and
nine of ten in `smoke`. The properties are those of one seed. A dash means that it was not caught.
";

/// Whether the page says what the runs showed.
pub fn is_up_to_date() -> Result<(), Failed> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/mutants.md");
    let fresh = write_page();
    if std::env::var_os("MUTANTS_WRITE").is_some() {
        fs::create_dir_all(page.parent().unwrap())?;
        fs::write(page, fresh)?;
        return Ok(());
    }
    if fs::read_to_string(page).unwrap_or_default() == fresh {
        return Ok(());
    }
    let command = "cargo xtask docs";
    Err(format!("docs/mutants.md is out of date; run {command}").into())
}

fn write_page() -> String {
    let mutants = mutants();
    let outcomes: Vec<_> = mutants.iter().map(|mutant| (mutant.name, outcome(*mutant))).collect();
    let smoke = outcomes.iter().filter(|(_, outcome)| outcome.smoke.is_some()).count();
    let standard = outcomes.iter().filter(|(_, outcome)| outcome.standard.is_some()).count();
    let mut page = String::from(HEAD);
    let all = outcomes.len();
    writeln!(page, "\nOf {all} mutants, `smoke` catches {smoke} and `standard` {standard}.\n").unwrap();
    page.push_str("| mutant | caught by | requests in `smoke` | in `standard` |\n|---|---|---|---|\n");
    let shown = |requests: Option<u64>| requests.map_or("–".to_owned(), |requests| requests.to_string());
    for (name, outcome) in outcomes {
        let properties: Vec<_> = outcome.broken.keys().map(|id| format!("`{id}`")).collect();
        let (smoke, standard) = (shown(outcome.smoke), shown(outcome.standard));
        let (name, properties) = (name.replace('_', " "), properties.join("<br>"));
        writeln!(page, "| {name} | {properties} | {smoke} | {standard} |").unwrap();
    }
    page
}
