//! Requests that are sent at the same time.

use std::collections::BTreeSet;

use serde_json::Value;

use super::deletion::stays_gone;
use super::search::may_be_cut_off;
use crate::json;
use crate::model::comparison::{as_stored, comparable};
use crate::model::effect::Created;
use crate::model::semantics::ShownRecords;
use crate::model::{Knowledge, Trust};
use crate::plan::{Action, WhichSecret};
use crate::properties::property::{Capability, Level, Moment, Property, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "concurrency/creates/have-distinct-ids",
        sentence: "Records that are created at the same time get different ids.",
        level: Level::Must,
        source: "documented: fact/ids-are-distinct",
        needs: None,
        eventually: false,
        judge: creates_have_distinct_ids,
    },
    Property {
        id: "concurrency/creates/all-appear",
        sentence: "Every record that was created at the same time as others appears in the lists afterwards.",
        level: Level::Should,
        source: "assumed: fact/at-the-same-time",
        needs: None,
        eventually: true,
        judge: creates_all_appear,
    },
    Property {
        id: "concurrency/updates/leave-one-written-state",
        sentence: "After updates at the same time, a record has everything that one of them wrote; if it was deleted at the same time, it cannot be loaded.",
        level: Level::Should,
        source: "assumed: fact/at-the-same-time",
        needs: None,
        eventually: false,
        judge: updates_leave_one_written_state,
    },
    Property {
        id: "concurrency/rotations/leave-one-secret",
        sentence: "After rotations at the same time, one of the returned secrets is the client's secret, and a target that refuses rotated secrets refuses the others.",
        level: Level::Should,
        source: "assumed: fact/at-the-same-time",
        needs: Some(Capability::ReadableSecrets),
        eventually: false,
        judge: rotations_leave_one_secret,
    },
];

fn creates_have_distinct_ids(moment: &Moment<'_>) -> Verdict {
    let Some(action) = moment.at_once() else { return Verdict::DoesNotApply };
    let Some(created) = action.semantics().effect.creates() else { return Verdict::DoesNotApply };
    let with_id = match created {
        Created::Server(server) => {
            let made = moment.after.servers.get(&server);
            made.map(|made| moment.after.servers.values().filter(|other| other.id == made.id).count())
        }
        Created::Client(client) => {
            let made = moment.after.clients.get(&client);
            made.map(|made| {
                let same = |id: &str, client_id: &str| id == made.record.id || client_id == made.client_id;
                let all = moment.after.clients.values();
                all.filter(|other| same(&other.record.id, &other.client_id)).count()
            })
        }
    };
    match with_id {
        Some(count) => Verdict::of(
            count == 1,
            "an id that no other record has",
            format!("an id that {count} records were given"),
        ),
        None => Verdict::DoesNotApply,
    }
}

fn creates_all_appear(moment: &Moment<'_>) -> Verdict {
    let (member, made): (_, Vec<_>) = if let Some(Action::LoadAllServers) = moment.rightly() {
        let made = moment.before.servers.iter();
        let made = made.filter(|(_, record)| record.made_at_once && record.is_alive());
        ("servers", made.map(|(label, record)| (label.to_string(), record)).collect())
    } else if let Some(Action::SearchClients { server, filter }) = moment.rightly()
        && filter.by.is_empty()
        && filter.page.is_none()
        && filter.limit.is_none()
    {
        let made = moment.before.clients_of(*server).map(|(label, client)| (label, &client.record));
        let made = made.filter(|(_, record)| record.made_at_once && record.is_alive());
        ("clients", made.map(|(label, record)| (label.to_string(), record)).collect())
    } else {
        return Verdict::DoesNotApply;
    };
    let Some(listed) = moment.success().and_then(|body| body[member].as_array()) else {
        return Verdict::DoesNotApply;
    };
    let cut_off = member == "clients" && may_be_cut_off(moment, listed.len());
    Verdict::all(made.into_iter().map(|(label, record)| {
        let found = listed.iter().any(|item| item["id"] == *record.id);
        match found {
            false if cut_off => Verdict::DoesNotApply,
            true | false => {
                Verdict::of(found, format!("{label} is in the list"), format!("{label} is missing"))
            }
        }
    }))
}

