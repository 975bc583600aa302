//! Switches of what records hold, questions 1, 3, 4, 6, 7, 8, 9, 12 and 13.

use serde_json::json;

use super::*;

pub(super) async fn shows(name: &str, value: &str) -> bool {
    match name {
        "flat-scopes" => flat_scopes(value).await,
        "unknown-members" => unknown_members(value).await,
        "absent" => absent(value).await,
        "registration-default" => {
            let fixture = Fixture::new(name, value).await;
            let server = fixture.post(LOAD, json!({"id": fixture.server})).await.body["server"].clone();
            assert_eq!(server["dynamicRegistration"]["enabled"], value == "on");
        }
        "session-defaults" => {
            let fixture = Fixture::new(name, value).await;
            let server = fixture.post(LOAD, json!({"id": fixture.server})).await.body["server"].clone();
            let weeks = if value == "filled" { 520 } else { 0 };
            assert_eq!(server["sessionSettings"]["refreshTokenExpiration"], weeks);
            assert_eq!(server["sessionSettings"]["enabled"], false);
            let sent = json!({"name": "t", "sessionSettings": {"enabled": true}});
            let sent = fixture.post(CREATE, sent).await.body["server"].clone();
            assert_eq!(sent["sessionSettings"]["refreshTokenExpiration"], 0);
        }
        "consent-flow" | "login-page" | "login-flow" => login_page(name, value).await,
        "registration-type" => {
            let fixture = Fixture::new(name, value).await;
            let client = fixture.post(CLIENT_LOAD, fixture.named(json!({}))).await.body["client"].clone();
            assert_eq!(client["registrationType"], value);
            let search = json!({"mcpServerId": fixture.server, "registrationMethod": value});
            assert_eq!(fixture.post(SEARCH, search).await.body["total"], 1);
            let registered = crate::records::server_client::Registered::Dynamically;
            let mut variants = Variants::default();
            variants.set(name, value).unwrap();
            let word = ["dcr", "dynamic", "DCR"].contains(&registered.word(&variants));
            assert!(word);
        }
        "status" => {
            let fixture = Fixture::new(name, value).await;
            let client = fixture.post(CLIENT_LOAD, fixture.named(json!({}))).await.body["client"].clone();
            assert_eq!(client["status"], value);
        }
        "client-update" => {
            let fixture = Fixture::new(name, value).await;
            let first = fixture.named(json!({"tags": ["t"], "scopes": ["a"], "logo": "l", "new": 1}));
            fixture.post(CLIENT_UPDATE, first).await;
            let second = fixture.named(json!({"scopes": [], "logo": null}));
            let client = fixture.post(CLIENT_UPDATE, second).await.body["client"].clone();
            assert_eq!((&client["name"], &client["scopes"]), (&json!("c"), &json!([])));
            let kept = value == "patch";
            assert_eq!(client["tags"] == json!(["t"]), kept);
            assert_eq!(client["logo"] == "l", kept);
            assert_eq!(client.get("new").is_some(), kept);
            let found = json!({"mcpServerId": fixture.server, "tag": "t"});
            assert_eq!(fixture.post(SEARCH, found).await.body["total"], u32::from(kept));
        }
        "client-scopes" | "client-callbacks" => checked(name, value).await,
        "duplicate-names" => duplicate_names(value).await,
        "single-delete-unknown" => {
            let fixture = Fixture::new(name, value).await;
            let server = fixture.post(DELETE, json!({"id": "MSnone"})).await;
            let client =
                fixture.post(CLIENT_DELETE, json!({"id": "TPAx", "mcpServerId": fixture.server})).await;
            for answer in [server, client] {
                assert_eq!(answer.status == 200, value == "ok", "{}", answer.text);
                assert_eq!(answer.status == 404, value == "404", "{}", answer.text);
            }
        }
        "server-delete-clients" => server_delete_clients(value).await,
        "server-ids" => {
            let fixture = Fixture::new(name, value).await;
            assert!(fixture.server.starts_with(value) && fixture.server.len() == 29, "{}", fixture.server);
            assert_eq!(fixture.post(LOAD, json!({"id": fixture.server})).await.status, 200);
        }
        "rs-servers" => rs_servers(value).await,
        "client-id-form" => {
            let fixture = Fixture::new(name, value).await;
            assert_eq!(fixture.client.client_id.ends_with('='), value == "padded");
            assert_eq!(fixture.client.client_id.ends_with('j'), value == "hash");
        }
        "secret-read" => {
            let fixture = Fixture::new(name, value).await;
            let answer = fixture.post(SECRET, fixture.named(json!({}))).await;
            if value == "always" {
                assert_eq!(answer.body["cleartext"], json!(fixture.client.secret));
            } else {
                assert_eq!(refusal(&answer), (400, "E113007"));
            }
            assert_eq!(fixture.post(ROTATE, fixture.named(json!({}))).await.status, 200);
        }
        _ => return false,
    }
    true
}

