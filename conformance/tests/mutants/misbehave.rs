//! How a mutant gets between the suite and the emulator: it may change a request on its way in, answer it itself, and
//! change the answer on its way out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A named wrong behaviour.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// Its name, which says what it does wrong.
    pub name: &'static str,
    /// The properties that may catch it. The first one must, whatever plans are drawn.
    pub breaks: &'static [&'static str],
    /// Makes the behaviour, with fresh state.
    pub make: fn() -> Behaviour,
}

/// What a mutant does to requests and answers.
pub type Behaviour = Box<dyn Misbehave>;

/// What a mutant does to requests and answers.
pub trait Misbehave: Send + Sync {
    /// Sees a request before the emulator does. An answer given here is final.
    fn before(&self, _request: &mut Asked) -> Option<Answered> {
        None
    }

    /// How long the emulator has to wait for the request.
    fn delay(&self, _request: &Asked) -> Duration {
        Duration::ZERO
    }

    /// Sees the emulator's answer before the suite does.
    fn after(&self, _request: &Asked, _answer: &mut Answered) {}
}

/// A request.
pub struct Asked {
    /// With its query. May be changed to ask for something else.
    pub path: String,
    pub headers: HeaderMap,
    /// The JSON body, or `Null` for any other.
    pub body: Value,
    /// The body as sent.
    pub raw: Vec<u8>,
}

/// An answer.
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Asked {
    /// Whether it asks for this operation, by the end of its path below `/v1/mgmt/mcp/`.
    pub fn is(&self, operation: &str) -> bool {
        self.path.strip_prefix(MANAGEMENT) == Some(operation)
    }

    /// Whether it asks a token endpoint.
    pub fn is_token(&self) -> bool {
        self.path.ends_with("/token")
    }

    /// A field of the form, or of the query if there is no form.
    pub fn field(&self, name: &str) -> Option<String> {
        let pairs = self.fields();
        pairs.into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// Changes the fields of the form, or of the query if there is no form.
    pub fn change_fields(&mut self, change: impl FnOnce(&mut Vec<(String, String)>)) {
        let mut pairs = self.fields();
        change(&mut pairs);
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        match self.path.split_once('?') {
            Some((path, _)) => self.path = format!("{path}?{encoded}"),
            None => self.raw = encoded.into_bytes(),
        }
    }

    fn fields(&self) -> Vec<(String, String)> {
        let encoded = self.path.split_once('?').map_or(self.raw.as_slice(), |(_, query)| query.as_bytes());
        url::form_urlencoded::parse(encoded).into_owned().collect()
    }

    /// The client secret that a token request presents.
    pub fn presented_secret(&self) -> Option<String> {
        let decode = |text: &str| {
            url::form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, v)| v.into_owned())
        };
        if !self.is_token() {
            return None;
        }
        let header = self.headers.get("authorization").and_then(|value| value.to_str().ok());
        match header.and_then(|value| value.strip_prefix("Basic ")) {
            Some(pair) => {
                let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
                decode(pair.split_once(':')?.1)
            }
            None => self.field("client_secret"),
        }
    }

    /// Presents another secret in the place of that one.
    pub fn present_secret(&mut self, secret: &str) {
        if self.presented_secret().is_none() {
            return;
        }
        let header = self.headers.get("authorization").and_then(|value| value.to_str().ok());
        match header.and_then(|value| value.strip_prefix("Basic ")).map(|pair| STANDARD.decode(pair).unwrap())
        {
            Some(pair) => {
                let pair = String::from_utf8(pair).unwrap();
                let client_id = pair.split_once(':').unwrap().0;
                let value = format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")));
                self.headers.insert("authorization", HeaderValue::from_str(&value).unwrap());
            }
            None => self.change_fields(|fields| {
                fields.iter_mut().filter(|(name, _)| name == "client_secret").for_each(|(_, value)| {
                    *value = secret.to_owned();
                });
            }),
        }
    }

    /// A string member of the body.
    pub fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_default().to_owned()
    }
}

impl Answered {
    /// A token that nobody has a right to.
    pub fn token() -> Self {
        let mut answer =
            Self::json(200, serde_json::json!({"access_token": "a.b.c", "token_type": "Bearer"}));
        answer.headers.insert("cache-control", HeaderValue::from_static("no-store"));
        answer
    }

    /// An answer with a JSON body.
    pub fn json(status: u16, body: Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Self { status, headers, body }
    }
}

/// Changes requests only.
pub struct Before<F>(pub F);

impl<F: Fn(&mut Asked) -> Option<Answered> + Send + Sync> Misbehave for Before<F> {
    fn before(&self, request: &mut Asked) -> Option<Answered> {
        self.0(request)
    }
}

/// Changes answers only.
pub struct After<F>(pub F);

impl<F: Fn(&Asked, &mut Answered) + Send + Sync> Misbehave for After<F> {
    fn after(&self, request: &Asked, answer: &mut Answered) {
        self.0(request, answer);
    }
}

