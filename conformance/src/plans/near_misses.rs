//! What is almost right at an authorization server: secrets, codes, refresh tokens, scopes and redirect URIs.

use serde_json::json;

use super::authorization::{CALLBACK, code, redeem};
use super::{Dice, members};
use crate::plan::ask::{Ask, CodeRequest, Redemption};
use crate::plan::near_miss::{Borrowed, NearMiss};
use crate::plan::{Action, ClientLabel, Plan, ServerLabel, TokenAuth, WhichSecret};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const C1: ClientLabel = ClientLabel(1);
/// Of the same server.
const C2: ClientLabel = ClientLabel(2);
/// Of another server.
const C3: ClientLabel = ClientLabel(3);

/// Every near miss once, each of a code or of a refresh token with a fresh one: a refused one may be used up.
pub(crate) fn plan(dice: &mut Dice) -> Plan {
    let scope = dice.draw(&"[a-z]{3,8}:[a-z]{3,8}");
    let server = || {
        json!({
            "approvedCallbackUrls": [CALLBACK],
            "approvedScopes": {"permissionsScopes": [{"name": scope, "description": "May do it"}]},
            "skipConsentScreen": true,
        })
    };
    let client = || members(json!({"approvedCallbackUrls": [CALLBACK], "scopes": [scope]}));
    let mut plan = Plan::named("near misses")
        .then(Action::CreateServer { server: S1, body: members(server()) })
        .then(Action::CreateServer { server: S2, body: members(server()) })
        .then(Action::CreateClient { client: C1, server: S1, body: client() })
        .then(Action::CreateClient { client: C2, server: S1, body: client() })
        .then(Action::CreateClient { client: C3, server: S2, body: client() })
        .then(Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Post })
        .then(Action::RequestToken { client: C1, secret: WhichSecret::Invented, method: TokenAuth::Post });
    for miss in [
        NearMiss::SecretPrefix,
        NearMiss::LongerSecret,
        NearMiss::SecretInOtherCase,
        NearMiss::EmptySecret,
        NearMiss::NoSecret,
        NearMiss::TokenForUnapprovedScope,
    ] {
        plan = plan.then(near(miss));
    }
    plan = plan
        .then(borrow(C2, Borrowed::Secret))
        .then(borrow(C3, Borrowed::Secret))
        .then(code(CodeRequest::Rightly))
        .then(redeem(Redemption::OtherVerifier))
        .then(code(CodeRequest::Rightly))
        .then(near(NearMiss::CodeWithoutVerifier))
        .then(code(CodeRequest::Rightly))
        .then(near(NearMiss::CodeWithOtherRedirect))
        .then(code(CodeRequest::Rightly))
        .then(Action::Ask(Ask::Borrow { clients: [C2, C1], what: Borrowed::Code }))
        .then(code(CodeRequest::Rightly))
        .then(redeem(Redemption::Rightly))
        .then(Action::Ask(Ask::Borrow { clients: [C2, C1], what: Borrowed::RefreshToken }))
        .then(code(CodeRequest::Rightly))
        .then(redeem(Redemption::Rightly))
        .then(near(NearMiss::RefreshForUnapprovedScope))
        .then(redeem(Redemption::Again));
    for how in [CodeRequest::WithoutChallenge, CodeRequest::PlainChallenge, CodeRequest::LongerRedirect] {
        plan = plan.then(code(how));
    }
    for miss in [
        NearMiss::RedirectToSubdomain,
        NearMiss::RedirectBelow,
        NearMiss::RedirectWithoutTls,
        NearMiss::RedirectWithQuery,
        NearMiss::TokenFromAuthorizationEndpoint,
        NearMiss::UnknownClient,
    ] {
        plan = plan.then(near(miss));
    }
    let token = |client, secret| Action::RequestToken { client, secret, method: TokenAuth::Post };
    plan.then(Action::RotateSecret { client: C1 })
        .then(token(C1, WhichSecret::BeforeRotation))
        // A rotation gives no other client a new secret.
        .then(token(C3, WhichSecret::Current))
}

fn near(miss: NearMiss) -> Action {
    Action::Ask(Ask::NearMiss { client: C1, miss })
}

/// The first client uses what was given to another one.
fn borrow(owner: ClientLabel, what: Borrowed) -> Action {
    Action::Ask(Ask::Borrow { clients: [C1, owner], what })
}
