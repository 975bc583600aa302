//! Switches of how refusals look, question 2, and of the rate limit, question 14.

use serde_json::json;

use super::*;

pub(super) async fn shows(name: &str, value: &str) -> bool {
    match name {
        "not-found-status" | "not-found-code" => {
            let fixture = Fixture::new(name, value).await;
            let status = if value == "400" { 400 } else { 404 };
            let common = value == "common";
            let server = fixture.post(LOAD, json!({"id": "MSnone"})).await;
            assert_eq!(refusal(&server), (status, if common { "E011004" } else { "E114101" }));
            assert!(server.message().contains("MSnone"));
            let client = json!({"id": "TPAx", "mcpServerId": fixture.server});
            let client = fixture.post(CLIENT_LOAD, client).await;
            assert_eq!(refusal(&client), (status, if common { "E011004" } else { "E114102" }));
            // Clients look for missing discovery documents, and only a 404 tells them to go on.
            let path = format!(
                "/v1/apps/agentic/{}/MSnone/.well-known/openid-configuration",
                fixture.emulator.project()
            );
            assert_eq!(fixture.emulator.get(&path).await.status, 404);
        }
        "foreign-client" => {
            let fixture = Fixture::new(name, value).await;
            let other = fixture.emulator.server(json!({"name": "other"})).await;
            let named = json!({"id": fixture.client.id, "mcpServerId": other});
            let expected = if value == "forbidden" { (403, "E063316") } else { (404, "E114102") };
            for path in [CLIENT_LOAD, CLIENT_UPDATE, CLIENT_DELETE, SECRET, ROTATE] {
                let answer = fixture.post(path, named.clone()).await;
                assert_eq!(refusal(&answer), expected, "{path}");
                let nobody = json!({"id": "TPAnobody", "mcpServerId": other});
                assert_eq!(fixture.post(path, nobody).await.status, 404, "{path}");
            }
            let kept = fixture.post(CLIENT_LOAD, fixture.named(json!({}))).await;
            assert_eq!(kept.status, 200);
        }
        "unauthorized-status" | "unauthorized-code" => {
            let fixture = Fixture::new(name, value).await;
            let status = if value == "403" { 403 } else { 401 };
            let code = if name == "unauthorized-code" { value } else { "E111119" };
            let wrong = format!("Bearer {}:wrong", fixture.emulator.project());
            for credentials in [None, Some(wrong.as_str())] {
                let answer = fixture.emulator.post_with(credentials, ALL, &json!({})).await;
                assert_eq!(refusal(&answer), (status, code));
                assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
            }
        }
        "validation-code" => {
            let fixture = Fixture::new(name, value).await;
            let common = value == "common";
            for (body, code) in [
                (json!({}), "E011002"),
                (json!({"name": "a", "tags": 1}), "E011004"),
                (json!({"name": "a", "sessionSettings": {"refreshTokenExpiration": -1}}), "E011003"),
            ] {
                let answer = fixture.post(CREATE, body).await;
                assert_eq!(refusal(&answer), (400, if common { code } else { "E113007" }));
            }
            let credentials = fixture.emulator.credentials();
            let broken =
                fixture.emulator.raw(CREATE, Some(&credentials), Some("application/json"), "{").await;
            assert_eq!(refusal(&broken), (400, "E011001"));
        }
        "retry-after" => {
            let emulator = Harness::limited(1, &[(name, value)]);
            assert_eq!(emulator.post(ALL, &json!({})).await.status, 200);
            let limited = emulator.post(ALL, &json!({})).await;
            assert_eq!(refusal(&limited), (429, "E130429"));
            let header = limited.headers.get("retry-after").map(|value| value.to_str().unwrap());
            match value {
                "seconds" => assert_eq!(header, Some("60")),
                "date" => assert!(header.unwrap().ends_with(" GMT"), "{header:?}"),
                _ => assert_eq!(header, None),
            }
        }
        "rate-limit-bucket" => {
            let emulator = Harness::limited(1, &[(name, value)]);
            assert_eq!(emulator.post(ALL, &json!({})).await.status, 200);
            assert_eq!(emulator.post(ALL, &json!({})).await.status, 429);
            // All calls of this harness come from one address.
            let other = emulator.other_project();
            let other = emulator.post_with(Some(&other), ALL, &json!({})).await;
            assert_eq!(other.status == 200, value == "project");
        }
        _ => return false,
    }
    true
}
