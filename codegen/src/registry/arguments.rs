//! Which arguments an operation takes, and where each goes.

use std::collections::BTreeSet;

use crate::document::Place;
use crate::errors::Report;
use crate::refs;

/// Where an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whither {
    Path,
    Query { repeated: bool },
    Header,
    Member,
    Body,
}

impl Whither {
    /// What qualifies a name that occurs in several places.
    fn prefix(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query { .. } => "query",
            Self::Header => "header",
            Self::Member | Self::Body => "body",
        }
    }
}

/// One argument.
pub(super) struct Argument<'a> {
    pub(super) name: String,
    pub(super) wire_name: String,
    pub(super) place: Whither,
    pub(super) required: bool,
    /// Its schema; without one, anything fits.
    pub(super) schema: Option<Place<'a>>,
    /// The description of a parameter, which stands beside its schema.
    pub(super) description: Option<&'a str>,
    /// Its example as the document has it.
    pub(super) example: Option<Place<'a>>,
}

/// What is sent as the body.
pub(super) enum Body<'a> {
    None,
    Object { required: bool, open: bool },
    Value,
    Other { media_type: &'a str },
}

/// The arguments of an operation in the order path, query, header, body, and what its body is.
pub(super) fn of<'a>(
    root: &Place<'a>,
    item: &Place<'a>,
    operation: &Place<'a>,
    report: &mut Report,
) -> (Vec<Argument<'a>>, Body<'a>) {
    let mut arguments = parameters(root, item, operation, report);
    let body = body(root, operation, &mut arguments, report);
    arguments.sort_by_key(|argument| match argument.place {
        Whither::Path => 0,
        Whither::Query { .. } => 1,
        Whither::Header => 2,
        Whither::Member | Whither::Body => 3,
    });
    qualify(&mut arguments);
    (arguments, body)
}

fn parameters<'a>(
    root: &Place<'a>,
    item: &Place<'a>,
    operation: &Place<'a>,
    report: &mut Report,
) -> Vec<Argument<'a>> {
    let mut arguments: Vec<Argument<'a>> = Vec::new();
    for holder in [item, operation] {
        for listed in holder.member("parameters").map(|list| list.items()).unwrap_or_default() {
            let Some(parameter) = refs::resolve(root, &listed) else {
                report.note(&listed, "this parameter leads nowhere", "correct the reference");
                continue;
            };
            let name = parameter.text("name").unwrap_or_default();
            let style = parameter.text("style");
            let place = match (parameter.text("in"), style) {
                (Some("path"), None | Some("simple")) => Whither::Path,
                (Some("query"), None | Some("form")) => {
                    Whither::Query { repeated: parameter.flag("explode").unwrap_or(true) }
                }
                (Some("header"), None | Some("simple")) => Whither::Header,
                _ => {
                    let message = "a parameter that is no path, query or header parameter of the usual style";
                    report.note(&parameter, message, "remove it: an untyped call could not send it");
                    continue;
                }
            };
            let argument = Argument {
                name: name.to_owned(),
                wire_name: name.to_owned(),
                place,
                required: place == Whither::Path || parameter.flag("required").unwrap_or(false),
                schema: parameter.member("schema"),
                description: parameter.text("description"),
                example: parameter
                    .member("example")
                    .or_else(|| parameter.member("schema")?.member("example")),
            };
            // One of the operation stands in for one of the path with the same name and place.
            arguments.retain(|one| one.wire_name != name || one.place.prefix() != place.prefix());
            arguments.push(argument);
        }
    }
    arguments
}

fn body<'a>(
    root: &Place<'a>,
    operation: &Place<'a>,
    arguments: &mut Vec<Argument<'a>>,
    report: &mut Report,
) -> Body<'a> {
    let Some(listed) = operation.member("requestBody") else { return Body::None };
    let Some(body) = refs::resolve(root, &listed) else {
        report.note(&listed, "this request body leads nowhere", "correct the reference");
        return Body::None;
    };
    let required = body.flag("required").unwrap_or(false);
    let content = body.member("content").map(|content| content.members()).unwrap_or_default();
    let Some((_, media)) = content.iter().find(|(media_type, _)| is_json(media_type)) else {
        return content.first().map_or(Body::None, |(media_type, _)| Body::Other { media_type });
    };
    let example = media.member("example");
    let Some(schema) = media.member("schema") else {
        report.note(media, "a request body has no schema", "add `schema`");
        return Body::None;
    };
    let mut object = Object::default();
    if !object.add(root, &schema, &mut Vec::new()) {
        arguments.push(Argument {
            name: "body".to_owned(),
            wire_name: "body".to_owned(),
            place: Whither::Body,
            required,
            schema: Some(schema),
            description: None,
            example,
        });
        return Body::Value;
    }
    for (name, member) in object.members {
        let is_required = required && object.required.contains(name);
        arguments.push(Argument {
            name: name.to_owned(),
            wire_name: name.to_owned(),
            place: Whither::Member,
            required: is_required,
            schema: Some(member),
            description: None,
            example: example.as_ref().and_then(|example| example.member(name)),
        });
    }
    Body::Object { required, open: !object.closed }
}

fn is_json(media_type: &str) -> bool {
    media_type.split(';').next().unwrap_or(media_type).trim() == "application/json"
}

/// The schema of a JSON body that is described under `content`.
pub(super) fn json_schema<'a>(root: &Place<'a>, holder: &Place<'a>) -> Option<Place<'a>> {
    let content = refs::resolve(root, holder)?.member("content")?.members();
    content.into_iter().find(|(media_type, _)| is_json(media_type))?.1.member("schema")
}

/// The members of an object, through references and `allOf`.
#[derive(Default)]
struct Object<'a> {
    members: Vec<(&'a str, Place<'a>)>,
    required: BTreeSet<&'a str>,
    closed: bool,
}

impl<'a> Object<'a> {
    /// Adds what a schema says; `false` if its values need not be objects, or if it has alternatives.
    fn add(&mut self, root: &Place<'a>, schema: &Place<'a>, open: &mut Vec<String>) -> bool {
        let Some(place) = refs::resolve(root, schema) else { return false };
        if open.contains(&place.pointer) || ["oneOf", "anyOf"].iter().any(|key| place.member(key).is_some()) {
            return false;
        }
        open.push(place.pointer.clone());
        let parts = place.member("allOf").map(|parts| parts.items()).unwrap_or_default();
        let is_object = place.text("type") == Some("object") || place.member("properties").is_some();
        let is_object = is_object || !parts.is_empty();
        if !is_object || !parts.iter().all(|part| self.add(root, part, open)) {
            return false;
        }
        for (name, member) in place.member("properties").map(|all| all.members()).unwrap_or_default() {
            self.members.retain(|(known, _)| *known != name);
            self.members.push((name, member));
        }
        let listed = place.member("required").map(|list| list.items()).unwrap_or_default();
        self.required.extend(listed.iter().filter_map(|item| item.str()));
        self.closed |= place.flag("additionalProperties") == Some(false);
        open.pop();
        true
    }
}

/// Gives every argument a name of its own; the rule stands at `Argument::name` of the crate of the table.
fn qualify(arguments: &mut [Argument<'_>]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut several: BTreeSet<String> = BTreeSet::new();
    for argument in arguments.iter() {
        if !taken.insert(argument.wire_name.clone()) {
            several.insert(argument.wire_name.clone());
        }
    }
    for argument in arguments.iter_mut().filter(|argument| several.contains(&argument.wire_name)) {
        let mut name = format!("{}_{}", argument.place.prefix(), argument.wire_name);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        argument.name = name;
    }
}
