//! Rust text from a syntax tree, the same on every machine, with the notice that says who wrote it.

/// Start of the first line of every machine-written file. `cargo xtask tidy` looks for it.
pub const NOTICE: &str = "// Machine-written by `cargo xtask codegen`";

/// Formats a tree; `spec_name` says which document it came from.
pub(crate) fn text(file: &syn::File, spec_name: &str) -> String {
    format!("{NOTICE} from {spec_name}. Do not edit.\n\n{}", prettyplease::unparse(file))
}
