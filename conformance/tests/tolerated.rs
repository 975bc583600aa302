//! Targets that differ from the emulator in a way that no document forbids: none of them is accused, and what cannot be
//! judged there is not applicable, with a reason, rather than untested.
//!
//! `CONFORMANCE_SEEDS` says how many seeds each target gets in each profile (2), `CONFORMANCE_SEED` is the first of them,
//! `CONFORMANCE_ONLY` takes the targets whose names contain it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "embedded")]

#[allow(dead_code, unreachable_pub, reason = "this program needs some of these helpers")]
#[path = "mutants/misbehave.rs"]
mod misbehave;
mod support;

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::properties::property::Level;
use descope_mcp_conformance::report::{Conclusion, Report, Verdict};
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::exchange::MAX_ORDINARY_BODY_BYTES;
use misbehave::{Answered, Asked, Behaviour, LongDescriptions, Misbehave, after, instead};
use serde_json::{Value, json};
use support::{run, setting, settings};

/// A way to differ, and the properties that do not apply because of it.
struct Target {
    name: &'static str,
    make: fn() -> Behaviour,
    not_applicable: &'static [&'static str],
}

/// Requests of a run of the profile `standard`.
const REQUESTS: u64 = 400;

/// A member that no document knows and that plans add: what a target makes of it is its own question.
const OURS: &str = "xConformanceExtension";

fn targets() -> Vec<Target> {
    vec![
        Target {
            name: "descriptions_of_any_length_are_taken",
            make: || Box::new(LongDescriptions::default()),
            not_applicable: &[],
        },
        Target {
            name: "large_bodies_are_refused_with_the_page_of_a_proxy",
            make: || {
                instead(|asked| {
                    let page = "<html>413 Request Entity Too Large</html>".into();
                    is_large(asked).then(|| Answered { status: 413, headers: HeaderMap::new(), body: page })
                })
            },
            not_applicable: &[],
        },
        Target {
            name: "large_bodies_make_it_fail",
            make: || {
                instead(|asked| is_large(asked).then(|| Answered::json(500, json!({"errorCode": "E1"}))))
            },
            not_applicable: &[],
        },
        Target {
            name: "zero_values_are_left_out",
            make: || {
                after(|asked, answer| {
                    if is_management(asked) && answer.status == 200 {
                        leave_zeros_out(&mut answer.body);
                    }
                })
            },
            not_applicable: &[],
        },
        Target {
            name: "metadata_is_at_the_documented_places_only",
            make: || {
                instead(|asked| {
                    asked.path.starts_with("/.well-known/").then(|| Answered::json(404, json!({})))
                })
            },
            // Both of these places are asked for in `standard`.
            not_applicable: &[],
        },
        Target {
            name: "names_cannot_be_changed",
            make: || Box::new(Unchangeable(Mutex::default())),
            not_applicable: &[],
        },
        Target {
            name: "redirects_name_no_issuer",
            make: || {
                after(|asked, answer| {
                    if asked.path.contains("/.well-known/")
                        && let Some(metadata) = answer.body.as_object_mut()
                    {
                        metadata.remove("authorization_response_iss_parameter_supported");
                    }
                    in_location(answer, |place| {
                        let mut url = url::Url::parse(place).unwrap();
                        let kept: Vec<_> =
                            url.query_pairs().into_owned().filter(|(name, _)| name != "iss").collect();
                        url.query_pairs_mut().clear().extend_pairs(kept);
                        url.into()
                    });
                })
            },
            not_applicable: &["grant/code/names-its-issuer"],
        },
        Target {
            name: "lists_have_no_total",
            make: || {
                after(|asked, answer| {
                    if let Some(body) = answer.body.as_object_mut().filter(|_| is_management(asked)) {
                        body.remove("total");
                    }
                })
            },
            not_applicable: &[
                "clients/search/total-counts-all-pages",
                "clients/search/total-counts-clients",
                "servers/all/total-is-their-number",
            ],
        },
        Target {
            name: "every_user_is_asked_on_a_page",
            make: || {
                after(|asked, answer| {
                    if gives_code(asked, answer) {
                        *answer = Answered::json(200, "<h1>Sign in</h1>".into());
                        answer.headers.insert("content-type", HeaderValue::from_static("text/html"));
                    }
                })
            },
            not_applicable: WITHOUT_CODES,
        },
        Target {
            name: "every_user_is_sent_to_a_login_page",
            make: || {
                after(|asked, answer| {
                    if gives_code(asked, answer) {
                        in_location(answer, |_| "https://login.example.com/?flow=inbound".to_owned());
                    }
                })
            },
            not_applicable: WITHOUT_CODES,
        },
        Target {
            name: "registration_needs_an_initial_access_token",
            make: || {
                instead(|asked| {
                    let refused = || Answered::json(401, json!({"error": "invalid_token"}));
                    asked.path.ends_with("/register").then(refused)
                })
            },
            not_applicable: &[
                "grant/refresh/spends-the-token",
                "registration/dynamic/gives-a-client-id",
                "registration/dynamic/is-refused-when-disabled",
                "registration/dynamic/makes-a-record",
                "registration/dynamic/returns-what-is-registered",
            ],
        },
        Target {
            name: "another_project_is_a_bad_request",
            make: || another_project(400),
            not_applicable: &[],
        },
        Target { name: "another_project_is_not_found", make: || another_project(404), not_applicable: &[] },
        Target {
            name: "records_have_members_that_the_server_manages",
            make: || Box::new(Managed(AtomicU64::new(1))),
            not_applicable: &[],
        },
        Target {
            name: "refresh_tokens_of_clients_with_a_secret_stay",
            make: || Box::new(Family { replaces: false, newest: Mutex::default() }),
            not_applicable: &[],
        },
        Target {
            name: "replaced_refresh_tokens_of_clients_with_a_secret_still_work",
            make: || Box::new(Family { replaces: true, newest: Mutex::default() }),
            not_applicable: &[],
        },
        Target {
            name: "errors_are_problem_details",
            make: || {
                after(|asked, answer| {
                    if is_management(asked) && answer.status >= 400 {
                        let problem = HeaderValue::from_static("application/problem+json");
                        answer.headers.insert("content-type", problem);
                        answer.body["title"] = "It is refused".into();
                        answer.body["status"] = answer.status.into();
                    }
                })
            },
            not_applicable: &[],
        },
    ]
}

