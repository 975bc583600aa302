//! `cargo xtask spec diff`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use descope_mcp_spec::diff::{
    Class, Deviations, Options, Outcome, changes, markdown, operations_in_common, suggestions, text,
};
use descope_mcp_spec::{Node, Place, next_version, parse};
use xtask::workspace::{self, SPEC};

/// Wanted differences between our document and Descope's.
const DEVIATIONS: &str = "openapi/deviations.yaml";

/// What `--help` says at its end.
const EXIT_CODES: &str = "Exit codes:
  0   only documentation and declared differences
  1   additions
  2   a difference that breaks something
  3   a declared difference no longer exists
  4   a document cannot be used
  5   a difference in something that is not compared, and therefore not judged
  64  the command line is wrong

If several codes apply, the command returns the first of 2, 5, 1, 3.";

/// Says what changed from openapi/descope-mcp.yaml to another document, and what the changes break.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// An OpenAPI 3.0 or 3.1 document, YAML or JSON; operations whose path our document does not have are ignored.
    #[arg(required_unless_present = "base", conflicts_with = "base")]
    file: Option<PathBuf>,
    /// Compares our document at this commit, tag or branch with the present one.
    #[arg(long, value_name = "GITREF")]
    base: Option<String>,
    /// Output format.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Prints the YAML to add for what is new, each piece with the JSON pointer of its place.
    #[arg(long)]
    suggest: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match compared(arguments) {
        Ok((outcome, suggestions)) => {
            match arguments.format {
                Format::Text => print!("{}", text(&outcome)),
                Format::Json => println!("{}", serde_json::to_string_pretty(&outcome)?),
                Format::Markdown => print!("{}", markdown(&outcome)),
            }
            if let Some(suggestions) = suggestions {
                // JSON stays readable by programs.
                match arguments.format {
                    Format::Json => eprint!("{suggestions}"),
                    Format::Text | Format::Markdown => print!("\n{suggestions}"),
                }
            }
            Ok(ExitCode::from(code(&outcome)))
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            Ok(ExitCode::from(4))
        }
    }
}

fn code(outcome: &Outcome) -> u8 {
    match outcome.class() {
        Some(class) if class.is_breaking() => 2,
        Some(Class::NotJudged) => 5,
        Some(Class::Additive) => 1,
        _ if !outcome.declared.stale.is_empty() => 3,
        _ => 0,
    }
}

fn compared(arguments: &Arguments) -> Result<(Outcome, Option<String>)> {
    let root = workspace::root();
    let ours = read(&root.join(SPEC), SPEC)?;
    let (outcome, after) = match (&arguments.file, &arguments.base) {
        (Some(file), _) => {
            let theirs = read(file, &file.display().to_string())?;
            let deviations = root.join(DEVIATIONS);
            let declared =
                fs::read_to_string(&deviations).with_context(|| format!("reading {DEVIATIONS}"))?;
            let deviations = Deviations::parse(&declared, DEVIATIONS)?;
            let names = [SPEC.to_owned(), file.display().to_string()];
            (compare(names, &ours, &theirs, &deviations, Options::default())?, theirs)
        }
        (None, Some(base)) => (since(base)?, ours.clone()),
        (None, None) => bail!("name a document, or a commit with --base"),
    };
    let suggestions = arguments
        .suggest
        .then(|| suggestions(&Place::root(&after), &outcome.declared.undeclared, &Place::root(&ours)));
    Ok((outcome, suggestions))
}

/// What changed in our document since a commit.
pub(super) fn since(base: &str) -> Result<Outcome> {
    let before = workspace::file_at(base, SPEC)?;
    let before = parse(&before, &format!("{base}:{SPEC}"))?;
    let after = read(&workspace::root().join(SPEC), SPEC)?;
    let names = [format!("{base}:{SPEC}"), SPEC.to_owned()];
    compare(names, &before, &after, &Deviations::default(), Options { versions: true })
}

