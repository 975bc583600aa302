//! Malformed, oversized, mistyped, truncated and mis-encoded requests for every route of the real program: no answer of
//! 500 or above, no panic, no hang, memory that stays bounded, and good requests served all the while.
//!
//! `cargo test` sends few, always the same. `cargo xtask campaign fuzz` sends 100,000 from a seed that it prints;
//! `EMULATOR_FUZZ_REQUESTS` and `EMULATOR_FUZZ_SEED` set both.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it does when asked with --nocapture"
)]

mod corpus;
mod dice;
mod mutate;
mod wire;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use corpus::{Named, managed, requests};
use descope_mcp_openapi::Document;
use dice::Dice;
use serde_json::{Value, json};
use wire::{Line, Outcome};

const WORKERS: u64 = 4;
/// Bad requests of a worker between two looks at whether good ones are served.
const BETWEEN_LOOKS: u64 = 250;
/// What the program may hold at most, at any time. A tenth of the requests ask for records of up to 256 KiB.
const MAX_MEMORY_KIB: u64 = 400 * 1024;

struct Emulator {
    process: Child,
    address: SocketAddr,
    log: Option<std::thread::JoinHandle<String>>,
    project: String,
    key: String,
}

impl Emulator {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_descope-mcp-emulator"))
            // With a control listener, so that what watches exchanges meets them too.
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .env_remove("DESCOPE_MANAGEMENT_KEY")
            .env("DESCOPE_EMULATOR_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut next = || lines.next().unwrap().unwrap().split_once('=').unwrap().1.to_owned();
        let (base_url, project, key) = (next(), next(), next());
        let mut stderr = process.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            let _ = stderr.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        let address = base_url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { process, address, log: Some(log), project, key }
    }

    /// Sends a good management request, which has to be served.
    fn ask(&self, path: &str, body: &Value) -> Value {
        let named = self.named(String::new(), &json!({}));
        let request = mutate::wire(&managed(&named, path, body));
        match Line::default().send(self.address, &request, true) {
            Outcome::Answered(200, body) => serde_json::from_slice(&body).unwrap(),
            outcome => panic!("a good request for {path} got {outcome:?}"),
        }
    }

    fn named(&self, server: String, client: &Value) -> Named {
        let text = |member: &str| client[member].as_str().unwrap_or_default().to_owned();
        Named {
            host: self.address.to_string(),
            project: self.project.clone(),
            key: self.key.clone(),
            server,
            client: text("id"),
            client_id: text("clientId"),
            secret: text("cleartext"),
        }
    }

    /// Makes a server with a client.
    fn furnish(&self) -> Named {
        let server = json!({
            "name": "fuzzed", "approvedScopes": {"permissionsScopes": [{"name": "read"}]}, "skipConsentScreen": true,
            "audienceWhitelist": ["https://mcp.example/mcp"],
        });
        let server =
            self.ask("/v1/mgmt/mcp/server/create", &server)["server"]["id"].as_str().unwrap().to_owned();
        let client = json!({
            "name": "fuzzed", "mcpServerId": server, "scopes": ["read"],
            "approvedCallbackUrls": ["https://app.example/cb"],
        });
        let client = self.ask("/v1/mgmt/mcp/server/client/create", &client);
        self.named(server, &client)
    }

    /// Good requests about a record that no bad one names.
    fn look(&self, untouched: &Named) {
        let loaded = self.ask("/v1/mgmt/mcp/server/load", &json!({"id": untouched.server}));
        assert_eq!(loaded["server"]["name"], "fuzzed");
        let secret = json!({"id": untouched.client, "mcpServerId": untouched.server});
        let secret = self.ask("/v1/mgmt/mcp/server/client/secret", &secret);
        assert_eq!(secret["cleartext"], json!(untouched.secret));
        let token = json!({
            "grant_type": "client_credentials", "client_id": untouched.client_id, "client_secret": untouched.secret,
        });
        let path = format!("/oauth2/v1/apps/agentic/{}/{}/token", untouched.project, untouched.server);
        assert!(self.ask(&path, &token)["access_token"].is_string());
    }

    /// Deletes what bad requests that were not bad enough made.
    fn tidy(&self, kept: &[&Named]) {
        let servers = self.ask("/v1/mgmt/mcp/servers/all", &json!({}))["servers"].take();
        let ids = servers.as_array().unwrap().iter().map(|server| server["id"].as_str().unwrap());
        let ids: Vec<_> = ids.filter(|id| kept.iter().all(|kept| kept.server != *id)).collect();
        if !ids.is_empty() {
            self.ask("/v1/mgmt/mcp/servers/delete", &json!({ "ids": ids }));
        }
        for named in kept {
            loop {
                let search = json!({"mcpServerId": named.server, "limit": 1000});
                let found = self.ask("/v1/mgmt/mcp/server/clients/search", &search);
                let ids =
                    found["clients"].as_array().unwrap().iter().map(|client| client["id"].as_str().unwrap());
                let ids: Vec<_> = ids.filter(|id| *id != named.client).collect();
                if ids.is_empty() {
                    break;
                }
                self.ask(
                    "/v1/mgmt/mcp/server/clients/delete",
                    &json!({"ids": ids, "mcpServerId": named.server}),
                );
            }
        }
    }