async fn flat_scopes(value: &str) {
    let fixture = Fixture::new("flat-scopes", value).await;
    let sent = json!({"name": "flat", "approvedScopes": [{"name": "a"}]});
    let made = fixture.post(CREATE, sent.clone()).await;
    let mut update = sent;
    update["id"] = json!(fixture.server);
    let updated = fixture.post(UPDATE, json!({ "server": update })).await;
    for answer in [made, updated] {
        let scopes = &answer.body["server"]["approvedScopes"]["permissionsScopes"];
        match value {
            "accept" => assert_eq!(scopes[0]["name"], "a"),
            "ignore" => assert_eq!(scopes, &json!([])),
            _ => {
                assert_eq!(refusal(&answer), (400, "E011004"));
                assert!(answer.message().contains("approvedScopes"));
            }
        }
    }
    let object = json!({"name": "o", "approvedScopes": {"permissionsScopes": [{"name": "a"}]}});
    assert_eq!(fixture.post(CREATE, object).await.status, 200);
}

async fn unknown_members(value: &str) {
    let fixture = Fixture::new("unknown-members", value).await;
    let sent = json!({"name": "u", "approvedScopes": {"permissionsScopes": [{"name": "a", "later": 1}]}});
    let server = fixture.post(CREATE, sent).await;
    let client = fixture.post(CLIENT_UPDATE, fixture.named(json!({"later": 1}))).await;
    let consent =
        json!({"name": "known", "consentFlowId": "f", "consentFlowHostingURL": "https://a.example"});
    assert_eq!(fixture.post(CREATE, consent).await.status, 200);
    if value == "reject" {
        assert_eq!((refusal(&server), refusal(&client)), ((400, "E011003"), (400, "E011003")));
        let place = "approvedScopes.permissionsScopes[0].later";
        assert!(server.message().contains(place), "{}", server.message());
        return;
    }
    let expected = (value == "keep").then(|| json!(1));
    let scope = &server.body["server"]["approvedScopes"]["permissionsScopes"][0];
    assert_eq!((scope.get("later"), &scope["name"]), (expected.as_ref(), &json!("a")));
    assert_eq!(client.body["client"].get("later"), expected.as_ref());
}

async fn absent(value: &str) {
    let fixture = Fixture::new("absent", value).await;
    let sent = json!({"name": "b", "cimdSettings": {"enabled": true}, "description": ""});
    let server = fixture.post(CREATE, sent).await.body["server"].clone();
    let client = fixture.post(CLIENT_LOAD, fixture.named(json!({}))).await.body["client"].clone();
    let expected = |zero| match value {
        "zero" => Some(zero),
        "null" => Some(Value::Null),
        _ => None,
    };
    assert_eq!(server.get("tags"), expected(json!([])).as_ref());
    assert_eq!(server.get("loginPageURL"), expected(json!("")).as_ref());
    let policies = expected(json!({"policies": []}));
    assert_eq!(server["cimdSettings"].get("domainPolicies"), policies.as_ref());
    assert_eq!(client.get("scopes"), expected(json!([])).as_ref());
    assert_eq!(client.get("logo"), expected(json!("")).as_ref());
    // What was sent, and what the service manages, is there under every variant.
    assert_eq!((&server["name"], &server["description"]), (&json!("b"), &json!("")));
    assert!(client["clientId"].is_string() && client["status"].is_string());
    // Sending back what was answered changes nothing.
    let again = fixture.post(UPDATE, json!({ "server": server })).await;
    assert_eq!(again.body["server"], server);
}

