//! Wrong behaviours around secrets.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::misbehave::{Answered, Asked, Misbehave, Mutant, after, instead};
use crate::server::remembering;

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "secret_is_cached_from_creation",
            breaks: &["client/secret/is-accepted", "client/secret/is-the-latest", "records/stay-as-they-are"],
            make: || {
                remembering(first_secret, |memory, asked, answer| {
                    if asked.is("server/client/secret")
                        && answer.status == 200
                        && let Some(secret) = memory.get(&asked.text("id"))
                    {
                        answer.body["cleartext"] = secret.clone();
                    }
                })
            },
        },
        Mutant {
            name: "secret_is_not_shown",
            breaks: &["client/secret/is-the-latest", "records/stay-as-they-are"],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/client/secret") {
                        hide(answer)
                    }
                })
            },
        },
        Mutant {
            name: "rotation_answers_with_the_old_secret",
            breaks: &[
                "client/rotate/gives-a-new-secret",
                "client/secret/is-the-latest",
                "client/update/keeps-the-secret",
                "records/stay-as-they-are",
            ],
            make: || {
                remembering(first_secret, |memory, asked, answer| {
                    if asked.is("server/client/secret/rotate")
                        && answer.status == 200
                        && let Some(secret) = memory.get(&asked.text("id"))
                    {
                        answer.body["cleartext"] = secret.clone();
                    }
                })
            },
        },
        Mutant {
            name: "rotation_changes_the_status",
            breaks: &["client/rotate/changes-nothing-else"],
            make: || Box::new(Rotated::default()),
        },
        Mutant {
            name: "old_secrets_keep_working",
            breaks: &["client/rotate/invalidates-old-secret", "client/rotate/revives-no-old-secret"],
            make: || Box::new(Ledger::that_accepts(|age, gone, _| age > 0 && !gone)),
        },
        Mutant {
            name: "a_second_rotation_revives_the_first_secret",
            breaks: &["client/rotate/revives-no-old-secret"],
            make: || Box::new(Ledger::that_accepts(|age, gone, _| age > 1 && !gone)),
        },
        Mutant {
            name: "deleted_clients_still_get_tokens",
            breaks: &["client/delete/ends-its-secret"],
            make: || Box::new(Ledger::that_accepts(|age, gone, _| age == 0 && gone)),
        },
        Mutant {
            name: "any_secret_is_accepted",
            breaks: &[
                "authorization/token/verifies-with-published-keys",
                "client/delete/ends-its-secret",
                "client/rotate/invalidates-old-secret",
                "client/rotate/revives-no-old-secret",
                "client/secret/invented-is-refused",
            ],
            make: || instead(|asked| asked.is_token().then(Answered::token)),
        },
        Mutant {
            name: "secrets_of_unknown_origin_are_accepted",
            breaks: &["client/secret/invented-is-refused"],
            make: || Box::new(Ledger::that_accepts(|_, _, unknown| unknown)),
        },
        Mutant {
            name: "secrets_are_short",
            breaks: &["client/secret/is-hard-to-guess"],
            make: || Box::new(Renamed::new(|secret, _| secret.chars().take(8).collect())),
        },
        Mutant {
            name: "secrets_count_up",
            breaks: &["client/secret/is-hard-to-guess"],
            make: || {
                Box::new(Renamed::new(|_, count| format!("Secret7of9MCPclients0fThisProject{count:010}")))
            },
        },
        Mutant {
            name: "secret_is_cached_by_its_first_read",
            breaks: &[
                "client/secret/is-the-latest",
                "records/stay-as-they-are",
                "concurrency/rotations/leave-one-secret",
            ],
            make: || {
                remembering(
                    |asked, answer| {
                        let read = asked.is("server/client/secret") && answer.status == 200;
                        read.then(|| (asked.text("id"), answer.body["cleartext"].clone()))
                    },
                    |memory, asked, answer| {
                        if asked.is("server/client/secret")
                            && answer.status == 200
                            && let Some(secret) = memory.get(&asked.text("id"))
                        {
                            answer.body["cleartext"] = secret.clone();
                        }
                    },
                )
            },
        },
        Mutant {
            name: "new_secrets_do_not_work",
            breaks: &["client/secret/is-accepted", "records/stay-as-they-are"],
            make: || {
                instead(|asked| {
                    asked.is_token().then(|| Answered::json(401, json!({"error": "invalid_client"})))
                })
            },
        },
        Mutant {
            name: "records_show_the_secret",
            breaks: &["wire/responses-repeat-no-secret"],
            make: || {
                remembering(first_secret, |memory, asked, answer| {
                    if asked.is("server/client/load")
                        && let Some(secret) =
                            answer.body["client"]["id"].as_str().and_then(|id| memory.get(id))
                    {
                        answer.body["client"]["firstSecret"] = secret.clone();
                    }
                })
            },
        },
        Mutant {
            name: "refusals_quote_the_key",
            breaks: &["wire/responses-repeat-no-secret"],
            make: || {
                after(|asked, answer| {
                    let header = asked.headers.get("authorization").and_then(|value| value.to_str().ok());
                    let key = header.and_then(|value| value.strip_prefix("Bearer "));
                    if let Some(key) = key.filter(|_| answer.status >= 400) {
                        answer.body["errorMessage"] = format!("the request of {key} is refused").into();
                    }
                })
            },
        },
        Mutant {
            name: "a_header_repeats_the_credentials",
            breaks: &["wire/responses-repeat-no-secret"],
            make: || {
                after(|asked, answer| {
                    if let Some(credentials) = asked.headers.get("authorization") {
                        answer.headers.insert("x-request-authorization", credentials.clone());
                    }
                })
            },
        },
        Mutant {
            name: "update_rotates_the_secret",
            breaks: &["client/update/keeps-the-secret", "records/stay-as-they-are"],
            make: || Box::new(UpdateRotates::default()),
        },
    ]
}