/// What `smoke` exercises in one way only: it refreshes the tokens of clients that registered themselves, and sends values
/// that may be refused together with a name.
const NOT_IN_SMOKE: [&str; 2] = ["grant/refresh/gives-tokens", "records/keep-values-that-may-be-refused"];

/// What needs codes that no user has to agree to.
const WITHOUT_CODES: &[&str] = &[
    "grant/code/comes-back-with-the-state",
    "grant/code/gives-tokens",
    "grant/code/goes-to-registered-uris-only",
    "grant/code/is-bound-to-its-verifier",
    "grant/code/names-its-issuer",
    "grant/code/needs-a-challenge",
    "grant/code/works-once",
    "grant/userinfo/names-the-user",
    "grant/refresh/gives-tokens",
    "grant/refresh/spends-the-token",
    "grant/revoke/ends-it",
];

/// Whether it has a larger body than every target can be expected to take.
fn is_large(asked: &Asked) -> bool {
    asked.raw.len() > MAX_ORDINARY_BODY_BYTES
}

fn is_management(asked: &Asked) -> bool {
    asked.path.starts_with("/v1/mgmt/mcp/") && !asked.path.ends_with("/register")
}

/// Leaves out what proto3 leaves out of JSON: every member that has the zero value of its type, but no message.
fn leave_zeros_out(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| {
                let zero = match member {
                    Value::Null | Value::Bool(false) => true,
                    Value::Number(number) => number.as_f64() == Some(0.0),
                    Value::String(text) => text.is_empty(),
                    Value::Array(items) => items.is_empty(),
                    Value::Bool(true) | Value::Object(_) => false,
                };
                name == OURS || !zero
            });
            members
                .iter_mut()
                .filter(|(name, _)| *name != OURS)
                .for_each(|(_, member)| leave_zeros_out(member));
        }
        Value::Array(items) => items.iter_mut().for_each(leave_zeros_out),
        _ => {}
    }
}

fn in_location(answer: &mut Answered, change: impl Fn(&str) -> String) {
    let place = answer.headers.get("location").and_then(|place| place.to_str().ok()).map(str::to_owned);
    if let Some(place) = place {
        answer.headers.insert("location", change(&place).parse().unwrap());
    }
}

fn gives_code(asked: &Asked, answer: &Answered) -> bool {
    let place = answer.headers.get("location").and_then(|place| place.to_str().ok());
    asked.path.contains("/authorize?") && place.is_some_and(|place| place.contains("code="))
}

