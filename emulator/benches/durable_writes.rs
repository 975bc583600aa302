//! What a group commit is worth: creations of clients per second on a data directory, from 64 connections, with a sync
//! of the disk per write and with one per commit of all that wait. Both in one run, in turns, on one disk.
//!
//! `cargo bench -p descope-mcp-emulator --bench durable_writes`; `EMULATOR_BENCH_SYNC_MS=5` before it makes every sync
//! take 5 ms longer. On a disk that syncs in a fraction of a millisecond the processor sets the pace of both sides, and
//! there is little to gain.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and ends at the first thing that fails"
)]

#[path = "../tests/process/mod.rs"]
mod process;
#[path = "durable_writes/slow_disk.rs"]
mod slow_disk;

use std::fs::File;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use descope_mcp_emulator::{Config, DataDirectory, Project, PublicUrl, app, serve};
use process::Connection;
use serde_json::json;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(4);
/// The ratio that the project asks for.
const WANTED: f64 = 10.0;

struct Outcome {
    per_second: f64,
    /// Of each write, sorted.
    latencies: Vec<Duration>,
}

fn main() {
    if let Some(status) = slow_disk::run_in_a_process_with_one() {
        std::process::exit(status.code().unwrap_or(1));
    }
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    println!("durable writes, {CONNECTIONS} connections, {ROUNDS} rounds of {} s each", ROUND.as_secs());
    println!("a sync of this disk takes {:.2} ms", time_of_a_sync(place.path()).as_secs_f64() * 1e3);
    println!("{:<26}{:>10}{:>11}{:>11}{:>11}", "", "writes/s", "p50 ms", "p99 ms", "max ms");
    let mut best = [0.0_f64; 2];
    let mut all = [0.0_f64; 2];
    for round in 0..ROUNDS {
        for (which, (name, together)) in
            [("a sync per write", 1), ("group commit", 128)].into_iter().enumerate()
        {
            let data = place.path().join(format!("{round}-{together}"));
            let outcome = run(&data, NonZeroUsize::new(together).unwrap());
            let at = |share: f64| {
                let index = ((outcome.latencies.len() - 1) as f64 * share) as usize;
                outcome.latencies[index].as_secs_f64() * 1e3
            };
            println!(
                "{name:<26}{:>10.0}{:>11.2}{:>11.2}{:>11.2}",
                outcome.per_second,
                at(0.5),
                at(0.99),
                at(1.0)
            );
            best[which] = best[which].max(outcome.per_second);
            all[which] += outcome.per_second / ROUNDS as f64;
        }
    }
    let ratio = all[1] / all[0];
    println!(
        "ratio of the means {ratio:.1}, of the best rounds {:.1}; wanted {WANTED:.0}",
        best[1] / best[0]
    );
    if ratio < WANTED {
        std::process::exit(1);
    }
}

/// The median of many, after a write each.
fn time_of_a_sync(place: &Path) -> Duration {
    let mut file = File::create(place.join("sync")).unwrap();
    let mut times: Vec<_> = (0..101)
        .map(|_| {
            file.write_all(&[0; 4096]).unwrap();
            let before = Instant::now();
            file.sync_data().unwrap();
            before.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn run(data: &Path, together: NonZeroUsize) -> Outcome {
    let project = Project::generate().unwrap();
    let (id, key) = (project.id().to_owned(), project.expose_management_key().to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0))).unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = Config::new(PublicUrl::of_listener(address).unwrap(), vec![project]);
    config.data = Some(DataDirectory::open(data).unwrap());
    config.writes_per_commit = together;
    let router = runtime.block_on(async { app(config) }).unwrap();
    runtime.spawn(serve(listener, router, std::future::pending()));

    let address = address.to_string();
    let made =
        Connection::open(&address, &id, &key).must("/v1/mgmt/mcp/server/create", &json!({"name": "bench"}));
    let server = made["server"]["id"].as_str().unwrap().to_owned();
    let started = Instant::now();
    let writers: Vec<_> = (0..CONNECTIONS)
        .map(|writer| {
            let mut connection = Connection::open(&address, &id, &key);
            let server = server.clone();
            thread::spawn(move || {
                let mut latencies = Vec::new();
                let mut n = 0;
                while started.elapsed() < ROUND {
                    n += 1;
                    let body = json!({
                        "mcpServerId": server, "name": format!("client {writer} {n}"),
                        "tags": ["bench"], "scopes": ["orders:read"],
                    });
                    let before = Instant::now();
                    connection.must("/v1/mgmt/mcp/server/client/create", &body);
                    latencies.push(before.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    let per_second = latencies.len() as f64 / started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    runtime.shutdown_timeout(Duration::from_secs(10));
    Outcome { per_second, latencies }
}
