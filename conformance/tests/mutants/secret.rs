//! Wrong behaviours around secrets.

use std::{collections::HashSet, sync::Mutex};

use serde_json::{Value, json};

use crate::{
    misbehave::{Answered, Asked, Misbehave, Mutant, after, instead},
    server::remembering,
};

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "secret_is_cached_from_creation",
            breaks: &["client/secret/is-the-latest"],
            make: || {
                remembering(first_secret, |memory, asked, answer| {
                    if asked.is("server/client/secret")
                        && let Some(secret) = memory.get(&asked.text("id"))
                    {
                        answer.body["cleartext"] = secret.clone();
                    }
                })
            },
        },
        Mutant {
            name: "secret_is_not_shown",
            breaks: &["client/secret/is-the-latest", "client/update/keeps-the-secret"],
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
                "client/secret/is-accepted",
                "client/secret/is-the-latest",
            ],
            make: || {
                remembering(first_secret, |memory, asked, answer| {
                    if asked.is("server/client/secret/rotate")
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
            breaks: &["client/rotate/invalidates-old-secret"],
            make: || {
                instead(|asked| {
                    asked.is_token().then(|| Answered::json(200, json!({"access_token": "a.b.c"})))
                })
            },
        },
        Mutant {
            name: "new_secrets_do_not_work",
            breaks: &["client/secret/is-accepted"],
            make: || {
                instead(|asked| {
                    asked.is_token().then(|| Answered::json(401, json!({"error": "invalid_client"})))
                })
            },
        },
        Mutant {
            name: "update_rotates_the_secret",
            breaks: &["client/update/keeps-the-secret"],
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

/// Gives out a secret of its own for every client that was updated.
#[derive(Default)]
struct UpdateRotates(Mutex<HashSet<String>>);

impl Misbehave for UpdateRotates {
    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let mut updated = self.0.lock().unwrap();
        if asked.is("server/client/update") && answer.status == 200 {
            updated.insert(asked.text("id"));
        }
        if asked.is("server/client/secret") && updated.remove(&asked.text("id")) {
            answer.body["cleartext"] = "another-secret-than-before".into();
        }
    }
}
