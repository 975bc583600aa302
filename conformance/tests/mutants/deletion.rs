//! Wrong behaviours of deletion.

use std::collections::HashSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::misbehave::{Answered, Asked, Idle, Misbehave, Mutant, before};
use crate::server::{Hiding, remembering};

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "server_delete_does_nothing",
            breaks: &[
                "server/delete/makes-it-gone",
                "servers/all/omits-deleted",
                "concurrency/updates/leave-one-written-state",
            ],
            make: || Box::new(Idle { operation: "server/delete", instead: "server/load" }),
        },
        Mutant {
            name: "servers_delete_ignores_the_last_id",
            breaks: &["server/delete/makes-it-gone"],
            make: || before(|asked| pop_id(asked, "servers/delete")),
        },
        Mutant {
            name: "client_delete_does_nothing",
            breaks: &[
                "client/delete/ends-its-secret",
                "client/delete/makes-it-gone",
                "concurrency/updates/leave-one-written-state",
            ],
            make: || Box::new(Idle { operation: "server/client/delete", instead: "server/client/load" }),
        },
        Mutant {
            name: "clients_delete_ignores_the_last_id",
            breaks: &[
                "client/delete/makes-it-gone",
                "clients/search/omits-deleted",
                "clients/search/total-counts-all-pages",
            ],
            make: || before(|asked| pop_id(asked, "server/clients/delete")),
        },
        Mutant {
            name: "servers_all_still_shows_what_was_deleted",
            breaks: &["servers/all/omits-deleted"],
            make: || {
                remembering(
                    |asked, answer| {
                        let server = asked.is("server/load").then(|| answer.body.get("server"))??;
                        Some((server["id"].as_str()?.to_owned(), server.clone()))
                    },
                    |memory, asked, answer| {
                        if asked.is("servers/all")
                            && let Some(servers) = answer.body["servers"].as_array_mut()
                        {
                            for (id, server) in memory {
                                if !servers.iter().any(|listed| listed["id"] == id.as_str()) {
                                    servers.push(server.clone());
                                }
                            }
                            answer.body["total"] = servers.len().into();
                        }
                    },
                )
            },
        },
        Mutant {
            name: "deletion_is_refused",
            breaks: &["delete/is-acknowledged"],
            make: || {
                before(|asked| {
                    if asked.is("server/client/delete") {
                        asked.body["id"] = "TPA000000000000000000000000000".into();
                    }
                })
            },
        },
        Mutant {
            name: "deleting_one_server_hides_the_tags_of_the_others",
            breaks: &["delete/spares-the-others", "records/stay-as-they-are"],
            make: || {
                Box::new(Hiding::of("tags", |asked| {
                    asked.is("server/delete").then(|| asked.body["id"].clone())
                }))
            },
        },
        Mutant {
            name: "servers_delete_ignores_the_first_id",
            breaks: &["server/delete/makes-it-gone"],
            make: || {
                before(|asked| {
                    if asked.is("servers/delete")
                        && let Some(ids) = asked.body["ids"].as_array_mut()
                        && ids.len() > 1
                    {
                        ids.remove(0);
                    }
                })
            },
        },
        Mutant {
            name: "clients_delete_stops_at_an_id_that_is_gone",
            breaks: &[
                "clients/search/omits-deleted",
                "clients/search/total-counts-all-pages",
                "client/delete/makes-it-gone",
                "authentication/refuses-a-missing-key",
            ],
            make: || {
                Box::new(Strict { operation: "server/clients/delete", stops: true, ..Strict::default() })
            },
        },
        Mutant {
            name: "clients_delete_refuses_ids_that_are_gone",
            breaks: &[
                "clients/delete/passes-over-the-deleted",
                "authentication/refuses-a-missing-key",
                "delete/is-acknowledged",
            ],
            make: || Box::new(Strict { operation: "server/clients/delete", ..Strict::default() }),
        },
        Mutant {
            name: "servers_delete_refuses_ids_that_are_gone",
            breaks: &["servers/delete/passes-over-the-deleted"],
            make: || Box::new(Strict { operation: "servers/delete", ..Strict::default() }),
        },
    ]
}

fn pop_id(asked: &mut Asked, operation: &str) {
    if asked.is(operation)
        && let Some(ids) = asked.body["ids"].as_array_mut()
        && ids.len() > 1
    {
        ids.pop();
    }
}

/// Minds ids that are already deleted.
#[derive(Default)]
struct Strict {
    operation: &'static str,
    /// Whether it deletes what stands before such an id and claims success; else it refuses.
    stops: bool,
    gone: Mutex<HashSet<String>>,
}

impl Misbehave for Strict {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        if !asked.is(self.operation) {
            return None;
        }
        let gone = self.gone.lock().unwrap();
        let ids = asked.body["ids"].as_array_mut()?;
        let first = ids.iter().position(|id| id.as_str().is_some_and(|id| gone.contains(id)))?;
        if !self.stops {
            return Some(Answered::json(404, json!({"errorCode": "E114101"})));
        }
        ids.truncate(first);
        ids.is_empty().then(|| Answered::json(200, json!({})))
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        if asked.path.ends_with("delete") && answer.status == 200 {
            let ids = asked.body["ids"].as_array().into_iter().flatten().chain(asked.body.get("id"));
            self.gone.lock().unwrap().extend(ids.filter_map(Value::as_str).map(str::to_owned));
        }
    }
}
