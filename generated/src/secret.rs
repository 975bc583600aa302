//! Values that must not be shown.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use subtle::ConstantTimeEq;

/// A client secret.
///
/// `Debug` shows only that there is a secret. There is no `Display` and no `Serialize`. The memory is wiped on drop.
/// The comparison of two secrets of the same length takes constant time.
///
/// ```
/// let secret = descope_mcp_management::Secret::from("s3cr3t");
/// assert_eq!(format!("{secret:?}"), "Secret([redacted])");
/// assert_eq!(secret.expose(), "s3cr3t");
/// ```
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// The value itself. This is the only way to read it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the secret is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(SecretString::from(value))
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(SecretString::from(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for Secret {}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretVisitor)
    }
}

struct SecretVisitor;

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret string")
    }

    fn visit_str<E>(self, value: &str) -> Result<Secret, E> {
        Ok(Secret::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Secret, E> {
        Ok(Secret::from(value))
    }
}

/// Writes the value of a secret member of a request, the one place where a secret is serialised on purpose.
///
/// Only machine-written request types name this function, and only when the document has a secret in a request.
#[allow(dead_code, reason = "the document of today has secrets in answers only")]
pub(crate) fn serialize_for_request<T: ForRequest, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.serialize_exposed(serializer)
}

/// Shapes in which a request can carry secrets.
pub(crate) trait ForRequest {
    /// Serialises with the secrets in it exposed.
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl ForRequest for Secret {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<T: ForRequest> ForRequest for Option<T> {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.serialize_exposed(serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl<T: ForRequest> ForRequest for Vec<T> {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Exposed))
    }
}

impl<T: ForRequest> ForRequest for BTreeMap<String, T> {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self {
            map.serialize_entry(name, &Exposed(value))?;
        }
        map.end()
    }
}

struct Exposed<'a, T>(&'a T);

impl<T: ForRequest> Serialize for Exposed<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_exposed(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize)]
    struct Request {
        #[serde(serialize_with = "serialize_for_request")]
        one: Secret,
        #[serde(serialize_with = "serialize_for_request")]
        many: Option<Vec<Secret>>,
        #[serde(serialize_with = "serialize_for_request")]
        named: BTreeMap<String, Secret>,
    }

    #[test]
    fn requests_carry_the_value_of_a_secret_in_every_shape() {
        let request = Request {
            one: "a".into(),
            many: Some(vec!["b".into(), "c".into()]),
            named: BTreeMap::from([("n".to_owned(), "d".into())]),
        };
        let written = serde_json::to_value(&request).unwrap();
        assert_eq!(written, serde_json::json!({"one": "a", "many": ["b", "c"], "named": {"n": "d"}}));
    }

    #[test]
    fn equality_is_of_the_whole_value() {
        assert_eq!(Secret::from("same"), Secret::from("same"));
        assert_ne!(Secret::from("same"), Secret::from("sama"));
        assert_ne!(Secret::from("same"), Secret::from("samesame"));
    }

    #[test]
    fn a_number_in_place_of_a_secret_is_refused() {
        assert!(serde_json::from_str::<Secret>("7").is_err());
    }
}
