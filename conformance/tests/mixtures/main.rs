//! A correct server is not accused whichever ways it answers open questions at once, and whatever goes wrong on the way: each
//! run draws a value of every variant and its circumstances from a seed. Nothing goes untested that had requests left, and
//! nothing is left behind. Where faults are heavy, or requests few, a run may end before that, but must say so.
//!
//! `CONFORMANCE_SEED` is the seed (0), `CONFORMANCE_MIXTURES` says how many runs (as many as it takes until every pair of
//! values was drawn), `CONFORMANCE_FIRST_MIXTURE` which of them to begin with (0), `CONFORMANCE_MIXTURE` takes one of them
//! alone, and `CONFORMANCE_REDUCE=1` then says what of it an alarm needs. `cargo xtask campaign conformance` sets the first
//! three.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod circumstances;
mod cover;
mod mixture;
mod reduce;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use mixture::{IMPOSSIBLE, Variants, draw};
use support::{WRONG, setting};
use tokio::task::JoinSet;

/// In as many runs, every pair of values is drawn at least once.
const RUNS_FOR_EACH_TIME: u64 = 200;
/// Runs at the same time: they wait for faults, limits and lags more than they work.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mixture_of_answers_and_adversity_makes_the_suite_accuse_a_correct_server() {
    let began = Instant::now();
    let seed = setting("CONFORMANCE_SEED", 0);
    let runs = std::env::var("CONFORMANCE_MIXTURES").ok().map(|text| text.parse().unwrap());
    let only = std::env::var("CONFORMANCE_MIXTURE").ok().map(|text| text.parse::<u64>().unwrap());
    let mut mixtures = draw(seed, only.map_or(runs, |only| Some(only + 1)));
    let first = only.unwrap_or_else(|| setting("CONFORMANCE_FIRST_MIXTURE", 0));
    println!("runs {first} to {} of CONFORMANCE_SEED={seed}", mixtures.len() - 1);
    let all = Variants::correct();
    let mut pairs = all.pairs();
    // Those before the first were run another time.
    mixtures.iter().filter(|mixture| mixture.number < first).for_each(|mixture| pairs.count(&mixture.row));
    mixtures.retain(|mixture| mixture.number >= first);
    let (mut done, mut requests, mut untested, mut left, mut alarms) = (0_u64, 0, 0, 0, Vec::new());
    let mut longest = Duration::ZERO;
    let (mut running, mut waiting) = (JoinSet::new(), mixtures.into_iter());
    loop {
        while running.len() < AT_ONCE
            && let Some(mixture) = waiting.next()
        {
            running.spawn(async move {
                let started = Instant::now();
                let outcome = mixture.run().await;
                (mixture, outcome, started.elapsed())
            });
        }
        let Some(ended) = running.join_next().await else { break };
        let (mixture, outcome, took) = ended.unwrap();
        longest = longest.max(took);
        pairs.count(&mixture.row);
        done += 1;
        requests += outcome.requests;
        untested += outcome.untested;
        left += outcome.said_to_be_left;
        let new: Vec<_> = outcome.alarms.iter().map(|wrong| mixture.alarm(wrong)).collect();
        new.iter().for_each(|alarm| println!("{alarm}"));
        alarms.extend(new);
        if std::env::var_os("CONFORMANCE_REDUCE").is_some()
            && let Some(alarm) = outcome.alarms.first()
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
        "with few requests or heavy faults: {untested} properties without a verdict, and {left} runs that may have left \
         something and say so"
    );
    println!(
        "{done} runs, {requests} requests, {} s, the longest run {} s, {} false alarms",
        began.elapsed().as_secs(),
        longest.as_secs(),
        alarms.len()
    );
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
    let expected = if only.is_some() { 0 } else { runs.map_or(1, |runs| runs / RUNS_FOR_EACH_TIME) };
    assert!(rarest >= expected, "a pair of values was drawn only {rarest} times");
}
