//! A thread with room for recursion: how deep the caller's stack already is must not decide what can be generated.

use std::panic::resume_unwind;
use std::thread::Builder;

use crate::errors::{Errors, Position, Report};
use crate::limits::STACK_BYTES;

/// Runs the work on a thread with a stack of known size.
pub(crate) fn with_room<T: Send>(
    file: &str,
    work: impl FnOnce() -> Result<T, Errors> + Send,
) -> Result<T, Errors> {
    std::thread::scope(|scope| {
        match Builder::new().name("codegen".to_owned()).stack_size(STACK_BYTES).spawn_scoped(scope, work) {
            // A panic here is a bug of ours and must not look like a problem of the document.
            Ok(thread) => thread.join().unwrap_or_else(|payload| resume_unwind(payload)),
            Err(error) => {
                let mut report = Report::new(file);
                report.note(
                    &Position::default(),
                    format!("no thread with {STACK_BYTES} bytes of stack can be started: {error}"),
                    "allow this process more address space (ulimit -v)",
                );
                Err(report.into_errors())
            }
        }
    })
}
