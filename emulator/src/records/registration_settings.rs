//! What a server's record says about registration.

use serde_json::Value;

use crate::store::ServerRow;
use crate::variants::{RegistrationDefault, Variants};

/// Whether clients may register themselves. A server that says nothing of it has it on (documented for new servers;
/// `--variant registration-default` switches it).
pub(crate) fn dynamic_registration_enabled(variants: &Variants, server: &ServerRow) -> bool {
    match server.body.get("dynamicRegistration") {
        None | Some(Value::Null) => variants.registration_default() == RegistrationDefault::On,
        Some(settings) => settings.get("enabled").and_then(Value::as_bool).unwrap_or_default(),
    }
}

/// Whether a client that registers itself and names no scopes gets every approved one.
pub(crate) fn gives_approved_scopes(server: &ServerRow) -> bool {
    let settings = server.body.get("dynamicRegistration");
    let disabled = settings.and_then(|settings| settings.get("disableApprovedScopesAsDefault"));
    !disabled.and_then(Value::as_bool).unwrap_or_default()
}

/// Whether clients may be described by a document at the URL that is their id. Off unless switched on (documented).
pub(crate) fn metadata_documents_enabled(server: &ServerRow) -> bool {
    let settings = server.body.get("cimdSettings");
    settings.and_then(|settings| settings.get("enabled")).and_then(Value::as_bool).unwrap_or_default()
}

/// The domain patterns whose policies are switched on.
pub(crate) fn domain_patterns(server: &ServerRow) -> impl Iterator<Item = &str> {
    let policies = server.body.get("cimdSettings").and_then(|settings| settings.get("domainPolicies"));
    let policies = policies.and_then(|policies| policies.get("policies")).and_then(Value::as_array);
    policies
        .into_iter()
        .flatten()
        .filter(|policy| policy.get("enabled").and_then(Value::as_bool).unwrap_or_default())
        .filter_map(|policy| policy.get("domainPattern")?.as_str())
}

/// The callback URLs that clients of this server may use; empty if it lists none.
pub(crate) fn approved_redirects(server: &ServerRow) -> Vec<&str> {
    let listed = server.body.get("approvedCallbackUrls").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).collect()
}
