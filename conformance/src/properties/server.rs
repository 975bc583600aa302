//! Server records: creation, loading, replacement, listing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::source;
use crate::{
    json::{self, Members},
    model::Bystood,
    plan::Action,
    property::{Capability, Level, Moment, Property, Suspect, Verdict},
    spec,
};

/// The properties of this file.
pub static ALL: &[Property] = &[
    Property {
        id: "server/create/returns-what-was-sent",
        sentence: "The answer to a creation holds every member of the request that a server record has.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: create_returns_what_was_sent,
    },
    Property {
        id: "server/create/makes-a-new-id",
        sentence: "A created server has an id that no other server has.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: create_makes_a_new_id,
    },
    Property {
        id: "server/load/agrees-with-last-answer",
        sentence: "A loaded server is as the last answer about it showed it.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| match moment.rightly() {
            Some(Action::LoadServer { .. }) => moment.loaded_as_before(Suspect::TheAnswer),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "server/update/keeps-sent-fields",
        sentence: "The answer to an update holds every documented member of the record that was sent.",
        level: Level::Must,
        source: source::GUIDE_UPDATE,
        needs: None,
        eventually: false,
        judge: |moment| update_keeps(moment, true),
    },
    Property {
        id: "server/update/keeps-unknown-fields",
        sentence: "Members beyond the document that the target itself returned survive being sent back in an update.",
        level: Level::Should,
        source: source::GUIDE_UPDATE,
        needs: Some(Capability::UnknownMembers),
        eventually: false,
        judge: |moment| update_keeps(moment, false),
    },
    Property {
        id: "server/update/keeps-id",
        sentence: "An update does not change the id of a server.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: update_keeps_id,
    },
    Property {
        id: "server/update/touches-no-other",
        sentence: "An update of one record leaves all others as they were.",
        level: Level::Should,
        source: source::SANE,
        needs: None,
        eventually: false,
        judge: |moment| moment.loaded_as_before(Suspect::Event(Bystood::UpdateOfAnother)),
    },
    Property {
        id: "servers/all/contains-created",
        sentence: "The list of all servers contains every server that was created and not deleted.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: true,
        judge: all_contains_created,
    },
    Property {
        id: "servers/all/agrees-with-last-answer",
        sentence: "A server in the list of all servers is as the last answer about it showed it.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: true,
        judge: |moment| match moment.rightly() {
            Some(Action::LoadAllServers) => moment.same_by_another_way(),
            _ => Verdict::DoesNotApply,
        },
    },
];

