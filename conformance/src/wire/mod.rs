//! What goes over the wire: a request, the exchange that comes of it, and who sends it; and how an exchange
//! is shown without its secrets.

pub mod activity;
pub mod allowance;
pub mod curl;
pub mod exchange;
pub(crate) mod fault;
pub mod no_answer;
pub mod pace;
mod prepared;
pub mod rate_limit;
pub mod request;
pub mod run_mark;
pub mod scrub;
pub(crate) mod scrubbed;
pub mod sender;
mod silence;
pub mod stop;
pub mod target;
