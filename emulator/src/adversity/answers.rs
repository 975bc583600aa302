//! Answers that stand where the service's own would have been.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::limits::set_retry_after;
use crate::problem::{Kind, Problem};

/// 429 with the envelope, and when to come back.
pub(super) fn too_many_requests(retry_after_s: u64, as_date: bool) -> Response {
    let mut response =
        Problem::new(Kind::RateLimited, "the request was refused by --adversity").into_response();
    set_retry_after(response.headers_mut(), retry_after_s, as_date);
    response
}

/// What proxies say of a service that is not there.
pub(super) fn unavailable() -> Response {
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "503 Service Temporarily Unavailable",
        "The server cannot take the request at this moment.",
    )
}

/// What a content delivery network says of an origin whose answer it cannot make sense of.
pub(super) fn unknown_origin_error() -> Response {
    let status = StatusCode::from_u16(520).unwrap_or(StatusCode::BAD_GATEWAY);
    page(
        status,
        "520: the origin answered something unknown",
        "There is a problem between the network and the host.",
    )
}

fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n\
         <p>{text}</p>\n<hr>\n<p>Made by --adversity of descope-mcp-emulator.</p>\n</body>\n</html>\n"
    );
    let mut response = (status, Body::from(html)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"));
    response
}
