//! Wrong behaviours around codes and refresh tokens.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::misbehave::{Answered, Asked, Misbehave, Mutant, after, before, instead};

/// The challenge of the verifier that the suite uses, as RFC 7636 appendix B gives it.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "state_is_decoded_once_too_often",
            breaks: &["grant/code/comes-back-with-the-state"],
            make: || in_redirect(|place| place.replace("%2B", "+")),
        },
        Mutant {
            name: "codes_come_with_the_issuer_of_another_server",
            breaks: &["grant/code/names-its-issuer"],
            make: || in_redirect(|place| place.replace("agentic", "other")),
        },
        Mutant {
            name: "code_challenges_are_optional",
            breaks: &["grant/code/needs-a-challenge"],
            make: || {
                before(|asked| {
                    if asked.path.contains("/authorize?") {
                        asked.change_fields(|fields| {
                            fields.retain(|(name, _)| !name.starts_with("code_challenge"));
                            fields.push(("code_challenge".into(), CHALLENGE.into()));
                            fields.push(("code_challenge_method".into(), "S256".into()));
                        });
                    }
                })
            },
        },
        Mutant {
            name: "redirect_uris_are_compared_by_their_beginning",
            breaks: &["grant/code/goes-to-registered-uris-only"],
            make: || Box::new(PrefixRedirects),
        },
        Mutant {
            name: "codes_give_nothing",
            breaks: &["grant/code/gives-tokens"],
            make: || {
                after(|asked, answer| {
                    if grants(asked, "authorization_code") && answer.status == 200 {
                        answer.body = json!({});
                    }
                })
            },
        },
        Mutant {
            name: "verifiers_are_not_compared",
            breaks: &["grant/code/is-bound-to-its-verifier"],
            make: || {
                before(|asked| {
                    if grants(asked, "authorization_code") {
                        asked.change_fields(|fields| {
                            fields.retain(|(name, _)| name != "code_verifier");
                            fields.push(("code_verifier".into(), VERIFIER.into()));
                        });
                    }
                })
            },
        },
        Mutant {
            name: "codes_work_again",
            breaks: &["grant/code/works-once"],
            make: || Box::new(Again { grant: "authorization_code", by: "code", given: Mutex::default() }),
        },
        Mutant {
            name: "refresh_tokens_give_nothing",
            breaks: &["grant/refresh/gives-tokens"],
            make: || {
                instead(|asked| {
                    let refused = || Answered::json(400, json!({"error": "invalid_grant"}));
                    grants(asked, "refresh_token").then(refused)
                })
            },
        },
        Mutant {
            name: "spent_refresh_tokens_work",
            breaks: &["grant/refresh/spends-the-token"],
            make: || Box::new(Again { grant: "refresh_token", by: "refresh_token", given: Mutex::default() }),
        },
        Mutant {
            name: "userinfo_names_another_user",
            breaks: &["grant/userinfo/names-the-user"],
            make: || {
                after(|asked, answer| {
                    if asked.path.ends_with("/userinfo") && answer.status == 200 {
                        answer.body["sub"] = "U2another".into();
                    }
                })
            },
        },
        Mutant {
            name: "revocation_does_nothing",
            breaks: &["grant/revoke/ends-it"],
            make: || {
                instead(|asked| asked.path.ends_with("/revoke").then(|| Answered::json(200, Value::Null)))
            },
        },
    ]
}

fn grants(asked: &Asked, grant: &str) -> bool {
    asked.is_token() && asked.field("grant_type").as_deref() == Some(grant)
}

/// Changes where a browser is sent.
fn in_redirect(change: fn(&str) -> String) -> Box<dyn Misbehave> {
    after(move |asked, answer| {
        let place = answer.headers.get("location").and_then(|place| place.to_str().ok().map(str::to_owned));
        if let Some(place) = place.filter(|_| asked.path.contains("/authorize?")) {
            answer.headers.insert("location", change(&place).parse().unwrap());
        }
    })
}

/// Takes a redirect URI for registered if it begins like one.
struct PrefixRedirects;

const TAIL: &str = ".evil";

impl Misbehave for PrefixRedirects {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        if asked.path.contains("/authorize?") && asked.path.contains(TAIL) {
            asked.path = asked.path.replace(TAIL, "");
            asked.headers.insert("x-tail", "1".parse().unwrap());
        }
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let place = answer.headers.get("location").and_then(|place| place.to_str().ok().map(str::to_owned));
        if let Some(place) = place.filter(|_| asked.headers.contains_key("x-tail")) {
            answer.headers.insert("location", place.replace("callback?", "callback.evil?").parse().unwrap());
        }
    }
}

/// Gives the same tokens again for what was used up.
struct Again {
    grant: &'static str,
    by: &'static str,
    given: Mutex<HashMap<String, Value>>,
}

impl Misbehave for Again {
    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let Some(used) = asked.field(self.by).filter(|_| grants(asked, self.grant)) else { return };
        let mut given = self.given.lock().unwrap();
        if answer.status == 200 {
            given.insert(used, answer.body.clone());
        } else if let Some(tokens) = given.get(&used) {
            *answer = Answered::json(200, tokens.clone());
        }
    }
}