/// The secret that a creation gives, by the id of the client.
fn first_secret(asked: &Asked, answer: &Answered) -> Option<(String, Value)> {
    let id = asked.is("server/client/create").then(|| answer.body["id"].as_str())??;
    Some((id.to_owned(), answer.body["cleartext"].clone()))
}

fn hide(answer: &mut Answered) {
    if answer.status == 200 {
        answer.body["cleartext"] = "".into();
    }
}

/// Shows another status in every record of a client whose secret was rotated.
#[derive(Default)]
struct Rotated(Mutex<HashSet<String>>);

impl Misbehave for Rotated {
    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let mut rotated = self.0.lock().unwrap();
        if asked.is("server/client/secret/rotate") && answer.status == 200 {
            rotated.insert(asked.text("id"));
        }
        let Some(body) = answer.body.as_object_mut() else { return };
        let found = body.get_mut("clients").and_then(Value::as_array_mut);
        let clients = found.into_iter().flatten();
        for client in clients {
            if client["id"].as_str().is_some_and(|id| rotated.contains(id)) {
                client["status"] = "rotated".into();
            }
        }
        if let Some(client) = body.get_mut("client")
            && client["id"].as_str().is_some_and(|id| rotated.contains(id))
        {
            client["status"] = "rotated".into();
        }
    }
}

/// Gives every client that is updated another secret.
#[derive(Default)]
struct UpdateRotates {
    /// The emulator's secret of each client, by its id.
    real: Mutex<HashMap<String, String>>,
    /// Those that we gave in their place.
    ours: Mutex<HashMap<String, String>>,
}

