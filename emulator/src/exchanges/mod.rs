//! What was asked and answered, written down for the inspector. Only there with a control listener.

mod log;
mod recorder;

pub(crate) use log::{Exchange, ExchangeLog, Message};
pub(crate) use recorder::record;