fn read(path: &Path, name: &str) -> Result<Node> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(parse(&text, name)?)
}

fn compare(
    [before, after]: [String; 2],
    one: &Node,
    other: &Node,
    deviations: &Deviations,
    options: Options,
) -> Result<Outcome> {
    let (one, other) = (Place::root(one), Place::root(other));
    for (name, root) in [(&before, &one), (&after, &other)] {
        let version = root.text("openapi").unwrap_or_default();
        if !version.starts_with("3.0") && !version.starts_with("3.1") {
            bail!(
                "{name} is no OpenAPI 3.0 or 3.1 document: it has to begin with `openapi: 3.0.3` or the like"
            );
        }
    }
    let operations = operations_in_common(&one, &other);
    if operations == 0 {
        bail!("{after} has none of the operations of {before}; is it the right document?");
    }
    let declared = deviations.declare(changes(&one, &other, options));
    let version = semver::Version::parse(env!("CARGO_PKG_VERSION"))?;
    let next = next_version(&version, &declared.undeclared).to_string();
    Ok(Outcome { before, after, operations, declared, version: version.to_string(), next_version: next })
}

#[cfg(test)]
mod tests {
    use tempfile::NamedTempFile;

    use super::*;

    fn against(file: &Path) -> Arguments {
        Arguments { file: Some(file.to_owned()), base: None, format: Format::Text, suggest: true }
    }

    /// Our document with one edit, in a file of its own.
    fn edited(before: &str, after: &str) -> NamedTempFile {
        let text = fs::read_to_string(workspace::root().join(SPEC)).unwrap();
        assert!(text.contains(before), "the document has no {before:?} any more");
        let file = NamedTempFile::new().unwrap();
        fs::write(&file, text.replacen(before, after, 1)).unwrap();
        file
    }

    #[test]
    fn descopes_document_differs_as_declared_and_in_nothing_else() {
        let folder = workspace::root().join("../shared/upstream");
        let files =
            fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let Some(file) = files.filter(|path| path.extension().is_some_and(|end| end == "yml")).max() else {
            println!("skipped: no copy of Descope's document in ../shared/upstream to compare with");
            return;
        };
        let (outcome, suggestions) = compared(&against(&file)).unwrap();
        assert_eq!(outcome.operations, 14);
        assert!(outcome.declared.undeclared.is_empty(), "{}", text(&outcome));
        assert!(outcome.declared.stale.is_empty(), "{}", text(&outcome));
        assert!(outcome.declared.declared.iter().all(|(_, reason)| !reason.is_empty()));
        assert_eq!((code(&outcome), suggestions.as_deref()), (0, Some("")));
    }

    #[test]
    fn the_exit_code_tells_the_worst_change() {
        // Every declared difference is stale in comparison with ourselves; what is found comes first.
        for (before, after, expected) in [
            ("      summary: Load one MCP server", "      summary: Fetch", 3),
            ("  /v1/mgmt/mcp/server/load:\n", "  /v1/mgmt/mcp/server/fetch:\n", 2),
            ("  - managementKey: []\n", "  - {}\n", 2),
            ("  - managementKey: []\n", "  - managementKey: []\n  - {}\n", 1),
        ] {
            let file = edited(before, after);
            let (outcome, _) = compared(&against(file.path())).unwrap();
            assert_eq!(code(&outcome), expected, "{}", text(&outcome));
        }
    }

