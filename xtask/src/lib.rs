//! What the tasks of this repository share: where it is, and how its programs are built and run.
//!
//! `cargo xtask` itself builds in seconds, so that a first `cargo xtask conformance` compiles the suite and little else.
//! Tasks that need the generator or the document are in the package `xtask-maintenance`, which `cargo xtask` builds when
//! one of them is asked for.

pub mod program;
pub mod workspace;