    /// The most memory that the program ever held, where the system tells.
    fn peak_memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// Stops it as an operator would, and gives what it logged.
    fn stop(mut self) -> String {
        let kill = format!("kill -TERM {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        };
        let log = self.log.take().unwrap().join().unwrap();
        assert!(status.success(), "{status}: {log}");
        log
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, not {text:?}")),
        Err(_) => default,
    }
}

#[test]
fn no_request_brings_it_down() {
    let (count, seed) = (setting("EMULATOR_FUZZ_REQUESTS", 4_000), setting("EMULATOR_FUZZ_SEED", 1));
    eprintln!("{count} bad requests, EMULATOR_FUZZ_SEED={seed}");
    let emulator = Emulator::start();
    let (fuzzed, untouched) = (emulator.furnish(), emulator.furnish());
    let corpus = requests(&fuzzed);
    let started = Instant::now();
    let statuses = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let (emulator, corpus, fuzzed, untouched) = (&emulator, &corpus, &fuzzed, &untouched);
                scope.spawn(move || {
                    let mut statuses = BTreeMap::<String, u64>::new();
                    let mut line = Line::default();
                    for number in (worker..count).step_by(WORKERS as usize) {
                        // Of the number alone, so that one request can be made again.
                        let mut dice =
                            Dice::new(seed.wrapping_mul(0x0100_0000_01b3) ^ number.wrapping_mul(0x9e37_79b9));
                        let good = dice.pick(corpus);
                        let bad = mutate::bad(&mut dice, good);
                        let outcome = line.send(emulator.address, &bad.bytes, bad.framed);
                        let fine = match &outcome {
                            Outcome::Answered(status, _) => *status < 500,
                            Outcome::Closed => true,
                            Outcome::Silent => false,
                        };
                        let shown = || bad.bytes[..bad.bytes.len().min(4_000)].escape_ascii().to_string();
                        assert!(
                            fine,
                            "EMULATOR_FUZZ_SEED={seed}, request {number} got {outcome:?}:\n{}",
                            shown()
                        );
                        *statuses.entry(outcome.name()).or_default() += 1;
                        if number / WORKERS % BETWEEN_LOOKS == BETWEEN_LOOKS - 1 {
                            emulator.look(untouched);
                            if worker == 0 {
                                emulator.tidy(&[fuzzed, untouched]);
                            }
                        }
                    }
                    statuses
                })
            })
            .collect();
        let mut all = BTreeMap::<String, u64>::new();
        for worker in workers {
            for (name, count) in worker.join().unwrap() {
                *all.entry(name).or_default() += count;
            }
        }
        all
    });
    emulator.look(&untouched);
    let peak = emulator.peak_memory_kib();
    let log = emulator.stop();
    eprintln!("{:?}, {:.1} s, peak memory {peak:?} KiB", statuses, started.elapsed().as_secs_f64());
    assert!(!log.contains("panicked") && !log.contains("ERROR"), "EMULATOR_FUZZ_SEED={seed}: {log}");
    assert!(peak.is_none_or(|peak| peak < MAX_MEMORY_KIB), "EMULATOR_FUZZ_SEED={seed}: {peak:?} KiB");
    // Noise that never gets past the parser would prove little.
    let share = |name: &str| statuses.get(name).copied().unwrap_or_default() * 100 / count.max(1);
    assert!(share("200") >= 2 && share("400") >= 20 && share("404") >= 2, "{statuses:?}");
}

#[test]
fn the_corpus_has_every_operation_of_the_documents() {
    let named = Named {
        host: String::from("127.0.0.1"),
        project: String::from("{project}"),
        key: String::from("K2"),
        server: String::from("{server}"),
        client: String::new(),
        client_id: String::new(),
        secret: String::new(),
    };
    let corpus = requests(&named);
    // Documents differ in what they call the parts of a path.
    let unnamed = |path: &str| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let held = |method: &str, path: &str| {
        corpus.iter().any(|request| {
            let target = request.target.split('?').next().unwrap_or_default();
            request.method == method && unnamed(target) == unnamed(path)
        })
    };
    for document in [Document::management(), Document::authorization_server()] {
        for operation in document.operations() {
            assert!(held(&operation.method, &operation.path), "{} {}", operation.method, operation.path);
        }
    }
}
