//! rmcp on both ends: its OAuth client signs in by DCR, by a metadata document and with a secret, and calls a tool of its
//! server, whose tokens are checked with the emulator's published keys.

mod emulator;
mod resource_server;

use anyhow::{Context, Result, ensure};
use rmcp::model::CallToolRequestParams;
use rmcp::service::ServiceExt;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{
    AuthClient, AuthorizationManager, AuthorizationRequest, ClientCredentialsConfig, OAuthState,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;

use crate::emulator::{CLIENT_DOCUMENT_URL, Emulator, REDIRECT_URI, http_client};

#[tokio::main]
async fn main() -> Result<()> {
    let emulator = Emulator::from_env()?;
    let (url, server) = resource_server::start(&emulator).await?;

    let request = AuthorizationRequest::new(REDIRECT_URI).with_client_name("rmcp");
    let client_id = by_user(&emulator, &url, request).await.context("dynamic registration")?;
    ensure!(emulator.clients(&server, "dcr").await? == [client_id], "the client is a record of the server");
    println!("ok: dynamic registration, PKCE and refresh");

    let request = AuthorizationRequest::new(REDIRECT_URI).with_client_metadata_url(CLIENT_DOCUMENT_URL);
    let client_id = by_user(&emulator, &url, request).await.context("client metadata document")?;
    ensure!(client_id == CLIENT_DOCUMENT_URL, "{client_id}");
    ensure!(emulator.clients(&server, "cimd").await? == [CLIENT_DOCUMENT_URL], "and so is that one");
    println!("ok: client metadata document, PKCE and refresh");

    let (client_id, client_secret) = emulator.make_client(&server).await?;
    let mut state = OAuthState::new(&url, None).await?;
    let config = ClientCredentialsConfig::ClientSecret {
        client_id,
        client_secret,
        scopes: vec!["notes:read".into()],
        resource: Some(url.clone()),
    };
    state.authenticate_client_credentials(config).await.context("client credentials")?;
    call_tool(&url, state.into_authorization_manager().context("signed in")?).await?;
    println!("ok: client credentials");
    Ok(())
}

/// Signs in as a user at a browser would, refreshes, calls the tool; answers the client id.
async fn by_user(emulator: &Emulator, url: &str, request: AuthorizationRequest) -> Result<String> {
    let mut state = OAuthState::new(url, None).await?;
    state.start_authorization(request).await?;
    let came_back = emulator.browse(&state.get_authorization_url().await?).await?;
    state.handle_callback_url(&came_back).await?;
    let manager = state.into_authorization_manager().context("signed in")?;
    let first = manager.get_access_token().await?;
    manager.refresh_token().await.context("refreshing")?;
    ensure!(manager.get_access_token().await? != first, "refreshing gives another token");
    let (client_id, _) = manager.get_credentials().await?;
    call_tool(url, manager).await?;
    Ok(client_id)
}

async fn call_tool(url: &str, manager: AuthorizationManager) -> Result<()> {
    let http = AuthClient::new(http_client()?, manager);
    let config = StreamableHttpClientTransportConfig::with_uri(url.to_owned());
    let client = ().serve(StreamableHttpClientTransport::with_client(http, config)).await?;
    let answer = client.call_tool(CallToolRequestParams::new("whisper")).await?;
    let answer = serde_json::to_value(&answer)?;
    ensure!(answer["content"][0]["text"] == "hello, quietly", "{answer}");
    client.cancel().await?;
    Ok(())
}
