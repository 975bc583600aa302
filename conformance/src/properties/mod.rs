//! The catalogue: one file per resource, each property with its rule, source, check and tests close together.
//! Sources are facts of `docs/facts.md` by their ids, after the word that says how sure they are.

pub(crate) mod authentication;
pub(crate) mod authorization;
pub(crate) mod client;
pub(crate) mod concurrency;
pub(crate) mod deletion;
pub(crate) mod grant;
pub(crate) mod left_out;
pub(crate) mod malformed;
mod near_miss;
pub(crate) mod nearly_deleted;
pub(crate) mod pages;
pub mod property;
pub(crate) mod records;
pub(crate) mod registration;
pub mod registry;
pub(crate) mod scopes;
pub(crate) mod search;
pub(crate) mod secrecy;
pub(crate) mod secret;
pub(crate) mod server;
pub(crate) mod settings;
mod token_scopes;
pub(crate) mod userinfo;
pub(crate) mod wire;
