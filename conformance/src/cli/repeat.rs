//! The command lines that take the steps of a run again.

use std::path::Path;

use super::arguments::{Arguments, Format, PROGRAM};
use crate::report::policy::Commands;
use crate::run::findings::Facts;

/// Environment variable with the command that this program was started by, if that is another.
const COMMAND: &str = "DESCOPE_CONFORMANCE_COMMAND";

impl Commands for Arguments {
    fn whole_run(&self, run: &Facts) -> String {
        let only = self.only.clone().map(|only| vec!["--only".to_owned(), only]).unwrap_or_default();
        let level = [("--strict", self.strict), ("--lenient", self.lenient)];
        let level: Vec<_> =
            level.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag.to_owned()).collect();
        let baseline = self.baseline.as_ref().map(|path| vec!["--baseline".to_owned(), shown(path)]);
        self.line(&[&self.steps(run), &only, &level, &baseline.unwrap_or_default()])
    }

    fn failure(&self, property: &str, run: &Facts) -> String {
        // What a report holds of a failure is its smallest plan: far cheaper than the whole run.
        let written = self.output.report.iter().find(|report| report.format == Format::Json);
        let steps = match written {
            Some(json) => vec!["--replay".to_owned(), shown(&json.path)],
            None => self.steps(run),
        };
        self.line(&[&steps, &["--only".to_owned(), property.to_owned()]])
    }
}

impl Arguments {
    /// The arguments that take the same steps.
    fn steps(&self, run: &Facts) -> Vec<String> {
        let mut steps = match &self.replay {
            Some(path) => vec!["--replay".to_owned(), shown(path)],
            None => Vec::new(),
        };
        let mut flag = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                steps.extend([name.to_owned(), value]);
            }
        };
        flag("--profile", run.profile.map(|profile| profile.name().to_owned()));
        flag("--seed", self.replay.is_none().then(|| run.seed.to_string()));
        // A shard is repeated as a run of its own, with its seed and its share of the requests.
        let share = self.shard.map(|_| run.allowed_requests);
        flag("--requests", share.or(self.requests).map(|requests| requests.to_string()));
        flag("--shrink", self.shrink.map(|shrink| shrink.to_string()));
        steps
    }

    /// The command with the arguments that say where to work and how fast, and these.
    fn line(&self, rest: &[&[String]]) -> String {
        let program = std::env::var(COMMAND).unwrap_or_else(|_| PROGRAM.to_owned());
        let mut common = Vec::new();
        let mut flag = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                common.extend([name.to_owned(), value]);
            }
        };
        flag("--target", self.target.clone());
        flag("--project", self.project.clone());
        flag("--ca", self.ca.as_deref().map(shown));
        flag("--pace", self.pace.map(|pace| pace.to_string()));
        flag("--jobs", self.jobs.map(|jobs| jobs.to_string()));
        flag("--rotation-grace", self.rotation_grace.map(|grace| format!("{}s", grace.as_secs())));
        if self.as_remote {
            common.push("--as-remote".to_owned());
        }
        let words = common.iter().chain(rest.iter().copied().flatten()).map(String::as_str);
        // No argument of a program holds NUL, and nothing else cannot be quoted.
        let quoted = shlex::try_join(words).unwrap_or_default();
        format!("{program} {quoted}")
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
