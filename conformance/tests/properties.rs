//! One test for each property, so that what spreads tests over machines spreads the suite over them:
//! `cargo nextest run -p descope-mcp-conformance --test properties --partition count:1/4`.
//!
//! Each takes the shortest plan that exercises its property to the embedded emulator, or to the target at
//! `DESCOPE_BASE_URL` with `DESCOPE_PROJECT_ID` and `DESCOPE_MANAGEMENT_KEY`; one that is not on this machine needs
//! `DESCOPE_CONFIRM_PROJECT` with the id of the project. Which plan that is, is found out on an emulator, where requests
//! cost nothing. `CONFORMANCE_SEED` decides every generated value.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::env;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use descope_mcp_conformance::cli::{CONSISTENCY_WINDOW, target_of_environment, usual_pace};
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::plan::Plan;
use descope_mcp_conformance::plans::{curated, generated};
use descope_mcp_conformance::properties::property::{Level, Property};
use descope_mcp_conformance::properties::registry;
use descope_mcp_conformance::run::execute::Executor;
use descope_mcp_conformance::run::failing::Failing;
use descope_mcp_conformance::run::journal::Journal;
use descope_mcp_conformance::run::leftovers::Leftovers;
use descope_mcp_conformance::run::outcome::PlanOutcome;
use descope_mcp_conformance::run::patience::Patience;
use descope_mcp_conformance::run::set_up::SetUp;
use descope_mcp_conformance::run::sweep::Swept;
use descope_mcp_conformance::run::sweep_up;
use descope_mcp_conformance::wire::pace::Pace;
use descope_mcp_conformance::wire::run_mark::RunMark;
use descope_mcp_conformance::wire::sender::Sender;
use descope_mcp_conformance::wire::stop::Stop;
use descope_mcp_conformance::wire::target::Target;
use libtest_mimic::{Arguments, Failed, Trial};
use support::setting;

/// Generated plans that are looked at for properties that no plan written by hand exercises.
const GENERATED: u64 = 40;

/// Set by Ctrl-C or SIGTERM: what was made is deleted, and the test fails.
static STOP: LazyLock<Stop> = LazyLock::new(Stop::default);

fn main() {
    let arguments = Arguments::from_args();
    let trials = registry::all().map(|property| Trial::test(property.id, move || holds(property))).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn holds(property: &'static Property) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::spawn(async {
            // Without a handler for it the signal keeps its usual effect.
            if tokio::signal::ctrl_c().await.is_ok() {
                STOP.set();
            }
        });
        let plans = plans_for(property).await?;
        if plans.is_empty() {
            return Err("no plan exercises it, even on the emulator".into());
        }
        match env::var("DESCOPE_BASE_URL") {
            Ok(url) => {
                let confirmed = env::var("DESCOPE_CONFIRM_PROJECT").ok();
                let target = target_of_environment(&url, confirmed.as_deref())?;
                judge(&Subject::named(target, property)?, &plans).await
            }
            Err(_) => {
                let embedded = Embedded::start().await?;
                judge(&Subject::embedded(&embedded, property)?, &plans).await
            }
        }
    })
}

/// Where a property is judged.
struct Subject {
    sender: Sender,
    patience: Patience,
    journal: Option<Journal>,
    mark: RunMark,
    properties: [&'static Property; 1],
    leftovers: Leftovers,
}

impl Subject {
    fn embedded(embedded: &Embedded, property: &'static Property) -> Result<Self, Failed> {
        Self::new(embedded.target(), property, 0, Duration::ZERO, None)
    }

    fn named(target: Target, property: &'static Property) -> Result<Self, Failed> {
        let journal = Journal::for_run(&Journal::usual_path()?)?;
        let pace = usual_pace(&target);
        Self::new(target, property, pace, CONSISTENCY_WINDOW, Some(journal))
    }

    fn new(
        target: Target,
        property: &'static Property,
        pace: usize,
        consistency_window: Duration,
        journal: Option<Journal>,
    ) -> Result<Self, Failed> {
        let mark = RunMark::new(seed());
        if let Some(journal) = &journal {
            journal.begin(&mark.prefix, &target)?;
        }
        let sender = Sender::new(target, Pace::new(pace))?.ended_by(STOP.clone());
        let patience = Patience::new(consistency_window);
        let (properties, leftovers) = ([property], Leftovers::default());
        Ok(Self { sender, patience, journal, mark, properties, leftovers })
    }

