//! The emulator's address, records made through the management API, and a browser. The emulator grants consent by
//! itself, so a browser is one request whose redirect is read and not followed.

use std::env;

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

pub const REDIRECT_URI: &str = "http://127.0.0.1:43119/callback";
/// The emulator is started with a document for this client id (documents/client.json).
pub const CLIENT_DOCUMENT_URL: &str = "https://agent.example.com/oauth/client.json";

pub struct Emulator {
    pub base_url: String,
    pub project_id: String,
    key: String,
    http: Client,
}

impl Emulator {
    pub fn from_env() -> Result<Self> {
        let variable = |name: &str| env::var(name).with_context(|| format!("{name} is not set"));
        Ok(Self {
            base_url: variable("DESCOPE_BASE_URL")?,
            project_id: variable("DESCOPE_PROJECT_ID")?,
            key: variable("DESCOPE_MANAGEMENT_KEY")?,
            http: http_client()?,
        })
    }

    pub fn issuer(&self, server: &str) -> String {
        format!("{}/v1/apps/agentic/{}/{server}", self.base_url, self.project_id)
    }

    /// A server for the resource at this URL, open to every way of registration; its id.
    pub async fn make_server(&self, mcp_url: &str) -> Result<String> {
        let policies = json!([{"domainPattern": "*.example.com", "enabled": true}]);
        let made = self
            .manage(
                "server/create",
                json!({
                    "name": "notes",
                    "audienceWhitelist": [mcp_url],
                    "approvedScopes": {"permissionsScopes": [{"name": "notes:read"}]},
                    "dynamicRegistration": {"enabled": true},
                    "cimdSettings": {"enabled": true, "domainPolicies": {"policies": policies}},
                }),
            )
            .await?;
        text(&made["server"]["id"])
    }

    /// A client with a secret: its OAuth client id and the secret.
    pub async fn make_client(&self, server: &str) -> Result<(String, String)> {
        let client = json!({"name": "by hand", "mcpServerId": server, "scopes": ["notes:read"]});
        let made = self.manage("server/client/create", client).await?;
        Ok((text(&made["clientId"])?, text(&made["cleartext"])?))
    }

    /// OAuth client ids of the clients that came by this registration method.
    pub async fn clients(&self, server: &str, method: &str) -> Result<Vec<String>> {
        let query = json!({"mcpServerId": server, "registrationMethod": method});
        let found = self.manage("server/clients/search", query).await?;
        found["clients"].as_array().into_iter().flatten().map(|client| text(&client["clientId"])).collect()
    }

    /// Opens an authorization URL; answers the redirect URI with what came back.
    pub async fn browse(&self, url: &str) -> Result<String> {
        let answer = self.http.get(url).send().await?;
        let location =
            answer.headers().get(LOCATION).context("the authorization endpoint does not redirect")?;
        let location = location.to_str()?.to_owned();
        ensure!(location.starts_with(REDIRECT_URI) && location.contains("iss="), "{location}");
        Ok(location)
    }

    async fn manage(&self, path: &str, body: Value) -> Result<Value> {
        let url = format!("{}/v1/mgmt/mcp/{path}", self.base_url);
        let bearer = format!("{}:{}", self.project_id, self.key);
        let answer = self.http.post(url).bearer_auth(bearer).json(&body).send().await?;
        ensure!(answer.status().is_success(), "{path}: {}", answer.text().await?);
        Ok(answer.json().await?)
    }
}

/// A client that ignores proxies of the environment: everything here is on loopback, where none can lead.
pub fn http_client() -> Result<Client> {
    Ok(Client::builder().redirect(Policy::none()).no_proxy().build()?)
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("no text but {value}"))
}
