//! What to write into our document to take over what another one adds, in our conventions.

use std::collections::BTreeMap;
use std::fmt::Write;

use descope_mcp_codegen::document::Place;

use super::change::{Change, ChangeKind};
use super::read::read;
use super::shape::{Kind, Rest};

/// Deepest nesting that is written out.
const MAX_DEPTH: usize = 12;

/// YAML to paste, each piece below the JSON pointer of where it goes. Descriptions are left to be written: this
/// project says everything in its own words.
pub fn suggestions(after: &Place<'_>, changes: &[Change], ours: &Place<'_>) -> String {
    let mut writer = Writer { root: after, ours, schemas: BTreeMap::new() };
    let mut text = String::new();
    for change in changes {
        let Some(location) = &change.after else { continue };
        let Some(place) = after.find(&location.pointer) else { continue };
        match change.kind {
            ChangeKind::MemberAdded => {
                // Where it stands there: its holder goes by our name, its own name may have dots.
                let Some((holder, member)) = location.pointer.rsplit_once('/') else { continue };
                let member = member.replace("~1", "/").replace("~0", "~");
                let Some(schema) = change.at.strip_suffix(&format!(".{member}")) else { continue };
                let our_place = format!("/components/schemas/{schema}/properties");
                let our_place = if ours.find(&our_place).is_some() { &our_place } else { holder };
                let _ = writeln!(text, "# at {our_place}");
                let required = change.detail.ends_with("required");
                text += &writer.member(&member, &place, required, 0);
                if required {
                    let _ = writeln!(text, "# and `{member}` in `required` beside it");
                }
                text.push('\n');
            }
            ChangeKind::OperationAdded => {
                text += &writer.operation(&change.at, &change.detail, &place);
            }
            _ => {}
        }
    }
    while let Some((name, place)) = writer.schemas.pop_first() {
        // Already there, or written by now.
        let key = format!("/components/schemas/{name}");
        if ours.find(&key).is_some() || text.contains(&format!("# at {key}\n")) {
            continue;
        }
        let _ = writeln!(text, "# at {key}");
        text += &writer.schema(&name, &place);
        text.push('\n');
    }
    text
}

struct Writer<'w, 'a> {
    root: &'w Place<'a>,
    ours: &'w Place<'a>,
    /// Schemas that were referred to and are to be written too.
    schemas: BTreeMap<String, Place<'a>>,
}

