//! The JSON Schema of the report: derived from the types that write it, checked in as `report.schema.json`.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::Report;

/// The schema as text, as it is checked in.
pub fn text() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<Report>();
    // A schema is a JSON value, which can always be written.
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text + "\n"
}

/// A plan is for `--replay` of the same version to read: its steps are no interface, so nothing more is said of them.
pub(super) fn of_plan(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["format", "name", "steps"],
        "properties": {
            "format": { "type": "integer" },
            "name": { "type": "string" },
            "steps": {
                "type": "array",
                "items": { "type": "object" }
            }
        }
    })
}
