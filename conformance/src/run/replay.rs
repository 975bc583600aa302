//! Plans out of a file, to be taken to a target again: those of the failures of a JSON report, or a single plan.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use serde_json::Value;

use crate::plan::Plan;
use crate::properties::property::Property;
use crate::properties::registry;
use crate::stored::{self, StoredError};

/// What reports call the profile of a replay.
pub(crate) const PROFILE: &str = "replay";

/// What a file asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Replay {
    /// A single plan, which every property judges.
    Plan(Plan),
    /// The properties that a report says are broken, each with the plan that shows it.
    Failures(Vec<(&'static str, Plan)>),
}

/// Why a file cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Io(#[from] io::Error),
    /// It is JSON of another kind.
    #[error("it is neither a report (it has no list `properties`) nor a plan (it has no `steps`)")]
    Neither,
    /// It is no JSON, or cannot be read.
    #[error(transparent)]
    Stored(#[from] StoredError),
    /// A report of a run that found nothing.
    #[error("the report shows no broken property, so there is nothing to replay")]
    NothingBroken,
    /// A report of another version of this tool.
    #[error("no property is called {0:?}; the report is of another version of this tool")]
    UnknownProperty(String),
}

/// What is read of a report.
#[derive(Deserialize)]
struct ReportFile {
    properties: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    failure: Option<FailureEntry>,
}

#[derive(Deserialize)]
struct FailureEntry {
    plan: Plan,
}

impl Replay {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is neither a report with failures nor a plan.
    pub(crate) fn read(path: &Path) -> Result<Self, ReplayError> {
        Self::parse(&fs::read(path)?)
    }

    fn parse(bytes: &[u8]) -> Result<Self, ReplayError> {
        let json: Value = serde_json::from_slice(bytes).map_err(StoredError::from)?;
        if json["properties"].is_array() {
            stored::REPORT.check(&json).map_err(StoredError::from)?;
            plans_in(&json).try_for_each(|plan| stored::PLAN.check(plan)).map_err(StoredError::from)?;
            return Self::of_report(stored::fit(&json)?);
        }
        if json.get("steps").is_none() {
            return Err(ReplayError::Neither);
        }
        stored::PLAN.check(&json).map_err(StoredError::from)?;
        Ok(Self::Plan(stored::fit(&json)?))
    }

    fn of_report(report: ReportFile) -> Result<Self, ReplayError> {
        let mut failures = Vec::new();
        for Entry { id, failure } in report.properties {
            let Some(failure) = failure else { continue };
            let known = registry::all().find(|property| property.id == id);
            failures.push((known.ok_or(ReplayError::UnknownProperty(id))?.id, failure.plan));
        }
        if failures.is_empty() { Err(ReplayError::NothingBroken) } else { Ok(Self::Failures(failures)) }
    }

    /// Of these properties the ones to judge by, and the plans to judge, none of them twice.
    pub(crate) fn select(&self, properties: Vec<&'static Property>) -> (Vec<&'static Property>, Vec<Plan>) {
        let failures = match self {
            Self::Plan(plan) => return (properties, vec![plan.clone()]),
            Self::Failures(failures) => failures,
        };
        let shown = |property: &&Property| failures.iter().any(|(id, _)| *id == property.id);
        let properties: Vec<_> = properties.into_iter().filter(shown).collect();
        let mut plans = Vec::new();
        for (id, plan) in failures {
            if properties.iter().any(|property| property.id == *id) && !plans.contains(plan) {
                plans.push(plan.clone());
            }
        }
        (properties, plans)
    }
}

/// The plans of the failures in a report.
fn plans_in(report: &Value) -> impl Iterator<Item = &Value> {
    let properties = report["properties"].as_array().into_iter().flatten();
    properties.filter_map(|property| property.get("failure")?.get("plan"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::Action;

    fn parse(json: &Value) -> Result<Replay, ReplayError> {
        Replay::parse(json.to_string().as_bytes())
    }

    #[test]
    fn the_plans_of_a_reports_failures_are_taken_once() {
        let plan = Plan::named("a").then(Action::LoadUnmadeServer);
        let broken = |id: &str| json!({"id": id, "verdict": "fail", "failure": {"plan": plan}});
        let replay = parse(&json!({"format": 1, "properties": [
            broken("server/update/keeps-id"), {"id": "wire/content-type-is-json"}, broken("wire/unmade-is-refused"),
        ]}))
        .unwrap();
        let select = |selector| {
            let (properties, plans) = replay.select(registry::select(selector));
            (properties.iter().map(|property| property.id).collect::<Vec<_>>(), plans)
        };
        assert_eq!(
            select(""),
            (vec!["server/update/keeps-id", "wire/unmade-is-refused"], vec![plan.clone()])
        );
        assert_eq!(select("server"), (vec!["server/update/keeps-id"], vec![plan]));
        assert_eq!(select("client"), (vec![], vec![]));
    }

    #[test]
    fn every_property_judges_a_single_plan() {
        let plan = Plan::named("a").then(Action::LoadUnmadeServer);
        let replay = parse(&serde_json::to_value(&plan).unwrap()).unwrap();
        let (properties, plans) = replay.select(registry::all().collect());
        assert_eq!((properties.len(), plans), (registry::all().count(), vec![plan]));
    }

    #[test]
    fn a_file_that_does_not_fit_is_refused_with_the_place() {
        let said = |json: Value| parse(&json).unwrap_err().to_string();
        let bad_step = said(json!({"name": "a", "steps": [{"action": {"do": "fly"}}]}));
        assert!(bad_step.starts_with("steps[0].action") && bad_step.contains("fly"), "{bad_step}");
        assert!(
            said(json!({"format": 1, "properties": [{"id": "no/such", "failure": {"plan": {"name": "a", "steps": []}}}]}))
                .contains("\"no/such\"")
        );
        assert!(said(json!({"format": 1, "properties": []})).contains("nothing to replay"));
        assert!(said(json!([1])).contains("neither a report"));
        assert!(Replay::parse(b"{").unwrap_err().to_string().contains("no JSON"));
    }
}
