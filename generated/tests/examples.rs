//! The examples do on the emulator what they say, and never show a secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/cargo.rs"]
mod cargo;
#[path = "support/emulator.rs"]
mod emulator;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use descope_mcp_management::{
    ApprovedScopes, CategorizedScopes, CimdDomainPolicies, CimdDomainPolicy, CimdSettings,
    DynamicRegistration, ManagementClient, NewMcpServer, NewMcpServerClient, Scope,
};
use emulator::Emulator;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// An emulator, and a runtime to call it from.
struct Setup {
    emulator: Emulator,
    runtime: Runtime,
}

impl Setup {
    fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { emulator: Emulator::start(), runtime }
    }

    fn client(&self) -> ManagementClient {
        self.emulator.client()
    }

    /// Runs an example; answers with its exit code, standard output and standard error.
    fn run(&self, example: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } = Command::new(cargo::example(example))
            .args(arguments)
            .env("DESCOPE_BASE_URL", &self.emulator.url)
            .env("DESCOPE_PROJECT_ID", &self.emulator.project)
            .env("DESCOPE_MANAGEMENT_KEY", &self.emulator.key)
            .output()
            .unwrap();
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert!(!stdout.contains(&self.emulator.key) && !stderr.contains(&self.emulator.key));
        (status.code(), stdout, stderr)
    }
}

/// A file that is not there, in a folder that goes away.
fn new_file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets.jsonl");
    (folder, file)
}

