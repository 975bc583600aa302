//! Takes the secrets out of what is kept for people to look at: by the names under which secrets travel, and by their
//! shape wherever they stand. What cannot be read as JSON or a form is not kept at all.

use axum::http::{HeaderMap, header};
use serde_json::Value;

/// Stands for a secret.
pub(crate) const MASK: &str = "•••";
/// Bytes of a body; larger ones are named by their size.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;
/// Bytes that are kept of one when it is laid out, which can be many times what it was.
const MAX_LAID_OUT_BODY_BYTES: usize = 12 * 1024;
const MAX_VALUE_CHARS: usize = 300;
const MAX_HEADERS: usize = 40;
const MAX_TARGET_CHARS: usize = 600;

/// Parts of the names of members and parameters that hold secrets, without `_` and `-`, in lower case.
const SECRET_NAMES: [&str; 9] =
    ["secret", "token", "cleartext", "password", "verifier", "assertion", "jwt", "managementkey", "ticket"];
/// Whole names, in the same form.
const SECRET_WHOLE_NAMES: [&str; 6] = ["code", "devicecode", "usercode", "authreqid", "otp", "request"];
/// Ends of names that look secret and are not.
const OPEN_ENDS: [&str; 10] =
    ["type", "hint", "method", "supported", "endpoint", "unit", "expiration", "at", "algs", "enabled"];

/// The path, for logs.
pub(crate) fn path(path: &str) -> String {
    cut(&text(path), MAX_TARGET_CHARS)
}

/// Method and body aside, what a request is: its path and query.
pub(crate) fn target(path: &str, query: Option<&str>) -> String {
    let target = match query {
        Some(query) => format!("{}?{}", text(path), form(query)),
        None => text(path),
    };
    cut(&target, MAX_TARGET_CHARS)
}

pub(crate) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let masked = headers.iter().take(MAX_HEADERS).map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = match *name {
            header::AUTHORIZATION | header::PROXY_AUTHORIZATION => {
                let scheme = value.split_once(' ').map_or("", |(scheme, _)| scheme);
                format!("{} {MASK}", text(scheme)).trim_start().to_owned()
            }
            header::COOKIE | header::SET_COOKIE => MASK.to_owned(),
            header::LOCATION | header::REFERER => match value.split_once('?') {
                Some((page, query)) => format!("{}?{}", text(page), form(query)),
                None => text(&value),
            },
            _ => text(&value),
        };
        (name.to_string(), cut(&value, MAX_VALUE_CHARS))
    });
    masked.collect()
}

/// A body by its media type.
pub(crate) fn body(media_type: Option<&str>, bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    let unshown =
        || format!("({} bytes of {})", bytes.len(), cut(&text(media_type.unwrap_or("unknown type")), 80));
    let Ok(read) = std::str::from_utf8(bytes) else { return unshown() };
    match media_type.map(str::to_ascii_lowercase).as_deref() {
        Some("application/json") => match serde_json::from_str::<Value>(read) {
            Ok(mut value) => {
                mask_value(&mut value);
                serde_json::to_string_pretty(&value)
                    .map_or_else(|_| unshown(), |text| cut(&text, MAX_LAID_OUT_BODY_BYTES))
            }
            Err(_) => unshown(),
        },
        Some("application/x-www-form-urlencoded") => {
            cut(&form(read).replace('&', "\n&"), MAX_LAID_OUT_BODY_BYTES)
        }
        _ => unshown(),
    }
}

