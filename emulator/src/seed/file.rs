//! The text of a seed file: its shape, and the ids and secrets in it. What a server or client may hold besides is for
//! the OpenAPI document to say.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{SeedClient, SeedProject, SeedSecret, SeedServer};
use crate::project::Project;
use crate::start_error::StartError;

/// Ids and secrets are at most this long.
const LONGEST: usize = 512;

/// What stands at a pointer.
struct Node<'a> {
    pointer: String,
    members: &'a Map<String, Value>,
}

pub(super) fn read(text: &str) -> Result<Vec<SeedProject>, String> {
    // Only the place: the parser's own words could quote a secret.
    let root: Value = serde_json::from_str(text)
        .map_err(|error| format!("it is not JSON (line {}, column {})", error.line(), error.column()))?;
    let Value::Object(members) = &root else {
        return Err(String::from("it must be an object with the member \"projects\""));
    };
    let root = Node { pointer: String::new(), members };
    root.only(&["projects"])?;
    let mut seen = HashSet::new();
    let mut projects = Vec::new();
    for node in root.list("projects")? {
        let project = read_project(&node)?;
        node.unique(&mut seen, project.project.id())?;
        projects.push(project);
    }
    if projects.is_empty() {
        return Err(String::from("/projects: it must list a project at least"));
    }
    Ok(projects)
}

fn read_project(node: &Node<'_>) -> Result<SeedProject, String> {
    node.only(&["id", "managementKey", "servers"])?;
    let (id, key) = (node.text("id")?, node.text("managementKey")?);
    let project = Project::new(id, key).map_err(|error| match error {
        StartError::ManagementKey => format!("{}/managementKey: {error}", node.pointer),
        _ => format!("{}/id: {error}", node.pointer),
    })?;
    let (mut seen, mut seen_clients) = (HashSet::new(), HashSet::new());
    let mut servers = Vec::new();
    for node in node.list("servers")? {
        let server = read_server(&node, &mut seen_clients)?;
        node.unique(&mut seen, &server.id)?;
        servers.push(server);
    }
    Ok(SeedProject { project, servers })
}

fn read_server(node: &Node<'_>, seen: &mut HashSet<String>) -> Result<SeedServer, String> {
    let id = node.id(&["MS", "RS"])?;
    let mut clients = Vec::new();
    for node in node.list("clients")? {
        let client = read_client(&node)?;
        node.unique(seen, &client.id)?;
        clients.push(client);
    }
    Ok(SeedServer { pointer: node.pointer.clone(), id, members: node.without(&["id", "clients"]), clients })
}

fn read_client(node: &Node<'_>) -> Result<SeedClient, String> {
    let secret = match node.members.get("secret") {
        None => SeedSecret::Fresh,
        Some(Value::Null) => SeedSecret::Without,
        Some(_) => SeedSecret::Given(node.token("secret")?.into()),
    };
    let optional = |member: &str| node.members.contains_key(member).then(|| node.token(member)).transpose();
    Ok(SeedClient {
        pointer: node.pointer.clone(),
        id: node.id(&["TPA"])?,
        client_id: optional("clientId")?,
        registration_type: optional("registrationType")?,
        status: optional("status")?,
        secret,
        members: node.without(&["id", "clientId", "registrationType", "status", "secret"]),
    })
}

impl<'a> Node<'a> {
    /// Refuses members with other names, which would be a slip of the pen.
    fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let name = name.replace('~', "~0").replace('/', "~1");
                Err(format!("{}/{name}: unknown; the members here are {}", self.pointer, known.join(", ")))
            }
        }
    }

    /// The objects of a list; none if the member is absent.
    fn list(&self, member: &str) -> Result<Vec<Node<'a>>, String> {
        let pointer = format!("{}/{member}", self.pointer);
        let items = match self.members.get(member) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(format!("{pointer}: it must be a list of objects")),
        };
        let nodes = items.iter().enumerate().map(|(index, item)| match item {
            Value::Object(members) => Ok(Node { pointer: format!("{pointer}/{index}"), members }),
            _ => Err(format!("{pointer}/{index}: it must be an object")),
        });
        nodes.collect()
    }

    fn text(&self, member: &str) -> Result<&'a str, String> {
        let wrong = |what: &str| Err(format!("{}/{member}: {what}", self.pointer));
        match self.members.get(member) {
            None => wrong("it is missing; give a text"),
            Some(Value::String(text)) if text.is_empty() => wrong("it is empty; give a text"),
            Some(Value::String(text)) => Ok(text),
            Some(_) => wrong("it must be a text"),
        }
    }

    /// A text without blanks or control characters.
    fn token(&self, member: &str) -> Result<String, String> {
        let text = self.text(member)?;
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "{}/{member}: it must be 1 to {LONGEST} ASCII characters without blanks",
                self.pointer
            ));
        }
        Ok(text.to_owned())
    }

    fn id(&self, prefixes: &[&str]) -> Result<String, String> {
        const MAX_ID_CHARS: usize = 64;
        let id = self.text("id")?;
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let prefixed = prefixes.iter().any(|prefix| id.len() > prefix.len() && id.starts_with(prefix));
        if !prefixed || id.len() > MAX_ID_CHARS || !id.bytes().all(fine) {
            return Err(format!(
                "{}/id: it must be {} and up to {MAX_ID_CHARS} letters, digits, - or _ in all",
                self.pointer,
                prefixes.join(" or ")
            ));
        }
        Ok(id.to_owned())
    }

    fn unique(&self, seen: &mut HashSet<String>, id: &str) -> Result<(), String> {
        if seen.insert(id.to_owned()) {
            return Ok(());
        }
        Err(format!("{}/id: {id:?} stands in the file already; give each its own", self.pointer))
    }

    fn without(&self, taken: &[&str]) -> Map<String, Value> {
        let rest = self.members.iter().filter(|(name, _)| !taken.contains(&name.as_str()));
        rest.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
