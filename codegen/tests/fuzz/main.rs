//! Documents made at random, through the whole generator: each gives files or findings, soon and in little memory.
//!
//! `cargo xtask campaign codegen` is the long form; `codegen/fuzz/` has the same documents for `cargo fuzz`.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]
#![allow(clippy::print_stdout, reason = "a campaign tells how it goes")]

#[allow(dead_code, reason = "fuzz/ has its own use for some of it")]
mod grammar;
#[path = "../support/scratch.rs"]
mod scratch;

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use descope_mcp_codegen::{CrateOptions, Errors, GeneratedFile, generate, generate_crate};
use grammar::{Choices, Seeded};

/// Executions of the short form: what an unoptimized build does in a few seconds.
const SHORT: u64 = 400;
/// An execution that takes longer hangs. Documents here have a few kilobytes.
const LONGEST: Duration = Duration::from_secs(20);
/// Most memory that the process may ever have had, in KiB.
const MAX_MEMORY: u64 = 1024 * 1024;

#[derive(Debug, Default)]
struct Tally {
    executions: u64,
    accepted: u64,
    refused: u64,
    /// Refused with the generator's own words: it failed or panicked, and the element was found.
    contained: u64,
    /// Which, and what they said.
    panics: Vec<(u64, String)>,
    /// How long, and which.
    slowest: (Duration, u64),
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.executions += other.executions;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.contained += other.contained;
        self.panics.extend(other.panics);
        self.slowest = self.slowest.max(other.slowest);
    }
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

/// The files of the generated module, and whether the document was read as somebody else's.
fn execute(seed: u64, number: u64) -> Result<(Vec<GeneratedFile>, bool), Errors> {
    let mut choices = Seeded(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ number);
    let foreign = choices.once_in(2);
    let text = grammar::document(&mut choices);
    if let Some(file) = env::var_os("CODEGEN_FUZZ_SHOW") {
        fs::write(file, &text).unwrap();
    }
    if foreign {
        let made = generate_crate(&text, "fuzz.yaml", &CrateOptions::new("fuzz"))?;
        Ok((scratch::module_of(made), foreign))
    } else {
        Ok((generate(&text, "fuzz.yaml")?, foreign))
    }
}

fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// One thread's share; `now` tells the watcher what it is at, and since when.
fn work(seed: u64, next: &AtomicU64, end: u64, now: &Mutex<Option<(u64, Instant)>>) -> Tally {
    let mut tally = Tally::default();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            *now.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return tally;
        }
        let begin = Instant::now();
        *now.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, begin));
        let outcome = catch_unwind(AssertUnwindSafe(|| execute(seed, number)));
        tally.slowest = tally.slowest.max((begin.elapsed(), number));
        tally.executions += 1;
        match outcome {
            Ok(Ok(_)) => tally.accepted += 1,
            Ok(Err(errors)) => {
                assert!(!errors.findings().is_empty(), "execution {number} is refused without a finding");
                tally.refused += 1;
                let theirs = |cure: &str| cure.contains("(progenitor)");
                tally.contained += u64::from(errors.findings().iter().any(|finding| theirs(&finding.cure)));
            }
            Err(payload) => {
                let text = payload.downcast_ref::<String>().cloned();
                let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                tally.panics.push((number, text.unwrap_or_default()));
            }
        }
    }
}

