//! Serialization where the derived code is not enough. Generated types refer to these functions.
//!
//! What may stand in an answer besides what the document says, without making it unreadable:
//!
//! * `null` where a text, a number, a list or a record belongs reads as empty, or as absent if the member is optional;
//! * a `null` among the items of a list is left out;
//! * an integer may be written as a string, or with a fraction of zero (`"7"`, `7.0`);
//! * an integer in the wrapper object of an answer may be larger than its type, and is then the largest.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Unexpected, Visitor};
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

/// Reads an optional list without those of its items that are `null`.
pub(crate) fn list<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<Items<T>>::deserialize(deserializer).map(|items| items.map(|Items(items)| items))
}

/// The same for a list that must be there: absent and `null` are an empty one.
pub(crate) fn list_or_empty<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    list(deserializer).map(Option::unwrap_or_default)
}

/// Reads an optional integer in any form.
pub(crate) fn integer<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: TryFrom<i128>,
    D: Deserializer<'de>,
{
    let Some(number) = deserializer.deserialize_any(IntegerVisitor)? else { return Ok(None) };
    match T::try_from(number) {
        Ok(number) => Ok(Some(number)),
        Err(_) => {
            Err(D::Error::invalid_value(Unexpected::Other("integer"), &"an integer that is not as large"))
        }
    }
}

/// The same where nobody sends the number back: one that is too large is the largest.
pub(crate) fn advisory_integer<'de, D>(deserializer: D) -> Result<Option<i32>, D::Error>
where
    D: Deserializer<'de>,
{
    let number = deserializer.deserialize_any(IntegerVisitor)?;
    Ok(number.map(|number| i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })))
}

struct Items<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor(PhantomData))
    }
}

struct ItemsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemsVisitor<T> {
    type Value = Items<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Items<T>, A::Error> {
        /// An answer announces no length that must be believed.
        const MAX_RESERVED: usize = 1024;
        let mut items = Vec::with_capacity(access.size_hint().unwrap_or(0).min(MAX_RESERVED));
        while let Some(item) = access.next_element::<Option<T>>()? {
            items.extend(item);
        }
        Ok(Items(items))
    }
}

struct IntegerVisitor;

impl<'de> Visitor<'de> for IntegerVisitor {
    type Value = Option<i128>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<i128>, E> {
        Ok(Some(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<i128>, E> {
        Ok(Some(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<i128>, E> {
        if number.fract() != 0.0 || !number.is_finite() {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a number that is too large becomes the largest")]
        Ok(Some(number as i128))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<i128>, E> {
        let number = text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        Ok(Some(number))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<i128>, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::McpServer;
    use crate::generated::types::{LoadAllMcpServersResponse, SessionSettings};

    fn lifetime(value: Value) -> Result<Option<i32>, String> {
        let read = serde_json::from_value::<SessionSettings>(json!({"refreshTokenExpiration": value}));
        read.map(|settings| settings.refresh_token_expiration).map_err(|error| error.to_string())
    }

    #[test]
    fn an_integer_reads_in_every_form_that_means_the_same() {
        for value in [json!(7), json!("7"), json!(7.0)] {
            assert_eq!(lifetime(value.clone()), Ok(Some(7)), "{value}");
        }
        assert_eq!(lifetime(Value::Null), Ok(None));
        assert_eq!(serde_json::from_str::<SessionSettings>("{}").unwrap().refresh_token_expiration, None);
        for value in [json!(7.5), json!("7 days"), json!(true), json!([7]), json!(1e300), json!(1_u64 << 31)]
        {
            assert!(lifetime(value.clone()).unwrap_err().contains("expected an integer"), "{value}");
        }
    }

    #[test]
    fn a_total_that_is_too_large_is_the_largest() {
        for (total, read) in
            [(json!("3"), 3), (json!(1_u64 << 40), i32::MAX), (json!("-99999999999"), i32::MIN)]
        {
            let answer =
                serde_json::from_value::<LoadAllMcpServersResponse>(json!({"total": total})).unwrap();
            assert_eq!(answer.total, Some(read));
        }
    }

    #[test]
    fn nulls_among_the_items_of_a_list_are_left_out() {
        let answer =
            json!({"servers": [null, {"id": "MS1", "tags": [null, "a", null]}, {"id": "MS2", "tags": null}]});
        let answer = serde_json::from_value::<LoadAllMcpServersResponse>(answer).unwrap();
        let expected = [McpServer::default().id("MS1").tags(["a"]), McpServer::default().id("MS2")];
        assert_eq!(answer.servers.unwrap(), expected);
    }
}
