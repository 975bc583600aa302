//! The part of `docs/mutants.md` about the matrix.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::outcome::{Outcomes, Row};

/// The columns, in order.
const GROUPS: [&str; 8] = [
    "request member",
    "response member",
    "identifier",
    "filter, sort",
    "pages",
    "management key",
    "effect",
    "grant",
];

/// How the part begins.
const BEGIN: &str = "## The matrix\n";
/// How the part after it begins, which `tests/mutants` writes.
pub const AFTER: &str = "\n## The list\n";

const HEAD: &str = "## The matrix

Made from the OpenAPI documents: every operation, every member of its request and response, and every kind of wrong
behaviour that the type of the member allows, such as *stored trimmed*, *missing in the response* or *looked up by a prefix
of the id*. Nobody chose them: `conformance/tests/matrix/generate.rs` makes them before anything is judged. Each is the
emulator behind one rewriting layer.

A mutant is **caught** if the run fails. It cannot be **told** from outside if the run of `deep` with the same seed has the
same exchanges as the emulator without a mutant, or as one of its variants, all of which are correct. A mutant that no
request makes do anything wrong counts as not caught, unless it is about a response that the emulator never gives although
the suite asks for it. `standard` is credited with what `smoke` catches.

`cargo xtask campaign mutants` measures all of them and writes `conformance/tests/matrix/outcomes.json`, from which this page
is written. `cargo test` repeats a tenth.
";

/// Puts the part into the page, whose other part takes long to measure.
pub fn put_into_docs(outcomes: &Outcomes) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/mutants.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(AFTER).unwrap();
    fs::write(path, format!("{before}{}{AFTER}{after}", write(outcomes))).unwrap();
}

/// The part of the page.
pub fn write(outcomes: &Outcomes) -> String {
    let mut page = String::from(HEAD);
    let all = outcomes.sum(|_| true);
    let told = all.tellable();
    let more = match outcomes.smoke_seeds {
        0 | 1 => String::new(),
        seeds => format!(" and {} with {seeds} seeds", share(all.smoke_in_all_seeds, told)),
    };
    writeln!(
        page,
        "\nOf {} mutants, {} were measured so far, and {told} of these can be told from outside. Of those, `smoke` catches {}\nwith \
         one seed{more}, `standard` catches {}, and `deep` {}.\n",
        all.mutants,
        all.mutants - all.unmeasured,
        share(all.smoke, told),
        share(all.standard, told),
        share(all.deep, told),
    )
    .unwrap();
    by_operation(&mut page, outcomes);
    by_kind(&mut page, outcomes);
    list(&mut page, "Gaps: wrong, visible, and not caught in `deep`", &outcomes.gaps);
    list(&mut page, "Gaps: no request makes them do anything wrong", &outcomes.unasked);
    list(&mut page, "Caught by `deep` or another seed only", &outcomes.deep_only);
    for (reason, names) in untellable(outcomes) {
        list(&mut page, &format!("Cannot be told: {reason}"), &names);
    }
    page
}

fn share(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "there are thousands at most")]
    let percent = if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 };
    format!("{part} ({percent:.1}%)")
}

fn by_operation(page: &mut String, outcomes: &Outcomes) {
    page.push_str("Caught by `standard`, of those that can be told:\n\n| operation |");
    for group in GROUPS {
        write!(page, " {group} |").unwrap();
    }
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(GROUPS.len()));
    page.push('\n');
    let mut operations: Vec<&str> = Vec::new();
    for row in &outcomes.rows {
        if !operations.contains(&row.operation.as_str()) {
            operations.push(&row.operation);
        }
    }
    for operation in operations {
        write!(page, "| {operation} |").unwrap();
        for group in GROUPS {
            let sum = outcomes.sum(|row| row.operation == operation && row.group == group);
            match sum.mutants {
                0 => page.push_str("  |"),
                mutants if mutants == sum.unmeasured => page.push_str(" – |"),
                _ => write!(page, " {}/{} |", sum.standard, sum.tellable()).unwrap(),
            }
        }
        page.push('\n');
    }
}

fn by_kind(page: &mut String, outcomes: &Outcomes) {
    page.push_str(
        "\n| kind | mutants | cannot be told | `smoke` | `smoke`, all seeds | `standard` | `deep` |\n",
    );
    page.push_str("|---|---|---|---|---|---|---|\n");
    let mut kinds: BTreeMap<(usize, &str), Row> = BTreeMap::new();
    for row in &outcomes.rows {
        let group = GROUPS.iter().position(|group| *group == row.group).unwrap_or(GROUPS.len());
        let key = (group, row.kind.as_str());
        kinds
            .entry(key)
            .or_insert_with(|| outcomes.sum(|other| other.group == row.group && other.kind == row.kind));
    }
    for ((group, kind), sum) in kinds {
        let Row { mutants, untellable, smoke, smoke_in_all_seeds, standard, deep, .. } = sum;
        let group = GROUPS.get(group).unwrap_or(&"");
        writeln!(
            page,
            "| {group}: {kind} | {mutants} | {untellable} | {smoke} | {smoke_in_all_seeds} | {standard} | {deep} |"
        )
        .unwrap();
    }
}

fn untellable(outcomes: &Outcomes) -> BTreeMap<&str, Vec<String>> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, reason) in &outcomes.untellable {
        reasons.entry(reason).or_default().push(name.clone());
    }
    reasons
}

/// Names, folded so that a long list stays out of the way: one line for each operation and kind.
fn list(page: &mut String, title: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let mut folded: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for name in names {
        let (place, kind) = name.split_once(": ").unwrap_or((name, ""));
        let (operation, pointer) = place.split_once(' ').unwrap_or((place, ""));
        folded.entry((operation, kind)).or_default().push(pointer);
    }
    writeln!(page, "\n<details><summary>{title} ({})</summary>\n", names.len()).unwrap();
    for ((operation, kind), pointers) in folded {
        let pointers: Vec<_> =
            pointers.into_iter().filter(|pointer| !pointer.is_empty()).map(|p| format!("`{p}`")).collect();
        let pointers = if pointers.is_empty() { String::new() } else { format!(": {}", pointers.join(", ")) };
        writeln!(page, "- {operation}, {kind}{pointers}").unwrap();
    }
    page.push_str("\n</details>\n");
}