#[test]
fn no_document_makes_the_generator_panic_or_hang() {
    let seed = setting("CODEGEN_FUZZ_SEED", 1);
    let executions = setting("CODEGEN_FUZZ_EXECUTIONS", SHORT);
    // To look at one execution: CODEGEN_FUZZ_FIRST=its number, CODEGEN_FUZZ_EXECUTIONS=1.
    let first = setting("CODEGEN_FUZZ_FIRST", 0);
    // Panics of the generator underneath are expected; a million backtraces would hide everything else.
    panic::set_hook(Box::new(|_| {}));
    let begin = Instant::now();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, done) = (AtomicU64::new(first), AtomicBool::new(false));
    let nows: Vec<_> = (0..threads).map(|_| Mutex::new(None)).collect();
    let mut tally = Tally::default();
    let end = first + executions;
    thread::scope(|scope| {
        scope.spawn(|| watch(&nows, &done, &next, first, seed));
        let workers: Vec<_> = nows.iter().map(|now| scope.spawn(|| work(seed, &next, end, now))).collect();
        workers.into_iter().for_each(|worker| tally.add(worker.join().unwrap()));
        done.store(true, Ordering::Relaxed);
    });
    drop(panic::take_hook());

    let seconds = begin.elapsed().as_secs_f64();
    let memory = peak_memory();
    println!(
        "codegen fuzz: {} executions in {seconds:.1} s ({:.0} a second), seed {seed}: {} accepted, {} refused ({} by \
         the generator underneath), {} panics; slowest {:.3} s (number {}); peak memory {}",
        tally.executions,
        tally.executions as f64 / seconds,
        tally.accepted,
        tally.refused,
        tally.contained,
        tally.panics.len(),
        tally.slowest.0.as_secs_f64(),
        tally.slowest.1,
        memory.map_or("unknown".to_owned(), |kib| format!("{} MiB", kib / 1024)),
    );
    assert!(tally.panics.is_empty(), "with seed {seed} these executions panicked: {:#?}", tally.panics);
    assert_eq!(tally.executions, executions);
    assert!(memory.is_none_or(|kib| kib < MAX_MEMORY), "too much memory");
    if executions >= SHORT {
        // Otherwise the grammar has lost its way and proves nothing.
        assert!(tally.accepted * 20 >= executions, "hardly any document is accepted");
        assert!(tally.refused * 20 >= executions, "hardly any document is refused");
    }
}

/// How many accepted documents the short form compiles.
const COMPILED: u64 = 40;

#[test]
fn what_is_made_of_accepted_documents_compiles() {
    let seed = setting("CODEGEN_FUZZ_SEED", 1);
    let wanted = setting("CODEGEN_FUZZ_COMPILED", COMPILED);
    let mut accepted = Vec::new();
    for number in 0.. {
        let Ok((module, foreign)) = execute(seed, number) else { continue };
        // A schema of ours whose type is written by hand, in another crate.
        assert!(foreign || module.iter().all(|file| !file.contents.contains("crate::ApprovedScopes")));
        accepted.push((format!("m{number}"), module));
        if accepted.len() as u64 == wanted {
            break;
        }
    }
    scratch::check_together("fuzz-documents", accepted).unwrap_or_else(|said| panic!("{said}"));
}

/// Ends the process when an execution does not end, and keeps the long form's reader informed.
fn watch(nows: &[Mutex<Option<(u64, Instant)>>], done: &AtomicBool, next: &AtomicU64, first: u64, seed: u64) {
    const STEP: Duration = Duration::from_millis(50);
    const REPORT: Duration = Duration::from_secs(60);
    let mut reported = Instant::now();
    // Where a stack overflow, which nothing can catch, leaves its number.
    let trace = env::var_os("CODEGEN_FUZZ_TRACE");
    while !done.load(Ordering::Relaxed) {
        thread::sleep(STEP);
        let current: Vec<_> =
            nows.iter().filter_map(|now| *now.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        if let Some(file) = &trace {
            let numbers: Vec<_> = current.iter().map(|(number, _)| number.to_string()).collect();
            fs::write(file, numbers.join(" ")).unwrap();
        }
        if let Some((number, _)) = current.iter().find(|(_, begin)| begin.elapsed() > LONGEST) {
            println!("execution {number} with seed {seed} hangs");
            process::exit(1);
        }
        if reported.elapsed() > REPORT {
            reported = Instant::now();
            println!("… {} executions", next.load(Ordering::Relaxed) - first);
        }
    }
}
