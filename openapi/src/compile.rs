//! Validators for all bodies of a document, compiled once.

use std::collections::HashMap;

use jsonschema::{Draft, Validator};
use serde_json::Value;

use crate::operation::{Body, Operation};
use crate::reference::schema_pointer;
use crate::translate::{definitions, standalone};
use crate::{ParseError, Violation};

/// One validator per schema that stands as a body or alone, by the schema's pointer.
pub(crate) struct Validators(HashMap<String, Validator>);

impl Validators {
    pub(crate) fn compile(root: &Value, operations: &[Operation]) -> Result<Self, ParseError> {
        let definitions = definitions(root);
        let mut validators = HashMap::new();
        let bodies = operations.iter().flat_map(|operation| {
            let responses = operation.responses.iter().filter_map(|response| response.body.as_ref());
            operation.request.iter().chain(&operation.form).chain(responses)
        });
        for pointer in bodies.map(|body| body.pointer.clone()).chain(standing_alone(root)) {
            if validators.contains_key(&pointer) {
                continue;
            }
            let schema = root.pointer(&pointer).unwrap_or(&Value::Null);
            let schema = standalone(schema, &definitions);
            let validator = jsonschema::options()
                .with_draft(Draft::Draft4)
                .build(&schema)
                .map_err(|error| ParseError::at(&pointer, format!("the schema cannot be used: {error}")))?;
            validators.insert(pointer, validator);
        }
        Ok(Self(validators))
    }

    /// Like [`Self::check`], for a named schema that stands alone; `None` if there is none.
    pub(crate) fn check_schema(&self, name: &str, value: &Value) -> Option<Vec<Violation>> {
        let body = Body { pointer: schema_pointer(name) };
        self.0.contains_key(&body.pointer).then(|| self.check(&body, value))
    }

    /// Every place where `value` does not fit, in the order of their pointers.
    pub(crate) fn check(&self, body: &Body, value: &Value) -> Vec<Violation> {
        // Every body's pointer was compiled above, so there is always a validator.
        self.0.get(&body.pointer).map(|validator| Violation::all(validator, value)).unwrap_or_default()
    }
}

/// Pointers of the named schemas that no operation has and that are checked all the same.
fn standing_alone(root: &Value) -> impl Iterator<Item = String> {
    let schemas = root.pointer("/components/schemas").and_then(Value::as_object);
    let marked = |schema: &Value| schema.get("x-standalone").and_then(Value::as_bool) == Some(true);
    schemas
        .into_iter()
        .flatten()
        .filter(move |(_, schema)| marked(schema))
        .map(|(name, _)| schema_pointer(name))
}
