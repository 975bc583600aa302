//! What must not come of requests that are almost right. The properties that say so are with their resources.

use serde_json::Value;
use url::Url;

use super::grant::nothing_given;
use super::token_scopes::words;
use crate::plan::ask::Ask;
use crate::plan::near_miss::{ADDED_PARAMETER, Borrowed, NearMiss, UNAPPROVED_SCOPE};
use crate::properties::property::{Moment, Verdict};
use crate::wire::exchange::{claims, given_code, redirected};
use crate::wire::request::Request;

fn near_miss(moment: &Moment<'_>) -> Option<NearMiss> {
    let Ask::NearMiss { miss, .. } = moment.asked()? else { return None };
    Some(*miss)
}

fn borrowed(moment: &Moment<'_>) -> Option<Borrowed> {
    let Ask::Borrow { what, .. } = moment.asked()? else { return None };
    Some(*what)
}

/// Judges a secret that resembles the right one, or is that of another client.
pub(super) fn secret_is_refused(moment: &Moment<'_>) -> Verdict {
    let is_wrong =
        near_miss(moment).is_some_and(NearMiss::is_of_secret) || borrowed(moment) == Some(Borrowed::Secret);
    if !is_wrong || moment.exchange.answer().is_some_and(|answer| answer.status == 404) {
        return Verdict::DoesNotApply;
    }
    nothing_given(moment, "the client was never given the secret")
}

/// Judges a code that is brought without its verifier, with another redirect URI, or by another client.
pub(super) fn code_is_refused(moment: &Moment<'_>) -> Verdict {
    match (near_miss(moment), borrowed(moment)) {
        (Some(NearMiss::CodeWithoutVerifier), _) => nothing_given(moment, "the verifier is missing"),
        (Some(NearMiss::CodeWithOtherRedirect), _) => {
            nothing_given(moment, "the code was sent to another redirect URI")
        }
        (_, Some(Borrowed::Code)) => nothing_given(moment, "the code was given to another client"),
        _ => Verdict::DoesNotApply,
    }
}

/// Judges a refresh token that another client brings.
pub(super) fn refresh_token_is_refused(moment: &Moment<'_>) -> Verdict {
    match borrowed(moment) {
        Some(Borrowed::RefreshToken) => {
            nothing_given(moment, "the refresh token was given to another client")
        }
        _ => Verdict::DoesNotApply,
    }
}

/// Judges where a browser is sent whose request names a redirect URI that its client did not register.
pub(super) fn stays_away(moment: &Moment<'_>) -> Verdict {
    let Some(
        miss @ (NearMiss::RedirectToSubdomain
        | NearMiss::RedirectBelow
        | NearMiss::RedirectWithoutTls
        | NearMiss::RedirectWithQuery
        | NearMiss::UnknownClient),
    ) = near_miss(moment)
    else {
        return Verdict::DoesNotApply;
    };
    let (Some(answer), Some(named)) = (moment.exchange.answer(), named_redirect_uri(moment)) else {
        return Verdict::DoesNotApply;
    };
    let followed = redirected(answer).is_some_and(|(place, parameters)| {
        place == named && (miss != NearMiss::RedirectWithQuery || parameters.contains_key(ADDED_PARAMETER))
    });
    if followed {
        return Verdict::broken("no redirect to a URI that the client did not register", "a redirect to it");
    }
    if moment.before.codes_were_given { Verdict::Holds } else { Verdict::DoesNotApply }
}

/// The redirect URI that a request names, without its query.
fn named_redirect_uri(moment: &Moment<'_>) -> Option<String> {
    let Request::Web(request) = &moment.call.request else { return None };
    let (_, sent) = request.parameters.iter().find(|(name, _)| *name == "redirect_uri")?;
    let mut uri = Url::parse(sent).ok()?;
    uri.set_query(None);
    Some(uri.to_string())
}

/// Judges that no code comes where none was asked for.
pub(super) fn needs_the_response_type(moment: &Moment<'_>) -> Verdict {
    if near_miss(moment) != Some(NearMiss::TokenFromAuthorizationEndpoint)
        || moment.exchange.answer().is_none()
    {
        return Verdict::DoesNotApply;
    }
    if given_code(moment.exchange).is_some() {
        return Verdict::broken("no code, because the response type is another", "a code");
    }
    if moment.before.codes_were_given { Verdict::Holds } else { Verdict::DoesNotApply }
}

