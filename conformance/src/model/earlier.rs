//! What a record held at some time: a list that only lags behind shows each of its members as it once was. No I/O here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Record;
use super::comparison::{as_stored, comparable};
use super::record::Knowledge;
use crate::json::{self, Members};

impl Record {
    /// The members that are shown as the record never had them, as far as that is known. The members may be of different
    /// ages. One that no write has sent may not have been filled in at first.
    pub(crate) fn never_held(&self, shown: &Members) -> BTreeSet<String> {
        let shown = comparable(shown);
        let states = self.states().filter_map(|state| match state {
            Knowledge::Seen(members) | Knowledge::Sent(members) => Some(members),
            Knowledge::OneOf(_) | Knowledge::Unknown => None,
        });
        let known = states.flat_map(|members| comparable(members).into_iter().map(|(name, _)| name));
        let mut names: BTreeSet<_> = known.chain(shown.keys().cloned()).collect();
        names.retain(|name| {
            let shown = json!({ name: shown.get(name).unwrap_or(&Value::Null) });
            !self.may_have_had(name, |held| {
                let stored = as_stored(Members::from_iter([(name.clone(), held.clone())]), &shown);
                json::contains(&Value::Object(stored), &shown).is_ok()
            })
        });
        names
    }

    /// Whether this member may have such a value, or may have had it at some time.
    pub(crate) fn may_have_had(&self, member: &str, is_such: impl Fn(&Value) -> bool) -> bool {
        let sent = |members: &Members| members.get(member).is_none_or(&is_such);
        self.states().any(|state| match state {
            Knowledge::Seen(members) => is_such(members.get(member).unwrap_or(&Value::Null)),
            Knowledge::Sent(members) => sent(members),
            Knowledge::OneOf(states) => states.iter().any(sent),
            Knowledge::Unknown => true,
        })
    }

    fn states(&self) -> impl Iterator<Item = &Knowledge> {
        self.earlier.iter().chain([&self.knowledge])
    }

    /// Takes in what it holds now, and keeps what it held before.
    pub(super) fn know(&mut self, knowledge: Knowledge) {
        let shows_a_write = matches!(knowledge, Knowledge::Seen(_));
        let before = match std::mem::replace(&mut self.knowledge, knowledge) {
            // What was not sent is filled in by the target, which a list may show later.
            Knowledge::Sent(members) if shows_a_write => Knowledge::Seen(members),
            before => before,
        };
        if let (Knowledge::Seen(before), Knowledge::Seen(now)) = (&before, &self.knowledge)
            && before == now
        {
            return;
        }
        self.earlier.push(before);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::{Action, LoadBy};
    use crate::properties::property::Verdict;
    use crate::story::{C1, S1, S2, Story, client, object, server};

    /// A server that an update has given other tags and a description.
    fn updated() -> Story {
        let mut story = Story::default().with_server(S1, json!({"tags": ["a"], "logo": "l"}));
        let now = json!({"tags": ["b"], "logo": "l", "description": "d"});
        let update = Action::UpdateServer { server: S1, set: object(now.clone()), omit: Vec::new() };
        let judged = story.step(update, 200, json!({ "server": server(S1, now) }));
        assert_eq!(judged.broken, [""; 0]);
        story
    }

    /// Whether a list of all servers that shows the server so is broken, and whether it may only be late.
    fn listed(members: Value) -> (bool, bool) {
        let mut story = updated();
        let body = json!({ "servers": [server(S1, members)], "total": 1 });
        match story.why("servers/all/agrees-with-last-answer", Action::LoadAllServers, 200, body) {
            Verdict::Broken(why) => (true, !why.outright),
            Verdict::Holds | Verdict::DoesNotApply => (false, false),
        }
    }

    #[test]
    fn a_list_is_late_only_if_the_record_once_had_what_it_shows() {
        let right = listed(json!({"tags": ["b"], "logo": "l", "description": "d", "modifiedTime": 7}));
        assert_eq!(right, (false, false));
        for late in [
            json!({"tags": ["a"], "logo": "l"}),
            json!({"tags": ["a"], "logo": "l", "description": "d"}),
            json!({"tags": ["b"], "logo": "l"}),
        ] {
            assert_eq!(listed(late.clone()), (true, true), "{late}");
        }
        for wrong in [
            json!({"logo": "l", "description": "d"}),
            json!({"tags": ["c"], "logo": "l", "description": "d"}),
            json!({"tags": ["a"], "logo": "l", "description": "other"}),
            json!({"tags": ["b"], "logo": "l", "description": "d", "xConformanceExtension": "x"}),
        ] {
            assert_eq!(listed(wrong.clone()), (true, false), "{wrong}");
        }
    }

    #[test]
    fn a_list_that_shows_one_record_as_it_never_was_is_wrong_whatever_is_late_besides() {
        let mut story = updated().with_server(S2, json!({"tags": ["z"]}));
        let (late, wrong) = (server(S1, json!({"tags": ["a"], "logo": "l"})), server(S2, json!({})));
        let body = json!({ "servers": [late, wrong], "total": 2 });
        // The creation of the second one may have changed the first, which a load shows to be as it was.
        let now = json!({"tags": ["b"], "logo": "l", "description": "d"});
        story.step(Action::LoadServer { server: S1 }, 200, json!({ "server": server(S1, now) }));
        match story.why("servers/all/agrees-with-last-answer", Action::LoadAllServers, 200, body) {
            Verdict::Broken(why) => assert!(why.outright, "{why:?}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_list_that_lacks_a_member_in_every_record_is_not_late() {
        // An update has given the second server its tags: by itself, it may be shown late.
        let outright = |of_first: Value| {
            let first = json!({"tags": ["a"]});
            let mut story = Story::default().with_server(S1, first).with_server(S2, json!({}));
            let now = json!({"tags": ["b"]});
            let update = Action::UpdateServer { server: S2, set: object(now.clone()), omit: Vec::new() };
            story.step(update, 200, json!({ "server": server(S2, now) }));
            let shown = [server(S1, of_first), server(S2, json!({}))];
            let body = json!({ "servers": shown, "total": 2 });
            match story.why("servers/all/agrees-with-last-answer", Action::LoadAllServers, 200, body) {
                Verdict::Broken(why) => why.outright,
                other => panic!("{other:?}"),
            }
        };
        assert!(!outright(json!({"tags": ["a"]})));
        assert!(outright(json!({})));
    }

    #[test]
    fn members_that_the_target_fills_in_and_records_of_unclear_updates_may_be_shown_late() {
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let filled_in = client(C1, S1, json!({"status": "active"}));
        let load = || Action::LoadClient { client: C1, by: LoadBy::Id };
        story.step(load(), 200, json!({ "client": filled_in }));
        let record = &story.model.clients[&C1].record;
        assert!(record.never_held(&object(client(C1, S1, json!({})))).is_empty());
        let never = record.never_held(&object(client(C1, S1, json!({"status": "inactive"}))));
        assert!(never.contains("status") && never.len() == 1);
        let update =
            Action::UpdateClient { client: C1, set: object(json!({"description": "d"})), omit: Vec::new() };
        story.unreadable(update.into());
        story.step(load(), 200, json!({ "client": filled_in }));
        let record = &story.model.clients[&C1].record;
        assert!(record.never_held(&object(client(C1, S1, json!({"description": "d"})))).is_empty());
    }
}
