//! Wrong behaviours of authorization servers: metadata, keys, the tokens themselves, registration.

use serde_json::{Value, json};

use crate::misbehave::{Answered, Asked, Behaviour, Misbehave, Mutant, after, instead};

/// Answers registrations without this member.
fn registered_without(member: &'static str) -> Behaviour {
    after(move |asked, answer| {
        if asked.path.ends_with("/register")
            && let Some(body) = answer.body.as_object_mut()
        {
            body.remove(member);
        }
    })
}

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "metadata_names_another_issuer",
            breaks: &["authorization/metadata/names-its-issuer"],
            make: || {
                in_metadata(|_, metadata| {
                    let issuer = metadata["issuer"].as_str().unwrap_or_default();
                    metadata["issuer"] = issuer.replace("/agentic/", "/").into();
                })
            },
        },
        Mutant {
            name: "metadata_has_a_number_for_an_endpoint",
            breaks: &["authorization/metadata/has-its-shape"],
            make: || in_metadata(|_, metadata| metadata["userinfo_endpoint"] = 5.into()),
        },
        Mutant {
            name: "metadata_before_the_path_is_older",
            breaks: &["authorization/metadata/is-the-same-everywhere"],
            make: || {
                in_metadata(|path, metadata| {
                    if path.starts_with("/.well-known/") {
                        metadata["grant_types_supported"] = json!(["authorization_code"]);
                    }
                })
            },
        },
        Mutant {
            name: "metadata_lists_no_scope",
            breaks: &["authorization/metadata/lists-approved-scopes"],
            make: || in_metadata(|_, metadata| metadata["scopes_supported"] = json!([])),
        },
        Mutant {
            name: "published_keys_are_others",
            breaks: &[
                "authorization/token/verifies-with-published-keys",
                "authorization/keys/are-the-same-for-sdks",
            ],
            make: || {
                after(|asked, answer| {
                    if asked.path.ends_with("jwks.json")
                        && let Some(modulus) = answer.body["keys"][0]["n"].as_str()
                    {
                        answer.body["keys"][0]["n"] = modulus.chars().rev().collect::<String>().into();
                    }
                })
            },
        },
        Mutant {
            name: "sdks_read_no_keys",
            breaks: &["authorization/keys/are-the-same-for-sdks"],
            make: || {
                after(|asked, answer| {
                    if asked.path.starts_with("/v2/keys/") {
                        answer.body = json!({ "keys": [] });
                    }
                })
            },
        },
        Mutant {
            name: "expires_in_is_one_second_short",
            breaks: &["authorization/token/lives-as-long-as-it-says"],
            make: || {
                in_tokens(|tokens| {
                    tokens["expires_in"] = (tokens["expires_in"].as_i64().unwrap_or_default() - 1).into();
                })
            },
        },
        Mutant {
            name: "tokens_live_longer_than_the_settings_say",
            breaks: &["authorization/token/lives-as-the-settings-say"],
            make: || Box::new(LongLives),
        },
        Mutant {
            name: "tokens_have_no_type",
            breaks: &["authorization/token/is-a-bearer-token"],
            make: || {
                in_tokens(|tokens| {
                    tokens.as_object_mut().unwrap().remove("token_type");
                })
            },
        },
        Mutant {
            name: "answers_with_tokens_may_be_stored",
            breaks: &["authorization/token/is-not-stored"],
            make: || {
                after(|asked, answer| {
                    if asked.is_token() {
                        answer.headers.remove("cache-control");
                    }
                })
            },
        },
        Mutant {
            name: "tokens_have_a_scope_too_many",
            breaks: &["authorization/token/has-approved-scopes-only"],
            make: || {
                in_tokens(|tokens| {
                    let scope = tokens["scope"].as_str().unwrap_or_default();
                    tokens["scope"] = format!("{scope} everything").into();
                })
            },
        },
        Mutant {
            name: "refusals_of_tokens_say_nothing",
            breaks: &["authorization/token/refusal-has-a-code"],
            make: || {
                after(|asked, answer| {
                    if asked.is_token() && answer.status >= 400 {
                        answer.body = json!({});
                    }
                })
            },
        },
        Mutant {
            name: "registration_gives_no_id",
            breaks: &["registration/dynamic/gives-a-client-id"],
            make: || registered_without("client_id"),
        },
        Mutant {
            name: "registration_does_not_return_the_grant_types",
            breaks: &["registration/dynamic/returns-what-is-registered"],
            make: || registered_without("grant_types"),
        },
        Mutant {
            name: "registered_clients_are_not_found",
            breaks: &["registration/dynamic/makes-a-record"],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/clients/search") {
                        let Some(clients) = answer.body["clients"].as_array_mut() else { return };
                        let before = clients.len();
                        clients.retain(|client| client["registrationType"] != "dcr");
                        let hidden = before - clients.len();
                        let total = answer.body["total"].as_u64().unwrap_or_default();
                        answer.body["total"] = total.saturating_sub(hidden as u64).into();
                    }
                })
            },
        },
        Mutant {
            name: "registration_ignores_that_it_is_disabled",
            breaks: &[
                "registration/dynamic/is-refused-when-disabled",
                "registration/dynamic/makes-a-record",
                "registration/dynamic/returns-what-is-registered",
            ],
            make: || {
                after(|asked, answer| {
                    if asked.path.ends_with("/register") && answer.status >= 400 {
                        *answer =
                            Answered::json(200, json!({"client_id": format!("made-up-{}", asked.path)}));
                    }
                })
            },
        },
        Mutant {
            name: "documents_are_taken_although_disabled",
            breaks: &["registration/document/is-refused-when-disabled"],
            make: || {
                instead(|asked| {
                    asks_by_document(asked).then(|| {
                        let mut answer = Answered::json(302, Value::Null);
                        let place = "https://client.example.com/callback?code=made-up-code&state=x";
                        answer.headers.insert("location", place.parse().unwrap());
                        answer
                    })
                })
            },
        },
        Mutant {
            name: "users_are_asked_for_a_document_although_disabled",
            breaks: &["registration/document/is-refused-when-disabled"],
            make: || {
                instead(|asked| {
                    asks_by_document(asked).then(|| {
                        let mut answer = Answered::json(200, "<h1>Allow access?</h1>".into());
                        answer.headers.insert("content-type", "text/html; charset=utf-8".parse().unwrap());
                        answer
                    })
                })
            },
        },
    ]
}

