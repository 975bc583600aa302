//! The one user of a project. The emulator has no sign-in: whoever opens an authorization page is this user.
//!
//! The id (`U` and a KSUID, assumed) is made when the first consent is given and stays; the rest is the same everywhere
//! and belongs to nobody: the address is under a reserved domain, the number in a range reserved for fiction.

use serde_json::{Map, Value, json};

use super::scopes;
use crate::app::App;
use crate::ids;
use crate::problem::Problem;

/// What the consent page calls the user.
pub(super) const NAME: &str = "Demo User";
/// The user's address.
pub(super) const EMAIL: &str = "demo.user@example.com";

/// The claims about the user that exist, for discovery.
pub(super) const CLAIMS: [&str; 7] =
    ["name", "given_name", "family_name", "email", "email_verified", "phone_number", "phone_number_verified"];

/// The id of the project's user.
pub(super) async fn id(app: &App, project: &str) -> Result<String, Problem> {
    let (project, fresh) = (project.to_owned(), ids::user_id()?);
    app.records.write(move |records| Ok(records.demo_user(&project, &fresh)?)).await
}

/// What these scopes tell about the user (OpenID Connect Core section 5.4).
pub(super) fn claims(scope: &str) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut add = |members: Value| {
        if let Value::Object(members) = members {
            claims.extend(members);
        }
    };
    if scopes::has(scope, "profile") {
        add(json!({"name": NAME, "given_name": "Demo", "family_name": "User"}));
    }
    if scopes::has(scope, "email") {
        add(json!({"email": EMAIL, "email_verified": true}));
    }
    if scopes::has(scope, "phone") {
        add(json!({"phone_number": "+12025550100", "phone_number_verified": true}));
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_comes_with_its_scope_and_is_advertised() {
        assert!(claims("openid offline_access a").is_empty());
        let all = claims("profile email phone");
        assert!(CLAIMS.iter().all(|claim| all.contains_key(*claim)) && all.len() == CLAIMS.len());
    }
}