/// Answers with that status where the id of another project was sent.
fn another_project(status: u16) -> Behaviour {
    after(move |asked, answer| {
        let key = asked.headers.get("authorization").and_then(|value| value.to_str().ok());
        if key.is_some_and(|key| key.starts_with("Bearer P0000000000")) && answer.status >= 400 {
            answer.status = status;
        }
    })
}

/// Adds members to every record that change by themselves, and takes none of them from a request.
struct Managed(AtomicU64);

const MANAGED: [&str; 3] = ["version", "modifiedTime", "lastUsedTime"];

impl Misbehave for Managed {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let in_update = asked.body.get_mut("server").filter(|record| record.is_object()).is_some();
        let record = if in_update { &mut asked.body["server"] } else { &mut asked.body };
        if let Some(members) = record.as_object_mut() {
            members.retain(|name, _| !MANAGED.contains(&name.as_str()));
        }
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        if !is_management(asked) || answer.status != 200 {
            return;
        }
        let Some(body) = answer.body.as_object_mut() else { return };
        let mut records: Vec<&mut Value> = Vec::new();
        for (name, member) in body {
            match (name.as_str(), member) {
                ("server" | "client", record) => records.push(record),
                ("servers" | "clients", Value::Array(list)) => records.extend(list),
                _ => {}
            }
        }
        for record in records.into_iter().filter(|record| record.is_object()) {
            for name in MANAGED {
                record[name] = self.0.fetch_add(1, Ordering::Relaxed).into();
            }
        }
    }
}

/// Refuses updates that change the name of a record, which it knows by the id.
struct Unchangeable(Mutex<HashMap<String, String>>);

impl Misbehave for Unchangeable {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let record = match asked.path.strip_prefix("/v1/mgmt/mcp/")? {
            "server/update" => &asked.body["server"],
            "server/client/update" => &asked.body,
            _ => return None,
        };
        let (id, name) = (record["id"].as_str()?, record["name"].as_str()?);
        let is_another = self.0.lock().unwrap().get(id).is_some_and(|known| known != name);
        let refused = || Answered::json(400, json!({"errorCode": "E1", "errorDescription": "names stay"}));
        // Who may not ask is told so first.
        let key =
            asked.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_right =
            key.starts_with("Bearer P") && !key.starts_with("Bearer P0000000") && !key.contains(":K2wrong");
        (is_another && is_right).then(refused)
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let (id, name) = match asked.path.strip_prefix("/v1/mgmt/mcp/") {
            Some("server/create") => (&answer.body["server"]["id"], &answer.body["server"]["name"]),
            Some("server/client/create") => (&answer.body["id"], &asked.body["name"]),
            _ => return,
        };
        if let (Some(id), Some(name)) = (id.as_str(), name.as_str()) {
            self.0.lock().unwrap().insert(id.to_owned(), name.to_owned());
        }
    }
}

/// Lets clients with a secret use a refresh token again, whether or not another replaces it.
struct Family {
    replaces: bool,
    /// The emulator's newest token by each that was used before it.
    newest: Mutex<HashMap<String, String>>,
}

const PRESENTED: &str = "x-presented";

impl Misbehave for Family {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let has_secret = asked.presented_secret().is_some() || asked.path.ends_with("/revoke");
        let name = if asked.path.ends_with("/revoke") { "token" } else { "refresh_token" };
        let presented = asked.field(name).filter(|_| has_secret)?;
        let newest = self.newest.lock().unwrap();
        let mut real = &presented;
        while let Some(next) = newest.get(real) {
            real = next;
        }
        let real = real.clone();
        asked.headers.insert(PRESENTED, presented.parse().unwrap());
        asked.change_fields(|fields| {
            fields.iter_mut().filter(|(field, _)| field == name).for_each(|(_, value)| *value = real.clone());
        });
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let Some(presented) = asked.headers.get(PRESENTED).and_then(|value| value.to_str().ok()) else {
            return;
        };
        let used = asked.field("refresh_token");
        if let (Some(used), Some(new)) = (used, answer.body["refresh_token"].as_str().map(str::to_owned)) {
            self.newest.lock().unwrap().insert(used, new);
            if !self.replaces {
                answer.body["refresh_token"] = presented.into();
            }
        }
    }
}

async fn judged(target: &Target, profile: Profile, seed: u64) -> Report {
    let behaviour = (target.make)();
    let embedded = Embedded::start_wrapped(|router| misbehave::wrap(router, behaviour)).await.unwrap();
    let report = run(&settings(embedded.target(), profile, seed, REQUESTS.min(profile.requests()))).await;
    embedded.stop().await;
    report
}

