//! A `client_credentials` request to the token endpoint of a client's server.

use std::slice;

use serde::{Deserialize, Serialize};

use super::authorization_server::client_credentials;
use super::body::{known_client, server_id};
use crate::capability::Capability;
use crate::labels::{ClientLabel, WhichSecret};
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};
use crate::model::{Life, Model};
use crate::wire::request::WebRequest;

/// A secret that no target gives out.
const INVENTED_SECRET: &str = "AnInventedSecretThatNoClientWasEverGiven123";

/// How a token request authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenAuth {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}

pub(super) fn sentence(client: ClientLabel, secret: WhichSecret, method: TokenAuth) -> String {
    let secret = match secret {
        WhichSecret::Current => "its secret",
        WhichSecret::BeforeRotation => "its secret from before the rotation",
        WhichSecret::BeforeTwoRotations => "its secret from before the last two rotations",
        WhichSecret::Invented => "a secret that it was never given",
    };
    let method = match method {
        TokenAuth::Basic => "Basic",
        TokenAuth::Post => "form",
    };
    format!("ask for a token as {client} with {secret} ({method})")
}

pub(super) fn semantics(client: &ClientLabel, secret: WhichSecret) -> Semantics<'_> {
    Semantics {
        operation: None,
        servers: &[],
        clients: slice::from_ref(client),
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::UseSecret { client: *client, secret },
        shows: ShownRecords::Nothing,
        reveals: Reveals::Always(&[Capability::TokenEndpoint]),
        round_trip: None,
    }
}

pub(super) fn request(
    client: ClientLabel,
    secret: WhichSecret,
    method: TokenAuth,
    model: &Model,
) -> Option<WebRequest> {
    let client = known_client(client, model)?;
    if client.record.life == Life::Unknown || !client.secret_is_known {
        return None;
    }
    let secret = match secret {
        WhichSecret::Invented => INVENTED_SECRET.to_owned(),
        given => client.secret(given)?.to_owned(),
    };
    Some(client_credentials(server_id(client.server, model)?, &client.client_id, secret, method))
}
