//! Makes bad requests of good ones: malformed, mistyped, oversized, truncated, mis-encoded.

use serde_json::{Value, json};

use super::corpus::Request;
use super::dice::Dice;

/// Bytes to send, and how.
pub(crate) struct Sent {
    pub(crate) bytes: Vec<u8>,
    /// Whether the bytes are one well-formed HTTP request, so that the connection can carry another.
    pub(crate) framed: bool,
}

const METHODS: [&str; 11] =
    ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "post", "POST", "MKCOL"];
const CONTENT_TYPES: [&[u8]; 11] = [
    b"text/plain",
    b"application/json; charset=utf-16",
    b"multipart/form-data; boundary=x",
    b"",
    b"application/jsonx",
    b"application/json",
    b"application/x-www-form-urlencoded",
    b";;;",
    b"\xff\xfe",
    b"application/json, text/html",
    b"APPLICATION/JSON;a=\"",
];
const HEADERS: [(&str, &[u8]); 22] = [
    ("Authorization", b""),
    ("Authorization", b"Bearer"),
    ("Authorization", b"Bearer :"),
    ("Authorization", b"Bearer a:b:c:d"),
    ("Authorization", b"Basic !!!"),
    ("Authorization", b"Basic OjpB"),
    ("Authorization", b"Basic /////w=="),
    ("Authorization", b"\xc3\xa9 \xff"),
    ("Authorization", b"DPoP eyJ.eyJ.x"),
    ("Content-Encoding", b"gzip"),
    ("Accept", b"text/html;q=2, */*;q=x"),
    ("Accept-Encoding", b"br;q=0, identity;q=0"),
    ("Cookie", b"\xff=\xfe; a"),
    ("Origin", b"null"),
    ("Sec-Fetch-Site", b"cross-site"),
    ("X-Forwarded-Host", b"evil.example"),
    ("X-Forwarded-Proto", b"https"),
    ("Range", b"bytes=0-0,9999999999999999999999-"),
    ("If-None-Match", b"*"),
    ("Expect", b"100-continue"),
    ("Upgrade", b"h2c"),
    ("x-descope-license", b"tier9\t"),
];
const TEXTS: [&str; 14] = [
    "",
    "\u{0}",
    "\u{feff}",
    "../../..",
    "' OR 1=1 --",
    "%00",
    "\u{202e}abc",
    "🦀🦀🦀",
    "null",
    "-1",
    "1e999",
    "javascript:alert(1)",
    "https://127.0.0.1:1/document",
    "http://[::1",
];

pub(crate) fn bad(dice: &mut Dice, good: &Request) -> Sent {
    if dice.once_in(12) {
        return Sent { bytes: noise(dice, good), framed: false };
    }
    let mut request = good.clone();
    if dice.once_in(12) {
        // As it is, so that bad ones meet a state that changes.
        return Sent { bytes: wire(&request), framed: true };
    }
    for _ in 0..=dice.below(3) {
        match dice.below(9) {
            0..=2 => change_json(dice, &mut request),
            3 => change_bytes(dice, &mut request.body),
            4 => change_pairs(dice, &mut request),
            5 => change_path(dice, &mut request),
            6 => {
                request.headers.retain(|(name, _)| name != "Content-Type");
                request.headers.push((String::from("Content-Type"), dice.pick(&CONTENT_TYPES).to_vec()));
            }
            7 => change_headers(dice, &mut request),
            _ => request.method = (*dice.pick(&METHODS)).to_owned(),
        }
    }
    Sent { bytes: wire(&request), framed: true }
}

/// The request as bytes.
pub(crate) fn wire(request: &Request) -> Vec<u8> {
    let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Host")) {
        bytes.extend_from_slice(b"Host: fuzz\r\n");
    }
    for (name, value) in &request.headers {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend(value.iter().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)));
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", request.body.len()).as_bytes());
    bytes.extend_from_slice(&request.body);
    bytes
}

fn change_json(dice: &mut Dice, request: &mut Request) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) else {
        return change_bytes(dice, &mut request.body);
    };
    let places = pointers(&body);
    let place = dice.pick(&places).clone();
    let Some(value) = body.pointer_mut(&place) else { return };
    match (dice.below(8), value) {
        (0, Value::Object(members)) => {
            let name = members.keys().next().cloned();
            name.and_then(|name| members.remove(&name));
        }
        (1, Value::Object(members)) => {
            members.insert((*dice.pick(&TEXTS)).to_owned(), strange(dice));
        }
        (2, Value::Array(items)) => {
            let item = items.first().cloned().unwrap_or_else(|| strange(dice));
            items.extend(std::iter::repeat_n(item, dice.below(3000)));
        }
        (_, value) => *value = strange(dice),
    }
    request.body = body.to_string().into_bytes();
    if dice.once_in(10) {
        // The same member twice.
        let doubled = request.body.strip_prefix(b"{").map(|rest| [b"{\"id\":null,\"id\":1,", rest].concat());
        request.body = doubled.unwrap_or_default();
    }
}

fn strange(dice: &mut Dice) -> Value {
    match dice.below(13) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1e300),
        4 => json!(u64::MAX),
        5 => json!(1.5),
        6 => json!([]),
        7 => json!({}),
        8 => json!([{"name": 1}, null, [[]]]),
        9 => json!(dice.pick(&TEXTS)),
        10 => {
            let letter = *dice.pick(&["a", "é", "\u{10ffff}", "\"", "\\"]);
            let length = *dice.pick(&[100, 10_000, 300_000]);
            json!(letter.repeat(length / letter.len()))
        }
        11 => (0..*dice.pick(&[10, 70, 120])).fold(json!(1), |inner, _| json!([inner])),
        _ => (0..200).map(|n| (format!("m{n}"), json!(n))).collect(),
    }
}

