//! A server with a million clients: how long searches take by each filter, on any page; how soon a process answers,
//! and how much memory it has.
//!
//! `cargo bench -p descope-mcp-emulator --bench million_clients`; `EMULATOR_BENCH_CLIENTS` sets another number. The
//! first run loads a data directory below the target directory, which takes minutes; later runs find it there.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and ends at the first thing that fails"
)]

#[path = "million_clients/load.rs"]
mod load;
#[path = "../tests/process/mod.rs"]
mod process;

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use process::{Connection, Dice, Process};
use serde_json::{Value, json};

const SEED: u64 = 4;
const SEARCHES: usize = 300;
/// What the project asks for.
const WANTED_P99: Duration = Duration::from_millis(20);
const WANTED_START: Duration = Duration::from_millis(100);
const WANTED_IDLE_KB: u64 = 40 * 1024;
const SEARCH: &str = "/v1/mgmt/mcp/server/clients/search";

fn main() -> ExitCode {
    let clients: usize =
        std::env::var("EMULATOR_BENCH_CLIENTS").map_or(1_000_000, |text| text.parse().expect("a number"));
    let mut missed = start_and_idle("an empty emulator", &[]);
    let data = load::directory(clients);
    missed += start_and_idle("with those clients", &["--data", data.to_str().unwrap()]);

    let emulator = Process::on(&data);
    let mut connection = emulator.connect();
    println!("\n{SEARCHES} searches each, seed {SEED}, one connection, 100 clients a page, ms");
    println!("{:<44}{:>9}{:>9}{:>9}{:>9}{:>10}", "", "first", "p50", "p99", "max", "matches");
    let mut dice = Dice(SEED);
    for (name, make) in kinds() {
        missed += measure(&mut connection, name, clients, &mut dice, make);
    }
    missed += while_writing(&emulator, &mut connection, clients, &mut dice);
    println!(
        "memory after all that: {} MB, and {} MB of the mapped file, which the system takes back when it likes",
        memory_kb(emulator.id(), "RssAnon") / 1024,
        memory_kb(emulator.id(), "RssFile") / 1024
    );
    if missed > 0 {
        println!("{missed} figures are not as wanted");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

type Make = fn(&mut Dice, usize) -> Value;

/// Each kind of search, with random terms; `page` is left out where the number of matches decides.
fn kinds() -> Vec<(&'static str, Make)> {
    fn deep(mut search: Value, dice: &mut Dice, matches: usize) -> Value {
        search["page"] = json!(dice.below((matches / 100).max(1)));
        search
    }
    vec![
        ("no filter, any page", |dice, all| deep(json!({}), dice, all)),
        ("no filter, newest first, any page", |dice, all| {
            deep(json!({"sort": [{"field": "createdTime", "desc": true}]}), dice, all)
        }),
        ("clientId", |dice, all| json!({"clientId": load::client_id(dice.below(all))})),
        ("status, 9 of 10 have it, any page", |dice, all| {
            deep(json!({"status": "active"}), dice, all / 10 * 9)
        }),
        ("registrationMethod, 1 of 5, any page", |dice, all| {
            deep(json!({"registrationMethod": "dcr"}), dice, all / 5)
        }),
        ("tag, all have it, any page", |dice, all| deep(json!({"tag": "agent"}), dice, all)),
        ("tag, 1 of 1000", |dice, _| json!({"tag": format!("team-{}", dice.below(1000))})),
        ("name, all match, any page", |dice, all| deep(json!({"name": "CLIENT"}), dice, all)),
        (
            "name, 1 of 64, 64 terms",
            |dice, _| json!({"name": format!("{} {}", load::COLOURS[dice.below(8)], load::ANIMALS[dice.below(8)])}),
        ),
        ("name, one matches", |dice, all| json!({"name": format!("{:07}", dice.below(all))})),
        ("text, all match, any page", |dice, all| deep(json!({"text": "agent"}), dice, all)),
        ("text, 1 of 8, 8 terms, any page", |dice, all| {
            deep(json!({"text": load::ANIMALS[dice.below(8)]}), dice, all / 8)
        }),
        ("text, a part of a client id", |dice, all| {
            let id = load::client_id(dice.below(all));
            json!({"text": id[50..62]})
        }),
        ("text, one of a tag's clients", |dice, _| json!({"text": format!("team-{:03}", dice.below(1000))})),
        ("text, two characters, any page", |dice, all| deep(json!({"text": "ox"}), dice, all / 8)),
        ("text, nothing matches", |dice, _| json!({"text": format!("zzz{}q", dice.below(1_000_000))})),
        ("text, tag and status, any page", |dice, all| {
            deep(json!({"text": "red", "tag": "agent", "status": "active"}), dice, all / 10)
        }),
        ("sorted by name, any page", |dice, all| deep(json!({"sort": [{"field": "name"}]}), dice, all)),
        ("a text, sorted by client id, any page", |dice, all| {
            deep(json!({"text": "blue", "sort": [{"field": "clientId", "desc": true}]}), dice, all / 8)
        }),
    ]
}

fn measure(connection: &mut Connection, name: &str, clients: usize, dice: &mut Dice, make: Make) -> usize {
    let mut times = Vec::new();
    let mut matches = 0;
    for _ in 0..SEARCHES {
        let mut search = make(dice, clients);
        search["mcpServerId"] = json!(load::SERVER);
        let before = Instant::now();
        let answer = connection.must(SEARCH, &search);
        times.push(before.elapsed());
        matches = answer["total"].as_u64().unwrap();
    }
    row(name, times, matches)
}

/// Searches for what all clients have, while another connection adds clients and has them deleted again.
fn while_writing(emulator: &Process, connection: &mut Connection, clients: usize, dice: &mut Dice) -> usize {
    let stop = Arc::new(AtomicBool::new(false));
    let mut writing = emulator.connect();
    let stopped = Arc::clone(&stop);
    let writer = thread::spawn(move || {
        let mut made = Vec::new();
        while !stopped.load(Ordering::Relaxed) {
            let body =
                json!({"mcpServerId": load::SERVER, "name": "a client for a moment", "tags": ["agent"]});
            made.push(writing.must("/v1/mgmt/mcp/server/client/create", &body)["id"].clone());
        }
        let body = json!({"mcpServerId": load::SERVER, "ids": made});
        writing.must("/v1/mgmt/mcp/server/clients/delete", &body);
        made.len()
    });
    let missed = measure(
        connection,
        "text, all match, any page, while written",
        clients,
        dice,
        |dice, all| json!({"text": "agent", "page": dice.below(all / 100)}),
    );
    stop.store(true, Ordering::Relaxed);
    println!("{:<44}{} clients were created in that time", "", writer.join().unwrap());
    missed
}

fn row(name: &str, mut times: Vec<Duration>, matches: u64) -> usize {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let first = times[0];
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let p99 = at(0.99);
    let mark = if p99 > WANTED_P99 { " over" } else { "" };
    println!(
        "{name:<44}{:>9.2}{:>9.2}{:>9.2}{:>9.2}{matches:>10}{mark}",
        ms(first),
        ms(at(0.5)),
        ms(p99),
        ms(at(1.0))
    );
    usize::from(p99 > WANTED_P99)
}

/// From the start of the process to the answer to a request, the slowest of several; and the memory then.
fn start_and_idle(what: &str, flags: &[&str]) -> usize {
    let (mut slowest, mut memory) = (Duration::ZERO, 0);
    for _ in 0..10 {
        let before = Instant::now();
        let emulator = Process::start(flags);
        emulator.connect().must("/v1/mgmt/mcp/servers/all", &json!({}));
        slowest = slowest.max(before.elapsed());
        memory = memory.max(memory_kb(emulator.id(), "VmRSS"));
        emulator.stop();
    }
    println!(
        "{what}: first answer after {:.0} ms at most, {} MB when idle",
        slowest.as_secs_f64() * 1e3,
        memory / 1024
    );
    usize::from(slowest > WANTED_START) + usize::from(memory > WANTED_IDLE_KB)
}

/// A figure of a process's memory as Linux reports it; 0 elsewhere.
fn memory_kb(process: u32, figure: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
