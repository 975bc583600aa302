//! All mutants, made from the documents: every operation, every member and every kind that its type allows. Nothing here
//! knows what the suite does.

use descope_mcp_openapi::{Document, Kind as Type, Member};
use descope_mcp_operations::{AUTHORIZATION_SERVER, Access, Operation};

use crate::kind::{Effect, Granted, Key, Kind, Looked, Paged, Searched, Shown, Stored};

/// A wrong behaviour: what goes wrong, at which operation and which member.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutant {
    /// The operation's id.
    pub operation: &'static str,
    /// JSON pointer of the member in the body, with `*` for every item of a list; empty if it is about none.
    pub pointer: String,
    /// What goes wrong.
    pub kind: Kind,
}

impl Mutant {
    /// Its name, which says all that it is.
    pub fn name(&self) -> String {
        let Self { operation, pointer, kind } = self;
        let place = if pointer.is_empty() { String::new() } else { format!(" {pointer}") };
        format!("{operation}{place}: {} {}", kind.group(), kind.name())
    }
}

/// Every mutant, always in the same order.
pub fn all() -> Vec<Mutant> {
    let document = Document::management();
    let mut made = Vec::new();
    for operation in descope_mcp_operations::all() {
        let described = document.operation(operation.id).expect("the table is made from the document");
        let request = places(document, described.request_schema());
        let response = places(document, described.response_schema(200));
        let mut add = |pointer: &str, kinds: Vec<Kind>| {
            made.extend(kinds.into_iter().map(|kind| Mutant {
                operation: operation.id,
                pointer: pointer.to_owned(),
                kind,
            }));
        };
        for place in &request {
            if operation.paginated.is_some() && place.pointer != "/mcpServerId" {
                add(&place.pointer, searched(&place.pointer));
            } else if is_identifier(&place.pointer) {
                add(&place.pointer, looked());
            } else if place.pointer.ends_with('*') {
                add(&place.pointer, changed(&place.kind));
            } else {
                add(&place.pointer, stored(&place.kind, operation));
            }
        }
        for place in response.iter().filter(|place| !place.pointer.ends_with('*')) {
            let is_record = ["/server", "/client", "/servers", "/clients", "/servers/*", "/clients/*"];
            if place.pointer == "/total" || is_record.contains(&place.pointer.as_str()) {
                add(&place.pointer, vec![Kind::Shown(Shown::Missing)]);
            } else {
                let mut shown = vec![Kind::Shown(Shown::Missing), Kind::Shown(Shown::OfAnother)];
                // What was just created has no earlier state.
                if !operation.id.starts_with("Create") {
                    shown.push(Kind::Shown(Shown::Stale));
                }
                add(&place.pointer, shown);
            }
        }
        if response.iter().any(|place| matches!(place.kind, Type::List { .. }) && place.depth == 1) {
            add("", paged(operation.paginated.is_some()));
        }
        add("", KEYS.map(Kind::Key).to_vec());
        add("", effects(operation));
    }
    made.extend(authorization());
    made
}

/// A member of a body, at any depth.
struct Place {
    pointer: String,
    kind: Type,
    depth: usize,
}

fn places(document: &Document, schema: Option<&str>) -> Vec<Place> {
    let mut found = Vec::new();
    if let Some(schema) = schema {
        collect(document, schema, "", 1, &mut found);
    }
    found
}

fn collect(document: &Document, schema: &str, parent: &str, depth: usize, found: &mut Vec<Place>) {
    for Member { name, kind, .. } in document.members(schema) {
        collect_kind(document, kind, format!("{parent}/{name}"), depth, found);
    }
}

fn collect_kind(document: &Document, kind: &Type, pointer: String, depth: usize, found: &mut Vec<Place>) {
    match kind {
        // Of the scopes it is the categorized object that is written; the document names no schema of its own for both.
        Type::Object { schema: Some(schema) } => collect(document, schema, &pointer, depth + 1, found),
        Type::List { items } => {
            collect_kind(document, items, format!("{pointer}/*"), depth + 1, found);
        }
        _ => {}
    }
    found.push(Place { pointer, kind: kind.clone(), depth });
}

/// Whether a member names a record.
fn is_identifier(pointer: &str) -> bool {
    ["/id", "/server/id", "/mcpServerId", "/ids/*"].contains(&pointer) || pointer == "/clientId"
}

const KEYS: [Key; 8] = [
    Key::None,
    Key::Another,
    Key::AnotherProject,
    Key::AnotherScheme,
    Key::Empty,
    Key::Prefix,
    Key::Longer,
    Key::Case,
];

fn looked() -> Vec<Kind> {
    [Looked::NotChecked, Looked::Prefix, Looked::Longer, Looked::Case, Looked::Blank]
        .map(Kind::Looked)
        .to_vec()
}

