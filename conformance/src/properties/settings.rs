//! The settings of a server: sessions, dynamic registration, client metadata documents.

use super::server::written;
use crate::json;
use crate::properties::property::{Level, Moment, Property, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "server/settings/keep-sessions",
        sentence: "The response has the session settings with the lifetimes, units and templates that were sent.",
        level: Level::Must,
        source: "documented: fact/session-settings",
        needs: None,
        eventually: false,
        judge: |moment| keep(moment, "sessionSettings"),
    },
    Property {
        id: "server/settings/keep-dynamic-registration",
        sentence: "The response has the settings of dynamic registration that were sent.",
        level: Level::Must,
        source: "documented: fact/dynamic-registration",
        needs: None,
        eventually: false,
        judge: |moment| keep(moment, "dynamicRegistration"),
    },
    Property {
        id: "server/settings/keep-metadata-documents",
        sentence: "The response has the settings of client metadata documents that were sent, with the policies in the same order.",
        level: Level::Must,
        source: "documented: fact/cimd-settings",
        needs: None,
        eventually: false,
        judge: |moment| keep(moment, "cimdSettings"),
    },
];

fn keep(moment: &Moment<'_>, member: &str) -> Verdict {
    match written(moment, member) {
        Some((label, sent, shown)) => {
            let compared = json::contains(sent, shown);
            Verdict::from_comparison(format!("{label} {member}"), compared).inside(&format!("/{member}"))
        }
        None => Verdict::DoesNotApply,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::Action;
    use crate::story::{Judged, S1, Story, object, server};

    fn created(sent: &Value, shown: &Value) -> Judged {
        let create = Action::CreateServer { server: S1, body: object(sent.clone()) };
        Story::default().step(create, 200, json!({ "server": server(S1, shown.clone()) }))
    }

    #[test]
    fn settings_stay_as_they_were_sent() {
        let sent = json!({
            "sessionSettings": {"enabled": true, "sessionTokenExpiration": 15, "sessionTokenExpirationUnit": "minutes"},
            "dynamicRegistration": {"enabled": false, "disableApprovedScopesAsDefault": true},
            "cimdSettings": {"enabled": true, "domainPolicies": {"policies": [{"domainPattern": "*.a", "enabled": false}]}},
        });
        for (pointer, value, id) in [
            ("/sessionSettings/sessionTokenExpiration", json!(10), "server/settings/keep-sessions"),
            ("/sessionSettings/sessionTokenExpirationUnit", json!("hours"), "server/settings/keep-sessions"),
            ("/dynamicRegistration/enabled", json!(true), "server/settings/keep-dynamic-registration"),
            ("/cimdSettings/domainPolicies/policies", json!([]), "server/settings/keep-metadata-documents"),
        ] {
            created(&sent, &sent).keeps(id);
            let mut shown = sent.clone();
            *shown.pointer_mut(pointer).unwrap() = value;
            created(&sent, &shown).breaks(id);
        }
    }
}
