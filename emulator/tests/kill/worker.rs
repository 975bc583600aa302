//! One writer of the kill campaign: what it wrote, what it is waiting for, and whether the emulator agrees.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::process::{Connection, Dice};

const MAX_CLIENTS: usize = 24;

/// Has a server of its own, and writes only there.
pub(crate) struct Worker {
    n: usize,
    dice: Dice,
    writes: usize,
    /// Id of its server, and the version in it.
    server: Option<(String, usize)>,
    /// The clients by id: version and secret.
    clients: BTreeMap<String, (usize, String)>,
    pending: Option<Write>,
}

/// A write that was sent and not yet answered.
#[derive(Clone, Debug)]
enum Write {
    CreateServer(usize),
    UpdateServer(usize),
    Create(usize),
    Update(String, usize),
    Rotate(String),
    Delete(Vec<String>),
}

impl Worker {
    pub(crate) fn new(n: usize, dice: Dice) -> Self {
        Self { n, dice, writes: 0, server: None, clients: BTreeMap::new(), pending: None }
    }

    pub(crate) fn has_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Writes until the emulator is gone. How many writes were answered.
    pub(crate) fn write(&mut self, mut connection: Connection, stop: &AtomicBool) -> usize {
        let mut answered = 0;
        while !stop.load(Ordering::Relaxed) {
            let write = self.choose();
            let (path, body) = self.request(&write);
            self.pending = Some(write.clone());
            match connection.post(path, &body) {
                Ok((200, answer)) => {
                    self.pending = None;
                    self.apply(write, &answer);
                    answered += 1;
                }
                Ok((status, answer)) => panic!("{path} {body}: {status} {answer}"),
                Err(_) => break,
            }
        }
        answered
    }

    fn choose(&mut self) -> Write {
        self.writes += 1;
        let version = self.writes;
        let ids: Vec<_> = self.clients.keys().cloned().collect();
        if self.server.is_none() {
            return Write::CreateServer(version);
        }
        if ids.len() < 2 {
            return Write::Create(version);
        }
        if ids.len() > MAX_CLIENTS {
            let many = ids.into_iter().take(MAX_CLIENTS / 2).collect();
            return Write::Delete(many);
        }
        let one = ids[self.dice.below(ids.len())].clone();
        match self.dice.below(10) {
            0 => Write::UpdateServer(version),
            1 | 2 => Write::Update(one, version),
            3 => Write::Rotate(one),
            4 => Write::Delete(vec![one, ids[0].clone()]),
            _ => Write::Create(version),
        }
    }

    fn server_id(&self) -> &str {
        self.server.as_ref().map_or("", |(id, _)| id)
    }

    fn server_name(&self, version: usize) -> String {
        format!("worker {} version {version}", self.n)
    }

    fn request(&self, write: &Write) -> (&'static str, Value) {
        let server = self.server_id();
        match write {
            Write::CreateServer(version) => (
                "/v1/mgmt/mcp/server/create",
                json!({"name": self.server_name(*version), "description": version.to_string()}),
            ),
            Write::UpdateServer(version) => (
                "/v1/mgmt/mcp/server/update",
                json!({"server":
                    {"id": server, "name": self.server_name(*version), "description": version.to_string()}}),
            ),
            Write::Create(version) => ("/v1/mgmt/mcp/server/client/create", client_body(server, *version)),
            Write::Update(id, version) => {
                let mut body = client_body(server, *version);
                body["id"] = json!(id);
                ("/v1/mgmt/mcp/server/client/update", body)
            }
            Write::Rotate(id) => {
                ("/v1/mgmt/mcp/server/client/secret/rotate", json!({"id": id, "mcpServerId": server}))
            }
            Write::Delete(ids) => {
                ("/v1/mgmt/mcp/server/clients/delete", json!({"ids": ids, "mcpServerId": server}))
            }
        }
    }

    fn apply(&mut self, write: Write, answer: &Value) {
        let text = |member: &str| answer[member].as_str().unwrap().to_owned();
        match write {
            Write::CreateServer(version) => {
                self.server = Some((answer["server"]["id"].as_str().unwrap().to_owned(), version));
            }
            Write::UpdateServer(version) => {
                self.server = self.server.take().map(|(id, _)| (id, version));
            }
            Write::Create(version) => {
                self.clients.insert(text("id"), (version, text("cleartext")));
            }
            Write::Update(id, version) => {
                self.clients.entry(id).and_modify(|client| client.0 = version);
            }
            Write::Rotate(id) => {
                self.clients.entry(id).and_modify(|client| client.1 = text("cleartext"));
            }
            Write::Delete(ids) => self.clients.retain(|id, _| !ids.contains(id)),
        }
    }