#[tokio::test]
async fn what_fails_no_run_is_neither_waited_for_nor_cut_down() {
    let id = "clients/search/total-counts-all-pages";
    for (fails_from, is_cut_down) in [(Level::Should, false), (Level::Info, true)] {
        let embedded = Embedded::start_varied(&[("total", "page")]).await.unwrap();
        let mut settings = settings(embedded.target(), Profile::Smoke, 1, Profile::Smoke.requests());
        settings.consistency_window = Duration::from_secs(3);
        (settings.shrinking, settings.fails_from) = (300, fails_from);
        let report = run(&settings).await;
        embedded.stop().await;
        let property = report.properties.iter().find(|property| property.id == id).unwrap();
        assert_eq!(property.verdict, Verdict::Fail);
        assert_eq!(report.shrinking_requests > 0, is_cut_down, "{} requests", report.shrinking_requests);
        assert_eq!(report.elapsed_ms >= 3_000, is_cut_down, "{} ms", report.elapsed_ms);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_target_is_accused_of_what_no_document_forbids_and_what_cannot_be_judged_has_a_reason() {
    let (seeds, first) = (setting("CONFORMANCE_SEEDS", 2), setting("CONFORMANCE_SEED", 0));
    let only = std::env::var("CONFORMANCE_ONLY").unwrap_or_default();
    let mut wrong = Vec::new();
    for target in targets().into_iter().filter(|target| target.name.contains(&only)) {
        let mut applied = BTreeSet::new();
        for seed in first..first + seeds {
            for profile in [Profile::Smoke, Profile::Standard] {
                let report = judged(&target, profile, seed).await;
                let place = format!("{}, {}, seed {seed}", target.name, profile.name());
                let alarms = support::false_alarms(&report, &[]);
                wrong.extend(alarms.into_iter().map(|alarm| format!("{place}: {alarm}")));
                if report.conclusion != Conclusion::Pass {
                    wrong.push(format!("{place}: {:?}", report.conclusion));
                }
                for property in &report.properties {
                    let in_smoke = profile == Profile::Smoke && NOT_IN_SMOKE.contains(&property.id);
                    let expected = in_smoke || target.not_applicable.contains(&property.id);
                    match property.verdict {
                        Verdict::NotApplicable if !expected || property.reason.is_none() => {
                            wrong.push(format!("{place}: {} is not applicable", property.id));
                        }
                        Verdict::NotApplicable => {}
                        _ => {
                            applied.insert(property.id);
                        }
                    }
                }
            }
        }
        let judged = target.not_applicable.iter().filter(|id| applied.contains(*id));
        wrong.extend(judged.map(|id| format!("{}: {id} is judged all the same", target.name)));
    }
    assert!(wrong.is_empty(), "{} findings\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_large_a_description_a_target_takes_is_an_answer() {
    let answers = async |name: &str| {
        let all = targets();
        let target = all.iter().find(|target| target.name == name).unwrap();
        let report = judged(target, Profile::Standard, 0).await;
        let row = report.observations.iter().find(|row| row.id == "server/long-description").unwrap();
        row.answers.iter().map(|answer| answer.answer.clone()).collect::<Vec<_>>()
    };
    assert_eq!(answers("descriptions_of_any_length_are_taken").await, ["1 MB: yes", "100 KB: yes"]);
    assert_eq!(
        answers("large_bodies_make_it_fail").await,
        ["1 MB: it fails: status 500", "100 KB: it fails: status 500"]
    );
    assert_eq!(
        answers("large_bodies_are_refused_with_the_page_of_a_proxy").await,
        ["1 MB: no: status 413 without errorCode", "100 KB: no: status 413 without errorCode"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_megabyte_that_comes_back_cut_is_reported_in_few_words() {
    let target = Target { name: "", make: || Box::new(LongDescriptions::cut(999_999)), not_applicable: &[] };
    let report = judged(&target, Profile::Standard, 0).await;
    let property = report.properties.iter().find(|one| one.id == "server/update/keeps-sent-fields").unwrap();
    let failure = property.failure.as_ref().unwrap();
    let (expected, actual) = (&failure.expected, &failure.actual);
    assert!(expected.ends_with("(1000026 characters)") && expected.len() < 5_000, "{expected}");
    assert!(actual.ends_with("(1000025 characters)") && actual.len() < 5_000, "{actual}");
    assert!(failure.steps.iter().all(|step| step.len() < 1_000), "{:?}", failure.steps);
    for exchange in &failure.exchanges {
        assert!(exchange.curl.len() < 100_000 && exchange.request.len() < 100_000, "{}", exchange.curl);
    }
}
