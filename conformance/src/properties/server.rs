//! Server records: creation, loading, replacement, listing.

use std::collections::BTreeSet;
use std::fmt::Display;

use serde_json::Value;

use crate::documented;
use crate::json::{self, Members};
use crate::model::InterferingEvent;
use crate::model::comparison::{as_stored, comparable};
use crate::model::semantics::{Seen, ShownRecords};
use crate::plan::{Action, ServerLabel};
use crate::plans::questions::OTHER_FLOW;
use crate::properties::property::{Capability, Level, Moment, Property, Suspect, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "server/create/returns-what-was-sent",
        sentence: "The response to the creation of a server contains every member of a server record that was sent, except scopes and settings.",
        level: Level::Must,
        source: "documented: fact/create-server",
        needs: None,
        eventually: false,
        judge: create_returns_what_was_sent,
    },
    Property {
        id: "server/create/makes-a-new-id",
        sentence: "A created server has an id that no other server has.",
        level: Level::Must,
        source: "documented: fact/create-server, fact/ids-are-distinct",
        needs: None,
        eventually: false,
        judge: create_makes_a_new_id,
    },
    Property {
        id: "server/load/agrees-with-last-answer",
        sentence: "A loaded server equals the last response that showed it.",
        level: Level::Must,
        source: "documented: fact/load-server",
        needs: None,
        eventually: false,
        judge: |moment| {
            let Some(Action::LoadServer { .. }) = moment.rightly() else { return Verdict::DoesNotApply };
            moment.loaded_as_before(Suspect::TheAnswer)
        },
    },
    Property {
        id: "server/update/keeps-sent-fields",
        sentence: "The response to an update contains every documented member that was sent, except scopes and settings.",
        level: Level::Must,
        source: "documented: fact/update-server",
        needs: None,
        eventually: false,
        judge: |moment| update_keeps(moment, true),
    },
    Property {
        id: "server/update/keeps-unknown-fields",
        sentence: "Members that the document does not have, but that the target returned, are kept when an update sends them back.",
        level: Level::Should,
        source: "documented: fact/update-server; assumed: fact/unknown-members",
        needs: Some(Capability::UnknownMembers),
        eventually: false,
        judge: |moment| update_keeps(moment, false),
    },
    Property {
        id: "server/update/keeps-id",
        sentence: "An update does not change the id of a server.",
        level: Level::Must,
        source: "documented: fact/server-id",
        needs: None,
        eventually: false,
        judge: update_keeps_id,
    },
    Property {
        id: "server/update/touches-no-other",
        sentence: "An update of one record changes no other record.",
        level: Level::Should,
        source: "assumed: fact/others-stay",
        needs: None,
        eventually: false,
        judge: |moment| moment.loaded_as_before(Suspect::Event(InterferingEvent::UpdateOfAnother)),
    },
    Property {
        id: "servers/all/contains-created",
        sentence: "The list of all servers contains every server that was created and not deleted.",
        level: Level::Must,
        source: "documented: fact/load-all-servers",
        needs: None,
        eventually: true,
        judge: all_contains_created,
    },
    Property {
        id: "servers/all/repeats-nothing",
        sentence: "No server appears twice in the list of all servers.",
        level: Level::Must,
        source: "documented: fact/load-all-servers",
        needs: None,
        eventually: false,
        judge: all_repeats_nothing,
    },
    Property {
        id: "servers/all/total-is-their-number",
        sentence: "The total of the list of all servers is the number of servers in the list, which has no pages.",
        level: Level::Must,
        source: "documented: fact/server-total",
        needs: Some(Capability::TotalOfServers),
        eventually: true,
        judge: all_total_is_their_number,
    },
    Property {
        id: "servers/all/agrees-with-last-answer",
        sentence: "A server in the list of all servers equals the last response that showed it.",
        level: Level::Must,
        source: "documented: fact/load-all-servers",
        needs: None,
        eventually: true,
        judge: |moment| {
            let Some(Action::LoadAllServers) = moment.rightly() else { return Verdict::DoesNotApply };
            moment.same_by_another_way()
        },
    },
];

