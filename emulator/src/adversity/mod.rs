//! Adversity: the faults of a network and of a busy service, made on purpose and reproducibly.
//!
//! Whether the n-th request after the switch-on meets a fault, and which, is a function of the seed and n alone, so a
//! run with the same requests in the same order meets the same faults. Off, it is not in the way of requests at all.

mod answers;
mod dice;
mod layer;

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use crate::limits::is_well_known;

pub(crate) use layer::{Met, interfere, is_reset, perform_resets};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request is handled late.
    Delay,
    /// 429 with the envelope, unhandled; `Retry-After` in seconds or as a date, either is as likely.
    TooManyRequests,
    /// 503 with a page of HTML, unhandled.
    Unavailable,
    /// 520 with a page of HTML, as a content delivery network sends it for an origin that it cannot read; unhandled.
    UnknownOriginError,
    /// The connection is reset before the request is handled.
    ResetBefore,
    /// The connection is reset after the request was handled, instead of an answer.
    ResetAfter,
    /// The request is handled and half of the answer's body arrives; then the connection ends.
    Truncate,
}

impl Fault {
    /// Every kind, in the order in which the dice number them.
    pub const ALL: [Self; 7] = [
        Self::Delay,
        Self::TooManyRequests,
        Self::Unavailable,
        Self::UnknownOriginError,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Truncate,
    ];

    /// Its name in settings and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::TooManyRequests => "429",
            Self::Unavailable => "503",
            Self::UnknownOriginError => "520",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::Truncate => "truncate",
        }
    }
}

/// Which faults to make, and how often.
///
/// As text: `seed=7,rate=0.1` and any of `kinds=delay+429+503+520+reset-before+reset-after+truncate` (default: all),
/// `delay=1000` (the longest, in milliseconds), `retry-after=1` (the longest, in seconds) and `well-known=yes` (also
/// on discovery and key sets, where MCP clients give up at the first 5xx; default: no).
#[derive(Clone, Debug, PartialEq)]
pub struct Adversity {
    seed: u64,
    /// Share of requests, from 0 to 1.
    rate: f64,
    kinds: Vec<Fault>,
    longest_delay_ms: u64,
    longest_retry_after_s: u64,
    well_known: bool,
}

/// Adversity that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("adversity: {0}")]
pub struct AdversityError(String);

impl Adversity {
    const MAX_DELAY_MS: u64 = 60_000;
    const MAX_RETRY_AFTER_S: u64 = 600;

    fn is_exempt(&self, path: &str) -> bool {
        !self.well_known && is_well_known(path)
    }
}

impl FromStr for Adversity {
    type Err = AdversityError;

    /// # Errors
    /// [`AdversityError`] for unknown names, values out of range, and without a rate. Without a seed it takes a fresh
    /// one, which `Display` tells.
    fn from_str(text: &str) -> Result<Self, AdversityError> {
        let mut seed = None;
        let mut rate = None;
        let mut adversity = Self {
            seed: 0,
            rate: 0.0,
            kinds: Fault::ALL.to_vec(),
            longest_delay_ms: 1000,
            longest_retry_after_s: 1,
            well_known: false,
        };
        for pair in text.split(',') {
            let refuse = |wanted: &str| {
                let pair: String = pair.chars().take(80).collect();
                Err(AdversityError(format!("{pair:?} {wanted}")))
            };
            let Some((name, value)) = pair.split_once('=') else {
                return refuse(
                    "must be name=value; there are seed, rate, kinds, delay, retry-after, well-known",
                );
            };
            let number = |most: u64| value.parse::<u64>().ok().filter(|number| *number <= most);
            match name.trim() {
                "seed" => match number(u64::MAX) {
                    Some(number) => seed = Some(number),
                    None => return refuse("must be a whole number of 64 bits"),
                },
                "rate" => match value.parse::<f64>() {
                    Ok(share) if (0.0..=1.0).contains(&share) => rate = Some(share),
                    _ => return refuse("must be from 0 to 1"),
                },
                "kinds" => {
                    let named = |name: &str| Fault::ALL.into_iter().find(|kind| kind.name() == name);
                    match value.split('+').map(named).collect::<Option<Vec<_>>>() {
                        Some(kinds) => adversity.kinds = kinds,
                        None => {
                            let known: Vec<_> = Fault::ALL.iter().map(|kind| kind.name()).collect();
                            return refuse(&format!("must be some of {}", known.join("+")));
                        }
                    }
                }
                "delay" => match number(Self::MAX_DELAY_MS) {
                    Some(number) => adversity.longest_delay_ms = number,
                    None => return refuse("must be from 0 to 60000 milliseconds"),
                },
                "retry-after" => match number(Self::MAX_RETRY_AFTER_S) {
                    Some(number) => adversity.longest_retry_after_s = number,
                    None => return refuse("must be from 0 to 600 seconds"),
                },
                "well-known" => match value {
                    "yes" => adversity.well_known = true,
                    "no" => adversity.well_known = false,
                    _ => return refuse("must be yes or no"),
                },
                _ => {
                    return refuse("is unknown; there are seed, rate, kinds, delay, retry-after, well-known");
                }
            }
        }
        let Some(rate) = rate else {
            return Err(AdversityError(String::from(
                "rate is missing; it is the share of requests, from 0 to 1",
            )));
        };
        adversity.rate = rate;
        adversity.seed = match seed {
            Some(seed) => seed,
            None => dice::fresh_seed().map_err(|_| {
                AdversityError(String::from("the operating system gave no random bytes for a seed"))
            })?,
        };
        Ok(adversity)
    }
}