impl Misbehave for UpdateRotates {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let presented = asked.presented_secret()?;
        let ours = self.ours.lock().unwrap();
        let real = ours.iter().find(|(_, ours)| **ours == presented).map(|(real, _)| real.clone());
        match real {
            Some(real) => asked.present_secret(&real),
            None if ours.contains_key(&presented) => asked.present_secret("outdated"),
            None => {}
        }
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let (mut real, mut ours) = (self.real.lock().unwrap(), self.ours.lock().unwrap());
        let id = answer.body["id"].as_str().map_or_else(|| asked.text("id"), str::to_owned);
        if asked.is("server/client/update")
            && answer.status == 200
            && let Some(real) = real.get(&id)
        {
            let another = format!("{}{}", ours.len(), real.chars().rev().collect::<String>());
            ours.insert(real.clone(), another);
        }
        if let Some(secret) = answer.body["cleartext"].as_str() {
            real.insert(id, secret.to_owned());
            if let Some(ours) = ours.get(secret) {
                answer.body["cleartext"] = ours.clone().into();
            }
        }
    }
}

/// Whether a secret is accepted that is wrong: of how many rotations ago it is, whether its client was deleted, and
/// whether nobody ever gave it out.
type Accepts = fn(usize, bool, bool) -> bool;

/// Knows every secret that was given out, and accepts some at the token endpoint that it should not.
struct Ledger {
    accepts: Accepts,
    /// By the id of each client its secrets, newest last, and whether it was deleted.
    secrets: Mutex<HashMap<String, (Vec<String>, bool)>>,
}

impl Ledger {
    fn that_accepts(accepts: Accepts) -> Self {
        Self { accepts, secrets: Mutex::default() }
    }
}

impl Misbehave for Ledger {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let presented = asked.presented_secret()?;
        let secrets = self.secrets.lock().unwrap();
        let found = secrets.values().find_map(|(given, gone)| {
            Some((given.iter().rev().position(|secret| *secret == presented)?, *gone))
        });
        let accepted = match found {
            Some((age, gone)) => (self.accepts)(age, gone, false),
            None => (self.accepts)(0, false, true),
        };
        accepted.then(Answered::token)
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        if answer.status != 200 {
            return;
        }
        let mut secrets = self.secrets.lock().unwrap();
        let secret = answer.body["cleartext"].as_str();
        match (secret, answer.body["id"].as_str()) {
            (Some(secret), Some(id)) if asked.is("server/client/create") => {
                secrets.insert(id.to_owned(), (vec![secret.to_owned()], false));
            }
            (Some(secret), _) if asked.is("server/client/secret/rotate") => {
                if let Some((given, _)) = secrets.get_mut(&asked.text("id")) {
                    given.push(secret.to_owned());
                }
            }
            _ if asked.path.ends_with("delete") => {
                let ids = asked.body["ids"].as_array().into_iter().flatten().chain(asked.body.get("id"));
                for id in ids.filter_map(Value::as_str) {
                    if let Some((_, gone)) = secrets.get_mut(id) {
                        *gone = true;
                    }
                }
            }
            _ => {}
        }
    }
}

/// Gives out other secrets than the emulator does, and takes them for those.
struct Renamed {
    rename: fn(&str, usize) -> String,
    /// Ours by the emulator's.
    names: Mutex<HashMap<String, String>>,
}

impl Renamed {
    fn new(rename: fn(&str, usize) -> String) -> Self {
        Self { rename, names: Mutex::default() }
    }
}

impl Misbehave for Renamed {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let presented = asked.presented_secret()?;
        let names = self.names.lock().unwrap();
        let real = names.iter().find(|(_, ours)| **ours == presented).map(|(real, _)| real)?;
        asked.present_secret(real);
        None
    }

    fn after(&self, _asked: &Asked, answer: &mut Answered) {
        let Some(secret) = answer.body["cleartext"].as_str().map(str::to_owned) else { return };
        let mut names = self.names.lock().unwrap();
        let count = names.len();
        let ours = names.entry(secret).or_insert_with_key(|secret| (self.rename)(secret, count));
        answer.body["cleartext"] = ours.clone().into();
    }
}
