//! A correct server is not accused whichever ways it answers open questions at once, and whatever goes wrong on the way: each
//! run draws a value of every variant and its circumstances from a seed. Nothing goes untested that had requests left, and
//! nothing is left behind.
//!
//! `CONFORMANCE_SEED` is the seed (0), `CONFORMANCE_MIXTURES` says how many runs (as many as it takes until every pair of
//! values was drawn), `CONFORMANCE_MIXTURE` takes one of them alone, and `CONFORMANCE_REDUCE=1` then says what of it an alarm
//! needs. `cargo xtask campaign conformance` sets the first two.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod circumstances;
mod cover;
mod reduce;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use circumstances::{Circumstances, MAX_LAG_MS};
use cover::{Choice, Pairs};
use descope_mcp_conformance::embedded::{Embedded, variants};
use descope_mcp_conformance::plans::Dice;
use descope_mcp_conformance::report::{Report, Verdict};
use descope_mcp_conformance::run::settings::Profile;
use support::{Bystanders, CONTRADICTED, WRONG, run, setting, settings};
use tokio::task::JoinSet;

/// Two answers that no server can give at once, and why.
const IMPOSSIBLE: [([(&str, &str); 2], &str); 1] = [(
    [("server-ids", "RS"), ("rs-servers", "reject")],
    "new servers would get ids that the server does not know",
)];

/// The variant whose second value stands for any lag.
const LAG: &str = "search-lag";
/// Longer than any lag here.
const CONSISTENCY_WINDOW: Duration = Duration::from_secs(2);
/// In as many runs, every pair of values is drawn at least once.
const RUNS_FOR_EACH_TIME: u64 = 200;
/// Runs at the same time: they wait for faults, limits and lags more than they work.
const AT_ONCE: usize = 16;
/// Requests that the clean-up of a run may keep back without need.
const KEPT_BACK: u64 = 60;

