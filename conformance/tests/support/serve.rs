//! Serves a wrong target for other programs: see `conformance/comparison/`.

use std::io::Read;

use descope_mcp_conformance::wire::target::Target;
use descope_mcp_program::export;

/// Prints how to reach a target, as the emulator does, and waits until standard input ends.
pub(crate) async fn until_input_ends(target: &Target) {
    for (name, value) in [
        ("DESCOPE_BASE_URL", target.base_url.as_str().trim_end_matches('/')),
        ("DESCOPE_PROJECT_ID", target.project_id.as_str()),
        ("DESCOPE_MANAGEMENT_KEY", target.management_key.expose()),
    ] {
        println!("{}", export::line(name, value));
    }
    let read = || std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    tokio::task::spawn_blocking(read).await.unwrap();
}
