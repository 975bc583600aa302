//! `docs/operations.md`: the table of all operations.

use std::fmt::Write;

use descope_mcp_codegen::document::Place;
use descope_mcp_codegen::facts::{self, Facts};
use descope_mcp_openapi::{Document, Operation, link_facts};

/// The page for a document, of which `root` is the tree.
pub fn operations_page(document: &Document, root: &Place<'_>) -> String {
    let mut page = format!(
        "<!-- Made by `cargo xtask docs` from openapi/descope-mcp.yaml. Do not edit. -->\n\n# Operations\n\n\
         The {} operations of Descope's MCP server management API, as of {}. \
         [openapi/README.md](../openapi/README.md) explains the columns.\n\n\
         | operation | path | access | idempotent | pages | basis | source |\n|---|---|---|---|---|---|---|\n",
        document.operations().len(),
        document.version()
    );
    for (operation, facts) in stated(document, root) {
        let _ = writeln!(
            page,
            "| [{id}](#{anchor}) | `{method} {path}` | {access} | {again} | {pages} | {basis} | {source} |",
            id = operation.id,
            anchor = operation.id.to_lowercase(),
            method = operation.method,
            path = operation.path,
            access = if facts.writes { "write" } else { "read" },
            again = if facts.idempotent { "yes" } else { "no" },
            pages = if facts.paginated.is_some() { "yes" } else { "" },
            basis = facts.basis,
            source = link_facts(facts.source.unwrap_or_default()),
        );
    }
    for (operation, facts) in stated(document, root) {
        section(&mut page, document, root, operation, &facts);
    }
    page
}

/// Every operation with what the document states about it.
fn stated<'d, 'r>(
    document: &'d Document,
    root: &'d Place<'r>,
) -> impl Iterator<Item = (&'d Operation, Facts<'r>)> {
    document.operations().filter_map(|operation| {
        let (path, item) = root.member("paths")?.members().into_iter().find(|(p, _)| *p == operation.path)?;
        let method = operation.method.to_lowercase();
        Some((operation, facts::of(path, &method, &item.member(&method)?)?))
    })
}

fn section(
    page: &mut String,
    document: &Document,
    root: &Place<'_>,
    operation: &Operation,
    facts: &Facts<'_>,
) {
    let _ = writeln!(
        page,
        "\n## {}\n\n{}. {}",
        operation.id,
        operation.summary,
        one_line(&operation.description)
    );
    if let Some(load) = facts.replaces {
        let _ = writeln!(page, "\nReplaces the whole record: load it with {load} first.");
    }
    if let Some([items, page_number, limit, total]) = facts.paginated {
        let _ = writeln!(
            page,
            "\nPages: `{}` counts from 0, `{}` is the size of a page; `{}` contains the records, and `{}` is their number on all pages.",
            page_number, limit, items, total
        );
    }
    for (title, schema) in
        [("Request", operation.request_schema()), ("Response", operation.response_schema(200))]
    {
        let members = schema.map(|schema| document.members(schema)).unwrap_or_default();
        if members.is_empty() {
            let _ = writeln!(page, "\n{title}: an empty object.");
            continue;
        }
        let _ = writeln!(page, "\n| {} | | |\n|---|---|---|", title.to_lowercase());
        for member in members {
            let mut marks = Vec::new();
            marks.extend(member.required.then_some("required"));
            marks.extend(member.secret.then_some("secret"));
            let basis = schema.map_or("assumed", |schema| basis(root, schema, &member.name));
            marks.extend((basis != "documented").then_some(basis));
            let text = one_line(&member.description).replace('|', "\\|");
            let _ = writeln!(page, "| `{}` | {} | {text} |", member.name, marks.join(", "));
        }
    }
}

/// How sure a member is: by its own basis, else by that of its schema.
fn basis<'a>(root: &Place<'a>, schema: &str, member: &str) -> &'a str {
    let schema = root.member("components").and_then(|all| all.member("schemas")?.member(schema));
    let member = schema.as_ref().and_then(|schema| schema.member("properties")?.member(member));
    [member, schema].into_iter().flatten().find_map(|place| facts::basis(&place).value()).unwrap_or("assumed")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
