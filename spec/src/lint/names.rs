//! Names: each spelled in one way, and as Descope spells it.

use std::collections::BTreeMap;

use descope_mcp_codegen::Report;
use descope_mcp_codegen::document::Place;

/// Names by what is left when case is no matter: what `loginPageURL` and `loginPageUrl` have in common. OAuth's names
/// have underscores, and some of them mean something else than Descope's without.
type Spellings<'a> = BTreeMap<String, Vec<(&'a str, Place<'a>)>>;

pub(super) fn check(root: &Place<'_>, reference: Option<&Place<'_>>, report: &mut Report) {
    let ours = spellings(root);
    for spelled in ours.values() {
        let Some((first, _)) = spelled.first() else { continue };
        for (name, place) in spelled.iter().filter(|(name, _)| name != first) {
            let message = format!("`{name}` is spelled `{first}` elsewhere");
            report.note(place, message, "spell it as Descope does, the same everywhere");
        }
    }
    let Some(theirs) = reference.map(spellings) else { return };
    for (folded, spelled) in &ours {
        let Some(known) = theirs.get(folded) else { continue };
        for (name, place) in spelled {
            if known.iter().all(|(other, _)| other != name) {
                let other = known.first().map_or("", |(other, _)| *other);
                report.note(place, format!("Descope spells `{name}` otherwise"), format!("write `{other}`"));
            }
        }
    }
}

/// The names of all members of all named schemas, and the ids of all operations.
fn spellings<'a>(root: &Place<'a>) -> Spellings<'a> {
    let mut found = Spellings::new();
    let mut add = |name: &'a str, place: Place<'a>| {
        let folded = name.to_lowercase();
        found.entry(folded).or_default().push((name, place));
    };
    let below = |pointer: &str| root.find(pointer).map(|place| place.members()).unwrap_or_default();
    for (_, schema) in below("/components/schemas") {
        for (name, member) in schema.member("properties").map(|members| members.members()).unwrap_or_default()
        {
            add(name, member);
        }
    }
    for (_, item) in below("/paths") {
        for (_, operation) in item.members() {
            if let Some(id) = operation.member("operationId")
                && let Some(name) = id.str()
            {
                add(name, id);
            }
        }
    }
    found
}
