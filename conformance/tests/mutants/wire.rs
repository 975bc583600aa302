//! Wrong behaviours of answers as such.

use axum::http::HeaderValue;
use serde_json::json;

use crate::misbehave::{Answered, Mutant, after, instead};

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "total_is_a_string",
            breaks: &["wire/answer-matches-the-document", "wire/typed-client-loses-nothing"],
            make: || {
                after(|asked, answer| {
                    if asked.is("servers/all") && answer.status == 200 {
                        answer.body["total"] = "3".into();
                    }
                })
            },
        },
        Mutant {
            name: "json_is_called_text",
            breaks: &["wire/content-type-is-json"],
            make: || {
                after(|asked, answer| {
                    if !asked.is_token() {
                        answer.headers.insert("content-type", HeaderValue::from_static("text/plain"));
                    }
                })
            },
        },
        Mutant {
            name: "errors_have_no_code",
            breaks: &["wire/refusal-has-an-error-code"],
            make: || {
                after(|_, answer| {
                    if let Some(envelope) = answer.body.as_object_mut() {
                        envelope.remove("errorCode");
                    }
                })
            },
        },
        Mutant {
            name: "scopes_are_numbers",
            breaks: &[
                "clients/search/agrees-with-last-answer",
                "wire/answer-matches-the-document",
                "wire/typed-client-loses-nothing",
            ],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/clients/search")
                        && let Some(client) = answer.body["clients"].get_mut(0)
                    {
                        client["allowedTenants"] = json!([0]);
                    }
                })
            },
        },
        Mutant {
            name: "every_id_names_a_server",
            breaks: &["wire/unmade-is-refused"],
            make: || {
                instead(|asked| {
                    let id = asked.text("id");
                    (asked.is("server/load") && id.starts_with("MS0000000"))
                        .then(|| Answered::json(200, json!({"server": {"id": id, "name": "a"}})))
                })
            },
        },
        Mutant {
            name: "a_missing_record_is_answered_with_success",
            breaks: &["malformed/refuses-another-server", "wire/answer-matches-the-document"],
            make: || {
                after(|_, answer| {
                    if answer.status == 404 {
                        answer.status = 200;
                    }
                })
            },
        },
        Mutant {
            name: "some_errors_are_pages_for_people",
            breaks: &[
                "wire/answer-matches-the-document",
                "wire/content-type-is-json",
                "wire/refusal-has-an-error-code",
            ],
            make: || {
                after(|asked, answer| {
                    if answer.status == 400 && !asked.is_token() {
                        answer.headers.insert("content-type", HeaderValue::from_static("text/html"));
                        answer.body = "<html>no</html>".into();
                    }
                })
            },
        },
        Mutant {
            name: "updates_of_servers_fail_with_an_error_of_the_server",
            breaks: &["wire/valid-requests-do-not-fail"],
            make: || {
                instead(|asked| {
                    let key = asked.headers.get("authorization").and_then(|value| value.to_str().ok());
                    let is_right = |key: &str| {
                        key.starts_with("Bearer P")
                            && !key.starts_with("Bearer P0000000")
                            && !key.contains(":K2wrong")
                    };
                    let valid = asked.is("server/update") && asked.body["server"]["id"].is_string();
                    let error = || json!({"errorCode": "E500", "errorDescription": "it failed"});
                    (valid && key.is_some_and(is_right)).then(|| Answered::json(500, error()))
                })
            },
        },
        Mutant {
            name: "updates_are_answered_with_a_page_for_people",
            breaks: &["wire/answer-matches-the-document", "wire/content-type-is-json"],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/update") && answer.status == 200 {
                        answer.headers.insert("content-type", HeaderValue::from_static("text/html"));
                        answer.body = "<html>done</html>".into();
                    }
                })
            },
        },
        Mutant {
            name: "only_refused_keys_have_an_error_code",
            breaks: &["wire/refusal-has-an-error-code"],
            make: || {
                after(|_, answer| {
                    if matches!(answer.status, 400 | 404)
                        && let Some(envelope) = answer.body.as_object_mut()
                    {
                        envelope.insert("errorCode".into(), "".into());
                    }
                })
            },
        },
    ]
}
