//! What is known of the grants that clients were given, and of what authorization servers answered. No I/O here.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::effect::{AuthorizationEffect, Effect};
use super::{ClientRecord, Model};
use crate::labels::{ClientLabel, ServerLabel};
use crate::wire::exchange::{Answer, Exchange, given_code};

/// How old a code may be that must still give tokens. Codes expire soon, and no document says how long they work at least;
/// a request that is sent again after a status 429 may take a minute.
const MAX_CODE_AGE: Duration = Duration::from_secs(10);

/// What a client's last request for a code led to.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// The code.
    pub code: String,
    /// When the request for it was sent.
    pub asked_at: Option<Instant>,
    /// Whether it was redeemed.
    pub redeemed: bool,
    /// Every refresh token, newest last.
    pub refresh_tokens: Vec<String>,
    /// Access tokens.
    pub access_tokens: Vec<String>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether it was revoked, or may have been for something that was done wrongly.
    pub over: bool,
    /// Whether the client's secret was rotated since.
    pub outlived_a_secret: bool,
}

impl Model {
    /// Whether a code was refused that may have expired before the request for tokens was answered.
    pub fn refuses_an_old_code(&self, effect: Effect<'_>, exchange: &Exchange) -> bool {
        let Effect::Authorization(AuthorizationEffect::RedeemCode { client, rightly: true }) = effect else {
            return false;
        };
        let grant = self.clients.get(&client).and_then(|client| client.grant.as_ref());
        let asked_at = grant.and_then(|grant| grant.asked_at).filter(|_| exchange.refusal().is_some());
        asked_at
            .is_some_and(|asked_at| exchange.answered_at().saturating_duration_since(asked_at) > MAX_CODE_AGE)
    }

    /// Takes in what an authorization server answered.
    pub(super) fn learn(&mut self, effect: AuthorizationEffect, exchange: &Exchange) {
        let success = exchange.success().filter(|_| !exchange.is_unclear());
        match effect {
            AuthorizationEffect::Nothing => {}
            AuthorizationEffect::ReadMetadata(server) => {
                if let Some(body) = success {
                    self.metadata.entry(server).or_insert_with(|| body.clone());
                }
            }
            AuthorizationEffect::ReadKeys => self.keys = success.cloned().or(self.keys.take()),
            AuthorizationEffect::RegisterClient { client, server, public } => {
                self.registration_worked |= success.is_some();
                // A clear refusal has made nothing.
                if exchange.refusal().is_none() || exchange.after_unclear_try {
                    self.learn_registration(client, server, success);
                }
                if let Some(client) = self.clients.get_mut(&client) {
                    client.is_public = public && client.secrets.is_empty();
                }
            }
            AuthorizationEffect::GiveCode(client) => {
                self.codes_were_given |= given_code(exchange).is_some();
                if let Some(client) = self.clients.get_mut(&client) {
                    let asked_at = Some(exchange.sent_at);
                    let grant = |code| Grant { code, asked_at, ..Grant::default() };
                    client.grant = given_code(exchange).map(grant);
                }
            }
            // Whether the code or the token was used up is unknown, and so is what it gave.
            AuthorizationEffect::RedeemCode { client, .. }
            | AuthorizationEffect::RefreshTokens { client, .. }
                if exchange.answer().is_none()
                    || self.refuses_an_old_code(Effect::Authorization(effect), exchange) =>
            {
                if let Some(client) = self.clients.get_mut(&client) {
                    client.grant = None;
                }
            }
            AuthorizationEffect::RedeemCode { client, rightly } => {
                let Some(grant) = self.grant_of(client) else { return };
                grant.redeemed = true;
                // A code that was brought wrongly or twice may take everything down with it.
                grant.over |= !rightly || success.is_none();
                grant.take_tokens(success);
            }
            AuthorizationEffect::RefreshTokens { client, rightly } => {
                let Some(grant) = self.grant_of(client) else { return };
                grant.over |= !rightly || success.is_none();
                grant.take_tokens(success);
            }
            AuthorizationEffect::Revoke(client) => {
                // Only a clear success says that it is revoked; the body may be empty.
                let revoked = exchange.answer().is_some_and(Answer::is_success);
                if let Some(grant) = self.grant_of(client) {
                    grant.over = true;
                    grant.revoked |= revoked;
                }
            }
        }
    }

    fn grant_of(&mut self, client: ClientLabel) -> Option<&mut Grant> {
        self.clients.get_mut(&client)?.grant.as_mut()
    }

    fn learn_registration(&mut self, label: ClientLabel, server: ServerLabel, success: Option<&Value>) {
        match success.and_then(|body| body["client_id"].as_str().map(|id| (id, body))) {
            Some((client_id, body)) => {
                let secret = body["client_secret"].as_str().filter(|secret| !secret.is_empty());
                let made = ClientRecord::registered(server, client_id, secret.map(str::to_owned));
                self.insert_client(label, made);
            }
            // Whatever it says, a client may have been made.
            None => {
                self.servers_with_possible_orphans.insert(server);
            }
        }
    }
}

impl Grant {
    fn take_tokens(&mut self, success: Option<&Value>) {
        let text = |member: &str| success.and_then(|body| body[member].as_str()).map(str::to_owned);
        self.access_tokens.extend(text("access_token"));
        self.refresh_tokens.extend(text("refresh_token"));
    }
}
