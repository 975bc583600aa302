//! What all handlers share.

use std::collections::HashMap;
use std::sync::Arc;

use descope_mcp_openapi::Document;
use secrecy::SecretString;

use crate::adversity;
use crate::authorization_settings::AuthorizationSettings;
use crate::client_metadata::Registration;
use crate::clock::Clock;
use crate::exchanges::ExchangeLog;
use crate::limits::Limiter;
use crate::public_url::PublicUrl;
use crate::record_store::RecordStore;
use crate::records::{Forms, Rules};
use crate::retired_secrets::RetiredSecrets;
use crate::signing_keys::KeyRing;
use crate::variants::Variants;

/// What every handler can reach.
pub(crate) struct App {
    pub(crate) records: RecordStore,
    pub(crate) public_url: PublicUrl,
    pub(crate) document: &'static Document,
    pub(crate) forms: Forms,
    pub(crate) retired_secrets: RetiredSecrets,
    pub(crate) registration: Registration,
    pub(crate) authorization: AuthorizationSettings,
    /// The time that grants and tokens live by.
    pub(crate) clock: Arc<Clock>,
    /// How open questions are answered.
    pub(crate) variants: Variants,
    /// The switch of faults; `None` if there can be no adversity.
    pub(crate) adversity: Option<Arc<adversity::Switch>>,
    /// The rate limit, if there is one.
    pub(crate) limiter: Option<Arc<Limiter>>,
    /// Where exchanges are written down, if they are.
    pub(crate) exchanges: Option<Arc<ExchangeLog>>,
    pub(crate) projects: HashMap<String, ProjectState>,
}

/// A project while it is served.
pub(crate) struct ProjectState {
    pub(crate) id: String,
    pub(crate) management_key: SecretString,
    pub(crate) keys: KeyRing,
}

impl App {
    pub(crate) fn project(&self, id: &str) -> Option<&ProjectState> {
        self.projects.get(id)
    }

    /// What reading and answering records depends on.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { forms: &self.forms, variants: &self.variants, public_url: &self.public_url }
    }
}