/// The variants with their values, without those that are no correct answer.
struct Variants(Vec<(&'static str, Vec<String>)>);

impl Variants {
    fn correct() -> Self {
        let mut variants = variants();
        for (name, values) in &mut variants {
            values.retain(|value| !WRONG.iter().any(|(of, wrong, _)| of == name && wrong == value));
        }
        Self(variants)
    }

    fn named(&self, (variant, value): Choice) -> (&'static str, &str) {
        (self.0[variant].0, &self.0[variant].1[value])
    }

    fn pairs(&self) -> Pairs {
        let counts: Vec<_> = self.0.iter().map(|(_, values)| values.len()).collect();
        Pairs::new(&counts, |one, two| {
            IMPOSSIBLE.iter().any(|(pair, _)| *pair == [self.named(one), self.named(two)])
        })
    }
}

/// One run: what its target does, and what it meets.
struct Mixture {
    seed: u64,
    number: u64,
    row: Vec<usize>,
    variants: Vec<(&'static str, String)>,
    circumstances: Circumstances,
}

/// Draws the runs of a seed, each with pairs of values that were rare before; for `None` until no pair is missing.
fn draw(seed: u64, runs: Option<u64>) -> Vec<Mixture> {
    let all = Variants::correct();
    let mut pairs = all.pairs();
    let mut mixtures: Vec<Mixture> = Vec::new();
    while runs.map_or_else(|| pairs.drawn()[0].1 == 0, |runs| (mixtures.len() as u64) < runs) {
        let number = mixtures.len() as u64;
        let mut dice = Dice::new(seed, number);
        let row = pairs.draw(&mut dice);
        let circumstances = Circumstances::draw(&mut dice);
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
    fn unusual(&self) -> Vec<(&'static str, String)> {
        let variants = self.variants.iter();
        variants.filter(|(name, value)| *value != self.usual(name)).cloned().collect()
    }

    fn usual(&self, variant: &str) -> String {
        variants().into_iter().find(|(name, _)| *name == variant).unwrap().1.swap_remove(0)
    }

    async fn run(&self) -> (Report, Vec<String>) {
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
        let report = run(&settings).await;
        tokio::time::sleep(lag * u32::from(lags)).await;
        let mut wrong = self.wrong(&report, &variants);
        if bystanders.everything().await != before {
            wrong.push("the target is not as it was before".to_owned());
        }
        embedded.stop().await;
        (report, wrong)
    }

    /// What the report says wrongly, in words.
    fn wrong(&self, report: &Report, variants: &[(&str, &str)]) -> Vec<String> {
        let contradicts = |(name, value, _): &&(&str, &str, &str)| variants.contains(&(*name, *value));
        let contradicted: Vec<_> = CONTRADICTED.iter().filter(contradicts).map(|(_, _, id)| *id).collect();
        let mut wrong = support::false_alarms(report, &contradicted);
        // A hundred requests cannot exercise everything whichever way a target answers; what is left must be used.
        let used_up = report.requests + KEPT_BACK >= self.circumstances.requests;
        if self.circumstances.profile == Profile::Smoke && used_up {
            let untested = report.properties.iter().filter(|property| property.verdict == Verdict::Untested);
            let excused: Vec<_> = untested.map(|property| format!("{} is untested", property.id)).collect();
            wrong.retain(|alarm| !excused.contains(alarm));
        }
        let most = self.circumstances.requests;
        if report.requests > most {
            wrong.push(format!("{} requests were sent, and {most} allowed", report.requests));
        }
        wrong
    }

    /// All of it that is not usual, for people.
    fn described(&self) -> String {
        let unusual = self.unusual().into_iter().map(|(name, value)| format!("{name}={value}"));
        format!("{}\n  {}", self.circumstances, unusual.collect::<Vec<_>>().join(" "))
    }

    fn alarm(&self, wrong: &str) -> String {
        let Self { seed, number, .. } = self;
        format!("CONFORMANCE_SEED={seed} CONFORMANCE_MIXTURE={number}: {wrong}\n  {}", self.described())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mixture_of_answers_and_adversity_makes_the_suite_accuse_a_correct_server() {
    let began = Instant::now();
    let seed = setting("CONFORMANCE_SEED", 0);
    let runs = std::env::var("CONFORMANCE_MIXTURES").ok().map(|text| text.parse().unwrap());
    let only = std::env::var("CONFORMANCE_MIXTURE").ok().map(|text| text.parse::<u64>().unwrap());
    let mut mixtures = draw(seed, only.map_or(runs, |only| Some(only + 1)));
    mixtures.retain(|mixture| only.is_none_or(|only| mixture.number == only));
    let wanted = mixtures.len() as u64;
    println!("{wanted} runs: CONFORMANCE_SEED={seed} CONFORMANCE_MIXTURES={wanted} repeats them");
    let all = Variants::correct();
    let mut pairs = all.pairs();
    let (mut done, mut requests, mut untested, mut alarms) = (0_u64, 0, 0, Vec::new());
    let (mut running, mut waiting) = (JoinSet::new(), mixtures.into_iter());
    loop {
        while running.len() < AT_ONCE
            && let Some(mixture) = waiting.next()
        {
            running.spawn(async move {
                let (report, wrong) = mixture.run().await;
                (mixture, report, wrong)
            });
        }
        let Some(ended) = running.join_next().await else { break };
        let (mixture, report, wrong) = ended.unwrap();
        pairs.count(&mixture.row);
        done += 1;
        requests += report.requests;
        untested += report.properties.iter().filter(|property| property.verdict == Verdict::Untested).count();
        let new: Vec<_> = wrong.iter().map(|wrong| mixture.alarm(wrong)).collect();
        new.iter().for_each(|alarm| println!("{alarm}"));
        alarms.extend(new);
        if std::env::var_os("CONFORMANCE_REDUCE").is_some()
            && let Some(alarm) = wrong.first()
        {
            let reduced = reduce::reduced(mixture, alarm).await;
            println!("{alarm}, which needs no more than\n  {}", reduced.described());
        }
        if done % 50 == 0 {
            println!("{done} runs, {requests} requests, {} false alarms", alarms.len());
        }
    }
    let drawn = pairs.drawn();
    let rarest = drawn[0].1;
    for ([one, two], times) in drawn.iter().take(5) {
        let ((one, its), (two, other)) = (all.named(*one), all.named(*two));
        println!("{times} times: {one}={its} with {two}={other}");
    }
    for ([(one, its), (two, other)], why) in IMPOSSIBLE {
        println!("never: {one}={its} with {two}={other}, since {why}");
    }
    for (name, value, id) in WRONG {
        println!("never: {name}={value}, which breaks {id}");
    }
    println!(
        "{} pairs of values, drawn {rarest} to {} times, half of them at least {} times",
        drawn.len(),
        drawn[drawn.len() - 1].1,
        drawn[drawn.len() / 2].1,
    );
    println!(
        "{done} runs, {requests} requests, {} s, {} false alarms; in `smoke`, requests ran out before {untested} verdicts",
        began.elapsed().as_secs(),
        alarms.len(),
    );
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
    let expected = if only.is_some() { 0 } else { runs.map_or(1, |runs| runs / RUNS_FOR_EACH_TIME) };
    assert!(rarest >= expected, "a pair of values was drawn only {rarest} times");
}
