//! What holds of every record and secret, whatever happens around it.

use super::secret;
use crate::properties::property::{Level, Moment, Property, Suspect, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[Property {
    id: "records/stay-as-they-are",
    sentence: "A record or secret is unchanged after several requests that must not change it.",
    level: Level::Should,
    source: "assumed: fact/others-stay",
    needs: None,
    eventually: false,
    judge: stay_as_they_are,
}];

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
        let update = Action::UpdateServer { server: S2, set: object(json!({"logo": "l"})), omit: vec![] };
        story.step(update, 200, json!({"server": server(S2, json!({"logo": "l"}))}));
        story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": secret(2)}));
        story
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
