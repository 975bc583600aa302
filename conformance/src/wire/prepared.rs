//! A request as HTTP, ready to be sent. No I/O here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use descope_mcp_operations::find;
use reqwest::{Client, Method, RequestBuilder, header};

use crate::wire::fault::Fault;
use crate::wire::request::{PROJECT, Request, WebCredentials, WebRequest};
use crate::wire::target::Target;

/// A well-formed project id whose time of creation is the beginning of all such times: nobody has it.
const UNMADE_PROJECT: &str = "P000000000000000000000000000";

/// A request as HTTP, with what is said of it.
pub(super) struct Prepared {
    /// The HTTP method.
    pub(super) method: &'static str,
    /// Path and query below the target URL.
    pub(super) path: String,
    /// What to send.
    pub(super) request: RequestBuilder,
    /// How it authenticates, in words that hold no secret.
    pub(super) authorization: &'static str,
    /// The body.
    pub(super) body: Bytes,
}

impl Prepared {
    /// Prepares a request to a target, spoiled if there is a fault.
    pub(super) fn new(http: &Client, target: &Target, request: &Request, fault: Option<&Fault>) -> Self {
        let project = target.project_id.as_str();
        match request {
            Request::Management(operation, json) => {
                let path = find(operation).map(|operation| operation.path.to_owned()).unwrap_or_default();
                let key = target.management_key.expose();
                let mut body = json.to_string();
                if fault == Some(&Fault::CutOff) {
                    body.pop();
                }
                let body = Bytes::from(body);
                let wrong_type = fault == Some(&Fault::AnotherContentType);
                let content_type = if wrong_type { "text/plain" } else { "application/json" };
                let request = post(http, &target.url(&path), content_type, &body);
                let (authorization, request) = match fault {
                    Some(Fault::NoKey) => ("none", request),
                    Some(Fault::WrongKey) => {
                        ("a wrong management key", request.bearer_auth(format!("{project}:K2wrong{project}")))
                    }
                    Some(Fault::WrongScheme) => (
                        "the project's management key by the scheme Basic",
                        request.basic_auth(project, Some(key)),
                    ),
                    Some(Fault::WrongProject) => (
                        "the management key with the id of another project",
                        request.bearer_auth(format!("{UNMADE_PROJECT}:{key}")),
                    ),
                    Some(Fault::EmptyKey) => {
                        ("an empty management key", request.bearer_auth(format!("{project}:")))
                    }
                    Some(Fault::NearKey(near)) => (
                        "a key that is nearly the project's management key",
                        request.bearer_auth(format!("{project}:{}", near.to(key))),
                    ),
                    None
                    | Some(
                        Fault::Without(_)
                        | Fault::Null(_)
                        | Fault::WrongType(_)
                        | Fault::CutOff
                        | Fault::AnotherContentType
                        | Fault::ThroughAnotherServer(_)
                        | Fault::NearId(..),
                    ) => ("the project's management key", request.bearer_auth(format!("{project}:{key}"))),
                };
                Prepared { method: "POST", path, request, authorization, body }
            }
            Request::Web(request) => Self::of_web(http, target, request),
        }
    }

    fn of_web(http: &Client, target: &Target, request: &WebRequest) -> Self {
        let mut path = request.path.replace(PROJECT, target.project_id.as_str());
        let encoded =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.parameters).finish();
        let (mut content_type, mut body) = (None, Bytes::new());
        if let Some(json) = &request.json {
            content_type = Some("application/json");
            body = json.to_string().into();
        } else if request.method == "POST" {
            content_type = Some("application/x-www-form-urlencoded");
            body = encoded.into();
        } else if !encoded.is_empty() {
            path = format!("{path}?{encoded}");
        }
        let method = if request.method == "GET" { Method::GET } else { Method::POST };
        let mut http = http.request(method, target.url(&path));
        if !body.is_empty() {
            http = http.body(body.clone());
        }
        if let Some(content_type) = content_type {
            http = http.header(header::CONTENT_TYPE, content_type);
        }
        let posts_secret = request.parameters.iter().any(|(name, _)| *name == "client_secret");
        let mut authorization = if posts_secret { "client_secret_post" } else { "none" };
        match &request.credentials {
            WebCredentials::None => {}
            WebCredentials::Basic { client_id, secret } => {
                // RFC 6749 section 2.3.1: both halves are form-encoded before they are joined.
                let encode =
                    |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret)));
                http = http.header(header::AUTHORIZATION, format!("Basic {pair}"));
                authorization = "client_secret_basic";
            }
            WebCredentials::AccessToken(token) => {
                http = http.bearer_auth(token);
                authorization = "an access token";
            }
        }
        Prepared { method: request.method, path, request: http, authorization, body }
    }
}

fn post(http: &Client, url: &str, content_type: &'static str, body: &Bytes) -> RequestBuilder {
    http.request(Method::POST, url).header(header::CONTENT_TYPE, content_type).body(body.clone())
}
