//! Makes sure that an MCP server and its clients exist and have the right settings. Can be run again at any time.
//!
//! ```sh
//! cargo run -p descope-mcp-emulator                       # in another terminal; copy the lines that it prints
//! cargo run --example provision -- secrets.jsonl          # makes them
//! cargo run --example provision -- more-secrets.jsonl     # finds that nothing is left to do
//! ```
//!
//! The secret of a client that is made goes to the file, which must not exist and which only its owner can read.
//! Standard output says what was done.

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::env;

use anyhow::{Context, Result};
use descope_mcp_management::{
    ApprovedScopes, CategorizedScopes, Clients, ManagementClient, McpServer, McpServerClient, NewMcpServer,
    NewMcpServerClient, Scope,
};

#[path = "support/secrets_file.rs"]
mod secrets_file;

use secrets_file::SecretsFile;

/// Names are not unique: records of ours are known by this tag too.
const TAG: &str = "provisioned";
const SERVER: &str = "orders";
const SCOPES: [(&str, &str); 2] = [("orders:read", "See orders"), ("orders:cancel", "Cancel orders")];
const CLIENTS: [(&str, &[&str]); 2] =
    [("support agent", &["orders:read", "orders:cancel"]), ("reporting agent", &["orders:read"])];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let path = env::args().nth(1).context("usage: provision FILE-FOR-NEW-SECRETS")?;
    let client = ManagementClient::from_env()?;
    let mut secrets = SecretsFile::new(path);

    let server = provision_server(&client).await?;
    let clients = client.clients(&server.id);
    for (name, scopes) in CLIENTS {
        provision_client(&clients, name, scopes, &mut secrets).await?;
    }
    Ok(())
}

async fn provision_server(client: &ManagementClient) -> Result<McpServer> {
    let servers = client.servers();
    let ours = |server: &McpServer| {
        server.name.as_deref() == Some(SERVER) && server.tags.iter().flatten().any(|tag| tag == TAG)
    };
    let Some(found) = servers.load_all().await?.into_iter().find(ours) else {
        let new = NewMcpServer::named(SERVER).tags([TAG]).approved_scopes(wanted_scopes());
        let made = servers.create(new).await?;
        println!("server {SERVER} made: {}", made.id);
        return Ok(made);
    };
    // Only the scopes that are missing are added: what others set in the console stays.
    let edited = servers
        .edit_checked(&found.id, |server| {
            let scopes = server.approved_scopes.get_or_insert_default();
            let permissions = scopes.permissions_scopes.get_or_insert_default();
            for scope in wanted_scopes().into_inner().permissions_scopes.into_iter().flatten() {
                if !permissions.iter().any(|present| present.name == scope.name) {
                    permissions.push(scope);
                }
            }
        })
        .await?;
    println!("server {SERVER} {}: {}", if edited.written { "changed" } else { "unchanged" }, found.id);
    Ok(edited.record)
}

fn wanted_scopes() -> ApprovedScopes {
    let scopes = SCOPES.map(|(name, description)| Scope::default().name(name).description(description));
    CategorizedScopes::default().permissions_scopes(scopes).into()
}

async fn provision_client(
    clients: &Clients,
    name: &str,
    scopes: &[&str],
    secrets: &mut SecretsFile,
) -> Result<()> {
    let Some(found) = find(clients, name).await? else {
        // Opened first: a secret with no place to go to would have to be fetched again.
        let file = secrets.open()?;
        let new = NewMcpServerClient::named(name).tags([TAG]).scopes(scopes.iter().copied());
        let made = clients.create(new).await?;
        file.add(&made.id, Some(&made.client_id), &made.cleartext)?;
        println!("client {name} made: {}", made.id);
        return Ok(());
    };
    let wanted: Vec<_> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let edited = clients.edit_checked(&found.id, |client| client.scopes = Some(wanted)).await?;
    println!("client {name} {}: {}", if edited.written { "changed" } else { "unchanged" }, found.id);
    Ok(())
}

/// The client of that name. The search may take part of a name for enough, so it is compared again.
async fn find(clients: &Clients, name: &str) -> Result<Option<McpServerClient>> {
    let mut found = clients.search().name(name).tag(TAG).stream();
    while let Some(client) = found.next().await {
        let client = client?;
        if client.name.as_deref() == Some(name) {
            return Ok(Some(client));
        }
    }
    Ok(None)
}
