//! Wrong behaviours of the check who calls.

use std::sync::Mutex;

use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;

use crate::misbehave::{Answered, Asked, Misbehave, Mutant};

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "no_key_is_as_good_as_the_right_one",
            breaks: &["authentication/refuses-a-missing-key"],
            make: || Box::new(Lax { when_missing: true, ..Lax::default() }),
        },
        Mutant {
            name: "any_key_is_as_good_as_the_right_one",
            breaks: &["authentication/refuses-a-wrong-key"],
            make: || Box::new(Lax { when_wrong: true, ..Lax::default() }),
        },
        Mutant {
            name: "the_scheme_of_the_key_does_not_matter",
            breaks: &["authentication/refuses-a-wrong-scheme"],
            make: || Box::new(Lax { when_basic: true, ..Lax::default() }),
        },
        Mutant {
            name: "the_project_of_the_key_does_not_matter",
            breaks: &["authentication/refuses-a-wrong-project"],
            make: || Box::new(Lax { when_of_another_project: true, ..Lax::default() }),
        },
        Mutant {
            name: "a_wrong_key_is_refused_after_the_work_is_done",
            breaks: &[
                "authentication/refused-changes-nothing",
                "client/secret/is-the-latest",
                "clients/search/omits-refused",
                "clients/search/total-counts-all-pages",
                "delete/is-acknowledged",
                "records/stay-as-they-are",
                "servers/all/contains-created",
            ],
            make: || Box::new(Lax { when_wrong: true, refuse_afterwards: true, ..Lax::default() }),
        },
    ]
}

/// Lets requests without the right key through, by putting the right one in its place.
#[derive(Default)]
struct Lax {
    when_missing: bool,
    when_wrong: bool,
    when_basic: bool,
    when_of_another_project: bool,
    refuse_afterwards: bool,
    right: Mutex<Option<HeaderValue>>,
    let_through: Mutex<bool>,
}

impl Misbehave for Lax {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        // The first request of a run has the right key.
        let mut right = self.right.lock().unwrap();
        let sent = asked.headers.get(AUTHORIZATION).cloned();
        let right = right.get_or_insert_with(|| sent.clone().unwrap_or(HeaderValue::from_static("")));
        let replace = match &sent {
            None => self.when_missing && asked.path.starts_with("/v1/mgmt/"),
            Some(sent) if !asked.path.starts_with("/v1/mgmt/") || sent == right => false,
            Some(sent) => {
                let basic = sent.as_bytes().starts_with(b"Basic ");
                let key = |header: &HeaderValue| {
                    header.as_bytes().rsplit(|byte| *byte == b':').next().map(<[u8]>::to_vec)
                };
                let of_another_project = !basic && key(sent) == key(right);
                (self.when_basic && basic)
                    || (self.when_of_another_project && of_another_project)
                    || (self.when_wrong && !basic && !of_another_project)
            }
        };
        if replace {
            asked.headers.insert(AUTHORIZATION, right.clone());
        }
        *self.let_through.lock().unwrap() = replace;
        None
    }

    fn after(&self, _asked: &Asked, answer: &mut Answered) {
        if self.refuse_afterwards && *self.let_through.lock().unwrap() {
            *answer = Answered::json(401, serde_json::json!({"errorCode": "E011001"}));
        }
    }
}
