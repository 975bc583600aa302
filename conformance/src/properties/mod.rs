//! The catalogue: one file per resource, each property with its rule, source, check and tests close together.
//! Sources are facts of `docs/facts.md` by their ids, after the word that says how sure they are.

pub mod authentication;
pub mod authorization;
pub mod client;
pub mod concurrency;
pub mod deletion;
pub mod grant;
pub mod malformed;
pub mod pages;
pub mod property;
pub mod records;
pub mod registration;
pub mod registry;
pub mod scopes;
pub mod search;
pub mod secret;
pub mod server;
pub mod settings;
pub mod wire;
