//! What `--help` says of the tasks that `cargo xtask` hands on: the same in both programs.

/// `cargo xtask codegen`.
pub const CODEGEN: &str = "Generates the client code from openapi/descope-mcp.yaml, or with --spec a crate from any OpenAPI document";
/// `cargo xtask spec`.
pub const SPEC: &str =
    "Lints the OpenAPI documents, and compares them with Descope's document or with earlier versions";
/// `cargo xtask tidy`.
pub const TIDY: &str = "Checks the rules of the repository: imports between crates and modules, notices in generated files, \
                        length of files, ids of facts";
/// `cargo xtask docs`.
pub const DOCS: &str =
    "Writes every generated page and schema, and the files in which tests keep what they expect";
