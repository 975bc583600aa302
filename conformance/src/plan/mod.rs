//! What a run does, before any id exists: steps with symbolic references.
//!
//! A plan says "server 1" and "client 2", never `MS…`. It can therefore be generated before a request is sent, cut down
//! while shrinking, written to a file and replayed against another target. A step whose subject was never made (because
//! shrinking removed its creation, or the server refused it) is skipped.

pub(crate) mod dependencies;

use std::fmt;
use std::time::Duration;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

pub use crate::actions::{Action, Filter, FilterBy, LoadBy, Sort, TokenAuth, ask, near_miss, probe};
pub use crate::labels::{ClientLabel, ServerLabel, WhichSecret};
use crate::stored;
pub use crate::wire::fault::{Fault, Near};

/// Steps to take in order, each judged by every property that applies to it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Plan {
    /// Where it came from: the name of a curated plan, or `generated`.
    pub name: String,
    /// What to do.
    pub steps: Vec<Step>,
}

/// One request to the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What is asked.
    pub action: Action,
    /// What is wrong with how it is asked, if anything: such a request must be refused and change nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Neighbouring steps with the same number are sent at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u8>,
    /// How long to wait before it is sent, in milliseconds. Such a step tries a secret from before a rotation again: it is
    /// left out once the token endpoint has refused that secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
    /// Whether it is left out for a request that the plan has cost beyond its steps, if the run is short of requests.
    #[serde(default, skip_serializing_if = "is_false")]
    pub spare: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Plan {
    /// A plan without steps.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), steps: Vec::new() }
    }

    /// Adds a well-formed step.
    #[must_use]
    pub fn then(mut self, action: Action) -> Self {
        self.steps.push(action.into());
        self
    }

    /// Adds well-formed steps, one after the other.
    #[must_use]
    pub(crate) fn then_all(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.steps.extend(actions.into_iter().map(Step::from));
        self
    }

    /// Adds a well-formed step that is sent after a pause, unless the token endpoint has refused a rotated secret.
    #[must_use]
    pub(crate) fn then_while_old_secret_works(mut self, wait: Duration, action: Action) -> Self {
        self.steps.push(Step { wait_ms: Some(wait.as_millis() as u64), ..action.into() });
        self
    }

    /// Adds well-formed steps that are sent at the same time.
    #[must_use]
    pub fn then_at_once(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        let number =
            self.steps.iter().filter_map(|step| step.at_once).max().map_or(1, |last| last.wrapping_add(1));
        self.steps.extend(actions.into_iter().map(|action| Step { at_once: Some(number), ..action.into() }));
        self
    }

    /// Adds a well-formed step that is left out if the plan turns out to cost more than its steps.
    #[must_use]
    pub(crate) fn then_if_spare(mut self, action: Action) -> Self {
        self.steps.push(Step { spare: true, ..action.into() });
        self
    }

    /// Adds a step that must be refused.
    #[must_use]
    pub fn then_wrongly(mut self, fault: Fault, action: Action) -> Self {
        self.steps.push(Step { fault: Some(fault), ..action.into() });
        self
    }
}

impl Serialize for Plan {
    /// With the version of the format, since a plan may be kept in a file of its own.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("Plan", 3)?;
        plan.serialize_field("format", &stored::PLAN.current)?;
        plan.serialize_field("name", &self.name)?;
        plan.serialize_field("steps", &self.steps)?;
        plan.end()
    }
}

impl From<Action> for Step {
    /// The step that asks for it rightly, by itself.
    fn from(action: Action) -> Self {
        Self { action, fault: None, at_once: None, wait_ms: None, spare: false }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.at_once {
            write!(f, "at the same time ({number}): ")?;
        }
        if let Some(wait) = self.wait_ms {
            write!(f, "after {} s more: ", wait / 1_000)?;
        }
        self.action.fmt(f)?;
        match &self.fault {
            None => Ok(()),
            Some(fault) => write!(f, ", {fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::Members;

    fn members(value: serde_json::Value) -> Members {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_step_reads_as_a_sentence() {
        let plan = Plan::named("a")
            .then(Action::CreateServer { server: ServerLabel(1), body: members(json!({"tags": [""]})) })
            .then_wrongly(
                Fault::NoKey,
                Action::DeleteServers { servers: vec![ServerLabel(1), ServerLabel(2)] },
            );
        assert_eq!(plan.steps[0].to_string(), "create server 1 with tags [\"\"]");
        assert_eq!(plan.steps[1].to_string(), "delete server 1 and server 2 in bulk, without a key");
    }

    #[test]
    fn a_long_value_is_cut_and_its_length_said() {
        let action = Action::CreateServer {
            server: ServerLabel(1),
            body: members(json!({"name": "x".repeat(10_000)})),
        };
        assert!(action.to_string().ends_with("… (10002 characters)"), "{action}");
    }

    #[test]
    fn a_plan_survives_being_written_to_a_file() {
        let plan = Plan::named("a").then(Action::SearchClients {
            server: ServerLabel(1),
            filter: Filter {
                like: Some(ClientLabel(2)),
                by: FilterBy::ALL.to_vec(),
                page: Some(0),
                limit: Some(2),
                sort: Some(Sort { field: "name".into(), descending: true }),
            },
        });
        let plan = plan.then_wrongly(
            Fault::ThroughAnotherServer(ServerLabel(2)),
            Action::GetSecret { client: ClientLabel(2) },
        );
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}
