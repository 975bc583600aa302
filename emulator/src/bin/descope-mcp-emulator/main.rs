//! `descope-mcp-emulator`: the emulator on a socket.
//!
//! Standard output holds three `export` lines and nothing else; everything meant for people goes to standard error.

mod failure;
mod flags;
mod listener;
mod log;
mod records;
mod settings;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use descope_mcp_emulator::{PublicUrl, Variants, check};

use crate::failure::Failure;
use crate::flags::{Flags, Task};
use crate::listener::listen_and_serve;
use crate::records::{printed_project, stored};
use crate::settings::{Behaviour, registration};

fn main() -> ExitCode {
    let flags = match descope_mcp_program::arguments() {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    match run(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(descope_mcp_program::Failure::from(failure).report()),
    }
}

fn run(flags: Flags) -> Result<(), Failure> {
    if flags.variants {
        let mut stdout = io::stdout();
        return stdout
            .write_all(Variants::listing().as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(|error| Failure::Serve("cannot write to standard output", error));
    }
    log::start(flags.log_format)?;
    if let Some(Task::Check { data }) = flags.command {
        return look_over(&data);
    }
    let behaviour = Behaviour::read(&flags)?;
    if !flags.listen.ip().is_loopback() && !flags.allow_remote {
        return Err(Failure::Setting(format!(
            "{} can be reached by other machines; pass --allow-remote if that is meant",
            flags.listen
        )));
    }
    let registration = registration(&flags)?;
    let stored = stored(flags.data.as_deref(), flags.seed_file.as_deref()).map_err(Failure::Start)?;
    let project =
        printed_project(flags.project_id, flags.management_key, &stored.projects).map_err(Failure::Start)?;
    let public_url =
        flags.public_url.map(|url| url.parse::<PublicUrl>()).transpose().map_err(Failure::Start)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Serve("cannot start the runtime", error))?;
    runtime.block_on(listen_and_serve(flags.listen, public_url, project, stored, registration, behaviour))
}

fn look_over(data: &Path) -> Result<(), Failure> {
    let faults = check(data).map_err(Failure::Start)?;
    let mut stdout = io::stdout();
    for fault in &faults {
        writeln!(stdout, "{fault}")
            .map_err(|error| Failure::Serve("cannot write to standard output", error))?;
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::Damaged(faults.len())) }
}
