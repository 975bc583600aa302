//! What a target turns out to lack: capabilities without which it may be correct all the same. No I/O here.

use std::collections::BTreeMap;

use crate::call::Call;
use crate::capability::Capability;
use crate::documented::{self, UNKNOWN_MEMBER};
use crate::wire::exchange::{Exchange, given_code, redirected};

/// Notes the capabilities that an answer to a request, which was asked rightly, shows to be lacking, with the evidence in
/// words.
pub(super) fn note(call: &Call, exchange: &Exchange, lacks: &mut BTreeMap<Capability, String>) {
    if call.step.fault.is_some() {
        return;
    }
    for capability in call.step.action.semantics().reveals.capabilities() {
        let Some(why) = lack(capability, exchange) else { continue };
        for other in capability.goes_with() {
            lacks.entry(*other).or_insert_with(|| why.clone());
        }
        lacks.insert(capability, why);
    }
}

/// Adds what follows from several capabilities that are lacking.
pub(super) fn conclude(lacks: &mut BTreeMap<Capability, String>) {
    if let (Some(read), Some(used)) =
        (lacks.get(&Capability::ReadableSecrets), lacks.get(&Capability::TokenEndpoint))
    {
        lacks.insert(Capability::VisibleSecrets, format!("{read}, and {used}"));
    }
}

fn lack(capability: Capability, exchange: &Exchange) -> Option<String> {
    let refusal = exchange.refusal();
    let refused = |what: &str| refusal.map(|answer| format!("it {what} with status {}", answer.status));
    let status = exchange.answer()?.status;
    let without_total = |list: &str| {
        let body = exchange.success()?;
        let shows_some = body[list].as_array().is_some_and(|records| !records.is_empty());
        (shows_some && body["total"].is_null()).then(|| format!("its list of {list} has no total"))
    };
    match capability {
        Capability::TokenEndpoint => (status == 404).then(|| "its token endpoint answers 404".to_owned()),
        Capability::Metadata => {
            (status == 404).then(|| "there is none after the issuer (status 404)".to_owned())
        }
        Capability::InsertedMetadata => {
            (status == 404).then(|| "there is none before the issuer's path (status 404)".to_owned())
        }
        Capability::ListedScopes => {
            let lists_none = exchange.success().is_some_and(|body| body["scopes_supported"].is_null());
            lists_none.then(|| "its metadata list no scopes".to_owned())
        }
        Capability::IssuerInRedirects => {
            let (_, parameters) = exchange.answer().and_then(redirected)?;
            let given = given_code(exchange).is_some();
            (given && !parameters.contains_key("iss")).then(|| "its redirects name no issuer".to_owned())
        }
        Capability::DynamicRegistration => match status {
            404 => Some("its endpoint answers 404".to_owned()),
            401 => Some("its endpoint asks for an initial access token (status 401)".to_owned()),
            _ => None,
        },
        Capability::CodesWithoutUser => given_code(exchange)
            .is_none()
            .then(|| format!("it gives no code without a user (status {status})")),
        Capability::CodesOfRegistered => given_code(exchange).is_none().then(|| {
            format!("it gives a client that registered itself no code without a user (status {status})")
        }),
        Capability::RefreshTokens => {
            let gives_none = exchange.success().is_some_and(|body| body["refresh_token"].is_null());
            gives_none.then(|| "it gives no refresh token for the code".to_owned())
        }
        Capability::ReadableSecrets => refused("refuses to show a secret"),
        Capability::TotalOfServers => without_total("servers"),
        Capability::TotalOfClients => without_total("clients"),
        Capability::SortByName => refused("refuses to sort by name"),
        Capability::FlatScopes => refused("refuses scopes that are sent as a flat list"),
        Capability::KeysForSdks => {
            (status == 404).then(|| "there are none at /v2/keys (status 404)".to_owned())
        }
        Capability::UserInfo => refused("refuses the access token of a user at its userinfo endpoint"),
        Capability::RefusableValues => refused("refuses values that a target may refuse"),
        Capability::NamesWithBlanks => refused("refuses a record whose name has blanks at its ends"),
        Capability::UnknownMembers => refused("refuses members beyond the document").or_else(|| {
            let dropped = documented::server(exchange.success()?).get(UNKNOWN_MEMBER).is_none();
            dropped.then(|| "it drops members beyond the document".to_owned())
        }),
        Capability::PublicRefreshTokens => {
            let given = exchange.success().is_some_and(|body| !body["client_secret"].is_null());
            given.then(|| "it gives every client that registers a secret".to_owned())
        }
        // These only go with others.
        Capability::ExchangeableCodes | Capability::VisibleSecrets => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_can_be_neither_read_nor_used_does_not_show() {
        let lacks = |lacking: &[(Capability, &str)]| {
            let mut lacks = lacking.iter().map(|(lack, why)| (*lack, (*why).to_owned())).collect();
            conclude(&mut lacks);
            lacks.get(&Capability::VisibleSecrets).cloned()
        };
        let (read, used) =
            ((Capability::ReadableSecrets, "it shows none"), (Capability::TokenEndpoint, "it has none"));
        assert_eq!(lacks(&[read]), None);
        assert_eq!(lacks(&[used]), None);
        assert_eq!(lacks(&[read, used]), Some("it shows none, and it has none".to_owned()));
    }
}