/// Members of a server that have properties of their own.
const JUDGED_BY_THEMSELVES: [&str; 4] =
    ["approvedScopes", "sessionSettings", "dynamicRegistration", "cimdSettings"];

/// A member of a server as a creation or update sent it, and as the answer shows it. `None` unless it was sent as an
/// object.
pub(super) fn written<'a>(moment: &Moment<'a>, member: &str) -> Option<(ServerLabel, &'a Value, &'a Value)> {
    let ShownRecords::Server(server, Seen::Written) = moment.rightly()?.semantics().shows else {
        return None;
    };
    let sent = moment.call.sent()?.get(member).filter(|sent| sent.is_object())?;
    Some((server, sent, &documented::server(moment.success()?)[member]))
}

fn create_returns_what_was_sent(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::CreateServer { server, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let mut sent = moment.call.sent_documented();
    sent.retain(|name, _| !JUDGED_BY_THEMSELVES.contains(&name.as_str()));
    // What becomes of such a page is an open question.
    sent.retain(|_, value| value != OTHER_FLOW);
    let shown = documented::server(body);
    Verdict::from_comparison(server, json::contains(&Value::Object(as_stored(sent, shown)), shown))
}

fn create_makes_a_new_id(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::CreateServer { .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(id) = documented::server(body)["id"].as_str().filter(|id| !id.is_empty()) else {
        return Verdict::broken("server.id is a string that is not empty", "it is missing or empty");
    };
    let other = moment.before.server_with_id(id);
    Verdict::of(other.is_none(), "an id that no server has", format!("the id {id}, which another server has"))
}

fn update_keeps(moment: &Moment<'_>, documented: bool) -> Verdict {
    let (Some(Action::UpdateServer { server, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let of_interest = |name: &str| {
        let known = documented::SERVER_MEMBERS.contains(name) == documented;
        known && name != "id" && !JUDGED_BY_THEMSELVES.contains(&name)
    };
    let sent: Members = moment.call.sent_record().into_iter().filter(|(name, _)| of_interest(name)).collect();
    written_again(server, sent, documented::server(body))
}

/// Judges whether an answer shows what an update sent. Of a member that the target adds by itself, only that it is there:
/// its value may change with every update.
pub(super) fn written_again(subject: impl Display, sent: Members, shown: &Value) -> Verdict {
    if sent.is_empty() {
        return Verdict::DoesNotApply;
    }
    let lost = |(name, value): &(&String, &Value)| {
        documented::is_added_by_target(name) && !json::is_zero(value) && json::is_zero(&shown[name.as_str()])
    };
    if let Some((name, value)) = sent.iter().find(lost) {
        return Verdict::broken(
            format!("{subject} has {name}, as in {value}"),
            format!("{subject} has none"),
        )
        .about([format!("/{name}")]);
    }
    let sent = Value::Object(as_stored(comparable(&sent), shown));
    Verdict::from_comparison(subject, json::contains(&sent, shown))
}

fn update_keeps_id(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::UpdateServer { server, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(record) = moment.before.servers.get(server) else { return Verdict::DoesNotApply };
    let actual = &documented::server(body)["id"];
    Verdict::of(
        *actual == *record.id,
        format!("{server} id = {:?}", record.id),
        format!("{server} id = {actual}"),
    )
    .about(["/id"])
}

fn listed<'a>(moment: &Moment<'a>) -> Option<(&'a Value, Vec<&'a Value>)> {
    let Some(Action::LoadAllServers) = moment.rightly() else { return None };
    let body = moment.success()?;
    Some((body, body["servers"].as_array().into_iter().flatten().collect()))
}

fn all_repeats_nothing(moment: &Moment<'_>) -> Verdict {
    let Some((_, servers)) = listed(moment) else { return Verdict::DoesNotApply };
    let mut seen = BTreeSet::new();
    let twice = servers.iter().filter_map(|server| server["id"].as_str()).find(|id| !seen.insert(*id));
    Verdict::of(twice.is_none(), "each server once", format!("the id {} twice", twice.unwrap_or_default()))
}

fn all_total_is_their_number(moment: &Moment<'_>) -> Verdict {
    let Some((body, servers)) = listed(moment) else { return Verdict::DoesNotApply };
    match body["total"].as_u64() {
        Some(total) => Verdict::of(
            total == servers.len() as u64,
            format!("total = {}", servers.len()),
            format!("total = {total}"),
        ),
        None => Verdict::DoesNotApply,
    }
}

fn all_contains_created(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::LoadAllServers), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let listed: BTreeSet<_> =
        body["servers"].as_array().into_iter().flatten().filter_map(|s| s["id"].as_str()).collect();
    // Whether those made at the same time are there is judged with what else happens at the same time.
    let alive = moment.before.servers.iter().filter(|(_, record)| record.is_alive() && !record.made_at_once);
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

    use crate::plan::Action;
    use crate::story::{S1, S2, Story, object, server};

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
            Story::default().step(create(json!({})), 200, json!({"server": {"id": "", "name": "t"}}));
        judged.breaks("server/create/makes-a-new-id");
    }

    #[test]
    fn a_load_shows_what_the_last_answer_showed() {
        let story = Story::default().with_server(S1, json!({"tags": ["a"]}));
        let load = Action::LoadServer { server: S1 };
        let same = json!({"server": server(S1, json!({"tags": ["a"], "logo": null}))});
        story.clone().step(load.clone(), 200, same).keeps("server/load/agrees-with-last-answer");
        for other in [json!({"tags": []}), json!({"tags": ["a"], "description": "d"})] {
            let judged = story.clone().step(load.clone(), 200, json!({"server": server(S1, other)}));
            judged.breaks("server/load/agrees-with-last-answer");
        }
        let gone = json!({"errorCode": "E1"});
        story.clone().step(load, 404, gone).breaks("server/load/agrees-with-last-answer");
    }

    #[test]
    fn an_update_keeps_documented_members_unknown_ones_and_the_id() {
        let story = Story::default().with_server(S1, json!({"tags": ["a"], "xNew": {"n": null}}));
        let update =
            Action::UpdateServer { server: S1, set: object(json!({"description": "d"})), omit: vec![] };
        let answer = |body| story.clone().step(update.clone(), 200, json!({"server": body}));
        let good = answer(server(S1, json!({"tags": ["a"], "description": "d", "xNew": {"n": null}})));
        good.keeps("server/update/keeps-sent-fields");
        good.keeps("server/update/keeps-unknown-fields");
        good.keeps("server/update/keeps-id");
        answer(server(S1, json!({"tags": ["a"], "xNew": {}}))).breaks("server/update/keeps-sent-fields");
        let story = Story::default().with_server(S1, json!({"xNew": {"n": 1}}));
        let judged = story.clone().step(
            update.clone(),
            200,
            json!({"server": server(S1, json!({"description": "d"}))}),
        );
        judged.breaks("server/update/keeps-unknown-fields");
        let judged = story.clone().step(
            update,
            200,
            json!({"server": server(S2, json!({"description": "d", "xNew": {"n": 1}}))}),
        );
        judged.breaks("server/update/keeps-id");
    }

    #[test]
    fn an_update_of_another_server_is_blamed_for_a_change_and_nothing_else_is() {
        let mut story = Story::default().with_server(S1, json!({"tags": ["a"]})).with_server(S2, json!({}));
        let update =
            Action::UpdateServer { server: S2, set: object(json!({"description": "d"})), omit: vec![] };
        story.step(update, 200, json!({"server": server(S2, json!({"description": "d"}))}));
        let load = Action::LoadServer { server: S1 };
        let same = json!({"server": server(S1, json!({"tags": ["a"]}))});
        story.clone().step(load.clone(), 200, same).keeps("server/update/touches-no-other");
        let changed = json!({"server": server(S1, json!({"tags": ["a"], "description": "d"}))});
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
        all(json!([one, two, two])).breaks("servers/all/repeats-nothing");
        let total = |total| {
            let body = json!({"servers": [one, two], "total": total});
            story.clone().step(Action::LoadAllServers, 200, body)
        };
        total(2).keeps("servers/all/total-is-their-number");
        total(1).breaks("servers/all/total-is-their-number");
        all(json!([server(S1, json!({})), two])).breaks("servers/all/agrees-with-last-answer");
    }
}
