//! Client secrets: reading, rotation, and what the token endpoint makes of them.

use super::source;
use crate::{
    exchange::Answer,
    model::{Bystood, ClientRecord},
    plan::{Action, WhichSecret},
    property::{Capability, Level, Moment, Property, Verdict},
};

/// The properties of this file.
pub static ALL: &[Property] = &[
    Property {
        id: "client/secret/is-the-latest",
        sentence: "Reading a client's secret gives the one that its creation or last rotation gave.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| secret_agrees(moment, None),
    },
    Property {
        id: "client/update/keeps-the-secret",
        sentence: "Updating a client record does not change its secret.",
        level: Level::Should,
        source: source::SANE,
        needs: None,
        eventually: false,
        judge: |moment| secret_unchanged_by(moment, Bystood::UpdateOfAnother),
    },
    Property {
        id: "client/rotate/gives-a-new-secret",
        sentence: "Rotating a client's secret gives a secret that the client never had.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: rotate_gives_a_new_secret,
    },
    Property {
        id: "client/rotate/changes-nothing-else",
        sentence: "Rotating a client's secret leaves its record as it was.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| moment.unchanged_by(Bystood::Rotation),
    },
    Property {
        id: "client/rotate/invalidates-old-secret",
        sentence: "After a rotation the token endpoint refuses the secret from before it.",
        level: Level::Must,
        source: "observed for access keys and other secrets of the same vendor; documented as the purpose of rotation",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: old_secret_is_refused,
    },
    Property {
        id: "client/secret/is-accepted",
        sentence: "The token endpoint accepts a client's current secret.",
        level: Level::Must,
        source: source::GUIDE,
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| secret_works(moment, None),
    },
];

/// Judges a secret that is read or used after `event` and nothing else happened: it must be the same one.
pub(super) fn secret_unchanged_by(moment: &Moment<'_>, event: Bystood) -> Verdict {
    Verdict::all([secret_agrees(moment, Some(event)), secret_works(moment, Some(event))])
}

/// Whether what happened to the secret is for this property to judge: `event` alone or, for `None`, nothing or more than
/// one kind of event.
fn is_ours(known: &ClientRecord, event: Option<Bystood>) -> bool {
    match event {
        Some(event) => known.secret_since.len() == 1 && known.secret_since.contains(&event),
        None => known.secret_since.len() != 1,
    }
}

fn secret_agrees(moment: &Moment<'_>, event: Option<Bystood>) -> Verdict {
    let (Some(Action::GetSecret { client }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let known =
        moment.before.clients.get(client).filter(|known| known.secret_is_known && is_ours(known, event));
    let Some((known, expected)) = known.and_then(|known| Some((known, known.secrets.last()?))) else {
        return Verdict::DoesNotApply;
    };
    let actual = match body["cleartext"].as_str() {
        Some(actual) if actual == expected => return Verdict::Holds,
        Some(actual) if known.secrets.iter().any(|older| older == actual) => {
            "a secret from before the rotation"
        }
        Some("") | None => "no secret",
        Some(_) => "a secret that the client was never given",
    };
    Verdict::broken("the secret that was given last", actual)
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

/// The answer of a token endpoint to that secret, if there is such an endpoint, and whether it holds a token.
fn token<'a>(moment: &Moment<'a>, wanted: WhichSecret) -> Option<(&'a ClientRecord, &'a Answer, bool)> {
    let Some(Action::RequestToken { client, secret, .. }) = moment.rightly() else { return None };
    let answer = moment.exchange.answer().filter(|answer| *secret == wanted && answer.status != 404)?;
    let token = answer.json.as_ref().and_then(|body| body["access_token"].as_str());
    Some((
        moment.before.clients.get(client)?,
        answer,
        answer.is_success() && token.is_some_and(|token| !token.is_empty()),
    ))
}

fn secret_works(moment: &Moment<'_>, event: Option<Bystood>) -> Verdict {
    match token(moment, WhichSecret::Current) {
        Some((known, answer, issued)) if is_ours(known, event) => {
            Verdict::of(issued, "a token", format!("status {} without a token", answer.status))
        }
        _ => Verdict::DoesNotApply,
    }
}

fn old_secret_is_refused(moment: &Moment<'_>) -> Verdict {
    let judged = token(moment, WhichSecret::BeforeRotation);
    // Which of several rotations at the same time came last is not known from what was asked.
    let Some((_, answer, issued)) = judged.filter(|(known, ..)| known.rotated_at_once.is_empty()) else {
        return Verdict::DoesNotApply;
    };
    Verdict::of(
        !answer.is_success() && !issued,
        "a refusal, because the secret was rotated",
        format!("status {}: the old secret still works", answer.status),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        plan::{Action, LoadBy, TokenAuth, WhichSecret},
        story::{C1, S1, Story, client, object},
    };

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
        let rotation = story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": "secret-2"}));
        rotation.keeps("client/rotate/gives-a-new-secret");
        story
    }

    #[test]
    fn the_secret_is_the_one_given_last() {
        story().step(get(), 200, json!({"cleartext": "secret-1"})).keeps("client/secret/is-the-latest");
        rotated().step(get(), 200, json!({"cleartext": "secret-2"})).keeps("client/secret/is-the-latest");
        for wrong in ["secret-1", "", "another"] {
            rotated().step(get(), 200, json!({"cleartext": wrong})).breaks("client/secret/is-the-latest");
        }
    }

    #[test]
    fn a_rotation_gives_a_secret_that_was_never_given() {
        for old in ["secret-1", "secret-2", ""] {
            let judged = rotated().step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": old}));
            judged.breaks("client/rotate/gives-a-new-secret");
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
    fn without_a_token_endpoint_nothing_is_said_of_tokens() {
        let judged = rotated().step(token(WhichSecret::Current), 404, json!({}));
        judged.does_not_judge("client/secret/is-accepted");
    }

    #[test]
    fn an_update_is_blamed_for_a_change_of_the_secret() {
        let mut story = story();
        let update = Action::UpdateClient { client: C1, set: object(json!({"logo": "l"})), omit: vec![] };
        story.step(update, 200, json!({"client": client(C1, S1, json!({"logo": "l"}))}));
        story
            .clone()
            .step(get(), 200, json!({"cleartext": "secret-1"}))
            .keeps("client/update/keeps-the-secret");
        story.clone().step(get(), 200, json!({"cleartext": "x"})).breaks("client/update/keeps-the-secret");
        story
            .step(token(WhichSecret::Current), 401, json!({"error": "invalid_client"}))
            .breaks("client/update/keeps-the-secret");
    }
}
