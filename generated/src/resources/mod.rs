//! One method per operation.

pub(crate) mod clients;
pub(crate) mod servers;

use crate::error::{Error, ErrorKind};

/// A record that was loaded, or `None` if there is none.
fn if_it_exists<T>(loaded: Result<T, Error>) -> Result<Option<T>, Error> {
    match loaded {
        Ok(record) => Ok(Some(record)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
