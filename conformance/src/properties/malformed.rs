//! What is asked wrongly is refused, and changes nothing.

use serde_json::json;

use super::{nearly_deleted, secret};
use crate::documented;
use crate::model::InterferingEvent;
use crate::plan::{Action, Fault, Near};
use crate::properties::property::{Level, Moment, Property, Suspect, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "malformed/refuses-a-missing-member",
        sentence: "The target refuses a request without a member that the guide requires, except if the member is a list.",
        level: Level::Must,
        source: "documented: fact/required-members",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            Some(Fault::Without(pointer)) if !is_list(moment, pointer) => is_refused(moment),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "malformed/refuses-null-for-a-required-member",
        sentence: "The target refuses a request with null for a member that the guide requires, except if the member is a list.",
        level: Level::Should,
        source: "assumed: fact/malformed-is-refused",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            Some(Fault::Null(pointer)) if !is_list(moment, pointer) => is_refused(moment),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "malformed/refuses-a-wrong-type",
        sentence: "The target refuses a request in which a required member has another JSON type than in the document.",
        level: Level::Should,
        source: "documented: fact/published-document; assumed: fact/malformed-is-refused",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            Some(Fault::WrongType(_)) => is_refused(moment),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "malformed/refuses-what-is-no-json",
        sentence: "The target refuses a request with a truncated body.",
        level: Level::Should,
        source: "assumed: fact/malformed-is-refused",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            Some(Fault::CutOff) => is_refused(moment),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "malformed/refuses-another-server",
        sentence: "The target refuses to load, to read the secret of or to rotate a client record if the request names another server.",
        level: Level::Must,
        source: "documented: fact/one-server-per-client",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            // A deletion that finds nothing may succeed.
            Some(Fault::ThroughAnotherServer(_)) if !deletes(moment) => is_refused(moment),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "malformed/refuses-a-near-miss-of-an-id",
        sentence: "The target finds nothing under an id that differs from the id of a record in its length, its case or one character.",
        level: Level::Must,
        source: "documented: fact/ids-are-distinct; observed: fact/ids-are-ksuids",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            Some(Fault::NearId(_, near)) if *near != Near::Blank => finds_nothing(moment),
            _ => nearly_deleted::is_still_there(moment, |near| near != Near::Blank),
        },
    },
    Property {
        id: "malformed/refuses-an-id-with-a-blank",
        sentence: "The target finds nothing under the id of a record with a blank at its end; no document says that ids are trimmed.",
        level: Level::Should,
        source: "documented: fact/ids-are-distinct; assumed: fact/malformed-is-refused",
        needs: None,
        eventually: false,
        judge: |moment| match &moment.call.step.fault {
            Some(Fault::NearId(_, Near::Blank)) => finds_nothing(moment),
            _ => nearly_deleted::is_still_there(moment, |near| near == Near::Blank),
        },
    },
    Property {
        id: "malformed/refused-changes-nothing",
        sentence: "A request that is refused because of its content changes no record.",
        level: Level::Should,
        source: "assumed: fact/refusal-changes-nothing",
        needs: None,
        eventually: false,
        judge: |moment| {
            let suspect = Suspect::Event(InterferingEvent::MalformedRequest);
            Verdict::all([moment.loaded_as_before(suspect), secret::secret_as_before(moment, suspect)])
        },
    },
];

/// Whether the required member at that pointer is a list: to many servers, no list and an empty one are the same.
fn is_list(moment: &Moment<'_>, pointer: &str) -> bool {
    let operation = moment.call.step.action.operation().unwrap_or_default();
    documented::required_members(operation).iter().any(|member| member.pointer == pointer && member.is_list)
}

fn deletes(moment: &Moment<'_>) -> bool {
    moment.call.step.action.semantics().effect.deletes().is_some()
}

/// Whether a request for a record that does not exist found none. A deletion of it may succeed, and so may a search, which
/// then finds no clients.
fn finds_nothing(moment: &Moment<'_>) -> Verdict {
    let found = moment.success().map(|body| &body["clients"]);
    if deletes(moment) || found.is_some_and(|clients| *clients == json!([])) {
        return Verdict::DoesNotApply;
    }
    let searches = matches!(moment.call.step.action, Action::SearchClients { .. });
    match found {
        Some(clients) if searches && clients.is_null() => Verdict::DoesNotApply,
        _ => is_refused(moment),
    }
}