/// The place of every value in the body.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, inner)| (name.replace('~', "~0").replace('/', "~1"), inner)).collect()
        }
        Value::Array(items) => {
            items.iter().take(3).enumerate().map(|(n, inner)| (n.to_string(), inner)).collect()
        }
        _ => Vec::new(),
    };
    for (name, inner) in inner {
        found.extend(pointers(inner).into_iter().map(|below| format!("/{name}{below}")));
    }
    found
}

fn change_bytes(dice: &mut Dice, bytes: &mut Vec<u8>) {
    match dice.below(8) {
        0 => bytes.truncate(dice.below(bytes.len() + 1)),
        1 => {
            for _ in 0..=dice.below(8) {
                let at = dice.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = dice.next() as u8;
                }
            }
        }
        2 => *bytes = String::from_utf8_lossy(bytes).encode_utf16().flat_map(u16::to_le_bytes).collect(),
        3 => bytes.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
        4 => bytes.extend(std::iter::repeat_n(b' ', *dice.pick(&[1, 1000, 300_000]))),
        5 => *bytes = vec![b'['; *dice.pick(&[10, 100_000])],
        6 => {
            let again = bytes.clone();
            bytes.extend(again);
        }
        _ => *bytes = (0..dice.below(500)).map(|_| dice.next() as u8).collect(),
    }
}

/// Changes the pairs of the query, or those of the body if it is a form.
fn change_pairs(dice: &mut Dice, request: &mut Request) {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let path = path.to_owned();
    let in_body = query.is_empty() && !request.body.starts_with(b"{");
    let pairs = if in_body { String::from_utf8_lossy(&request.body).into_owned() } else { query.to_owned() };
    let mut pairs: Vec<String> = pairs.split('&').map(str::to_owned).collect();
    let at = dice.below(pairs.len());
    match dice.below(6) {
        0 => drop(pairs.remove(at)),
        1 => pairs.push(pairs[at].clone()),
        2 => {
            let name = pairs[at].split('=').next().unwrap_or_default().to_owned();
            let value = *dice.pick(&[
                "",
                "%",
                "%zz",
                "%ff%fe",
                "%00",
                "a%20b%0d%0aX:1",
                "+",
                "https://[",
                "%F0%9F%A6%80",
            ]);
            pairs[at] = format!("{name}={value}");
        }
        3 => pairs[at].push_str(&"x".repeat(*dice.pick(&[100, 9_000]))),
        4 => pairs.extend((0..*dice.pick(&[10, 500])).map(|n| format!("p{n}={n}"))),
        _ => pairs = vec![String::from("=&&=&;%")],
    }
    let pairs = pairs.join("&");
    if in_body {
        request.body = pairs.into_bytes();
    } else {
        request.target = format!("{path}?{pairs}");
    }
}

fn change_path(dice: &mut Dice, request: &mut Request) {
    let (path, query) = match request.target.split_once('?') {
        Some((path, query)) => (path.to_owned(), format!("?{query}")),
        None => (request.target.clone(), String::new()),
    };
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    let at = dice.below(segments.len());
    match dice.below(6) {
        0 => {
            segments[at] =
                (*dice.pick(&["", "..", ".", "%00", "%ff", "%2f", "%", "a%20b", "*", "{project}", "MSnone"]))
                    .to_owned()
        }
        1 => drop(segments.remove(at)),
        2 => segments.insert(at, String::from("x")),
        3 => segments[at] = "y".repeat(*dice.pick(&[300, 20_000, 70_000])),
        4 => segments[at] = segments[at].chars().rev().collect(),
        _ => segments.push(String::new()),
    }
    request.target = format!("{}{query}", segments.join("/"));
    if !request.target.starts_with('/') {
        request.target.insert(0, '/');
    }
}

fn change_headers(dice: &mut Dice, request: &mut Request) {
    match dice.below(5) {
        0 => request.headers.clear(),
        1 => {
            let count = *dice.pick(&[10, 90, 300]);
            request.headers.extend((0..count).map(|n| (format!("X-{n}"), b"v".to_vec())));
        }
        2 => request.headers.push((String::from("X-Long"), vec![b'v'; *dice.pick(&[1_000, 70_000])])),
        _ => {
            let (name, value) = *dice.pick(&HEADERS);
            if dice.once_in(2) {
                request.headers.retain(|(held, _)| held != name);
            }
            request.headers.push((name.to_owned(), value.to_vec()));
        }
    }
}

/// Bytes that are no HTTP request, or a broken one.
fn noise(dice: &mut Dice, good: &Request) -> Vec<u8> {
    let whole = wire(good);
    let head =
        |lines: &str| format!("{} {} HTTP/1.1\r\nHost: a\r\n{lines}", good.method, good.target).into_bytes();
    match dice.below(13) {
        0 => whole[..dice.below(whole.len())].to_vec(),
        1 => (0..dice.below(2000)).map(|_| dice.next() as u8).collect(),
        2 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        3 => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        4 => b"GET /\r\n".to_vec(),
        5 => head("Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
        6 => head("Content-Length: -1\r\n\r\n"),
        7 => head("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
        8 => head("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc"),
        9 => head("Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabcXX0\r\n\r\n"),
        10 => head("Content-Length: 100000000000\r\n\r\n{"),
        11 => head("X: a\0b\r\n: c\r\n\r\n"),
        _ => {
            let mut bytes = whole;
            for _ in 0..=dice.below(20) {
                let at = dice.below(bytes.len());
                bytes[at] = dice.next() as u8;
            }
            bytes
        }
    }
}
