//! Documents that mean harm, or were written carelessly: each is refused with all of its problems, or gives code that
//! compiles, soon.
//!
//! `hostile/expected.txt` says which. `cargo xtask docs` writes it anew;
//! read what changed before you commit it.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/scratch.rs"]
mod scratch;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs};

use descope_mcp_codegen::limits::{MAX_BYTES, MAX_DEPTH};
use descope_mcp_codegen::{CrateOptions, GeneratedFile, generate, generate_crate};

/// What no document may take longer than, in an unoptimized build on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// Name and text of every document of the corpus.
fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|kind| kind == "yaml")).collect();
    files.sort();
    let name = |file: &Path| file.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| (name(file), fs::read_to_string(file).unwrap())).collect()
}

/// The files of a document as one of ours (`own`) or as one of somebody else's (`any`), and what is to be told.
fn outcome(name: &str, text: &str, own: bool) -> (Option<Vec<GeneratedFile>>, String) {
    let file = format!("{name}.yaml");
    let made = if own {
        generate(text, &file).map(|files| (files, Vec::new()))
    } else {
        generate_crate(text, &file, &CrateOptions::new("hostile")).map(|made| {
            let left_out = made.left_out.clone();
            (scratch::module_of(made), left_out)
        })
    };
    let mut told = String::new();
    match made {
        Ok((files, left_out)) => {
            told += "  compiles\n";
            for one in left_out {
                let finding = one.finding;
                writeln!(
                    told,
                    "  without {} {}: {}: {}",
                    one.method, one.path, finding.pointer, finding.message
                )
                .unwrap();
            }
            (Some(files), told)
        }
        Err(errors) => {
            for finding in errors.findings() {
                let place = (finding.line.unwrap_or(0), finding.column.unwrap_or(0));
                writeln!(told, "  {}:{} {}: {}", place.0, place.1, finding.pointer, finding.message).unwrap();
                assert!(!finding.cure.is_empty(), "{finding}");
            }
            (None, told)
        }
    }
}

