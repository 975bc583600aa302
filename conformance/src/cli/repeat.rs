//! The command lines that take the steps of a run again.

use std::path::PathBuf;

use super::arguments::{Arguments, Format, PROGRAM};
use crate::report::Report;

/// Environment variable with the command that this program was started by, if that is another.
const COMMAND: &str = "DESCOPE_CONFORMANCE_COMMAND";

impl Arguments {
    /// Writes into a report the commands that take its steps again: all of them, and those of each failure.
    pub(super) fn say_how_to_repeat(&self, report: &mut Report) {
        let program = std::env::var(COMMAND).unwrap_or_else(|_| PROGRAM.to_owned());
        let mut common = Vec::new();
        let mut flag = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                common.extend([name.to_owned(), value]);
            }
        };
        flag("--target", self.target.clone());
        flag("--project", self.project.clone());
        flag("--pace", self.pace.map(|pace| pace.to_string()));
        flag("--jobs", self.jobs.map(|jobs| jobs.to_string()));
        let file = |path: &PathBuf| path.display().to_string();
        let mut steps = Vec::new();
        match &self.replay {
            Some(path) => steps.extend(["--replay".to_owned(), file(path)]),
            None => {
                let profile = ["--profile".to_owned(), report.profile.to_owned()];
                steps.extend(profile.into_iter().chain(["--seed".to_owned(), report.seed.to_string()]));
                let requests = self.requests.map(|requests| ["--requests".to_owned(), requests.to_string()]);
                steps.extend(requests.into_iter().flatten());
                let shrink = self.shrink.map(|shrink| ["--shrink".to_owned(), shrink.to_string()]);
                steps.extend(shrink.into_iter().flatten());
            }
        }
        // What a report holds of a failure is its smallest plan: far cheaper than the whole run.
        let written = self.report.iter().find(|report| report.format == Format::Json);
        let smallest =
            written.map_or_else(|| steps.clone(), |json| vec!["--replay".to_owned(), file(&json.path)]);
        let line = |rest: &[&[String]]| {
            let words = common.iter().chain(rest.iter().copied().flatten()).map(String::as_str);
            // No argument of a program holds NUL, and nothing else cannot be quoted.
            let quoted = shlex::try_join(words).unwrap_or_default();
            format!("{program} {quoted}")
        };
        for property in &mut report.properties {
            if let Some(failure) = &mut property.failure {
                failure.repeat = Some(line(&[&smallest, &["--only".to_owned(), property.id.to_owned()]]));
            }
        }
        let only = self.only.clone().map(|only| vec!["--only".to_owned(), only]).unwrap_or_default();
        let level = [("--strict", self.strict), ("--lenient", self.lenient)];
        let level: Vec<_> =
            level.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag.to_owned()).collect();
        let baseline = self.baseline.as_ref().map(|path| vec!["--baseline".to_owned(), file(path)]);
        report.repeat = Some(line(&[&steps, &only, &level, &baseline.unwrap_or_default()]));
    }
}
