//! Serialization where the derived code is not enough. Generated types refer to these functions.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default of the type: an empty string, list or record, zero, false.
///
/// proto3 services mean the same by an absent, a null and an empty value, and one `null` must not make a whole
/// answer unreadable.
pub(crate) fn null_as_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
