//! Wrong behaviours around the scopes and settings of servers.

use serde_json::{Value, json};

use crate::misbehave::{Mutant, before};
use crate::server::{change_server, each};

/// Categories of scopes.
const CATEGORIES: [&str; 3] = ["permissionsScopes", "attributesScopes", "connectionsScopes"];

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "scopes_are_optional_though_sent_as_mandatory",
            breaks: &["server/scopes/keep-optional"],
            make: || {
                before(|asked| {
                    change_scopes_of(asked, |scope| _ = scope.insert("optional".into(), true.into()));
                })
            },
        },
        Mutant {
            name: "scopes_lose_their_last_value",
            breaks: &["server/scopes/keep-values"],
            make: || {
                before(|asked| {
                    change_scopes_of(asked, |scope| {
                        scope.get_mut("values").and_then(Value::as_array_mut).map(Vec::pop);
                    });
                })
            },
        },
        Mutant {
            name: "scopes_of_an_update_lose_their_description",
            breaks: &["server/scopes/keep-descriptions"],
            make: || {
                before(|asked| {
                    if asked.is("server/update") {
                        change_scopes_of(asked, |scope| _ = scope.remove("description"));
                    }
                })
            },
        },
        Mutant {
            name: "connection_scopes_become_permissions",
            breaks: &["server/scopes/keep-their-category"],
            make: || {
                before(|asked| {
                    change_server(asked, "/approvedScopes", |scopes| {
                        let Some(moved) = scopes.get_mut("connectionsScopes").map(Value::take) else {
                            return;
                        };
                        if let (Value::Array(mut moved), Some(Value::Array(others))) =
                            (moved, scopes.get_mut("permissionsScopes"))
                        {
                            others.append(&mut moved);
                        }
                    });
                })
            },
        },
        Mutant {
            name: "flat_scopes_lose_those_with_values",
            breaks: &["server/scopes/flat-list-is-taken-whole"],
            make: || {
                before(|asked| {
                    change_server(asked, "/approvedScopes", |scopes| {
                        if let Some(flat) = scopes.as_array_mut() {
                            flat.retain(|scope| scope["values"].is_null());
                        }
                    });
                })
            },
        },
        Mutant {
            name: "session_lifetimes_are_all_in_minutes",
            breaks: &["server/settings/keep-sessions"],
            make: || {
                before(|asked| {
                    change_server(asked, "/sessionSettings/refreshTokenExpirationUnit", |unit| {
                        *unit = "minutes".into();
                    });
                })
            },
        },
        Mutant {
            name: "session_lifetimes_of_keys_are_ten_minutes",
            breaks: &["server/settings/keep-sessions"],
            make: || {
                before(|asked| {
                    change_server(asked, "/sessionSettings/keySessionTokenExpiration", |number| {
                        *number = 10.into();
                    });
                })
            },
        },
        Mutant {
            name: "registered_clients_get_all_scopes_whatever_was_sent",
            breaks: &["server/settings/keep-dynamic-registration"],
            make: || {
                before(|asked| {
                    change_server(asked, "/dynamicRegistration/disableApprovedScopesAsDefault", |set| {
                        *set = false.into();
                    });
                })
            },
        },
        Mutant {
            name: "policies_of_domains_are_all_enabled",
            breaks: &["server/settings/keep-metadata-documents"],
            make: || {
                before(|asked| {
                    change_server(asked, "/cimdSettings/domainPolicies/policies", |policies| {
                        each(policies, |policy| _ = policy.insert("enabled".into(), json!(true)));
                    });
                })
            },
        },
    ]
}

fn every_scope(scopes: &mut Value, change: fn(&mut serde_json::Map<String, Value>)) {
    for category in CATEGORIES {
        if let Some(scopes) = scopes.get_mut(category) {
            each(scopes, change);
        }
    }
}

fn change_scopes_of(asked: &mut crate::misbehave::Asked, change: fn(&mut serde_json::Map<String, Value>)) {
    let server = if asked.is("server/create") {
        Some(&mut asked.body)
    } else if asked.is("server/update") {
        asked.body.get_mut("server")
    } else {
        None
    };
    if let Some(scopes) = server.and_then(|server| server.get_mut("approvedScopes")) {
        every_scope(scopes, change);
    }
}
