//! Wrong behaviours of search.

use crate::{
    misbehave::{Mutant, after},
    server::{each, remembering},
};

const SEARCH: &str = "server/clients/search";

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "search_loses_the_last",
            breaks: &["clients/search/finds-created"],
            make: || {
                after(|asked, answer| {
                    if asked.is(SEARCH)
                        && let Some(clients) = answer.body["clients"].as_array_mut()
                    {
                        clients.pop();
                    }
                })
            },
        },
        Mutant {
            name: "search_finds_clients_of_other_servers",
            breaks: &["clients/search/only-this-servers"],
            make: || {
                // Every search also finds the first client that any search found.
                remembering(
                    |asked, answer| {
                        let first = asked.is(SEARCH).then(|| answer.body["clients"].get(0).cloned())??;
                        Some(("first".to_owned(), first))
                    },
                    |memory, asked, answer| {
                        if asked.is(SEARCH)
                            && let Some(first) = memory.get("first")
                            && first["mcpServerId"] != asked.body["mcpServerId"]
                            && let Some(clients) = answer.body["clients"].as_array_mut()
                        {
                            clients.push(first.clone());
                        }
                    },
                )
            },
        },
        Mutant {
            name: "search_shows_no_scopes",
            breaks: &["clients/search/agrees-with-last-answer"],
            make: || {
                after(|asked, answer| {
                    if asked.is(SEARCH) {
                        each(&mut answer.body["clients"], |client| _ = client.remove("scopes"));
                    }
                })
            },
        },
        Mutant {
            name: "search_still_finds_what_was_deleted",
            breaks: &["clients/search/omits-deleted"],
            make: || {
                remembering(
                    |_, answer| {
                        let client = answer.body.get("client")?;
                        Some((client["id"].as_str()?.to_owned(), client.clone()))
                    },
                    |memory, asked, answer| {
                        if asked.is(SEARCH)
                            && let Some(clients) = answer.body["clients"].as_array_mut()
                        {
                            for (id, client) in memory {
                                let here = client["mcpServerId"] == asked.body["mcpServerId"];
                                let found = clients.iter().any(|found| found["id"] == id.as_str());
                                if here && !found {
                                    clients.push(client.clone());
                                }
                            }
                        }
                    },
                )
            },
        },
    ]
}
