//! Wrong behaviours of the check who calls.

use std::sync::Mutex;

use axum::http::{HeaderValue, header::AUTHORIZATION};

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
            name: "a_wrong_key_is_refused_after_the_work_is_done",
            breaks: &["authentication/refused-changes-nothing"],
            make: || Box::new(Lax { when_wrong: true, refuse_afterwards: true, ..Lax::default() }),
        },
    ]
}

/// Lets requests without the right key through, by putting the right one in its place.
#[derive(Default)]
struct Lax {
    when_missing: bool,
    when_wrong: bool,
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
            Some(sent) => self.when_wrong && sent.as_bytes().starts_with(b"Bearer ") && sent != right,
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
