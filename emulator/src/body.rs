//! The body of a management request: JSON, an object, and of the form that the OpenAPI document states.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use descope_mcp_openapi::{Document, Violation, ViolationKind};
use serde_json::{Map, Value};

use crate::problem::{Kind, Problem};

/// Deeper bodies are refused: what is stored is answered one level deeper, and readers stop at 128 levels.
const DEEPEST: usize = 64;
/// Faults named in one message.
const FAULTS_NAMED: usize = 5;

/// Reads and checks the body of a request for the operation with this operationId.
///
/// # Errors
/// `Malformed` for another content type than `application/json`, for what is not JSON, not an object or nested too
/// deep (an empty body is no object either); `MissingArgument`, `InvalidArgument` or `FailedValidation`, naming the
/// member, for what does not fit the document; `TooLarge`. That the service refuses each of these with 400 is assumed.
pub(crate) async fn object(
    document: &Document,
    operation: &str,
    request: Request,
) -> Result<Map<String, Value>, Problem> {
    let refuse = |message: String| Err(Problem::new(Kind::Malformed, message));
    if !is_json(request.headers()) {
        return refuse(String::from("the Content-Type must be application/json"));
    }
    let bytes = Bytes::from_request(request, &()).await.map_err(unreadable)?;
    let body: Value = match serde_json::from_slice(&bytes) {
        Ok(body) => body,
        // Only the place: the parser's own words could quote the body.
        Err(error) => {
            return refuse(format!(
                "the body is not JSON (line {}, column {})",
                error.line(),
                error.column()
            ));
        }
    };
    if !body.is_object() {
        return refuse(String::from("the body must be a JSON object"));
    }
    if is_deeper_than(&body, DEEPEST) {
        return refuse(format!("the body is nested deeper than {DEEPEST} levels"));
    }
    let violations = document.validate_request(operation, &body);
    if let Some(first) = violations.first() {
        return Err(unfit(first, &violations));
    }
    match body {
        Value::Object(members) => Ok(members),
        _ => refuse(String::from("the body must be a JSON object")),
    }
}

/// Takes a text member out of a body that fits the document; empty, `null` and absent are all "missing", because the
/// service speaks protobuf, which cannot tell them apart (assumed).
pub(crate) fn required_text(body: &mut Map<String, Value>, member: &str) -> Result<String, Problem> {
    optional_text(body, member).ok_or_else(|| Problem::missing(member))
}

/// Like [`required_text`], for a member that may be missing.
pub(crate) fn optional_text(body: &mut Map<String, Value>, member: &str) -> Option<String> {
    match body.remove(member) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Takes a list of texts out of a body that fits the document; an empty list counts as missing, as above.
pub(crate) fn required_texts(body: &mut Map<String, Value>, member: &str) -> Result<Vec<String>, Problem> {
    let Some(Value::Array(items)) = body.remove(member) else { return Err(Problem::missing(member)) };
    if items.is_empty() {
        return Err(Problem::missing(member));
    }
    Ok(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

/// Whether the content type is JSON, with whatever parameters.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json"))
}

/// The content type without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or(value).trim())
}

/// Why the bytes of a body did not arrive.
pub(crate) fn unreadable(rejection: BytesRejection) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::new(Kind::TooLarge, "the body is longer than 256 KiB")
        }
        _ => Problem::new(Kind::Malformed, "the body could not be read to its end"),
    }
}

fn unfit(first: &Violation, all: &[Violation]) -> Problem {
    let kind = match first.kind {
        ViolationKind::Missing => Kind::MissingArgument,
        ViolationKind::WrongType => Kind::InvalidArgument,
        _ => Kind::FailedValidation,
    };
    let mut message: Vec<_> =
        all.iter().take(FAULTS_NAMED).map(|violation| violation.message.clone()).collect();
    if all.len() > FAULTS_NAMED {
        message.push(format!("and {} more", all.len() - FAULTS_NAMED));
    }
    Problem::new(kind, message.join("; "))
}

/// The parser bounds the depth of what comes here, so recursion is safe.
fn is_deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => true,
        Value::Array(items) => items.iter().any(|item| is_deeper_than(item, levels - 1)),
        Value::Object(members) => members.values().any(|member| is_deeper_than(member, levels - 1)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const CREATE: &str = "/v1/mgmt/mcp/server/create";

    #[tokio::test]
    async fn refuses_what_is_not_a_json_object() {
        let emulator = Harness::new();
        let credentials = emulator.credentials();
        let deep = format!("{{\"name\":\"a\",\"x\":{}{}}}", "[".repeat(70), "]".repeat(70));
        let bottomless = "[".repeat(100_000);
        for body in
            ["", "{", "[]", "7", "null", "\"a\"", "{\"name\":\"a\"} x", "\u{feff}{}", &deep, &bottomless]
        {
            let answer = emulator.raw(CREATE, Some(&credentials), Some("application/json"), body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", &body[..body.len().min(40)]);
            assert_eq!(answer.body["errorCode"], "E011001");
        }
        let invalid_utf8 = emulator
            .raw_bytes(CREATE, Some(&credentials), Some("application/json"), b"{\"name\":\"\xff\"}".to_vec())
            .await;
        assert_eq!(invalid_utf8.status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn refuses_other_content_types() {
        let emulator = Harness::new();
        let credentials = emulator.credentials();
        for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
            let answer = emulator.raw(CREATE, Some(&credentials), content_type, r#"{"name":"a"}"#).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{content_type:?}");
            assert!(answer.message().contains("Content-Type"), "{}", answer.message());
        }
        let answer = emulator
            .raw(CREATE, Some(&credentials), Some("Application/JSON; charset=utf-8"), r#"{"name":"a"}"#)
            .await;
        assert_eq!(answer.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn names_every_member_that_does_not_fit() {
        let emulator = Harness::new();
        let answer = emulator.post(CREATE, &json!({"name": "a", "tags": "b", "skipConsentScreen": 1})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.body["errorCode"], "E011004");
        assert!(answer.message().contains("tags") && answer.message().contains("skipConsentScreen"));
    }
}
