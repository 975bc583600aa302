//! The scopes that a server approves: their categories, and what each of them says.

use serde_json::Value;

use super::server::written;
use crate::documented;
use crate::plan::Action;
use crate::properties::property::{Capability, Level, Moment, Property, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "server/scopes/keep-their-category",
        sentence: "The response has all scopes that were sent, in the same category and in the same order.",
        level: Level::Must,
        source: "documented: fact/approved-scopes-object",
        needs: None,
        eventually: false,
        judge: keep_their_category,
    },
    Property {
        id: "server/scopes/keep-optional",
        sentence: "The response shows a scope as optional or mandatory, as it was sent.",
        level: Level::Must,
        source: "documented: fact/scope",
        needs: None,
        eventually: false,
        judge: |moment| keep_member(moment, "optional"),
    },
    Property {
        id: "server/scopes/keep-values",
        sentence: "The response shows a scope with the values that were sent, in the same order.",
        level: Level::Must,
        source: "documented: fact/scope",
        needs: None,
        eventually: false,
        judge: |moment| keep_member(moment, "values"),
    },
    Property {
        id: "server/scopes/keep-descriptions",
        sentence: "The response shows a scope with the description that was sent.",
        level: Level::Must,
        source: "documented: fact/scope",
        needs: None,
        eventually: false,
        judge: |moment| keep_member(moment, "description"),
    },
    Property {
        id: "server/scopes/flat-list-is-taken-whole",
        sentence: "If scopes are sent as the flat list of the guide, the response has all of them or none.",
        level: Level::Should,
        source: "documented: fact/approved-scopes-list; assumed: fact/all-or-nothing",
        needs: Some(Capability::FlatScopes),
        eventually: false,
        judge: flat_list_is_taken_whole,
    },
];

/// The categories of scopes.
const CATEGORIES: [&str; 3] = ["permissionsScopes", "attributesScopes", "connectionsScopes"];

/// The names of the scopes in a list.
fn names(scopes: &Value) -> Vec<&str> {
    scopes.as_array().into_iter().flatten().filter_map(|scope| scope["name"].as_str()).collect()
}

fn keep_their_category(moment: &Moment<'_>) -> Verdict {
    let Some((label, sent, shown)) = written(moment, "approvedScopes") else { return Verdict::DoesNotApply };
    Verdict::all(CATEGORIES.iter().filter(|category| sent[*category].is_array()).map(|category| {
        let (sent, shown) = (names(&sent[category]), names(&shown[category]));
        Verdict::of(
            sent == shown,
            format!("{label} {category} {sent:?}"),
            format!("{label} {category} {shown:?}"),
        )
        .about([format!("/approvedScopes/{category}")])
    }))
}

fn keep_member(moment: &Moment<'_>, member: &str) -> Verdict {
    let Some((label, sent, shown)) = written(moment, "approvedScopes") else { return Verdict::DoesNotApply };
    let scopes = CATEGORIES.iter().flat_map(|category| {
        let shown = shown[category].as_array().map(Vec::as_slice).unwrap_or_default();
        // A scope that is lost, or has changed its category, is not for this property to judge.
        let sent = sent[category].as_array().map(Vec::as_slice).unwrap_or_default();
        sent.iter().enumerate().filter_map(move |(at, scope)| {
            // Two may have the same name.
            let same = |other: &&Value| other["name"] == scope["name"];
            let shown = shown.iter().filter(same).nth(sent[..at].iter().filter(same).count())?;
            Some((category, scope, shown))
        })
    });
    Verdict::all(scopes.filter(|(_, scope, _)| !scope[member].is_null()).map(|(category, scope, shown)| {
        let subject = format!("{label} scope {} {member}", scope["name"]);
        Verdict::from_comparison(subject, crate::json::same(&scope[member], &shown[member]))
            .inside(&format!("/approvedScopes/{category}/{member}"))
    }))
}

fn flat_list_is_taken_whole(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::CreateServer { server, body }), Some(answer)) = (moment.rightly(), moment.success())
    else {
        return Verdict::DoesNotApply;
    };
    let Some(sent) = body.get("approvedScopes").filter(|scopes| scopes.is_array()) else {
        return Verdict::DoesNotApply;
    };
    let shown = &documented::server(answer)["approvedScopes"];
    let mut shown: Vec<_> =
        CATEGORIES.iter().flat_map(|category| names(&shown[category])).chain(names(shown)).collect();
    let mut sent = names(sent);
    sent.sort_unstable();
    shown.sort_unstable();
    Verdict::of(
        shown.is_empty() || shown == sent,
        format!("{server} scopes {sent:?}, or none"),
        format!("{server} scopes {shown:?}"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::Action;
    use crate::story::{Judged, S1, Story, object, server};

    fn created(sent: Value, shown: Value) -> Judged {
        let create = Action::CreateServer { server: S1, body: object(json!({"approvedScopes": sent})) };
        let record = server(S1, json!({"approvedScopes": shown}));
        Story::default().step(create, 200, json!({"server": record}))
    }

    fn scopes() -> Value {
        json!({
            "permissionsScopes": [{"name": "a", "optional": true, "description": "d"}, {"name": "b"}],
            "connectionsScopes": [{"name": "c", "values": ["v", "w"]}],
        })
    }

    #[test]
    fn scopes_stay_as_they_were_sent() {
        for id in ["keep-their-category", "keep-optional", "keep-values", "keep-descriptions"] {
            created(scopes(), scopes()).keeps(&format!("server/scopes/{id}"));
        }
        for (pointer, value, id) in [
            ("/permissionsScopes/0/optional", json!(false), "server/scopes/keep-optional"),
            ("/permissionsScopes/0/description", json!(""), "server/scopes/keep-descriptions"),
            ("/connectionsScopes/0/values", json!(["w", "v"]), "server/scopes/keep-values"),
            ("/connectionsScopes", json!([]), "server/scopes/keep-their-category"),
            ("/permissionsScopes/1/name", json!("x"), "server/scopes/keep-their-category"),
        ] {
            let mut shown = scopes();
            *shown.pointer_mut(pointer).unwrap() = value;
            created(scopes(), shown).breaks(id);
        }
    }

    #[test]
    fn scopes_of_the_same_name_are_told_apart_by_their_order() {
        let scopes = |one: &str, two: &str| json!({"permissionsScopes": [{"name": "a", "description": one}, {"name": "a", "description": two}]});
        let id = "server/scopes/keep-descriptions";
        created(scopes("d", "e"), scopes("d", "e")).keeps(id);
        assert!(created(scopes("d", "e"), scopes("d", "d")).broken.contains(&id));
    }

    #[test]
    fn an_update_keeps_scopes_too() {
        let mut story = Story::default().with_server(S1, json!({"approvedScopes": scopes()}));
        let update = Action::UpdateServer { server: S1, set: object(json!({"logo": "l"})), omit: vec![] };
        let record = server(S1, json!({"logo": "l"}));
        story.step(update, 200, json!({"server": record})).breaks("server/scopes/keep-their-category");
    }

    #[test]
    fn a_flat_list_is_sorted_or_dropped_but_not_cut() {
        let flat = json!([{"name": "a"}, {"name": "c", "values": ["v"]}]);
        let id = "server/scopes/flat-list-is-taken-whole";
        let sorted = json!({
            "permissionsScopes": [{"name": "a"}],
            "connectionsScopes": [{"name": "c", "values": ["v"]}],
        });
        created(flat.clone(), sorted).keeps(id);
        created(flat.clone(), json!({})).keeps(id);
        created(flat, json!({"permissionsScopes": [{"name": "a"}]})).breaks(id);
    }
}
