//! Codes and refresh tokens: what a user's consent leads to. Where no user needs to be asked, a suite can be the client.

use serde_json::Value;

use super::authorization::tokens;
use super::near_miss;
use crate::model::grant::Grant;
use crate::plan::ask::{Ask, CodeRequest, Redemption, RefreshToken, STATE};
use crate::properties::property::{Capability, Level, Moment, Property, Verdict};
use crate::wire::exchange::{given_code, redirected};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "grant/code/comes-back-with-the-state",
        sentence: "A code is returned to a redirect URI of the client, with the state unchanged.",
        level: Level::Must,
        source: "standard: fact/state-comes-back",
        needs: Some(Capability::CodesWithoutUser),
        eventually: false,
        judge: comes_back_with_the_state,
    },
    Property {
        id: "grant/code/names-its-issuer",
        sentence: "If an issuer is returned with a code, it equals the issuer in the metadata; it is returned if the metadata announces that.",
        level: Level::Must,
        source: "standard: fact/iss-comes-back",
        needs: Some(Capability::IssuerInRedirects),
        eventually: false,
        judge: names_its_issuer,
    },
    Property {
        id: "grant/code/needs-a-challenge",
        sentence: "No code is issued without an S256 code challenge, nor for another response type than `code`.",
        level: Level::Must,
        source: "standard: fact/pkce",
        needs: Some(Capability::CodesWithoutUser),
        eventually: false,
        judge: |moment| {
            Verdict::all([
                gives_no_code(moment, &[CodeRequest::WithoutChallenge, CodeRequest::PlainChallenge]),
                near_miss::needs_the_response_type(moment),
            ])
        },
    },
    Property {
        id: "grant/code/goes-to-registered-uris-only",
        sentence: "No redirect goes to a URI that is not exactly one of the client's redirect URIs.",
        level: Level::Must,
        source: "standard: fact/redirect-uris-exact, fact/wrong-client-gets-a-page",
        needs: Some(Capability::CodesWithoutUser),
        eventually: false,
        judge: |moment| Verdict::all([goes_to_registered_uris_only(moment), near_miss::stays_away(moment)]),
    },
    Property {
        id: "grant/code/gives-tokens",
        sentence: "The client that a code was issued to can exchange it for a token.",
        level: Level::Must,
        source: "standard: fact/code-gives-tokens",
        needs: Some(Capability::ExchangeableCodes),
        eventually: false,
        judge: |moment| {
            let (Some(Ask::Redeem { how: Redemption::Rightly, .. }), Some(answer)) =
                (moment.asked(), moment.exchange.answer().filter(|answer| answer.status != 404))
            else {
                return Verdict::DoesNotApply;
            };
            if moment.effect().is_some_and(|it| moment.before.refuses_an_old_code(it, moment.exchange)) {
                return Verdict::DoesNotApply;
            }
            Verdict::of(
                tokens(moment).is_some(),
                "a token",
                format!("status {} without a token", answer.status),
            )
        },
    },
    Property {
        id: "grant/code/is-bound-to-its-verifier",
        sentence: "A code cannot be exchanged without its PKCE verifier, with another redirect URI, or by another client.",
        level: Level::Must,
        source: "standard: fact/code-verifier, fact/code-gives-tokens",
        needs: Some(Capability::ExchangeableCodes),
        eventually: false,
        judge: |moment| {
            Verdict::all([
                redemption_is_refused(moment, Redemption::OtherVerifier),
                near_miss::code_is_refused(moment),
            ])
        },
    },
    Property {
        id: "grant/code/works-once",
        sentence: "A code cannot be exchanged a second time.",
        level: Level::Must,
        source: "standard: fact/code-works-once",
        needs: Some(Capability::ExchangeableCodes),
        eventually: false,
        judge: |moment| redemption_is_refused(moment, Redemption::Again),
    },
    Property {
        id: "grant/refresh/gives-tokens",
        sentence: "A valid refresh token can be exchanged for a token by its client, and by no other client.",
        level: Level::Must,
        source: "standard: fact/refresh-gives-tokens",
        needs: Some(Capability::RefreshTokens),
        eventually: false,
        judge: |moment| match (refresh(moment, RefreshToken::Newest), moment.exchange.answer()) {
            (Some(grant), Some(answer)) if !grant.over && !grant.outlived_a_secret => Verdict::of(
                tokens(moment).is_some(),
                "a token",
                format!("status {} without a token", answer.status),
            ),
            _ => near_miss::refresh_token_is_refused(moment),
        },
    },
    Property {
        id: "grant/refresh/spends-the-token",
        sentence: "When a refresh token of a public client is used, a new one replaces it and it can no longer be used, unless tokens are bound to the client.",
        level: Level::Should,
        source: "standard: fact/refresh-rotates",
        needs: Some(Capability::PublicRefreshTokens),
        eventually: false,
        judge: spends_the_token,
    },
    Property {
        id: "grant/revoke/ends-it",
        sentence: "A revoked refresh token can no longer be used.",
        level: Level::Must,
        source: "standard: fact/revocation-ends-it",
        needs: Some(Capability::RefreshTokens),
        eventually: false,
        judge: |moment| match refresh(moment, RefreshToken::Newest) {
            Some(grant) if grant.revoked => nothing_given(moment, "the grant was revoked"),
            _ => Verdict::DoesNotApply,
        },
    },
];

