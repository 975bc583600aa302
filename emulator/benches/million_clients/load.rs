//! Fills a data directory with clients, ten thousand to a transaction.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use descope_mcp_emulator::{Config, DataDirectory, Seed, app};
use serde_json::{Value, json};

use crate::process::{Dice, Process};

pub(crate) const SERVER: &str = "MSbench";
pub(crate) const COLOURS: [&str; 8] = ["red", "blue", "green", "black", "white", "amber", "violet", "grey"];
pub(crate) const ANIMALS: [&str; 8] = ["otter", "fox", "heron", "badger", "lynx", "raven", "trout", "wasp"];
const PROJECT: &str = "Pbench";
const AT_ONCE: usize = 10_000;

/// The directory with so many clients, made if it is not there.
pub(crate) fn directory(clients: usize) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{clients}-clients"));
    let done = place.join("loaded");
    if done.exists() {
        return place;
    }
    let _ = std::fs::remove_dir_all(&place);
    let started = Instant::now();
    for first in (0..clients).step_by(AT_ONCE) {
        let clients: Vec<_> = (first..clients.min(first + AT_ONCE)).map(client).collect();
        let seed = json!({"projects": [{"id": PROJECT, "managementKey": "K2bench", "servers": [
            {"id": SERVER, "name": "a server with many clients", "clients": clients}]}]});
        let mut config = Config::new("http://127.0.0.1:1".parse().unwrap(), Vec::new());
        config.data = Some(DataDirectory::open(&place).unwrap());
        config.seed = Some(Seed::parse(&seed.to_string()).unwrap());
        drop(app(config).unwrap());
    }
    until_kept_up(&place);
    println!("loaded {clients} clients in {:.0} s", started.elapsed().as_secs_f64());
    std::fs::write(done, "").unwrap();
    place
}

/// Waits until the emulator has done all that it does while nothing is written.
fn until_kept_up(place: &Path) {
    let emulator = Process::on(place);
    let log = place.join("emulator.sqlite-wal");
    let written = || std::fs::metadata(&log).unwrap().modified().unwrap();
    let mut before = written();
    loop {
        thread::sleep(Duration::from_secs(1));
        let now = written();
        if now == before {
            return emulator.stop();
        }
        before = now;
    }
}

fn client(n: usize) -> Value {
    let types = ["manual", "manual", "manual", "dcr", "cimd"];
    json!({
        "id": format!("TPA{}", random(n, 27)),
        "clientId": client_id(n),
        "name": format!("{} {} client {n:07}", COLOURS[n % 8], ANIMALS[n / 8 % 8]),
        "status": if n % 10 == 3 { "verified" } else { "active" },
        "registrationType": types[n % 5],
        "tags": ["agent", format!("team-{}", n % 1000)],
        "scopes": ["orders:read", "orders:write"],
        "approvedCallbackUrls": ["https://client.example.com/callback"],
    })
}

/// As long as real ones, and with as long a beginning in common.
pub(crate) fn client_id(n: usize) -> String {
    format!("UDJ0N0NvdjFJTERhYkN1QnJhRmhWbEZzUmwyUDpUUEE{}=", random(n + (1 << 40), 36))
}

fn random(n: usize, length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut dice = Dice(n as u64);
    (0..length).map(|_| char::from(LETTERS[dice.below(LETTERS.len())])).collect()
}