    #[test]
    fn what_is_not_judged_has_a_code_of_its_own_between_breaks_and_additions() {
        let addition = |text: String| {
            let member = "        region:\n          type: string\n        logo:\n";
            text.replacen("        logo:\n", member, 1)
        };
        let default = |text: String| {
            let member = "        logo:\n          default: ''\n";
            text.replacen("        logo:\n", member, 1)
        };
        let removal =
            |text: String| text.replacen("/v1/mgmt/mcp/server/load:\n", "/v1/mgmt/mcp/server/fetch:\n", 1);
        let ours = fs::read_to_string(workspace::root().join(SPEC)).unwrap();
        for (text, expected) in [
            (addition(ours.clone()), 1),
            (default(ours.clone()), 5),
            (addition(default(ours.clone())), 5),
            (removal(default(ours)), 2),
        ] {
            let file = NamedTempFile::new().unwrap();
            fs::write(&file, text).unwrap();
            let (outcome, _) = compared(&against(file.path())).unwrap();
            assert_eq!(code(&outcome), expected, "{}", descope_mcp_spec::diff::text(&outcome));
        }
    }

    #[test]
    fn the_page_lists_the_exit_codes_that_help_lists() {
        let code = |text: &str| text.trim().parse::<u8>().ok();
        let of_help: Vec<_> = EXIT_CODES
            .lines()
            .filter_map(|line| {
                let (number, meaning) = line.trim().split_once(' ')?;
                Some((code(number)?, meaning.trim().to_owned()))
            })
            .collect();
        let page = fs::read_to_string(workspace::root().join("docs/exit-codes.md")).unwrap();
        let table = page.split("| exit code of `spec diff` | meaning |").nth(1).expect("the table");
        let of_page: Vec<_> = table
            .trim_start()
            .lines()
            .take_while(|line| line.starts_with('|'))
            .filter_map(|line| {
                let cells: Vec<_> = line.split('|').map(str::trim).collect();
                Some((code(cells[1])?, cells[2].to_owned()))
            })
            .collect();
        assert_eq!(of_help.len(), 7, "{of_help:?}");
        assert_eq!(of_help, of_page);
        let order = EXIT_CODES.lines().last().unwrap();
        assert!(page.contains(order), "{order} is not on the page");
    }

    #[test]
    fn a_document_of_something_else_is_refused() {
        let file = edited("  /v1/mgmt/mcp/server", "  /elsewhere");
        let text = fs::read_to_string(&file).unwrap().replace("/v1/mgmt/mcp/server", "/elsewhere");
        fs::write(&file, text).unwrap();
        let error = compared(&against(file.path())).unwrap_err().to_string();
        assert!(error.contains("is it the right document?"), "{error}");
        fs::write(&file, "swagger: '2.0'\npaths: {}").unwrap();
        let error = compared(&against(file.path())).unwrap_err().to_string();
        assert!(error.contains("no OpenAPI 3.0 or 3.1 document"), "{error}");
        fs::write(&file, "paths: [").unwrap();
        assert!(compared(&against(file.path())).is_err());
        assert!(compared(&against(Path::new("/nowhere"))).is_err());
    }

    #[test]
    fn a_commit_that_looks_like_an_option_reaches_no_git() {
        let error = since("--output=x").unwrap_err().to_string();
        assert!(error.contains("is no commit"), "{error}");
    }

    #[test]
    fn reports_are_for_people_pull_requests_and_programs() {
        let file = edited("        logo:\n", "        region:\n          type: string\n        logo:\n");
        let (outcome, suggestions) = compared(&against(file.path())).unwrap();
        assert_eq!(code(&outcome), 1, "{}", text(&outcome));
        for (report, expected) in [
            (text(&outcome), "additive\n  CreateMcpServerRequest.region is new: a string\n"),
            (text(&outcome), "shows in CreateMcpServer request"),
            (text(&outcome), "the client goes from 0.1.0 to 0.1.1"),
            (markdown(&outcome), "| additive | CreateMcpServerRequest.region is new: a string |"),
            (
                serde_json::to_string(&outcome).unwrap(),
                r#""kind":"member-added","at":"CreateMcpServerRequest.region""#,
            ),
            (
                suggestions.unwrap(),
                "# at /components/schemas/CreateMcpServerRequest/properties\nregion:\n  type: string\n",
            ),
        ] {
            assert!(report.contains(expected), "{expected} in {report}");
        }
    }
}