/// What is in a file of secrets, which only its owner can read.
fn secrets(file: &PathBuf) -> Vec<Value> {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn assert_silent(secrets: &[Value], texts: &[&str]) {
    assert!(!secrets.is_empty());
    for secret in secrets {
        let secret = secret["secret"].as_str().unwrap();
        assert!(secret.len() > 20);
        assert!(texts.iter().all(|text| !text.contains(secret)));
    }
}

fn permissions(names: &[&str]) -> ApprovedScopes {
    let scopes = names.iter().map(|name| Scope::default().name(*name));
    CategorizedScopes::default().permissions_scopes(scopes).into()
}

#[test]
fn provision_makes_what_is_missing_once_and_repairs_it_later() {
    let emulator = Setup::start();
    let (_folder, file) = new_file();
    let (code, made, log) = emulator.run("provision", &[file.to_str().unwrap()]);
    assert_eq!((code, made.matches(" made: ").count()), (Some(0), 3), "{made}{log}");
    let kept = secrets(&file);
    assert_eq!(kept.len(), 2);
    assert_silent(&kept, &[&made, &log]);

    let (_folder, file) = new_file();
    let (code, unchanged, log) = emulator.run("provision", &[file.to_str().unwrap()]);
    assert_eq!((code, unchanged.matches(" unchanged: ").count()), (Some(0), 3), "{unchanged}{log}");
    assert!(!file.exists(), "no secret, no file");

    let client = emulator.client();
    emulator.runtime.block_on(async {
        let server = client.servers().load_all().await.unwrap().remove(0);
        client.servers().edit(&server.id, |server| server.approved_scopes = None).await.unwrap();
        let clients = client.clients(&server.id);
        for kept in &kept {
            let id = kept["id"].as_str().unwrap();
            assert_eq!(clients.secret(id).await.unwrap().expose(), kept["secret"]);
            clients.edit(id, |client| client.scopes = None).await.unwrap();
        }
    });
    let (code, changed, log) = emulator.run("provision", &[file.to_str().unwrap()]);
    assert_eq!((code, changed.matches(" changed: ").count()), (Some(0), 3), "{changed}{log}");
}

#[test]
fn rotate_all_gives_every_client_a_new_secret_and_keeps_each() {
    const CLIENTS: usize = 230;
    let emulator = Setup::start();
    let client = emulator.client();
    let (server, before) = emulator.runtime.block_on(async {
        let server = client.servers().create("orders").await.unwrap().id;
        let mut before = Vec::new();
        for number in 0..CLIENTS {
            before.push(client.clients(&server).create(&*format!("client {number}")).await.unwrap());
        }
        (server, before)
    });
    let (_folder, file) = new_file();
    let (code, output, log) = emulator.run("rotate_all", &[&server, file.to_str().unwrap()]);
    assert_eq!((code, output.as_str()), (Some(0), "230 rotated, 0 failed\n"), "{log}");
    let after = secrets(&file);
    assert_eq!(after.len(), CLIENTS);
    assert_silent(&after, &[&output, &log]);
    emulator.runtime.block_on(async {
        for old in &before {
            let new = after.iter().find(|new| new["id"] == old.id).unwrap();
            assert_ne!(old.cleartext.expose(), new["secret"]);
            assert_eq!(client.clients(&server).secret(&old.id).await.unwrap().expose(), new["secret"]);
        }
    });

    // A file that exists is not touched, and no secret is rotated that could not be kept.
    let (code, _, log) = emulator.run("rotate_all", &[&server, file.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(log.contains("name a new file"), "{log}");
    let kept = after.iter().find(|new| new["id"] == before[0].id).unwrap();
    let secret = emulator.runtime.block_on(client.clients(&server).secret(&before[0].id)).unwrap();
    assert_eq!(secret.expose(), kept["secret"]);
}

#[test]
fn audit_finds_each_kind_of_broad_scope_and_nothing_else() {
    let emulator = Setup::start();
    let client = emulator.client();
    let closed = DynamicRegistration::default().enabled(false);
    let (fine, broad, ids) = emulator.runtime.block_on(async {
        let fine = NewMcpServer::named("fine").dynamic_registration(closed.clone());
        let fine = fine.approved_scopes(permissions(&["a", "b", "c"]));
        let fine = client.servers().create(fine).await.unwrap().id;
        client.clients(&fine).create(NewMcpServerClient::named("n").scopes(["a", "b"])).await.unwrap();

        let policy = CimdDomainPolicy::default().domain_pattern("*").enabled(true);
        let policies = CimdDomainPolicies::default().policies([policy]);
        let broad = NewMcpServer::named("broad")
            .dynamic_registration(DynamicRegistration::default().enabled(true))
            .cimd_settings(CimdSettings::default().enabled(true).domain_policies(policies))
            .approved_scopes(permissions(&["a", "b:*", "c"]));
        let broad = client.servers().create(broad).await.unwrap().id;
        let mut ids = Vec::new();
        for scopes in [&["a", "b:*", "c"][..], &["a", "x"]] {
            let new = NewMcpServerClient::named(scopes.join(" ")).scopes(scopes.iter().copied());
            ids.push(client.clients(&broad).create(new).await.unwrap().id);
        }
        (fine, broad, ids)
    });
    let (code, output, log) = emulator.run("audit", &[]);
    assert_eq!((code, log.as_str()), (Some(1), "6 findings on 2 servers with 3 clients\n"), "{output}");
    let mut lines: Vec<_> = output.lines().map(str::to_owned).collect();
    lines.sort();
    let mut expected = vec![
        format!("everything\t{broad}\t{}\ta b:* c", ids[0]),
        format!("not-approved\t{broad}\t{}\tx", ids[1]),
        format!("open-door\t{broad}\t-\tcimdSettings"),
        format!("open-door\t{broad}\t-\tdynamicRegistration"),
        format!("wildcard\t{broad}\t-\tb:*"),
        format!("wildcard\t{broad}\t{}\tb:*", ids[0]),
    ];
    expected.sort();
    assert_eq!(lines, expected);

    emulator.runtime.block_on(client.servers().delete(&broad)).unwrap();
    let (code, output, log) = emulator.run("audit", &[]);
    assert_eq!((code, output.as_str()), (Some(0), ""), "{log} {fine}");
}

#[test]
fn without_settings_each_example_says_what_is_missing() {
    for (example, arguments) in [("provision", &["x"][..]), ("rotate_all", &["MS1", "x"]), ("audit", &[])] {
        let output = Command::new(cargo::example(example))
            .args(arguments)
            .env_remove("DESCOPE_PROJECT_ID")
            .output()
            .unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{example}");
        assert!(log.contains("DESCOPE_PROJECT_ID is not set"), "{example}: {log}");
    }
}
