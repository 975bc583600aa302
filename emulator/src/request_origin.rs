//! Which page made a browser send a request: the rule of the consent page and of the control listener.
//!
//! A web page can make a browser send requests to any address, and can point a host name of its own at this machine (DNS
//! rebinding). It cannot choose the headers that are read here: `Host`, `Origin` and `Sec-Fetch-Site`.

use axum::http::{HeaderMap, HeaderName, header};
use url::{Origin, Url};

/// Who made a browser send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A page of the expected origin.
    OwnPage,
    /// The headers do not say: a program, or a browser that follows a link or a typed address.
    Unknown,
    /// A page of another origin, or one that hides its origin.
    OtherPage,
}

/// Who sent the request, given the origin of our own pages.
pub(crate) fn sender(headers: &HeaderMap, own: &Origin) -> Sender {
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Sender::OtherPage;
    }
    if !headers.contains_key(header::ORIGIN) {
        return Sender::Unknown;
    }
    match only(headers, header::ORIGIN).and_then(origin) {
        Some(origin) if origin == *own => Sender::OwnPage,
        _ => Sender::OtherPage,
    }
}

/// The origin whose pages are served to a browser that sends this `Host`, under this scheme.
pub(crate) fn of_host(headers: &HeaderMap, scheme: &str) -> Option<Origin> {
    origin(&format!("{scheme}://{}", only(headers, header::HOST)?))
}

/// Scheme, host and port, in any case and with or without a default port. `None` for any other text, such as `null` or
/// a URL with a path.
pub(crate) fn origin(text: &str) -> Option<Origin> {
    let url = Url::parse(text).ok()?;
    let has_more = url.path() != "/"
        || text.ends_with('/')
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some();
    Some(url.origin()).filter(|origin| origin.is_tuple() && !has_more)
}

/// The header's value, if there is exactly one.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port_and_nothing_else() {
        let own = origin("http://a.example:80").unwrap();
        for same in ["http://a.example", "HTTP://A.EXAMPLE:80", "http://a.example:080"] {
            assert_eq!(origin(same), Some(own.clone()), "{same}");
        }
        for other in
            ["https://a.example", "http://a.example:81", "http://b.example", "http://a.example.b.example"]
        {
            assert_ne!(origin(other), Some(own.clone()), "{other}");
        }
        for none in [
            "",
            "null",
            "a.example",
            "data:text/html,x",
            "file:///a",
            "http://",
            "http://a.example/",
            "http://a.example/x",
            "http://a.example?x",
            "http://a.example#x",
            "http://u@a.example",
            "http://u:p@a.example",
            r"http://a.example\@b.example",
        ] {
            assert_eq!(origin(none), None, "{none}");
        }
    }

    #[test]
    fn a_sender_is_known_by_one_origin_that_no_other_header_contradicts() {
        let own = origin("http://a.example").unwrap();
        let of = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), *value));
            let headers =
                headers.map(|(name, value): (HeaderName, _)| (name, HeaderValue::from_static(value)));
            sender(&headers.collect(), &own)
        };
        assert_eq!(of(&[("origin", "http://a.example")]), Sender::OwnPage);
        assert_eq!(of(&[("origin", "http://a.example"), ("sec-fetch-site", "same-origin")]), Sender::OwnPage);
        assert_eq!(of(&[]), Sender::Unknown);
        assert_eq!(of(&[("sec-fetch-site", "none")]), Sender::Unknown);
        for other in [
            &[("origin", "null")][..],
            &[("origin", "http://b.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("origin", "http://a.example"), ("sec-fetch-site", "same-site")],
            &[("origin", "http://a.example"), ("origin", "http://a.example")],
        ] {
            assert_eq!(of(other), Sender::OtherPage, "{other:?}");
        }
    }
}
