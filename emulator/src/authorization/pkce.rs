//! Proof Key for Code Exchange (RFC 7636) with `S256`, the only method here: `plain` proves nothing to whoever saw the
//! authorization request, and OAuth 2.1 and MCP demand `S256`.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::secret_text::sha256;

/// Whether the text can be an `S256` challenge: the base64url form of 32 bytes.
pub(super) fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether the verifier is one and belongs to the challenge.
pub(super) fn proves(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_verifier = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    let hashed = URL_SAFE_NO_PAD.encode(sha256(verifier));
    is_verifier && verify_slices_are_equal(hashed.as_bytes(), challenge.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc_holds_and_nothing_else_does() {
        assert!(is_challenge(CHALLENGE) && proves(VERIFIER, CHALLENGE));
        for verifier in ["", CHALLENGE, &VERIFIER[1..], &VERIFIER.to_lowercase(), &format!("{VERIFIER}x")] {
            assert!(!proves(verifier, CHALLENGE), "{verifier}");
        }
        for challenge in
            ["", VERIFIER.trim_end_matches('k'), &format!("{CHALLENGE}="), &CHALLENGE[2..], "a b"]
        {
            assert!(!is_challenge(challenge), "{challenge}");
        }
    }

    #[test]
    fn verifiers_have_43_to_128_unreserved_characters() {
        for (verifier, ok) in [
            ("~._-".repeat(32), true),
            ("a".repeat(43), true),
            ("a".repeat(42), false),
            ("a".repeat(129), false),
            (format!("{}+", "a".repeat(43)), false),
        ] {
            let challenge = URL_SAFE_NO_PAD.encode(sha256(&verifier));
            assert_eq!(proves(&verifier, &challenge), ok, "{verifier}");
        }
    }
}