fn stored(kind: &Type, operation: &Operation) -> Vec<Kind> {
    // Only the operations that write records store what they are sent.
    if operation.access == Access::Read {
        return Vec::new();
    }
    let mut kinds = changed(kind);
    kinds.push(Kind::Stored(Stored::Ignored));
    if operation.id.starts_with("Update") {
        kinds.extend([Stored::Kept, Stored::LeftOutKept].map(Kind::Stored));
    }
    kinds
}

/// How a value of that type may be changed.
fn changed(kind: &Type) -> Vec<Kind> {
    let kinds: &[Stored] = match kind {
        Type::String => &[Stored::Trimmed, Stored::LowerCase, Stored::Escaped, Stored::Cut, Stored::Coerced],
        Type::Boolean => &[Stored::True, Stored::False],
        Type::Integer | Type::Number => &[Stored::Int16],
        Type::List { .. } => &[Stored::Sorted, Stored::Unique, Stored::FirstTwo, Stored::FirstTen],
        _ => &[],
    };
    kinds.iter().copied().map(Kind::Stored).collect()
}

fn searched(pointer: &str) -> Vec<Kind> {
    match pointer {
        "/page" => vec![Kind::Paged(Paged::PageIgnored), Kind::Paged(Paged::FromOne)],
        "/limit" => vec![Kind::Paged(Paged::LimitIgnored)],
        "/sort" => {
            [Searched::Ignored, Searched::Backwards, Searched::AfterPaging].map(Kind::Searched).to_vec()
        }
        "/sort/*/desc" => vec![Kind::Searched(Searched::DirectionIgnored)],
        "/sort/*" | "/sort/*/field" => Vec::new(),
        _ => [Searched::Ignored, Searched::Or, Searched::Part, Searched::Case, Searched::AfterPaging]
            .map(Kind::Searched)
            .to_vec(),
    }
}

fn paged(in_pages: bool) -> Vec<Kind> {
    let mut kinds = vec![Paged::Repeat, Paged::Gap, Paged::GapInTen, Paged::TotalTooHigh];
    if in_pages {
        kinds.extend([Paged::BeyondEnd, Paged::TotalOfPage]);
    }
    kinds.into_iter().map(Kind::Paged).collect()
}

fn effects(operation: &Operation) -> Vec<Kind> {
    let finds_one = !operation.id.ends_with('s') && !operation.id.starts_with("Create");
    let mut kinds = match operation.access {
        Access::Read => vec![Effect::ReadChanges],
        _ => {
            let mut kinds = vec![
                Effect::NotDone,
                Effect::WithoutKey,
                Effect::Malformed,
                Effect::OnSibling,
                Effect::OnSiblingElsewhere,
            ];
            if operation.id.starts_with("Create") {
                kinds.push(Effect::Twice);
            }
            kinds
        }
    };
    // Whether the deletion of what is not there succeeds is an open question.
    if finds_one && !operation.id.starts_with("Delete") {
        kinds.extend([Effect::UnknownFound, Effect::DeletedFound]);
    }
    kinds.into_iter().map(Kind::Effect).collect()
}

/// The mutants of the authorization server: members of its responses, and what it grants.
fn authorization() -> Vec<Mutant> {
    let document = Document::authorization_server();
    let mut made = Vec::new();
    for operation in AUTHORIZATION_SERVER.operations {
        let described = document.operation(operation.id).expect("the table is made from the document");
        let schema = described.response_schema(200).or_else(|| described.response_schema(201));
        for place in places(document, schema).iter().filter(|place| !place.pointer.ends_with('*')) {
            let kind = Kind::Shown(Shown::Missing);
            made.push(Mutant { operation: operation.id, pointer: place.pointer.clone(), kind });
        }
        made.extend(granted(operation.id).into_iter().map(|kind| Mutant {
            operation: operation.id,
            pointer: String::new(),
            kind: Kind::Granted(kind),
        }));
    }
    made
}

fn granted(operation: &str) -> Vec<Granted> {
    if operation.contains("TokenEndpoint") {
        vec![
            Granted::AnySecret,
            Granted::SecretPrefix,
            Granted::SecretLonger,
            Granted::SecretCase,
            Granted::SecretEmpty,
            Granted::SecretMissing,
            Granted::SecretOld,
            Granted::SecretOfAnotherClient,
            Granted::SecretOfAnotherServer,
            Granted::CodeOfAnotherClient,
            Granted::CodeTwice,
            Granted::VerifierAnother,
            Granted::VerifierMissing,
            Granted::RedirectAnother,
            Granted::RedirectMissing,
            Granted::RefreshOfAnotherClient,
            Granted::RefreshSpent,
            Granted::RefreshWider,
            Granted::Scope,
            Granted::Resource,
        ]
    } else if operation.contains("AuthorizeGet") {
        vec![
            Granted::ChallengeMissing,
            Granted::ChallengePlain,
            Granted::RedirectSubdomain,
            Granted::RedirectPath,
            Granted::RedirectScheme,
            Granted::RedirectQuery,
            Granted::ResponseType,
            Granted::ClientUnknown,
            Granted::Scope,
            Granted::Resource,
        ]
    } else {
        Vec::new()
    }
}