/// Whether a request for a code that must give none was refused, as far as that says anything: where no request gives a
/// code, it does not.
fn says_something(moment: &Moment<'_>) -> bool {
    moment.before.codes_were_given
}

/// The answer to a request for a code of that kind.
fn code_request<'a>(moment: &Moment<'a>, wanted: &[CodeRequest]) -> Option<(&'a Ask, bool)> {
    let ask = moment.asked()?;
    let Ask::Code { how, .. } = ask else { return None };
    moment.exchange.answer().filter(|_| wanted.contains(how))?;
    Some((ask, given_code(moment.exchange).is_some()))
}

fn comes_back_with_the_state(moment: &Moment<'_>) -> Verdict {
    let Some((Ask::Code { client, .. }, true)) = code_request(moment, &[CodeRequest::Rightly]) else {
        return Verdict::DoesNotApply;
    };
    let Some((place, parameters)) = moment.exchange.answer().and_then(redirected) else {
        return Verdict::DoesNotApply;
    };
    let uris = moment
        .before
        .clients
        .get(client)
        .and_then(|client| client.record.members()?.get("approvedCallbackUrls"));
    if !uris.and_then(Value::as_array).is_some_and(|uris| uris.iter().any(|uri| *uri == *place)) {
        return Verdict::broken("a redirect to a URI of the client", format!("a redirect to {place}"));
    }
    let state = parameters.get("state").and_then(Value::as_str);
    Verdict::of(state == Some(STATE), format!("state = {STATE:?}"), format!("state = {state:?}"))
}

fn names_its_issuer(moment: &Moment<'_>) -> Verdict {
    let Some((Ask::Code { client, .. }, true)) = code_request(moment, &[CodeRequest::Rightly]) else {
        return Verdict::DoesNotApply;
    };
    let known =
        moment.before.clients.get(client).and_then(|client| moment.before.metadata.get(&client.server));
    let named =
        moment.exchange.answer().and_then(redirected).and_then(|(_, members)| members.get("iss").cloned());
    let issuer = known.and_then(|known| known["issuer"].as_str());
    let announced = known.is_some_and(|known| known[ANNOUNCES_ISSUER] == true);
    match (issuer, named) {
        (Some(issuer), Some(named)) => {
            Verdict::of(named == issuer, format!("iss = {issuer:?}"), format!("iss = {named}"))
        }
        (Some(issuer), None) if announced => {
            Verdict::broken(format!("iss = {issuer:?}, because the metadata announces it"), "no iss")
        }
        _ => Verdict::DoesNotApply,
    }
}

/// The member of metadata that announces an issuer in redirects (RFC 9207 section 3).
const ANNOUNCES_ISSUER: &str = "authorization_response_iss_parameter_supported";

fn gives_no_code(moment: &Moment<'_>, wanted: &[CodeRequest]) -> Verdict {
    match code_request(moment, wanted) {
        Some((_, true)) => Verdict::broken("no code", "a code"),
        Some((_, false)) if says_something(moment) => Verdict::Holds,
        Some((_, false)) => Verdict::DoesNotApply,
        None => Verdict::DoesNotApply,
    }
}

