//! Authorization servers: their metadata, their keys and the tokens that `client_credentials` give.

use std::collections::BTreeSet;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use url::Url;

use super::{near_miss, token_scopes};
use crate::actions::authorization_server::issuer_path;
use crate::json;
use crate::model::effect::{AuthorizationEffect, Effect};
use crate::model::scopes::named_in;
use crate::plan::ask::{Ask, MetadataPlace};
use crate::plan::{Action, ClientLabel, WhichSecret};
use crate::properties::property::{Capability, Level, Moment, Property, Verdict};
use crate::wire::exchange::claims;
use crate::wire::request::Request;

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "authorization/metadata/names-its-issuer",
        sentence: "The issuer in the metadata of an authorization server matches the path at which the metadata is published.",
        level: Level::Must,
        source: "standard: fact/metadata-names-its-issuer",
        needs: Some(Capability::Metadata),
        eventually: false,
        judge: names_its_issuer,
    },
    Property {
        id: "authorization/metadata/has-its-shape",
        sentence: "The metadata matches its schema in the document of the authorization server.",
        level: Level::Must,
        source: "documented: fact/metadata-members",
        needs: Some(Capability::Metadata),
        eventually: false,
        judge: has_its_shape,
    },
    Property {
        id: "authorization/metadata/is-the-same-everywhere",
        sentence: "The metadata of a server is the same at every path at which it is published.",
        level: Level::Should,
        source: "assumed: fact/metadata-is-one-document",
        needs: Some(Capability::InsertedMetadata),
        eventually: false,
        judge: is_the_same_everywhere,
    },
    Property {
        id: "authorization/metadata/lists-approved-scopes",
        sentence: "If the metadata lists scopes, the list contains every scope that the server approves.",
        level: Level::Should,
        source: "documented: fact/metadata-scopes",
        needs: Some(Capability::ListedScopes),
        eventually: true,
        judge: lists_approved_scopes,
    },
    Property {
        id: "authorization/token/verifies-with-published-keys",
        sentence: "A published key verifies the signature of every access token.",
        level: Level::Must,
        source: "documented: fact/signed-with-rs256, fact/keys",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: verifies_with_published_keys,
    },
    Property {
        id: "authorization/token/lives-as-long-as-it-says",
        sentence: "expires_in equals the time between iat and exp of the access token.",
        level: Level::Should,
        source: "standard: fact/expires-in",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: lives_as_long_as_it_says,
    },
    Property {
        id: "authorization/token/lives-as-the-settings-say",
        sentence: "The lifetime of a client_credentials token equals the server's keySessionTokenExpiration.",
        level: Level::Info,
        source: "assumed: fact/key-session-lifetime",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: lives_as_the_settings_say,
    },
    Property {
        id: "authorization/token/is-a-bearer-token",
        sentence: "A response with a token has the token type Bearer.",
        level: Level::Must,
        source: "standard: fact/bearer-type",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| match tokens(moment) {
            Some(tokens) => {
                let kind = tokens["token_type"].as_str().unwrap_or("nothing");
                Verdict::of(kind.eq_ignore_ascii_case("bearer"), "token_type = Bearer", kind)
            }
            None => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "authorization/token/is-not-stored",
        sentence: "A response with a token forbids caches to store it.",
        level: Level::Should,
        source: "standard: fact/tokens-are-not-stored",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| {
            let (Some(_), Some(answer)) = (tokens(moment), moment.exchange.answer()) else {
                return Verdict::DoesNotApply;
            };
            let said = answer.header("cache-control").unwrap_or("nothing");
            Verdict::of(said.to_ascii_lowercase().contains("no-store"), "cache-control: no-store", said)
        },
    },
    Property {
        id: "authorization/token/has-approved-scopes-only",
        sentence: "Every scope of a token is a scope of its client or is defined by OpenID Connect.",
        level: Level::Must,
        source: "documented: fact/scopes-are-approved",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: |moment| match tokens(moment) {
            Some(tokens) => token_scopes::are_approved(moment, tokens),
            None => near_miss::scope_is_not_given(moment),
        },
    },
    Property {
        id: "authorization/keys/are-the-same-for-sdks",
        sentence: "The keys that SDKs read are the published keys.",
        level: Level::Must,
        source: "documented: fact/keys, fact/keys-for-sdks",
        needs: Some(Capability::KeysForSdks),
        eventually: false,
        judge: keys_are_the_same_for_sdks,
    },
    Property {
        id: "authorization/token/refusal-has-a-code",
        sentence: "An error response of the token endpoint has an OAuth error or an errorCode.",
        level: Level::Should,
        source: "standard: fact/token-errors-standard; observed: fact/token-errors-envelope",
        needs: Some(Capability::TokenEndpoint),
        eventually: false,
        judge: refusal_has_a_code,
    },
];