#[test]
fn every_hostile_document_is_refused_with_all_its_problems_or_accepted_as_written_down() {
    let mut found = String::new();
    for (name, text) in corpus() {
        for own in [true, false] {
            let begin = Instant::now();
            let (_, told) = outcome(&name, &text, own);
            assert!(begin.elapsed() < SOON, "{name} takes {:?}", begin.elapsed());
            let dialect = if own { "own" } else { "any" };
            writeln!(found, "{name}, {dialect}:\n{told}").unwrap();
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/expected.txt");
    if env::var_os("HOSTILE_WRITE").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let differs = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
    let differs = differs.map(|line| (line + 1, found.lines().nth(line), expected.lines().nth(line)));
    assert!(found == expected, "expected.txt does not fit (line, found, expected): {differs:?}");
}

#[test]
fn every_accepted_hostile_document_gives_code_that_compiles() {
    let mut accepted = Vec::new();
    for (name, text) in corpus() {
        for (own, prefix) in [(true, "own"), (false, "any")] {
            let made = outcome(&name, &text, own).0;
            accepted.extend(made.map(|made| (format!("{prefix}_{name}"), made)));
        }
    }
    assert!(accepted.len() >= 15, "only {} documents are accepted", accepted.len());
    scratch::check_together("hostile-documents", accepted).unwrap_or_else(|said| panic!("{said}"));
}

/// A document with these schemas, and one operation that answers with the one called S0.
fn with_schemas(schemas: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: Large, version: '1'}}\npaths:\n  /a:\n    get:\n      operationId: A\n      \
         responses: {{'200': {{description: Done., content: {{application/json: {{schema: {{$ref: \
         '#/components/schemas/S0'}}}}}}}}}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

fn schemas(count: usize, schema: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |text, number| text + &format!("    S{number}: {}\n", schema(number)))
}

fn reference(number: usize) -> String {
    format!("{{$ref: '#/components/schemas/S{number}'}}")
}

/// The first finding of a document that must be refused soon, in both dialects.
fn refused_soon(text: &str, expected: &str) {
    for own in [true, false] {
        let begin = Instant::now();
        let (files, told) = outcome("large", text, own);
        assert!(begin.elapsed() < SOON, "took {:?}", begin.elapsed());
        assert!(files.is_none(), "accepted as own: {own}");
        let first: String = told.chars().take(300).collect();
        assert!(told.contains(expected), "own: {own}: no {expected:?} in {first}");
    }
}

/// Told or accepted, but soon: what the two dialects think of it.
fn decided_soon(text: &str) -> [bool; 2] {
    [true, false].map(|own| {
        let begin = Instant::now();
        let accepted = outcome("large", text, own).0.is_some();
        assert!(begin.elapsed() < SOON, "own: {own}: took {:?}", begin.elapsed());
        accepted
    })
}

#[test]
fn documents_beyond_the_limits_are_refused_before_they_do_harm() {
    refused_soon(&format!("openapi: 3.0.3\n# {}\n", "x".repeat(MAX_BYTES)), "at most");
    for (open, close) in [("[", "]"), ("{\"a\": ", "}")] {
        let deep = format!("{}1{}", open.repeat(MAX_DEPTH + 10), close.repeat(MAX_DEPTH + 10));
        refused_soon(&deep, "nested deeper than");
        refused_soon(&open.repeat(200_000), "");
    }
    let block: String = (0..MAX_DEPTH + 10).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    refused_soon(&block, "nested deeper than");
    refused_soon(&format!("x: [{}1]\n", "1, ".repeat(1_100_000)), "elements");
}

#[test]
fn compositions_that_multiply_are_refused() {
    // Each level is there twice: 2^30 records.
    let doubled = schemas(30, |number| {
        if number == 29 {
            "{type: object, properties: {a: {type: string}}}".to_owned()
        } else {
            let next = reference(number + 1);
            format!("{{allOf: [{next}, {next}]}}")
        }
    });
    assert_eq!(decided_soon(&with_schemas(&doubled)), [false, true]);
    let chain = schemas(2_000, |number| match number {
        1_999 => "{type: object, properties: {a: {type: string}}}".to_owned(),
        _ => format!("{{allOf: [{}], description: d}}", reference(number + 1)),
    });
    refused_soon(&with_schemas(&chain), "stand for one another");
    // Alternatives of alternatives.
    let alternatives = schemas(12, |number| {
        let next = if number == 11 { "{type: string}".to_owned() } else { reference(number + 1) };
        format!(
            "{{oneOf: [{next}, {{type: array, items: {next}}}, {{type: object, properties: {{a: {next}}}}}]}}"
        )
    });
    decided_soon(&with_schemas(&alternatives));
}

#[test]
fn large_documents_are_decided_soon() {
    let members = |number: usize| {
        format!("{{type: object, properties: {{a: {{type: string}}, next: {}}}}}", reference(number))
    };
    // A ring of records that hold each other.
    assert_eq!(
        decided_soon(&with_schemas(&schemas(600, |number| members((number + 1) % 600)))),
        [true, true]
    );
    // As many problems as references.
    let dangling = schemas(3_000, |_| members(999_999));
    refused_soon(&with_schemas(&dangling), "leads nowhere");
    // Contained one by one: the generator panics on each of them.
    let odd = schemas(60, |_| "{properties: {a: {type: string}}, items: {type: string}}".to_owned());
    decided_soon(&with_schemas(&odd));
    let operations: String = (0..400)
        .map(|number| format!("  /p{number}: {{get: {{operationId: O{number}, responses: {{'204': {{description: d}}}}}}}}\n"))
        .collect();
    let text = format!("openapi: 3.0.3\ninfo: {{title: Large, version: '1'}}\npaths:\n{operations}");
    assert_eq!(decided_soon(&text), [true, true]);
}
