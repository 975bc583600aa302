//! The keys of one project: the one that signs, and those before it, published until the last token that they signed
//! has expired. Basis: keys of a project sign for all of its MCP servers (documented); the rest is what any rotation
//! needs to be harmless (assumed).
//!
//! The ring is read from the store when the first token or key set is asked for, because an RSA key takes longer to
//! make than the rest of the start.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::RwLock;

use super::signing_key::SigningKey;
use crate::clock::Clock;
use crate::problem::Problem;
use crate::store::{Store, StoreError};

/// The store learns for how long a key is needed in steps of this size, so that few tokens cost a write.
const STEP_SECONDS: u64 = 3_600;

/// The keys of a project.
pub(crate) struct KeyRing {
    project: String,
    store: Store,
    clock: Arc<Clock>,
    /// The signing one first; empty until they are needed.
    keys: RwLock<Vec<Arc<SigningKey>>>,
}

impl KeyRing {
    pub(crate) fn new(project: String, store: Store, clock: Arc<Clock>) -> Self {
        Self { project, store, clock, keys: RwLock::default() }
    }

    /// All keys of the project that a client may still need, the signing one first.
    pub(crate) async fn published(&self) -> Result<Vec<Arc<SigningKey>>, Problem> {
        let now = self.clock.now_unix_seconds();
        let mut keys = self.all().await?;
        let mut first = true;
        keys.retain(|key| std::mem::take(&mut first) || key.signed_until() > now);
        Ok(keys)
    }

    /// The claims as a JWT of the signing key.
    ///
    /// # Errors
    /// A failure of the store or of the cryptography.
    pub(crate) async fn sign(&self, claims: &impl Serialize, expires_at: u64) -> Result<String, Problem> {
        self.all().await?;
        // Held to the end, so that no rotation drops the key while it signs its first token.
        let keys = self.keys.read().await;
        let Some(key) = keys.first() else { return Err(StoreError::Stopped.into()) };
        if expires_at > key.signed_until() {
            // Before the token exists, so that none ever outlives the publication of its key, not even after a crash.
            let (id, until) = (key.id().to_owned(), expires_at.saturating_add(STEP_SECONDS));
            self.store
                .write::<_, Problem>(move |records| Ok(records.extend_signing_key(&id, until)?))
                .await?;
            key.extend(until);
        }
        key.sign(claims).map_err(|error| Problem::internal(&error))
    }

    /// Makes a new signing key. The one before it stays published until its last token has expired.
    ///
    /// # Errors
    /// A failure of the store or of the cryptography; the ring is as it was.
    pub(crate) async fn rotate(&self) -> Result<(), Problem> {
        // The first rotation of a project that never signed has nothing to rotate from.
        self.all().await?;
        let mut keys = self.keys.write().await;
        let fresh = self.generate().await?;
        let now = self.clock.now_unix_seconds();
        keys.retain(|key| key.signed_until() > now);
        keys.insert(0, fresh);
        Ok(())
    }

    async fn all(&self) -> Result<Vec<Arc<SigningKey>>, Problem> {
        {
            let keys = self.keys.read().await;
            if !keys.is_empty() {
                return Ok(keys.clone());
            }
        }
        let mut keys = self.keys.write().await;
        if keys.is_empty() {
            let project = self.project.clone();
            let rows =
                self.store.read::<_, Problem>(move |records| Ok(records.signing_keys(&project)?)).await?;
            for row in &rows {
                keys.push(Arc::new(SigningKey::of_row(row).map_err(|error| Problem::internal(&error))?));
            }
        }
        if keys.is_empty() {
            keys.push(self.generate().await?);
        }
        Ok(keys.clone())
    }

    async fn generate(&self) -> Result<Arc<SigningKey>, Problem> {
        // Arithmetic that must not hold up other requests.
        let row = tokio::task::spawn_blocking(SigningKey::generate)
            .await
            .map_err(|error| Problem::internal(&error))?
            .map_err(|error| Problem::internal(&error))?;
        let key = SigningKey::of_row(&row).map_err(|error| Problem::internal(&error))?;
        let (project, now) = (self.project.clone(), self.clock.now_unix_seconds());
        self.store
            .write::<_, Problem>(move |records| Ok(records.insert_signing_key(&project, &row, now)?))
            .await?;
        Ok(Arc::new(key))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Harness;

    async fn key_ids(emulator: &Harness) -> Vec<String> {
        let set = emulator.get(&format!("/v2/keys/{}", emulator.project())).await.body;
        let keys = set["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn an_old_key_stays_published_until_its_tokens_have_expired() {
        let emulator = Harness::new();
        let (app, project) = (emulator.state(), emulator.project_state());
        let before = key_ids(&emulator).await;
        let expires_at = app.clock.now_unix_seconds() + 600;
        let old = project.keys.sign(&json!({}), expires_at).await.unwrap();
        project.keys.rotate().await.unwrap();
        let during = key_ids(&emulator).await;
        assert_eq!((during.len(), &during[1..]), (2, &before[..]));
        let new = project.keys.sign(&json!({}), expires_at).await.unwrap();
        let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        assert_eq!((kid(&old), kid(&new)), (before[0].clone(), during[0].clone()));

        app.clock.advance(600);
        assert_eq!(key_ids(&emulator).await.len(), 2, "some slack is fine, but no less");
        app.clock.advance(STEP_SECONDS);
        assert_eq!(key_ids(&emulator).await, [during[0].clone()]);
        project.keys.rotate().await.unwrap();
        assert_eq!(key_ids(&emulator).await.len(), 1, "nothing signed with the second key is still good");
    }

    #[tokio::test]
    async fn the_store_knows_the_keys_and_how_long_they_are_needed() {
        let emulator = Harness::new();
        let (app, project) = (emulator.state(), emulator.project_state());
        let expires_at = app.clock.now_unix_seconds() + 600;
        let token = project.keys.sign(&json!({}), expires_at).await.unwrap();
        // As after a restart.
        project.keys.keys.write().await.clear();
        let keys = project.keys.published().await.unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!(jsonwebtoken::decode_header(&token).unwrap().kid.unwrap(), keys[0].id());
        assert!(keys[0].signed_until() >= expires_at);
    }
}
