//! What a client metadata document must say.
//!
//! Basis: the Internet draft and the MCP specification. A JSON object that names its own URL as `client_id`, with a
//! `client_name` and redirect URIs; nothing in it may be a secret, because anyone can read it. `private_key_jwt` is
//! allowed by the draft and not known here, so a client that insists on it is refused (assumed).

use descope_mcp_openapi::Document;
use serde_json::{Map, Value};

use super::DocumentUrl;
use crate::registration::error::RegistrationError;
use crate::registration::metadata::{AuthMethod, Described, GrantType, Metadata};
use crate::registration::redirect_uri;

const SCHEMA: &str = "ClientMetadataDocument";
/// Members of a JSON Web Key that only its owner may know.
const PRIVATE_KEY_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A document that keeps the rules.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ClientDocument {
    pub(super) metadata: Metadata,
    pub(super) described: Described,
}

impl ClientDocument {
    /// # Errors
    /// Which rule the document breaks, for the log and for who pins it: it quotes nothing of the document.
    pub(super) fn parse(
        url: &DocumentUrl,
        bytes: &[u8],
        private_use_redirects: bool,
    ) -> Result<Self, String> {
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(bytes) else {
            return Err(String::from("it is not a JSON object"));
        };
        refuse_secrets(&members)?;
        let value = Value::Object(members);
        if let Some(violation) = Document::authorization_server().validate_schema(SCHEMA, &value).first() {
            return Err(violation.message.clone());
        }
        let Value::Object(members) = value else { return Err(String::from("it is not a JSON object")) };
        if members.get("client_id").and_then(Value::as_str) != Some(url.as_str()) {
            return Err(String::from("its client_id is not the URL that it was found at"));
        }
        // Nobody is answered what became of it, so a grant that it cannot have is refused and not left out.
        let read = Metadata::of_request(&members, AuthMethod::None, &GrantType::ALL);
        let (mut metadata, described) = read.map_err(words)?;
        if metadata.token_endpoint_auth_method != AuthMethod::None {
            return Err(String::from(
                "its token_endpoint_auth_method needs a shared secret, which it cannot have",
            ));
        }
        if !metadata.grant_types.contains(&GrantType::AuthorizationCode) {
            return Err(String::from("its grant_types do not hold authorization_code"));
        }
        if described.client_name.is_none() {
            return Err(String::from("client_name is missing or empty"));
        }
        redirect_uri::check_all(described.redirect_uris.iter().map(String::as_str), private_use_redirects)?;
        metadata.metadata_document = true;
        Ok(Self { metadata, described })
    }
}

fn refuse_secrets(members: &Map<String, Value>) -> Result<(), String> {
    if members.keys().any(|name| name.starts_with("client_secret")) {
        return Err(String::from("it holds a client secret, which is none any more"));
    }
    let keys = members.get("jwks").and_then(|set| set.get("keys")).and_then(Value::as_array);
    let private = |key: &Value| PRIVATE_KEY_MEMBERS.iter().any(|member| key.get(member).is_some());
    if keys.into_iter().flatten().any(private) {
        return Err(String::from("its jwks holds a private key, which is none any more"));
    }
    Ok(())
}

fn words(error: RegistrationError) -> String {
    match error {
        RegistrationError::RedirectUri(words) | RegistrationError::ClientMetadata(words) => words,
        _ => String::from("its metadata are refused"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const URL: &str = "https://a.example/client.json";

    fn parse(document: &Value) -> Result<ClientDocument, String> {
        let url = DocumentUrl::parse(URL, false).unwrap();
        ClientDocument::parse(&url, document.to_string().as_bytes(), false)
    }

    fn with(member: &str, value: Value) -> Value {
        let mut document = json!({
            "client_id": URL,
            "client_name": "A",
            "redirect_uris": ["http://127.0.0.1/cb"],
            "grant_types": ["authorization_code", "refresh_token"],
            "future": {"x": null},
        });
        document[member] = value;
        document
    }

    #[test]
    fn a_document_without_a_method_describes_a_public_client() {
        let document = parse(&with("scope", json!("a b a"))).unwrap();
        assert_eq!(document.metadata.token_endpoint_auth_method, AuthMethod::None);
        assert!(document.metadata.metadata_document);
        assert_eq!(document.described.client_name.as_deref(), Some("A"));
        assert_eq!(document.described.scopes.unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_document_that_breaks_a_rule_is_refused_with_the_rule() {
        for (member, value, words) in [
            ("client_id", json!("https://a.example/client.json/"), "client_id"),
            ("client_id", json!("https://A.example/client.json"), "client_id"),
            ("client_id", Value::Null, "client_id"),
            ("client_name", json!(""), "client_name"),
            ("client_name", Value::Null, "client_name"),
            ("redirect_uris", json!([]), "redirect_uris"),
            ("redirect_uris", Value::Null, "redirect_uris"),
            ("redirect_uris", json!("https://a.example/cb"), "redirect_uris"),
            ("redirect_uris", json!(["http://a.example/cb"]), "redirect_uris[0]"),
            ("redirect_uris", json!(["https://a.example/cb", 7]), "redirect_uris[1]"),
            ("client_secret", json!("x"), "secret"),
            ("client_secret_expires_at", json!(0), "secret"),
            ("token_endpoint_auth_method", json!("client_secret_basic"), "token_endpoint_auth_method"),
            ("token_endpoint_auth_method", json!("client_secret_jwt"), "token_endpoint_auth_method"),
            ("token_endpoint_auth_method", json!("private_key_jwt"), "token_endpoint_auth_method"),
            ("grant_types", json!(["client_credentials"]), "grant_types"),
            ("grant_types", json!(["refresh_token"]), "grant_types"),
            ("response_types", json!(["token"]), "response_types"),
            ("logo_uri", json!("javascript:alert(1)"), "logo_uri"),
            ("jwks", json!({"keys": [{"kty": "EC", "d": "x"}]}), "private key"),
            ("jwks", json!({"keys": [{"kty": "oct", "k": "x"}]}), "private key"),
        ] {
            let problem = parse(&with(member, value.clone())).unwrap_err();
            assert!(problem.contains(words), "{member} {value}: {problem}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        let url = DocumentUrl::parse(URL, false).unwrap();
        for bytes in [&b""[..], b"[]", b"7", b"{", b"<html>", b"\xff", b"\xef\xbb\xbf{}"] {
            assert!(ClientDocument::parse(&url, bytes, false).is_err());
        }
    }
}
