//! Gives every type its name before the generator does: a schema that is written in place and becomes a type of its own
//! moves to components, under a name that nothing else in the document has.
//!
//! The generator underneath names such a type after the place where it stands. Where something else has that name
//! already, it uses the other type without a word, or writes both. What it gets from here holds only references to
//! components, so that all names are decided here, once for the whole document.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use serde_json::{Map, Value, json};

use crate::document::{METHODS, pointer_token};
use crate::names;
use crate::preflight::responses::{Role, is_json};
use crate::refs::{Component, target_name};

/// Where the schemas that were moved stand in the document.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    /// Name of the new component, and JSON pointer of the place where it stands.
    origins: BTreeMap<String, String>,
}

impl Moved {
    /// What a JSON pointer into the changed document is in the document itself.
    pub(crate) fn original(&self, pointer: &str) -> String {
        let below = pointer.strip_prefix("/components/schemas/");
        let name = below.map(|below| below.split('/').next().unwrap_or(below));
        match name.and_then(|name| Some((name, self.origins.get(name)?))) {
            Some((name, origin)) => {
                format!("{origin}{}", &pointer["/components/schemas/".len() + name.len()..])
            }
            None => pointer.to_owned(),
        }
    }
}

/// Moves the schemas of a normalised document. `replaced` are the components whose types are written by hand: nothing is
/// made of what they hold.
pub(crate) fn move_out(document: &mut Value, replaced: &[(&str, &str)]) -> Moved {
    let Some(root) = document.as_object_mut() else { return Moved::default() };
    let mut components = match root.remove("components") {
        Some(Value::Object(components)) => components,
        _ => Map::new(),
    };
    let mut schemas = match components.remove(Component::Schema.section()) {
        Some(Value::Object(schemas)) => schemas,
        _ => Map::new(),
    };
    let mut mover = Mover {
        taken: schemas.keys().map(|name| names::type_name(name)).collect(),
        added: Map::new(),
        moved: Moved::default(),
    };
    for (name, schema) in &mut schemas {
        if replaced.iter().any(|(replaced, _)| replaced == name) {
            continue;
        }
        let pointer = format!("/components/schemas/{}", pointer_token(name));
        let type_name = names::type_name(name);
        // The type itself admits null; what it is otherwise gets another name.
        if becomes_type(schema) && is_nullable(schema) {
            mover.schema(schema, &format!("{type_name}Inner"), &pointer);
        } else {
            mover.inside(schema, &type_name, &pointer);
        }
    }
    if let Some(Value::Object(paths)) = root.get_mut("paths") {
        for (path, item) in paths.iter_mut() {
            mover.path(item, &components, &format!("/paths/{}", pointer_token(path)));
        }
    }
    schemas.append(&mut mover.added);
    components.insert(Component::Schema.section().to_owned(), Value::Object(schemas));
    root.insert("components".to_owned(), Value::Object(components));
    mover.moved
}

struct Mover {
    /// Names of types.
    taken: BTreeSet<String>,
    /// The new components.
    added: Map<String, Value>,
    moved: Moved,
}

impl Mover {
    /// Looks at a schema that stands in place, and moves it if it becomes a type; `name` is what that shall be called.
    fn schema(&mut self, schema: &mut Value, name: &str, pointer: &str) {
        if !becomes_type(schema) {
            self.inside(schema, &names::type_name(name), pointer);
            return;
        }
        let name = self.free(name);
        let mut reference = json!({ "allOf": [{ "$ref": format!("#/components/schemas/{name}") }] });
        if is_nullable(schema) {
            reference["nullable"] = json!(true);
        }
        if let Some(description) = schema.get("description") {
            reference["description"] = description.clone();
        }
        let mut schema = mem::replace(schema, reference);
        schema.as_object_mut().and_then(|members| members.remove("nullable"));
        self.inside(&mut schema, &name, pointer);
        self.moved.origins.insert(name.clone(), pointer.to_owned());
        self.added.insert(name, schema);
    }

    /// Looks at what a schema of that name holds.
    fn inside(&mut self, schema: &mut Value, name: &str, pointer: &str) {
        let Some(members) = schema.as_object_mut() else { return };
        let mut has_members = false;
        if let Some(Value::Object(properties)) = members.get_mut("properties") {
            has_members = !properties.is_empty();
            for (member, property) in properties.iter_mut() {
                let pointer = format!("{pointer}/properties/{}", pointer_token(member));
                self.schema(property, &format!("{name}_{}", names::field(member)), &pointer);
            }
        }
        if let Some(items) = members.get_mut("items") {
            self.schema(items, &format!("{name}Item"), &format!("{pointer}/items"));
        }
        if let Some(values) = members.get_mut("additionalProperties") {
            let name = format!("{name}{}", if has_members { "ExtraValue" } else { "Value" });
            self.schema(values, &name, &format!("{pointer}/additionalProperties"));
        }
        for (index, part) in
            members.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten().enumerate()
        {
            let (name, pointer) = (format!("{name}Variant{index}"), format!("{pointer}/oneOf/{index}"));
            // The fields of a record stand in the variant itself.
            if is_record(part) && !is_nullable(part) {
                self.inside(part, &names::type_name(&name), &pointer);
            } else {
                self.schema(part, &name, &pointer);
            }
        }
    }

