//! A crate that has nothing but the client compiles, and how many crates it gets with it.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/cargo.rs"]
mod cargo;
#[path = "support/own_crate.rs"]
mod own_crate;

use own_crate::{OwnCrate, crates_of};

/// Most crates that a user of the client may have to build. More is a decision, not an accident: raise it with a
/// reason.
const MAX_CRATES: usize = 150;

#[test]
fn a_crate_with_the_client_as_its_only_dependency_compiles_without_warnings() {
    let manifest = r#"
[package]
name = "downstream"
version = "0.1.0"
edition = "2024"
publish = false

[dependencies]
descope-mcp-management = { {client} }

[workspace]
"#;
    let downstream = OwnCrate::new(manifest, ("lib.rs", include_str!("downstream/lib.rs")));
    downstream.succeeds(&mut cargo::cargo("build"));

    let tree = downstream.succeeds(cargo::cargo("tree").args([
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]));
    let crates = crates_of(&tree);
    println!(
        "a crate with the client as its only dependency builds {} crates, itself included",
        crates.len()
    );
    assert!(crates.iter().any(|name| name.starts_with("descope-mcp-management ")));
    assert!(
        !crates.iter().any(|name| name.starts_with("descope-mcp-operations ")),
        "typed calls do without the table of operations"
    );
    assert!(crates.len() <= MAX_CRATES, "{} crates: {crates:#?}", crates.len());
}
