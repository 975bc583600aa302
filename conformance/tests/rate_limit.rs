//! A rate limit is waited out, and a run says that it was met.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::target::Target;
use support::{Bystanders, false_alarms, run, settings};

#[tokio::test]
async fn a_rate_limit_is_waited_out_in_every_form_that_it_has() {
    for (form, observed) in [("seconds", "in seconds"), ("date", "as a date")] {
        let embedded = Embedded::start_troubled(None, Some("60/1"), &[("retry-after", form)]).await.unwrap();
        let report = run(&settings(embedded.target(), Profile::Standard, 5, 250)).await;
        let wrong = false_alarms(&report, &[]);
        assert!(wrong.is_empty(), "{form}: {}", wrong.join("\n"));
        assert!(report.rate_limited > 0, "{form}: the limit was never met");
        let shown = report.observations.iter().find(|row| row.id == "limits/retry-after").unwrap();
        assert_eq!(shown.answers.iter().map(|answer| &answer.answer).collect::<Vec<_>>(), [observed]);
        assert_eq!(count_servers(&embedded.target()).await, 0);
    }
}

async fn count_servers(target: &Target) -> usize {
    // One request more than the limit allows in a second may be refused at first; the sender waits.
    Bystanders::of(target).everything().await.len() - 1
}
