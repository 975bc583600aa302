//! `kill -9` at random moments under concurrent writes: what was answered is there after the restart, what was not is
//! there whole or not at all, and `check` finds nothing.
//!
//! `EMULATOR_KILLS` says how often (5), `EMULATOR_KILL_SEED` repeats a run. `cargo test -p descope-mcp-emulator --test
//! kill -- --nocapture` shows the progress.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests only, and these helpers are part of them"
)]

#[path = "kill/worker.rs"]
mod worker;

mod process;

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use process::{Dice, Process, check};
use worker::Worker;

const KILLS: usize = 5;
const SEED: u64 = 20_261;
const WORKERS: usize = 16;
/// The longest time of writing before a kill.
const MAX_MS_BEFORE_KILL: usize = 250;

fn setting<T: FromStr<Err: Debug>>(name: &str, usual: T) -> T {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|error| panic!("{name}: {error:?}")))
}

#[test]
fn every_answered_write_survives_kill_9_and_no_other_is_there_in_part() {
    let (kills, seed) = (setting("EMULATOR_KILLS", KILLS), setting("EMULATOR_KILL_SEED", SEED));
    println!("{kills} kills, seed {seed}: EMULATOR_KILLS={kills} EMULATOR_KILL_SEED={seed} repeats this");
    let place = tempfile::tempdir().unwrap();
    let mut dice = Dice(seed);
    let mut workers: Vec<_> = (0..WORKERS).map(|n| Worker::new(n, Dice(dice.next()))).collect();
    let mut emulator = Process::on(place.path());
    let jwks = format!("/{}/.well-known/jwks.json", emulator.project);
    let keys = emulator.connect().get(&jwks).unwrap();
    let (mut answered, mut undecided, mut applied) = (0, 0, 0);
    for kill in 1..=kills {
        let stop = Arc::new(AtomicBool::new(false));
        let running: Vec<_> = workers
            .into_iter()
            .map(|mut worker| {
                let (connection, stop) = (emulator.connect(), Arc::clone(&stop));
                thread::spawn(move || {
                    let answered = worker.write(connection, &stop);
                    (worker, answered)
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(20 + dice.below(MAX_MS_BEFORE_KILL) as u64));
        emulator.kill();
        stop.store(true, Ordering::Relaxed);
        workers = Vec::new();
        for thread in running {
            let (worker, count) = thread.join().unwrap();
            answered += count;
            undecided += usize::from(worker.has_pending());
            workers.push(worker);
        }
        let (code, faults) = check(place.path());
        assert_eq!(code, Some(0), "seed {seed}, kill {kill}: {faults}");
        emulator = Process::on(place.path());
        let mut connection = emulator.connect();
        assert_eq!(connection.get(&jwks).unwrap(), keys, "seed {seed}, kill {kill}");
        for worker in &mut workers {
            match worker.verify(&mut connection) {
                Ok(was_applied) => applied += usize::from(was_applied),
                Err(fault) => panic!("seed {seed}, kill {kill}: {fault}"),
            }
        }
        println!(
            "kill {kill}: {answered} answered, {undecided} without an answer, of which {applied} were done"
        );
    }
    assert!(answered > kills * WORKERS, "too few writes to prove anything: {answered}");
}
