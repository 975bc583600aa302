//! What the userinfo endpoint says of the user who consented.

use crate::plan::ask::Ask;
use crate::properties::property::{Capability, Level, Moment, Property, Verdict};
use crate::wire::exchange::claims;

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[Property {
    id: "grant/userinfo/names-the-user",
    sentence: "The userinfo endpoint answers an access token with the subject of that token.",
    level: Level::Should,
    source: "documented: fact/userinfo, fact/userinfo-by-post; standard: fact/userinfo-names-the-user",
    needs: Some(Capability::UserInfo),
    eventually: false,
    judge: names_the_user,
}];

fn names_the_user(moment: &Moment<'_>) -> Verdict {
    let (Some(Ask::UserInfo { client, .. }), Some(body)) = (moment.asked(), moment.success()) else {
        return Verdict::DoesNotApply;
    };
    let grant = moment.before.clients.get(client).and_then(|client| client.grant.as_ref());
    let token = grant.and_then(|grant| grant.access_tokens.last());
    // A token need not be one that can be read.
    let Some(subject) = token.and_then(|token| claims(token)).map(|claims| claims["sub"].clone()) else {
        return Verdict::DoesNotApply;
    };
    // The document nests the claims, users of the service read them at the top.
    let named = [&body["sub"], &body["userInfoClaims"]["sub"]].into_iter().find(|named| named.is_string());
    match named {
        Some(named) => Verdict::of(*named == subject, format!("sub = {subject}"), format!("sub = {named}")),
        None => Verdict::broken(format!("sub = {subject}"), "no sub"),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use crate::plan::ask::{Ask, CodeRequest, Redemption, UserInfoMethod};
    use crate::story::{C1, Judged, S1, Story};

    fn answered(status: u16, body: Value) -> Judged {
        let client = json!({"approvedCallbackUrls": ["https://c.example/cb"]});
        let mut story =
            Story::default().with_server(S1, json!({"skipConsentScreen": true})).with_client(C1, S1, client);
        let place = "https://c.example/cb?code=a-code&state=a+state%2Bwith+%26%3D%25+blanks";
        story.ask(
            Ask::Code { client: C1, how: CodeRequest::Rightly },
            302,
            &[("location", place)],
            Value::Null,
        );
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let token = format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(&json!({"sub": "U1"})));
        let tokens = json!({"access_token": token, "token_type": "Bearer"});
        story.ask(
            Ask::Redeem { client: C1, how: Redemption::Rightly },
            200,
            &[("cache-control", "no-store")],
            tokens,
        );
        story.ask(Ask::UserInfo { client: C1, by: UserInfoMethod::Get }, status, &[], body)
    }

    #[test]
    fn the_user_is_the_subject_of_the_token_wherever_the_claims_are() {
        let id = "grant/userinfo/names-the-user";
        answered(200, json!({"sub": "U1", "name": "n"})).keeps(id);
        answered(200, json!({"userInfoClaims": {"sub": "U1"}})).keeps(id);
        assert!(answered(200, json!({"sub": "U2"})).broken.contains(&id));
        assert!(answered(200, json!({"name": "n"})).broken.contains(&id));
        answered(404, json!({"errorCode": "E1"})).does_not_judge(id);
    }
}