fn metadata<'a>(moment: &Moment<'a>) -> Option<(&'a Ask, &'a Value)> {
    let ask = moment.asked()?;
    let Ask::Metadata { .. } = ask else { return None };
    Some((ask, moment.success()?))
}

fn names_its_issuer(moment: &Moment<'_>) -> Verdict {
    let Some((Ask::Metadata { server, .. }, body)) = metadata(moment) else { return Verdict::DoesNotApply };
    let Some(record) = moment.before.servers.get(server) else { return Verdict::DoesNotApply };
    let issuer = body["issuer"].as_str().unwrap_or_default();
    let path = Url::parse(issuer).map(|url| url.path().to_owned()).unwrap_or_default();
    // The host may be another than the one asked: projects can have domains of their own.
    let project =
        moment.exchange.path.split('/').skip_while(|part| *part != "agentic").nth(1).unwrap_or_default();
    let expected = issuer_path(&record.id, project);
    Verdict::of(path == expected, format!("an issuer that ends in {expected}"), format!("{issuer:?}"))
}

fn has_its_shape(moment: &Moment<'_>) -> Verdict {
    let (Some(_), Request::Web(request)) = (metadata(moment), &moment.call.request) else {
        return Verdict::DoesNotApply;
    };
    let Some((answer, body)) =
        moment.exchange.answer().and_then(|answer| Some((answer, answer.json.as_ref()?)))
    else {
        return Verdict::DoesNotApply;
    };
    let document = descope_mcp_openapi::Document::authorization_server();
    let violations = document.validate_response(request.operation, answer.status, body);
    match violations.first() {
        None => Verdict::Holds,
        Some(first) => Verdict::broken(
            "metadata as the document describes it",
            format!("{} (at {:?})", first.message, first.pointer),
        ),
    }
}

fn is_the_same_everywhere(moment: &Moment<'_>) -> Verdict {
    let Some(Ask::Metadata { server, at }) = moment.asked() else { return Verdict::DoesNotApply };
    let (Some(known), Some(answer)) = (moment.before.metadata.get(server), moment.exchange.answer()) else {
        return Verdict::DoesNotApply;
    };
    // That it is published before the issuer's path too is assumed.
    if answer.status == 404 && matches!(at, MetadataPlace::BeforeOpenid | MetadataPlace::BeforeOauth) {
        return Verdict::DoesNotApply;
    }
    let same = answer.json.as_ref() == Some(known);
    Verdict::of(same, "the same metadata as elsewhere", format!("other metadata (status {})", answer.status))
}

fn lists_approved_scopes(moment: &Moment<'_>) -> Verdict {
    let Some((Ask::Metadata { server, .. }, body)) = metadata(moment) else { return Verdict::DoesNotApply };
    let (Some(record), Some(listed)) =
        (moment.before.servers.get(server), body["scopes_supported"].as_array())
    else {
        return Verdict::DoesNotApply;
    };
    let Some(members) = record.members() else { return Verdict::DoesNotApply };
    let listed: BTreeSet<_> = listed.iter().filter_map(Value::as_str).collect();
    // Whether a flat list is approved is an open question.
    let approved = members.get("approvedScopes").filter(|scopes| scopes.is_object());
    let missing = named_in(approved).find(|name| !listed.contains(name));
    match missing {
        None => Verdict::Holds,
        Some(name) => Verdict::broken(format!("scopes_supported has {name:?}"), "it has not"),
    }
}

/// A request to a token endpoint, by what it brings: whose it is, and which secret or whether rightly.
enum TokenRequest {
    Secret(ClientLabel, WhichSecret),
    Code(ClientLabel, bool),
    RefreshToken(ClientLabel, bool),
}

