//! Wrong behaviours that show only when requests are carried out at the same time.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use crate::misbehave::{Answered, Asked, Misbehave, Mutant};

/// Long enough for a request that is sent at the same time to arrive.
const OVERLAP: Duration = Duration::from_millis(30);

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "records_created_at_once_share_an_id",
            breaks: &["concurrency/creates/have-distinct-ids"],
            make: || {
                overlapping("client/create", |asked, first, answer, _| {
                    if asked.is("server/client/create") {
                        answer.body["id"] = first["id"].clone();
                    }
                })
            },
        },
        Mutant {
            name: "a_server_created_at_once_with_another_is_not_listed",
            breaks: &["concurrency/creates/all-appear"],
            make: || {
                overlapping("server/create", |asked, _, answer, lost| {
                    if asked.is("server/create") {
                        lost.extend(answer.body["server"]["id"].as_str().map(str::to_owned));
                    }
                    if asked.is("servers/all")
                        && let Some(servers) = answer.body["servers"].as_array_mut()
                    {
                        servers.retain(|server| !lost.contains(server["id"].as_str().unwrap_or_default()));
                        answer.body["total"] = answer.body["servers"].as_array().map_or(0, Vec::len).into();
                    }
                })
            },
        },
        Mutant {
            name: "updates_at_once_are_mixed",
            breaks: &["concurrency/updates/leave-one-written-state", "servers/all/agrees-with-last-answer"],
            make: || {
                overlapping("server/update", |asked, first, answer, mixed| {
                    if asked.is("server/update") {
                        mixed.insert(format!("{} {}", first["server"]["id"], first["server"]["description"]));
                    }
                    let shown = answer.body["server"]["id"].to_string();
                    let other = mixed.iter().find_map(|line| line.strip_prefix(&shown));
                    if asked.is("server/load")
                        && let Some(description) = other
                    {
                        let tags = json!([answer.body["server"]["description"], description]);
                        answer.body["server"]["tags"] = tags;
                    }
                })
            },
        },
        Mutant {
            name: "rotations_at_once_leave_two_secrets",
            breaks: &["concurrency/rotations/leave-one-secret"],
            make: || {
                overlapping("client/secret/rotate", |asked, first, answer, given| {
                    if asked.is("server/client/secret/rotate") {
                        let both = [&first["cleartext"], &answer.body["cleartext"]];
                        given
                            .extend(both.into_iter().filter_map(|secret| secret.as_str().map(str::to_owned)));
                    }
                    let presented = asked.presented_secret().is_some_and(|secret| given.contains(&secret));
                    if asked.is_token() && presented && answer.status >= 400 {
                        *answer = Answered::token();
                    }
                })
            },
        },
    ]
}

/// What a mutant does to an answer, given the answer to the first of overlapping requests and a memory of its own. It
/// sees the second of overlapping requests, and every other request.
type Change = fn(&Asked, &Value, &mut Answered, &mut HashSet<String>);

struct Overlapping {
    operation: &'static str,
    change: Change,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    in_flight: u32,
    overlap: bool,
    first: Option<Value>,
    memory: HashSet<String>,
}

fn overlapping(operation: &'static str, change: Change) -> Box<dyn Misbehave> {
    Box::new(Overlapping { operation, change, state: Mutex::default() })
}

impl Misbehave for Overlapping {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        if asked.path.ends_with(self.operation) {
            let mut state = self.state.lock().unwrap();
            state.in_flight += 1;
            state.overlap |= state.in_flight > 1;
        }
        None
    }

    fn delay(&self, asked: &Asked) -> Duration {
        if asked.path.ends_with(self.operation) { OVERLAP } else { Duration::ZERO }
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let state = &mut *self.state.lock().unwrap();
        if !asked.path.ends_with(self.operation) {
            return (self.change)(asked, &Value::Null, answer, &mut state.memory);
        }
        match state.first.take().filter(|_| state.overlap) {
            Some(first) => (self.change)(asked, &first, answer, &mut state.memory),
            None => state.first = Some(answer.body.clone()),
        }
        state.in_flight -= 1;
        if state.in_flight == 0 {
            state.overlap = false;
            state.first = None;
        }
    }
}
