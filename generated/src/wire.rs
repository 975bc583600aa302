//! Serialization where the derived code is not enough. Generated types refer to these functions. Crates that are made from
//! other documents get this file too: it uses nothing of this crate.
//!
//! What may stand in an answer besides what the document says, without making it unreadable:
//!
//! * `null` where a text, a number, a list or a record belongs reads as empty, or as absent if the member is optional;
//! * a `null` among the items of a list is left out;
//! * an integer may be written as a string, or with a fraction of zero (`"7"`, `7.0`);
//! * an integer in the wrapper object of an answer, such as a count, may be larger than its type, and is then the largest; if it
//!   is no integer at all, it reads as absent.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
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

/// The same where nobody sends the number back: one that is too large is the largest, and what is no integer is none.
pub(crate) fn advisory_integer<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Bounded,
    D: Deserializer<'de>,
{
    let number = deserializer.deserialize_any(AdvisoryVisitor)?;
    Ok(number.map(|number| T::try_from(number).unwrap_or(if number < 0 { T::MIN } else { T::MAX })))
}

/// An integer type with a least and a largest value.
pub(crate) trait Bounded: TryFrom<i128> {
    const MIN: Self;
    const MAX: Self;
}

macro_rules! bounded {
    ($($integer:ty),+) => {
        $(impl Bounded for $integer {
            const MIN: Self = <$integer>::MIN;
            const MAX: Self = <$integer>::MAX;
        })+
    };
}

bounded!(i8, i16, i32, i64, u8, u16, u32, u64);

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
        // A fraction, and what is no number, do not read as an integer.
        let integer =
            number.to_string().parse().map_err(|_| E::invalid_value(Unexpected::Float(number), &self))?;
        Ok(Some(integer))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<i128>, E> {
        let number = text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        Ok(Some(number))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<i128>, E> {
        Ok(None)
    }
}

struct AdvisoryVisitor;

impl<'de> Visitor<'de> for AdvisoryVisitor {
    type Value = Option<i128>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Option<i128>, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<i128>, E> {
        IntegerVisitor.visit_i64(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<i128>, E> {
        IntegerVisitor.visit_u64(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<i128>, E> {
        IntegerVisitor.visit_f64::<E>(number).or(Ok(None))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<i128>, E> {
        IntegerVisitor.visit_str::<E>(text).or(Ok(None))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<i128>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Option<i128>, A::Error> {
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Option<i128>, A::Error> {
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
