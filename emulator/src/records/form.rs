//! The members of a record and their zero values, read from the OpenAPI document.
//!
//! Answers carry every member of a record: the empty text, 0, `false`, the empty list or an object of those for what
//! was never sent, as protobuf services answer that print unset fields. Basis: of sibling APIs (`fact/zero-values`),
//! assumed for these.
//! Storage keeps what was sent and only that, so that a reading of "never sent" stays possible.

use descope_mcp_openapi::{Document, Kind};
use serde_json::{Map, Value};

use crate::variants::Absent;

/// The forms of both records.
#[derive(Debug)]
pub(crate) struct Forms {
    pub(crate) server: Form,
    pub(crate) client: Form,
}

impl Forms {
    pub(crate) fn read(document: &Document) -> Self {
        Self { server: Form::read(document, "McpServer"), client: Form::read(document, "McpServerClient") }
    }
}

/// The members that a schema of the document names, in all depths. Others may be there; they are left alone.
#[derive(Debug)]
pub(crate) struct Form {
    members: Vec<(String, Shape)>,
}

#[derive(Debug)]
enum Shape {
    Text,
    Flag,
    Number,
    Object(Form),
    List,
    ObjectList(Form),
    Anything,
}

impl Form {
    fn read(document: &Document, schema: &str) -> Self {
        let members = document.members(schema).iter();
        Self {
            members: members.map(|member| (member.name.clone(), Shape::of(document, &member.kind))).collect(),
        }
    }

    /// Makes "sent as `null`" the same as "not sent" for the members that the form names.
    pub(crate) fn forget_nulls(&self, record: &mut Map<String, Value>) {
        for (name, shape) in &self.members {
            match (shape, record.get_mut(name)) {
                (Shape::Anything, _) => {}
                (_, Some(Value::Null)) => {
                    record.remove(name);
                }
                (Shape::Object(form), Some(Value::Object(inner))) => form.forget_nulls(inner),
                (Shape::ObjectList(form), Some(Value::Array(items))) => {
                    items
                        .iter_mut()
                        .filter_map(Value::as_object_mut)
                        .for_each(|item| form.forget_nulls(item));
                }
                _ => {}
            }
        }
    }

    /// Gives every member that the form names and the record lacks the value that such members have.
    pub(crate) fn complete(&self, record: &mut Map<String, Value>, absent: Absent) {
        for (name, shape) in &self.members {
            if !record.contains_key(name) {
                let value = match absent {
                    Absent::Zero => shape.zero(),
                    Absent::Omit => continue,
                    Absent::Null => Value::Null,
                };
                record.insert(name.clone(), value);
            }
            match (shape, record.get_mut(name)) {
                (Shape::Object(form), Some(Value::Object(inner))) => form.complete(inner, absent),
                (Shape::ObjectList(form), Some(Value::Array(items))) => {
                    let items = items.iter_mut().filter_map(Value::as_object_mut);
                    items.for_each(|item| form.complete(item, absent));
                }
                _ => {}
            }
        }
    }

    /// The first member in any depth that the form does not name, with the path to it.
    pub(crate) fn unknown(&self, record: &Map<String, Value>, path: &str) -> Option<String> {
        record.iter().find_map(|(name, value)| {
            let Some((_, shape)) = self.members.iter().find(|(known, _)| known == name) else {
                return Some(format!("{path}{name}"));
            };
            match (shape, value) {
                (Shape::Object(form), Value::Object(inner)) => form.unknown(inner, &format!("{path}{name}.")),
                (Shape::ObjectList(form), Value::Array(items)) => {
                    let items = items.iter().enumerate();
                    items
                        .filter_map(|(index, item)| Some((index, item.as_object()?)))
                        .find_map(|(index, item)| form.unknown(item, &format!("{path}{name}[{index}].")))
                }
                _ => None,
            }
        })
    }

    /// Removes every member in any depth that the form does not name.
    pub(crate) fn drop_unknown(&self, record: &mut Map<String, Value>) {
        record.retain(|name, _| self.members.iter().any(|(known, _)| known == name));
        for (name, shape) in &self.members {
            match (shape, record.get_mut(name)) {
                (Shape::Object(form), Some(Value::Object(inner))) => form.drop_unknown(inner),
                (Shape::ObjectList(form), Some(Value::Array(items))) => {
                    items
                        .iter_mut()
                        .filter_map(Value::as_object_mut)
                        .for_each(|item| form.drop_unknown(item));
                }
                _ => {}
            }
        }
    }
}

impl Shape {
    fn of(document: &Document, kind: &Kind) -> Self {
        match kind {
            Kind::String => Self::Text,
            Kind::Boolean => Self::Flag,
            Kind::Integer | Kind::Number => Self::Number,
            Kind::Object { schema: Some(schema) } => Self::Object(Form::read(document, schema)),
            Kind::List { items } => match &**items {
                Kind::Object { schema: Some(schema) } => Self::ObjectList(Form::read(document, schema)),
                _ => Self::List,
            },
            _ => Self::Anything,
        }
    }

    fn zero(&self) -> Value {
        match self {
            Self::Text => Value::String(String::new()),
            Self::Flag => Value::Bool(false),
            Self::Number => Value::from(0),
            Self::Object(_) => Value::Object(Map::new()),
            Self::List | Self::ObjectList(_) => Value::Array(Vec::new()),
            Self::Anything => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn completes_in_all_depths_and_leaves_unknown_members_alone() {
        let forms = Forms::read(Document::management());
        let mut record = object(json!({
            "approvedScopes": {"permissionsScopes": [{"name": "a", "new": {"x": null}}]},
            "unknown": {"enabled": null, "list": [null, {}]},
        }));
        forms.server.complete(&mut record, Absent::Zero);
        assert_eq!(record["unknown"], json!({"enabled": null, "list": [null, {}]}));
        assert_eq!(
            record["approvedScopes"],
            json!({
                "permissionsScopes":
                    [{"name": "a", "description": "", "optional": false, "values": [], "new": {"x": null}}],
                "attributesScopes": [],
                "connectionsScopes": [],
            })
        );
        assert_eq!(record["cimdSettings"], json!({"enabled": false, "domainPolicies": {"policies": []}}));
        assert_eq!(record["sessionSettings"]["keySessionTokenExpiration"], 0);
    }

    #[test]
    fn forgets_nulls_of_known_members_and_keeps_those_of_unknown_ones() {
        let forms = Forms::read(Document::management());
        let mut record = object(json!({
            "description": null,
            "dynamicRegistration": {"flowId": null, "enabled": true, "new": null},
            "approvedScopes": {"permissionsScopes": [{"name": "a", "description": null}], "attributesScopes": null},
            "unknown": null,
        }));
        forms.server.forget_nulls(&mut record);
        assert_eq!(
            Value::Object(record),
            json!({
                "dynamicRegistration": {"enabled": true, "new": null},
                "approvedScopes": {"permissionsScopes": [{"name": "a"}]},
                "unknown": null,
            })
        );
    }
}
