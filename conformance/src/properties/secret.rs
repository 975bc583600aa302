//! Client secrets: reading, rotation, and what the token endpoint makes of them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::near_miss;
use crate::model::effect::Effect;
use crate::model::{Age, ClientRecord, InterferingEvent, Life, Trust};
use crate::plan::{Action, WhichSecret};
use crate::properties::property::{Capability, Level, Moment, Property, Suspect, Verdict};
use crate::wire::exchange::Answer;

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "client/secret/is-the-latest",
        sentence: "Reading a client's secret returns the secret of the last rotation, or of the creation.",
        level: Level::Must,
        source: "documented: fact/get-client-secret",
        needs: Some(Capability::ReadableSecrets),
        eventually: false,
        judge: |moment| secret_agrees(moment, Suspect::TheAnswer),
    },
    Property {
        id: "client/update/keeps-the-secret",
        sentence: "Updating a client record does not change its secret.",
        level: Level::Should,
        source: "assumed: fact/others-stay",
        needs: Some(Capability::VisibleSecrets),
        eventually: false,
        judge: |moment| secret_as_before(moment, Suspect::Event(InterferingEvent::UpdateOfAnother)),
    },
    Property {
        id: "client/rotate/gives-a-new-secret",
        sentence: "Rotating a client's secret returns a secret that the client never had before.",
        level: Level::Must,
        source: "documented: fact/rotate-client-secret",
        needs: None,
        eventually: false,
        judge: rotate_gives_a_new_secret,
    },
    Property {
        id: "client/rotate/changes-nothing-else",
        sentence: "Rotating a client's secret does not change its record.",
        level: Level::Must,
        source: "documented: fact/rotate-client-secret",
        needs: None,
        eventually: false,
        judge: |moment| moment.loaded_as_before(Suspect::Event(InterferingEvent::Rotation)),
    },
    Property {
        id: "client/rotate/invalidates-old-secret",
        sentence: "After a rotation, the token endpoint refuses the previous secret.",
        // No document says how soon an old secret dies. A rotation that leaves it alive is what this suite was made to find.
        level: Level::Must,
        source: "documented: fact/rotate-client-secret, fact/access-keys-die-at-once; standard: fact/secret-authenticates",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| old_secret_is_refused(moment, WhichSecret::BeforeRotation, "the secret was rotated"),
    },
    Property {
        id: "client/rotate/revives-no-old-secret",
        sentence: "After two rotations, the token endpoint refuses the secret from before both.",
        level: Level::Must,
        source: "documented: fact/rotate-client-secret; standard: fact/secret-authenticates",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| {
            old_secret_is_refused(moment, WhichSecret::BeforeTwoRotations, "the secret was rotated twice")
        },
    },
    Property {
        id: "client/secret/invented-is-refused",
        sentence: "The token endpoint refuses a secret that the client never had.",
        level: Level::Must,
        source: "standard: fact/secret-authenticates",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| Verdict::all([invented_is_refused(moment), near_miss::secret_is_refused(moment)]),
    },
    Property {
        id: "client/secret/is-hard-to-guess",
        sentence: "Secrets are long and varied enough that they cannot be guessed, nor predicted from one another.",
        level: Level::Should,
        source: "standard: fact/secrets-cannot-be-guessed",
        needs: None,
        eventually: false,
        judge: is_hard_to_guess,
    },
    Property {
        id: "client/delete/ends-its-secret",
        sentence: "The token endpoint refuses the secret of a deleted client record.",
        level: Level::Must,
        source: "documented: fact/delete-client; standard: fact/secret-authenticates",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: deleted_gets_no_token,
    },
    Property {
        id: "client/secret/is-accepted",
        sentence: "The token endpoint accepts a client's current secret.",
        level: Level::Must,
        source: "documented: fact/secret-of-a-client; standard: fact/secret-authenticates",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| secret_works(moment, Suspect::TheAnswer),
    },
];

/// Judges a secret that is read or used, if what happened since it was given leaves that suspect: it must be the same
/// one.
pub(super) fn secret_as_before(moment: &Moment<'_>, suspect: Suspect) -> Verdict {
    Verdict::all([secret_agrees(moment, suspect), secret_works(moment, suspect)])
}

