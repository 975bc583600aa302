//! JSON Schemas (2020-12) as text, with the definitions that they share stored once.

use std::fmt;

/// A named schema that others refer to as `#/$defs/NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// The schema, as JSON text.
    pub schema: &'static str,
}

/// A JSON Schema. [`to_string`](ToString::to_string) gives the whole text: every `$ref` in it leads into its own `$defs`.
///
/// ```
/// let operation = descope_mcp_operations::find("LoadMcpServer").unwrap();
/// let schema = operation.input.to_string();
/// assert!(schema.starts_with(r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","#));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The schema itself, as the text of a JSON object that is not empty.
    pub root: &'static str,
    /// Everything that it refers to, directly or not, in the order of the names.
    pub definitions: &'static [Definition],
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = self.root.strip_prefix('{').unwrap_or(self.root);
        if self.definitions.is_empty() {
            return write!(f, "{{{DIALECT},{members}");
        }
        write!(f, "{{{DIALECT},\"$defs\":{{")?;
        for (index, definition) in self.definitions.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            // The generator makes names of letters, digits, `_`, `-` and `.` only: nothing to escape.
            write!(f, "{separator}\"{}\":{}", definition.name, definition.schema)?;
        }
        write!(f, "}},{members}")
    }
}

const DIALECT: &str = "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"";
