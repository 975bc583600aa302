//! One rewriting layer around the emulator's router for all mutants: it changes what is asked, asks more, and changes what
//! is answered.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use descope_mcp_openapi::Document;
use descope_mcp_operations::find;
use serde_json::Value;
use tower::ServiceExt;

use crate::generate::Mutant;
use crate::in_order::InOrder;
use crate::kind::Kind;
use crate::memory::Memory;
use crate::transcript::Transcript;
use crate::{effects, granted, identifiers, keys, searches, shown, stored};

/// A request.
#[derive(Clone)]
pub struct Asked {
    /// The operation's id; empty if no document has it.
    pub operation: String,
    pub method: Method,
    /// With its query.
    pub path: String,
    pub headers: HeaderMap,
    pub extensions: Extensions,
    /// The JSON body, or `Null` for any other.
    pub body: Value,
    /// The body as sent.
    pub raw: Vec<u8>,
}

/// An answer.
#[derive(Clone)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    /// The JSON body, or `Null` for any other.
    pub body: Value,
    /// The body as received.
    pub raw: Vec<u8>,
}

/// A mutant at work, around an emulator.
pub struct Layer {
    pub mutant: Option<Mutant>,
    emulator: Router,
    memory: Mutex<Memory>,
    acted: AtomicU64,
    transcript: Option<Mutex<Transcript>>,
    in_order: InOrder,
    /// Mutants of which is only noted whether they would act.
    watched: Mutex<Vec<Mutant>>,
    would_act: Mutex<BTreeSet<String>>,
    succeeded: Mutex<BTreeSet<String>>,
}

/// What was seen of a mutant after its run.
#[derive(Clone)]
pub struct Handle(Arc<Layer>);

impl Handle {
    /// How often it did something else than the emulator.
    pub fn acted(&self) -> u64 {
        self.0.acted.load(Ordering::Relaxed)
    }

    /// The names of the watched mutants that would have done something else than the emulator.
    pub fn would_act(&self) -> BTreeSet<String> {
        self.0.would_act.lock().unwrap().clone()
    }

    /// The operations that have succeeded.
    pub fn succeeded(&self) -> BTreeSet<String> {
        self.0.succeeded.lock().unwrap().clone()
    }

    /// What the suite saw, if it was recorded.
    pub fn transcript(&self) -> u64 {
        self.0.transcript.as_ref().map_or(0, |transcript| transcript.lock().unwrap().digest())
    }
}

/// Puts a mutant, or nothing, around a router, and notes what the watched mutants would do.
pub fn wrap(router: Router, mutant: Option<Mutant>, watched: Vec<Mutant>, records: bool) -> (Router, Handle) {
    let transcript = records.then(Mutex::default);
    let layer = Arc::new(Layer {
        mutant,
        emulator: router,
        memory: Mutex::default(),
        acted: AtomicU64::new(0),
        transcript,
        in_order: InOrder::default(),
        watched: Mutex::new(watched),
        would_act: Mutex::default(),
        succeeded: Mutex::default(),
    });
    let handle = Handle(layer.clone());
    let serve = move |request: Request| {
        let layer = layer.clone();
        async move { layer.serve(request).await }
    };
    (Router::new().fallback(serve), handle)
}

impl Layer {
    async fn serve(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let raw = to_bytes(body, usize::MAX).await.expect("the suite sends whole bodies").to_vec();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let of_path = path.split('?').next().unwrap_or_default();
        let operation = [Document::management(), Document::authorization_server()]
            .into_iter()
            .find_map(|document| document.operation_by_path(parts.method.as_str(), of_path))
            .map(|operation| operation.id.clone())
            .unwrap_or_default();
        let body = serde_json::from_slice(&raw).unwrap_or_default();
        let (method, headers, extensions) = (parts.method, parts.headers, parts.extensions);
        let asked = Asked { operation, method, path, headers, extensions, body, raw };
        let _turn = match self.transcript {
            Some(_) => Some(self.in_order.turn_of(&asked).await),
            None => None,
        };
        self.watch(&asked, None);
        let answered = self.answer(asked.clone()).await;
        self.watch(&asked, Some(&answered));
        if answered.status < 400 {
            self.succeeded.lock().unwrap().insert(asked.operation.clone());
        }
        if let Some(transcript) = &self.transcript {
            transcript.lock().unwrap().add(&asked, &answered);
        }
        let mut response = Response::new(Body::from(answered.raw));
        *response.status_mut() = StatusCode::from_u16(answered.status).expect("a status");
        *response.headers_mut() = answered.headers;
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response
    }