fn asked_of_token_endpoint(moment: &Moment<'_>) -> Option<TokenRequest> {
    match moment.effect()? {
        Effect::UseSecret { client, secret } => Some(TokenRequest::Secret(client, secret)),
        Effect::Authorization(effect) => match effect {
            AuthorizationEffect::RedeemCode { client, rightly } => Some(TokenRequest::Code(client, rightly)),
            AuthorizationEffect::RefreshTokens { client, rightly } => {
                Some(TokenRequest::RefreshToken(client, rightly))
            }
            AuthorizationEffect::Nothing
            | AuthorizationEffect::ReadMetadata(_)
            | AuthorizationEffect::ReadKeys
            | AuthorizationEffect::RegisterClient { .. }
            | AuthorizationEffect::GiveCode(_)
            | AuthorizationEffect::Revoke(_) => None,
        },
        Effect::Nothing
        | Effect::CreateServer(_)
        | Effect::CreateClient { .. }
        | Effect::UpdateServer(_)
        | Effect::UpdateClient(_)
        | Effect::DeleteServers(_)
        | Effect::DeleteClients { .. }
        | Effect::RotateSecret(_)
        | Effect::ReadSecret(_)
        | Effect::SearchClients { .. } => None,
    }
}

/// The body of an answer that gives tokens to whoever has a right to them; what others get is judged elsewhere.
pub(super) fn tokens<'a>(moment: &Moment<'a>) -> Option<&'a Value> {
    let client = |label| moment.before.clients.get(&label).filter(|client| client.record.is_alive());
    let rightful = match asked_of_token_endpoint(moment)? {
        TokenRequest::Secret(label, secret) => {
            secret == WhichSecret::Current && client(label)?.secret_is_known
        }
        TokenRequest::Code(label, rightly) => rightly && client(label).is_some(),
        TokenRequest::RefreshToken(label, rightly) => rightly && !client(label)?.grant.as_ref()?.over,
    };
    let body = moment.success().filter(|_| rightful)?;
    body["access_token"].as_str().filter(|token| !token.is_empty()).and(Some(body))
}

/// Judges keys by their ids: their order says nothing.
fn keys_are_the_same_for_sdks(moment: &Moment<'_>) -> Verdict {
    let (Some(Ask::KeysForSdks), Some(body), Some(published)) =
        (moment.asked(), moment.success(), &moment.before.keys)
    else {
        return Verdict::DoesNotApply;
    };
    let by_id = |keys: &Value| {
        let mut keys = keys["keys"].as_array().cloned().unwrap_or_default();
        keys.sort_by_key(|key| key["kid"].to_string());
        Value::Array(keys)
    };
    Verdict::from_comparison("the keys that SDKs read", json::same(&by_id(published), &by_id(body)))
}

/// The claims of the access token in an answer, unverified.
fn claims_in(tokens: &Value) -> Option<Value> {
    claims(tokens["access_token"].as_str()?)
}

fn verifies_with_published_keys(moment: &Moment<'_>) -> Verdict {
    let (Some(tokens), Some(keys)) = (tokens(moment), &moment.before.keys) else {
        return Verdict::DoesNotApply;
    };
    let token = tokens["access_token"].as_str().unwrap_or_default();
    let expected = "an access token that one of the published keys verifies";
    let Ok(keys) = serde_json::from_value::<JwkSet>(keys.clone()) else {
        return Verdict::broken(expected, "the published keys are no JSON Web Key Set");
    };
    let header = match jsonwebtoken::decode_header(token) {
        Ok(header) => header,
        Err(error) => return Verdict::broken(expected, format!("no JSON Web Token: {error}")),
    };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_aud = false;
    // Clocks differ, and how long it lives is judged elsewhere.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let key = match &header.kid {
        None => keys.keys.first().ok_or_else(|| "no key is published".to_owned()),
        Some(kid) => keys.find(kid).ok_or_else(|| {
            let published: Vec<_> = keys.keys.iter().filter_map(|key| key.common.key_id.as_deref()).collect();
            let others = if published.is_empty() { "without a kid".to_owned() } else { published.join(", ") };
            format!("the token names the key {kid:?}, which is not published; published are {others}")
        }),
    };
    let decoded =
        key.and_then(|key| DecodingKey::from_jwk(key).map_err(|error| error.to_string())).and_then(|key| {
            jsonwebtoken::decode::<Value>(token, &key, &validation).map_err(|error| error.to_string())
        });
    match decoded {
        Ok(_) => Verdict::Holds,
        Err(error) => Verdict::broken(expected, error),
    }
}

fn lifetime(claims: &Value) -> Option<i64> {
    claims["exp"].as_i64()?.checked_sub(claims["iat"].as_i64()?)
}

