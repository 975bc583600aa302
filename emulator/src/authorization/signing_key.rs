//! The RSA key that signs a project's tokens.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::app::ProjectState;
use crate::ids;
use crate::problem::Problem;

/// A private key, its id, and its public half as clients fetch it.
pub(crate) struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    id: String,
}

/// Why no key could be made or used. The libraries give no cause that would help a reader.
#[derive(Debug, thiserror::Error)]
enum KeyError {
    #[error("cannot generate an RSA key")]
    Generate,
    #[error("cannot use the generated RSA key")]
    Unusable(#[source] jsonwebtoken::errors::Error),
}

impl SigningKey {
    /// The key of this project, made at the first call.
    pub(crate) async fn of(project: &ProjectState) -> Result<&Self, Problem> {
        let generate = || async {
            // A tenth of a second of arithmetic, which must not hold up other requests.
            match tokio::task::spawn_blocking(Self::generate).await {
                Ok(Ok(key)) => Ok(key),
                Ok(Err(error)) => Err(Problem::internal(&error)),
                Err(error) => Err(Problem::internal(&error)),
            }
        };
        project.signing_key.get_or_try_init(generate).await
    }

    fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
        let der = pair.as_der().map_err(|_| KeyError::Generate)?;
        // PEM is the one form that takes PKCS#8, which is what the generator gives.
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(KeyError::Unusable)?;
        let id = ids::signing_key_id().map_err(|_| KeyError::Generate)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(KeyError::Unusable)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { private, public, id })
    }

    /// The public half.
    pub(crate) fn public(&self) -> &Jwk {
        &self.public
    }

    /// The claims as a JWT, signed with RS256.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.private)
    }
}
