//! Secrets that were rotated away and still work for a while (`--variant rotation=grace`). Kept in memory only: a
//! restart ends their time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// How long an old secret goes on working (assumed).
const GRACE: Duration = Duration::from_secs(60);
/// Clients that can have an old secret at the same time; those of more are refused at once.
const MOST: usize = 10_000;

/// The old secret of each client, by record id.
#[derive(Default)]
pub(crate) struct RetiredSecrets(Mutex<HashMap<String, (Instant, SecretString)>>);

impl RetiredSecrets {
    /// Lets this secret of the client work until its time is over.
    pub(crate) fn retire(&self, record_id: &str, secret: SecretString) {
        let now = Instant::now();
        let mut retired = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        retired.retain(|_, (until, _)| *until > now);
        if retired.len() < MOST {
            retired.insert(record_id.to_owned(), (now + GRACE, secret));
        }
    }

    /// Whether the client may still use this secret.
    pub(crate) fn accepts(&self, record_id: &str, given: &[u8]) -> bool {
        let retired = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        retired.get(record_id).is_some_and(|(until, secret)| {
            *until > Instant::now()
                && verify_slices_are_equal(secret.expose_secret().as_bytes(), given).is_ok()
        })
    }
}