fn create_returns_what_was_sent(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::CreateServer { server, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let sent = moment.call.sent_record();
    let documented =
        sent.into_iter().filter(|(name, _)| spec::SERVER_MEMBERS.contains(name)).collect::<Members>();
    Verdict::from_comparison(server, json::contains(&Value::Object(documented), spec::server(body)))
}

fn create_makes_a_new_id(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::CreateServer { .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(id) = spec::server(body)["id"].as_str().filter(|id| !id.is_empty()) else {
        return Verdict::broken("server.id is a string that is not empty", "it is missing or empty");
    };
    let other = moment.before.server_with_id(id);
    Verdict::of(other.is_none(), "an id that no server has", format!("the id {id}, which another server has"))
}

fn update_keeps(moment: &Moment<'_>, documented: bool) -> Verdict {
    let (Some(Action::UpdateServer { server, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let of_interest = |name: &str| spec::SERVER_MEMBERS.contains(name) == documented && name != "id";
    let sent: Members = moment.call.sent_record().into_iter().filter(|(name, _)| of_interest(name)).collect();
    if sent.is_empty() {
        return Verdict::DoesNotApply;
    }
    Verdict::from_comparison(server, json::contains(&Value::Object(sent), spec::server(body)))
}

fn update_keeps_id(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::UpdateServer { server, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(record) = moment.before.servers.get(server) else { return Verdict::DoesNotApply };
    let actual = &spec::server(body)["id"];
    Verdict::of(
        *actual == *record.id,
        format!("{server} id = {:?}", record.id),
        format!("{server} id = {actual}"),
    )
}

fn all_contains_created(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::LoadAllServers), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let listed: BTreeSet<_> =
        body["servers"].as_array().into_iter().flatten().filter_map(|s| s["id"].as_str()).collect();
    let alive = moment.before.servers.iter().filter(|(_, record)| record.is_alive());
    Verdict::all(alive.map(|(label, record)| {
        Verdict::of(
            listed.contains(record.id.as_str()),
            format!("{label} is in the list"),
            format!("{label} is missing"),
        )
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        plan::Action,
        story::{S1, S2, Story, object, server},
    };

    fn create(body: serde_json::Value) -> Action {
        Action::CreateServer { server: S1, body: object(body) }
    }

    #[test]
    fn a_created_server_holds_what_was_sent_and_may_hold_more() {
        let mut story = Story::default();
        let full = server(S1, json!({"tags": ["a"], "logo": "", "xNew": 1}));
        story
            .step(create(json!({"tags": ["a"]})), 200, json!({"server": full}))
            .keeps("server/create/returns-what-was-sent");
        let lost = server(S1, json!({"tags": []}));
        let judged = Story::default().step(create(json!({"tags": ["a"]})), 200, json!({"server": lost}));
        judged.breaks("server/create/returns-what-was-sent");
    }

    #[test]
    fn a_consent_flow_is_not_expected_back() {
        let judged = Story::default().step(
            create(json!({"consentFlowId": "f"})),
            200,
            json!({"server": server(S1, json!({}))}),
        );
        judged.keeps("server/create/returns-what-was-sent");
    }

    #[test]
    fn an_id_is_there_and_new() {
        let mut story = Story::default().with_server(S1, json!({}));
        let again = Action::CreateServer { server: S2, body: object(json!({})) };
        story
            .step(again, 200, json!({"server": server(S1, json!({}))}))
            .breaks("server/create/makes-a-new-id");
        let judged =
            Story::default().step(create(json!({})), 200, json!({"server": {"id": "", "name": "t "}}));
        judged.breaks("server/create/makes-a-new-id");
    }

    #[test]
    fn a_load_shows_what_the_last_answer_showed() {
        let story = Story::default().with_server(S1, json!({"tags": ["a"]}));
        let load = Action::LoadServer { server: S1 };
        let same = json!({"server": server(S1, json!({"tags": ["a"], "logo": null}))});
        story.clone().step(load.clone(), 200, same).keeps("server/load/agrees-with-last-answer");
        for other in [json!({"tags": []}), json!({"tags": ["a"], "logo": "l"})] {
            let judged = story.clone().step(load.clone(), 200, json!({"server": server(S1, other)}));
            judged.breaks("server/load/agrees-with-last-answer");
        }
        let gone = json!({"errorCode": "E1"});
        story.clone().step(load, 404, gone).breaks("server/load/agrees-with-last-answer");
    }

    #[test]
    fn an_update_keeps_documented_members_unknown_ones_and_the_id() {
        let story = Story::default().with_server(S1, json!({"tags": ["a"], "xNew": {"n": null}}));
        let update = Action::UpdateServer { server: S1, set: object(json!({"logo": "l"})), omit: vec![] };
        let answer = |body| story.clone().step(update.clone(), 200, json!({"server": body}));
        let good = answer(server(S1, json!({"tags": ["a"], "logo": "l", "xNew": {"n": null}})));
        good.keeps("server/update/keeps-sent-fields");
        good.keeps("server/update/keeps-unknown-fields");
        good.keeps("server/update/keeps-id");
        answer(server(S1, json!({"tags": ["a"], "xNew": {}}))).breaks("server/update/keeps-sent-fields");
        let story = Story::default().with_server(S1, json!({"xNew": {"n": 1}}));
        let judged =
            story.clone().step(update.clone(), 200, json!({"server": server(S1, json!({"logo": "l"}))}));
        judged.breaks("server/update/keeps-unknown-fields");
        let judged = story.clone().step(
            update,
            200,
            json!({"server": server(S2, json!({"logo": "l", "xNew": {"n": 1}}))}),
        );
        judged.breaks("server/update/keeps-id");
    }

    #[test]
    fn an_update_of_another_server_is_blamed_for_a_change_and_nothing_else_is() {
        let mut story = Story::default().with_server(S1, json!({"tags": ["a"]})).with_server(S2, json!({}));
        let update = Action::UpdateServer { server: S2, set: object(json!({"logo": "l"})), omit: vec![] };
        story.step(update, 200, json!({"server": server(S2, json!({"logo": "l"}))}));
        let load = Action::LoadServer { server: S1 };
        let same = json!({"server": server(S1, json!({"tags": ["a"]}))});
        story.clone().step(load.clone(), 200, same).keeps("server/update/touches-no-other");
        let changed = json!({"server": server(S1, json!({"tags": ["a"], "logo": "l"}))});
        story.clone().step(load, 200, changed).breaks("server/update/touches-no-other");
    }

    #[test]
    fn the_list_holds_every_server_as_it_was_last_seen() {
        let story = Story::default().with_server(S1, json!({"tags": ["a"]})).with_server(S2, json!({}));
        let (one, two) = (server(S1, json!({"tags": ["a"]})), server(S2, json!({})));
        let all = |servers| story.clone().step(Action::LoadAllServers, 200, json!({"servers": servers}));
        let bystander = json!({"id": "MS9", "name": "not ours"});
        let good = all(json!([bystander, one, two]));
        good.keeps("servers/all/contains-created");
        good.keeps("servers/all/agrees-with-last-answer");
        all(json!([one])).breaks("servers/all/contains-created");
        all(json!([server(S1, json!({})), two])).breaks("servers/all/agrees-with-last-answer");
    }
}
