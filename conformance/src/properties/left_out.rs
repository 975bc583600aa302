//! What an update leaves out of a record.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::documented;
use crate::json;
use crate::plan::{Action, ClientLabel};
use crate::properties::property::{Level, Moment, Property, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "server/update/clears-what-was-left-out",
        sentence: "A member that an update leaves out is lost, or gets the value that a new server has.",
        level: Level::Must,
        source: "documented: fact/update-replaces",
        needs: None,
        eventually: false,
        judge: clears_what_was_left_out,
    },
    Property {
        id: "server/update/clears-what-was-left-out-inside",
        sentence: "A member of the settings, of a scope or of a policy that an update leaves out does not keep its value.",
        level: Level::Should,
        source: "documented: fact/update-replaces",
        needs: None,
        eventually: false,
        judge: clears_what_was_left_out_inside,
    },
    Property {
        id: "client/update/keeps-or-clears-what-was-left-out",
        sentence: "A member that an update leaves out either keeps its value or is cleared.",
        level: Level::Should,
        source: "assumed: fact/client-left-out-members",
        needs: None,
        eventually: false,
        judge: client_keeps_or_clears,
    },
    Property {
        id: "client/update/treats-what-was-left-out-alike",
        sentence: "An update keeps all members that it leaves out, or clears all of them; no document settles which.",
        level: Level::Should,
        source: "assumed: fact/client-left-out-members",
        needs: None,
        eventually: false,
        judge: client_treats_all_alike,
    },
];

/// Judges members that an update left out and that the record had: they are lost or go back to what a new server has.
fn clears_what_was_left_out(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::UpdateServer { server, omit, .. }), Some(body)) = (moment.rightly(), moment.success())
    else {
        return Verdict::DoesNotApply;
    };
    let Some(had) = moment.before.servers.get(server).and_then(|record| record.seen()) else {
        return Verdict::DoesNotApply;
    };
    Verdict::all(omit.iter().filter_map(|name| {
        let (had, shown) =
            (had.get(name).filter(|had| !json::is_zero(had))?, &documented::server(body)[name]);
        // Of a member that no creation has left out so far, it is not known what a new server has.
        let default = moment.before.server_defaults.get(name)?;
        if json::same(had, default).is_ok() {
            return None;
        }
        let lost = json::is_zero(shown) || json::same(default, shown).is_ok();
        Some(
            Verdict::of(
                lost,
                format!("{server} {name} is cleared, or {default} as on a new server"),
                format!("{server} {name} = {shown}"),
            )
            .about([format!("/{name}")]),
        )
    }))
}

/// A place inside of a record, before and after an update.
struct Place<'a> {
    /// Its JSON pointer, with `*` for the items of lists: the same for all that are alike.
    kind: String,
    /// Its JSON pointer.
    pointer: String,
    had: &'a Value,
    shown: &'a Value,
    /// What a new server has there, if that is known.
    default: Option<&'a Value>,
}

impl<'a> Place<'a> {
    fn member(&self, name: &str) -> Option<Self> {
        Some(Self {
            kind: format!("{}/{name}", self.kind),
            pointer: format!("{}/{name}", self.pointer),
            had: self.had.get(name)?,
            shown: self.shown.get(name).unwrap_or(&Value::Null),
            default: self.default.map(|default| default.get(name).unwrap_or(&Value::Null)),
        })
    }

    fn item(&self, index: usize) -> Option<Self> {
        Some(Self {
            kind: format!("{}/*", self.kind),
            pointer: format!("{}/{index}", self.pointer),
            had: self.had.get(index)?,
            shown: self.shown.get(index)?,
            default: None,
        })
    }

    /// Adds the places that a value leaves out which was sent for this one.
    fn left_out_of(self, sent: &Value, found: &mut Vec<Self>) {
        match (sent, self.had) {
            (Value::Object(sent), Value::Object(had)) => {
                for name in had.keys() {
                    let Some(member) = self.member(name) else { continue };
                    match sent.get(name) {
                        Some(sent) => member.left_out_of(sent, found),
                        None => found.push(member),
                    }
                }
            }
            (Value::Array(sent), Value::Array(_)) => {
                for (index, sent) in sent.iter().enumerate() {
                    if let Some(item) = self.item(index) {
                        item.left_out_of(sent, found);
                    }
                }
            }
            _ => {}
        }
    }
}

