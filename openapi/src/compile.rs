//! Validators for every body of a document, compiled once.

use std::collections::HashMap;

use jsonschema::{Draft, Validator};
use serde_json::Value;

use crate::operation::{Body, Operation};
use crate::translate::{definitions, standalone};
use crate::{ParseError, Violation};

/// One validator per schema that stands as a body, by the schema's pointer.
pub(crate) struct Validators(HashMap<String, Validator>);

impl Validators {
    pub(crate) fn compile(root: &Value, operations: &[Operation]) -> Result<Self, ParseError> {
        let definitions = definitions(root);
        let mut validators = HashMap::new();
        for operation in operations {
            let responses = operation.responses.iter().filter_map(|response| response.body.as_ref());
            for Body { pointer } in operation.request.iter().chain(responses) {
                if !validators.contains_key(pointer) {
                    let schema = root.pointer(pointer).unwrap_or(&Value::Null);
                    let schema = standalone(schema, &definitions);
                    let validator =
                        jsonschema::options().with_draft(Draft::Draft4).build(&schema).map_err(|error| {
                            ParseError::at(pointer, format!("the schema cannot be used: {error}"))
                        })?;
                    validators.insert(pointer.clone(), validator);
                }
            }
        }
        Ok(Self(validators))
    }

    /// Every place where `value` does not fit, in the order of their pointers.
    pub(crate) fn check(&self, body: &Body, value: &Value) -> Vec<Violation> {
        let mut violations = Vec::new();
        // Every body's pointer was compiled above, so there is always a validator.
        if let Some(validator) = self.0.get(&body.pointer) {
            if validator.is_valid(value) {
                return violations;
            }
            for error in validator.iter_errors(value) {
                Violation::from_error(&error, &mut violations);
            }
        }
        violations.sort();
        violations.dedup();
        violations
    }
}
