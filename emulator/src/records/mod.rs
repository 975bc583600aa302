//! What the records are made of: which members they have, what becomes of those that were never sent, and the rules
//! for members that go in and come out differently.

pub(crate) mod approved_scopes;
mod form;
pub(crate) mod login_page;
pub(crate) mod registration_settings;
mod rules;
pub(crate) mod server;
pub(crate) mod server_client;
pub(crate) mod session_settings;

pub(crate) use form::Forms;
pub(crate) use rules::Rules;
