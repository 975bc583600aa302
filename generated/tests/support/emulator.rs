//! The emulator, in a thread of its own.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::future::pending;

use descope_mcp_emulator::{Config, Project, PublicUrl, app, serve};
use descope_mcp_management::{ManagementClient, ManagementClientBuilder, ManagementKey, ProjectId};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// An emulator with one project, which runs until the test program ends.
pub(crate) struct Emulator {
    pub(crate) url: String,
    pub(crate) project: String,
    pub(crate) key: String,
}

impl Emulator {
    pub(crate) fn start() -> Self {
        let project = Project::generate().unwrap();
        let (id, key) = (project.id().to_owned(), project.expose_management_key().to_owned());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let router = app(Config::new(PublicUrl::of_listener(address).unwrap(), vec![project])).unwrap();
        std::thread::spawn(move || {
            Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                serve(listener, router, pending()).await.unwrap();
            });
        });
        Self { url: format!("http://{address}"), project: id, key }
    }

    pub(crate) fn builder(&self) -> ManagementClientBuilder {
        let (project, key) = (ProjectId::new(&*self.project), ManagementKey::new(&*self.key));
        ManagementClient::builder(project.unwrap(), key.unwrap()).base_url(&self.url)
    }

    pub(crate) fn client(&self) -> ManagementClient {
        self.builder().build().unwrap()
    }
}
