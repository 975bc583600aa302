//! What holds of every record and secret, whatever happens around it.

use serde_json::Value;

use super::secret;
use crate::json::{self, Difference, Members};
use crate::model::semantics::{Seen, ShownRecords, Sighting};
use crate::model::{Knowledge, comparison, refusable};
use crate::properties::property::{Capability, Level, Look, Moment, Property, Suspect, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "records/stay-as-they-are",
        sentence: "A record or secret is unchanged after several requests that must not change it.",
        level: Level::Should,
        source: "assumed: fact/others-stay",
        needs: None,
        eventually: false,
        judge: stay_as_they_are,
    },
    Property {
        id: "records/keep-blanks-of-names",
        sentence: "A name keeps the blanks at its ends; no document settles whether a target may trim it.",
        level: Level::Should,
        source: "assumed: fact/names-as-sent",
        needs: Some(Capability::NamesWithBlanks),
        eventually: false,
        judge: keep_blanks_of_names,
    },
    Property {
        id: "records/keep-tags-as-a-list",
        sentence: "Tags keep their order and repetitions; no document settles whether a target may keep them as a set.",
        level: Level::Should,
        source: "assumed: fact/tags-as-sent",
        needs: None,
        eventually: false,
        judge: keep_tags_as_a_list,
    },
    Property {
        id: "records/keep-values-that-may-be-refused",
        sentence: "A value that the target accepts although it may refuse it, such as a URL with a blank or twice the same URL, is kept as it was sent; no document settles this.",
        level: Level::Should,
        source: "assumed: fact/accepted-as-sent",
        needs: Some(Capability::RefusableValues),
        eventually: false,
        judge: keep_values_that_may_be_refused,
    },
];

fn keep_values_that_may_be_refused(moment: &Moment<'_>) -> Verdict {
    Verdict::all(sent_and_shown(moment).into_iter().map(|(subject, sent, shown)| {
        if !refusable::is_among(sent) {
            return Verdict::DoesNotApply;
        }
        let stored = refusable::as_shown(sent.clone(), &Value::Object(shown.clone()));
        let (sent, stored) = (Value::Object(sent.clone()), Value::Object(stored));
        Verdict::from_comparison(subject, json::same(&sent, &stored))
    }))
}

/// The records in an answer that must show what was sent: in words, as sent and as shown.
fn sent_and_shown<'a>(moment: &Moment<'a>) -> Vec<(String, &'a Members, &'a Members)> {
    let label = match moment.shows() {
        ShownRecords::Server(label, Seen::Written) => label.to_string(),
        ShownRecords::Client(label, Seen::Written) => label.to_string(),
        ShownRecords::Server(_, Seen::Loaded | Seen::LoadedByAnotherWay)
        | ShownRecords::Client(_, Seen::Loaded | Seen::LoadedByAnotherWay)
        | ShownRecords::Servers
        | ShownRecords::Clients
        | ShownRecords::Nothing => {
            let known = |look: Look<'a>| match &look.record.knowledge {
                Knowledge::Sent(sent) => Some((look.subject, sent, look.shown?)),
                Knowledge::Seen(_) | Knowledge::OneOf(_) | Knowledge::Unknown => None,
            };
            return moment.looks().into_iter().filter_map(known).collect();
        }
    };
    let shown = moment.call.sightings(moment.exchange).into_iter().map(|sighting| match sighting {
        Sighting::Server(_, members) | Sighting::Client(_, members) => members,
    });
    moment.call.sent().into_iter().zip(shown).map(|(sent, shown)| (label.clone(), sent, shown)).collect()
}

/// Judges a member of records that a target may have stored in another way than it was sent. What it became otherwise is
/// for other properties to judge.
fn kept(
    moment: &Moment<'_>,
    member: &str,
    can_tell: fn(&Value) -> bool,
    may_become: fn(&Value, &Value) -> bool,
) -> Verdict {
    Verdict::all(sent_and_shown(moment).into_iter().map(|(subject, sent, shown)| {
        match (sent.get(member).filter(|sent| can_tell(sent)), shown.get(member)) {
            (Some(sent), Some(shown)) if sent == shown => Verdict::Holds,
            (Some(sent), Some(shown)) if may_become(sent, shown) => {
                let (expected, actual) = (sent.clone(), shown.clone());
                let pointer = format!("/{member}");
                Verdict::from_comparison(subject, Err(Difference { pointer, expected, actual }))
            }
            _ => Verdict::DoesNotApply,
        }
    }))
}

fn keep_blanks_of_names(moment: &Moment<'_>) -> Verdict {
    kept(moment, "name", refusable::has_blank_ends, comparison::is_trimmed)
}

