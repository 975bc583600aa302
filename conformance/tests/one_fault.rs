//! A fault that breaks several properties is cut down with the requests of one cause. Faults that differ are each cut down,
//! or shown with a plan that a replay cuts down.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "embedded")]

#[allow(dead_code, unreachable_pub, reason = "this program needs some of these helpers")]
#[path = "mutants/misbehave.rs"]
mod misbehave;
mod support;

use std::fmt::Write;

use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::{Failure, PropertyReport, Report, Verdict};
use descope_mcp_conformance::run::settings::{Profile, Settings};
use descope_mcp_conformance::run::{self, Source};
use descope_mcp_conformance::wire::stop::Stop;
use misbehave::{Answered, Asked, before, instead};
use serde_json::Value;
use support::settings;

/// Requests for each cause, as on a target on another machine.
const SHRINKING: u64 = 30;

/// Most requests that delete a server with clients.
const MAX_CLEAN_UP: u64 = 4;

const SERVER_UPDATE: &str = "server/update/keeps-sent-fields";
const CLIENT_CREATION: &str = "client/create/stores-what-was-sent";

/// A target that loses members of what requests send: for each operation, the JSON pointer of one.
async fn that_loses(lost: &'static [(&'static str, &'static str)]) -> Embedded {
    let lose = move |asked: &mut Asked| {
        for (operation, pointer) in lost {
            if asked.is(operation)
                && let Some(value) = asked.body.pointer_mut(pointer)
            {
                *value = if value.is_array() { serde_json::json!([]) } else { "".into() };
            }
        }
    };
    Embedded::start_wrapped(|router| misbehave::wrap(router, before(lose))).await.unwrap()
}

fn smoke(embedded: &Embedded, seed: u64) -> Settings {
    let settings = settings(embedded.target(), Profile::Smoke, seed, Profile::Smoke.requests());
    Settings { shrinking: SHRINKING, ..settings }
}

fn property<'a>(report: &'a Report, id: &str) -> &'a PropertyReport {
    report.properties.iter().find(|property| property.id == id).unwrap()
}

fn failure<'a>(report: &'a Report, id: &str) -> &'a Failure {
    let property = property(report, id);
    assert_eq!(property.verdict, Verdict::Fail, "{id}");
    property.failure.as_ref().unwrap()
}

fn cut_down(failure: &Failure) -> String {
    serde_json::to_value(failure.cut_down).unwrap().as_str().unwrap().to_owned()
}

/// What a run found broken, for whoever reads that a test failed.
fn words(report: &Report) -> String {
    let mut words = format!("{} requests to shrink", report.shrinking_requests);
    for property in report.causes() {
        let failure = property.failure.as_ref().unwrap();
        let (steps, cut_down) = (failure.steps.len(), cut_down(failure));
        write!(words, "\n{} {steps} steps, {cut_down}: {}", property.id, failure.actual).unwrap();
    }
    words
}

#[tokio::test]
async fn a_member_that_every_update_loses_is_cut_down_with_the_requests_of_one_cause() {
    let embedded = that_loses(&[("server/update", "/server/logo"), ("server/client/update", "/logo")]).await;
    for seed in 0..3 {
        let report = support::run(&smoke(&embedded, seed)).await;
        let words = words(&report);
        assert!(report.causes().count() > 1, "one property is no test of several: {words}");
        assert!(report.shrinking_requests <= SHRINKING, "{words}");
        let failure = failure(&report, SERVER_UPDATE);
        assert_eq!((cut_down(failure).as_str(), failure.steps.len()), ("finished", 2), "{words}");
    }
}

#[tokio::test]
async fn faults_of_different_members_are_each_cut_down() {
    let embedded = that_loses(&[("server/update", "/server/logo"), ("server/client/create", "/tags")]).await;
    let report = support::run(&smoke(&embedded, 0)).await;
    let words = words(&report);
    for (id, steps, member) in [(SERVER_UPDATE, 2, "logo"), (CLIENT_CREATION, 3, "tags")] {
        let failure = failure(&report, id);
        assert_eq!(failure.steps.len(), steps, "{id}: {words}");
        // All other members are gone from what the record was made with.
        let made = &failure.steps[steps - 2];
        let others = ["approvedCallbackUrls", "forceAddAllAuthorizationInfo"];
        assert!(made.contains(member) && !others.iter().any(|other| made.contains(other)), "{made}");
        assert_eq!(property(&report, id).shares_requests_with, None, "{id}: {words}");
    }
}

#[tokio::test]
async fn faults_of_two_operations_with_the_same_member_are_both_shown_and_a_replay_cuts_them_down() {
    let embedded = that_loses(&[("server/update", "/server/logo"), ("server/client/create", "/logo")]).await;
    let settings = smoke(&embedded, 0);
    let report = support::run(&settings).await;
    let words = words(&report);
    assert!(report.shrinking_requests <= SHRINKING, "{words}");
    let shares = [SERVER_UPDATE, CLIENT_CREATION].map(|id| property(&report, id).shares_requests_with);
    assert!(shares == [None, Some(SERVER_UPDATE)] || shares == [Some(CLIENT_CREATION), None], "{shares:?}");
    for (id, steps) in [(SERVER_UPDATE, 2), (CLIENT_CREATION, 3)] {
        let plan = failure(&report, id).plan.clone();
        let property = settings.properties.iter().copied().filter(|property| property.id == id);
        let again = Settings { properties: property.collect(), shrinking: 100, ..smoke(&embedded, 0) };
        let (plans, stop) = ([plan], Stop::default());
        let run = run::run_plans(&again, Source::Replay(&plans), &stop, |_| ());
        let report = support::report(run.await.unwrap());
        let failure = failure(&report, id);
        assert_eq!((cut_down(failure).as_str(), failure.steps.len()), ("finished", steps), "{id}");
    }
}

#[tokio::test]
async fn shrinking_ends_before_its_end_only_if_the_requests_left_are_too_few_for_two_smaller_plans() {
    let ignore = |asked: &Asked| asked.path.ends_with("/revoke").then(|| Answered::json(200, Value::Null));
    let embedded = Embedded::start_wrapped(|router| misbehave::wrap(router, instead(ignore))).await.unwrap();
    for shrinking in [40, 80, 120, 300] {
        let report = support::run(&Settings { shrinking, ..smoke(&embedded, 0) }).await;
        let (words, failure) = (words(&report), failure(&report, "grant/revoke/ends-it"));
        let least = failure.steps.len() as u64;
        // To take two plans of so many steps and to delete what each makes: a client record, found and searched, and a
        // server.
        let is_used_up = report.shrinking_requests + 2 * (least + MAX_CLEAN_UP) > shrinking;
        assert!(cut_down(failure) == "finished" || is_used_up, "of {shrinking}: {words}");
    }
}
