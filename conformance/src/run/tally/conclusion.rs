//! What a run has found, once it is over.

use std::cmp::Reverse;

use super::{Found, Tally};
use crate::observations;
use crate::plan::dependencies::Dependencies;
use crate::run::causes::{cause_among, root};
use crate::run::findings::{Facts, Failure, Findings, ObservationFinding, PropertyFinding};
use crate::run::settings::Profile;
use crate::run::shrink::CutDown;
use crate::text::shorten_around_difference;
use crate::wire::scrubbed::ExchangeReport;

/// Longest text, in characters, that says what a property expects or what the target did; of a longer one, the part that
/// differs is left.
const MAX_WHY_CHARS: usize = 4_000;

/// Most requests that a run leaves unused because none of its plans would fit.
const MAX_LEFT: u64 = 60;

impl Tally<'_> {
    /// What was found, once the run is over.
    pub(in crate::run) fn findings(self, run: Facts) -> Findings {
        // What clean-up took beyond the requests of the run was allowed for what shrinking left.
        let beyond = match run.profile {
            Some(_) => {
                run.requests.saturating_sub(run.allowed_requests.saturating_add(self.rotation.requests))
            }
            None => 0,
        };
        let properties =
            self.settings.properties.iter().enumerate().map(|(position, property)| PropertyFinding {
                property,
                held: self.held[position],
                broken: self.broken[position],
                lack: property.needs.and_then(|capability| self.lacks.get(&capability)).cloned(),
                unexercised: (self.held[position] + self.broken[position] == 0)
                    .then(|| self.why_unexercised(run.interrupted)),
                follows_from: self.cause_of(position),
                shares_requests_with: self.shares_requests_with(position),
                failure: self.failures.get(&position).map(|found| self.failure(found)),
            });
        Findings {
            properties: properties.collect(),
            observations: self.observations(),
            latencies: self.latencies.rows(),
            rotation: self.rotation,
            plans: self.plans,
            shrinking_requests: self.shrinking_requests.max(beyond),
            wasted_requests: self.wasted,
            ran_out: self.ran_out,
            run,
        }
    }

    /// Why nothing exercised a property, as far as that can be told.
    fn why_unexercised(&self, interrupted: bool) -> String {
        if interrupted {
            return "the run was interrupted".to_owned();
        }
        let used_up = || format!("the {} requests did not last until then", self.settings.requests);
        if self.ran_out && self.settings.profile == Profile::Smoke {
            return used_up();
        }
        if let Some(what) = &self.not_carried_out {
            return format!("the target did not carry out what it may need first: {what}");
        }
        let short =
            self.executor.sender.sent() - self.shrinking_requests + MAX_LEFT >= self.settings.requests;
        if short && self.settings.profile != Profile::Smoke {
            return used_up();
        }
        "no response of the target led to it".to_owned()
    }

    /// The property from which this one's breach follows, if that one is broken itself.
    fn cause_of(&self, position: usize) -> Option<&'static str> {
        if self.broken[position] == 0 {
            return None;
        }
        let mut cause = root(position, &self.follows);
        if cause == position {
            let is_root = |other: &usize| self.broken[*other] > 0 && !self.follows.contains_key(other);
            let broken = (0..self.broken.len()).filter(is_root);
            cause = cause_among(position, broken, &self.settings.properties).unwrap_or(position);
        }
        let broken = cause != position && self.broken[cause] > 0;
        broken.then(|| self.settings.properties[cause].id)
    }

    /// The broken property about the same member of a record with which a cause shared the requests for shrinking.
    fn shares_requests_with(&self, position: usize) -> Option<&'static str> {
        let other = *self.shares.get(&position)?;
        let was_tried = |found: &Found| {
            matches!(found.cut_down, CutDown::Finished | CutDown::Unfinished | CutDown::NotReproduced)
        };
        let applies = self.cause_of(position).is_none() && self.failures.get(&other).is_some_and(was_tried);
        applies.then(|| self.settings.properties[other].id)
    }

    fn observations(&self) -> Vec<ObservationFinding> {
        let seen = observations::ALL.iter().zip(&self.observed);
        seen.map(|(observation, answers)| {
            let mut answers: Vec<_> = answers.values().cloned().collect();
            answers.sort_by_key(|answer| Reverse(answer.times));
            ObservationFinding { observation, answers }
        })
        .collect()
    }

    fn failure(&self, Found { breach, plan, outcome, cut_down }: &Found) -> Failure {
        let scrubber = self.scrubber(outcome);
        // What is not cut down is shown without what it cannot depend on.
        let position = outcome.step_in(plan, breach.taken).filter(|_| *cut_down == CutDown::FailsNothing);
        let leads_to_it =
            position.map(|position| plan.positions_leading_to(position, Dependencies::AllAboutItsSubjects));
        let is_shown = |taken: usize| match &leads_to_it {
            Some(positions) => outcome.step_in(plan, taken).is_some_and(|step| positions.contains(&step)),
            None => true,
        };
        let at_once: Vec<_> = outcome.taken.iter().map(|(step, _)| step.at_once).collect();
        let shown = up_to(&at_once, breach.taken).filter(|taken| is_shown(*taken));
        let shown = shown.map(|taken| &outcome.taken[taken]);
        // Cut only after secrets were found: half a secret would not be.
        let [expected, actual] = [&breach.why.expected, &breach.why.actual].map(|text| scrubber.text(text));
        let (expected, actual) = shorten_around_difference(&expected, &actual, MAX_WHY_CHARS);
        Failure {
            expected,
            actual,
            steps: shown.clone().map(|(step, _)| scrubber.text(&step.to_string())).collect(),
            exchanges: shown.map(|(_, exchange)| ExchangeReport::new(exchange, &scrubber)).collect(),
            cut_down: *cut_down,
            plan: match position {
                Some(position) => plan.what_leads_to(position, Dependencies::AllAboutItsSubjects),
                None => plan.clone(),
            },
        }
    }
}

/// The positions of the steps that lead to the one at this position, and that one at last. Those that were taken at the same
/// time, by their numbers in `at_once`, belong to them wherever they stand.
fn up_to(at_once: &[Option<u8>], position: usize) -> impl Iterator<Item = usize> + Clone {
    let after = at_once.get(position + 1..).unwrap_or_default();
    let own = at_once.get(position).copied().flatten();
    let partners = after.iter().take_while(|other| own.is_some() && **other == own).count();
    (0..position).chain(position + 1..position + 1 + partners).chain([position])
}

#[cfg(test)]
mod tests {
    use super::up_to;

    #[test]
    fn the_steps_of_a_failure_are_those_up_to_the_one_that_shows_it_and_all_that_were_sent_at_the_same_time()
    {
        let at_once = [None, Some(1), Some(1), Some(2), Some(2), Some(2), None];
        let shown = |position| up_to(&at_once, position).collect::<Vec<_>>();
        assert_eq!(shown(0), [0]);
        assert_eq!(shown(1), [0, 2, 1]);
        assert_eq!(shown(2), [0, 1, 2]);
        assert_eq!(shown(4), [0, 1, 2, 3, 5, 4]);
        assert_eq!(shown(6), [0, 1, 2, 3, 4, 5, 6]);
    }
}