fn goes_to_registered_uris_only(moment: &Moment<'_>) -> Verdict {
    if code_request(moment, &[CodeRequest::LongerRedirect]).is_none() {
        return Verdict::DoesNotApply;
    }
    let sent = moment.exchange.answer().and_then(redirected).map(|(place, _)| place);
    let followed = sent.as_deref().is_some_and(|place| place.contains(".evil"));
    if followed {
        return Verdict::broken("no redirect to a URI that was not registered", "a redirect to it");
    }
    if says_something(moment) { Verdict::Holds } else { Verdict::DoesNotApply }
}

fn redemption_is_refused(moment: &Moment<'_>, wanted: Redemption) -> Verdict {
    let Some(Ask::Redeem { how, .. }) = moment.asked() else { return Verdict::DoesNotApply };
    if *how != wanted {
        return Verdict::DoesNotApply;
    }
    nothing_given(moment, "the code is not theirs to use")
}

/// Judges that an answer gives no tokens.
pub(super) fn nothing_given(moment: &Moment<'_>, why: &str) -> Verdict {
    match moment.exchange.answer() {
        Some(answer) => Verdict::of(
            !answer.is_success(),
            format!("a refusal, because {why}"),
            format!("status {}: tokens are given", answer.status),
        ),
        None => Verdict::DoesNotApply,
    }
}