fn secret_agrees(moment: &Moment<'_>, suspect: Suspect) -> Verdict {
    let (Some(Action::GetSecret { client }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let known = moment.before.clients.get(client).filter(|known| known.secret_is_known);
    let Some((known, expected)) = known.and_then(|known| Some((known, known.secrets.last()?))) else {
        return Verdict::DoesNotApply;
    };
    let broken = |actual| Verdict::broken("the secret that was given last", actual);
    let found = match body["cleartext"].as_str() {
        Some(actual) if actual == expected => Verdict::Holds,
        Some(actual) if known.secrets.iter().any(|older| older == actual) => {
            broken("a secret from before the rotation")
        }
        Some("") | None => broken("no secret"),
        Some(_) => broken("a secret that the client was never given"),
    };
    suspect.verdict(&known.secret_since, known.secret_trust == Trust::Confirmed, found)
}

fn rotate_gives_a_new_secret(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::RotateSecret { client }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(known) = moment.before.clients.get(client) else { return Verdict::DoesNotApply };
    match body["cleartext"].as_str() {
        Some("") | None => Verdict::broken("a new secret", "no secret"),
        Some(fresh) => {
            let old = known.secrets.iter().any(|older| older == fresh);
            Verdict::of(!old, "a new secret", "a secret that the client had before")
        }
    }
}

/// The answer of a token endpoint to that secret of a client record, if there is such an endpoint, and whether it holds a
/// token.
fn token<'a>(moment: &Moment<'a>, wanted: WhichSecret) -> Option<(&'a ClientRecord, &'a Answer, bool)> {
    let Some(Action::RequestToken { client, secret, .. }) = moment.rightly() else { return None };
    let answer = moment.exchange.answer().filter(|answer| *secret == wanted && answer.status != 404)?;
    let token = answer.json.as_ref().and_then(|body| body["access_token"].as_str());
    let issued = answer.is_success() && token.is_some_and(|token| !token.is_empty());
    Some((moment.before.clients.get(client)?, answer, issued))
}

fn secret_works(moment: &Moment<'_>, suspect: Suspect) -> Verdict {
    match token(moment, WhichSecret::Current) {
        Some((known, answer, issued)) if known.record.is_alive() => {
            let found = Verdict::of(issued, "a token", format!("status {} without a token", answer.status));
            suspect.verdict(&known.secret_since, known.secret_worked, found)
        }
        _ => Verdict::DoesNotApply,
    }
}

/// Judges whether a secret from before a rotation is refused, once the grace period that is accepted is over.
fn old_secret_is_refused(moment: &Moment<'_>, secret: WhichSecret, why: &str) -> Verdict {
    let judged = token(moment, secret);
    // Which of several rotations at the same time came last is not known from what was asked.
    let Some((known, answer, issued)) = judged.filter(|(known, ..)| known.rotated_at_once.is_empty()) else {
        return Verdict::DoesNotApply;
    };
    if !answer.is_success() && !issued {
        return Verdict::Holds;
    }
    let age = known.age(secret, moment.exchange);
    let grace = moment.rotation_grace;
    if !grace.is_zero() && age.is_none_or(|age| age.at_least <= grace) {
        return Verdict::DoesNotApply;
    }
    let expected = match grace {
        Duration::ZERO => format!("a refusal, because {why}"),
        grace => format!("a refusal, because {why} more than {} ago", seconds(grace)),
    };
    let after = match age.map(|age| age.at_least).filter(|age| age.as_secs() > 0) {
        Some(age) => format!(" {} after the rotation", seconds(age)),
        None => String::new(),
    };
    Verdict::broken(expected, format!("status {}: the secret works{after}", answer.status))
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

fn invented_is_refused(moment: &Moment<'_>) -> Verdict {
    match token(moment, WhichSecret::Invented) {
        Some((_, answer, issued)) => Verdict::of(
            !answer.is_success() && !issued,
            "a refusal, because the client was never given the secret",
            format!("status {}: the secret works", answer.status),
        ),
        None => Verdict::DoesNotApply,
    }
}

/// What a request with a secret from before a rotation shows of how long such secrets work: whether it was accepted, and
/// how long before the secret was replaced.
pub(crate) fn old_secret(moment: &Moment<'_>) -> Option<(bool, Age)> {
    let Some(Action::RequestToken { secret, .. }) = moment.rightly() else { return None };
    let (known, answer, issued) =
        token(moment, *secret).filter(|(known, ..)| known.rotated_at_once.is_empty())?;
    Some((answer.is_success() && issued, known.age(*secret, moment.exchange)?))
}

fn deleted_gets_no_token(moment: &Moment<'_>) -> Verdict {
    let Some((known, answer, issued)) = token(moment, WhichSecret::Current) else {
        return Verdict::DoesNotApply;
    };
    match known.record.life {
        Life::Gone => Verdict::of(
            !answer.is_success() && !issued,
            "a refusal, because the client was deleted",
            format!("status {}: its secret works", answer.status),
        ),
        _ => Verdict::DoesNotApply,
    }
}

/// Least [`strength`] of a secret, in bits.
const LEAST_STRENGTH: f64 = 80.0;

/// Judges each secret that is given out, by itself and beside all others.
fn is_hard_to_guess(moment: &Moment<'_>) -> Verdict {
    let given = moment.success().filter(|_| moment.effect().is_some_and(Effect::gives_a_new_secret));
    let Some(secret) = given.and_then(|body| body["cleartext"].as_str()).filter(|secret| !secret.is_empty())
    else {
        return Verdict::DoesNotApply;
    };
    let strength = strength(secret);
    if strength < LEAST_STRENGTH {
        return Verdict::broken(
            format!("a secret of at least {LEAST_STRENGTH} bits"),
            format!("{} characters that make {strength:.0} bits at most", secret.chars().count()),
        );
    }
    let alike = moment.before.secrets().filter(|other| *other != secret).any(|other| {
        let same = secret.chars().zip(other.chars()).filter(|(one, two)| one == two).count();
        same * 2 > secret.chars().count()
    });
    Verdict::of(
        !alike,
        "a secret unlike all others",
        "a secret that shares more than half of its characters with another",
    )
}

/// A secret's length times the bits that a choice among its distinct characters makes: less than what a secret of so
/// many random characters has, and next to nothing for one that repeats a few.
fn strength(secret: &str) -> f64 {
    let distinct = secret.chars().collect::<BTreeSet<_>>().len() as f64;
    secret.chars().count() as f64 * distinct.log2()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::plan::{Action, LoadBy, TokenAuth, WhichSecret};
    use crate::story::{C1, S1, Story, client, object, secret};

    fn story() -> Story {
        Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}))
    }

    fn get() -> Action {
        Action::GetSecret { client: C1 }
    }

    fn token(secret: WhichSecret) -> Action {
        Action::RequestToken { client: C1, secret, method: TokenAuth::Basic }
    }

    fn rotated() -> Story {
        let mut story = story();
        let rotation = story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": secret(2)}));
        rotation.keeps("client/rotate/gives-a-new-secret");
        story
    }

    #[test]
    fn the_secret_is_the_one_given_last() {
        story().step(get(), 200, json!({"cleartext": secret(1)})).keeps("client/secret/is-the-latest");
        rotated().step(get(), 200, json!({"cleartext": secret(2)})).keeps("client/secret/is-the-latest");
        for wrong in [&secret(1), "", "another"] {
            rotated().step(get(), 200, json!({"cleartext": wrong})).breaks("client/secret/is-the-latest");
        }
    }

    #[test]
    fn a_rotation_gives_a_secret_that_was_never_given() {
        for old in [&secret(1), &secret(2), ""] {
            let judged = rotated().step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": old}));
            judged.breaks("client/rotate/gives-a-new-secret");
        }
    }

    #[test]
    fn after_a_rotation_whose_answer_tells_no_secret_either_secret_may_be_the_current_one() {
        for readable in [true, false] {
            let mut story = story();
            match readable {
                true => {
                    story.step(Action::RotateSecret { client: C1 }, 200, json!({}));
                }
                false => {
                    story.unreadable(Action::RotateSecret { client: C1 }.into());
                }
            }
            assert!(!story.model.clients[&C1].secret_is_known, "so that it is not used");
            let judged = story.step(get(), 200, json!({"cleartext": secret(2)}));
            judged.does_not_judge("client/secret/is-the-latest");
        }
    }

    #[test]
    fn a_rotation_is_blamed_for_a_change_of_the_record() {
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        let shown = |members| json!({"client": client(C1, S1, members)});
        rotated().step(load.clone(), 200, shown(json!({}))).keeps("client/rotate/changes-nothing-else");
        rotated().step(load, 200, shown(json!({"tags": ["x"]}))).breaks("client/rotate/changes-nothing-else");
    }

    #[test]
    fn only_the_current_secret_gets_a_token() {
        let (issued, refused) =
            (json!({"access_token": "t", "token_type": "Bearer"}), json!({"error": "invalid_client"}));
        rotated().step(token(WhichSecret::Current), 200, issued.clone()).keeps("client/secret/is-accepted");
        rotated().step(token(WhichSecret::Current), 401, refused.clone()).breaks("client/secret/is-accepted");
        rotated().step(token(WhichSecret::Current), 200, json!({})).breaks("client/secret/is-accepted");
        rotated()
            .step(token(WhichSecret::BeforeRotation), 401, refused)
            .keeps("client/rotate/invalidates-old-secret");
        rotated()
            .step(token(WhichSecret::BeforeRotation), 200, issued)
            .breaks("client/rotate/invalidates-old-secret");
    }

    #[test]
    fn an_old_secret_may_work_within_the_accepted_grace_period_and_not_after_it() {
        let issued = json!({"access_token": "t", "token_type": "Bearer"});
        let refused = json!({"error": "invalid_client"});
        for (which, id) in [
            (WhichSecret::BeforeRotation, "client/rotate/invalidates-old-secret"),
            (WhichSecret::BeforeTwoRotations, "client/rotate/revives-no-old-secret"),
        ] {
            let mut story = rotated();
            story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": secret(3)}));
            story.rotation_grace = Duration::from_secs(60);
            story.clone().step(token(which), 200, issued.clone()).does_not_judge(id);
            story.clone().step(token(which), 401, refused.clone()).keeps(id);
            story.later = Duration::from_secs(62);
            story.clone().step(token(which), 401, refused.clone()).keeps(id);
            story.step(token(which), 200, issued.clone()).breaks(id);
        }
    }

    #[test]
    fn a_secret_is_long_and_unlike_the_others() {
        let rotate = |secret: &str| {
            story().step(Action::RotateSecret { client: C1 }, 200, json!({ "cleartext": secret }))
        };
        let id = "client/secret/is-hard-to-guess";
        rotate(&secret(2)).keeps(id);
        rotate("0b7c6e0a-52f1-4d3c-9b1e-8a4f2d6c7e95").keeps(id);
        rotate("hunter2").breaks(id);
        rotate(&"ab".repeat(30)).breaks(id);
        let mut like_the_first = secret(1);
        like_the_first.replace_range(..4, "next");
        rotate(&like_the_first).breaks(id);
    }

    #[test]
    fn a_deleted_client_gets_no_token_and_an_invented_secret_none() {
        let (issued, refused) =
            (json!({"access_token": "t", "token_type": "Bearer"}), json!({"error": "invalid_client"}));
        let mut gone = story();
        gone.step(Action::DeleteClient { client: C1 }, 200, json!({}));
        for (story, secret, id) in [
            (gone, WhichSecret::Current, "client/delete/ends-its-secret"),
            (story(), WhichSecret::Invented, "client/secret/invented-is-refused"),
        ] {
            story.clone().step(token(secret), 401, refused.clone()).keeps(id);
            story.clone().step(token(secret), 200, issued.clone()).breaks(id);
        }
        let mut twice = rotated();
        twice.step(Action::RotateSecret { client: C1 }, 200, json!({ "cleartext": secret(3) }));
        let id = "client/rotate/revives-no-old-secret";
        twice.clone().step(token(WhichSecret::BeforeTwoRotations), 401, refused).keeps(id);
        twice.step(token(WhichSecret::BeforeTwoRotations), 200, issued).breaks(id);
    }

    #[test]
    fn without_a_token_endpoint_nothing_is_said_of_tokens() {
        let judged = rotated().step(token(WhichSecret::Current), 404, json!({}));
        judged.does_not_judge("client/secret/is-accepted");
    }

    #[test]
    fn an_update_is_blamed_for_a_change_of_the_secret() {
        let mut story = story();
        story.step(token(WhichSecret::Current), 200, json!({"access_token": "t"}));
        let update = Action::UpdateClient { client: C1, set: object(json!({"logo": "l"})), omit: vec![] };
        story.step(update, 200, json!({"client": client(C1, S1, json!({"logo": "l"}))}));
        story
            .clone()
            .step(get(), 200, json!({"cleartext": secret(1)}))
            .keeps("client/update/keeps-the-secret");
        story.clone().step(get(), 200, json!({"cleartext": "x"})).breaks("client/update/keeps-the-secret");
        story
            .step(token(WhichSecret::Current), 401, json!({"error": "invalid_client"}))
            .breaks("client/update/keeps-the-secret");
    }
}
