//! One run: what its target answers, what it meets, and what came of it.

use std::time::Duration;

use descope_mcp_conformance::embedded::{Embedded, variants};
use descope_mcp_conformance::plans::Dice;
use descope_mcp_conformance::report::Report;
use descope_mcp_conformance::run::StartError;
use descope_mcp_conformance::run::settings::Profile;

use crate::circumstances::{Circumstances, MAX_LAG_MS};
use crate::cover::{Choice, Pairs};
use crate::support::{self, Bystanders, CONTRADICTED, WRONG, settings};

/// Two answers that no server can give at once, and why.
pub(crate) const IMPOSSIBLE: [([(&str, &str); 2], &str); 1] = [(
    [("server-ids", "RS"), ("rs-servers", "reject")],
    "new servers would get ids that the server does not know",
)];

/// The variant whose second value stands for any lag.
const LAG: &str = "search-lag";
/// Longer than any lag here.
const CONSISTENCY_WINDOW: Duration = Duration::from_secs(2);
/// As long as the penalty of every rate limit here.
const PENALTY: Duration = Duration::from_secs(1);
/// What alarms about properties that nothing exercised say, and those about records.
const UNTESTED: &str = " is untested: ";
const LEFT_BEHIND: &str = "left behind: ";
/// Requests that the clean-up of a run may keep back without need.
const KEPT_BACK: u64 = 60;

