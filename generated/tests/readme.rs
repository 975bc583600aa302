//! Every snippet of the page, pasted into a new crate, compiles, and does on the emulator what the page says.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/cargo.rs"]
mod cargo;
#[path = "support/emulator.rs"]
mod emulator;
#[path = "support/own_crate.rs"]
mod own_crate;

use std::fmt::Write;
use std::process::Command;

use emulator::Emulator;
use own_crate::OwnCrate;

const PAGE: &str = include_str!("../README.md");

const MANIFEST: &str = r#"
[package]
name = "newcomer"
version = "0.1.0"
edition = "2024"
publish = false

[dependencies]
descope-mcp-management = { {client}, features = ["testing", "untyped"] }
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt"] }

[workspace]
"#;

/// Calls what the snippets define, in the order of the page. Names are those of [`module`].
const MAIN: &str = r#"
#[tokio::main(flavor = "current_thread")]
async fn calls() -> Result<(), Box<dyn std::error::Error>> {
    use descope_mcp_management::{ManagementClient, ManagementKey, ProjectId};

    let made = provision_1::provision().await?;
    let client = ManagementClient::from_env()?;
    let server = client.servers().find_by_name("orders").await?.remove(0);
    let id = client.clients(&server.id).search().page(0).await?.items.remove(0).id;
    describe_2::describe(&client, &server.id).await?;
    describe_2::describe(&client, &server.id).await?;
    let clients = client.clients(&server.id);
    clients.edit(&id, |client| client.tags = Some(vec!["agent".to_owned()])).await?;
    let rotated = rotate_3::rotate(&client, &server.id).await?;
    assert_eq!(rotated.len(), 1);
    assert_ne!(rotated[0].1.expose(), made.expose());
    let again = rotate_surely_4::rotate_surely(&clients, &id).await?.expect("the client exists");
    assert_eq!(again.expose(), clients.secret(&id).await?.expose());
    assert_eq!(orders_5::orders(&client).await?, server.id);
    a_lost_answer_is_asked_for_again_6::a_lost_answer_is_asked_for_again().await;
    rotate_7::rotate(&client, &server.id, &id).await?;
    assert_ne!(again.expose(), clients.secret(&id).await?.expose());
    let quota = connect_8::connect(ProjectId::new("P1")?, ManagementKey::new("K1")?)?;
    assert_eq!(quota.base_url(), descope_mcp_management::DEFAULT_BASE_URL);
    // The files that it names are those of a company.
    assert!(connect_9::connect().is_err());
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    calls()?;
    main_10::main()
}
"#;

/// The snippets, each as a module that is called after its function and its number, as public as the calls need it.
fn modules() -> String {
    let mut modules = String::new();
    let snippets = PAGE.split("```rust").skip(1).map(|rest| rest.split("```").next().unwrap());
    for (number, snippet) in (1..).zip(snippets) {
        let (_, code) = snippet.split_once('\n').unwrap();
        let code = code.replace("#[tokio::test]\n", "").replace("\nasync fn ", "\npub async fn ");
        let code = code.replace("\nfn ", "\npub fn ");
        let (_, after) = code.split_once(" fn ").unwrap();
        let (name, _) = after.split_once('(').unwrap();
        write!(modules, "mod {name}_{number} {{\n{code}}}\n").unwrap();
    }
    modules
}

#[test]
fn every_snippet_of_the_page_compiles_in_a_new_crate_and_runs_on_the_emulator() {
    let newcomer = OwnCrate::new(MANIFEST, ("main.rs", &format!("{}{MAIN}", modules())));
    newcomer.succeeds(&mut cargo::cargo("build"));
    let emulator = Emulator::start();
    let output = Command::new(cargo::target().join("debug/newcomer"))
        .env("DESCOPE_BASE_URL", &emulator.url)
        .env("DESCOPE_PROJECT_ID", &emulator.project)
        .env("DESCOPE_MANAGEMENT_KEY", &emulator.key)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}{log}");
    let lines: Vec<_> = said.lines().collect();
    let [asks, changed, unchanged, warning, redacted, server] = lines[..] else { panic!("{said}") };
    assert!(asks.contains(" can ask for tokens as "), "{said}");
    assert_eq!((changed, unchanged), ("changed", "was so already"));
    assert!(warning.starts_with("this will replace the secret of "), "{said}");
    assert_eq!(redacted, r#"{"cleartext":"[redacted]"}"#);
    assert!(server.starts_with("MS"), "{said}");
}
