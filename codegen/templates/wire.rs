//! How values travel, where the derived code is not enough.

// Named by generated types; which of it depends on the document.
#![allow(dead_code)]

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default of the type, so that one `null` does not make a whole answer unreadable.
pub(crate) fn null_as_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
