//! The scopes that tokens have: those of their client.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::properties::property::{Moment, Verdict};
use crate::wire::exchange::claims;

/// Scopes that OpenID Connect defines: they need no approval.
const OPENID_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// Judges the scopes of a token that its client was given rightly, and those that the response names.
pub(super) fn are_approved(moment: &Moment<'_>, tokens: &Value) -> Verdict {
    let label = moment.rightly().and_then(|action| action.semantics().clients.first());
    let Some(client) = label.and_then(|label| moment.before.clients.get(label)) else {
        return Verdict::DoesNotApply;
    };
    let Some(of_client) = client.record.members() else { return Verdict::DoesNotApply };
    let own = of_client.get("scopes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    // Of a client that registered itself, only a list has shown what it may have; and what a client got that was created
    // without scopes may not be known. It has at most what its server approved at some time.
    let of_server = moment.before.approved_scopes.get(&client.server);
    let of_server = of_server.filter(|_| client.is_public || own.is_empty()).into_iter().flatten();
    let own = own.iter().filter_map(Value::as_str);
    let allowed: BTreeSet<_> = own.chain(OPENID_SCOPES).chain(of_server.map(String::as_str)).collect();
    let claims = tokens["access_token"].as_str().and_then(claims).unwrap_or_default();
    let granted = [&tokens["scope"], &claims["scope"]].into_iter().flat_map(words);
    match granted.into_iter().find(|scope| !allowed.contains(scope)) {
        None => Verdict::Holds,
        Some(scope) => Verdict::broken("scopes of the client only", format!("the scope {scope:?}")),
    }
}

/// Scopes, whether they are a text with blanks or a list.
pub(super) fn words(scopes: &Value) -> Vec<&str> {
    match scopes {
        Value::String(text) => text.split_whitespace().collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, TokenAuth, WhichSecret};
    use crate::story::{C1, S1, Story, object, secret, server};

    #[test]
    fn a_client_that_was_created_without_scopes_may_have_those_of_its_server() {
        let id = "authorization/token/has-approved-scopes-only";
        let server = json!({"approvedScopes": {"permissionsScopes": [{"name": "s:one", "description": ""}]}});
        let story = Story::default().with_server(S1, server).with_client(C1, S1, json!({"tags": []}));
        let ask = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic };
        let token = |scope: &str| json!({"access_token": "t", "token_type": "Bearer", "scope": scope});
        story.clone().step(ask.clone(), 200, token("s:one")).keeps(id);
        story.clone().step(ask, 200, token("s:two")).breaks(id);
    }

    #[test]
    fn a_client_that_was_created_without_scopes_may_keep_those_that_its_server_approved_once() {
        let id = "authorization/token/has-approved-scopes-only";
        let approved = |names: &[&str]| {
            let scopes: Vec<_> = names.iter().map(|name| json!({"name": name, "description": ""})).collect();
            json!({"approvedScopes": {"permissionsScopes": scopes}})
        };
        let ask = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic };
        let token = |scope: &str| json!({"access_token": "t", "token_type": "Bearer", "scope": scope});
        for without in [json!({}), json!({"scopes": []})] {
            let mut story = Story::default().with_server(S1, approved(&["s:one"]));
            let create = Action::CreateClient { client: C1, server: S1, body: object(without) };
            story.step(create, 200, json!({"id": "TPA1", "clientId": "c1", "cleartext": secret(1)}));
            for (now, answered) in [(&["s:two"][..], true), (&["s:three"], false)] {
                let set = object(approved(now));
                let update = Action::UpdateServer { server: S1, set, omit: vec![] };
                match answered {
                    true => story.step(update, 200, json!({"server": server(S1, approved(now))})),
                    // It may have been carried out.
                    false => story.step(update, 500, json!({"errorCode": "E1"})),
                };
            }
            for scope in ["s:one", "s:two", "s:three", "s:one s:two"] {
                story.clone().step(ask.clone(), 200, token(scope)).keeps(id);
            }
            story.step(ask.clone(), 200, token("s:four")).breaks(id);
        }
    }
}