/// Judges tokens that were asked for with a scope that is not approved: they may be refused, or lack it.
pub(super) fn scope_is_not_given(moment: &Moment<'_>) -> Verdict {
    let Some(NearMiss::TokenForUnapprovedScope | NearMiss::RefreshForUnapprovedScope) = near_miss(moment)
    else {
        return Verdict::DoesNotApply;
    };
    let Some(answer) = moment.exchange.answer().filter(|answer| answer.status != 404) else {
        return Verdict::DoesNotApply;
    };
    let Some(tokens) = answer.json.as_ref().filter(|_| answer.is_success()) else { return Verdict::Holds };
    let claims = tokens["access_token"].as_str().and_then(claims).unwrap_or_default();
    let has_it = |scopes: &Value| words(scopes).contains(&UNAPPROVED_SCOPE);
    Verdict::of(
        !has_it(&tokens["scope"]) && !has_it(&claims["scope"]),
        "no token with a scope that is not approved",
        format!("the scope {UNAPPROVED_SCOPE:?}"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::ask::{Ask, CodeRequest, Redemption};
    use crate::plan::near_miss::{Borrowed, NearMiss};
    use crate::story::{C1, C2, Judged, S1, Story};

    const PLACE: &str = "https://c.example/cb?code=a-code&state=a+state%2Bwith+%26%3D%25+blanks";

    fn near(story: &Story, miss: NearMiss, status: u16, headers: &[(&str, &str)], body: Value) -> Judged {
        story.clone().ask(Ask::NearMiss { client: C1, miss }, status, headers, body)
    }

    fn borrow(story: &Story, what: Borrowed, status: u16, body: Value) -> Judged {
        story.clone().ask(Ask::Borrow { clients: [C2, C1], what }, status, FRESH, body)
    }

    const FRESH: &[(&str, &str)] = &[("cache-control", "no-store")];

    fn tokens() -> Value {
        json!({"access_token": "a", "token_type": "Bearer", "refresh_token": "refresh-1"})
    }

    fn refused() -> Value {
        json!({"error": "invalid_grant"})
    }

    fn story() -> Story {
        let client = || json!({"approvedCallbackUrls": ["https://c.example/cb"], "scopes": ["s:one"]});
        let server = json!({"skipConsentScreen": true});
        Story::default().with_server(S1, server).with_client(C1, S1, client()).with_client(C2, S1, client())
    }

    /// A story in which a code was given.
    fn with_code() -> Story {
        let mut story = story();
        let ask = Ask::Code { client: C1, how: CodeRequest::Rightly };
        story.ask(ask, 302, &[("location", PLACE)], Value::Null);
        story
    }

    /// A story in which a code was redeemed.
    fn with_grant() -> Story {
        let mut story = with_code();
        story.ask(Ask::Redeem { client: C1, how: Redemption::Rightly }, 200, FRESH, tokens());
        story
    }

    #[test]
    fn a_secret_that_resembles_the_right_one_is_refused() {
        let id = "client/secret/invented-is-refused";
        for miss in [
            NearMiss::SecretPrefix,
            NearMiss::LongerSecret,
            NearMiss::SecretInOtherCase,
            NearMiss::EmptySecret,
            NearMiss::NoSecret,
        ] {
            near(&story(), miss, 401, &[], refused()).keeps(id);
            near(&story(), miss, 200, FRESH, tokens()).breaks(id);
            near(&story(), miss, 404, &[], refused()).does_not_judge(id);
        }
        borrow(&story(), Borrowed::Secret, 401, refused()).keeps(id);
        borrow(&story(), Borrowed::Secret, 200, tokens()).breaks(id);
    }

    #[test]
    fn a_code_is_bound_to_its_verifier_its_redirect_uri_and_its_client() {
        let id = "grant/code/is-bound-to-its-verifier";
        for miss in [NearMiss::CodeWithoutVerifier, NearMiss::CodeWithOtherRedirect] {
            near(&with_code(), miss, 400, &[], refused()).keeps(id);
            near(&with_code(), miss, 200, FRESH, tokens()).breaks(id);
        }
        borrow(&with_code(), Borrowed::Code, 400, refused()).keeps(id);
        borrow(&with_code(), Borrowed::Code, 200, tokens()).breaks(id);
    }

    #[test]
    fn a_refresh_token_is_bound_to_its_client() {
        let id = "grant/refresh/gives-tokens";
        borrow(&with_grant(), Borrowed::RefreshToken, 400, refused()).keeps(id);
        borrow(&with_grant(), Borrowed::RefreshToken, 200, tokens()).breaks(id);
    }

    #[test]
    fn no_browser_is_sent_to_a_uri_that_is_near_the_registered_one() {
        let id = "grant/code/goes-to-registered-uris-only";
        for (miss, place) in [
            (NearMiss::RedirectToSubdomain, "https://sub.c.example/cb?code=x"),
            (NearMiss::RedirectBelow, "https://c.example/cb/below?error=invalid_request"),
            (NearMiss::RedirectWithoutTls, "http://c.example/cb?code=x"),
            (NearMiss::RedirectWithQuery, "https://c.example/cb?added=1&code=x"),
            (NearMiss::UnknownClient, "https://c.example/cb?code=x"),
        ] {
            near(&with_code(), miss, 302, &[("location", place)], Value::Null).breaks(id);
            near(&with_code(), miss, 400, &[], refused()).keeps(id);
            near(&story(), miss, 400, &[], refused()).does_not_judge(id);
        }
    }

    #[test]
    fn no_code_is_given_to_who_asks_for_something_else() {
        let id = "grant/code/needs-a-challenge";
        let miss = NearMiss::TokenFromAuthorizationEndpoint;
        near(&with_code(), miss, 302, &[("location", PLACE)], Value::Null).breaks(id);
        near(&with_code(), miss, 400, &[], refused()).keeps(id);
        near(&story(), miss, 400, &[], refused()).does_not_judge(id);
    }

    #[test]
    fn a_scope_that_is_not_approved_is_refused_or_left_out() {
        let id = "authorization/token/has-approved-scopes-only";
        for miss in [NearMiss::TokenForUnapprovedScope, NearMiss::RefreshForUnapprovedScope] {
            near(&with_grant(), miss, 400, &[], json!({"error": "invalid_scope"})).keeps(id);
            near(&with_grant(), miss, 200, FRESH, tokens()).keeps(id);
            let mut wide = tokens();
            wide["scope"] = "s:one unapproved:everything".into();
            near(&with_grant(), miss, 200, FRESH, wide).breaks(id);
        }
    }
}
