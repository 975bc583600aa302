//! Identifiers and secrets of the shapes that the service uses, from the operating system's random source.
//!
//! Basis: observed (`fact/ids-are-ksuids`, `fact/client-id-form`). Ids are a type prefix and a KSUID (four bytes of
//! time, sixteen random ones, 27 base62 characters); OAuth client ids are base64 over `<project id>:<record id>`;
//! secrets are 43 base62 characters. Newer client ids of the service end in `#` before encoding; both forms are in
//! use, the older one unless a variant asks for the other.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use crate::clock;
use crate::variants::ClientIdForm;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// KSUIDs count seconds from 2014-05-13T16:53:20Z.
const KSUID_EPOCH_UNIX_SECONDS: u64 = 1_400_000_000;
const KSUID_CHARACTERS: usize = 27;
const SECRET_CHARACTERS: usize = 43;
const MANAGEMENT_KEY_CHARACTERS: usize = 64;

pub(crate) fn project_id() -> Result<String, Unspecified> {
    prefixed("P")
}

pub(crate) fn server_id() -> Result<String, Unspecified> {
    prefixed("MS")
}

/// What the service calls a resource, of which an MCP server is one kind.
pub(crate) fn resource_id() -> Result<String, Unspecified> {
    prefixed("RS")
}

pub(crate) fn client_record_id() -> Result<String, Unspecified> {
    prefixed("TPA")
}

/// A user. That the prefix is this one is assumed.
pub(crate) fn user_id() -> Result<String, Unspecified> {
    prefixed("U")
}

/// A user's consent, which tokens name in `dci`. That it looks like this is assumed.
pub(crate) fn consent_id() -> Result<String, Unspecified> {
    prefixed("CNS")
}

/// The `kid` of a signing key. That it looks like this is assumed.
pub(crate) fn signing_key_id() -> Result<String, Unspecified> {
    prefixed("SK")
}

/// The `jti` of an access token.
pub(crate) fn token_id() -> Result<String, Unspecified> {
    prefixed("")
}

/// The OAuth client id of a client that was made here: base64 with padding. Over ASCII letters, digits, a colon and a
/// number sign at the end that never yields `+` or `/`, so Basic credentials survive clients that encode and clients
/// that do not.
pub(crate) fn oauth_client_id(project_id: &str, record_id: &str, form: ClientIdForm) -> String {
    let end = match form {
        ClientIdForm::Padded => "",
        ClientIdForm::Hash => "#",
    };
    STANDARD.encode(format!("{project_id}:{record_id}{end}"))
}

pub(crate) fn client_secret() -> Result<SecretString, Unspecified> {
    Ok(random_base62(SECRET_CHARACTERS)?.into())
}

pub(crate) fn management_key() -> Result<String, Unspecified> {
    Ok(format!("K2{}", random_base62(MANAGEMENT_KEY_CHARACTERS)?))
}

fn prefixed(prefix: &str) -> Result<String, Unspecified> {
    let mut payload = [0_u8; 16];
    rand::fill(&mut payload)?;
    Ok(format!("{prefix}{}", ksuid(clock::now_unix_seconds(), payload)))
}

fn ksuid(unix_seconds: u64, payload: [u8; 16]) -> String {
    let mut number = [0_u8; 20];
    // The field has 32 bits and lasts until 2150; a clock outside its range only costs the order of ids.
    let seconds = u32::try_from(unix_seconds.saturating_sub(KSUID_EPOCH_UNIX_SECONDS)).unwrap_or(u32::MAX);
    number[..4].copy_from_slice(&seconds.to_be_bytes());
    number[4..].copy_from_slice(&payload);
    let mut digits = [b'0'; KSUID_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let value = remainder * 256 + u32::from(*byte);
            *byte = (value / 62) as u8;
            remainder = value % 62;
        }
        *digit = BASE62[remainder as usize];
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

fn random_base62(length: usize) -> Result<String, Unspecified> {
    /// 248 is the largest multiple of 62 in a byte; larger bytes are drawn again so that no character is likelier.
    const FAIR_BELOW: u8 = 248;
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        rand::fill(&mut bytes)?;
        let fair = bytes.iter().filter(|&&byte| byte < FAIR_BELOW);
        text.extend(fair.take(length - text.len()).map(|byte| char::from(BASE62[usize::from(byte % 62)])));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn encodes_the_example_of_the_ksuid_specification() {
        let payload =
            [0xb5, 0xa1, 0xcd, 0x34, 0xb5, 0xf9, 0x9d, 0x11, 0x54, 0xfb, 0x68, 0x53, 0x34, 0x5c, 0x97, 0x35];
        assert_eq!(ksuid(0x0669_f7ef + KSUID_EPOCH_UNIX_SECONDS, payload), "0ujtsYcgvSTl8PAuAdqWYSMnLOv");
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        assert!(ksuid(1_700_000_000, [0xff; 16]) < ksuid(1_700_000_001, [0; 16]));
    }

    #[test]
    fn ids_have_the_real_lengths_and_prefixes() {
        for (id, prefix, length) in [
            (project_id().unwrap(), "P", 28),
            (server_id().unwrap(), "MS", 29),
            (client_record_id().unwrap(), "TPA", 30),
        ] {
            assert!(id.starts_with(prefix) && id.len() == length, "{id}");
        }
    }

    #[test]
    fn client_ids_are_eighty_characters_that_need_no_encoding_but_the_padding() {
        let (project, record) = (project_id().unwrap(), client_record_id().unwrap());
        let padded = oauth_client_id(&project, &record, ClientIdForm::Padded);
        let hash = oauth_client_id(&project, &record, ClientIdForm::Hash);
        assert_eq!((padded.len(), hash.len()), (80, 80));
        for body in [padded.strip_suffix('=').unwrap(), &hash] {
            assert!(body.bytes().all(|b| b.is_ascii_alphanumeric()), "{body}");
        }
        assert!(hash.ends_with('j'), "{hash}");
    }

    #[test]
    fn secrets_are_forty_three_base62_characters_and_never_repeat() {
        let (one, two) = (client_secret().unwrap(), client_secret().unwrap());
        assert_eq!(one.expose_secret().len(), 43);
        assert!(one.expose_secret().bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(one.expose_secret(), two.expose_secret());
    }
}