impl<'a> Writer<'_, 'a> {
    /// A member and its schema, `depth` levels in.
    fn member(&mut self, name: &str, place: &Place<'a>, required: bool, depth: usize) -> String {
        let indent = "  ".repeat(depth);
        let mut text = format!("{indent}{}:\n", key(name));
        text += &self.value(place, depth + 1);
        if !required {
            let _ = writeln!(text, "{indent}  nullable: true");
        }
        let _ = writeln!(text, "{indent}  description: ''  # in our own words");
        let _ = writeln!(text, "{indent}  x-basis: documented");
        let _ = writeln!(text, "{indent}  x-source: fact/published-document");
        text
    }

    /// What a value is, as the lines of a schema.
    fn value(&mut self, place: &Place<'a>, depth: usize) -> String {
        let indent = "  ".repeat(depth);
        if depth > MAX_DEPTH {
            return format!("{indent}# nested too deep; decide what to write\n");
        }
        let shape = read(self.root, place);
        let with = |kind: &str, format: Option<&str>| match format {
            Some(format) => format!("{indent}type: {kind}\n{indent}format: {format}\n"),
            None => format!("{indent}type: {kind}\n"),
        };
        match &shape.kind {
            Kind::Boolean => with("boolean", None),
            Kind::Number { integer: true, format } => with("integer", *format),
            Kind::Number { integer: false, format } => with("number", *format),
            Kind::Text { format } => with("string", *format),
            Kind::List(items) => {
                let items = items.as_ref().map(|items| match self.reference(items) {
                    Some(reference) => format!("{indent}  $ref: '{reference}'\n"),
                    None => self.value(items, depth + 1),
                });
                format!(
                    "{indent}type: array\n{indent}items:\n{}",
                    items.unwrap_or_else(|| format!("{indent}  {{}}\n"))
                )
            }
            Kind::Object { .. } => match self.reference(place) {
                Some(reference) => format!("{indent}allOf:\n{indent}  - $ref: '{reference}'\n"),
                None => format!(
                    "{indent}type: object  # make it a schema of its own and refer to it\n{indent}additionalProperties: {{}}\n"
                ),
            },
            other => format!("{indent}# {} there; decide what to write\n", other.words()),
        }
    }

    /// The reference to write for a schema with a name, which is then written too.
    fn reference(&mut self, place: &Place<'a>) -> Option<String> {
        let shape = read(self.root, place);
        let name = our_name(&shape.name?);
        let key = format!("/components/schemas/{name}");
        if self.ours.find(&key).is_none() {
            self.schemas.insert(name, shape.place);
        }
        Some(format!("#{key}"))
    }

    fn schema(&mut self, name: &str, place: &Place<'a>) -> String {
        if !matches!(read(self.root, place).kind, Kind::Object { .. }) {
            let value = self.value(place, 1);
            return format!(
                "{name}:\n{value}  description: ''  # in our own words\n  x-basis: documented\n  x-source: fact/published-document\n"
            );
        }
        let mut text = format!("{name}:\n  type: object\n  description: ''  # in our own words\n");
        text += "  x-basis: documented\n  x-source: fact/published-document\n";
        let shape = read(self.root, place);
        if let Kind::Object { members, rest } = &shape.kind {
            let required: Vec<_> =
                members.iter().filter(|member| member.required).map(|member| member.name).collect();
            if !required.is_empty() {
                let _ = writeln!(text, "  required: [{}]", required.join(", "));
            }
            if !members.is_empty() {
                text += "  properties:\n";
            }
            for member in members {
                text += &self.member(member.name, &member.schema, member.required, 2);
            }
            if let Rest::Of(values) = rest {
                text += "  additionalProperties:\n";
                text += &self.value(values, 2);
                return text;
            }
        }
        text + "  additionalProperties: {}\n"
    }

    fn operation(&mut self, id: &str, route: &str, place: &Place<'a>) -> String {
        let (method, path) = route.split_once(' ').unwrap_or(("POST", route));
        let mut text = format!("# at /paths\n{path}:\n  {}:\n    operationId: {id}\n", method.to_lowercase());
        text += "    tags: []  # one of the document's\n    summary: ''\n    description: ''\n";
        text += "    x-access: write  # or read\n    x-idempotent: false  # or true\n";
        text += "    x-basis: documented\n    x-source: fact/published-document\n";
        let body = |at: &str| place.find(&format!("{at}/content/application~1json/schema"));
        if let Some(schema) = body("/requestBody") {
            text += "    requestBody:\n      required: true\n      content:\n        application/json:\n          schema:\n";
            let reference = self.reference(&schema).unwrap_or_default();
            let _ = writeln!(text, "            $ref: '{reference}'\n          example: {{}}");
        }
        text += "    responses:\n      '200':\n        description: ''\n        content:\n          application/json:\n            schema:\n";
        let reference = body("/responses/200").and_then(|schema| self.reference(&schema)).unwrap_or_default();
        let _ = writeln!(text, "              $ref: '{reference}'\n            example: {{}}");
        text += "      4XX:\n        $ref: '#/components/responses/Refused'\n";
        text + "      5XX:\n        $ref: '#/components/responses/Failed'\n\n"
    }
}

/// Without the dotted prefix that Descope's names have.
fn our_name(theirs: &str) -> String {
    theirs.rsplit('.').next().unwrap_or(theirs).to_owned()
}

/// A name as a key of YAML: in quotes if it could be taken for something else.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&name.to_lowercase().as_str());
    if is_plain { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}
