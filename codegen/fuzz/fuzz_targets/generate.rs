//! Any bytes: as the text of a document, or as the decisions by which one is made out of fragments.

#![no_main]

#[path = "../../tests/fuzz/grammar.rs"]
mod grammar;

use std::panic;
use std::sync::Once;

use descope_mcp_codegen::{CrateOptions, generate, generate_crate};
use libfuzzer_sys::fuzz_target;

static QUIET: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    // libFuzzer's hook ends the process at any panic; those of the generator underneath are contained, and reported as
    // findings. One that is not contained unwinds to libFuzzer and ends the process there.
    QUIET.call_once(|| panic::set_hook(Box::new(|_| {})));
    let Some((how, rest)) = data.split_first() else { return };
    let text = if how & 1 == 0 {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        grammar::document(&mut grammar::Bytes(rest))
    };
    if how & 2 == 0 {
        let _ = generate(&text, "fuzz.yaml");
    } else {
        let _ = generate_crate(&text, "fuzz.yaml", &CrateOptions::new("fuzz"));
    }
});
