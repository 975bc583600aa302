//! Wrong behaviours that show only when requests are carried out at the same time.

use std::collections::{HashMap, HashSet};
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
            // If the second one is answered first, the first one has the id of another record.
            breaks: &[
                "concurrency/creates/have-distinct-ids",
                "client/create/stores-what-was-sent",
                "client/rotate/invalidates-old-secret",
                "client/secret/is-accepted",
                "clients/search/finds-created",
                "clients/search/total-counts-all-pages",
                "concurrency/creates/all-appear",
            ],
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
            name: "client_updates_at_once_are_torn",
            breaks: &[
                "concurrency/updates/leave-one-written-state",
                "clients/search/agrees-with-last-answer",
            ],
            make: || {
                overlapping("client/update", |asked, first, answer, torn| {
                    let id = answer.body["client"]["id"].to_string();
                    if asked.is("server/client/update") {
                        torn.insert(format!("{id} {}", first["client"]["logo"].as_str().unwrap_or_default()));
                    }
                    if asked.is("server/client/load")
                        && let Some(logo) = torn.iter().find_map(|line| line.strip_prefix(&format!("{id} ")))
                    {
                        answer.body["client"]["logo"] = logo.into();
                    }
                })
            },
        },
        Mutant {
            name: "an_update_brings_back_what_is_deleted_meanwhile",
            // Lists and the token endpoint do not know what loads show again.
            breaks: &[
                "concurrency/updates/leave-one-written-state",
                "clients/search/finds-created",
                "clients/search/total-counts-all-pages",
                "records/stay-as-they-are",
                "servers/all/contains-created",
            ],
            make: || Box::new(Resurrection::default()),
        },
        Mutant {
            name: "a_secret_in_use_during_its_rotation_stays_valid",
            breaks: &["client/rotate/invalidates-old-secret", "client/rotate/revives-no-old-secret"],
            make: || Box::new(InUse::default()),
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

/// Shows a record again that was deleted while it was updated, as the update sent it.
#[derive(Default)]
struct Resurrection(Mutex<Deletions>);

#[derive(Default)]
struct Deletions {
    /// The requests in flight: which record each is about, and whether it deletes it.
    in_flight: Vec<(Value, bool)>,
    /// What updates sent last, by the id.
    updates: HashMap<String, Value>,
    client_ids: HashMap<String, Value>,
    risen: HashMap<String, Value>,
}

impl Resurrection {
    /// The record in the body of an update or deletion, and whether it is a deletion.
    fn about(asked: &Asked) -> Option<(&Value, bool)> {
        match asked.path.strip_prefix("/v1/mgmt/mcp/")? {
            "server/update" => Some((&asked.body["server"], false)),
            "server/client/update" => Some((&asked.body, false)),
            "server/delete" | "server/client/delete" => Some((&asked.body, true)),
            _ => None,
        }
    }
}

impl Misbehave for Resurrection {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let mut state = self.0.lock().unwrap();
        if let Some((record, deletes)) = Self::about(asked) {
            let id = record["id"].clone();
            if !deletes {
                let mut record = record.clone();
                if let Some(client_id) = state.client_ids.get(&id.to_string()) {
                    record["clientId"] = client_id.clone();
                }
                state.updates.insert(id.to_string(), record);
            }
            if state.in_flight.contains(&(id.clone(), !deletes))
                && let Some(record) = state.updates.get(&id.to_string()).cloned()
            {
                state.risen.insert(id.to_string(), record);
            }
            state.in_flight.push((id, deletes));
        }
        let shown_as = match (asked.is("server/load"), asked.is("server/client/load")) {
            (true, _) => "server",
            (_, true) => "client",
            (false, false) => return None,
        };
        let record = state.risen.get(&asked.body["id"].to_string())?;
        Some(Answered::json(200, json!({ shown_as: record })))
    }

    fn delay(&self, asked: &Asked) -> Duration {
        if Self::about(asked).is_some() { OVERLAP } else { Duration::ZERO }
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let mut state = self.0.lock().unwrap();
        if let Some((record, deletes)) = Self::about(asked) {
            let ended = (record["id"].clone(), deletes);
            let position = state.in_flight.iter().position(|request| *request == ended);
            position.map(|position| state.in_flight.remove(position));
        }
        if asked.is("server/client/create") {
            state.client_ids.insert(answer.body["id"].to_string(), answer.body["clientId"].clone());
        }
    }
}

/// Goes on accepting a secret that was presented while it was rotated.
#[derive(Default)]
struct InUse(Mutex<Uses>);

#[derive(Default)]
struct Uses {
    rotations: u32,
    presented: Vec<String>,
    kept: HashSet<String>,
}

impl InUse {
    const ROTATE: &str = "server/client/secret/rotate";
}

impl Misbehave for InUse {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let uses = &mut *self.0.lock().unwrap();
        uses.rotations += u32::from(asked.is(Self::ROTATE));
        uses.presented.extend(asked.presented_secret());
        if uses.rotations > 0 {
            uses.kept.extend(uses.presented.iter().cloned());
        }
        None
    }

    fn delay(&self, asked: &Asked) -> Duration {
        if asked.is(Self::ROTATE) || asked.is_token() { OVERLAP } else { Duration::ZERO }
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let uses = &mut *self.0.lock().unwrap();
        uses.rotations -= u32::from(asked.is(Self::ROTATE));
        let Some(secret) = asked.presented_secret() else { return };
        if let Some(position) = uses.presented.iter().position(|other| *other == secret) {
            uses.presented.remove(position);
        }
        if uses.kept.contains(&secret) && answer.status >= 400 {
            *answer = Answered::token();
        }
    }
}
