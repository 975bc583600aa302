//! What a service does with the client, needing no other crate to name its types or read its streams.

use std::collections::BTreeMap;
use std::error::Error as StdError;

use descope_mcp_management::{
    ApprovedScopes, CategorizedScopes, ClientStream, Edited, Error, ErrorKind, ManagementClient,
    ManagementKey, McpServer, McpServerClient, NewMcpServer, NewMcpServerClient, ProjectId, Scope, Secret,
};

/// Makes a client from settings that were read elsewhere.
pub fn connect(
    project: &str,
    key: String,
    url: &str,
) -> Result<ManagementClient, Box<dyn StdError + Send + Sync>> {
    Ok(ManagementClient::builder(ProjectId::new(project)?, ManagementKey::new(key)?).base_url(url).build()?)
}

/// Makes a server with one client.
pub async fn provision(client: &ManagementClient) -> Result<(McpServer, Secret), Error> {
    let scopes = CategorizedScopes::default().permissions_scopes([Scope::default().name("orders:read")]);
    let new =
        NewMcpServer::named("orders").approved_scopes(ApprovedScopes::from(scopes)).tags(["production"]);
    let server = client.servers().create(new).await?;
    let new = NewMcpServerClient::named("support agent").scopes(["orders:read"]);
    let made = client.clients(&server.id).create(new).await?;
    Ok((server, made.cleartext))
}

/// Changes one member, and tries again when somebody else was faster.
pub async fn describe(client: &ManagementClient, id: &str, text: &str) -> Result<Edited<McpServer>, Error> {
    loop {
        match client.servers().edit_checked(id, |server| server.description = Some(text.to_owned())).await {
            Err(error) if error.kind() == ErrorKind::ChangedMeanwhile => {}
            edited => return edited,
        }
    }
}

/// Rotates the secrets of all clients with a tag.
pub async fn rotate(
    client: &ManagementClient,
    server: &str,
    tag: &str,
) -> Result<BTreeMap<String, Secret>, Error> {
    let clients = client.clients(server);
    let mut found: ClientStream = clients.search().tag(tag).stream();
    let mut secrets = BTreeMap::new();
    while let Some(found) = found.next().await {
        let found: McpServerClient = found?;
        secrets.insert(found.id.clone(), clients.rotate_secret(&found.id).await?);
    }
    Ok(secrets)
}

/// Everything above may run in a task that moves between threads.
pub fn can_be_spawned(client: ManagementClient) -> impl Future<Output = Result<(), Error>> + Send + 'static {
    async move {
        let (server, _secret) = provision(&client).await?;
        describe(&client, &server.id, "Order tools").await?;
        rotate(&client, &server.id, "production").await.map(drop)
    }
}
