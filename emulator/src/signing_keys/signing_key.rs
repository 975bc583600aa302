//! An RSA key that signs tokens with RS256, and checks those that it signed.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::ids;
use crate::store::SigningKeyRow;

/// A private key, its id, and its public half as clients fetch it.
pub(crate) struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    check: DecodingKey,
    id: String,
    /// No token that it signed is good at this time or later, as the store knows too.
    signed_until: AtomicU64,
}

/// Why no key could be made or used. The libraries give no cause that would help a reader.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error("cannot generate an RSA key")]
    Generate,
    #[error("cannot use the RSA key")]
    Unusable(#[source] jsonwebtoken::errors::Error),
}

impl SigningKey {
    /// A fresh key as it is stored. A tenth of a second of arithmetic.
    pub(super) fn generate() -> Result<SigningKeyRow, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
        let der = pair.as_der().map_err(|_| KeyError::Generate)?;
        // PEM is the one form of PKCS#8, which is what the generator gives, that the JWT library takes.
        let private_pem = SecretString::from(format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der.as_ref())
        ));
        let id = ids::signing_key_id().map_err(|_| KeyError::Generate)?;
        Ok(SigningKeyRow { id, private_pem, signed_until: 0 })
    }

    /// A stored key, ready for use.
    pub(super) fn of_row(row: &SigningKeyRow) -> Result<Self, KeyError> {
        let private = EncodingKey::from_rsa_pem(row.private_pem.expose_secret().as_bytes())
            .map_err(KeyError::Unusable)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(KeyError::Unusable)?;
        public.common.key_id = Some(row.id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let check = DecodingKey::from_jwk(&public).map_err(KeyError::Unusable)?;
        let signed_until = AtomicU64::new(row.signed_until);
        Ok(Self { private, public, check, id: row.id.clone(), signed_until })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The public half, as clients fetch it.
    pub(crate) fn public(&self) -> &Jwk {
        &self.public
    }

    /// The public half, to check a signature with.
    pub(crate) fn check(&self) -> &DecodingKey {
        &self.check
    }

    pub(crate) fn signed_until(&self) -> u64 {
        self.signed_until.load(Ordering::Acquire)
    }

    pub(super) fn extend(&self, signed_until: u64) {
        self.signed_until.fetch_max(signed_until, Ordering::AcqRel);
    }

    /// The claims as a JWT, signed with RS256.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.private)
    }
}
