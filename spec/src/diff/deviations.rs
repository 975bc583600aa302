//! Where our document differs from Descope's on purpose: declared, with a reason, strict both ways.

use descope_mcp_codegen::document::{Place, parse};
use descope_mcp_codegen::{Errors, Report};
use serde::Serialize;
use serde_json::Value;
use wildmatch::WildMatch;

use super::change::{Change, ChangeKind};

/// One declared difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deviation {
    /// What differs.
    pub change: ChangeKind,
    /// Where; `*` stands for any text.
    pub at: Vec<String>,
    /// What the change must be in detail, as reports have it; any if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Why that is wanted.
    pub reason: String,
    /// Where it is declared.
    pub line: u64,
}

/// All declared differences.
#[derive(Debug, Clone, Default)]
pub struct Deviations {
    all: Vec<Deviation>,
}

/// Changes, told apart by whether they were declared.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Declared {
    /// Changes that nothing declares.
    pub undeclared: Vec<Change>,
    /// Changes that are wanted, each with the reason.
    pub declared: Vec<(Change, String)>,
    /// Places of declarations that no change bears out any more: the declaration with the place.
    pub stale: Vec<(Deviation, String)>,
}

const SHAPE: &str = "write `- {change: KIND, at: [PLACE], reason: WHY}`";

impl Deviations {
    /// Reads a list of `change`, `at` (a text or a list of texts), `detail` (may be left out) and `reason`.
    ///
    /// # Errors
    ///
    /// Every problem of the text, with place and cure.
    pub fn parse(text: &str, file: &str) -> Result<Self, Errors> {
        let tree = parse(text, file)?;
        let root = Place::root(&tree);
        let mut report = Report::new(file);
        if !root.is_list() {
            report.note(&root, "not a list", SHAPE);
        }
        let mut all = Vec::new();
        for item in root.items() {
            for (key, place) in item.members() {
                if !["change", "at", "detail", "reason"].contains(&key) {
                    report.note(&place, format!("`{key}` means nothing here"), SHAPE);
                }
            }
            let kind = item.member("change");
            let change = match kind.as_ref().map(|kind| kind.node.to_json()) {
                Some(value) => serde_json::from_value::<ChangeKind>(value).map_err(|error| error.to_string()),
                None => Err("`change` is missing".to_owned()),
            };
            let place = item.member("at");
            let at: Vec<String> = match place.as_ref().map(|place| place.node.to_json()) {
                Some(Value::String(one)) => vec![one],
                Some(Value::Array(several)) => {
                    several.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                _ => Vec::new(),
            };
            let reason = item.text("reason").unwrap_or_default().trim().to_owned();
            if at.is_empty() {
                report.note(place.as_ref().unwrap_or(&item), "`at` names no place", SHAPE);
            }
            if reason.is_empty() {
                report.note(&item, "`reason` is missing", "say why the difference is wanted");
            }
            match change {
                Ok(change) => {
                    let detail = item.text("detail").map(str::to_owned);
                    all.push(Deviation { change, at, detail, reason, line: item.at.line });
                }
                Err(problem) => report.note(kind.as_ref().unwrap_or(&item), problem, SHAPE),
            }
        }
        report.into_result()?;
        Ok(Self { all })
    }

    /// Tells the declared changes from the others.
    pub fn declare(&self, changes: Vec<Change>) -> Declared {
        let covers = |deviation: &Deviation, pattern: &str, change: &Change| {
            deviation.change == change.kind
                && deviation.detail.as_ref().is_none_or(|detail| *detail == change.detail)
                && WildMatch::new(pattern).matches(&change.at)
        };
        let mut stale: Vec<_> = self
            .all
            .iter()
            .flat_map(|deviation| deviation.at.iter().map(move |at| (deviation.clone(), at.clone())))
            .collect();
        let (mut undeclared, mut declared) = (Vec::new(), Vec::new());
        for change in changes {
            stale.retain(|(deviation, at)| !covers(deviation, at, &change));
            let found = self
                .all
                .iter()
                .find(|deviation| deviation.at.iter().any(|at| covers(deviation, at, &change)));
            match found {
                Some(deviation) => declared.push((change, deviation.reason.clone())),
                None => undeclared.push(change),
            }
        }
        Declared { undeclared, declared, stale }
    }
}
