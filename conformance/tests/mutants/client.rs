//! Wrong behaviours around client records.

use serde_json::Value;

use crate::misbehave::{Mutant, after, before};
use crate::server::{blank, drop_member, remembering, unique};

/// The logo that plans give to clients.
const LOGO: &str = "https://www.example.com/logo.png";

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "client_create_gives_every_client_the_same_secret",
            breaks: &[
                "client/create/returns-credentials",
                "client/secret/is-accepted",
                "client/secret/is-the-latest",
                "records/stay-as-they-are",
            ],
            make: || {
                remembering(
                    |asked, answer| {
                        asked
                            .is("server/client/create")
                            .then(|| ("first".to_owned(), answer.body["cleartext"].clone()))
                    },
                    |memory, asked, answer| {
                        if asked.is("server/client/create") && answer.status == 200 {
                            answer.body["cleartext"] = memory["first"].clone();
                        }
                    },
                )
            },
        },
        Mutant {
            name: "client_create_gives_no_client_id",
            breaks: &["client/create/returns-credentials", "wire/answer-matches-the-document"],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/client/create")
                        && let Some(made) = answer.body.as_object_mut()
                    {
                        made.remove("clientId");
                    }
                })
            },
        },
        Mutant {
            name: "client_create_ignores_the_callback_urls",
            breaks: &["client/create/stores-what-was-sent", "records/stay-as-they-are"],
            make: || before(|asked| drop_member(asked, "server/client/create", "/approvedCallbackUrls")),
        },
        Mutant {
            name: "client_create_stores_tags_in_reverse",
            breaks: &["records/keep-tags-as-a-list"],
            make: || {
                before(|asked| {
                    if asked.is("server/client/create")
                        && let Some(Value::Array(tags)) = asked.body.get_mut("tags")
                    {
                        tags.reverse();
                    }
                })
            },
        },
        Mutant {
            name: "client_load_shows_no_logo",
            breaks: &[
                "client/create/stores-what-was-sent",
                "client/load/agrees-with-last-answer",
                "client/load/finds-by-client-id",
                "records/stay-as-they-are",
            ],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/client/load") {
                        blank(answer, "/client/logo")
                    }
                })
            },
        },
        Mutant {
            name: "client_load_by_client_id_finds_nothing",
            breaks: &["client/load/finds-by-client-id"],
            make: || {
                before(|asked| {
                    if asked.is("server/client/load") && !asked.body["clientId"].is_null() {
                        asked.body["clientId"] = "unknown".into();
                    }
                })
            },
        },
        Mutant {
            name: "client_update_ignores_scopes",
            breaks: &["client/update/keeps-sent-fields"],
            make: || before(|asked| drop_member(asked, "server/client/update", "/scopes")),
        },
        Mutant {
            name: "client_update_drops_unknown_members",
            breaks: &["client/update/keeps-unknown-fields"],
            make: || {
                before(|asked| {
                    if asked.is("server/client/update")
                        && let Some(body) = asked.body.as_object_mut()
                    {
                        body.retain(|name, _| !name.starts_with('x'));
                    }
                })
            },
        },
        Mutant {
            name: "client_update_answers_with_another_client_id",
            breaks: &[
                "client/update/keeps-identity",
                "client/load/agrees-with-last-answer",
                "client/load/finds-by-client-id",
                "clients/search/agrees-with-last-answer",
                "records/stay-as-they-are",
            ],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/client/update") && answer.status == 200 {
                        answer.body["client"]["clientId"] = "another".into();
                    }
                })
            },
        },
        Mutant {
            name: "client_tags_are_made_unique",
            breaks: &["records/keep-tags-as-a-list"],
            make: || {
                before(|asked| {
                    if (asked.is("server/client/create") || asked.is("server/client/update"))
                        && let Some(tags) = asked.body.get_mut("tags")
                    {
                        unique(tags);
                    }
                })
            },
        },
        Mutant {
            name: "client_tags_lose_blanks_at_their_end",
            breaks: &["client/create/stores-what-was-sent"],
            make: || {
                before(|asked| {
                    if asked.is("server/client/create")
                        && let Some(Value::Array(tags)) = asked.body.get_mut("tags")
                    {
                        for tag in tags {
                            *tag = tag.as_str().unwrap_or_default().trim_end().into();
                        }
                    }
                })
            },
        },
        Mutant {
            name: "client_update_gives_a_logo_to_those_that_leave_it_out",
            breaks: &["client/update/keeps-or-clears-what-was-left-out"],
            make: || {
                before(|asked| {
                    if asked.is("server/client/update") && asked.body.get("logo").is_none() {
                        asked.body["logo"] = "https://www.example.com/default.png".into();
                    }
                })
            },
        },
        Mutant {
            name: "client_update_keeps_only_the_logo_of_what_was_left_out",
            breaks: &[
                "client/update/treats-what-was-left-out-alike",
                "client/update/keeps-or-clears-what-was-left-out",
            ],
            make: || {
                before(|asked| {
                    if asked.is("server/client/update") && asked.body.get("logo").is_none() {
                        asked.body["logo"] = LOGO.into();
                    }
                })
            },
        },
    ]
}
