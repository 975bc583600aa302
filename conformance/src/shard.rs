//! Shards: the parts of a deep run. No I/O here.
//!
//! Shard I of N is a run of its own: with the I-th of N seeds that follow each other, and with its share of the requests.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Most shards of one run: each may send at least one request in 60 s, and all together no more than the documented limit.
const MAX_SHARDS: u32 = 100;

/// One of several parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Shard {
    /// Which shard, counted from 1.
    pub index: u32,
    /// The number of shards.
    pub of: u32,
}

impl Shard {
    /// Shard `index` of `of`; none if there is no such shard, or too many.
    fn new(index: u32, of: u32) -> Option<Self> {
        ((1..=MAX_SHARDS).contains(&of) && (1..=of).contains(&index)).then_some(Self { index, of })
    }

    /// The seed of this shard: the shards of one run have seeds that follow each other.
    pub(crate) fn seed(self, of_the_run: u64) -> u64 {
        of_the_run.wrapping_add(u64::from(self.index.saturating_sub(1)))
    }

    /// The seed of the run that this shard belongs to.
    pub(crate) fn seed_of_the_run(self, of_this_part: u64) -> u64 {
        of_this_part.wrapping_sub(u64::from(self.index.saturating_sub(1)))
    }

    /// The requests of this shard: all shards together have as many as the run.
    pub(crate) fn requests(self, of_the_run: u64) -> u64 {
        let (of, index) = (u64::from(self.of.max(1)), u64::from(self.index));
        let rest = u64::from(index <= of_the_run % of);
        of_the_run / of + rest
    }

    /// The most requests in any 60 s of this shard, if all shards run at the same time; 0 stays no limit.
    pub(crate) fn pace(self, of_the_run: usize) -> usize {
        match of_the_run {
            0 => 0,
            limit => (limit / (self.of.max(1) as usize)).max(1),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl<'de> Deserialize<'de> for Shard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Stored {
            index: u32,
            of: u32,
        }
        let Stored { index, of } = Stored::deserialize(deserializer)?;
        Self::new(index, of).ok_or_else(|| D::Error::custom(format!("there is no shard {index} of {of}")))
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers =
            text.split_once('/').and_then(|(index, of)| Self::new(index.parse().ok()?, of.parse().ok()?));
        numbers.ok_or_else(|| {
            format!("expected I/N, such as 2/4: shard I, counted from 1, of at most {MAX_SHARDS}")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all(of: u32) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |index| Shard { index, of })
    }

    #[test]
    fn the_parts_of_a_run_share_its_requests_and_no_two_have_the_same_seed() {
        for of in [1, 3, 4, 7] {
            for requests in [1, 4, 10_000, 10_001] {
                assert_eq!(all(of).map(|shard| shard.requests(requests)).sum::<u64>(), requests);
            }
            for seed in [0, 7, u64::MAX] {
                let seeds: BTreeSet<_> = all(of).map(|shard| shard.seed(seed)).collect();
                assert_eq!(seeds.len(), of as usize);
                assert!(all(of).all(|shard| shard.seed_of_the_run(shard.seed(seed)) == seed));
            }
        }
    }

    #[test]
    fn the_parts_of_a_run_together_keep_its_pace() {
        for of in [1, 3, 100] {
            assert!(all(of).map(|shard| shard.pace(100)).sum::<usize>() <= 100);
        }
        assert_eq!(Shard { index: 1, of: 4 }.pace(0), 0);
    }

    #[test]
    fn a_part_is_written_as_its_number_and_how_many_there_are() {
        assert_eq!("2/4".parse(), Ok(Shard { index: 2, of: 4 }));
        assert_eq!(Shard { index: 2, of: 4 }.to_string(), "2/4");
        for wrong in ["", "2", "0/4", "5/4", "1/0", "a/b", "-1/2", "1/101"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<Shard>(r#"{"index": 1, "of": 4294967295}"#).is_err());
    }
}
