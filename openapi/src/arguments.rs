//! Checks the arguments of an untyped call against the schema in the table of operations.

use descope_mcp_operations::Operation;
use jsonschema::{Draft, Validator};
use serde_json::Value;

use crate::{ParseError, Violation};

/// The compiled schema of the arguments of one operation.
///
/// ```
/// use descope_mcp_openapi::Arguments;
///
/// let operation = descope_mcp_operations::find("SearchMcpServerClients").unwrap();
/// let check = Arguments::of(operation).unwrap();
/// let violations = check.check(&serde_json::json!({"mcpServerId": "MS1", "sort": [{"desc": "yes"}]}));
/// assert_eq!(violations[0].pointer, "/sort/0/desc");
/// assert_eq!(violations[0].message, "sort[0].desc must be a boolean or null, but it is a string");
/// ```
#[derive(Debug)]
pub struct Arguments(Validator);

impl Arguments {
    /// Compiles the schema of an operation. Keep it where an operation is called often.
    ///
    /// # Errors
    ///
    /// When the schema cannot be used, which tests rule out for the tables of this project.
    pub fn of(operation: &Operation) -> Result<Self, ParseError> {
        let unusable =
            |problem: String| ParseError::at(operation.id, format!("the schema cannot be used: {problem}"));
        let schema: Value = serde_json::from_str(&operation.input.to_string())
            .map_err(|error| unusable(error.to_string()))?;
        let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&schema);
        validator.map(Self).map_err(|error| unusable(error.to_string()))
    }

    /// Every place where the arguments do not fit, in the order of their pointers; empty if they fit. Nothing in it is
    /// a value out of the arguments.
    #[must_use]
    pub fn check(&self, arguments: &Value) -> Vec<Violation> {
        Violation::all(&self.0, arguments)
    }
}