fn is_refused(moment: &Moment<'_>) -> Verdict {
    match moment.readable_answer() {
        None => Verdict::DoesNotApply,
        Some(answer) => Verdict::of(
            (400..500).contains(&answer.status),
            "a refusal with a status from 400 to 499",
            format!("status {}", answer.status),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, Fault, Filter, LoadBy, Near, Step};
    use crate::story::{C1, S1, S2, Story, client, object, server};

    fn story() -> Story {
        Story::default().with_server(S1, json!({})).with_server(S2, json!({})).with_client(
            C1,
            S1,
            json!({"tags": ["a"]}),
        )
    }

    #[test]
    fn what_is_asked_wrongly_is_refused() {
        let rotate = Action::RotateSecret { client: C1 };
        for (fault, id) in [
            (Fault::Without("/id".into()), "malformed/refuses-a-missing-member"),
            (Fault::Null("/mcpServerId".into()), "malformed/refuses-null-for-a-required-member"),
            (Fault::WrongType("/id".into()), "malformed/refuses-a-wrong-type"),
            (Fault::CutOff, "malformed/refuses-what-is-no-json"),
            (Fault::ThroughAnotherServer(S2), "malformed/refuses-another-server"),
            (Fault::NearId("/id".into(), Near::AnotherCase), "malformed/refuses-a-near-miss-of-an-id"),
            (Fault::NearId("/mcpServerId".into(), Near::Unmade), "malformed/refuses-a-near-miss-of-an-id"),
            (Fault::NearId("/id".into(), Near::Blank), "malformed/refuses-an-id-with-a-blank"),
        ] {
            let answer = |status, body| story().wrongly(fault.clone(), rotate.clone(), status, body);
            answer(400, json!({"errorCode": "E1"})).keeps(id);
            answer(404, json!({"errorCode": "E1"})).keeps(id);
            answer(200, json!({"cleartext": "another"})).breaks(id);
            answer(500, json!({"errorCode": "E1"})).breaks(id);
        }
    }

    #[test]
    fn a_page_in_place_of_an_answer_does_not_say_that_a_wrong_request_was_accepted() {
        let update = Action::UpdateServer { server: S1, set: object(json!({"tags": ["b"]})), omit: vec![] };
        for fault in [
            Fault::Null("/server/id".into()),
            Fault::NearId("/server/id".into(), Near::Blank),
            Fault::CutOff,
            Fault::WrongKey,
        ] {
            let step = Step { fault: Some(fault.clone()), ..update.clone().into() };
            let judged = story().unreadable(step);
            let expected = ["wire/answer-matches-the-document", "wire/content-type-is-json"];
            assert_eq!(judged.broken, expected, "{fault}");
        }
    }

    #[test]
    fn a_missing_list_may_be_an_empty_one() {
        let delete = Action::DeleteServers { servers: vec![S1] };
        let judged = story().wrongly(Fault::Without("/ids".into()), delete.clone(), 200, json!({}));
        judged.does_not_judge("malformed/refuses-a-missing-member");
        let judged = story().wrongly(Fault::WrongType("/ids".into()), delete, 200, json!({}));
        judged.breaks("malformed/refuses-a-wrong-type");
    }

    #[test]
    fn a_deletion_by_a_near_miss_may_succeed_and_must_delete_nothing() {
        let mut story = story();
        let fault = Fault::NearId("/ids/0".into(), Near::Shorter);
        let delete = Action::DeleteServers { servers: vec![S1] };
        story.wrongly(fault, delete, 200, json!({})).does_not_judge("malformed/refuses-a-near-miss-of-an-id");
        let load = Action::LoadServer { server: S1 };
        let gone = || json!({"errorCode": "E1"});
        let (changes, id) = ("malformed/refused-changes-nothing", "malformed/refuses-a-near-miss-of-an-id");
        let mut seen = story.clone();
        seen.step(load.clone(), 200, json!({"server": server(S1, json!({}))})).keeps(changes);
        // Whatever became of it later, that deletion left it alone.
        assert!(!seen.step(load.clone(), 404, gone()).broken.contains(&id));
        story.clone().step(load, 404, gone()).breaks(id);
        // Its clients go with it.
        story.clone().step(Action::LoadClient { client: C1, by: LoadBy::Id }, 404, gone()).breaks(id);
        story.clone().step(Action::DeleteServer { server: S1 }, 404, gone()).breaks(id);
        let blank = "malformed/refuses-an-id-with-a-blank";
        assert!(!story.step(Action::DeleteServer { server: S1 }, 404, gone()).broken.contains(&blank));
    }

    #[test]
    fn a_search_by_a_near_miss_may_find_nothing() {
        let id = "malformed/refuses-a-near-miss-of-an-id";
        let search = Action::SearchClients { server: S1, filter: Filter::default() };
        let answer = |body| {
            let fault = Fault::NearId("/mcpServerId".into(), Near::Longer);
            story().wrongly(fault, search.clone(), 200, body)
        };
        answer(json!({"clients": []})).does_not_judge(id);
        answer(json!({})).does_not_judge(id);
        answer(json!({"clients": [client(C1, S1, json!({}))]})).breaks(id);
    }

    #[test]
    fn another_content_type_may_be_accepted() {
        let update = Action::LoadServer { server: S1 };
        let shown = json!({"server": server(S1, json!({}))});
        let judged = story().wrongly(Fault::AnotherContentType, update, 200, shown);
        assert_eq!(judged.broken, [""; 0]);
    }

    #[test]
    fn a_refused_request_is_blamed_for_a_change() {
        let mut story = story();
        let fault = Fault::ThroughAnotherServer(S2);
        story.wrongly(fault, Action::RotateSecret { client: C1 }, 404, json!({"errorCode": "E1"}));
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        let shown = |members| json!({"client": client(C1, S1, members)});
        let id = "malformed/refused-changes-nothing";
        story.clone().step(load.clone(), 200, shown(json!({"tags": ["a"]}))).keeps(id);
        story.step(load, 200, shown(json!({}))).breaks(id);
    }
}