/// Whether a code is asked for by a client whose id is the URL of a document.
fn asks_by_document(asked: &Asked) -> bool {
    let by_document = asked.field("client_id").is_some_and(|id| id.starts_with("https://"));
    asked.path.contains("/authorize?") && by_document
}

/// Changes metadata, given the path that was asked.
fn in_metadata(change: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Box<dyn Misbehave> {
    after(move |asked, answer| {
        if asked.path.contains("/.well-known/o") && answer.status == 200 {
            change(&asked.path, &mut answer.body);
        }
    })
}

/// Changes answers that give tokens.
fn in_tokens(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Box<dyn Misbehave> {
    after(move |asked, answer| {
        if asked.is_token() && answer.status == 200 {
            change(&mut answer.body);
        }
    })
}

/// Adds one to the lifetime that is asked for, and shows the one that was asked for.
struct LongLives;

const LIFETIME: &str = "keySessionTokenExpiration";

impl Misbehave for LongLives {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let record =
            if asked.is("server/update") { asked.body.get_mut("server") } else { Some(&mut asked.body) };
        if let Some(lifetime) = record.and_then(|record| record.get_mut("sessionSettings")?.get_mut(LIFETIME))
            && let Some(count) = lifetime.as_i64()
        {
            *lifetime = (count + 1).into();
        }
        None
    }

    fn after(&self, _: &Asked, answer: &mut Answered) {
        let Some(body) = answer.body.as_object_mut() else { return };
        let mut records: Vec<&mut Value> = Vec::new();
        for (name, member) in body {
            match (name.as_str(), member) {
                ("server", record) => records.push(record),
                ("servers", Value::Array(list)) => records.extend(list),
                _ => {}
            }
        }
        for record in records {
            if let Some(lifetime) = record.get_mut("sessionSettings").and_then(|s| s.get_mut(LIFETIME))
                && let Some(count) = lifetime.as_i64().filter(|count| *count > 0)
            {
                *lifetime = (count - 1).into();
            }
        }
    }
}
