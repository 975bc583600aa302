//! `--only`: which part of the plans of a profile exercises some properties. That is found out on a reference, a target that
//! is known to be right, so that it costs the target under test nothing.

use std::collections::BTreeSet;
use std::mem::{Discriminant, discriminant};
use std::sync::Mutex;
use std::time::Duration;

use super::execute::Executor;
use super::failing::Failing;
use super::leftovers::Leftovers;
use super::outcome::PlanOutcome;
use super::patience::Patience;
use super::queue::ByHand;
use super::set_up::SetUp;
use super::settings::Settings;
use crate::plan::dependencies::Dependencies;
use crate::plan::{Action, Fault, Plan, Step};
use crate::properties::property::{Level, Property};
use crate::wire::pace::Pace;
use crate::wire::run_mark::RunMark;
use crate::wire::sender::Sender;
use crate::wire::target::Target;

/// What steps have in common that exercise the same properties.
type Kind = (Discriminant<Action>, Option<Discriminant<Fault>>, bool);

/// The plans of a profile, cut to what exercises some properties.
#[derive(Debug)]
pub struct Narrowing {
    /// The plans written by hand, each cut; those without such steps are missing.
    pub(super) plans: Vec<Plan>,
    /// Kinds of the steps at which one of the properties was judged.
    kinds: Vec<Kind>,
}

impl Narrowing {
    /// Cuts the plans of a run to what exercises its properties on the reference. `None` if nothing can be cut.
    pub async fn of(settings: &Settings, reference: Target) -> Option<Self> {
        let ByHand { first, last, observed: _ } = ByHand::of(settings);
        let whole = [first, last].concat();
        let rehearsal = Rehearsal::new(settings, reference)?;
        let (mut plans, mut kinds) = (Vec::new(), Vec::new());
        for plan in &whole {
            let outcome = rehearsal.take(plan).await;
            let judged = judged_steps(plan, &outcome);
            for kind in judged.iter().filter_map(|position| plan.steps.get(*position)).map(kind_of) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            if !judged.is_empty() {
                plans.push(rehearsal.cut(plan, &outcome, &judged).await);
            }
        }
        (!plans.is_empty() && plans != whole).then_some(Self { plans, kinds })
    }

    /// The steps of a plan that are like those which exercise the properties, with what leads to them. `None` if there are
    /// none.
    pub(super) fn part_of(&self, plan: &Plan) -> Option<Plan> {
        let is_such = |position: &usize| self.kinds.contains(&kind_of(&plan.steps[*position]));
        let wanted: BTreeSet<_> = (0..plan.steps.len()).filter(is_such).collect();
        (!wanted.is_empty()).then(|| with_what_leads_to(plan, &wanted, Dependencies::AllAboutItsSubjects))
    }
}

/// Takes plans to the reference.
struct Rehearsal<'a> {
    sender: Sender,
    properties: &'a [&'static Property],
    mark: RunMark,
}

impl<'a> Rehearsal<'a> {
    fn new(settings: &'a Settings, reference: Target) -> Option<Self> {
        let sender = Sender::new(reference, Pace::new(0)).ok()?;
        Some(Self { sender, properties: &settings.properties, mark: RunMark::new(settings.seed) })
    }

    async fn take(&self, plan: &Plan) -> PlanOutcome {
        let executor = Executor {
            sender: &self.sender,
            start_check: Mutex::default(),
            properties: self.properties,
            mark: &self.mark,
            patience: &Patience::new(Duration::ZERO),
            journal: None,
            leftovers: &Leftovers::default(),
            set_up: SetUp::default(),
            rotation_grace: Duration::ZERO,
            failing: Failing::default(),
            fails_from: Level::Should,
            until_broken: false,
        };
        executor.run(plan).await
    }

    /// The smallest part of a plan that was found to judge as many properties as the whole.
    async fn cut(&self, plan: &Plan, outcome: &PlanOutcome, judged: &BTreeSet<usize>) -> Plan {
        for dependencies in [
            Dependencies::Writes,
            Dependencies::WritesAndLeftOut,
            Dependencies::SinceTheLastLook,
            Dependencies::AllAboutItsSubjects,
        ] {
            let part = with_what_leads_to(plan, judged, dependencies);
            if part.steps.len() == plan.steps.len() {
                break;
            }
            let of_part = self.take(&part).await;
            let is_kept = |(whole, part): (&u64, &u64)| *whole == 0 || *part > 0;
            if outcome.held.iter().zip(&of_part.held).all(is_kept) && of_part.breaches.is_empty() {
                return part;
            }
        }
        plan.clone()
    }
}

/// The positions in a plan of the steps that a property judged.
fn judged_steps(plan: &Plan, outcome: &PlanOutcome) -> BTreeSet<usize> {
    let judged = outcome.judged.iter().enumerate().filter(|(_, judged)| **judged);
    judged.filter_map(|(taken, _)| outcome.step_in(plan, taken)).collect()
}

/// These steps of a plan and those that they depend on. Of steps at the same time, none is left alone.
fn with_what_leads_to(plan: &Plan, wanted: &BTreeSet<usize>, dependencies: Dependencies) -> Plan {
    let mut kept: BTreeSet<usize> =
        wanted.iter().flat_map(|position| plan.positions_leading_to(*position, dependencies)).collect();
    let groups: BTreeSet<_> = kept.iter().filter_map(|position| plan.steps[*position].at_once).collect();
    let in_group =
        |position: &usize| plan.steps[*position].at_once.is_some_and(|group| groups.contains(&group));
    kept.extend((0..plan.steps.len()).filter(in_group));
    let steps = kept.into_iter().map(|position| plan.steps[position].clone()).collect();
    Plan { name: plan.name.clone(), steps }
}

fn kind_of(step: &Step) -> Kind {
    (discriminant(&step.action), step.fault.as_ref().map(discriminant), step.at_once.is_some())
}