impl fmt::Display for Adversity {
    /// The text that makes the same adversity again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.kinds.iter().map(|kind| kind.name()).collect();
        let well_known = if self.well_known { "yes" } else { "no" };
        write!(
            f,
            "seed={},rate={},kinds={},delay={},retry-after={},well-known={well_known}",
            self.seed,
            self.rate,
            kinds.join("+"),
            self.longest_delay_ms,
            self.longest_retry_after_s
        )
    }
}

/// The adversity in force, and how far it has come.
#[derive(Debug, Default)]
pub(crate) struct Switch(Mutex<Option<Active>>);

#[derive(Debug)]
struct Active {
    adversity: Adversity,
    requests: u64,
    faults: u64,
}

/// What the switch stands at, for people.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) adversity: String,
    /// Requests that could have met a fault.
    pub(crate) requests: u64,
    pub(crate) faults: u64,
}

impl Switch {
    pub(crate) fn new(adversity: Option<Adversity>) -> Self {
        let switch = Self::default();
        switch.turn(adversity);
        switch
    }

    /// Switches on, off, or to another adversity; the requests are counted from here.
    pub(crate) fn turn(&self, adversity: Option<Adversity>) {
        let active = adversity.map(|adversity| Active { adversity, requests: 0, faults: 0 });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = active;
    }

    pub(crate) fn standing(&self) -> Option<Standing> {
        let active = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        active.as_ref().map(|active| Standing {
            adversity: active.adversity.to_string(),
            requests: active.requests,
            faults: active.faults,
        })
    }

    /// What the next request for this path meets.
    fn next(&self, path: &str) -> Option<dice::Meeting> {
        let mut active = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let active = active.as_mut()?;
        if active.adversity.is_exempt(path) {
            return None;
        }
        let number = active.requests;
        active.requests += 1;
        let meeting = dice::meeting(&active.adversity, number)?;
        active.faults += 1;
        Some(meeting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_makes_the_same_adversity_again() {
        for text in ["rate=0.25", "seed=7,rate=1,kinds=429+truncate,delay=5,retry-after=0,well-known=yes"] {
            let adversity: Adversity = text.parse().unwrap();
            assert_eq!(adversity.to_string().parse::<Adversity>().unwrap(), adversity);
        }
        assert_ne!("rate=0".parse::<Adversity>().unwrap(), "rate=0".parse::<Adversity>().unwrap());
    }

    #[test]
    fn bad_settings_are_refused_with_what_would_do() {
        for (text, cure) in [
            ("", "name=value"),
            ("seed=1", "rate is missing"),
            ("rate=1.1", "from 0 to 1"),
            ("rate=NaN", "from 0 to 1"),
            ("rate=-0.1", "from 0 to 1"),
            ("rate=1,seed=-1", "64 bits"),
            ("rate=1,kinds=429+teapot", "reset-before"),
            ("rate=1,kinds=", "reset-before"),
            ("rate=1,delay=60001", "60000"),
            ("rate=1,retry-after=x", "600"),
            ("rate=1,well-known=perhaps", "yes or no"),
            ("rate=1,speed=2", "there are seed"),
        ] {
            let error = text.parse::<Adversity>().unwrap_err().to_string();
            assert!(error.contains(cure), "{text}: {error}");
        }
    }

    #[test]
    fn the_same_seed_meets_the_same_faults_and_another_does_not() {
        let faults = |text: &str| {
            let switch = Switch::new(Some(text.parse().unwrap()));
            (0..1000).map(|_| switch.next("/x").map(|met| format!("{met:?}"))).collect::<Vec<_>>()
        };
        let one = faults("seed=1,rate=0.3");
        assert_eq!(one, faults("seed=1,rate=0.3"));
        assert_ne!(one, faults("seed=2,rate=0.3"));
        let met = one.iter().flatten().count();
        assert!((200..400).contains(&met), "{met}");
        assert_eq!(faults("seed=1,rate=0").iter().flatten().count(), 0);
        assert_eq!(faults("seed=1,rate=1").iter().flatten().count(), 1000);
    }

    #[test]
    fn well_known_routes_are_exempt_and_not_counted_unless_asked_for() {
        let paths = ["/P/.well-known/jwks.json", "/v2/keys/P", "/.well-known/openid-configuration/v1/apps"];
        let switch = Switch::new(Some("rate=1".parse().unwrap()));
        assert!(paths.iter().all(|path| switch.next(path).is_none()));
        assert_eq!(switch.standing().unwrap().requests, 0);
        switch.turn(Some("rate=1,well-known=yes".parse().unwrap()));
        assert!(paths.iter().all(|path| switch.next(path).is_some()));
        switch.turn(None);
        assert!(switch.next("/x").is_none() && switch.standing().is_none());
    }
}
