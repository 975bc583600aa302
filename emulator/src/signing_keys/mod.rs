//! The keys that sign a project's tokens: made, stored, rotated.

mod key_ring;
mod signing_key;

pub(crate) use key_ring::KeyRing;
