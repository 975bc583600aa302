//! A part of a service that gives each tenant a client of one MCP server, and its unit tests, which need no network and no
//! emulator: `cargo test -p descope-mcp-management --example tested_service`.
//!
//! ```sh
//! cargo run -p descope-mcp-management --example tested_service -- MS35d1Xw1Yo6zozsW7n8BU6xLmnAs tenant-1
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use anyhow::{Context, Result, bail};
use descope_mcp_management::{Clients, Ensured, Error, ErrorKind, ManagementClient, NewMcpServerClient};

/// Gives tenants clients. It owns what it needs, so that a handler of a web server can keep it.
struct Tenants {
    clients: Clients,
}

/// What came of it.
#[derive(Debug, PartialEq)]
enum Provisioned {
    /// The client is new: its OAuth client id. The secret went to the vault.
    New(String),
    /// There was one.
    Known,
    /// The service asks for patience.
    Later,
}

impl Tenants {
    async fn provision(
        &self,
        tenant: &str,
        store: impl FnOnce(&str, &str) -> Result<()>,
    ) -> Result<Provisioned> {
        let wanted = NewMcpServerClient::named(tenant).tags(["tenant"]);
        match self.clients.ensure(wanted).await {
            Ok(Ensured::Created(made)) => {
                store(&made.client_id, made.cleartext.expose())?;
                Ok(Provisioned::New(made.client_id))
            }
            Ok(Ensured::Found(_)) => Ok(Provisioned::Known),
            Err(error) if is_busy(&error) => Ok(Provisioned::Later),
            Err(error) => Err(error).with_context(|| format!("provisioning {tenant}")),
        }
    }
}

/// Whether a later call can succeed, and nothing happened that would have to be looked into first.
fn is_busy(error: &Error) -> bool {
    error.kind() == ErrorKind::RateLimited || error.is_transient() && !error.may_have_applied()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server_id, tenant] = arguments.as_slice() else {
        bail!("give the id of a server and the name of a tenant")
    };
    let tenants = Tenants { clients: ManagementClient::from_env()?.clients(server_id) };
    let came = tenants
        .provision(tenant, |_, _| {
            println!("the secret goes to the vault");
            Ok(())
        })
        .await?;
    println!("{came:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use descope_mcp_management::testing::{Reply, Script, failed};
    use descope_mcp_management::{ConnectFailure, McpServerClient};

    use super::*;

    async fn provision(script: &Script) -> Result<(Provisioned, Vec<String>)> {
        let tenants = Tenants { clients: script.client()?.clients("MS1") };
        let mut stored = Vec::new();
        let came = tenants
            .provision("tenant-1", |id, secret| {
                stored.push(format!("{id}={secret}"));
                Ok(())
            })
            .await?;
        Ok((came, stored))
    }

    #[tokio::test]
    async fn the_secret_of_a_new_client_is_stored() {
        let script = Script::new();
        script.answer("SearchMcpServerClients", Reply::clients(&[]));
        script.answer("CreateMcpServerClient", Reply::created_client("TPA1", "client-1", "s3cret"));
        let (came, stored) = provision(&script).await.unwrap();
        assert_eq!(came, Provisioned::New("client-1".to_owned()));
        assert_eq!(stored, ["client-1=s3cret"]);
    }

    #[tokio::test]
    async fn a_tenant_with_a_client_gets_no_other() {
        let script = Script::new();
        let known = McpServerClient::default().id("TPA1").name("tenant-1").tags(["tenant"]);
        script.answer("SearchMcpServerClients", Reply::clients(std::slice::from_ref(&known)));
        script.answer("LoadMcpServerClient", Reply::client(&known));
        assert_eq!(provision(&script).await.unwrap(), (Provisioned::Known, vec![]));
        assert!(script.requests().iter().all(|request| request.operation != "CreateMcpServerClient"));
    }

    #[tokio::test]
    async fn without_a_connection_the_tenant_waits() {
        let script = Script::new();
        script.always("SearchMcpServerClients", Reply::no_connection(ConnectFailure::Refused));
        assert_eq!(provision(&script).await.unwrap().0, Provisioned::Later);
    }

    #[test]
    fn a_call_that_may_have_taken_effect_is_not_just_repeated() {
        assert!(is_busy(&failed(ErrorKind::RateLimited).status(429).error()));
        assert!(!is_busy(&failed(ErrorKind::Timeout).may_have_applied(true).error()));
    }
}