fn clears_what_was_left_out_inside(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::UpdateServer { server, .. }), Some(body)) = (moment.rightly(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let Some(had) = moment.before.servers.get(server).and_then(|record| record.seen()) else {
        return Verdict::DoesNotApply;
    };
    let mut found = Vec::new();
    for (name, sent) in moment.call.sent_record() {
        if let (Some(had), true) = (had.get(&name), documented::SERVER_MEMBERS.contains(&name)) {
            let shown = &documented::server(body)[&name];
            let default = moment.before.server_defaults.get(&name);
            let (kind, pointer) = (format!("/{name}"), format!("/{name}"));
            Place { kind, pointer, had, shown, default }.left_out_of(&sent, &mut found);
        }
    }
    let mut by_kind: BTreeMap<&str, Vec<&Place<'_>>> = BTreeMap::new();
    for place in &found {
        by_kind.entry(&place.kind).or_default().push(place);
    }
    Verdict::all(by_kind.values().flat_map(|alike| {
        alike.iter().filter(|place| tells_something(place, alike)).map(|place| {
            let Place { pointer, had, shown, .. } = place;
            Verdict::of(
                json::same(had, shown).is_err(),
                format!("{server} {pointer} is cleared, or as on a new server"),
                format!("{server} {pointer} = {shown}, as before the update"),
            )
            .about([pointer])
        })
    }))
}

/// Whether what an update left out at a place tells a value that was kept from one that the target fills in: that is the
/// same for every new item of a list.
fn tells_something(place: &Place<'_>, alike: &[&Place<'_>]) -> bool {
    if json::is_zero(place.had) {
        return false;
    }
    match place.default {
        Some(default) => json::same(place.had, default).is_err(),
        None if !place.kind.contains('*') => false,
        None if alike.len() > 1 => alike.iter().any(|other| other.shown != place.shown),
        None => place.had.is_string() || place.had.is_array(),
    }
}

/// A member that an update left out of a client record, before and after.
struct ClientMember<'a> {
    name: &'a str,
    had: &'a Value,
    shown: &'a Value,
}

fn left_out_of_client<'a>(moment: &Moment<'a>) -> Option<(ClientLabel, Vec<ClientMember<'a>>)> {
    let (Some(Action::UpdateClient { client, omit, .. }), Some(body)) = (moment.rightly(), moment.success())
    else {
        return None;
    };
    let had = moment.before.clients.get(client).and_then(|client| client.record.seen())?;
    let documented = omit.iter().filter(|name| documented::CLIENT_MEMBERS.contains(*name));
    let members = documented.map(|name| ClientMember {
        name,
        had: had.get(name).unwrap_or(&Value::Null),
        shown: &body["client"][name.as_str()],
    });
    Some((*client, members.collect()))
}

fn client_keeps_or_clears(moment: &Moment<'_>) -> Verdict {
    let Some((client, members)) = left_out_of_client(moment) else { return Verdict::DoesNotApply };
    Verdict::all(members.into_iter().map(|ClientMember { name, had, shown }| {
        Verdict::of(
            json::is_zero(shown) || json::same(had, shown).is_ok(),
            format!("{client} {name} = {had}, or cleared"),
            format!("{client} {name} = {shown}"),
        )
        .about([format!("/{name}")])
    }))
}

