//! `docs/operations.md`: the table of all operations.

use std::fmt::Write;

use descope_mcp_openapi::{Access, Basis, Document, Operation, link_facts};

/// The page for a document.
pub fn operations_page(document: &Document) -> String {
    let mut page = format!(
        "<!-- Made by `cargo xtask docs` from openapi/descope-mcp.yaml. Do not edit. -->\n\n# Operations\n\n\
         The {} operations of Descope's MCP server management API, as of {}. \
         [openapi/README.md](../openapi/README.md) explains the columns.\n\n\
         | operation | path | access | idempotent | pages | basis | source |\n|---|---|---|---|---|---|---|\n",
        document.operations().len(),
        document.version()
    );
    for operation in document.operations() {
        let access = match operation.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        let _ = writeln!(
            page,
            "| [{id}](#{anchor}) | `{method} {path}` | {access} | {again} | {pages} | {basis} | {source} |",
            id = operation.id,
            anchor = operation.id.to_lowercase(),
            method = operation.method,
            path = operation.path,
            again = if operation.idempotent { "yes" } else { "no" },
            pages = if operation.paginated.is_some() { "yes" } else { "" },
            basis = basis(operation.basis),
            source = link_facts(operation.source.as_deref().unwrap_or_default()),
        );
    }
    for operation in document.operations() {
        section(&mut page, document, operation);
    }
    page
}

fn section(page: &mut String, document: &Document, operation: &Operation) {
    let _ = writeln!(
        page,
        "\n## {}\n\n{}. {}",
        operation.id,
        operation.summary,
        one_line(&operation.description)
    );
    if let Some(load) = &operation.replaces {
        let _ = writeln!(page, "\nReplaces the whole record: load it with {load} first.");
    }
    if let Some(pages) = &operation.paginated {
        let _ = writeln!(
            page,
            "\nPages: `{}` counts from 0, `{}` is the size of a page; `{}` contains the records, and `{}` is their number on all pages.",
            pages.page, pages.limit, pages.items, pages.total
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
            marks.extend((member.basis != Basis::Documented).then_some(basis(member.basis)));
            let text = one_line(&member.description).replace('|', "\\|");
            let _ = writeln!(page, "| `{}` | {} | {text} |", member.name, marks.join(", "));
        }
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Documented => "documented",
        Basis::Observed => "observed",
        Basis::Assumed => "assumed",
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
