//! What runs the scripts, installed from the package registries into the scratch folder by their ordinary clients.
//!
//! An installation is kept as long as what it was made from stays the same.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use xtask::workspace;

use super::{House, Toolbox};

/// Names of Chromium in Debian and elsewhere.
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Toolboxes that were asked for, or why they cannot be had.
#[derive(Default)]
pub(super) struct Toolboxes(BTreeMap<Toolbox, Result<(), String>>);

impl Toolboxes {
    /// Installs what is missing, once.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub(super) fn get(&mut self, toolbox: Toolbox, house: &House) -> Result<()> {
        let outcome = self.0.entry(toolbox).or_insert_with(|| {
            let installed = match toolbox {
                Toolbox::Python => python(house),
                Toolbox::Node => node(house),
                Toolbox::Browser => node(house).and_then(|()| chromium().map(|_| ())),
                Toolbox::Rust => rust(house),
            };
            installed.map_err(|error| format!("{error:#}"))
        });
        outcome.clone().map_err(|error| anyhow!(error))
    }

    /// The command that runs a script.
    pub(super) fn command(&self, toolbox: Toolbox, script: &str, house: &House) -> Command {
        match toolbox {
            Toolbox::Python => {
                let mut command = Command::new(house.scratch.join("python/bin/python"));
                command.arg("-B").arg(house.scripts.join("python").join(script));
                command
            }
            Toolbox::Node | Toolbox::Browser => {
                let folder = house.scratch.join("node");
                let mut command = Command::new(node_program(&folder));
                command.arg(folder.join(script));
                if let Ok(chromium) = chromium() {
                    command.env("PEERS_CHROMIUM", chromium);
                }
                command
            }
            Toolbox::Rust => Command::new(house.scratch.join("rust/debug/rmcp-peer")),
        }
    }
}

fn python(house: &House) -> Result<()> {
    let wanted = read(&house.scripts.join("python/requirements.txt"))?;
    let folder = house.scratch.join("python");
    if is_made_from(&folder, &wanted) {
        return Ok(());
    }
    say(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    say(pip.arg(house.scripts.join("python/requirements.txt")))?;
    keep(&folder, &wanted)
}

fn node(house: &House) -> Result<()> {
    let from = house.scripts.join("node");
    let wanted = read(&from.join("package.json"))?;
    let folder = house.scratch.join("node");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    // Packages are found beside the script, so the scripts go to where the packages are.
    for entry in fs::read_dir(&from).with_context(|| format!("listing {}", from.display()))? {
        let path = entry?.path();
        if let Some(name) = path.file_name() {
            fs::copy(&path, folder.join(name)).with_context(|| format!("copying {}", path.display()))?;
        }
    }
    if is_made_from(&folder, &wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--loglevel=error",
    ]);
    // What packages run on installation fetches things from elsewhere; none of these needs it.
    say(npm.arg("--ignore-scripts"))?;
    let program = node_program(&folder);
    if !program.is_file() {
        bail!(
            "there is no package with Node.js for this machine; add it to emulator/peers/node/package.json"
        );
    }
    keep(&folder, &wanted)
}

/// The Node.js that came with the packages: the conformance tool dies on older ones than 22.
fn node_program(folder: &Path) -> PathBuf {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    folder.join(format!("node_modules/node-{system}-{machine}/bin/node"))
}

fn chromium() -> Result<PathBuf> {
    if let Some(found) = CHROMIUM.iter().find_map(|name| on_path(name)) {
        return Ok(found);
    }
    if on_path("apt-get").is_none() {
        bail!("there is no Chromium, and no apt-get to install it with; put `chromium` on the PATH");
    }
    say(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    let install =
        ["install", "--quiet=2", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"];
    say(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"))?;
    on_path("chromium").context("apt-get installed no chromium")
}

fn rust(house: &House) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--quiet", "--locked", "--manifest-path"])
        .arg(house.scripts.join("rust/Cargo.toml"));
    say(cargo.env("CARGO_TARGET_DIR", house.scratch.join("rust")))
}

/// Runs a command, and fails with its last words.
fn say(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("starting {:?}", command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = said.lines().rev().take(5).collect();
    let last: Vec<_> = last.into_iter().rev().collect();
    bail!("{:?}: {}\n{}", command.get_program(), output.status, last.join("\n"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

const STAMP: &str = ".made-from";

fn is_made_from(folder: &Path, wanted: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == wanted)
}

fn keep(folder: &Path, wanted: &str) -> Result<()> {
    fs::write(folder.join(STAMP), wanted).with_context(|| format!("writing into {}", folder.display()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_kept_while_what_it_was_made_from_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_made_from(folder.path(), "a==1"));
        keep(folder.path(), "a==1").unwrap();
        assert!(is_made_from(folder.path(), "a==1") && !is_made_from(folder.path(), "a==2"));
    }

    #[test]
    fn a_failed_command_says_why() {
        let error = say(Command::new("sh").args(["-c", "seq 9 >&2; exit 4"])).unwrap_err().to_string();
        assert!(error.contains('4') && error.ends_with("5\n6\n7\n8\n9"), "{error}");
        assert!(say(Command::new("no-such-program-anywhere").arg("x")).is_err());
    }

    #[test]
    fn every_version_is_pinned() {
        let scripts = workspace::root().join(super::super::SCRIPTS);
        let requirements = read(&scripts.join("python/requirements.txt")).unwrap();
        assert!(requirements.lines().all(|line| line.starts_with('#') || line.contains("==")));
        let packages = read(&scripts.join("node/package.json")).unwrap();
        assert!(!packages.contains('^') && !packages.contains('~') && !packages.contains("latest"));
    }
}