fn updates_leave_one_written_state(moment: &Moment<'_>) -> Verdict {
    if moment.call.step.action.semantics().shows.is_list() {
        return Verdict::DoesNotApply;
    }
    let looks = moment.looks();
    let updated = looks.iter().map(|look| {
        let Knowledge::OneOf(states) = &look.record.knowledge else { return Verdict::DoesNotApply };
        // Where loading shows something else than writing anyway, nothing can be said of writing at the same time.
        if look.record.trust != Trust::Confirmed {
            return Verdict::DoesNotApply;
        }
        let (Some(shown), true) = (look.shown, look.record.is_alive()) else { return Verdict::DoesNotApply };
        let shown = Value::Object(shown.clone());
        let misfit = |state: &json::Members| {
            let stored = as_stored(comparable(state), &shown);
            json::contains(&Value::Object(stored), &shown).err().map(|difference| difference.pointer)
        };
        let misfits: Vec<_> = states.iter().map(misfit).collect();
        // The same place for each of them is most likely a fault of writing that member, whenever it is written.
        let places: BTreeSet<_> = misfits.iter().flatten().map(String::as_str).collect();
        let places: Vec<_> = places.into_iter().collect();
        Verdict::of(
            misfits.iter().any(Option::is_none),
            format!("{} holds the whole of one of {} updates", look.subject, states.len()),
            format!("{} holds none of them whole: it differs at {}", look.subject, places.join(", ")),
        )
    });
    Verdict::all(updated.chain([deleted_meanwhile_stays_gone(moment)]))
}

/// Whether the update came first or was refused, the record is gone: an update creates nothing.
fn deleted_meanwhile_stays_gone(moment: &Moment<'_>) -> Verdict {
    match moment.shows() {
        ShownRecords::Server(..) | ShownRecords::Client(..) => {
            stays_gone(moment, |record| record.deleted_during_an_update)
        }
        ShownRecords::Nothing | ShownRecords::Servers | ShownRecords::Clients => Verdict::DoesNotApply,
    }
}

