//! What a target turns out to lack: capabilities without which it may be correct all the same. No I/O here.

use std::collections::BTreeMap;

use crate::call::Call;
use crate::capability::Capability;
use crate::documented::{self, UNKNOWN_MEMBER};
use crate::wire::exchange::{Exchange, given_code};

/// Notes the capability that an answer to a request, which was asked rightly, shows to be lacking, with the evidence in
/// words.
pub(super) fn note(call: &Call, exchange: &Exchange, lacks: &mut BTreeMap<Capability, String>) {
    let Some(capability) = call.step.action.semantics().reveals else { return };
    if call.step.fault.is_some() {
        return;
    }
    let Some(why) = lack(capability, exchange) else { return };
    if capability == Capability::CodesWithoutUser {
        // Refresh tokens come with what a code is redeemed for.
        lacks.entry(Capability::RefreshTokens).or_insert_with(|| why.clone());
    }
    lacks.insert(capability, why);
}

fn lack(capability: Capability, exchange: &Exchange) -> Option<String> {
    let refusal = exchange.refusal();
    let refused = |what: &str| refusal.map(|answer| format!("it {what} with status {}", answer.status));
    let status = exchange.answer()?.status;
    match capability {
        Capability::TokenEndpoint => (status == 404).then(|| "its token endpoint answers 404".to_owned()),
        Capability::Metadata => {
            (status == 404).then(|| "there is none after the issuer (status 404)".to_owned())
        }
        Capability::DynamicRegistration => (status == 404).then(|| "its endpoint answers 404".to_owned()),
        Capability::CodesWithoutUser => {
            given_code(exchange).is_none().then(|| format!("it gives none (status {status})"))
        }
        Capability::RefreshTokens => {
            let gives_none = exchange.success().is_some_and(|body| body["refresh_token"].is_null());
            gives_none.then(|| "it gives none with the code".to_owned())
        }
        Capability::ReadableSecrets => refused("refuses to show a secret"),
        Capability::SortByName => refused("refuses to sort by name"),
        Capability::FlatScopes => refused("refuses scopes that are sent as a flat list"),
        Capability::UnknownMembers => refused("refuses members beyond the document").or_else(|| {
            let dropped = documented::server(exchange.success()?).get(UNKNOWN_MEMBER).is_none();
            dropped.then(|| "it drops members beyond the document".to_owned())
        }),
    }
}
