//! The page that asks the user, and what becomes of the answer.

use axum::http::StatusCode;
use serde_json::json;

use super::*;

const CONSENT: &str = "/oauth2/v1/apps/consent";
/// The host of [`Harness::PUBLIC_URL`].
const HOST: &str = "emulator.example.com";

/// Answers the page as a browser does.
pub(super) async fn answer(flow: &Flow, ticket: &str, more: &str) -> Answer {
    answer_with(flow, &[("host", HOST), ("origin", Harness::PUBLIC_URL)], &format!("ticket={ticket}&{more}"))
        .await
}

async fn answer_with(flow: &Flow, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = [headers, &[("content-type", FORM)]].concat();
    flow.emulator.raw_with(CONSENT, &headers, body).await
}

#[tokio::test]
async fn it_shows_who_asks_for_what_and_where_the_browser_goes() {
    let flow = Flow::new().await;
    let page = flow.authorize(&flow.request()).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "Agent",
        "Orders",
        "Demo User",
        "<strong>app.example</strong>",
        "Read your orders",
        "Change your orders",
        RESOURCE,
    ] {
        assert!(page.text.contains(part), "{part}");
    }
    assert_eq!(page.text.matches("type=\"checkbox\" checked disabled").count(), 1, "read is mandatory");
    assert_eq!(page.text.matches("name=\"scope\" value=\"write\" checked").count(), 1, "write is optional");
    assert!(!page.text.contains("<script") && !page.text.contains("Runs on this device"));
    assert_eq!(after(&page.text, "action=\""), CONSENT);
}

#[tokio::test]
async fn nothing_may_embed_it_run_in_it_or_keep_it() {
    let flow = Flow::new().await;
    let page = flow.authorize(&flow.request()).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let style = &page.text[page.text.find("<style>").unwrap() + 7..page.text.find("</style>").unwrap()];
    use base64::Engine;
    let hash =
        base64::engine::general_purpose::STANDARD.encode(crate::authorization::secret_text::sha256(style));
    assert!(policy.contains(&hash), "the browser would not apply the style");
}

#[tokio::test]
async fn hostile_names_are_text_and_cannot_hide_the_rest() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}";
    let long = "A".repeat(5_000);
    for name in [hostile, &long] {
        let members = json!({
            "name": name,
            "logo": "javascript:alert(1)",
            "approvedCallbackUrls": [REDIRECT],
        });
        let mut target = server();
        target["name"] = json!(name);
        let scope = hostile.replace(' ', "/");
        target["approvedScopes"]["permissionsScopes"][0] = json!({"name": scope, "description": name});
        let flow = Flow::of(Harness::new(), target, members).await;
        let page = flow.authorize(&flow.request().without("scope")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(
            !page.text.contains("<script") && !page.text.contains("<img") && !page.text.contains('\u{202e}')
        );
        assert!(!page.text.contains("javascript:") && page.text.contains("&#60;script&#62;alert(1)"));
        assert!(page.text.len() < 20_000, "{}", page.text.len());
    }
}

#[tokio::test]
async fn a_client_on_the_users_machine_only_gets_a_warning() {
    let uris = json!(["http://127.0.0.1/cb", "http://localhost:1/cb"]);
    let members =
        json!({"name": "c", "logo": "https://a.example/l.png?a=1&b=2", "approvedCallbackUrls": uris});
    let flow = Flow::of(Harness::new(), server(), members).await;
    let page = flow.authorize(&flow.request().with("redirect_uri", "http://127.0.0.1:7777/cb")).await;
    assert!(page.text.contains("Runs on this device") && page.text.contains("127.0.0.1:7777"));
    assert!(page.text.contains("src=\"https://a.example/l.png?a=1&#38;b=2\""), "{}", page.text);
}

#[tokio::test]
async fn approval_yields_a_code_for_the_mandatory_and_the_ticked_scopes() {
    let flow = Flow::new().await;
    for (ticked, scope) in [
        ("scope=write&decision=approve", "read write"),
        ("decision=approve", "read"),
        ("scope=admin&scope=openid&decision=approve", "read"),
    ] {
        let page = flow.authorize(&flow.request()).await;
        let back = answer(&flow, &ticket(&page), ticked).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
        assert_eq!(query(&back, "state").unwrap(), "s t&a=te");
        assert_eq!(query(&back, "iss").unwrap(), flow.issuer());
        let tokens = flow.token(&flow.redemption(&query(&back, "code").unwrap())).await;
        assert_eq!(tokens.body["scope"], scope);
    }
}

#[tokio::test]
async fn denial_and_granting_nothing_go_back_as_access_denied() {
    let flow = Flow::new().await;
    for (scope, decision) in [("read write", "scope=write&decision=deny"), ("write", "decision=approve")] {
        let page = flow.authorize(&flow.request().with("scope", scope)).await;
        let back = answer(&flow, &ticket(&page), decision).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
        assert_eq!(query(&back, "error").unwrap(), "access_denied");
        assert_eq!(query(&back, "state").unwrap(), "s t&a=te");
        assert_eq!((query(&back, "iss"), query(&back, "code")), (Some(flow.issuer()), None));
    }
}