fn rotations_leave_one_secret(moment: &Moment<'_>) -> Verdict {
    let of = |client| moment.before.clients.get(client).filter(|known| !known.rotated_at_once.is_empty());
    if let Some(Action::GetSecret { client }) = moment.rightly() {
        let (Some(known), Some(body)) = (of(client), moment.success()) else {
            return Verdict::DoesNotApply;
        };
        if known.secret_is_known {
            return Verdict::DoesNotApply;
        }
        let given = body["cleartext"]
            .as_str()
            .is_some_and(|secret| known.rotated_at_once.iter().any(|candidate| candidate == secret));
        return Verdict::of(given, "one of the secrets that the rotations gave", "another secret");
    }
    let Some(Action::RequestToken { client, secret: WhichSecret::BeforeRotation, .. }) = moment.rightly()
    else {
        return Verdict::DoesNotApply;
    };
    let answer = moment.exchange.answer().filter(|answer| answer.status != 404);
    let answer = answer.filter(|_| moment.before.rotated_secrets_die);
    let (Some(_), Some(answer)) = (of(client), answer) else { return Verdict::DoesNotApply };
    Verdict::of(
        !answer.is_success(),
        "a refusal, because the secret of another rotation is the current one, as it was read",
        format!(
            "status {}: this one is accepted, so either two are, or reading shows one that is not current",
            answer.status
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Verdict;
    use crate::plan::{Action, Filter, LoadBy, TokenAuth, WhichSecret};
    use crate::story::{C1, C2, S1, S2, Story, client, object, server};

    const ROTATE: Action = Action::RotateSecret { client: C1 };

    fn secret(secret: &str) -> serde_json::Value {
        json!({ "cleartext": secret })
    }

    fn create(label: crate::plan::ServerLabel) -> Action {
        Action::CreateServer { server: label, body: object(json!({})) }
    }

    #[test]
    fn records_made_at_the_same_time_have_an_id_each_and_are_listed() {
        let (one, two) = (server(S1, json!({})), server(S2, json!({})));
        let made = |second: serde_json::Value| {
            let mut story = Story::default();
            let judged = story.at_once(vec![
                (create(S1), 200, json!({ "server": one })),
                (create(S2), 200, json!({ "server": second })),
            ]);
            (story, judged)
        };
        made(one.clone()).1.breaks("concurrency/creates/have-distinct-ids");
        let (mut story, judged) = made(two.clone());
        judged.keeps("concurrency/creates/have-distinct-ids");
        let all = |servers| json!({ "servers": servers });
        let listed = story.clone().step(Action::LoadAllServers, 200, all(json!([one, two])));
        listed.keeps("concurrency/creates/all-appear");
        let listed = story.step(Action::LoadAllServers, 200, all(json!([one])));
        listed.breaks("concurrency/creates/all-appear");
    }

    #[test]
    fn clients_made_at_the_same_time_are_found() {
        let mut story = Story::default().with_server(S1, json!({}));
        let create = |client| Action::CreateClient { client, server: S1, body: object(json!({})) };
        let made = |n: u8| json!({"id": format!("TPA{n}"), "clientId": format!("c{n}"), "cleartext": "s"});
        let twice = vec![(create(C1), 200, made(1)), (create(C2), 200, made(1))];
        story.clone().at_once(twice).breaks("concurrency/creates/have-distinct-ids");
        story.at_once(vec![(create(C1), 200, made(1)), (create(C2), 200, made(2))]);
        let search = Action::SearchClients { server: S1, filter: Filter::default() };
        let (one, two) = (client(C1, S1, json!({})), client(C2, S1, json!({})));
        let found = json!({"clients": [one, two], "total": 2});
        story.step(search.clone(), 200, found).keeps("concurrency/creates/all-appear");
        let found = story.step(search, 200, json!({"clients": [one], "total": 1}));
        assert!(found.broken.contains(&"concurrency/creates/all-appear"), "{:?}", found.broken);
    }

    #[test]
    fn after_updates_at_the_same_time_one_of_them_is_there_as_a_whole() {
        let mut story = Story::default().with_server(S1, json!({}));
        story.step(Action::LoadServer { server: S1 }, 200, json!({"server": server(S1, json!({}))}));
        let state = |n: u8| json!({"description": format!("d{n}"), "tags": [format!("t{n}")]});
        let update = |n| Action::UpdateServer { server: S1, set: object(state(n)), omit: vec![] };
        let answer = |n| json!({ "server": server(S1, state(n)) });
        story.at_once(vec![(update(1), 200, answer(1)), (update(2), 200, answer(2))]);
        let load = |body| {
            story.clone().step(Action::LoadServer { server: S1 }, 200, json!({ "server": server(S1, body) }))
        };
        load(state(1)).keeps("concurrency/updates/leave-one-written-state");
        load(state(2)).keeps("concurrency/updates/leave-one-written-state");
        load(json!({"description": "d1", "tags": ["t2"]}))
            .breaks("concurrency/updates/leave-one-written-state");
    }

    #[test]
    fn a_member_that_no_update_can_write_is_named() {
        let mut story = Story::default().with_server(S1, json!({}));
        let state = |n: u8| json!({"description": format!("d{n}"), "tags": [format!("t{n}")]});
        let update = |n| Action::UpdateServer { server: S1, set: object(state(n)), omit: vec![] };
        let answer = |n| json!({ "server": server(S1, state(n)) });
        story.at_once(vec![(update(1), 200, answer(1)), (update(2), 200, answer(2))]);
        let body = json!({ "server": server(S1, json!({"description": "d1", "tags": ["other"]})) });
        let load = Action::LoadServer { server: S1 };
        let verdict = story.why("concurrency/updates/leave-one-written-state", load, 200, body);
        let Verdict::Broken(why) = verdict else { panic!("{verdict:?}") };
        assert!(why.actual.ends_with("it differs at /description, /tags/0"), "{}", why.actual);
    }

    #[test]
    fn an_unclear_update_among_them_leaves_nothing_to_be_known() {
        let mut story = Story::default().with_server(S1, json!({}));
        let update = |n: u8| Action::UpdateServer {
            server: S1,
            set: object(json!({"description": n.to_string()})),
            omit: vec![],
        };
        let one = json!({ "server": server(S1, json!({"description": "1"})) });
        story.at_once(vec![(update(1), 200, one), (update(2), 503, json!({}))]);
        let other = json!({ "server": server(S1, json!({"description": "3"})) });
        let judged = story.step(Action::LoadServer { server: S1 }, 200, other);
        judged.does_not_judge("concurrency/updates/leave-one-written-state");
    }

    #[test]
    fn after_updates_of_a_client_at_the_same_time_one_of_them_is_there_as_a_whole() {
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let state = |n: u8| json!({"logo": format!("https://example.com/{n}"), "tags": [format!("t{n}")]});
        let update = |n| Action::UpdateClient { client: C1, set: object(state(n)), omit: vec![] };
        let shown = |members| json!({ "client": client(C1, S1, members) });
        story.at_once(vec![(update(1), 200, shown(state(1))), (update(2), 200, shown(state(2)))]);
        let load = |members| {
            let load = Action::LoadClient { client: C1, by: LoadBy::Id };
            story.clone().step(load, 200, shown(members))
        };
        load(state(1)).keeps("concurrency/updates/leave-one-written-state");
        load(json!({"logo": "https://example.com/1", "tags": ["t2"]}))
            .breaks("concurrency/updates/leave-one-written-state");
    }

    /// A client that is deleted while it is updated, answered so, in either order.
    fn deleted_while_updated(updated: u16, deleted: u16) -> [Story; 2] {
        let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let answer = |status: u16, body: serde_json::Value| match status {
            200 => body,
            _ => json!({"errorCode": "E1"}),
        };
        let set = json!({"tags": ["t"]});
        let update = Action::UpdateClient { client: C1, set: object(set.clone()), omit: vec![] };
        let update = (update, updated, answer(updated, json!({ "client": client(C1, S1, set) })));
        let delete = (Action::DeleteClient { client: C1 }, deleted, answer(deleted, json!({})));
        let mut stories = [story.clone(), story];
        assert_eq!(stories[0].at_once(vec![update.clone(), delete.clone()]).broken, [""; 0]);
        assert_eq!(stories[1].at_once(vec![delete, update]).broken, [""; 0]);
        stories
    }

    #[test]
    fn a_client_that_was_deleted_while_it_was_updated_stays_gone_whatever_the_update_was_answered() {
        let id = "concurrency/updates/leave-one-written-state";
        let load = || Action::LoadClient { client: C1, by: LoadBy::Id };
        let record = client(C1, S1, json!({"tags": ["t"]}));
        for updated in [200, 404, 409, 503] {
            for mut story in deleted_while_updated(updated, 200) {
                story.clone().step(load(), 404, json!({"errorCode": "E1"})).keeps(id);
                story.clone().step(load(), 200, json!({"client": record})).breaks(id);
                let search = Action::SearchClients { server: S1, filter: Filter::default() };
                let found = story.clone().step(search, 200, json!({"clients": [record]}));
                found.breaks("clients/search/omits-deleted");
                let token = Action::RequestToken {
                    client: C1,
                    secret: WhichSecret::Current,
                    method: TokenAuth::Basic,
                };
                let given = json!({"access_token": "t", "token_type": "Bearer"});
                story.step(token, 200, given).breaks("client/delete/ends-its-secret");
            }
        }
    }

    #[test]
    fn a_server_that_was_deleted_while_it_was_updated_stays_gone() {
        let mut story = Story::default().with_server(S1, json!({}));
        let set = json!({"tags": ["t"]});
        let update = Action::UpdateServer { server: S1, set: object(set.clone()), omit: vec![] };
        let shown = json!({ "server": server(S1, set) });
        story.at_once(vec![
            (Action::DeleteServer { server: S1 }, 200, json!({})),
            (update, 200, shown.clone()),
        ]);
        let load = Action::LoadServer { server: S1 };
        let id = "concurrency/updates/leave-one-written-state";
        story.clone().step(load.clone(), 404, json!({"errorCode": "E1"})).keeps(id);
        story.step(load, 200, shown).breaks(id);
    }

    #[test]
    fn a_deletion_that_an_update_got_in_the_way_of_may_be_refused_or_stay_unclear() {
        let id = "concurrency/updates/leave-one-written-state";
        let load = || Action::LoadClient { client: C1, by: LoadBy::Id };
        let record = json!({ "client": client(C1, S1, json!({"tags": ["t"]})) });
        for mut story in deleted_while_updated(200, 409) {
            story.clone().step(load(), 200, record.clone()).does_not_judge(id);
            story
                .clone()
                .step(load(), 404, json!({"errorCode": "E1"}))
                .breaks("client/load/agrees-with-last-answer");
            story.step(Action::DeleteClient { client: C1 }, 200, json!({})).keeps("delete/is-acknowledged");
        }
        for story in deleted_while_updated(200, 503) {
            story.clone().step(load(), 200, record.clone()).does_not_judge(id);
            story.clone().step(load(), 404, json!({"errorCode": "E1"})).does_not_judge(id);
        }
    }

    #[test]
    fn a_token_may_be_given_or_not_during_a_rotation_and_the_old_secret_dies_with_it() {
        let token = |secret| Action::RequestToken { client: C1, secret, method: TokenAuth::Basic };
        let given = || json!({"access_token": "t", "token_type": "Bearer"});
        let refused = || json!({"error": "invalid_client"});
        let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let fresh = || secret(&crate::story::secret(7));
        for (status, body) in [(200, given()), (401, refused()), (503, json!({}))] {
            let meanwhile = (token(WhichSecret::Current), status, body);
            let rotation = (ROTATE, 200, fresh());
            for group in [vec![meanwhile.clone(), rotation.clone()], vec![rotation, meanwhile]] {
                let mut story = story.clone();
                assert_eq!(story.at_once(group).broken, [""; 0]);
                let old = token(WhichSecret::BeforeRotation);
                let id = "client/rotate/invalidates-old-secret";
                story.clone().step(old.clone(), 401, refused()).keeps(id);
                story.clone().step(old, 200, given()).breaks(id);
                story.step(token(WhichSecret::Current), 200, given()).keeps("client/secret/is-accepted");
            }
        }
    }

    #[test]
    fn after_rotations_at_the_same_time_one_secret_is_in_force() {
        let token = Action::RequestToken {
            client: C1,
            secret: WhichSecret::BeforeRotation,
            method: TokenAuth::Basic,
        };
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        story.step(ROTATE, 200, secret("first"));
        let mut patient = story.clone();
        story.step(token.clone(), 401, json!({"error": "invalid_client"}));
        let get = Action::GetSecret { client: C1 };
        let id = "concurrency/rotations/leave-one-secret";
        for story in [&mut story, &mut patient] {
            story.at_once(vec![(ROTATE, 200, secret("a")), (ROTATE, 200, secret("b"))]);
        }
        patient.step(get.clone(), 200, secret("a"));
        let given = json!({"access_token": "t", "token_type": "Bearer"});
        patient.step(token.clone(), 200, given).does_not_judge(id);
        story.clone().step(get.clone(), 200, secret("b")).keeps(id);
        story.clone().step(get.clone(), 200, secret("secret-1")).breaks(id);
        story.step(get, 200, secret("a")).keeps(id);
        story.clone().step(token.clone(), 401, json!({"error": "invalid_client"})).keeps(id);
        story.step(token, 200, json!({"access_token": "t", "token_type": "Bearer"})).breaks(id);
    }

    #[test]
    fn what_is_left_of_a_group_is_judged_as_an_ordinary_step() {
        let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        let shown = json!({"client": client(C1, S1, json!({}))});
        story.clone().step(load, 200, shown).does_not_judge("concurrency/updates/leave-one-written-state");
    }
}
