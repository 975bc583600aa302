//! Documents of somebody else: repaired where that loses nothing, cut down to what can be generated, and made into a
//! crate that stands alone.

mod bodies;
mod leave_out;
mod operations;
mod package;
mod references;
mod schemas;

use crate::document::{self, Dialect, Node, Place};
use crate::errors::{Errors, Finding, Report};
use crate::format::GeneratedFile;
use crate::{client, stack};

/// Most rounds of leaving operations out. Each leaves out all that the one before found; more than a few mean that
/// something else is wrong.
const MAX_ROUNDS: usize = 12;

/// What a stand-alone crate shall be like.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CrateOptions {
    /// Name of the package.
    pub name: String,
    /// Only operations at this path and below it; all of them without.
    pub paths: Option<String>,
}

impl CrateOptions {
    /// A crate of that name with every operation of the document.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), paths: None }
    }

    /// Only operations at this path and below it, such as `/v1/mgmt`.
    #[must_use]
    pub fn paths(mut self, prefix: impl Into<String>) -> Self {
        self.paths = Some(prefix.into());
        self
    }
}

/// A crate that stands alone, and what it lacks.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GeneratedCrate {
    /// All files: `Cargo.toml` and those below `src/`.
    pub files: Vec<GeneratedFile>,
    /// How many operations the client can call.
    pub operations: usize,
    /// Operations that cannot be generated, in document order.
    pub left_out: Vec<LeftOut>,
}

/// An operation that the client cannot call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The HTTP method in upper case; `*` for all operations of a path whose description is not in the document.
    pub method: String,
    /// The path, starting with a slash.
    pub path: String,
    /// The operationId; one made of method and path where the document has none; empty for all operations of a path.
    pub operation_id: String,
    /// Why, and where in the document.
    pub finding: Finding,
}

/// Makes a crate that stands alone from any OpenAPI document.
///
/// What the document lacks has a default: an operation without responses answers with bytes; without an id it is named
/// after method and path; records are open; optional members may be null; the x- keys of this project, which mean
/// something else there or nothing, are not read. What types are not made of (limits, patterns, examples, unknown
/// keywords) goes, and so do alternatives beside the members of a record, whose values are kept as unknown members.
/// Compositions that are no records are read as any JSON. Schemas written in place get a number behind their name where
/// something else has it.
///
/// # Errors
///
/// Problems of the document as a whole, or, where no operation is left, the reasons of all of them.
pub fn generate_crate(
    spec_text: &str,
    spec_name: &str,
    options: &CrateOptions,
) -> Result<GeneratedCrate, Errors> {
    stack::with_room(spec_name, || {
        let mut tree = document::parse(spec_text, spec_name)?;
        references::resolve(&mut tree);
        let whole = |message: String, cure: &str| {
            let mut report = Report::new(spec_name);
            report.note(&Place::root(&tree), message, cure);
            report.into_errors()
        };
        if !package::is_name(&options.name) {
            return Err(whole(
                format!("'{}' cannot be the name of a package", options.name),
                "use lower-case letters, digits and hyphens, starting with a letter; no keyword",
            ));
        }
        if let Some(prefix) = options.paths.as_deref().filter(|prefix| !has_operation(&tree, prefix)) {
            return Err(whole(
                format!("no operation has a path at or below '{prefix}'"),
                "choose a path that the document has, such as /v1",
            ));
        }
        repair(&mut tree, options.paths.as_deref());
        let mut left_out = Vec::new();
        for round in 0.. {
            leave_out::drop_unused_components(&mut tree);
            let errors = match client::files(&tree, spec_name, Dialect::Foreign) {
                Ok(files) => return Ok(package::complete(options, spec_name, files, &tree, left_out)),
                Err(errors) => errors,
            };
            let removed = leave_out::remove_affected(&mut tree, &errors);
            if removed.is_empty() || round == MAX_ROUNDS {
                return Err(errors);
            }
            left_out.extend(removed);
            if !has_operation(&tree, "") {
                return Err(Errors::from_findings(left_out.into_iter().map(|one| one.finding)));
            }
        }
        unreachable!("the loop returns")
    })
}

fn is_below(path: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn has_operation(tree: &Node, prefix: &str) -> bool {
    let mut paths = tree.get("paths").into_iter().flat_map(Node::members);
    paths.any(|(path, item)| {
        // What a reference leads to has operations, even if they are not in the document.
        is_below(path, prefix) && item.members().any(|(name, _)| document::is_method(name) || name == "$ref")
    })
}

/// Brings a document into the form that preflight asks for, as far as that is possible without guessing.
fn repair(tree: &mut Node, prefix: Option<&str>) {
    let at = tree.at();
    references::keep_other_servers(tree);
    tree.retain(|name, _| matches!(name, "openapi" | "swagger" | "info" | "paths" | "components"));
    // What 3.1 has beyond 3.0 is translated or dropped with the schemas.
    if tree.text("openapi").is_some_and(|version| version.trim().starts_with("3.1.")) {
        tree.set("openapi", Node::string(at, "3.0.3"));
    }
    let mut info = tree.remove("info").filter(Node::is_map).unwrap_or_else(|| Node::map(at, []));
    info.retain(|name, node| matches!(name, "title" | "version" | "description") && node.str().is_some());
    for (name, default) in [("title", "an API"), ("version", "0")] {
        if info.get(name).is_none() {
            info.set(name, Node::string(at, default));
        }
    }
    tree.set("info", info);
    if let (Some(prefix), Some(paths)) = (prefix, tree.get_mut("paths")) {
        paths.retain(|path, _| is_below(path, prefix));
    }
    if let Some(components) = tree.get_mut("components") {
        components.retain(|name, node| {
            matches!(name, "schemas" | "responses" | "requestBodies" | "parameters") && node.is_map()
        });
        for (section, elements) in components.members_mut() {
            for (_, element) in elements.members_mut() {
                match section {
                    "schemas" => schemas::repair(element),
                    "responses" => bodies::repair_response(element),
                    "requestBodies" => bodies::repair_request(element),
                    _ => operations::repair_parameter(element),
                }
            }
        }
    }
    operations::repair(tree);
}