#[tokio::test]
async fn a_ticket_is_good_once_for_ten_minutes_and_cannot_be_made_up() {
    let flow = Flow::new().await;
    let page = flow.authorize(&flow.request()).await;
    let ticket = ticket(&page);
    assert_eq!(answer(&flow, &ticket, "decision=maybe").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer(&flow, &ticket, "decision=deny").await.status, StatusCode::SEE_OTHER);
    assert_eq!(answer(&flow, &ticket, "decision=approve").await.status, StatusCode::BAD_REQUEST);
    for made_up in ["", "x", &"a".repeat(43)] {
        assert_eq!(answer(&flow, made_up, "decision=approve").await.status, StatusCode::BAD_REQUEST);
    }
    let late = super::ticket(&flow.authorize(&flow.request()).await);
    flow.emulator.state().clock.advance(600);
    assert_eq!(answer(&flow, &late, "decision=approve").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_counts_only_from_the_page_at_the_public_url_and_another_does_not_use_up_the_ticket() {
    const ORIGIN: (&str, &str) = ("origin", Harness::PUBLIC_URL);
    const OWN_HOST: (&str, &str) = ("host", HOST);
    let flow = Flow::new().await;
    let ticket = ticket(&flow.authorize(&flow.request()).await);
    let body = format!("ticket={ticket}&decision=approve");
    for foreign in [
        // No origin, or one that is hidden.
        &[OWN_HOST][..],
        &[OWN_HOST, ("sec-fetch-site", "same-origin")],
        &[OWN_HOST, ("origin", "null")],
        &[OWN_HOST, ("origin", "")],
        &[OWN_HOST, ("origin", "https://evil.example")],
        &[OWN_HOST, ("origin", "http://emulator.example.com")],
        &[OWN_HOST, ("origin", "https://emulator.example.com:8443")],
        &[OWN_HOST, ("origin", "https://emulator.example.com.evil.example")],
        &[OWN_HOST, ("origin", "https://emulator.example.com@evil.example")],
        &[OWN_HOST, ("origin", "https://emulator.example.com/")],
        &[OWN_HOST, ORIGIN, ("origin", "https://evil.example")],
        // A name that somebody points at this machine.
        &[ORIGIN],
        &[ORIGIN, ("host", "evil.example")],
        &[ORIGIN, ("host", "emulator.example.com:8443")],
        &[ORIGIN, OWN_HOST, ("host", "evil.example")],
        &[("host", "evil.example"), ("origin", "https://evil.example")],
        &[OWN_HOST, ORIGIN, ("sec-fetch-site", "cross-site")],
        &[OWN_HOST, ORIGIN, ("sec-fetch-site", "same-site")],
    ] {
        let back = answer_with(&flow, foreign, &body).await;
        assert_eq!(back.status, StatusCode::FORBIDDEN, "{foreign:?}");
        assert!(back.text.contains("<h1>") && !back.headers.contains_key("location"), "{foreign:?}");
    }
    let back = answer_with(&flow, &[OWN_HOST, ORIGIN, ("sec-fetch-site", "same-origin")], &body).await;
    assert!(query(&back, "code").is_some(), "{}", back.text);
}

#[tokio::test]
async fn hosts_and_origins_are_compared_as_browsers_write_them() {
    for (public_url, host, origin) in [
        ("https://emulator.example.com:443", "emulator.example.com", "https://emulator.example.com"),
        ("https://Emulator.Example.com", "emulator.example.com:443", "https://emulator.example.com"),
        ("http://127.0.0.1:80", "127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:8787", "[::1]:8787", "http://[::1]:8787"),
    ] {
        let emulator = Harness::with_config(|mut config| {
            config.public_url = public_url.parse().unwrap();
            config
        });
        let flow = Flow::of(emulator, server(), client()).await;
        let ticket = ticket(&flow.authorize(&flow.request()).await);
        let body = format!("ticket={ticket}&decision=approve");
        let back = answer_with(&flow, &[("host", host), ("origin", origin)], &body).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{public_url}: {}", back.text);
    }
}

#[tokio::test]
async fn nothing_comes_of_a_page_whose_client_server_or_redirect_uri_is_gone() {
    for path in [
        "/v1/mgmt/mcp/server/client/delete",
        "/v1/mgmt/mcp/server/delete",
        "/v1/mgmt/mcp/server/client/update",
    ] {
        let flow = Flow::new().await;
        let ticket = ticket(&flow.authorize(&flow.request()).await);
        let body = match path {
            "/v1/mgmt/mcp/server/delete" => json!({"id": flow.server}),
            _ => json!({"id": flow.client.id, "mcpServerId": flow.server, "name": "c",
                "approvedCallbackUrls": ["https://new.example/cb"]}),
        };
        assert_eq!(flow.emulator.post(path, &body).await.status, StatusCode::OK);
        let back = answer(&flow, &ticket, "decision=approve").await;
        assert_eq!(back.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(!back.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn a_server_that_skips_consent_gets_every_scope_granted_at_once() {
    let mut members = server();
    members["skipConsentScreen"] = json!(true);
    let flow = Flow::of(Harness::new(), members, client()).await;
    let code = flow.code().await;
    assert_eq!(flow.token(&flow.redemption(&code)).await.body["scope"], "read write");
}

#[tokio::test]
async fn of_more_than_a_hundred_pages_that_wait_the_oldest_are_no_longer_good() {
    let flow = Flow::new().await;
    let mut tickets = Vec::new();
    for _ in 0..102 {
        tickets.push(ticket(&flow.authorize(&flow.request()).await));
    }
    for (index, status) in [(1, 400), (2, 303), (101, 303)] {
        let back = answer(&flow, &tickets[index], "decision=approve").await;
        assert_eq!(back.status.as_u16(), status, "{index}");
    }
}
