//! Client records: creation, loading, update.

use super::server::written_again;
use crate::documented;
use crate::json::Members;
use crate::model::Knowledge;
use crate::plan::{Action, ClientLabel, LoadBy};
use crate::properties::property::{Capability, Level, Moment, Property, Suspect, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "client/create/returns-credentials",
        sentence: "The response to the creation of a client contains an id, a client id and a secret; none is empty and none was used before.",
        level: Level::Must,
        source: "documented: fact/create-client",
        needs: None,
        eventually: false,
        judge: create_returns_credentials,
    },
    Property {
        id: "client/create/stores-what-was-sent",
        sentence: "A client record that is loaded after its creation contains every member that was sent.",
        level: Level::Must,
        source: "documented: fact/create-client, fact/load-client",
        needs: None,
        eventually: false,
        judge: |moment| load_agrees(moment, |knowledge| matches!(knowledge, Knowledge::Sent(_))),
    },
    Property {
        id: "client/load/agrees-with-last-answer",
        sentence: "A loaded client record equals the last response that showed it.",
        level: Level::Must,
        source: "documented: fact/load-client",
        needs: None,
        eventually: false,
        judge: |moment| {
            let Some(Action::LoadClient { by: LoadBy::Id, .. }) = moment.rightly() else {
                return Verdict::DoesNotApply;
            };
            load_agrees(moment, |knowledge| matches!(knowledge, Knowledge::Seen(_)))
        },
    },
    Property {
        id: "client/load/finds-by-client-id",
        sentence: "A client record can be loaded by its OAuth client id, and is the same record.",
        level: Level::Must,
        source: "documented: fact/load-by-client-id",
        needs: None,
        eventually: false,
        judge: |moment| {
            let Some(Action::LoadClient { client, by: LoadBy::ClientId }) = moment.rightly() else {
                return Verdict::DoesNotApply;
            };
            Verdict::all([load_finds(moment, *client), moment.same_by_another_way()])
        },
    },
    Property {
        id: "client/update/keeps-sent-fields",
        sentence: "The response to an update contains every documented member that was sent.",
        level: Level::Must,
        source: "documented: fact/update-client",
        needs: None,
        eventually: false,
        judge: |moment| update_keeps(moment, true),
    },
    Property {
        id: "client/update/keeps-unknown-fields",
        sentence: "Members that the document does not have, but that the target returned, are kept when an update sends them back.",
        level: Level::Should,
        source: "assumed: fact/unknown-members",
        needs: Some(Capability::UnknownMembers),
        eventually: false,
        judge: |moment| update_keeps(moment, false),
    },
    Property {
        id: "client/update/keeps-identity",
        sentence: "An update does not change the id, the client id or the server of a client record.",
        level: Level::Must,
        source: "documented: fact/update-client, fact/one-server-per-client",
        needs: None,
        eventually: false,
        judge: update_keeps_identity,
    },
];

