//! Who may talk to the control listener.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::{Host, Origin};

use crate::body;
use crate::request_origin::{self, Sender};

/// Lets through what comes from this machine by intent, and marks every answer as not to be kept or framed.
pub(super) async fn admit(request: Request, next: Next) -> Response {
    let mut response = match refusal(request.method(), request.headers()) {
        Some((status, message)) => (status, message).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
        ),
    );
    response
}

fn refusal(method: &Method, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    let Some(own) = request_origin::of_host(headers, "http").filter(is_loopback) else {
        return Some((StatusCode::FORBIDDEN, "the Host must be 127.0.0.1, [::1] or localhost\n"));
    };
    // Programs say nothing of an origin, and they may ask.
    if request_origin::sender(headers, &own) == Sender::OtherPage {
        return Some((StatusCode::FORBIDDEN, "pages of other origins may not ask here\n"));
    }
    if !matches!(*method, Method::GET | Method::HEAD) && !body::is_json(headers) {
        return Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, "the Content-Type must be application/json\n"));
    }
    None
}

fn is_loopback(origin: &Origin) -> bool {
    let Origin::Tuple(_, host, _) = origin else { return false };
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: Method, headers: &[(&'static str, &'static str)]) -> Option<u16> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        refusal(&method, &headers).map(|(status, _)| status.as_u16())
    }

    #[test]
    fn only_loopback_hosts_are_let_in_whatever_they_resolve_to() {
        for host in ["127.0.0.1:9", "127.0.0.1", "[::1]:9", "localhost:9", "LOCALHOST"] {
            assert_eq!(status(Method::GET, &[("host", host)]), None, "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:9",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "127.0.0.1@evil.example",
            "evil.example@127.0.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "[::2]",
            "127.0.0.1/",
        ] {
            assert_eq!(status(Method::GET, &[("host", host)]), Some(403), "{host}");
        }
        assert_eq!(status(Method::GET, &[]), Some(403));
    }

    #[test]
    fn pages_of_other_origins_are_refused_even_to_read() {
        let host = ("host", "127.0.0.1:9");
        for origin in
            ["null", "http://evil.example", "http://127.0.0.1:8", "https://127.0.0.1:9", "http://localhost:9"]
        {
            assert_eq!(status(Method::GET, &[host, ("origin", origin)]), Some(403), "{origin}");
        }
        assert_eq!(status(Method::GET, &[host, ("origin", "http://127.0.0.1:9")]), None);
        assert_eq!(status(Method::GET, &[host, ("sec-fetch-site", "cross-site")]), Some(403));
        assert_eq!(status(Method::GET, &[host, ("sec-fetch-site", "none")]), None);
    }

    #[test]
    fn changes_need_a_content_type_that_forms_do_not_have() {
        let host = ("host", "localhost:9");
        for content_type in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
        {
            assert_eq!(status(Method::POST, &[host, ("content-type", content_type)]), Some(415));
        }
        assert_eq!(status(Method::POST, &[host]), Some(415));
        assert_eq!(status(Method::PUT, &[host, ("content-type", "application/json")]), None);
    }
}
