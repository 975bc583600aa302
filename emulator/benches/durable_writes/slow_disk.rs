//! The benchmark once more, on a disk whose sync takes longer (Linux, with a C compiler).

use std::path::Path;
use std::process::{Command, ExitStatus};

/// How long a sync takes more, in milliseconds.
pub(crate) const SYNC_MS: &str = "EMULATOR_BENCH_SYNC_MS";
const PRELOAD: &str = "LD_PRELOAD";
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/durable_writes/slow_sync.c");

/// If a slow disk is asked for and this process does not have one: how the process ended that has.
pub(crate) fn run_in_a_process_with_one() -> Option<ExitStatus> {
    if std::env::var_os(SYNC_MS).is_none() || std::env::var_os(PRELOAD).is_some() {
        return None;
    }
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slow_sync.so");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(SOURCE).status().unwrap();
    assert!(built.success(), "{SYNC_MS} needs a C compiler");
    let program = std::env::current_exe().unwrap();
    Some(Command::new(program).args(std::env::args_os().skip(1)).env(PRELOAD, library).status().unwrap())
}