/// The variants with their values, without those that are no correct answer.
pub(crate) struct Variants(Vec<(&'static str, Vec<String>)>);

impl Variants {
    pub(crate) fn correct() -> Self {
        let mut variants = variants();
        for (name, values) in &mut variants {
            values.retain(|value| !WRONG.iter().any(|(of, wrong, _)| of == name && wrong == value));
        }
        Self(variants)
    }

    pub(crate) fn named(&self, (variant, value): Choice) -> (&'static str, &str) {
        (self.0[variant].0, &self.0[variant].1[value])
    }

    pub(crate) fn pairs(&self) -> Pairs {
        let counts: Vec<_> = self.0.iter().map(|(_, values)| values.len()).collect();
        Pairs::new(&counts, |one, two| {
            IMPOSSIBLE.iter().any(|(pair, _)| *pair == [self.named(one), self.named(two)])
        })
    }
}

/// One run: what its target does, and what it meets.
pub(crate) struct Mixture {
    seed: u64,
    pub(crate) number: u64,
    pub(crate) row: Vec<usize>,
    pub(crate) variants: Vec<(&'static str, String)>,
    pub(crate) circumstances: Circumstances,
}

/// What came of a run.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) requests: u64,
    /// What it says wrongly, in words.
    pub(crate) alarms: Vec<String>,
    /// Properties that were not exercised since the requests ran out.
    pub(crate) untested: u64,
    /// Whether it rightly says that faults and the end of its requests may have kept it from deleting something.
    pub(crate) said_to_be_left: u64,
}

/// Draws the runs of a seed, each with pairs of values that were rare before; for `None` until no pair is missing.
pub(crate) fn draw(seed: u64, runs: Option<u64>) -> Vec<Mixture> {
    let all = Variants::correct();
    let mut pairs = all.pairs();
    let mut mixtures: Vec<Mixture> = Vec::new();
    while runs.map_or_else(|| pairs.drawn()[0].1 == 0, |runs| (mixtures.len() as u64) < runs) {
        let number = mixtures.len() as u64;
        let mut dice = Dice::new(seed, number);
        let row = pairs.draw(&mut dice);
        let circumstances = Circumstances::draw(number, &mut dice);
        let mut variants: Vec<_> = row
            .iter()
            .enumerate()
            .map(|(variant, value)| all.named((variant, *value)))
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        for (name, value) in &mut variants {
            if *name == LAG && value != "0ms" {
                value.clone_from(&circumstances.lag);
            }
        }
        mixtures.push(Mixture { seed, number, row, variants, circumstances });
    }
    mixtures
}

impl Mixture {
    /// The variants that do not have their usual value.
    pub(crate) fn unusual(&self) -> Vec<(&'static str, String)> {
        let variants = self.variants.iter();
        variants.filter(|(name, value)| *value != self.usual(name)).cloned().collect()
    }

    pub(crate) fn usual(&self, variant: &str) -> String {
        variants().into_iter().find(|(name, _)| *name == variant).unwrap().1.swap_remove(0)
    }

    /// Runs the suite on its target, among records of others.
    pub(crate) async fn run(&self) -> Outcome {
        let variants: Vec<_> = self.variants.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let Circumstances { adversity, rate_limit, profile, requests, .. } = &self.circumstances;
        let embedded =
            Embedded::start_troubled(adversity.as_deref(), rate_limit.as_deref(), &variants).await.unwrap();
        let bystanders = Bystanders::settle(&embedded.target()).await;
        // Lists that still lag are no witness.
        let lag = Duration::from_millis(2 * MAX_LAG_MS);
        let lags = variants.iter().any(|(name, value)| *name == LAG && *value != "0ms");
        tokio::time::sleep(lag * u32::from(lags)).await;
        let before = bystanders.everything().await;
        let seed = self.seed.wrapping_add(self.number);
        let mut settings = settings(embedded.target(), *profile, seed, *requests);
        settings.consistency_window = CONSISTENCY_WINDOW;
        settings.penalty = PENALTY;
        let begun = support::begun(&settings).await;
        tokio::time::sleep(lag * u32::from(lags)).await;
        let is_unchanged = bystanders.everything().await == before;
        embedded.stop().await;
        self.judged(begun, &variants, is_unchanged)
    }

    fn judged(
        &self,
        begun: Result<Report, StartError>,
        variants: &[(&str, &str)],
        is_unchanged: bool,
    ) -> Outcome {
        let Circumstances { adversity, is_heavy, profile, requests: allowed, .. } = &self.circumstances;
        let report = match begun {
            Ok(report) => report,
            Err(error) => {
                // Every attempt at the first request may meet a fault.
                let alarms = if *is_heavy { Vec::new() } else { vec![format!("did not begin: {error}")] };
                return Outcome { alarms, ..Outcome::default() };
            }
        };
        let contradicts = |(name, value, _): &&(&str, &str, &str)| variants.contains(&(*name, *value));
        let contradicted: Vec<_> = CONTRADICTED.iter().filter(contradicts).map(|(_, _, id)| *id).collect();
        let mut alarms = support::false_alarms(&report, &contradicted);
        let mut excuse = |text: &str, is_excused: bool| {
            let before = alarms.len();
            alarms.retain(|alarm| !(is_excused && alarm.contains(text)));
            (before - alarms.len()) as u64
        };
        let is_smoke = *profile == Profile::Smoke;
        // A hundred requests cannot exercise everything whichever way a target answers, but must be used; nor can a thousand
        // if most plans are cut short, again and again.
        let used_up = report.requests + KEPT_BACK >= *allowed;
        let untested = excuse(UNTESTED, *is_heavy || (is_smoke && used_up));
        // Nor can it be deleted what faults have hidden; that must be said, and why.
        let said_to_be_left = excuse(LEFT_BEHIND, *is_heavy || (is_smoke && used_up && adversity.is_some()));
        alarms.iter_mut().for_each(|alarm| *alarm += &format!(" (after {} requests)", report.requests));
        if report.requests > *allowed {
            alarms.push(format!("{} requests were sent, and {allowed} allowed", report.requests));
        }
        if !is_unchanged && report.left_behind == 0 {
            alarms.push("the target is not as it was before".to_owned());
        }
        Outcome { requests: report.requests, alarms, untested, said_to_be_left }
    }

    /// All of it that is not usual, for people.
    pub(crate) fn described(&self) -> String {
        let unusual = self.unusual().into_iter().map(|(name, value)| format!("{name}={value}"));
        format!("{}\n  {}", self.circumstances, unusual.collect::<Vec<_>>().join(" "))
    }

    /// An alarm with what repeats it.
    pub(crate) fn alarm(&self, wrong: &str) -> String {
        let Self { seed, number, .. } = self;
        format!("CONFORMANCE_SEED={seed} CONFORMANCE_MIXTURE={number}: {wrong}\n  {}", self.described())
    }
}