fn keep_tags_as_a_list(moment: &Moment<'_>) -> Verdict {
    let is_no_sorted_set = |tags: &Value| {
        let tags: Vec<_> = tags.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        !tags.is_sorted() || tags.windows(2).any(|pair| pair[0] == pair[1])
    };
    kept(moment, "tags", is_no_sorted_set, comparison::is_same_set)
}

fn stay_as_they_are(moment: &Moment<'_>) -> Verdict {
    Verdict::all([
        moment.loaded_as_before(Suspect::Several),
        secret::secret_as_before(moment, Suspect::Several),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, ClientLabel, LoadBy};
    use crate::story::{C1, S1, S2, Story, client, object, secret, server};

    const LOAD: Action = Action::LoadClient { client: C1, by: LoadBy::Id };

    /// A client record that was there during the update of a server and its own rotation.
    fn story() -> Story {
        let mut story = Story::default().with_server(S1, json!({})).with_server(S2, json!({})).with_client(
            C1,
            S1,
            json!({}),
        );
        let update =
            Action::UpdateServer { server: S2, set: object(json!({"description": "d"})), omit: vec![] };
        story.step(update, 200, json!({"server": server(S2, json!({"description": "d"}))}));
        story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": secret(2)}));
        story
    }

    #[test]
    fn a_name_that_is_trimmed_and_tags_that_become_a_set_break_nothing_else() {
        let sent = json!({"name": "a ", "tags": ["b", "a", "b"]});
        let create = || Action::CreateServer { server: S1, body: object(sent.clone()) };
        let answer = |name: &str, tags: serde_json::Value| {
            let shown = server(S1, json!({"name": name, "tags": tags}));
            Story::default().step(create(), 200, json!({ "server": shown }))
        };
        let as_sent = json!(["b", "a", "b"]);
        answer("t a ", as_sent.clone()).keeps("records/keep-blanks-of-names");
        answer("t a ", as_sent.clone()).keeps("records/keep-tags-as-a-list");
        answer("t a", as_sent.clone()).breaks("records/keep-blanks-of-names");
        answer("t a ", json!(["a", "b"])).breaks("records/keep-tags-as-a-list");
        answer("t b ", as_sent).breaks("server/create/returns-what-was-sent");
        answer("t a ", json!(["a"])).breaks("server/create/returns-what-was-sent");
    }

    #[test]
    fn of_a_client_it_shows_when_it_is_loaded() {
        let mut story = Story::default().with_server(S1, json!({}));
        let body = object(json!({"name": "a ", "tags": ["b", "a"]}));
        let create = Action::CreateClient { client: C1, server: S1, body };
        story.step(create, 200, json!({"id": "TPA1", "clientId": "c1", "cleartext": secret(1)}));
        let shown = |name: &str, tags: serde_json::Value| {
            let record = client(C1, S1, json!({"name": name, "tags": tags}));
            story.clone().step(LOAD, 200, json!({ "client": record }))
        };
        shown("t a ", json!(["b", "a"])).keeps("records/keep-blanks-of-names");
        shown("t a", json!(["b", "a"])).breaks("records/keep-blanks-of-names");
        shown("t a ", json!(["a", "b"])).breaks("records/keep-tags-as-a-list");
    }

    #[test]
    fn a_name_that_was_not_sent_ends_in_no_blank_of_ours() {
        let create = Action::CreateServer { server: S1, body: object(json!({})) };
        let shown = json!({"server": {"id": "MS1", "name": "t"}});
        let judged = Story::default().step(create, 200, shown);
        judged.does_not_judge("records/keep-blanks-of-names");
    }

    #[test]
    fn a_change_after_several_events_is_blamed_on_none_of_them() {
        let shown = |members| json!({"client": client(C1, S1, members)});
        story().step(LOAD, 200, shown(json!({}))).keeps("records/stay-as-they-are");
        story().step(LOAD, 200, shown(json!({"tags": ["x"]}))).breaks("records/stay-as-they-are");
    }

    #[test]
    fn a_first_read_after_an_event_may_itself_be_wrong() {
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let other = ClientLabel(9);
        let create = Action::CreateClient { client: other, server: S1, body: object(json!({})) };
        story.step(create, 200, json!({"id": "TPA9", "clientId": "c9", "cleartext": secret(9)}));
        story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": secret(2)}));
        story.step(Action::DeleteClient { client: other }, 200, json!({}));
        let read = Action::GetSecret { client: C1 };
        story.step(read, 200, json!({"cleartext": "another"})).breaks("records/stay-as-they-are");
    }
}
