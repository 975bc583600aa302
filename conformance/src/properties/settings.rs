//! The settings of a server: sessions, dynamic registration, client metadata documents.

use super::{server::written, source};
use crate::{
    json,
    properties::property::{Level, Moment, Property, Verdict},
};

/// The properties of this file.
pub static ALL: &[Property] = &[
    Property {
        id: "server/settings/keep-sessions",
        sentence: "Session settings are answered with the lifetimes, units and templates that were sent.",
        level: Level::Must,
        source: source::REFERENCE,
        needs: None,
        eventually: false,
        judge: |moment| keep(moment, "sessionSettings"),
    },
    Property {
        id: "server/settings/keep-dynamic-registration",
        sentence: "The settings of dynamic registration are answered as they were sent.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| keep(moment, "dynamicRegistration"),
    },
    Property {
        id: "server/settings/keep-metadata-documents",
        sentence: "The settings of client metadata documents are answered as they were sent, policies in their order.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| keep(moment, "cimdSettings"),
    },
];

fn keep(moment: &Moment<'_>, member: &str) -> Verdict {
    match written(moment, member) {
        Some((label, sent, shown)) => {
            Verdict::from_comparison(format!("{label} {member}"), json::contains(sent, shown))
        }
        None => Verdict::DoesNotApply,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{
        plan::Action,
        story::{Judged, S1, Story, object, server},
    };

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