/// The JSON of a record, for the pages that show records.
pub(crate) fn record(mut value: Value) -> String {
    mask_value(&mut value);
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn mask_value(value: &mut Value) {
    match value {
        Value::String(inner) => *inner = text(inner),
        Value::Array(items) => items.iter_mut().for_each(mask_value),
        Value::Object(members) => {
            // Names are data too: whoever sends a secret as a name gets no mercy from the rule above.
            let masked = std::mem::take(members).into_iter().map(|(name, mut value)| {
                if is_secret_name(&name) && !matches!(value, Value::Null | Value::Bool(_) | Value::Number(_))
                {
                    value = Value::from(MASK);
                } else {
                    mask_value(&mut value);
                }
                (text(&name), value)
            });
            *members = masked.collect();
        }
        _ => {}
    }
}

fn form(pairs: &str) -> String {
    let masked = form_urlencoded::parse(pairs.as_bytes()).map(|(name, value)| {
        let value = if is_secret_name(&name) && !value.is_empty() { MASK.to_owned() } else { text(&value) };
        format!("{}={}", text(&name), value)
    });
    masked.collect::<Vec<_>>().join("&")
}

fn is_secret_name(name: &str) -> bool {
    let name: String = name.chars().filter(|c| !"_-".contains(*c)).flat_map(char::to_lowercase).collect();
    SECRET_WHOLE_NAMES.contains(&name.as_str())
        || (SECRET_NAMES.iter().any(|part| name.contains(part))
            && !OPEN_ENDS.iter().any(|end| name.ends_with(end)))
}

/// The text with every word masked that has the shape of a secret.
fn text(text: &str) -> String {
    let in_word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(in_word) {
        masked.push_str(&rest[..start]);
        let end = rest[start..].find(|c| !in_word(c)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..end];
        masked.push_str(if is_secret(word) { MASK } else { word });
        rest = &rest[end..];
    }
    masked.push_str(rest);
    masked
}

/// Client secrets are 43 base62 characters, management keys begin with K2, tokens are JWTs. Ids are shorter, and client
/// ids longer.
fn is_secret(word: &str) -> bool {
    let base62 = word.bytes().all(|b| b.is_ascii_alphanumeric());
    let jwt = word.starts_with("ey") && word.split('.').count() == 3 && word.len() > 40;
    jwt || (base62 && (40..=44).contains(&word.len()))
        || (base62 && word.starts_with("K2") && word.len() > 20)
}

fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(longest)])
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const SECRET: &str = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9nO2q";

    #[test]
    fn secrets_are_masked_by_the_names_they_travel_under() {
        for name in [
            "cleartext",
            "client_secret",
            "access_token",
            "refreshToken",
            "id_token",
            "code",
            "code_verifier",
            "token",
            "client_assertion",
            "subject_token",
            "password",
            "registration_access_token",
            "ticket",
            "device_code",
        ] {
            let body = body(Some("application/json"), format!(r#"{{"{name}": "hunter2"}}"#).as_bytes());
            assert!(body.contains(MASK) && !body.contains("hunter2"), "{name}: {body}");
            let query = target("/x", Some(&format!("a=b&{name}=hunter2&c=d")));
            assert_eq!(query, format!("/x?a=b&{name}={MASK}&c=d"));
        }
    }

    #[test]
    fn secrets_are_masked_by_their_shape_wherever_they_stand() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJURUEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
        let key = "K2aB3dE6gH9jK2mN5pQ8sT1vW4yZ7b";
        for secret in [SECRET, jwt, key] {
            let json = format!(r#"{{"name": "it is {secret}!", "list": [["{secret}"]], "{secret}": 1}}"#);
            let shown = body(Some("application/json"), json.as_bytes());
            assert!(!shown.contains(secret), "{shown}");
            let shown =
                body(Some("application/x-www-form-urlencoded"), format!("a={secret}&{secret}").as_bytes());
            assert!(!shown.contains(secret), "{shown}");
            assert!(!target(&format!("/v1/{secret}/x"), None).contains(secret));
            let value = HeaderValue::from_str(&format!("a; {secret}")).unwrap();
            let shown = headers(&HeaderMap::from_iter([("x-other".parse().unwrap(), value)]));
            assert!(!shown[0].1.contains(secret), "{shown:?}");
        }
    }

    #[test]
    fn credentials_cookies_and_codes_in_headers_are_masked() {
        for (name, value, shown) in [
            ("authorization", "Bearer P1:K2x", format!("Bearer {MASK}")),
            ("authorization", "hunter2", MASK.to_owned()),
            ("cookie", "a=hunter2", MASK.to_owned()),
            ("set-cookie", "a=hunter2", MASK.to_owned()),
            ("location", "http://a/cb?code=hunter2&state=s", format!("http://a/cb?code={MASK}&state=s")),
            ("content-type", "application/json", String::from("application/json")),
        ] {
            let name = name.parse().unwrap();
            let masked = headers(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))]));
            assert_eq!(masked[0].1, shown);
        }
    }

    #[test]
    fn ids_types_lifetimes_and_numbers_stay_readable() {
        let client_id = format!("{}=", "aB3d".repeat(19) + "abc");
        let open = serde_json::json!({
            "id": "TPA38fbAsIT7k1nc84SvEb2qOiyn4g", "clientId": client_id, "token_type": "Bearer",
            "sessionTokenExpirationUnit": "minutes", "sessionTokenExpiration": 10, "client_secret_expires_at": 0,
            "token_endpoint_auth_method": "none", "cleartext": null, "grant_type": "authorization_code",
        });
        let shown: Value =
            serde_json::from_str(&body(Some("application/json"), open.to_string().as_bytes())).unwrap();
        assert_eq!(shown, open);
    }

    #[test]
    fn what_is_kept_is_short_whatever_was_sent() {
        let nested = format!("{}{}", "[".repeat(120), "]".repeat(120));
        let wide = format!("[{}]", vec![nested; 60].join(","));
        assert!(body(Some("application/json"), wide.as_bytes()).len() < MAX_LAID_OUT_BODY_BYTES + 10);
        let pairs = "&".repeat(MAX_BODY_BYTES);
        assert!(
            body(Some("application/x-www-form-urlencoded"), pairs.as_bytes()).len()
                < MAX_LAID_OUT_BODY_BYTES + 10
        );
        assert!(target(&"é".repeat(5_000), Some(&"a=b&".repeat(5_000))).len() < MAX_TARGET_CHARS + 10);
        assert_eq!(cut("aéa", 2), "a…");
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        for (media_type, bytes) in [
            (Some("application/json"), &b"{\"cleartext\": \"hunter2\""[..]),
            (Some("text/html"), b"<input value=hunter2>"),
            (None, b"hunter2"),
            (Some("application/json"), b"\"hunter2\xff\""),
        ] {
            let shown = body(media_type, bytes);
            assert!(!shown.contains("hunter2") && shown.contains("bytes"), "{shown}");
        }
    }
}
