//! Lists of which a record does not fit its type: what of them can be read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answer::misfit;

/// The records of a response, and those among them that do not fit their type.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Readable<T> {
    /// Those that fit, in their order.
    pub records: Vec<T>,
    /// The others. Nearly always empty.
    pub unreadable: Vec<UnreadableRecord>,
    /// The count that the service sent with them, if it sent one.
    pub total: Option<u64>,
}

/// A record that does not fit its type. It quotes no value but the id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableRecord {
    /// Its position in the list of the response, from 0.
    pub index: usize,
    /// Its id, if it has one that looks like an id. The call that loads this record alone fails in the same way; an untyped
    /// call (`ManagementClient::invoke`) can read it.
    pub id: Option<String>,
    /// The path of the member that does not fit, and what it should be.
    pub detail: String,
}

/// A count that a service sent: none if it is negative.
pub(crate) fn count(total: Option<i32>) -> Option<u64> {
    total.and_then(|total| u64::try_from(total).ok())
}

impl<T: DeserializeOwned> Readable<T> {
    /// What can be read of a response whose records are in `list`. `None` if that is no list.
    pub(crate) fn of(body: &[u8], list: &str, shown_id: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        let total = match answer.get("total") {
            Some(Value::String(total)) => total.parse().ok(),
            total => total.and_then(Value::as_u64),
        };
        let mut readable = Self { records: Vec::new(), unreadable: Vec::new(), total };
        for (index, item) in
            answer.get(list)?.as_array()?.iter().enumerate().filter(|(_, item)| !item.is_null())
        {
            // From text, so that the error says where.
            let text = item.to_string();
            match serde_json::from_str(&text) {
                Ok(record) => readable.records.push(record),
                Err(error) => readable.unreadable.push(UnreadableRecord {
                    index,
                    id: item.get("id").and_then(Value::as_str).and_then(&shown_id),
                    detail: misfit::<T>(text.as_bytes(), &error, true),
                }),
            }
        }
        Some(readable)
    }
}