    /// Compares what is stored with what was answered, and finds out what became of the write without an answer:
    /// whether it was done. It must have been done whole or not at all.
    pub(crate) fn verify(&mut self, connection: &mut Connection) -> Result<bool, String> {
        let pending = self.pending.take();
        let applied_to_server = self.verify_server(connection, pending.as_ref())?;
        if self.server.is_none() {
            return Ok(false);
        }
        let stored = self.stored(connection)?;
        if stored == self.clients {
            return Ok(applied_to_server);
        }
        let mut expected = self.clients.clone();
        match &pending {
            Some(Write::Create(version)) => {
                // Its id and secret were never told.
                let unknown: Vec<_> = stored.iter().filter(|(id, _)| !expected.contains_key(*id)).collect();
                if let [(id, client)] = unknown.as_slice()
                    && client.0 == *version
                {
                    expected.insert((*id).clone(), (*client).clone());
                }
            }
            Some(Write::Update(id, version)) => {
                expected.entry(id.clone()).and_modify(|client| client.0 = *version);
            }
            Some(Write::Rotate(id)) => {
                if let (Some(new), Some(old)) = (stored.get(id), expected.get_mut(id)) {
                    old.1.clone_from(&new.1);
                }
            }
            Some(Write::Delete(ids)) => expected.retain(|id, _| !ids.contains(id)),
            Some(Write::CreateServer(_) | Write::UpdateServer(_)) | None => {}
        }
        if stored != expected {
            return Err(format!(
                "worker {}: after {pending:?}\nanswered {:?}\nstored {stored:?}",
                self.n, self.clients
            ));
        }
        self.clients = stored;
        Ok(true)
    }

    fn verify_server(
        &mut self,
        connection: &mut Connection,
        pending: Option<&Write>,
    ) -> Result<bool, String> {
        let mine = format!("worker {} version ", self.n);
        let all = connection.must("/v1/mgmt/mcp/servers/all", &json!({}));
        let mut stored = Vec::new();
        for server in all["servers"].as_array().unwrap() {
            let (id, name) = (server["id"].as_str().unwrap(), server["name"].as_str().unwrap());
            let Some(version) = name.strip_prefix(&mine) else { continue };
            if server["description"] != version {
                return Err(format!("server {id}: half of an update: {server}"));
            }
            stored.push((id.to_owned(), version.parse::<usize>().unwrap()));
        }
        let known: Vec<_> = self.server.iter().cloned().collect();
        if stored == known {
            return Ok(false);
        }
        let fits = match (pending, stored.as_slice(), &self.server) {
            (Some(Write::CreateServer(version)), [(_, stored)], None) => stored == version,
            (Some(Write::UpdateServer(version)), [(id, stored)], Some((known, _))) => {
                stored == version && id == known
            }
            _ => false,
        };
        if !fits {
            return Err(format!("worker {}: after {pending:?} servers {stored:?}, not {known:?}", self.n));
        }
        self.server = stored.pop();
        Ok(true)
    }

    /// The clients that the emulator has, each looked at from all sides.
    fn stored(&self, connection: &mut Connection) -> Result<BTreeMap<String, (usize, String)>, String> {
        let server = self.server_id().to_owned();
        let found = connection
            .must("/v1/mgmt/mcp/server/clients/search", &json!({"mcpServerId": server, "limit": 1000}));
        let mut stored = BTreeMap::new();
        for client in found["clients"].as_array().unwrap() {
            let id = client["id"].as_str().unwrap();
            let version = client["logo"].as_str().unwrap().parse::<usize>().unwrap();
            let whole = client_body(&server, version);
            if ["name", "tags", "scopes"].iter().any(|member| client[*member] != whole[*member]) {
                return Err(format!("client {id}: half of a write: {client}"));
            }
            let secret = connection
                .must("/v1/mgmt/mcp/server/client/secret", &json!({"id": id, "mcpServerId": server}));
            for filter in [
                json!({"tag": format!("tag-{version}")}),
                json!({"text": format!("TAG-{version}")}),
                json!({"name": format!("version {version} of")}),
                json!({"clientId": client["clientId"]}),
            ] {
                let mut search = filter.clone();
                search["mcpServerId"] = json!(server);
                let hit = connection.must("/v1/mgmt/mcp/server/clients/search", &search);
                let ids = hit["clients"].as_array().unwrap().iter().map(|hit| &hit["id"]);
                if ids.filter(|hit| *hit == id).count() != 1 {
                    return Err(format!("client {id}: not found by {filter}"));
                }
            }
            stored.insert(id.to_owned(), (version, secret["cleartext"].as_str().unwrap().to_owned()));
        }
        if found["total"] != stored.len() {
            return Err(format!("server {server}: total {} of {} clients", found["total"], stored.len()));
        }
        Ok(stored)
    }
}

/// Every member tells the version, so that halves of two writes would show.
fn client_body(server: &str, version: usize) -> Value {
    json!({
        "mcpServerId": server,
        "name": format!("version {version} of a client"),
        "logo": version.to_string(),
        "tags": ["all", format!("tag-{version}")],
        "scopes": [format!("scope:{version}")],
    })
}
