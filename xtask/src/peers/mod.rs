//! `cargo xtask peers`: clients that nobody here wrote, unmodified, against a running emulator.
//!
//! The scripts are in `emulator/peers/`; what they need comes from the package registries into `target/peers/`, in
//! pinned versions, and stays there for the next run. Each peer gets an emulator of its own.

mod emulator;
mod install;
mod process;

use std::collections::VecDeque;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use self::emulator::Emulator;
use self::install::Toolboxes;
use self::process::{Outcome, Program};
use xtask::{program, workspace};

/// Scripts and documents, relative to the root.
const SCRIPTS: &str = "emulator/peers";
/// What is installed and written, relative to the root.
const SCRATCH: &str = "target/peers";
/// None of them takes a quarter of it; a peer that waits for something would wait for ever.
const TIMEOUT: Duration = Duration::from_secs(180);
/// Peers that run at the same time.
const PEERS_AT_ONCE: usize = 2;

/// Runs third-party clients against the emulator.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Runs only the peers whose names begin with PREFIX; repeatable.
    #[arg(long, value_name = "PREFIX")]
    only: Vec<String>,

    /// Lists the peers and what each does; runs nothing.
    #[arg(long)]
    list: bool,
}

/// What runs a peer's script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Toolbox {
    Python,
    Node,
    Browser,
    Rust,
}

/// One client.
struct Peer {
    name: &'static str,
    toolbox: Toolbox,
    /// Below the folder of its toolbox; empty for the one program of the Rust crate.
    script: &'static str,
    does: &'static str,
    /// Whether it runs the conformance suite itself.
    with_suite: bool,
}