async fn login_page(name: &str, value: &str) {
    let fixture = Fixture::new(name, value).await;
    let page =
        |server: &Answer| server.body["server"]["loginPageURL"].as_str().unwrap_or_default().to_owned();
    let bare = page(&fixture.post(LOAD, json!({"id": fixture.server})).await);
    let pair =
        json!({"name": "p", "consentFlowId": "sign-up", "consentFlowHostingURL": "https://a.example/x"});
    let folded = fixture.post(CREATE, pair).await;
    let flow = "https://a.example/?flow=inbound-apps-multi-org-consent";
    let good = fixture.post(CREATE, json!({"name": "g", "loginPageURL": flow})).await;
    assert_eq!(page(&good), flow);
    let project = format!("{}/login/{}", Harness::PUBLIC_URL, fixture.emulator.project());
    match (name, value) {
        ("consent-flow", "dropped") => {
            assert_eq!(page(&folded), "");
            assert!(folded.body["server"].get("consentFlowId").is_none());
        }
        ("login-page", "project") => assert_eq!(bare, format!("{project}?flow=inbound-apps-user-consent")),
        ("login-flow", "checked") => {
            assert_eq!(refusal(&folded), (400, "E102005"));
            let update = json!({"id": fixture.server, "name": "s", "loginPageURL": "https://a.example/?x=1&flow=other#f"});
            assert_eq!(refusal(&fixture.post(UPDATE, json!({ "server": update })).await), (400, "E102005"));
        }
        _ => {
            assert_eq!(bare, "");
            assert_eq!(page(&folded), "https://a.example/x?flow=sign-up");
        }
    }
}