    async fn take(&self, plan: &Plan) -> Result<PlanOutcome, Failed> {
        let executor = Executor {
            sender: &self.sender,
            start_check: Mutex::default(),
            properties: &self.properties,
            mark: &self.mark,
            patience: &self.patience,
            journal: self.journal.as_ref(),
            leftovers: &self.leftovers,
            set_up: SetUp::default(),
            rotation_grace: Duration::ZERO,
            failing: Failing::default(),
            fails_from: Level::Should,
            until_broken: false,
        };
        let outcome = executor.run(plan).await;
        if let Some(refused) = executor.set_up.refused() {
            return Err(format!("the target refuses to create a server: {refused:?}").into());
        }
        Ok(outcome)
    }

    /// Deletes what the plans could not, and says whether anything may be left.
    async fn finish(&self) -> Result<(), Failed> {
        let Swept { left, trouble, .. } =
            sweep_up(&self.sender, &self.mark, &self.leftovers, &self.patience).await;
        if left > 0 {
            return Err(format!(
                "at least {left} records may be left ({trouble:?}); `--cleanup` deletes them"
            )
            .into());
        }
        if let Some(journal) = &self.journal {
            journal.end(&self.mark.prefix)?;
        }
        Ok(())
    }
}

fn seed() -> u64 {
    setting("CONFORMANCE_SEED", 20_261_121)
}

/// The plans that exercise a property on the emulator, the shortest first.
async fn plans_for(property: &'static Property) -> Result<Vec<Plan>, Failed> {
    let embedded = Embedded::start().await?;
    let subject = Subject::embedded(&embedded, property)?;
    let mut found = Vec::new();
    let more = (0..GENERATED).map(|number| generated::plan(seed(), number));
    for (number, plan) in curated::all(seed()).into_iter().chain(more).enumerate() {
        if number >= curated::all(seed()).len() && !found.is_empty() {
            break;
        }
        let outcome = subject.take(&plan).await?;
        if outcome.held.iter().any(|times| *times > 0) || !outcome.breaches.is_empty() {
            found.push((outcome.taken.len(), plan));
        }
    }
    embedded.stop().await;
    found.sort_by_key(|(requests, _)| *requests);
    Ok(found.into_iter().map(|(_, plan)| plan).collect())
}

/// Takes plans to the target until one exercises the property.
async fn judge(subject: &Subject, plans: &[Plan]) -> Result<(), Failed> {
    let [property] = subject.properties;
    let mut lacks = None;
    let mut verdict = Err(Failed::from("no plan exercises it on this target"));
    for plan in plans {
        let outcome = match subject.take(plan).await {
            Ok(outcome) => outcome,
            Err(refused) => {
                verdict = Err(refused);
                break;
            }
        };
        if let Some(breach) = outcome.breaches.first() {
            let taken = outcome.taken.iter().take(breach.taken + 1);
            let steps: Vec<_> = taken.map(|(step, _)| format!("  {step}")).collect();
            verdict = Err(format!(
                "broken: {}\nexpected {}\nactual   {}\nby the plan {:?} of CONFORMANCE_SEED={}:\n{}",
                property.sentence,
                breach.why.expected,
                breach.why.actual,
                plan.name,
                seed(),
                steps.join("\n")
            )
            .into());
            break;
        }
        if outcome.held.iter().any(|times| *times > 0) {
            verdict = Ok(());
            break;
        }
        lacks = lacks.or_else(|| outcome.lacks.get(&property.needs?).cloned());
        if STOP.is_set() {
            verdict = Err("ended by a signal".into());
            break;
        }
    }
    subject.finish().await?;
    match (verdict, lacks) {
        // What a target may lack is not held against it.
        (Err(_), Some(why)) if !STOP.is_set() => {
            println!("{} does not apply: {why}", property.id);
            Ok(())
        }
        (verdict, _) => verdict,
    }
}
