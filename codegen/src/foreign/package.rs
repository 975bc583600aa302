//! What stands around the generated module in a crate of its own.

use super::{CrateOptions, GeneratedCrate, LeftOut};
use crate::document::{self, Node};
use crate::format::{self, GeneratedFile};

/// The support modules, as they are written out. They are small, and meant to be read.
const SUPPORT: [(&str, &str); 5] = [
    ("src/lib.rs", include_str!("../../templates/lib.rs")),
    ("src/secret.rs", include_str!("../../templates/secret.rs")),
    ("src/transport.rs", include_str!("../../templates/transport.rs")),
    ("src/unknown.rs", include_str!("../../templates/unknown.rs")),
    // The forms of a value that can be read are the same everywhere.
    ("src/wire.rs", include_str!("../../../generated/src/wire.rs")),
];
const MANIFEST: &str = include_str!("../../templates/Cargo.toml.in");

/// Whether cargo takes a text for the name of a package, and Rust for that of a crate.
pub(super) fn is_name(text: &str) -> bool {
    /// Longest name that crates.io takes.
    const LONGEST: usize = 64;
    let letters = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
    // `test` is a package that cargo refuses to make, `core` and the like would hide a crate of the language.
    let taken = ["test", "core", "std", "alloc", "proc-macro", "proc_macro"].contains(&text);
    letters
        && text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !taken
        && syn::parse_str::<syn::Ident>(&text.replace('-', "_")).is_ok()
}

/// The crate around the files of the generated module.
pub(super) fn complete(
    options: &CrateOptions,
    spec_name: &str,
    module: Vec<GeneratedFile>,
    tree: &Node,
    mut left_out: Vec<LeftOut>,
) -> GeneratedCrate {
    let notice = format::notice(spec_name);
    let manifest =
        format!("{}\n\n{}", notice.replacen("//", "#", 1), MANIFEST.replace("@NAME@", &options.name));
    let mut files = vec![GeneratedFile { path: "Cargo.toml".to_owned(), contents: manifest }];
    files.extend(SUPPORT.iter().map(|(path, text)| GeneratedFile {
        path: (*path).to_owned(),
        contents: format!("{notice}\n\n{text}"),
    }));
    files.extend(
        module.into_iter().map(|file| GeneratedFile {
            path: format!("src/generated/{}", file.path),
            contents: file.contents,
        }),
    );
    left_out.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    let paths = tree.get("paths").into_iter().flat_map(Node::members);
    let operations =
        paths.flat_map(|(_, item)| item.members()).filter(|(name, _)| document::is_method(name)).count();
    GeneratedCrate { files, operations, left_out }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn only_names_that_cargo_and_rust_take_are_taken() {
        assert!(["a", "descope-api", "api_2"].iter().all(|name| is_name(name)));
        let long = "a".repeat(65);
        for name in
            ["", "A", "2a", "-a", "a b", "a/b", "../a", "fn", "self", "test", "core", "é", "a\n", &long]
        {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
