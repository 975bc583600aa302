//! Judges all mutants, as many at a time as there are cores, and stores what came of them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use descope_mcp_conformance::run::settings::Profile;
use libtest_mimic::Failed;

use crate::generate::{self, Mutant};
use crate::judge::{self, SEED};
use crate::outcome::{Outcomes, Row, Told};
use crate::{page, support};

/// What `smoke` must catch with one seed, in percent of those that can be told.
pub const LEAST_IN_SMOKE: u64 = 72;
/// The same for all seeds that were tried.
pub const LEAST_IN_MORE_SEEDS: u64 = 81;
/// What `standard` must catch.
pub const LEAST_IN_STANDARD: u64 = 93;

/// Judges those that are wanted; stores the outcomes if these are all.
pub fn run() -> Result<(), Failed> {
    let only = std::env::var("MATRIX_ONLY").ok();
    let is_wanted = |mutant: &Mutant| only.as_ref().is_none_or(|part| mutant.name().contains(part));
    let mutants: Vec<_> = generate::all().into_iter().filter(is_wanted).collect();
    // In no order, so that a campaign that ends early has measured some of every kind.
    let mut queue: Vec<_> = mutants.iter().collect();
    queue.sort_by_cached_key(|mutant| {
        let mut hasher = DefaultHasher::new();
        mutant.name().hash(&mut hasher);
        hasher.finish()
    });
    let (started, minutes) = (Instant::now(), support::setting("MATRIX_MINUTES", u64::MAX / 60));
    let ends = Duration::from_secs(60 * minutes);
    let known = known_results();
    let (next, results) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let jobs = std::env::var("MATRIX_JOBS").map_or(jobs, |jobs| jobs.parse().unwrap());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(mutant) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = mutant.name();
                    let told = known.get(&name).cloned().or_else(|| {
                        (started.elapsed() < ends).then(|| {
                            let told = judge::told(mutant);
                            keep_result(&name, &told);
                            told
                        })
                    });
                    let Some(told) = told else { continue };
                    if only.is_some() || (told != Told::Smoke && !known.contains_key(&name)) {
                        println!("{name}: {told:?}");
                    }
                    results.lock().unwrap().insert(name, told);
                }
            });
        }
    });
    if only.is_none() {
        let outcomes = outcomes(&mutants, &results.into_inner().unwrap());
        outcomes.store();
        page::put_into_docs(&outcomes);
    }
    Ok(())
}

/// Lists the mutants that each profile gives no occasion to do anything wrong, as far as a run without a mutant shows it.
pub fn list_those_without_occasion() -> Result<(), Failed> {
    let watched: Vec<_> = generate::all().into_iter().filter(|mutant| mutant.kind.can_be_watched()).collect();
    println!("{} mutants can be watched", watched.len());
    for profile in [Profile::Smoke, Profile::Standard, Profile::Deep] {
        let without: Vec<_> = watched
            .iter()
            .filter(|mutant| !judge::may_act(mutant, profile, SEED))
            .map(Mutant::name)
            .collect();
        println!("{} never act in {}", without.len(), profile.name());
        without.iter().for_each(|name| println!("    {}: {name}", profile.name()));
    }
    Ok(())
}

/// The results of a campaign that was interrupted.
fn known_results() -> BTreeMap<String, Told> {
    let text = std::env::var("MATRIX_RESUME").ok().and_then(|path| fs::read_to_string(path).ok());
    let lines = text.as_deref().unwrap_or_default().lines();
    lines.filter_map(|line| serde_json::from_str::<(String, Told)>(line).ok()).collect()
}

fn keep_result(name: &str, told: &Told) {
    if let Ok(path) = std::env::var("MATRIX_RESUME") {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        let line = serde_json::to_string(&(name, told)).unwrap() + "\n";
        file.write_all(line.as_bytes()).unwrap();
    }
}

fn outcomes(mutants: &[Mutant], results: &BTreeMap<String, Told>) -> Outcomes {
    let mut outcomes = Outcomes { seed: SEED, smoke_seeds: judge::smoke_seeds(), ..Outcomes::default() };
    for mutant in mutants {
        let name = mutant.name();
        let is_row = |row: &Row| {
            row.operation == mutant.operation
                && row.group == mutant.kind.group()
                && row.kind == mutant.kind.name()
        };
        let index = outcomes.rows.iter().position(is_row).unwrap_or_else(|| {
            outcomes.rows.push(Row {
                operation: mutant.operation.to_owned(),
                group: mutant.kind.group().to_owned(),
                kind: mutant.kind.name().to_owned(),
                ..Row::default()
            });
            outcomes.rows.len() - 1
        });
        let row = &mut outcomes.rows[index];
        row.mutants += 1;
        let Some(told) = results.get(&name) else {
            row.unmeasured += 1;
            outcomes.unmeasured.push(name);
            continue;
        };
        let in_standard = matches!(told, Told::Smoke | Told::Standard { .. });
        row.smoke += u64::from(*told == Told::Smoke);
        row.standard += u64::from(in_standard);
        row.deep += u64::from(in_standard || matches!(told, Told::Deep { .. }));
        row.smoke_in_all_seeds += u64::from(matches!(
            told,
            Told::Smoke | Told::Seeds | Told::Standard { seeds: Some(_) } | Told::Deep { seeds: Some(_) }
        ));
        match told {
            Told::Smoke => {}
            Told::Standard { .. } => outcomes.standard_only.push(name),
            Told::Deep { .. } | Told::Seeds => outcomes.deep_only.push(name),
            Told::Gap => outcomes.gaps.push(name),
            Told::Unasked => outcomes.unasked.push(name),
            Told::Untellable(reason) => {
                row.untellable += 1;
                outcomes.untellable.insert(name, reason.clone());
            }
        }
    }
    outcomes
}