/// Quick ones first.
const PEERS: [Peer; 9] = [
    Peer {
        name: "python-descope",
        toolbox: Toolbox::Python,
        script: "descope_sdk.py",
        does: "Descope's Python SDK: license handshake, validate_session",
        with_suite: false,
    },
    Peer {
        name: "python-authlib",
        toolbox: Toolbox::Python,
        script: "authlib_client.py",
        does: "authlib: code with PKCE, refresh, revocation, client credentials",
        with_suite: false,
    },
    Peer {
        name: "python-mcp",
        toolbox: Toolbox::Python,
        script: "mcp_sdk.py",
        does: "the Python MCP SDK: DCR, metadata document, client credentials, tool calls",
        with_suite: false,
    },
    Peer {
        name: "node-descope",
        toolbox: Toolbox::Node,
        script: "descope_sdk.mjs",
        does: "Descope's Node SDK: license handshake, validateSession",
        with_suite: false,
    },
    Peer {
        name: "node-mcp",
        toolbox: Toolbox::Node,
        script: "mcp_sdk.mjs",
        does: "the TypeScript MCP SDK: DCR, metadata document, client credentials, tool calls",
        with_suite: false,
    },
    Peer {
        name: "node-conformance",
        toolbox: Toolbox::Node,
        script: "conformance.mjs",
        does: "the MCP conformance tool: both of its authorization-server scenarios",
        with_suite: false,
    },
    Peer {
        name: "browser",
        toolbox: Toolbox::Browser,
        script: "browser.mjs",
        does: "Chromium: the consent page and the inspector, with pictures",
        with_suite: false,
    },
    Peer {
        name: "report",
        toolbox: Toolbox::Browser,
        script: "report.mjs",
        does: "Chromium: the HTML report of a conformance run that fails, with pictures",
        with_suite: true,
    },
    Peer {
        name: "rust-rmcp",
        toolbox: Toolbox::Rust,
        script: "",
        does: "rmcp's OAuth client: DCR, metadata document, client credentials, tool calls",
        with_suite: false,
    },
];

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let chosen: Vec<_> = PEERS.iter().filter(|peer| is_chosen(peer, &arguments.only)).collect();
    if chosen.is_empty() {
        bail!("no peer begins with {}; `cargo xtask peers --list` names them", arguments.only.join(" or "));
    }
    if arguments.list {
        chosen.iter().for_each(|peer| println!("{:<18}{}", peer.name, peer.does));
        return Ok(ExitCode::SUCCESS);
    }
    let house = House::prepare(&workspace::root())?;
    let binary = program::build(program::EMULATOR)?;
    let suite = match chosen.iter().any(|peer| peer.with_suite) {
        true => Some(program::build(program::SUITE)?),
        false => None,
    };
    let mut toolboxes = Toolboxes::default();
    let (mut ready, mut skipped) = (VecDeque::new(), 0);
    for peer in chosen {
        match toolboxes.get(peer.toolbox, &house) {
            Ok(()) => ready.push_back(peer),
            Err(error) => {
                println!("{:<18}not installed: {error:#}", peer.name);
                skipped += 1;
            }
        }
    }
    // Each has an emulator of its own and shares nothing with the others; much of its time it waits.
    let queue = Mutex::new(ready);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let run_some = || -> Result<Vec<bool>> {
        let mut passes = Vec::new();
        while let Some(peer) = next() {
            let begin = Instant::now();
            let outcome = try_out(peer, &house, &binary, suite.as_deref(), &toolboxes)?;
            passes.push(report(peer, &outcome, begin.elapsed()));
        }
        Ok(passes)
    };
    let passes = thread::scope(|scope| -> Result<Vec<bool>> {
        let workers: Vec<_> = (0..PEERS_AT_ONCE).map(|_| scope.spawn(run_some)).collect();
        let mut passes = Vec::new();
        for worker in workers {
            passes.extend(worker.join().map_err(|_| anyhow!("a peer could not be run"))??);
        }
        Ok(passes)
    })?;
    let passed = passes.iter().filter(|passed| **passed).count();
    let failed = passes.len() - passed;
    println!("peers: {passed} passed, {failed} failed, {skipped} skipped");
    // At a desk without network a peer may be missing; where everything can be had, missing means unproven.
    let must_have_all = env::var("CI").is_ok_and(|value| value == "true");
    if skipped > 0 && must_have_all {
        eprintln!("error: {skipped} could not be installed, and CI=true asks for all of them");
    }
    let red = failed > 0 || (skipped > 0 && must_have_all) || passed + failed == 0;
    Ok(if red { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Says how a peer ended, and whether it passed.
fn report(peer: &Peer, outcome: &Outcome, took: Duration) -> bool {
    let seconds = took.as_secs_f64();
    match outcome {
        Outcome::Passed => println!("{:<18}ok in {seconds:.1} s: {}", peer.name, peer.does),
        Outcome::Failed { how, said } => println!(
            "{:<18}failed in {seconds:.1} s: {how}\n{said}hint: repeat it with `cargo xtask peers --only {}`",
            peer.name, peer.name
        ),
    }
    matches!(outcome, Outcome::Passed)
}

fn is_chosen(peer: &Peer, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|prefix| peer.name.starts_with(prefix.as_str()))
}

/// The folders that a run works with.
struct House {
    scripts: PathBuf,
    scratch: PathBuf,
    pictures: PathBuf,
    logs: PathBuf,
}

impl House {
    fn prepare(root: &Path) -> Result<Self> {
        let scratch = root.join(SCRATCH);
        let house = Self {
            scripts: root.join(SCRIPTS),
            pictures: scratch.join("pictures"),
            logs: scratch.join("logs"),
            scratch,
        };
        for folder in [&house.pictures, &house.logs] {
            std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        Ok(house)
    }
}

/// Starts an emulator, and the peer against it.
fn try_out(
    peer: &Peer,
    house: &House,
    binary: &Path,
    suite: Option<&Path>,
    toolboxes: &Toolboxes,
) -> Result<Outcome> {
    let log = |kind: &str| house.logs.join(format!("{}.{kind}.log", peer.name));
    // A person at a browser is asked; every other client has nobody to ask.
    let flags: &[&str] = if peer.toolbox == Toolbox::Browser { &[] } else { &["--auto-consent"] };
    let emulator = Emulator::start(binary, house, flags, &log("emulator"))?;
    let mut command = toolboxes.command(peer.toolbox, peer.script, house);
    command.envs(emulator.environment());
    command.env("PEERS_SCRATCH", &house.scratch).env("PEERS_PICTURES", &house.pictures);
    if let Some(suite) = suite {
        command.env("PEERS_CONFORMANCE", suite);
    }
    Program { command, log: log("peer"), timeout: TIMEOUT }.run()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_script_is_run_and_every_peer_has_its_script() {
        let folder = workspace::root().join(SCRIPTS);
        let mut found = BTreeSet::new();
        for (kind, ending) in [("python", "py"), ("node", "mjs")] {
            for entry in std::fs::read_dir(folder.join(kind)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if name.ends_with(ending) && !name.starts_with("peer.") {
                    found.insert(name);
                }
            }
        }
        let listed: BTreeSet<_> =
            PEERS.iter().map(|peer| peer.script.to_owned()).filter(|script| !script.is_empty()).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn names_are_chosen_by_how_they_begin() {
        let chosen = |only: &[&str]| {
            let only: Vec<_> = only.iter().map(ToString::to_string).collect();
            PEERS.iter().filter(|peer| is_chosen(peer, &only)).count()
        };
        assert_eq!((chosen(&[]), chosen(&["python"]), chosen(&["nothing"])), (PEERS.len(), 3, 0));
        assert_eq!(chosen(&["browser", "rust-rmcp"]), 2);
    }
}
