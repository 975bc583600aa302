//! Serves one mutant for other programs, such as the comparison with other tools in `conformance/comparison/`.

use descope_mcp_conformance::embedded::Embedded;

use crate::generate::{self, Mutant};
use crate::layer::wrap;
use crate::support;

/// Stands for the emulator without a mutant.
const NO_MUTANT: &str = "none";

/// Prints the names of all mutants about the management API, each on a line.
pub fn print_names() {
    let is_of_management = |mutant: &Mutant| descope_mcp_operations::find(mutant.operation).is_some();
    generate::all()
        .iter()
        .filter(|mutant| is_of_management(mutant))
        .for_each(|mutant| println!("{}", mutant.name()));
}

/// Serves the mutant with this name until standard input ends. First prints how to reach it, as the emulator does, and at the
/// end how often the mutant did something else than the emulator.
pub fn serve(name: &str) {
    let mutant = generate::all().into_iter().find(|mutant| mutant.name() == name);
    assert!(mutant.is_some() || name == NO_MUTANT, "there is no mutant {name:?}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut handle = None;
        let embedded = Embedded::start_varied_and_wrapped(&[], |router| {
            let (router, made) = wrap(router, mutant, Vec::new(), false);
            handle = Some(made);
            router
        });
        let embedded = embedded.await.unwrap();
        support::serve::until_input_ends(&embedded.target()).await;
        println!("acted {}", handle.unwrap().acted());
        embedded.stop().await;
    });
}