/// A behaviour that changes requests.
pub fn before(change: impl Fn(&mut Asked) + Send + Sync + 'static) -> Behaviour {
    Box::new(Before(move |request: &mut Asked| {
        change(request);
        None
    }))
}

/// A behaviour that answers some requests itself.
pub fn instead(answer: impl Fn(&Asked) -> Option<Answered> + Send + Sync + 'static) -> Behaviour {
    Box::new(Before(move |request: &mut Asked| answer(request)))
}

/// A behaviour that changes answers.
pub fn after(change: impl Fn(&Asked, &mut Answered) + Send + Sync + 'static) -> Behaviour {
    Box::new(After(change))
}

/// Takes descriptions of any length, which the emulator does not: it is given a word for each, and answers hold the text
/// again.
#[derive(Default)]
pub struct LongDescriptions {
    /// Most bytes of a description that are kept, if not all.
    kept: Option<usize>,
    texts: Mutex<Vec<String>>,
}

impl LongDescriptions {
    /// Answers have at most so many bytes of a description.
    pub fn cut(kept: usize) -> Self {
        Self { kept: Some(kept), ..Self::default() }
    }

    /// Longer descriptions are kept from the emulator.
    const MIN_BYTES: usize = 50_000;

    fn word(number: usize) -> String {
        format!("the long description {number}.")
    }
}

impl Misbehave for LongDescriptions {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let member = asked.body.pointer_mut("/server/description");
        if let Some(Value::String(text)) =
            member.filter(|text| text.as_str().is_some_and(|text| text.len() > Self::MIN_BYTES))
        {
            let mut texts = self.texts.lock().unwrap();
            texts.push(std::mem::take(text));
            *text = Self::word(texts.len() - 1);
        }
        None
    }

    fn after(&self, _asked: &Asked, answer: &mut Answered) {
        let texts = self.texts.lock().unwrap();
        let one = answer.body.get_mut("server").map(std::slice::from_mut);
        let records = match one {
            Some(one) => one,
            None => answer
                .body
                .get_mut("servers")
                .and_then(Value::as_array_mut)
                .map_or(&mut [][..], Vec::as_mut_slice),
        };
        for record in records {
            let text = (0..texts.len()).find(|number| record["description"] == *Self::word(*number));
            if let Some(text) = text.map(|number| &texts[number]) {
                record["description"] = text[..self.kept.unwrap_or(text.len()).min(text.len())].into();
            }
        }
    }
}

/// Claims success for an operation and does nothing: asks for `instead` in its place, so that keys are still checked.
pub struct Idle {
    pub operation: &'static str,
    pub instead: &'static str,
}

impl Misbehave for Idle {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        if asked.is(self.operation) {
            asked.path = format!("{MANAGEMENT}{}", self.instead);
            asked.headers.insert("x-idle", HeaderValue::from_static("1"));
        }
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        if asked.headers.contains_key("x-idle") && answer.status == 200 {
            answer.body = serde_json::json!({});
        }
    }
}

const MANAGEMENT: &str = "/v1/mgmt/mcp/";

/// Puts a behaviour around a router.
pub fn wrap(router: Router, behaviour: Behaviour) -> Router {
    let behaviour: Arc<dyn Misbehave> = behaviour.into();
    let pass =
        middleware::from_fn(move |request: Request, next: Next| pass(behaviour.clone(), request, next));
    // Around the router, not in it: a layer inside sees requests only after they have been routed.
    Router::new().fallback_service(router).layer(pass)
}

async fn pass(behaviour: Arc<dyn Misbehave>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let raw = to_bytes(body, usize::MAX).await.expect("the suite sends whole bodies").to_vec();
    let body = serde_json::from_slice(&raw).unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut asked = Asked { path, headers: parts.headers.clone(), body, raw };
    if let Some(answered) = behaviour.before(&mut asked) {
        return respond(answered);
    }
    let delay = behaviour.delay(&asked);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    parts.headers = asked.headers.clone();
    parts.headers.remove("content-length");
    parts.uri = asked.path.parse().expect("a mutant asks for a real path");
    let body = if asked.body.is_null() { asked.raw.clone() } else { asked.body.to_string().into_bytes() };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let raw = to_bytes(body, usize::MAX).await.expect("the emulator answers whole bodies");
    let body = serde_json::from_slice(&raw).unwrap_or_default();
    let mut answered = Answered { status: parts.status.as_u16(), headers: parts.headers, body };
    behaviour.after(&asked, &mut answered);
    respond(answered)
}

fn respond(answered: Answered) -> Response {
    let body = match &answered.body {
        Value::Null => String::new(),
        // A string stands for a body that is no JSON.
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answered.status).expect("a mutant sends a real status");
    *response.headers_mut() = answered.headers;
    response.headers_mut().remove("content-length");
    response
}
