//! What clients say of themselves: the metadata of RFC 7591, redirect URIs, metadata documents at URLs and how they are
//! fetched, and every refusal of them.

mod cimd;
mod error;
mod metadata;
pub(crate) mod redirect_uri;

pub use cimd::PinnedDocument;
pub(crate) use cimd::{Cimd, ClientDocument, DocumentUrl};
pub(crate) use error::RegistrationError;
pub(crate) use metadata::{AuthMethod, Described, GrantType, Metadata};

use crate::start_error::PinError;

/// What an emulator is told about registration when it starts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RegistrationSettings {
    /// Client metadata documents that are known without being fetched.
    pub pinned_documents: Vec<PinnedDocument>,
    /// Whether client metadata documents may come from the machine itself, by HTTP too. Only for an emulator whose public
    /// URL is on the loopback interface: anywhere else it would let strangers look behind the firewall.
    pub allow_loopback_documents: bool,
    /// Whether redirect URIs may have schemes of applications, such as `cursor://`.
    pub allow_private_use_redirects: bool,
    /// How many registered clients a server takes.
    pub most_clients: u32,
}

impl Default for RegistrationSettings {
    fn default() -> Self {
        Self {
            pinned_documents: Vec::new(),
            allow_loopback_documents: false,
            allow_private_use_redirects: false,
            most_clients: 10_000,
        }
    }
}

/// The same while it runs.
pub(crate) struct Registration {
    pub(crate) cimd: Cimd,
    pub(crate) private_use_redirects: bool,
    pub(crate) most_clients: u32,
}

impl Registration {
    /// # Errors
    /// For a pinned document that breaks a rule.
    pub(crate) fn new(settings: RegistrationSettings) -> Result<Self, PinError> {
        let (loopback, private_use) =
            (settings.allow_loopback_documents, settings.allow_private_use_redirects);
        Ok(Self {
            cimd: Cimd::new(settings.pinned_documents, loopback, private_use)?,
            private_use_redirects: private_use,
            most_clients: settings.most_clients,
        })
    }
}