fn client_treats_all_alike(moment: &Moment<'_>) -> Verdict {
    let Some((client, members)) = left_out_of_client(moment) else { return Verdict::DoesNotApply };
    // A record needs a name, so that one may be kept where all else is cleared.
    let tells = |member: &ClientMember<'_>| member.name != "name" && !json::is_zero(member.had);
    let (mut kept, mut cleared) = (None, None);
    for ClientMember { name, had, shown } in members.into_iter().filter(tells) {
        if json::same(had, shown).is_ok() {
            kept = kept.or(Some(name));
        } else if json::is_zero(shown) {
            cleared = cleared.or(Some(name));
        }
    }
    match (kept, cleared) {
        (Some(kept), Some(cleared)) => Verdict::broken(
            format!("{client} with all that was left out kept, or with all of it cleared"),
            format!("{client} with {kept} kept and {cleared} cleared"),
        )
        .about([kept, cleared].map(|name| format!("/{name}"))),
        (None, None) => Verdict::DoesNotApply,
        _ => Verdict::Holds,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::Action;
    use crate::story::{C1, Judged, S1, S2, Story, client, object, server};

    const INSIDE: &str = "server/update/clears-what-was-left-out-inside";

    fn updated(had: Value, sent: Value, shown: Value) -> Judged {
        let mut story = Story::default();
        // What a new server has.
        let fresh = server(S2, json!({"sessionSettings": {"enabled": true, "sessionTokenExpiration": 10}}));
        story.step(
            Action::CreateServer { server: S2, body: object(json!({})) },
            200,
            json!({"server": fresh}),
        );
        let update = Action::UpdateServer { server: S1, set: object(sent), omit: vec![] };
        story.with_server(S1, had).step(update, 200, json!({"server": server(S1, shown)}))
    }

    #[test]
    fn what_an_update_leaves_out_is_lost_or_as_on_a_new_server() {
        let tags = json!({"tags": ["a"]});
        let story = Story::default().with_server(S1, tags.clone());
        let create = Action::CreateServer { server: S2, body: object(json!({})) };
        let id = "server/update/clears-what-was-left-out";
        let update = Action::UpdateServer { server: S1, set: object(json!({})), omit: vec!["tags".into()] };
        for default in [json!([]), json!(["new"])] {
            let mut story = story.clone();
            story.step(create.clone(), 200, json!({"server": server(S2, json!({"tags": default}))}));
            let answer =
                |members| story.clone().step(update.clone(), 200, json!({"server": server(S1, members)}));
            answer(json!({})).keeps(id);
            answer(json!({ "tags": default })).keeps(id);
            answer(tags.clone()).breaks(id);
        }
        let judged = story.clone().step(update, 200, json!({"server": server(S1, tags)}));
        judged.does_not_judge(id);
    }

    #[test]
    fn settings_that_were_left_out_are_cleared_or_as_on_a_new_server() {
        let had = |name: &str, value: Value| json!({"sessionSettings": {name: value}});
        let empty = json!({"sessionSettings": {}});
        for (name, value) in
            [("sessionTokenExpiration", json!(7)), ("keyTemplateId", json!("t")), ("enabled", json!(false))]
        {
            let shown = json!({"sessionSettings": {"enabled": true, "sessionTokenExpiration": 10}});
            let judged = updated(had(name, value.clone()), empty.clone(), shown);
            assert!(!judged.broken.contains(&INSIDE), "{name}");
        }
        updated(had("sessionTokenExpiration", json!(7)), empty.clone(), empty.clone()).keeps(INSIDE);
        for (name, value) in [("sessionTokenExpiration", json!(7)), ("keyTemplateId", json!("t"))] {
            let had = had(name, value);
            updated(had.clone(), empty.clone(), had).breaks(INSIDE);
        }
        // Equal to what a new server has.
        let had = had("enabled", json!(true));
        updated(had.clone(), empty, had).does_not_judge(INSIDE);
    }

    #[test]
    fn members_of_scopes_that_were_left_out_do_not_stay() {
        let scopes = |one: Value, two: Value| {
            let named = |name: &str, mut scope: Value| {
                scope["name"] = name.into();
                scope
            };
            json!({"approvedScopes": {"permissionsScopes": [named("a", one), named("b", two)]}})
        };
        let (one, two) =
            (json!({"description": "d", "optional": true}), json!({"values": ["v"], "optional": false}));
        let had = scopes(one, two);
        let sent = scopes(json!({}), json!({}));
        updated(had.clone(), sent.clone(), sent.clone()).keeps(INSIDE);
        for kept in [json!({"description": "d"}), json!({"optional": true})] {
            let judged = updated(had.clone(), sent.clone(), scopes(kept, json!({})));
            judged.breaks(INSIDE);
        }
        let kept = scopes(json!({}), json!({"values": ["v"]}));
        updated(had, sent, kept).breaks(INSIDE);
    }

    #[test]
    fn a_target_may_fill_in_what_was_left_out_of_every_scope() {
        let scopes = |optional: Value| {
            let scope = |name: &str| json!({"name": name, "optional": optional});
            json!({"approvedScopes": {"permissionsScopes": [scope("a"), scope("b")]}})
        };
        let sent = json!({"approvedScopes": {"permissionsScopes": [{"name": "a"}, {"name": "b"}]}});
        updated(scopes(json!(true)), sent, scopes(json!(true))).does_not_judge(INSIDE);
    }

    fn client_updated(shown: Value) -> Judged {
        let story = Story::default().with_server(S1, json!({})).with_client(
            C1,
            S1,
            json!({"tags": ["a"], "logo": "https://l.example/"}),
        );
        let omit = vec!["tags".into(), "logo".into()];
        let update = Action::UpdateClient { client: C1, set: object(json!({})), omit };
        story.clone().step(update, 200, json!({"client": client(C1, S1, shown)}))
    }

    #[test]
    fn what_an_update_of_a_client_leaves_out_is_kept_or_cleared() {
        let id = "client/update/keeps-or-clears-what-was-left-out";
        client_updated(json!({})).keeps(id);
        client_updated(json!({"tags": ["a"], "logo": "https://l.example/"})).keeps(id);
        client_updated(json!({"tags": ["b"]})).breaks(id);
    }

    #[test]
    fn what_an_update_of_a_client_leaves_out_is_treated_alike() {
        let id = "client/update/treats-what-was-left-out-alike";
        client_updated(json!({})).keeps(id);
        client_updated(json!({"tags": ["a"], "logo": "https://l.example/"})).keeps(id);
        client_updated(json!({"tags": ["a"]})).breaks(id);
        client_updated(json!({"logo": "https://l.example/"})).breaks(id);
    }
}
