//! Reads responses: the whole body of a success, the useful part of an error, and at most a fixed number of bytes.

use bytes::Bytes;
use reqwest::Response;
use serde::de::DeserializeOwned;

use crate::error::Details;
use crate::generated::types;
use crate::preview::{preview, scrubbed};

/// Maximum bytes of a success body that are read: some hundred thousand records.
pub(crate) const MAX_SUCCESS: usize = 256 * 1024 * 1024;
/// Maximum bytes of an error body that are read. An error envelope has a few hundred bytes, an error page of a proxy
/// some thousands.
pub(crate) const MAX_REFUSAL: usize = 64 * 1024;

/// How reading a body ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The whole body was read.
    Complete,
    /// Reading stopped at the maximum.
    TooLong,
}

/// The part of a body that was read, even if reading stopped early.
#[derive(Default)]
pub(crate) struct Collected {
    /// Nearly always all there is, and then nothing is copied.
    first: Bytes,
    all: Vec<u8>,
}

impl Collected {
    pub(crate) async fn read(&mut self, response: &mut Response, most: usize) -> reqwest::Result<End> {
        let announced = response.content_length().unwrap_or(0).min(most as u64) as usize;
        let mut length = 0;
        while let Some(mut chunk) = response.chunk().await? {
            let room = most - length;
            let end = if chunk.len() > room { End::TooLong } else { End::Complete };
            chunk.truncate(room);
            length += chunk.len();
            if self.first.is_empty() && self.all.is_empty() {
                self.first = chunk;
            } else {
                if self.all.is_empty() {
                    self.all.reserve(announced.max(length));
                    self.all.extend_from_slice(&std::mem::take(&mut self.first));
                }
                self.all.extend_from_slice(&chunk);
            }
            if end == End::TooLong {
                return Ok(end);
            }
        }
        Ok(End::Complete)
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.into() }
    }
}

/// The content of an error response.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    code: Option<String>,
    description: Option<String>,
    message: Option<String>,
    preview: Option<String>,
}

/// The code of the service for a management key that was made just now (documented: `fact/new-key-code`).
pub(crate) const KEY_NOT_YET_ACTIVE: &str = "E111009";

/// Response headers by which a request can be found in the logs of others.
const KEPT_HEADERS: [&str; 9] = [
    "cf-ray",
    "request-id",
    "traceparent",
    "via",
    "x-amz-cf-id",
    "x-amzn-requestid",
    "x-correlation-id",
    "x-request-id",
    "x-trace-id",
];

/// Longest value of such a header, in bytes.
const MAX_HEADER: usize = 200;

/// The headers to keep for an error. A proxy may echo in them what it got.
pub(crate) fn kept_headers<'t>(
    headers: &http::HeaderMap,
    hidden: impl Fn() -> Vec<&'t str>,
) -> Vec<(&'static str, String)> {
    // Answers have few headers: looking at each is faster than asking for each name.
    let kept = headers.iter().filter_map(|(name, value)| {
        let name = KEPT_HEADERS.into_iter().find(|kept| name.as_str() == *kept)?;
        let value = value.to_str().ok().filter(|value| value.len() <= MAX_HEADER)?;
        Some((name, scrubbed(value, &hidden())))
    });
    kept.collect()
}

impl Refusal {
    /// Whether it says that the management key is not active yet.
    pub(crate) fn is_of_a_new_key(&self) -> bool {
        self.code() == Some(KEY_NOT_YET_ACTIVE)
    }

    /// The code of the service.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Reads an error envelope, or makes a short preview of any other body. Nothing that is `hidden` is shown.
    pub(crate) fn read(body: &[u8], hidden: &[&str]) -> Self {
        let Ok(envelope) = serde_json::from_slice::<types::Error>(body) else {
            let preview = Some(preview(body, hidden)).filter(|text| !text.is_empty());
            return Self { preview, ..Self::default() };
        };
        let shown =
            |text: Option<String>| text.filter(|text| !text.is_empty()).map(|text| scrubbed(&text, hidden));
        Self {
            code: shown(envelope.error_code),
            description: shown(envelope.error_description),
            message: shown(envelope.error_message),
            preview: None,
        }
    }

    /// The envelope to hand to the machine-written code, which would lose the status of anything else.
    pub(crate) fn as_envelope(&self) -> Vec<u8> {
        let envelope = types::Error {
            error_code: self.code.clone(),
            error_description: self.description.clone().or_else(|| self.preview.clone()),
            error_message: self.message.clone(),
            ..types::Error::default()
        };
        serde_json::to_vec(&envelope).unwrap_or_default()
    }

    pub(crate) fn into_details(self, details: Details) -> Details {
        let Self { code, description, message, preview } = self;
        Details { code, description, message, preview, ..details }
    }
}

/// Whether a body is JSON by its content type; a missing one says nothing.
pub(crate) fn is_json(content_type: Option<&http::HeaderValue>) -> bool {
    content_type.is_none_or(|value| {
        value.to_str().is_ok_and(|content_type| content_type.to_ascii_lowercase().contains("json"))
    })
}

/// The place where a response does not fit its type, by the names of members and the numbers of items. The names are those of
/// the type: members that it does not know are never looked at.
pub(crate) fn misfit<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error, json: bool) -> String {
    let mismatch = mismatch(error, json);
    let reader = &mut serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(reader) {
        Err(error) if json && error.inner().is_data() && error.path().iter().next().is_some() => {
            format!("`{}`, at {mismatch}", error.path())
        }
        _ => mismatch,
    }
}

/// The place where a response differs from what was expected, without any content of the response.
pub(crate) fn mismatch(error: &serde_json::Error, json: bool) -> String {
    if !json {
        return "it is not JSON by its content type".to_owned();
    }
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Data => {
            // "invalid type: string \"…\", expected a boolean at line 1 column 9": only what was expected is ours.
            let message = error.to_string();
            let expected = message
                .starts_with("invalid ")
                .then(|| message.rsplit_once(", expected ").map(|(_, expected)| expected))
                .flatten()
                .and_then(|expected| expected.rsplit_once(" at line ").map(|(expected, _)| expected));
            match expected {
                Some(expected) => format!("line {line} column {column} should be {expected}"),
                None => format!("line {line} column {column} does not fit"),
            }
        }
        serde_json::error::Category::Eof => "the JSON breaks off".to_owned(),
        _ => format!("line {line} column {column} is not JSON"),
    }
}
