//! What an emulator is started with. A bad value is an error, never a default.

use std::num::NonZeroUsize;

use crate::adversity::Adversity;
use crate::authorization_settings::AuthorizationSettings;
use crate::client_metadata::RegistrationSettings;
use crate::data_directory::DataDirectory;
use crate::limits::RateLimit;
use crate::project::Project;
use crate::public_url::PublicUrl;
use crate::seed::Seed;
use crate::start_error::StartError;
use crate::store::WRITES_PER_COMMIT;
use crate::variants::Variants;

/// Everything [`crate::app`] needs.
#[derive(Debug)]
pub struct Config {
    /// The projects to serve, at least one, each with an id of its own. What one stores, no other sees.
    pub projects: Vec<Project>,
    /// Where clients reach the emulator. Issuers and every other absolute URL derive from it, never from `Host`.
    pub public_url: PublicUrl,
    /// How the questions are answered that public documents leave open.
    pub variants: Variants,
    /// Faults to make, from the start; the control listener can switch them later.
    pub adversity: Option<Adversity>,
    /// How many requests are answered, if not all.
    pub rate_limit: Option<RateLimit>,
    /// Whether exchanges are written down and adversity can be switched on, for the control listener.
    pub(crate) controlled: bool,
    /// Which clients may register, and from where their metadata documents come.
    pub registration: RegistrationSettings,
    /// How users are asked for their consent, and where browsers are sent.
    pub authorization: AuthorizationSettings,
    /// Where records are kept; in memory if there is none. The projects that it holds are served too.
    pub data: Option<DataDirectory>,
    /// Records to begin with; what is there already stays as it is. Its projects are served too.
    pub seed: Option<Seed>,
    /// How many writes share one sync of the disk at most; with 1, each has its own, which is only good for
    /// measurements.
    pub writes_per_commit: NonZeroUsize,
}

impl Config {
    /// These projects behind this URL, everything else as usual.
    pub fn new(public_url: PublicUrl, projects: Vec<Project>) -> Self {
        Self {
            projects,
            public_url,
            variants: Variants::default(),
            adversity: None,
            rate_limit: None,
            controlled: false,
            registration: RegistrationSettings::default(),
            authorization: AuthorizationSettings::default(),
            data: None,
            seed: None,
            writes_per_commit: WRITES_PER_COMMIT,
        }
    }

    /// The same with one question answered in another way; [`Variants::switches`] lists them.
    ///
    /// # Errors
    /// [`StartError::Variant`] for an unknown name or value, listing what there is.
    pub fn with_variant(mut self, name: &str, value: &str) -> Result<Self, StartError> {
        self.variants.set(name, value)?;
        Ok(self)
    }

    /// The same with faults from the start.
    #[must_use]
    pub fn with_adversity(self, adversity: Adversity) -> Self {
        Self { adversity: Some(adversity), ..self }
    }

    /// The same with a rate limit.
    #[must_use]
    pub fn with_rate_limit(self, rate_limit: RateLimit) -> Self {
        Self { rate_limit: Some(rate_limit), ..self }
    }
}