    /// Looks at what the operations of a path send and answer; `components` are those without the schemas.
    fn path(&mut self, item: &mut Value, components: &Map<String, Value>, pointer: &str) {
        let shared = item.as_object_mut().and_then(|item| item.remove("parameters"));
        let mut shared = shared.unwrap_or_else(|| json!([]));
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
            let pointer = format!("{pointer}/{method}");
            // What all operations of a path have in common is named after the first of them.
            for parameters in [Some(&mut shared), operation.get_mut("parameters")].into_iter().flatten() {
                for parameter in parameters.as_array_mut().into_iter().flatten() {
                    self.parameter(parameter, components, &id, &pointer);
                }
            }
            if let Some(body) = operation.get_mut("requestBody") {
                self.body(body, Component::RequestBody, components, &format!("{id}-body"), &pointer);
            }
            self.responses(operation, components, &id, &pointer);
        }
        if let (Some(item), false) = (item.as_object_mut(), shared.as_array().is_none_or(Vec::is_empty)) {
            item.insert("parameters".to_owned(), shared);
        }
    }

    fn parameter(&mut self, parameter: &mut Value, components: &Map<String, Value>, id: &str, pointer: &str) {
        let mut target = resolved(parameter, Component::Parameter, components);
        let name = target.get("name").and_then(Value::as_str).unwrap_or_default();
        let name = format!("{id}-{name}");
        let before = self.added.len();
        if let Some(schema) = target.get_mut("schema") {
            self.schema(schema, &name, pointer);
        }
        if self.added.len() > before {
            *parameter = target;
        }
    }

    /// Looks at the JSON that a body holds; a reference to one whose schemas move becomes a copy of it.
    fn body(
        &mut self,
        body: &mut Value,
        kind: Component,
        components: &Map<String, Value>,
        name: &str,
        pointer: &str,
    ) {
        let mut target = resolved(body, kind, components);
        let before = self.added.len();
        for (media_type, media) in
            target.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten()
        {
            let counts = kind == Component::RequestBody || is_json(media_type);
            if let Some(schema) = media.get_mut("schema").filter(|_| counts) {
                self.schema(schema, name, pointer);
            }
        }
        if self.added.len() > before {
            *body = target;
        }
    }

    /// Responses of one operation with the same content must have the same type.
    fn responses(&mut self, operation: &mut Value, components: &Map<String, Value>, id: &str, pointer: &str) {
        let mut known: Vec<(Value, Value)> = Vec::new();
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for (status, response) in responses.into_iter().flatten() {
            let mut target = resolved(response, Component::Response, components);
            let Some(before) = target.get("content").cloned() else { continue };
            if let Some((_, after)) = known.iter().find(|(content, _)| *content == before) {
                if *after != before {
                    target["content"] = after.clone();
                    *response = target;
                }
                continue;
            }
            let success = Role::of(status).is_some_and(|role| role.success);
            let name = format!("{id}-{}", if success { "response" } else { "error" });
            self.body(response, Component::Response, components, &name, pointer);
            let after = response.get("content").unwrap_or(&before).clone();
            known.push((before, after));
        }
    }

    /// The name itself, or the first with a number that is free.
    fn free(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut all = [name.to_owned()].into_iter().chain(numbered).map(|name| final_name(&name));
        // The numbers do not end.
        let free = all.find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(free.clone());
        free
    }
}

/// The name of a type that the generator underneath leaves as it is.
fn final_name(name: &str) -> String {
    let mut name = names::type_name(name);
    loop {
        let again = names::type_name(&name);
        if again == name {
            return name;
        }
        name = again;
    }
}

/// Whether the generator makes a type of its own out of a schema, wherever it stands.
fn becomes_type(schema: &Value) -> bool {
    schema.get("oneOf").is_some() || is_record(schema)
}

/// Whether a schema becomes a struct: it has members, or admits none.
fn is_record(schema: &Value) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    let has_members =
        schema.get("properties").and_then(Value::as_object).is_some_and(|members| !members.is_empty());
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    kind.is_none_or(|kind| kind == "object") && schema.get("oneOf").is_none() && (has_members || is_closed)
}

fn is_nullable(schema: &Value) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
}

/// A copy of what a reference leads to, or of the element itself.
fn resolved(element: &Value, kind: Component, components: &Map<String, Value>) -> Value {
    let mut element = element;
    // Circles have been refused; whoever follows more references than there are components goes round in one.
    for _ in 0..=components.get(kind.section()).and_then(Value::as_object).map_or(0, Map::len) {
        let reference = element.get("$ref").and_then(Value::as_str);
        let name = reference.and_then(|reference| target_name(reference, kind));
        let target = name.and_then(|name| components.get(kind.section())?.get(name));
        match target {
            Some(target) => element = target,
            None => break,
        }
    }
    element.clone()
}