fn create_returns_credentials(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::CreateClient { .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let known = &moment.before.clients;
    Verdict::all(["id", "clientId", "cleartext"].map(|member| {
        let Some(value) = body[member].as_str().filter(|value| !value.is_empty()) else {
            return Verdict::broken(
                format!("{member} is a string that is not empty"),
                "it is missing or empty",
            );
        };
        let used = known.values().any(|client| match member {
            "id" => client.record.id == value,
            "clientId" => client.client_id == value,
            _ => client.secrets.iter().any(|secret| secret == value),
        });
        Verdict::of(!used, format!("a new {member}"), format!("the {member} of another client record"))
    }))
}

fn load_agrees(moment: &Moment<'_>, of_interest: impl Fn(&Knowledge) -> bool) -> Verdict {
    let Some(Action::LoadClient { client, .. }) = moment.rightly() else { return Verdict::DoesNotApply };
    let known = moment.before.clients.get(client);
    if !known.is_some_and(|client| of_interest(&client.record.knowledge)) {
        return Verdict::DoesNotApply;
    }
    moment.loaded_as_before(Suspect::TheAnswer)
}

/// Judges whether the answer shows that client record at all.
fn load_finds(moment: &Moment<'_>, client: ClientLabel) -> Verdict {
    let known = moment.before.clients.get(&client).filter(|known| known.record.is_alive());
    let (Some(known), Some(answer)) = (known, moment.exchange.answer()) else {
        return Verdict::DoesNotApply;
    };
    let shown = moment.success().map(|body| &body["client"]["id"]);
    Verdict::of(
        shown.is_some_and(|id| *id == *known.record.id),
        format!("{client} with its id"),
        match shown {
            Some(id) => format!("a client with the id {id}"),
            None => format!("status {}", answer.status),
        },
    )
}

fn update_keeps(moment: &Moment<'_>, documented: bool) -> Verdict {
    let (Some(Action::UpdateClient { client, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let of_interest = |name: &str| {
        documented::CLIENT_MEMBERS.contains(name) == documented && !["id", "mcpServerId"].contains(&name)
    };
    let sent: Members = moment.call.sent_record().into_iter().filter(|(name, _)| of_interest(name)).collect();
    written_again(client, sent, &body["client"])
}

fn update_keeps_identity(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::UpdateClient { client, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(known) = moment.before.clients.get(client) else { return Verdict::DoesNotApply };
    let Some(server) = moment.before.servers.get(&known.server) else { return Verdict::DoesNotApply };
    let expected = [("id", &known.record.id), ("clientId", &known.client_id), ("mcpServerId", &server.id)];
    Verdict::all(expected.map(|(member, expected)| {
        let actual = &body["client"][member];
        Verdict::of(
            *actual == **expected,
            format!("{client} {member} = {expected:?}"),
            format!("{client} {member} = {actual}"),
        )
        .about([format!("/{member}")])
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, LoadBy};
    use crate::story::{C1, C2, S1, Story, client, object, secret};

    fn story() -> Story {
        Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({"tags": ["a"]}))
    }

    #[test]
    fn a_creation_gives_credentials_that_nobody_else_has() {
        let create = Action::CreateClient { client: C2, server: S1, body: object(json!({})) };
        let good = json!({"id": "TPA2", "clientId": "c2", "cleartext": secret(2)});
        story().step(create.clone(), 200, good.clone()).keeps("client/create/returns-credentials");
        for (member, value) in [("id", ""), ("id", "TPA1"), ("clientId", "c1"), ("cleartext", &secret(1))] {
            let mut bad = good.clone();
            bad[member] = value.into();
            story().step(create.clone(), 200, bad).breaks("client/create/returns-credentials");
        }
    }

    #[test]
    fn the_first_load_shows_what_was_sent() {
        let mut story = Story::default().with_server(S1, json!({}));
        let create = Action::CreateClient { client: C1, server: S1, body: object(json!({"tags": ["a"]})) };
        story.step(create, 200, json!({"id": "TPA1", "clientId": "c1", "cleartext": secret(1)}));
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        let shown = |members| json!({"client": client(C1, S1, members)});
        let more = shown(json!({"tags": ["a"], "status": "active"}));
        story.clone().step(load.clone(), 200, more).keeps("client/create/stores-what-was-sent");
        story.clone().step(load, 200, shown(json!({}))).breaks("client/create/stores-what-was-sent");
    }

    #[test]
    fn later_loads_show_the_same_by_either_id() {
        for (by, id) in [
            (LoadBy::Id, "client/load/agrees-with-last-answer"),
            (LoadBy::ClientId, "client/load/finds-by-client-id"),
        ] {
            let load = Action::LoadClient { client: C1, by };
            let shown = |members| json!({"client": client(C1, S1, members)});
            story().step(load.clone(), 200, shown(json!({"tags": ["a"]}))).keeps(id);
            story().step(load.clone(), 200, shown(json!({"tags": ["b"]}))).breaks(id);
            story().step(load, 404, json!({"errorCode": "E1"})).breaks(id);
        }
    }

    #[test]
    fn an_update_keeps_what_was_sent_and_who_the_client_is() {
        let update = Action::UpdateClient {
            client: C1,
            set: object(json!({"logo": "https://l.example/"})),
            omit: vec![],
        };
        let answer = |record| story().step(update.clone(), 200, json!({"client": record}));
        let good = answer(client(C1, S1, json!({"tags": ["a"], "logo": "https://l.example/"})));
        good.keeps("client/update/keeps-sent-fields");
        good.keeps("client/update/keeps-identity");
        answer(client(C1, S1, json!({"tags": ["a"]}))).breaks("client/update/keeps-sent-fields");
        for (member, value) in [("id", "TPA2"), ("clientId", "c2"), ("mcpServerId", "MS2")] {
            let mut other = client(C1, S1, json!({"tags": ["a"], "logo": "https://l.example/"}));
            other[member] = value.into();
            answer(other).breaks("client/update/keeps-identity");
        }
    }

    #[test]
    fn an_update_whose_answer_cannot_be_read_may_have_changed_nothing_or_all() {
        let story =
            || Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({"tags": ["a"]}));
        let update = Action::UpdateClient { client: C1, set: object(json!({"tags": ["b"]})), omit: vec![] };
        for tags in ["a", "b"] {
            let mut story = story();
            story.unreadable(update.clone().into());
            let load = Action::LoadClient { client: C1, by: LoadBy::Id };
            let shown = json!({"client": client(C1, S1, json!({"tags": [tags]}))});
            assert_eq!(story.step(load.clone(), 200, shown.clone()).broken, [""; 0]);
            story.clone().step(load.clone(), 200, shown).keeps("client/load/agrees-with-last-answer");
            let other = json!({"client": client(C1, S1, json!({"tags": ["c"]}))});
            story.step(load, 200, other).breaks("client/load/agrees-with-last-answer");
        }
    }

    #[test]
    fn of_updates_at_the_same_time_one_whose_answer_cannot_be_read_leaves_all_open() {
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let update = |tag: &str| Action::UpdateClient {
            client: C1,
            set: object(json!({"tags": [tag]})),
            omit: vec![],
        };
        let answered = json!({"client": client(C1, S1, json!({"tags": ["a"]}))});
        story.at_once_unreadable((update("a"), 200, answered), update("b"));
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        let shown = json!({"client": client(C1, S1, json!({}))});
        assert_eq!(story.step(load, 200, shown).broken, [""; 0]);
    }

    #[test]
    fn an_update_keeps_members_beyond_the_document() {
        let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({"xNew": [1]}));
        let update = Action::UpdateClient { client: C1, set: object(json!({})), omit: vec![] };
        let answer = |record| story.clone().step(update.clone(), 200, json!({"client": record}));
        answer(client(C1, S1, json!({"xNew": [1]}))).keeps("client/update/keeps-unknown-fields");
        answer(client(C1, S1, json!({"xNew": []}))).breaks("client/update/keeps-unknown-fields");
    }
}
