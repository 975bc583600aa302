//! Rust text from a syntax tree, the same on every machine, with the notice that says who wrote it.

/// A file of the generated module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Path below the folder of the module, with forward slashes: `mod.rs`, `types.rs`, …
    pub path: String,
    /// The whole text.
    pub contents: String,
}

/// Start of the first line of every machine-written file. `cargo xtask tidy` looks for it.
pub const NOTICE: &str = "// Machine-written by `cargo xtask codegen`";

/// Formats a tree; `spec_name` says which document it came from.
pub(crate) fn text(file: &syn::File, spec_name: &str) -> String {
    format!("{}\n\n{}", notice(spec_name), prettyplease::unparse(file))
}

/// The first line of a file; a name that is more than a line must not become code.
pub(crate) fn notice(spec_name: &str) -> String {
    let name: String = spec_name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{NOTICE} from {name}. Do not edit.")
}
