//! Wrong behaviours towards requests that are asked wrongly.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::misbehave::{Answered, Asked, Misbehave, Mutant, instead};

const ROTATE: &str = "server/client/secret/rotate";
const CREATE: &str = "server/client/create";

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "an_update_without_an_id_is_acknowledged",
            breaks: &["malformed/refuses-a-missing-member"],
            make: || {
                instead(|asked| {
                    let server = asked.is("server/update").then(|| asked.body.get("server"))??;
                    let shown = json!({"server": {"id": "MS000000000000000000000000000"}});
                    (server.is_object() && server.get("id").is_none()).then(|| Answered::json(200, shown))
                })
            },
        },
        Mutant {
            name: "null_for_a_server_means_the_one_of_the_client",
            breaks: &["malformed/refuses-null-for-a-required-member"],
            make: || Box::new(Lenient { of_null: true, ..Lenient::default() }),
        },
        Mutant {
            name: "a_text_for_a_list_means_an_empty_list",
            breaks: &["malformed/refuses-a-wrong-type"],
            make: || {
                instead(|asked| {
                    let deletes = asked.path.ends_with("s/delete");
                    (deletes && asked.body["ids"].is_string()).then(|| Answered::json(200, json!({})))
                })
            },
        },
        Mutant {
            name: "a_body_that_is_cut_off_is_completed",
            breaks: &["malformed/refuses-what-is-no-json"],
            make: || Box::new(Lenient { of_cut_off: true, ..Lenient::default() }),
        },
        Mutant {
            name: "a_body_that_is_cut_off_is_a_failure_of_the_service",
            breaks: &["malformed/refuses-what-is-no-json"],
            make: || {
                instead(|asked| {
                    let cut_off = asked.body.is_null() && asked.raw.starts_with(b"{");
                    cut_off.then(|| {
                        Answered::json(500, json!({"errorCode": "E1", "errorMessage": "unexpected end"}))
                    })
                })
            },
        },
        Mutant {
            name: "a_body_that_is_cut_off_is_refused_after_the_work_is_done",
            breaks: &["malformed/refused-changes-nothing", "records/stay-as-they-are"],
            make: || Box::new(Lenient { of_cut_off: true, refuse_afterwards: true, ..Lenient::default() }),
        },
        Mutant {
            name: "a_rotation_does_not_mind_which_server_is_named",
            breaks: &[
                "malformed/refuses-another-server",
                "malformed/refuses-a-near-miss-of-an-id",
                "malformed/refuses-an-id-with-a-blank",
            ],
            make: || Box::new(Lenient { of_another: Some(ROTATE), ..Lenient::default() }),
        },
        Mutant {
            name: "a_client_is_shown_whichever_server_is_named",
            breaks: &[
                "malformed/refuses-another-server",
                "malformed/refuses-a-near-miss-of-an-id",
                "malformed/refuses-an-id-with-a-blank",
            ],
            make: || Box::new(Lenient { of_another: Some("server/client/load"), ..Lenient::default() }),
        },
        Mutant {
            name: "a_rotation_for_another_server_is_refused_after_the_work_is_done",
            breaks: &[
                "malformed/refused-changes-nothing",
                "client/secret/is-accepted",
                "client/secret/is-the-latest",
                "records/stay-as-they-are",
            ],
            make: || {
                Box::new(Lenient { of_another: Some(ROTATE), refuse_afterwards: true, ..Lenient::default() })
            },
        },
        Mutant {
            name: "a_creation_is_refused_after_the_work_is_done",
            breaks: &["clients/search/omits-refused", "clients/search/total-counts-all-pages"],
            make: || Box::new(Lenient { of_wrong_type: true, refuse_afterwards: true, ..Lenient::default() }),
        },
    ]
}

/// Understands what a request must have meant.
#[derive(Default)]
struct Lenient {
    of_null: bool,
    of_cut_off: bool,
    of_wrong_type: bool,
    of_another: Option<&'static str>,
    refuse_afterwards: bool,
    /// The server of each client.
    servers: Mutex<HashMap<String, Value>>,
    last_server: Mutex<Value>,
    lenient: Mutex<bool>,
}

impl Misbehave for Lenient {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        *self.lenient.lock().unwrap() = self.understand(asked);
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        if asked.is(CREATE) && answer.status == 200 {
            let server = asked.body["mcpServerId"].clone();
            *self.last_server.lock().unwrap() = server.clone();
            if let Some(id) = answer.body["id"].as_str() {
                self.servers.lock().unwrap().insert(id.to_owned(), server);
            }
        }
        if self.refuse_afterwards && *self.lenient.lock().unwrap() && answer.status == 200 {
            *answer = Answered::json(400, json!({"errorCode": "E011001"}));
        }
    }
}

impl Lenient {
    /// Changes the request into what it must have meant, and says whether that was needed.
    fn understand(&self, asked: &mut Asked) -> bool {
        if self.of_cut_off && asked.body.is_null() && !asked.path.ends_with("create") {
            let whole = [asked.raw.as_slice(), b"}"].concat();
            asked.body = serde_json::from_slice(&whole).unwrap_or_default();
            return !asked.body.is_null();
        }
        if self.of_wrong_type && asked.is(CREATE) && asked.body["mcpServerId"].is_object() {
            asked.body["mcpServerId"] = self.last_server.lock().unwrap().clone();
            return true;
        }
        let servers = self.servers.lock().unwrap();
        let Some(server) = servers.get(&asked.text("id")) else { return false };
        let named = &asked.body["mcpServerId"];
        let meant = (self.of_null && asked.body.get("mcpServerId").is_some_and(Value::is_null))
            || self
                .of_another
                .is_some_and(|operation| asked.is(operation) && named.is_string() && named != server);
        if meant {
            asked.body["mcpServerId"] = server.clone();
        }
        meant
    }
}