/// Latest time in seconds that a token has; one that is later is counted in milliseconds.
const MAX_SECONDS: i64 = 100_000_000_000;

/// That a time in a token is not counted in seconds (RFC 7519 section 2), if one is not.
fn in_milliseconds(claims: &Value) -> Option<Verdict> {
    let wrong = |claim: &&&str| claims[**claim].as_i64().is_some_and(|time| time > MAX_SECONDS);
    let claim = ["exp", "iat"].iter().find(wrong)?;
    let actual = format!("{claim} = {}, which can only be milliseconds", claims[*claim]);
    Some(Verdict::broken(format!("{claim} in seconds since 1970"), actual))
}

fn lives_as_long_as_it_says(moment: &Moment<'_>) -> Verdict {
    let Some(tokens) = tokens(moment) else { return Verdict::DoesNotApply };
    let (Some(said), Some(lives)) =
        (tokens["expires_in"].as_i64(), claims_in(tokens).as_ref().and_then(lifetime))
    else {
        return Verdict::DoesNotApply;
    };
    if let Some(wrong) = in_milliseconds(&claims_in(tokens).unwrap_or_default()) {
        return wrong;
    }
    Verdict::of(said == lives, format!("expires_in = {lives}, as exp - iat"), format!("expires_in = {said}"))
}

fn lives_as_the_settings_say(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::RequestToken { client, .. }), Some(tokens)) = (moment.rightly(), tokens(moment)) else {
        return Verdict::DoesNotApply;
    };
    let known =
        moment.before.clients.get(client).and_then(|client| moment.before.servers.get(&client.server));
    let wanted = known.and_then(|record| {
        let settings =
            record.members()?.get("sessionSettings").filter(|settings| settings["enabled"] == true)?;
        let unit = match settings["keySessionTokenExpirationUnit"].as_str()? {
            "seconds" => 1,
            "minutes" => 60,
            "hours" => 3600,
            "days" => 86_400,
            "weeks" => 604_800,
            _ => return None,
        };
        settings["keySessionTokenExpiration"].as_i64().filter(|count| *count > 0)?.checked_mul(unit)
    });
    let claims = claims_in(tokens).unwrap_or_default();
    // A time in milliseconds is judged elsewhere.
    if in_milliseconds(&claims).is_some() {
        return Verdict::DoesNotApply;
    }
    let (Some(wanted), Some(lives)) = (wanted, lifetime(&claims)) else { return Verdict::DoesNotApply };
    Verdict::of(wanted == lives, format!("a life of {wanted} s"), format!("a life of {lives} s"))
}