    async fn answer(&self, asked: Asked) -> Answered {
        let Some(mutant) = self.mutant.as_ref().filter(|mutant| mutant.operation == asked.operation) else {
            return self.ask(asked).await;
        };
        let pointer = &mutant.pointer;
        match mutant.kind {
            Kind::Stored(kind) => {
                let body = stored::changed(&self.memory(), kind, pointer, &asked);
                self.ask_with(asked, body).await
            }
            Kind::Shown(kind) => {
                let request = asked.body.clone();
                let answered = self.ask(asked).await;
                let body = shown::changed(&self.memory(), kind, pointer, &request, &answered);
                self.answer_with(answered, body)
            }
            Kind::Looked(kind) => {
                let body = identifiers::changed(&self.memory(), kind, pointer, &asked);
                self.ask_with(asked, body).await
            }
            Kind::Searched(kind) => searches::filtered(self, kind, pointer, asked).await,
            Kind::Paged(kind) => searches::paged(self, kind, asked).await,
            Kind::Key(kind) => {
                let right = keys::in_place_of(&self.memory(), kind, &asked);
                self.ask(match right {
                    Some(right) => {
                        self.act();
                        with_key(asked, right)
                    }
                    None => asked,
                })
                .await
            }
            Kind::Effect(kind) => effects::answer(self, kind, asked).await,
            Kind::Granted(kind) => granted::answer(self, kind, asked).await,
        }
    }

    /// Notes which of the watched mutants would act on a request, or on its response.
    fn watch(&self, asked: &Asked, answered: Option<&Answered>) {
        let memory = self.memory();
        self.watched.lock().unwrap().retain(|mutant| {
            if mutant.operation != asked.operation {
                return true;
            }
            let pointer = &mutant.pointer;
            let acts = match (mutant.kind, answered) {
                (Kind::Stored(kind), None) => stored::changed(&memory, kind, pointer, asked) != asked.body,
                (Kind::Looked(kind), None) => {
                    identifiers::changed(&memory, kind, pointer, asked) != asked.body
                }
                (Kind::Key(kind), None) => keys::in_place_of(&memory, kind, asked).is_some(),
                (Kind::Shown(kind), Some(answered)) => {
                    shown::changed(&memory, kind, pointer, &asked.body, answered) != answered.body
                }
                _ => false,
            };
            if acts {
                self.would_act.lock().unwrap().insert(mutant.name());
            }
            !acts
        });
    }

    /// Asks the emulator, and remembers what it shows.
    pub async fn ask(&self, asked: Asked) -> Answered {
        let body = if asked.body.is_null() { asked.raw.clone() } else { asked.body.to_string().into_bytes() };
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = asked.method.clone();
        *request.uri_mut() = asked.path.parse().expect("a path");
        *request.headers_mut() = asked.headers.clone();
        request.headers_mut().remove(header::CONTENT_LENGTH);
        *request.extensions_mut() = asked.extensions.clone();
        let response = self.emulator.clone().oneshot(request).await.expect("the emulator answers");
        let (parts, body) = response.into_parts();
        let raw = to_bytes(body, usize::MAX).await.expect("the emulator answers whole bodies").to_vec();
        let body: Value = serde_json::from_slice(&raw).unwrap_or_default();
        if parts.status == StatusCode::OK && find(&asked.operation).is_some() {
            let mut memory = self.memory();
            memory.key = asked.headers.get(header::AUTHORIZATION).cloned();
            memory.learn(&asked.operation, &asked.body, &body);
        }
        let answered = Answered { status: parts.status.as_u16(), headers: parts.headers, body, raw };
        granted::learn(&mut self.memory().grants, &asked, &answered);
        answered
    }

    /// Asks for a management operation, with the right key and as if it came with that request.
    pub async fn ask_also(&self, with: &Asked, operation: &str, body: Value) -> Answered {
        let path = find(operation).expect("an operation of the table").path.to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = self.memory().key.clone() {
            headers.insert(header::AUTHORIZATION, key);
        }
        self.ask(Asked {
            operation: operation.to_owned(),
            method: Method::POST,
            path,
            headers,
            extensions: with.extensions.clone(),
            body,
            raw: Vec::new(),
        })
        .await
    }

    /// What is remembered.
    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    /// Notes that the mutant did something else than the emulator.
    pub fn act(&self) {
        self.acted.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks with another body, and notes it if it differs.
    pub async fn ask_with(&self, mut asked: Asked, body: Value) -> Answered {
        if asked.body != body {
            self.act();
            asked.body = body;
        }
        self.ask(asked).await
    }

    /// Answers with another body, and notes it if it differs.
    pub fn answer_with(&self, mut answered: Answered, body: Value) -> Answered {
        if answered.body != body {
            self.act();
            answered.raw = body.to_string().into_bytes();
            answered.body = body;
        }
        answered
    }
}

fn with_key(mut asked: Asked, key: HeaderValue) -> Asked {
    asked.headers.insert(header::AUTHORIZATION, key);
    asked
}

impl Answered {
    /// A success with that body.
    pub fn success(body: Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { status: 200, headers, raw: body.to_string().into_bytes(), body }
    }
}

impl Asked {
    /// Its header `Authorization`.
    pub fn authorization(&self) -> Option<&str> {
        self.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
    }
}
