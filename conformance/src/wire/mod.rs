//! What goes over the wire: the request for a step, the exchange that comes of it, and who sends it; and how an exchange
//! is shown without its secrets.

pub mod call;
pub mod curl;
pub mod exchange;
pub mod pace;
pub mod scrub;
pub mod scrubbed;
pub mod sender;
pub mod target;
