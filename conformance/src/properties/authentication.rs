//! Who may call: a request without the right key is refused and changes nothing.

use super::secret;
use crate::model::InterferingEvent;
use crate::plan::Fault;
use crate::properties::property::{Level, Moment, Property, Suspect, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "authentication/refuses-a-missing-key",
        sentence: "The target refuses a management request without a key.",
        level: Level::Must,
        source: "documented: fact/management-key",
        needs: None,
        eventually: false,
        judge: |moment| is_refused(moment, &Fault::NoKey, &UNAUTHORIZED),
    },
    Property {
        id: "authentication/refuses-a-wrong-key",
        sentence: "The target refuses a management request with a key that does not belong to the project.",
        level: Level::Must,
        source: "documented: fact/management-key",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            Some(fault @ (Fault::WrongKey | Fault::EmptyKey | Fault::NearKey(_))) => {
                is_refused(moment, fault, &UNAUTHORIZED)
            }
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "authentication/refuses-a-wrong-scheme",
        sentence: "The target refuses a management request that sends the right key with a scheme other than Bearer.",
        level: Level::Should,
        source: "documented: fact/management-key",
        needs: None,
        eventually: false,
        judge: |moment| is_refused(moment, &Fault::WrongScheme, &UNAUTHORIZED),
    },
    Property {
        id: "authentication/refuses-a-wrong-project",
        sentence: "The target refuses a management request with the key of one project and the id of another.",
        level: Level::Must,
        source: "documented: fact/management-key",
        needs: None,
        eventually: false,
        // A target may look for the project before it looks at the key.
        judge: |moment| is_refused(moment, &Fault::WrongProject, &[400, 401, 403, 404]),
    },
    Property {
        id: "authentication/refused-changes-nothing",
        sentence: "A request without the right key changes no record.",
        level: Level::Must,
        source: "documented: fact/management-key; assumed: fact/refusal-changes-nothing",
        needs: None,
        eventually: false,
        judge: |moment| {
            let suspect = Suspect::Event(InterferingEvent::UnauthorizedRequest);
            Verdict::all([moment.loaded_as_before(suspect), secret::secret_as_before(moment, suspect)])
        },
    },
];

/// The statuses that refuse who calls.
const UNAUTHORIZED: [u16; 2] = [401, 403];

fn is_refused(moment: &Moment<'_>, fault: &Fault, statuses: &[u16]) -> Verdict {
    let named: Vec<_> = statuses.iter().map(u16::to_string).collect();
    match moment.readable_answer() {
        Some(answer) if moment.call.step.fault.as_ref() == Some(fault) => Verdict::of(
            statuses.contains(&answer.status),
            format!("status {}", named.join(" or ")),
            format!("status {}", answer.status),
        ),
        _ => Verdict::DoesNotApply,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, Fault, Near};
    use crate::story::{C1, S1, Story, server};

    #[test]
    fn a_request_without_the_right_key_is_refused() {
        for (fault, id) in [
            (Fault::NoKey, "authentication/refuses-a-missing-key"),
            (Fault::WrongKey, "authentication/refuses-a-wrong-key"),
            (Fault::WrongScheme, "authentication/refuses-a-wrong-scheme"),
            (Fault::WrongProject, "authentication/refuses-a-wrong-project"),
            (Fault::EmptyKey, "authentication/refuses-a-wrong-key"),
            (Fault::NearKey(Near::Shorter), "authentication/refuses-a-wrong-key"),
        ] {
            let story = Story::default().with_server(S1, json!({}));
            let delete = Action::DeleteServer { server: S1 };
            for status in [401, 403] {
                story
                    .clone()
                    .wrongly(fault.clone(), delete.clone(), status, json!({"errorCode": "E1"}))
                    .keeps(id);
            }
            for status in [400, 404] {
                let answered =
                    story.clone().wrongly(fault.clone(), delete.clone(), status, json!({"errorCode": "E1"}));
                if fault == Fault::WrongProject { answered.keeps(id) } else { answered.breaks(id) }
            }
            story.clone().wrongly(fault.clone(), delete, 200, json!({})).breaks(id);
        }
    }

    #[test]
    fn a_refused_request_is_blamed_for_a_change() {
        let mut story =
            Story::default().with_server(S1, json!({"tags": ["a"]})).with_client(C1, S1, json!({}));
        story.step(
            Action::LoadServer { server: S1 },
            200,
            json!({"server": server(S1, json!({"tags": ["a"]}))}),
        );
        let refused = json!({"errorCode": "E1"});
        story.wrongly(Fault::NoKey, Action::RotateSecret { client: C1 }, 401, refused);
        let load = Action::LoadServer { server: S1 };
        let same = json!({"server": server(S1, json!({"tags": ["a"]}))});
        story.clone().step(load.clone(), 200, same).keeps("authentication/refused-changes-nothing");
        let changed = json!({"server": server(S1, json!({}))});
        story.clone().step(load, 200, changed).breaks("authentication/refused-changes-nothing");
        let secret = Action::GetSecret { client: C1 };
        let judged = story.step(secret, 200, json!({"cleartext": "another"}));
        judged.breaks("authentication/refused-changes-nothing");
    }

    #[test]
    fn nothing_is_expected_of_records_once_a_wrong_request_was_accepted() {
        let mut story = Story::default().with_server(S1, json!({}));
        let judged = story.wrongly(Fault::NoKey, Action::DeleteServer { server: S1 }, 200, json!({}));
        judged.breaks("authentication/refuses-a-missing-key");
        let load = Action::LoadServer { server: S1 };
        let judged = story.step(load, 404, json!({"errorCode": "E1"}));
        judged.does_not_judge("authentication/refused-changes-nothing");
    }
}
