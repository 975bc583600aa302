//! Where secrets go: a file that only its owner can read, one JSON object per line.

use std::fs::{File, OpenOptions};
use std::io::Write;

use anyhow::{Context, Result};
use descope_mcp_management::Secret;
use serde_json::json;

/// A file that is made when the first secret is due, and never replaces another one.
pub(crate) struct SecretsFile {
    path: String,
    file: Option<OpenSecretsFile>,
}

impl SecretsFile {
    pub(crate) fn new(path: String) -> Self {
        Self { path, file: None }
    }

    /// Makes the file, the first time.
    pub(crate) fn open(&mut self) -> Result<&mut OpenSecretsFile> {
        let file = match self.file.take() {
            Some(file) => file,
            None => OpenSecretsFile::create(&self.path)?,
        };
        Ok(self.file.insert(file))
    }
}

/// A file that is ready for secrets.
pub(crate) struct OpenSecretsFile(File);

impl OpenSecretsFile {
    fn create(path: &str) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).with_context(|| format!("cannot make {path}; name a new file"))?;
        Ok(Self(file))
    }

    /// Adds a line, on disk when it returns: the service has forgotten the secret before this one.
    pub(crate) fn add(&mut self, id: &str, client_id: Option<&str>, secret: &Secret) -> Result<()> {
        let line = json!({"id": id, "clientId": client_id, "secret": secret.expose()});
        let written = writeln!(self.0, "{line}").and_then(|()| self.0.sync_data());
        written.with_context(|| format!("the secret of {id} could not be written; read it again"))
    }
}
