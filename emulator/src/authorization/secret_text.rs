//! Codes, tickets and refresh tokens: random texts that are given away once and kept as hashes.

use aws_lc_rs::digest;
use secrecy::{ExposeSecret, SecretString};

use crate::ids;
use crate::problem::Problem;
use crate::store::Hash;

/// Between the part that all refresh tokens of a grant share and the part of each. Base62 has no such character.
const SEPARATOR: char = '-';

/// A fresh secret of 43 base62 characters, and what is kept of it.
pub(super) fn fresh() -> Result<(SecretString, Hash), Problem> {
    let secret = ids::client_secret()?;
    let hash = sha256(secret.expose_secret());
    Ok((secret, hash))
}

/// A refresh token. All tokens of one grant begin alike, so that the grant of a spent one is found without keeping it:
/// whoever brings the beginning and not the rest that is in force brings a spent token.
pub(super) struct RefreshToken {
    family: SecretString,
    token: SecretString,
}

impl RefreshToken {
    pub(super) fn fresh() -> Result<Self, Problem> {
        Self::of_family(ids::client_secret()?)
    }

    /// What a client brings, unless it cannot be a refresh token.
    pub(super) fn brought(text: SecretString) -> Option<Self> {
        let (family, _) = text.expose_secret().split_once(SEPARATOR)?;
        Some(Self { family: family.into(), token: text })
    }

    /// The one that takes its place.
    pub(super) fn successor(&self) -> Result<Self, Problem> {
        Self::of_family(self.family.clone())
    }

    fn of_family(family: SecretString) -> Result<Self, Problem> {
        let own = ids::client_secret()?;
        let token = format!("{}{SEPARATOR}{}", family.expose_secret(), own.expose_secret()).into();
        Ok(Self { family, token })
    }

    pub(super) fn expose(&self) -> &str {
        self.token.expose_secret()
    }

    /// What is kept of its family.
    pub(super) fn family(&self) -> Hash {
        sha256(self.family.expose_secret())
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> Hash {
        sha256(self.expose())
    }
}

/// The SHA-256 hash of a text.
pub(super) fn sha256(text: &str) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_of_the_same_family_and_another_token() {
        let one = RefreshToken::fresh().unwrap();
        let two = one.successor().unwrap();
        assert_eq!(one.family(), two.family());
        assert_ne!(one.hash(), two.hash());
        let brought = RefreshToken::brought(one.expose().into()).unwrap();
        assert_eq!((brought.family(), brought.hash()), (one.family(), one.hash()));
        assert!(RefreshToken::brought("abc".into()).is_none());
        assert_ne!(one.family(), RefreshToken::fresh().unwrap().family());
    }
}