/// Judges refresh tokens of public clients. Those of clients with a secret need not be replaced (OAuth 2.1 section 4.3.1).
fn spends_the_token(moment: &Moment<'_>) -> Verdict {
    let Some(Ask::Refresh { client, token }) = moment.asked() else { return Verdict::DoesNotApply };
    let public = moment.before.clients.get(client).filter(|known| known.is_public);
    let Some(grant) = public.and_then(|known| known.grant.as_ref()) else { return Verdict::DoesNotApply };
    match token {
        RefreshToken::Spent => nothing_given(moment, "the refresh token was spent"),
        RefreshToken::Newest => {
            let Some(body) = tokens(moment) else { return Verdict::DoesNotApply };
            let is_bound = body["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("DPoP"));
            let new = body["refresh_token"].as_str();
            if is_bound || new.is_some_and(|new| grant.refresh_tokens.last().is_some_and(|old| old != new)) {
                return Verdict::DoesNotApply;
            }
            let actual = if new.is_some() { "the same one" } else { "none" };
            Verdict::broken("a new refresh token for a client without a secret", actual)
        }
    }
}

fn refresh<'a>(moment: &Moment<'a>, wanted: RefreshToken) -> Option<&'a Grant> {
    let Ask::Refresh { client, token } = moment.asked()? else { return None };
    moment.before.clients.get(client).filter(|_| *token == wanted)?.grant.as_ref()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::plan::ask::{Ask, CodeRequest, MetadataPlace, Redemption, RefreshToken};
    use crate::plan::{Action, Filter, FilterBy};
    use crate::story::{C1, C2, S1, Story, client};

    const PLACE: &str = "https://c.example/cb?code=a-code&state=a+state%2Bwith+%26%3D%25+blanks";

    fn story() -> Story {
        Story::default().with_server(S1, json!({"skipConsentScreen": true})).with_client(
            C1,
            S1,
            json!({"approvedCallbackUrls": ["https://c.example/cb"]}),
        )
    }

    /// A story in which a client without a secret registered itself, and redeemed a code.
    fn with_public_grant() -> Story {
        let server = json!({"skipConsentScreen": true, "dynamicRegistration": {"enabled": true}});
        let mut story = Story::default().with_server(S1, server);
        story.ask(Ask::Register { client: C2, server: S1 }, 201, &[], json!({"client_id": "c2"}));
        let filter = Filter { like: Some(C2), by: vec![FilterBy::ClientId], ..Filter::default() };
        let record = client(C2, S1, json!({"approvedCallbackUrls": ["https://c.example/cb"]}));
        let found = json!({"clients": [record], "total": 1});
        story.step(Action::SearchClients { server: S1, filter }, 200, found);
        let ask = Ask::CodeOfRegistered { client: C2, wrongly: false };
        story.ask(ask, 302, &[("location", PLACE)], Value::Null);
        story.ask(Ask::Redeem { client: C2, how: Redemption::Rightly }, 200, FRESH, tokens(1));
        story
    }

    #[test]
    fn a_refresh_token_of_a_public_client_is_replaced_and_spent() {
        let id = "grant/refresh/spends-the-token";
        let refresh = |token| Ask::Refresh { client: C2, token };
        for (answer, token_type) in [(tokens(1), "Bearer"), (tokens(1), "DPoP")] {
            let mut same = answer;
            same["token_type"] = token_type.into();
            let judged = with_public_grant().ask(refresh(RefreshToken::Newest), 200, FRESH, same);
            assert_eq!(judged.broken.contains(&id), token_type == "Bearer", "{token_type}");
        }
        let mut story = with_public_grant();
        story.ask(refresh(RefreshToken::Newest), 200, FRESH, tokens(2)).does_not_judge(id);
        story.clone().ask(refresh(RefreshToken::Spent), 400, &[], refused()).keeps(id);
        story.ask(refresh(RefreshToken::Spent), 200, FRESH, tokens(3)).breaks(id);
    }

    fn code(how: CodeRequest) -> Ask {
        Ask::Code { client: C1, how }
    }

    fn redeem(how: Redemption) -> Ask {
        Ask::Redeem { client: C1, how }
    }

    fn refresh(token: RefreshToken) -> Ask {
        Ask::Refresh { client: C1, token }
    }

    fn tokens(n: u8) -> Value {
        let mut tokens = json!({"access_token": "a", "token_type": "Bearer"});
        tokens["refresh_token"] = format!("refresh-{n}").into();
        tokens
    }

    const FRESH: &[(&str, &str)] = &[("cache-control", "no-store")];

    fn refused() -> Value {
        json!({"error": "invalid_grant"})
    }

    /// A story in which a code was given.
    fn with_code() -> Story {
        let mut story = story();
        let judged = story.ask(code(CodeRequest::Rightly), 302, &[("location", PLACE)], Value::Null);
        judged.keeps("grant/code/comes-back-with-the-state");
        story
    }

    /// A story in which a code was redeemed, and the refresh token spent once.
    fn with_grant() -> Story {
        let mut story = with_code();
        story.ask(redeem(Redemption::Rightly), 200, FRESH, tokens(1)).keeps("grant/code/gives-tokens");
        story.ask(refresh(RefreshToken::Newest), 200, FRESH, tokens(2)).keeps("grant/refresh/gives-tokens");
        story
    }

    #[test]
    fn a_code_comes_to_the_right_place_with_the_right_state() {
        let id = "grant/code/comes-back-with-the-state";
        for place in ["https://c.example/cb?code=a-code&state=other", "https://c.example/cb?code=a-code"] {
            story().ask(code(CodeRequest::Rightly), 302, &[("location", place)], Value::Null).breaks(id);
        }
        let elsewhere = PLACE.replace("c.example", "d.example");
        story().ask(code(CodeRequest::Rightly), 302, &[("location", &elsewhere)], Value::Null).breaks(id);
        let login = [("location", "https://login.example/")];
        story().ask(code(CodeRequest::Rightly), 302, &login, Value::Null).does_not_judge(id);
    }

    #[test]
    fn a_code_names_the_issuer_of_the_metadata() {
        let id = "grant/code/names-its-issuer";
        let issuer = "https://a.example/v1/apps/agentic/P1/MS1";
        let metadata = json!({
            "issuer": issuer, "authorization_endpoint": "https://a.example/a", "token_endpoint": "https://a.example/t",
            "jwks_uri": "https://a.example/k", "response_types_supported": ["code"],
        });
        let mut story = story();
        story.ask(Ask::Metadata { server: S1, at: MetadataPlace::AfterOauth }, 200, &[], metadata);
        let with = |issuer: &str| format!("{PLACE}&iss={issuer}");
        story
            .clone()
            .ask(code(CodeRequest::Rightly), 302, &[("location", &with(issuer))], Value::Null)
            .keeps(id);
        let other = with("https://a.example/other");
        story.clone().ask(code(CodeRequest::Rightly), 302, &[("location", &other)], Value::Null).breaks(id);
        let without = [("location", PLACE)];
        story.clone().ask(code(CodeRequest::Rightly), 302, &without, Value::Null).does_not_judge(id);
        story.model.metadata.get_mut(&S1).unwrap()["authorization_response_iss_parameter_supported"] =
            true.into();
        story.ask(code(CodeRequest::Rightly), 302, &without, Value::Null).breaks(id);
    }

    #[test]
    fn what_is_asked_wrongly_gives_no_code() {
        let error = [("location", "https://c.example/cb?error=invalid_request")];
        for how in [CodeRequest::WithoutChallenge, CodeRequest::PlainChallenge] {
            story().ask(code(how), 302, &error, Value::Null).does_not_judge("grant/code/needs-a-challenge");
            with_code().ask(code(how), 302, &error, Value::Null).keeps("grant/code/needs-a-challenge");
            let given = [("location", PLACE)];
            story().ask(code(how), 302, &given, Value::Null).breaks("grant/code/needs-a-challenge");
        }
        let id = "grant/code/goes-to-registered-uris-only";
        story().ask(code(CodeRequest::LongerRedirect), 400, &[], refused()).does_not_judge(id);
        with_code().ask(code(CodeRequest::LongerRedirect), 400, &[], refused()).keeps(id);
        let evil = [("location", "https://c.example/cb.evil?error=invalid_request")];
        story().ask(code(CodeRequest::LongerRedirect), 302, &evil, Value::Null).breaks(id);
    }

    #[test]
    fn a_code_is_good_once_for_who_knows_its_verifier() {
        let bound = "grant/code/is-bound-to-its-verifier";
        with_code().ask(redeem(Redemption::OtherVerifier), 400, &[], refused()).keeps(bound);
        with_code().ask(redeem(Redemption::OtherVerifier), 200, FRESH, tokens(1)).breaks(bound);
        with_code().ask(redeem(Redemption::Rightly), 400, &[], refused()).breaks("grant/code/gives-tokens");
        with_grant().ask(redeem(Redemption::Again), 400, &[], refused()).keeps("grant/code/works-once");
        with_grant().ask(redeem(Redemption::Again), 200, FRESH, tokens(3)).breaks("grant/code/works-once");
    }

    #[test]
    fn a_code_that_was_refused_late_may_have_expired() {
        let id = "grant/code/gives-tokens";
        let mut story = with_code();
        story.later = Duration::from_secs(60);
        story.clone().ask(redeem(Redemption::Rightly), 200, FRESH, tokens(1)).keeps(id);
        story.ask(redeem(Redemption::Rightly), 400, &[], refused()).does_not_judge(id);
        assert!(story.model.clients[&C1].grant.is_none());
    }

    #[test]
    fn after_an_unclear_redemption_the_code_is_not_known_to_be_used_up() {
        for unclear in [redeem(Redemption::Rightly), refresh(RefreshToken::Newest)] {
            let mut story = with_grant();
            if matches!(unclear, Ask::Redeem { .. }) {
                story = with_code();
            }
            story.ask(unclear, 503, &[], Value::Null);
            assert!(story.model.clients[&C1].grant.is_none());
        }
    }

    #[test]
    fn a_refresh_token_is_good_until_it_is_spent_or_revoked() {
        let (gives, spends) = ("grant/refresh/gives-tokens", "grant/refresh/spends-the-token");
        // A client with a secret may use a token as often as the target lets it.
        with_grant().ask(refresh(RefreshToken::Newest), 400, &[], refused()).breaks(gives);
        with_grant().ask(refresh(RefreshToken::Spent), 400, &[], refused()).does_not_judge(spends);
        with_grant().ask(refresh(RefreshToken::Spent), 200, FRESH, tokens(3)).does_not_judge(spends);
        let mut story = with_grant();
        story.ask(Ask::Revoke { client: C1 }, 200, &[], Value::Null);
        story.clone().ask(refresh(RefreshToken::Newest), 400, &[], refused()).keeps("grant/revoke/ends-it");
        story.ask(refresh(RefreshToken::Newest), 200, FRESH, tokens(3)).breaks("grant/revoke/ends-it");
    }

    #[test]
    fn after_a_misuse_nothing_is_expected_of_a_grant() {
        let mut story = with_grant();
        story.ask(refresh(RefreshToken::Spent), 400, &[], refused());
        let judged = story.ask(refresh(RefreshToken::Newest), 400, &[], refused());
        judged.does_not_judge("grant/refresh/gives-tokens");
    }
}
