//! `--data`, `--seed-file` and `check`, with the real program.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests only, and these helpers are part of them"
)]

mod process;

use std::fs;
use std::process::Output;

use process::{Process, check, command};
use serde_json::json;

#[test]
fn a_restart_finds_project_key_records_and_signing_key_again() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let first = Process::on(&data);
    let mut connection = first.connect();
    let made = connection.must("/v1/mgmt/mcp/server/create", &json!({"name": "orders"}));
    let server = made["server"]["id"].clone();
    let client =
        connection.must("/v1/mgmt/mcp/server/client/create", &json!({"name": "c", "mcpServerId": server}));
    let jwks = format!("/{}/.well-known/jwks.json", first.project);
    let keys = connection.get(&jwks).unwrap();
    assert_eq!(keys.0, 200);
    let (project, key) = (first.project.clone(), first.key.clone());
    first.stop();

    let second = Process::on(&data);
    assert_eq!((&second.project, &second.key), (&project, &key));
    let mut connection = second.connect();
    assert_eq!(connection.get(&jwks).unwrap(), keys);
    let secret = connection
        .must("/v1/mgmt/mcp/server/client/secret", &json!({"id": client["id"], "mcpServerId": server}));
    assert_eq!(secret["cleartext"], client["cleartext"]);
    second.stop();
    assert_eq!(check(&data), (Some(0), String::new()));

    // A flag changes the key for good, and another project can be made beside the first.
    let path = data.to_str().unwrap();
    Process::start(&["--data", path, "--management-key", "K2changed"]).stop();
    let other = Process::start(&["--data", path, "--project-id", "Pother"]);
    assert_eq!(other.project, "Pother");
    let mut first_project = process::Connection::open(&other.address, &project, "K2changed");
    assert_eq!(first_project.must("/v1/mgmt/mcp/servers/all", &json!({}))["total"], 1);
    assert_eq!(other.connect().must("/v1/mgmt/mcp/servers/all", &json!({}))["total"], 0);
}

#[test]
fn two_processes_cannot_open_one_directory_and_a_killed_one_does_not_keep_it() {
    let place = tempfile::tempdir().unwrap();
    let mut holder = Process::on(place.path());
    let path = place.path().to_str().unwrap();
    for flags in [&["--listen", "127.0.0.1:0", "--data", path][..], &["check", "--data", path]] {
        let Output { status, stdout, stderr } = command().args(flags).output().unwrap();
        let log = String::from_utf8(stderr).unwrap();
        assert_eq!((status.code(), stdout.len(), log.lines().count()), (Some(4), 0, 1), "{log}");
        assert!(log.contains(&format!("process {}", holder.id())), "{log}");
    }
    holder.kill();
    Process::on(place.path()).stop();
}

#[test]
fn check_tells_sound_damaged_and_impossible_apart_by_its_exit_code() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (code, message) = check(&data);
    assert_eq!(code, Some(4), "{message}");
    assert!(!data.exists());
    let emulator = Process::on(&data);
    let mut connection = emulator.connect();
    for n in 0..50 {
        connection.must(
            "/v1/mgmt/mcp/server/create",
            &json!({"name": format!("server {n}"), "description": "x".repeat(2000)}),
        );
    }
    emulator.stop();
    assert_eq!(check(&data), (Some(0), String::new()));
    let file = data.join("emulator.sqlite");
    let mut bytes = fs::read(&file).unwrap();
    // The bodies of the servers.
    let body = b"{\"description\"";
    let places: Vec<_> = (0..bytes.len() - body.len()).filter(|&at| bytes[at..].starts_with(body)).collect();
    assert!(places.len() >= 50);
    for at in places {
        bytes[at] = b'}';
    }
    fs::write(&file, &bytes).unwrap();
    let (code, lines) = check(&data);
    assert_eq!(code, Some(5), "{lines}");
    assert!(lines.contains("server MS") && lines.contains("error: the data directory has"), "{lines}");
    let (code, _) = check(place.path());
    assert_eq!(code, Some(4));
    assert_eq!(command().arg("check").output().unwrap().status.code(), Some(64));
}

#[test]
fn a_seed_file_is_served_and_a_bad_one_is_one_line_with_a_pointer_and_an_exit_code_of_its_own() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/seed-example.json");
    let emulator = Process::start(&["--seed-file", example]);
    assert_eq!(emulator.project, "P2examples000000000000000000");
    assert_eq!(emulator.key, "K2example-management-key");
    let all = emulator.connect().must("/v1/mgmt/mcp/servers/all", &json!({}));
    assert_eq!(all["total"], 2);

    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("seed.json");
    fs::write(&file, r#"{"projects": [{"id": "P1", "managementKey": "K2 hunter2"}]}"#).unwrap();
    for path in [file.to_str().unwrap(), "/nowhere/seed.json"] {
        let Output { status, stderr, .. } =
            command().args(["--listen", "127.0.0.1:0", "--seed-file", path]).output().unwrap();
        let log = String::from_utf8(stderr).unwrap();
        assert_eq!((status.code(), log.lines().count()), (Some(64), 1), "{log}");
        assert!(log.contains(path) && !log.contains("hunter2"), "{log}");
    }
}
