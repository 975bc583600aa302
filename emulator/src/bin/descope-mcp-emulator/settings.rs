//! From flags to the settings of an emulator. What makes no sense is an error before anything is opened.

use std::error::Error;
use std::net::SocketAddr;

use descope_mcp_emulator::{
    Adversity, AuthorizationSettings, PinnedDocument, RateLimit, RegistrationSettings, Variants,
};

use crate::failure::Failure;
use crate::flags::Flags;

/// What the flags say about how the emulator behaves, and about watching it.
pub(crate) struct Behaviour {
    pub(crate) authorization: AuthorizationSettings,
    pub(crate) variants: Variants,
    pub(crate) adversity: Option<Adversity>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) control: Option<SocketAddr>,
}

impl Behaviour {
    pub(crate) fn read(flags: &Flags) -> Result<Self, Failure> {
        fn setting(error: impl Error) -> Failure {
            Failure::Setting(error.to_string())
        }
        let mut variants = Variants::default();
        for pair in &flags.variant {
            variants.set_pair(pair).map_err(setting)?;
        }
        if let Some(control) = flags.control.filter(|control| !control.ip().is_loopback()) {
            return Err(Failure::Setting(format!(
                "--control {control} can be reached by other machines; it must be a loopback address"
            )));
        }
        let mut authorization = AuthorizationSettings::default();
        authorization.auto_consent = flags.auto_consent;
        authorization.exact_localhost_port = flags.exact_localhost_port;
        Ok(Self {
            authorization,
            variants,
            adversity: flags.adversity.as_deref().map(str::parse).transpose().map_err(setting)?,
            rate_limit: flags.rate_limit.as_deref().map(str::parse).transpose().map_err(setting)?,
            control: flags.control,
        })
    }
}

/// What the flags say about the registration of clients.
pub(crate) fn registration(flags: &Flags) -> Result<RegistrationSettings, Failure> {
    if flags.cimd_allow_loopback && !flags.listen.ip().is_loopback() {
        return Err(Failure::Setting(format!(
            "--cimd-allow-loopback needs a loopback address to listen on, not {}",
            flags.listen
        )));
    }
    let mut settings = RegistrationSettings::default();
    settings.allow_loopback_documents = flags.cimd_allow_loopback;
    settings.allow_private_use_redirects = flags.allow_private_use_redirects;
    for pin in &flags.cimd_pins {
        let (url, file) = pin
            .split_once('=')
            .ok_or_else(|| Failure::Setting(format!("--cimd-pin {pin:?} must be URL=FILE")))?;
        let json = std::fs::read(file)
            .map_err(|error| Failure::Setting(format!("--cimd-pin: cannot read {file}: {error}")))?;
        settings.pinned_documents.push(PinnedDocument::new(url, json));
    }
    Ok(settings)
}
