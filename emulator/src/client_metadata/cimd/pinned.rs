//! Documents that the operator gives with the program, for clients that cannot be reached from here.

use super::DocumentUrl;
use super::document::ClientDocument;
use crate::start_error::PinError;

/// A client metadata document and the URL that it counts for. It is never fetched; every other rule holds for it, the
/// server's domain policies included.
#[derive(Clone, Debug)]
pub struct PinnedDocument {
    url: String,
    json: Vec<u8>,
}

impl PinnedDocument {
    /// The document `json` for the client whose id is `url`. It is checked when the emulator starts.
    pub fn new(url: impl Into<String>, json: impl Into<Vec<u8>>) -> Self {
        Self { url: url.into(), json: json.into() }
    }

    pub(super) fn parse(
        self,
        allow_loopback: bool,
        private_use_redirects: bool,
    ) -> Result<(String, ClientDocument), PinError> {
        let url = match DocumentUrl::parse(&self.url, allow_loopback) {
            Ok(url) => url,
            Err(problem) => return Err(PinError { url: cut(&self.url), problem: problem.to_owned() }),
        };
        match ClientDocument::parse(&url, &self.json, private_use_redirects) {
            Ok(document) => Ok((self.url, document)),
            Err(problem) => Err(PinError { url: cut(&self.url), problem }),
        }
    }
}

fn cut(url: &str) -> String {
    url.chars().take(200).collect()
}
