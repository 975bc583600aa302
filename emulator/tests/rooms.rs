//! The rooms of the emulator, which are the folders and files directly below `src/`, import one another in one direction:
//! ARCHITECTURE.md lists them in their order, and each imports only those of earlier lines.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests only, and these helpers are part of them"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Not rooms: what the crate offers, its program, and the tools of its tests.
const NO_ROOMS: [&str; 3] = ["lib", "bin", "testing"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The rooms as the table lists them.
fn listed() -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md")).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with("Inside the emulator")).unwrap();
    let first_cells = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let names = first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    names.map(|name| name.trim_end_matches('/').to_owned()).filter(|name| name != "bin").collect()
}

/// The files of a room, without those that hold only tests.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let counted = entries.filter(|entry| entry.file_stem().is_some_and(|stem| stem != "tests"));
    counted.flat_map(|entry| files(&entry)).collect()
}

/// The rooms that a file imports. Comments and the tests at its end do not count.
fn imports(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            // Parts within deeper braces belong to a room that is named already.
            Some(group) => {
                let mut depth = 0;
                for part in group.split(';').next().unwrap_or_default().split(',') {
                    if depth == 0 {
                        names.push(first_word(part));
                    }
                    depth += part.matches('{').count() as i32 - part.matches('}').count() as i32;
                }
            }
            None => names.push(first_word(rest)),
        }
    }
    names
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
}

#[test]
fn each_room_imports_only_rooms_that_the_architecture_lists_before_it() {
    let order = listed();
    let mut checked = 0;
    for entry in fs::read_dir(source()).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if NO_ROOMS.contains(&room.as_str()) {
            continue;
        }
        let place = order.iter().position(|listed| *listed == room);
        let place = place.unwrap_or_else(|| panic!("ARCHITECTURE.md does not list {room}"));
        for file in files(&path) {
            for import in imports(&file) {
                let Some(imported) = order.iter().position(|listed| *listed == import) else { continue };
                assert!(imported <= place, "{} imports {import}, which comes later", file.display());
                checked += usize::from(imported != place);
            }
        }
    }
    assert!(checked > 100, "only {checked} imports were found");
}