fn refusal_has_a_code(moment: &Moment<'_>) -> Verdict {
    let asks = asked_of_token_endpoint(moment).is_some();
    let Some(answer) = moment.exchange.refusal().filter(|answer| asks && answer.status != 404) else {
        return Verdict::DoesNotApply;
    };
    let code = answer.json.as_ref().and_then(|body| body["error"].as_str().or(body["errorCode"].as_str()));
    Verdict::of(
        code.is_some_and(|code| !code.is_empty()),
        "an OAuth error or an errorCode",
        format!("status {} without either", answer.status),
    )
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use crate::plan::ask::{Ask, CodeRequest, MetadataPlace, Redemption};
    use crate::plan::{Action, TokenAuth, WhichSecret};
    use crate::properties::property::{Verdict, Why};
    use crate::story::{C1, S1, Story};

    fn metadata(issuer: &str) -> Value {
        json!({
            "issuer": issuer, "authorization_endpoint": "https://a.example/a", "token_endpoint": "https://a.example/t",
            "jwks_uri": "https://a.example/k", "response_types_supported": ["code"], "scopes_supported": ["s:one"],
        })
    }

    const ISSUER: &str = "https://a.example/v1/apps/agentic/P1/MS1";

    fn story() -> Story {
        let settings = json!({"enabled": true, "keySessionTokenExpiration": 5, "keySessionTokenExpirationUnit": "minutes"});
        let server = json!({
            "approvedScopes": {"permissionsScopes": [{"name": "s:one", "description": ""}]}, "sessionSettings": settings,
        });
        let client = json!({"scopes": ["s:one"], "approvedCallbackUrls": ["https://c.example/cb"]});
        Story::default().with_server(S1, server).with_client(C1, S1, client)
    }

    fn read(at: MetadataPlace) -> Ask {
        Ask::Metadata { server: S1, at }
    }

    #[test]
    fn metadata_names_the_issuer_at_whose_path_it_is() {
        let id = "authorization/metadata/names-its-issuer";
        story().ask(read(MetadataPlace::AfterOpenid), 200, &[], metadata(ISSUER)).keeps(id);
        let domain = ISSUER.replace("a.example", "own.example");
        story().ask(read(MetadataPlace::BeforeOauth), 200, &[], metadata(&domain)).keeps(id);
        for other in ["https://a.example/v1/apps/agentic/P1/MS2", "https://a.example", "nothing"] {
            story().ask(read(MetadataPlace::AfterOpenid), 200, &[], metadata(other)).breaks(id);
        }
    }

    #[test]
    fn metadata_has_its_shape_and_the_approved_scopes() {
        let mut wrong = metadata(ISSUER);
        wrong["token_endpoint"] = 5.into();
        let id = "authorization/metadata/has-its-shape";
        story().ask(read(MetadataPlace::AfterOpenid), 200, &[], wrong).breaks(id);
        let mut without = metadata(ISSUER);
        without["scopes_supported"] = json!(["another"]);
        let id = "authorization/metadata/lists-approved-scopes";
        story().ask(read(MetadataPlace::AfterOpenid), 200, &[], without.clone()).breaks(id);
        without.as_object_mut().unwrap().remove("scopes_supported");
        story().ask(read(MetadataPlace::AfterOpenid), 200, &[], without).does_not_judge(id);
    }

    #[test]
    fn metadata_is_the_same_in_all_places() {
        let id = "authorization/metadata/is-the-same-everywhere";
        let mut story = story();
        story.ask(read(MetadataPlace::AfterOpenid), 200, &[], metadata(ISSUER)).does_not_judge(id);
        story.clone().ask(read(MetadataPlace::AfterOauth), 200, &[], metadata(ISSUER)).keeps(id);
        story.clone().ask(read(MetadataPlace::BeforeOauth), 404, &[], json!({})).does_not_judge(id);
        let mut other = metadata(ISSUER);
        other["jwks_uri"] = "https://a.example/other".into();
        story.ask(read(MetadataPlace::BeforeOauth), 200, &[], other).breaks(id);
    }

    /// What the token endpoint answers, and what is said of it.
    fn token(change: impl FnOnce(&mut Value, &mut Value)) -> (crate::story::Judged, crate::story::Judged) {
        let mut claims = json!({"iat": 1000, "exp": 1300, "scope": "s:one"});
        let mut body = json!({"token_type": "Bearer", "expires_in": 300, "scope": "s:one"});
        change(&mut body, &mut claims);
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = json!({"alg": "RS256", "typ": "JWT"});
        body["access_token"] = format!("{}.{}.c2ln", part(&header), part(&claims)).into();
        let ask = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic };
        let by_secret = story().step(ask, 200, body.clone());
        let mut story = story();
        let place = [("location", "https://c.example/cb?code=a-code&state=a+state%2Bwith+%26%3D%25+blanks")];
        story.ask(Ask::Code { client: C1, how: CodeRequest::Rightly }, 302, &place, Value::Null);
        let redeem = Ask::Redeem { client: C1, how: Redemption::Rightly };
        (by_secret, story.ask(redeem, 200, &[("cache-control", "no-store")], body))
    }

    #[test]
    fn a_token_is_what_its_answer_says() {
        let (by_secret, by_code) = token(|_, _| {});
        for id in
            ["lives-as-long-as-it-says", "is-a-bearer-token", "is-not-stored", "has-approved-scopes-only"]
        {
            by_code.keeps(&format!("authorization/token/{id}"));
        }
        by_secret.keeps("authorization/token/lives-as-the-settings-say");
        token(|body, _| body["expires_in"] = 299.into())
            .1
            .breaks("authorization/token/lives-as-long-as-it-says");
        token(|body, _| body["token_type"] = "mac".into()).1.breaks("authorization/token/is-a-bearer-token");
        let id = "authorization/token/has-approved-scopes-only";
        token(|body, _| body["scope"] = "s:one s:two".into()).1.breaks(id);
        token(|_, claims| claims["scope"] = json!(["s:two"])).1.breaks(id);
        token(|body, _| body["scope"] = "openid s:one".into()).1.keeps(id);
        let (longer, _) = token(|body, claims| {
            body["expires_in"] = 301.into();
            claims["exp"] = 1301.into();
        });
        longer.breaks("authorization/token/lives-as-the-settings-say");
    }

    #[test]
    fn an_answer_with_a_token_is_not_to_be_stored() {
        let id = "authorization/token/is-not-stored";
        let mut story = story();
        let place = [("location", "https://c.example/cb?code=a-code&state=a+state%2Bwith+%26%3D%25+blanks")];
        story.ask(Ask::Code { client: C1, how: CodeRequest::Rightly }, 302, &place, Value::Null);
        let redeem = Ask::Redeem { client: C1, how: Redemption::Rightly };
        let body = json!({"access_token": "t", "token_type": "bearer"});
        story
            .clone()
            .ask(redeem.clone(), 200, &[("cache-control", "private, no-store")], body.clone())
            .keeps(id);
        story.clone().ask(redeem.clone(), 200, &[], body.clone()).breaks(id);
        story.ask(redeem, 200, &[("cache-control", "max-age=60")], body).breaks(id);
    }

    #[test]
    fn sdks_read_the_same_keys_in_whatever_order() {
        let id = "authorization/keys/are-the-same-for-sdks";
        let key = |kid: &str| json!({"kty": "RSA", "alg": "RS256", "kid": kid, "n": "AQAB", "e": "AQAB"});
        let mut story = story();
        story.ask(Ask::Keys, 200, &[], json!({"keys": [key("a"), key("b")]}));
        let sdks = |keys: Value| story.clone().ask(Ask::KeysForSdks, 200, &[], json!({ "keys": keys }));
        sdks(json!([key("b"), key("a")])).keeps(id);
        assert!(sdks(json!([key("a")])).broken.contains(&id));
        let mut other = key("b");
        other["alg"] = Value::Null;
        assert!(sdks(json!([key("a"), other])).broken.contains(&id));
    }

    #[test]
    fn a_token_that_no_published_key_verifies_is_none() {
        let mut story = story();
        let keys = json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "n": "AQAB", "e": "AQAB"}]});
        story.ask(Ask::Keys, 200, &[], keys);
        let ask = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic };
        let judged = story.step(ask, 200, json!({"access_token": "not.a.token", "token_type": "Bearer"}));
        assert!(judged.broken.contains(&"authorization/token/verifies-with-published-keys"));
    }

    fn why(story: &mut Story, id: &str, token: String) -> Why {
        let ask = Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic };
        let body = json!({"access_token": token, "token_type": "Bearer", "expires_in": 300});
        match story.why(id, ask, 200, body) {
            Verdict::Broken(why) => why,
            other => panic!("{id}: {other:?}"),
        }
    }

    fn unsigned(header: &Value, claims: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        format!("{}.{}.c2ln", part(header), part(claims))
    }

    #[test]
    fn a_key_that_is_not_published_is_named_and_not_the_signature_blamed() {
        let mut story = story();
        let keys = json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "n": "AQAB", "e": "AQAB"}]});
        story.ask(Ask::Keys, 200, &[], keys);
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": "other"});
        let token = unsigned(&header, &json!({"iat": 1000, "exp": 1300}));
        let why = why(&mut story, "authorization/token/verifies-with-published-keys", token);
        let says = "the token names the key \"other\", which is not published; published are k";
        assert_eq!(why.actual, says);
    }

    #[test]
    fn a_time_in_milliseconds_is_blamed_on_the_token_and_not_on_its_answer() {
        let claims = json!({"iat": 1_700_000_000, "exp": 1_700_000_300_000_i64});
        let token = unsigned(&json!({"alg": "RS256"}), &claims);
        let why = why(&mut story(), "authorization/token/lives-as-long-as-it-says", token);
        assert_eq!(why.expected, "exp in seconds since 1970");
        assert_eq!(why.actual, "exp = 1700000300000, which can only be milliseconds");
    }

    #[test]
    fn a_refusal_has_a_code_in_either_form() {
        let id = "authorization/token/refusal-has-a-code";
        let ask = Action::RequestToken {
            client: C1,
            secret: WhichSecret::BeforeRotation,
            method: TokenAuth::Basic,
        };
        let mut story = story();
        story.step(Action::RotateSecret { client: C1 }, 200, json!({"cleartext": "secret-2"}));
        for body in [json!({"error": "invalid_client"}), json!({"errorCode": "E1"})] {
            story.clone().step(ask.clone(), 401, body).keeps(id);
        }
        story.step(ask, 401, json!({"message": "no"})).breaks(id);
    }
}
