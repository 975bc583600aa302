//! Which fault a request meets: a pure function of the settings and the number of the request.

use std::time::Duration;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;

use super::{Adversity, Fault};

/// A fault with its measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meeting {
    Delay(Duration),
    /// Seconds, and whether they are told as a date.
    TooManyRequests(u64, bool),
    Unavailable,
    UnknownOriginError,
    ResetBefore,
    ResetAfter,
    Truncate,
}

pub(super) fn fresh_seed() -> Result<u64, Unspecified> {
    let mut bytes = [0; 4];
    rand::fill(&mut bytes)?;
    // Short enough to be typed again.
    Ok(u32::from_le_bytes(bytes).into())
}

/// What the request with this number meets, if anything.
pub(super) fn meeting(adversity: &Adversity, number: u64) -> Option<Meeting> {
    let draw = |which: u64| mixed(mixed(adversity.seed ^ mixed(number)).wrapping_add(which));
    // 53 bits are what a float can tell apart between 0 and 1.
    let share = (draw(0) >> 11) as f64 / (1_u64 << 53) as f64;
    if share >= adversity.rate {
        return None;
    }
    let kind = adversity.kinds.get(draw(1) as usize % adversity.kinds.len())?;
    Some(match kind {
        Fault::Delay => Meeting::Delay(Duration::from_millis(draw(2) % (adversity.longest_delay_ms + 1))),
        Fault::TooManyRequests => {
            Meeting::TooManyRequests(draw(2) % (adversity.longest_retry_after_s + 1), draw(3) % 2 == 1)
        }
        Fault::Unavailable => Meeting::Unavailable,
        Fault::UnknownOriginError => Meeting::UnknownOriginError,
        Fault::ResetBefore => Meeting::ResetBefore,
        Fault::ResetAfter => Meeting::ResetAfter,
        Fault::Truncate => Meeting::Truncate,
    })
}

impl Meeting {
    pub(super) const fn kind(self) -> Fault {
        match self {
            Self::Delay(_) => Fault::Delay,
            Self::TooManyRequests(..) => Fault::TooManyRequests,
            Self::Unavailable => Fault::Unavailable,
            Self::UnknownOriginError => Fault::UnknownOriginError,
            Self::ResetBefore => Fault::ResetBefore,
            Self::ResetAfter => Fault::ResetAfter,
            Self::Truncate => Fault::Truncate,
        }
    }
}

/// The step of SplitMix64, which spreads neighbouring numbers over all 64 bits. A generator with a state would make a
/// fault depend on how many numbers earlier requests drew.
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes_as_the_published_generator_does() {
        // Its first outputs for the seed 0.
        assert_eq!(mixed(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mixed(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn every_kind_and_both_forms_of_retry_after_come_up() {
        let adversity: Adversity = "seed=3,rate=1,retry-after=5".parse().unwrap();
        let met: Vec<_> = (0..500).filter_map(|number| meeting(&adversity, number)).collect();
        for kind in Fault::ALL {
            let count = met.iter().filter(|met| met.kind() == kind).count();
            assert!((30..130).contains(&count), "{kind:?}: {count}");
        }
        for form in [true, false] {
            assert!(met.iter().any(|met| matches!(met, Meeting::TooManyRequests(_, date) if *date == form)));
        }
        assert!(met.iter().all(|met| !matches!(met, Meeting::TooManyRequests(6.., _))));
    }
}
