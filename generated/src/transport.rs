//! Between the machine-written client and the network: what every request gets, and what becomes of every answer.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use progenitor_client::{ClientHooks, OperationInfo, ResponseValue};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::zeroize::Zeroizing;

use crate::credentials::{ManagementKey, ProjectId};
use crate::error::{Details, Error, ErrorKind};
use crate::generated::{Client, types};
use crate::operation::OperationFacts;
use crate::preview::{preview, without_known};

/// Most of an error body that is read. An envelope has a few hundred bytes; a page of a proxy some thousands.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// Header that the generated code adds to every request and that Descope does not ask for.
const API_VERSION: &str = "api-version";

/// What all calls of a client share.
pub(crate) struct Shared {
    authorization: HeaderValue,
    key: ManagementKey,
}

impl Shared {
    pub(crate) fn new(
        project_id: &ProjectId,
        key: ManagementKey,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let text = Zeroizing::new(format!("Bearer {project_id}:{}", key.expose()).into_bytes());
        // The header refers to memory that is wiped when the last copy of it goes.
        let mut authorization = HeaderValue::from_maybe_shared(Bytes::from_owner(text))?;
        authorization.set_sensitive(true);
        Ok(Self { authorization, key })
    }
}

/// State of a machine-written client: what is shared by all calls, and what one call finds out.
#[derive(Clone)]
pub struct Inner {
    shared: Arc<Shared>,
    seen: Arc<Mutex<Seen>>,
}

/// What the transport saw of an answer that the machine-written code does not pass on.
#[derive(Default)]
struct Seen {
    status: Option<u16>,
    content_type: Option<String>,
    refusal: Option<Refusal>,
}

/// An answer other than a success.
#[derive(Default, Clone)]
struct Refusal {
    code: Option<String>,
    description: Option<String>,
    message: Option<String>,
    preview: Option<String>,
}

impl Inner {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, seen: Arc::default() }
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        // A panic while noting leaves nothing half-done that a later call could see.
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

impl ClientHooks<Inner> for Client {
    async fn exec(
        &self,
        mut request: reqwest::Request,
        _info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(AUTHORIZATION, self.inner.shared.authorization.clone());

        let response = self.client.execute(request).await?;
        let status = response.status();
        let content_type =
            response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        self.inner.note(|seen| {
            *seen = Seen { status: Some(status.as_u16()), content_type, refusal: None };
        });
        if status.is_success() {
            return Ok(response);
        }
        Ok(self.inner.refused(response).await)
    }
}

impl Inner {
    /// Reads an error answer, and puts an envelope in its place if it was not one: the machine-written code would
    /// lose the status of anything else.
    async fn refused(&self, mut response: reqwest::Response) -> reqwest::Response {
        let body = read_at_most(&mut response, MAX_ERROR_BODY).await;
        let key = self.shared.key.expose();
        let envelope = serde_json::from_slice::<types::Error>(&body).ok();
        let refusal = match envelope {
            Some(envelope) => {
                let shown = |text: Option<String>| {
                    text.filter(|text| !text.is_empty()).map(|text| without_known(&text, &[key]))
                };
                Refusal {
                    code: shown(envelope.error_code),
                    description: shown(envelope.error_description),
                    message: shown(envelope.error_message),
                    preview: None,
                }
            }
            None => Refusal {
                preview: Some(preview(&body, &[key])).filter(|text| !text.is_empty()),
                ..Refusal::default()
            },
        };
        let replacement = types::Error {
            error_code: refusal.code.clone(),
            error_description: refusal.description.clone().or_else(|| refusal.preview.clone()),
            error_message: refusal.message.clone(),
            ..types::Error::default()
        };
        self.note(|seen| seen.refusal = Some(refusal));

        let mut answer = http::Response::new(serde_json::to_vec(&replacement).unwrap_or_default());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        reqwest::Response::from(answer)
    }
}

/// The body, or as much of it as could be had: an error page that breaks off still says something.
async fn read_at_most(response: &mut reqwest::Response, limit: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == limit {
            break;
        }
    }
    body
}

/// One call of one operation.
pub(crate) struct Call {
    facts: &'static OperationFacts,
    raw: Client,
}

impl Call {
    pub(crate) fn new(facts: &'static OperationFacts, raw: Client) -> Self {
        Self { facts, raw }
    }

    /// The client to make the call with.
    pub(crate) fn raw(&self) -> &Client {
        &self.raw
    }

    /// The answer, or what went wrong in terms of this crate.
    pub(crate) fn finish<T, E>(
        &self,
        result: Result<ResponseValue<T>, progenitor_client::Error<E>>,
    ) -> Result<T, Error> {
        use progenitor_client::Error as Raw;

        let error = match result {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(error) => error,
        };
        let seen = std::mem::take(&mut *self.raw.inner.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let mut details = Details { status: seen.status, ..Details::default() };
        if let (Some(status), Some(refusal)) = (seen.status, seen.refusal) {
            details.code = refusal.code;
            details.description = refusal.description;
            details.message = refusal.message;
            details.preview = refusal.preview;
            return Err(Error::new(self.facts, ErrorKind::of_status(status), details));
        }
        let kind = match error {
            Raw::CommunicationError(source)
            | Raw::ResponseBodyError(source)
            | Raw::InvalidUpgrade(source) => {
                let kind = if source.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
                details.source = Some(source);
                kind
            }
            // The body is dropped unseen, and so is the parser's message: both can hold a secret.
            Raw::InvalidResponsePayload(_, error) => {
                details.detail = Some(mismatch(&error, seen.content_type.as_deref()));
                ErrorKind::UnexpectedBody
            }
            Raw::UnexpectedResponse(_) | Raw::ErrorResponse(_) => ErrorKind::UnexpectedStatus,
            Raw::InvalidRequest(message) | Raw::Custom(message) => {
                details.detail = Some(without_known(&message, &[self.raw.inner.shared.key.expose()]));
                ErrorKind::InvalidRequest
            }
        };
        Err(Error::new(self.facts, kind, details))
    }

    /// Insists on something that a success must have.
    pub(crate) fn require(&self, present: bool, member: &str) -> Result<(), Error> {
        if present {
            return Ok(());
        }
        let status = self.raw.inner.seen.lock().unwrap_or_else(PoisonError::into_inner).status;
        let detail = Some(format!("`{member}` is missing or empty"));
        Err(Error::new(
            self.facts,
            ErrorKind::UnexpectedBody,
            Details { status, detail, ..Details::default() },
        ))
    }
}

/// Where an answer stopped being what was expected, without a word of the answer.
fn mismatch(error: &serde_json::Error, content_type: Option<&str>) -> String {
    let json = content_type.is_none_or(|content_type| content_type.to_ascii_lowercase().contains("json"));
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