async fn checked(name: &str, value: &str) {
    let emulator = Harness::with_variants(&[(name, value)]);
    let server = emulator
        .server(json!({
            "name": "s",
            "approvedScopes": {"permissionsScopes": [{"name": "a"}], "connectionsScopes": [{"name": "b"}]},
            "approvedCallbackUrls": ["https://a.example/cb"],
        }))
        .await;
    let (fits, does_not) = match name {
        "client-scopes" => (json!({"scopes": ["b", "a"]}), json!({"scopes": ["a", "c"]})),
        _ => (
            json!({"approvedCallbackUrls": ["https://a.example/cb"]}),
            json!({"approvedCallbackUrls": ["https://a.example/cb/more"]}),
        ),
    };
    let sent = |members: &Value| {
        let mut sent = members.clone();
        sent["name"] = json!("c");
        sent["mcpServerId"] = json!(server);
        sent
    };
    let made = emulator.post(CLIENT_CREATE, &sent(&fits)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let created = emulator.post(CLIENT_CREATE, &sent(&does_not)).await;
    let mut update = sent(&does_not);
    update["id"] = made.body["id"].clone();
    let updated = emulator.post(CLIENT_UPDATE, &update).await;
    for answer in [created, updated] {
        if value == "checked" {
            assert_eq!(refusal(&answer), (400, "E113007"), "{}", answer.text);
        } else {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
    let open = emulator.server(json!({"name": "open"})).await;
    let mut anywhere = sent(&json!({"approvedCallbackUrls": ["https://b.example"]}));
    anywhere["mcpServerId"] = json!(open);
    assert_eq!(emulator.post(CLIENT_CREATE, &anywhere).await.status, 200);
}

async fn duplicate_names(value: &str) {
    let fixture = Fixture::new("duplicate-names", value).await;
    let other = fixture.post(CREATE, json!({"name": "t"})).await.body["server"]["id"].clone();
    let answers = [
        fixture.post(CREATE, json!({"name": "s"})).await,
        fixture.post(UPDATE, json!({"server": {"id": other, "name": "s"}})).await,
        fixture.post(CLIENT_CREATE, json!({"name": "c", "mcpServerId": fixture.server})).await,
    ];
    for answer in answers {
        if value == "reject" {
            assert_eq!(refusal(&answer), (400, "E113011"), "{}", answer.text);
        } else {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
    // A record may keep its own name, and clients of another server are no siblings.
    let same = json!({"server": {"id": fixture.server, "name": "s"}});
    assert_eq!(fixture.post(UPDATE, same).await.status, 200);
    assert_eq!(fixture.post(CLIENT_UPDATE, fixture.named(json!({"name": "c"}))).await.status, 200);
    assert_eq!(fixture.post(CLIENT_CREATE, json!({"name": "c", "mcpServerId": other})).await.status, 200);
}

async fn server_delete_clients(value: &str) {
    for path in [DELETE, DELETE_MANY] {
        let fixture = Fixture::new("server-delete-clients", value).await;
        let which = json!({"id": fixture.server, "ids": [fixture.server]});
        let member = if path == DELETE { "id" } else { "ids" };
        assert_eq!(fixture.post(path, json!({member: which[member]})).await.status, 200);
        assert_eq!(fixture.post(LOAD, json!({"id": fixture.server})).await.status, 404);
        assert_eq!(fixture.post(ALL, json!({})).await.body["total"], 0);
        let (load, search) = (
            fixture.post(CLIENT_LOAD, fixture.named(json!({}))).await,
            fixture.post(SEARCH, json!({"mcpServerId": fixture.server})).await,
        );
        let kept = value == "keep";
        assert_eq!((load.status == 200, search.status == 200), (kept, kept));
        let create = json!({"name": "late", "mcpServerId": fixture.server});
        assert_eq!(fixture.post(CLIENT_CREATE, create).await.status, 404);
        let discovery = format!(
            "/v1/apps/agentic/{}/{}/.well-known/openid-configuration",
            fixture.emulator.project(),
            fixture.server
        );
        assert_eq!(fixture.emulator.get(&discovery).await.status, 404);
        let deleted = match path {
            DELETE => fixture.post(CLIENT_DELETE, fixture.named(json!({}))).await,
            _ => {
                let in_bulk = json!({"ids": [fixture.client.id], "mcpServerId": fixture.server});
                fixture.post(CLIENTS_DELETE, in_bulk).await
            }
        };
        assert_eq!(deleted.status == 200, kept);
        assert_eq!(fixture.post(CLIENT_LOAD, fixture.named(json!({}))).await.status, 404);
    }
}

async fn rs_servers(value: &str) {
    let emulator = Harness::with_variants(&[("rs-servers", value)]);
    let resource = emulator.resource().await;
    let accepted = value == "accept";
    let expected = if accepted { 200 } else { 404 };
    assert_eq!(emulator.post(LOAD, &json!({"id": resource})).await.status, expected);
    let update = json!({"server": {"id": resource, "name": "r"}});
    assert_eq!(emulator.post(UPDATE, &update).await.status, expected);
    assert_eq!(emulator.post(ALL, &json!({})).await.body["total"], u32::from(accepted));
    // Operations on clients take it either way.
    emulator.client(&resource, json!({"name": "c"})).await;
    assert_eq!(emulator.post(DELETE_MANY, &json!({"ids": [resource]})).await.status, 200);
    let left = emulator.post(SEARCH, &json!({"mcpServerId": resource})).await.status;
    assert_eq!(left == 200, !accepted);
}
