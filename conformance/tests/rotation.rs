//! Whether a rotation invalidates the old secret: what a run says of targets where it does so late, or where nobody can
//! see it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "embedded")]

#[allow(dead_code, unreachable_pub, reason = "this program needs some of these helpers")]
#[path = "mutants/misbehave.rs"]
mod misbehave;
mod support;

use std::collections::HashMap;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::{Conclusion, Report, Verdict};
use descope_mcp_conformance::run::settings::Profile;
use misbehave::{Answered, Asked, Behaviour, Misbehave, instead};
use serde_json::json;

const OLD_IS_REFUSED: &str = "client/rotate/invalidates-old-secret";
const OLDER_IS_REFUSED: &str = "client/rotate/revives-no-old-secret";

/// Accepts secrets for some time after their rotation.
struct Grace {
    lasts: Duration,
    /// The secret of each client, by the id of its record.
    current: Mutex<HashMap<String, String>>,
    /// Secrets that were replaced: when, and by which.
    replaced: Mutex<HashMap<String, (Instant, String)>>,
}

impl Grace {
    fn lasting(lasts: Duration) -> Behaviour {
        Box::new(Self { lasts, current: Mutex::default(), replaced: Mutex::default() })
    }
}

impl Misbehave for Grace {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let mut presented = asked.presented_secret()?;
        let replaced = self.replaced.lock().unwrap();
        let age = replaced.get(&presented)?.0.elapsed();
        while let Some((_, next)) = replaced.get(&presented).filter(|_| age < self.lasts) {
            presented = next.clone();
        }
        asked.present_secret(&presented);
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let Some(secret) = answer.body["cleartext"].as_str().filter(|_| answer.status == 200) else { return };
        let id = answer.body["id"].as_str().map_or_else(|| asked.text("id"), str::to_owned);
        let old = self.current.lock().unwrap().insert(id, secret.to_owned());
        if let Some(old) = old.filter(|old| old != secret) {
            let mut replaced = self.replaced.lock().unwrap();
            // Of rotations at the same time, answers may come in another order: then the first one is read again, and must not
            // lead in a circle.
            replaced.remove(secret);
            replaced.insert(old, (Instant::now(), secret.to_owned()));
        }
    }
}

async fn smoke(lasts: Duration, accepted: Duration) -> Report {
    let embedded =
        Embedded::start_wrapped(|router| misbehave::wrap(router, Grace::lasting(lasts))).await.unwrap();
    let mut settings = support::settings(embedded.target(), Profile::Smoke, 7, 100);
    settings.rotation_grace = accepted;
    // What is broken is only looked at more closely if there are requests for that.
    settings.shrinking = 30;
    let report = support::run(&settings).await;
    embedded.stop().await;
    report
}

fn verdicts(report: &Report) -> [Verdict; 2] {
    [OLD_IS_REFUSED, OLDER_IS_REFUSED]
        .map(|id| report.properties.iter().find(|property| property.id == id).unwrap().verdict)
}

#[tokio::test]
async fn a_grace_period_that_nobody_accepted_is_broken_and_its_length_is_measured() {
    let report = smoke(Duration::from_secs(4), Duration::ZERO).await;
    assert_eq!(report.conclusion, Conclusion::Fail);
    assert_eq!(verdicts(&report), [Verdict::Fail, Verdict::Fail]);
    let worked = report.rotation.worked_after_ms.unwrap();
    let refused = report.rotation.refused_after_ms.unwrap();
    assert!((1_900..4_000).contains(&worked) && (4_000..8_000).contains(&refused), "{worked} {refused}");
}

#[tokio::test]
async fn a_grace_period_within_the_accepted_one_breaks_nothing() {
    let report = smoke(Duration::from_secs(2), Duration::from_secs(3)).await;
    assert_eq!(support::false_alarms(&report, &[]), [""; 0]);
    assert_eq!((report.conclusion, verdicts(&report)), (Conclusion::Pass, [Verdict::Pass; 2]));
    assert_eq!(report.rotation.accepted_grace_ms, 3_000);
}

#[tokio::test]
async fn a_grace_period_beyond_the_accepted_one_is_broken() {
    let report = smoke(Duration::from_secs(5), Duration::from_secs(1)).await;
    assert_eq!(verdicts(&report)[0], Verdict::Fail);
    let broken = report.properties.iter().find(|property| property.id == OLD_IS_REFUSED).unwrap();
    let failure = broken.failure.as_ref().unwrap();
    assert!(failure.expected.contains("more than 1 s ago"), "{}", failure.expected);
    assert!(failure.actual.contains("s after the rotation"), "{}", failure.actual);
}

async fn command(target: &Embedded, arguments: &'static [&str]) -> Output {
    let target = target.target();
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
    command
        .env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
        .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose())
        .args(["--target", target.base_url.as_str(), "--seed", "7"])
        .args(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test]
async fn where_no_token_endpoint_shows_it_a_run_says_so_and_one_that_was_asked_for_it_is_incomplete() {
    let absent = || instead(|asked| asked.is_token().then(|| Answered::json(404, json!({}))));
    let embedded = Embedded::start_wrapped(|router| misbehave::wrap(router, absent())).await.unwrap();
    let says =
        "it could not be proven that a rotation invalidates the old secret: its token endpoint answers 404";
    let whole = command(&embedded, &[]).await;
    let stdout = String::from_utf8(whole.stdout).unwrap();
    assert_eq!(whole.status.code(), Some(exit_code::PASS.into()), "{stdout}");
    assert!(stdout.lines().any(|line| line.trim() == says), "{stdout}");
    for only in [
        &["--only", "rotate-invalidates-secret"],
        &["--only", "client/rotate/invalidates-old-secret"],
        &["--only", "client/rotate/revives-no-old-secret"],
    ] {
        let output = command(&embedded, only).await;
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(exit_code::UNTESTED.into()), "{only:?}: {stdout}");
        assert!(stdout.contains("was asked for by name and is not applicable"), "{only:?}: {stdout}");
    }
    let path = command(&embedded, &["--only", "client/rotate"]).await;
    assert_eq!(path.status.code(), Some(exit_code::PASS.into()), "a path only says where to look");
    let nothing = command(&embedded, &["--only", "authorization/token"]).await;
    let stdout = String::from_utf8(nothing.stdout).unwrap();
    assert_eq!(nothing.status.code(), Some(exit_code::UNTESTED.into()), "{stdout}");
    assert!(stdout.contains("none of the properties that were asked for applies"), "{stdout}");
    embedded.stop().await;
}
