//! What a client does at the authorization server of its MCP server, rightly and wrongly.

use proptest::sample::select;
use serde_json::json;

use super::{Dice, members};
use crate::plan::ask::{Ask, CodeRequest, MetadataPlace, Redemption, RefreshToken, UserInfoMethod};
use crate::plan::{Action, ClientLabel, Filter, FilterBy, LoadBy, Plan, ServerLabel, TokenAuth, WhichSecret};

const S1: ServerLabel = ServerLabel(1);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);
const C3: ClientLabel = ClientLabel(3);
/// Where codes go.
pub(super) const CALLBACK: &str = "https://client.example.com/callback";

/// Metadata, tokens, codes, refresh tokens and registration at a server that skips the consent screen.
pub(crate) fn plan(dice: &mut Dice) -> Plan {
    let unit = dice.draw(&select(vec!["minutes", "hours"]));
    let [after, before] = metadata_places(dice);
    // Where metadata is published at the documented places only, it is compared there.
    let is_openid = after == MetadataPlace::AfterOpenid;
    let other_after = if is_openid { MetadataPlace::AfterOauth } else { MetadataPlace::AfterOpenid };
    let method = dice.draw(&select(vec![TokenAuth::Basic, TokenAuth::Post]));
    // A request for a code without the challenge that it needs.
    let wrong = dice.draw(&select(vec![CodeRequest::WithoutChallenge, CodeRequest::PlainChallenge]));
    let scope = dice.draw(&"[a-z]{3,8}:[a-z]{3,8}");
    let server = json!({
        // A target may refuse a client that asks for more than its server approves.
        "approvedCallbackUrls": [CALLBACK],
        "approvedScopes": {"permissionsScopes": [{"name": scope, "description": "May do it"}]},
        "sessionSettings": {
            "enabled": true,
            "keySessionTokenExpiration": dice.draw(&(3..20_u32)), "keySessionTokenExpirationUnit": unit,
            "sessionTokenExpiration": 10, "sessionTokenExpirationUnit": "minutes",
            "refreshTokenExpiration": 4, "refreshTokenExpirationUnit": "weeks",
        },
        "dynamicRegistration": {"enabled": true},
        "cimdSettings": {"enabled": false},
        "skipConsentScreen": true,
    });
    let client = json!({
        "approvedCallbackUrls": [CALLBACK],
        "scopes": [scope],
    });
    let plan = Plan::named("authorization")
        .then(Action::CreateServer { server: S1, body: members(server) })
        .then(Action::Ask(Ask::Metadata { server: S1, at: after }))
        .then(Action::Ask(Ask::Metadata { server: S1, at: other_after }))
        .then(Action::Ask(Ask::Metadata { server: S1, at: before }))
        .then(Action::Ask(Ask::Keys))
        .then(Action::Ask(Ask::KeysForSdks))
        .then(Action::CreateClient { client: C1, server: S1, body: members(client) })
        .then(Action::RequestToken { client: C1, secret: WhichSecret::Current, method });
    let plan = codes(plan, wrong)
        .then(Action::Ask(Ask::Register { client: C2, server: S1 }))
        .then(find_registered(C2));
    tokens_of_registered(plan, C2)
        .then(Action::UpdateServer {
            server: S1,
            set: members(json!({"dynamicRegistration": {"enabled": false}})),
            omit: vec![],
        })
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
        .then(Action::Ask(Ask::Register { client: C3, server: S1 }))
}

/// A place after the issuer's path and one before it.
fn metadata_places(dice: &mut Dice) -> [MetadataPlace; 2] {
    let after = dice.draw(&select(vec![MetadataPlace::AfterOpenid, MetadataPlace::AfterOauth]));
    [after, dice.draw(&select(vec![MetadataPlace::BeforeOpenid, MetadataPlace::BeforeOauth]))]
}

/// All that the first client of a plan does with codes, and with refresh tokens before and after their revocation.
fn codes(plan: Plan, wrong: CodeRequest) -> Plan {
    plan.then(code(CodeRequest::Rightly))
        .then(redeem(Redemption::OtherVerifier))
        .then(code(CodeRequest::Rightly))
        .then(redeem(Redemption::Rightly))
        .then(user_info(UserInfoMethod::Get))
        .then(user_info(UserInfoMethod::Post))
        .then(refresh())
        .then(Action::Ask(Ask::Revoke { client: C1 }))
        .then(refresh())
        .then(redeem(Redemption::Again))
        .then(code(wrong))
        .then(code(CodeRequest::LongerRedirect))
        .then(code(CodeRequest::ByDocument))
}

pub(super) fn code(how: CodeRequest) -> Action {
    Action::Ask(Ask::Code { client: C1, how })
}

pub(super) fn redeem(how: Redemption) -> Action {
    Action::Ask(Ask::Redeem { client: C1, how })
}

pub(super) fn user_info(by: UserInfoMethod) -> Action {
    Action::Ask(Ask::UserInfo { client: C1, by })
}

pub(super) fn refresh() -> Action {
    Action::Ask(Ask::Refresh { client: C1, token: RefreshToken::Newest })
}

/// Tokens of a client that registered itself without a secret: they are all that it has.
pub(super) fn tokens_of_registered(plan: Plan, client: ClientLabel) -> Plan {
    let refresh = |token| Action::Ask(Ask::Refresh { client, token });
    plan.then(Action::Ask(Ask::CodeOfRegistered { client, wrongly: false }))
        .then(Action::Ask(Ask::Redeem { client, how: Redemption::Rightly }))
        .then(refresh(RefreshToken::Newest))
        .then(refresh(RefreshToken::Spent))
}

/// A search for a client that registered itself with the first server.
pub(super) fn find_registered(client: ClientLabel) -> Action {
    let filter = Filter { like: Some(client), by: vec![FilterBy::ClientId], ..Filter::default() };
    Action::SearchClients { server: S1, filter }
}
