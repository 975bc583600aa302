//! Wrong behaviours of search.

use std::sync::Mutex;

use serde_json::Value;

use crate::misbehave::{Answered, Asked, Misbehave, Mutant, after, before};
use crate::server::{drop_member, each, remembering};

const SEARCH: &str = "server/clients/search";

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "search_loses_the_last",
            breaks: &[
                "clients/search/finds-by-text",
                "clients/search/finds-created",
                "clients/search/pages-leave-no-gap",
                "clients/search/total-counts-all-pages",
                "clients/search/total-counts-clients",
            ],
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
                // Every search for nothing in particular also finds the first client that any such search found.
                remembering(
                    |asked, answer| {
                        let first = is_plain(asked).then(|| answer.body["clients"].get(0).cloned())??;
                        Some(("first".to_owned(), first))
                    },
                    |memory, asked, answer| {
                        if is_plain(asked)
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
                        if is_plain(asked)
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
        Mutant {
            name: "search_total_is_the_length_of_the_page",
            breaks: &["clients/search/total-counts-all-pages"],
            make: || {
                after(|asked, answer| {
                    if asked.is(SEARCH) && answer.status == 200 {
                        answer.body["total"] = answer.body["clients"].as_array().map_or(0, Vec::len).into();
                    }
                })
            },
        },
        Mutant {
            name: "search_total_is_one_too_many",
            breaks: &["clients/search/total-counts-all-pages", "clients/search/total-counts-clients"],
            make: || {
                after(|asked, answer| {
                    if asked.is(SEARCH)
                        && let Some(total) = answer.body["total"].as_u64()
                    {
                        answer.body["total"] = (total + 1).into();
                    }
                })
            },
        },
        Mutant {
            name: "search_ignores_the_limit",
            breaks: &["clients/search/honours-the-limit"],
            make: || before(|asked| drop_member(asked, SEARCH, "/limit")),
        },
        Mutant {
            name: "search_gives_one_more_than_the_limit",
            breaks: &["clients/search/honours-the-limit", "clients/search/pages-repeat-nothing"],
            make: || {
                before(|asked| {
                    // As from a program that asks for one more to see whether there is a next page, and shows it.
                    if asked.is(SEARCH)
                        && asked.body["page"] == 0
                        && let Some(limit) = asked.body["limit"].as_u64()
                    {
                        asked.body["limit"] = (limit + 1).into();
                    }
                })
            },
        },
        Mutant {
            name: "search_shows_the_first_page_whatever_page_is_asked_for",
            breaks: &["clients/search/is-empty-past-the-end", "clients/search/pages-repeat-nothing"],
            make: || before(|asked| drop_member(asked, SEARCH, "/page")),
        },
        Mutant {
            name: "search_counts_pages_from_one",
            breaks: &["clients/search/is-empty-past-the-end", "clients/search/pages-repeat-nothing"],
            make: || {
                before(|asked| {
                    if asked.is(SEARCH)
                        && let Some(page) = asked.body["page"].as_u64()
                    {
                        asked.body["page"] = page.saturating_sub(1).into();
                    }
                })
            },
        },
        Mutant {
            name: "search_begins_a_page_with_the_last_of_the_page_before",
            breaks: &["clients/search/pages-leave-no-gap", "clients/search/pages-repeat-nothing"],
            make: || Box::new(Boundary::default()),
        },
        Mutant {
            name: "search_skips_the_first_of_the_second_page",
            breaks: &["clients/search/pages-leave-no-gap"],
            make: || {
                after(|asked, answer| {
                    if asked.is(SEARCH)
                        && asked.body["page"] == 1
                        && let Some(clients) = answer.body["clients"].as_array_mut()
                        && !clients.is_empty()
                    {
                        clients.remove(0);
                    }
                })
            },
        },
        Mutant {
            name: "search_shows_the_last_page_past_the_end",
            breaks: &["clients/search/is-empty-past-the-end", "clients/search/pages-repeat-nothing"],
            make: || Box::new(Boundary { past_the_end: true, ..Boundary::default() }),
        },
        Mutant {
            name: "search_ignores_the_order",
            breaks: &["clients/search/sorts-by-name"],
            make: || before(|asked| drop_member(asked, SEARCH, "/sort")),
        },
        Mutant {
            name: "search_only_sorts_forwards",
            breaks: &["clients/search/sorts-by-name"],
            make: || before(|asked| drop_member(asked, SEARCH, "/sort/0/desc")),
        },
        Mutant {
            name: "search_ignores_the_client_id",
            breaks: &["clients/search/finds-only-matching"],
            make: || before(|asked| drop_member(asked, SEARCH, "/clientId")),
        },
        Mutant {
            name: "search_ignores_the_tag",
            breaks: &["clients/search/finds-only-matching"],
            make: || before(|asked| drop_member(asked, SEARCH, "/tag")),
        },
        Mutant {
            name: "search_looks_for_texts_in_ids_only",
            breaks: &["clients/search/finds-by-text"],
            make: || {
                after(|asked, answer| {
                    let text = asked.text("text");
                    if asked.is(SEARCH)
                        && !text.is_empty()
                        && let Some(clients) = answer.body["clients"].as_array_mut()
                    {
                        clients.retain(|client| client["id"].as_str().is_some_and(|id| id.contains(&text)));
                    }
                })
            },
        },
        Mutant {
            name: "search_puts_client_ids_into_lower_case",
            breaks: &[
                "clients/search/finds-created",
                "clients/search/total-counts-all-pages",
                "clients/search/pages-leave-no-gap",
                "registration/dynamic/makes-a-record",
            ],
            make: || {
                before(|asked| {
                    if asked.is(SEARCH)
                        && let Some(Value::String(id)) = asked.body.get_mut("clientId")
                    {
                        *id = id.to_lowercase();
                    }
                })
            },
        },
    ]
}

/// Whether it is a search without filters and pages.
fn is_plain(asked: &Asked) -> bool {
    asked.is(SEARCH) && asked.body.as_object().is_some_and(|members| members.len() == 1)
}

/// Puts clients of one page on another.
#[derive(Default)]
struct Boundary {
    /// Whether the last page that held anything is shown again after the end; else, each page begins with the client
    /// that the page before ended with, in place of its own first one.
    past_the_end: bool,
    before: Mutex<Vec<Value>>,
}

impl Misbehave for Boundary {
    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let Some(page) = asked.body["page"].as_u64().filter(|_| asked.is(SEARCH)) else { return };
        let Some(clients) = answer.body["clients"].as_array_mut() else { return };
        let mut before = self.before.lock().unwrap();
        if page == 0 {
            before.clear();
        }
        let own = clients.clone();
        match (clients.first_mut(), before.last()) {
            (None, Some(_)) if self.past_the_end => clients.extend(before.iter().cloned()),
            (Some(first), Some(last)) if !self.past_the_end => *first = last.clone(),
            _ => {}
        }
        if !own.is_empty() {
            *before = own;
        }
    }
}
