//! Serves one mutant for other programs, such as the comparison with other tools in `conformance/comparison/`.

use descope_mcp_conformance::embedded::Embedded;

use crate::{misbehave, mutants, support};

/// Where the ids of properties about authorization servers begin.
const OF_AUTHORIZATION_SERVERS: [&str; 4] = ["authorization/", "grant/", "registration/", "token/"];

/// Prints the names of all mutants about the management API, each on a line.
pub fn print_names() {
    let of_management = mutants().into_iter().filter(|mutant| {
        let breaks = mutant.breaks.first();
        !breaks.is_some_and(|id| OF_AUTHORIZATION_SERVERS.iter().any(|of| id.starts_with(of)))
    });
    of_management.for_each(|mutant| println!("{}", mutant.name));
}

/// Serves the mutant with this name until standard input ends.
pub fn serve(name: &str) {
    let mutant = mutants().into_iter().find(|mutant| mutant.name == name);
    let mutant = mutant.unwrap_or_else(|| panic!("there is no mutant {name:?}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let behaviour = (mutant.make)();
        let embedded = Embedded::start_wrapped(|router| misbehave::wrap(router, behaviour)).await.unwrap();
        support::serve::until_input_ends(&embedded.target()).await;
        embedded.stop().await;
    });
}
