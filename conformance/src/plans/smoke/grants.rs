//! What the first client of `smoke` does at the authorization server of its MCP server.

use super::super::authorization::{code, redeem, refresh, user_info};
use super::{C1, C2, S1, in_turn, mostly_the_first};
use crate::plan::ask::{Ask, CodeRequest, MetadataPlace, Redemption, UserInfoMethod};
use crate::plan::near_miss::{Borrowed, NearMiss};
use crate::plan::{Action, Plan};

pub(super) fn near(miss: NearMiss) -> Action {
    Action::Ask(Ask::NearMiss { client: C1, miss })
}

/// Published keys, metadata and codes, and what must come of none of them.
pub(super) fn grants(plan: Plan, seed: u64) -> Plan {
    let mut plan = plan.then(Action::Ask(Ask::Keys)).then(Action::Ask(Ask::KeysForSdks));
    let metadata = |at| Action::Ask(Ask::Metadata { server: S1, at });
    let before = [MetadataPlace::BeforeOpenid, MetadataPlace::BeforeOauth];
    for at in [MetadataPlace::AfterOpenid, MetadataPlace::AfterOauth, in_turn(seed, &before)] {
        plan = plan.then(metadata(at));
    }
    let other = metadata(in_turn(seed + 1, &before));
    let plan = plan.then_if_spare(in_turn(seed / 2, &[other, near(NearMiss::TokenForUnapprovedScope)]));
    let redeemed = [
        near(NearMiss::CodeWithoutVerifier),
        near(NearMiss::CodeWithOtherRedirect),
        Action::Ask(Ask::Borrow { clients: [C2, C1], what: Borrowed::Code }),
    ];
    let asked_for = [
        code(CodeRequest::WithoutChallenge),
        code(CodeRequest::PlainChallenge),
        near(NearMiss::TokenFromAuthorizationEndpoint),
    ];
    let redirected = [
        near(NearMiss::RedirectToSubdomain),
        near(NearMiss::RedirectWithoutTls),
        near(NearMiss::RedirectWithQuery),
        near(NearMiss::RedirectBelow),
        near(NearMiss::UnknownClient),
    ];
    plan.then(code(CodeRequest::Rightly))
        .then(mostly_the_first(seed, redeem(Redemption::OtherVerifier), &redeemed))
        .then(code(CodeRequest::Rightly))
        .then(redeem(Redemption::Rightly))
        .then(user_info(in_turn(seed, &[UserInfoMethod::Get, UserInfoMethod::Post])))
        .then(Action::Ask(Ask::Revoke { client: C1 }))
        .then(refresh())
        .then(redeem(Redemption::Again))
        .then(in_turn(seed, &asked_for))
        .then(mostly_the_first(seed, code(CodeRequest::LongerRedirect), &redirected))
        .then(code(CodeRequest::ByDocument))
}
