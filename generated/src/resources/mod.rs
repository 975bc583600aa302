//! One method per operation.

pub(crate) mod clients;
pub(crate) mod servers;
