//! Resolves `$ref` inside one document. References to other documents are refused.

use serde_json::Value;

use crate::ParseError;

/// More hops than any sensible document takes from a reference to the thing itself; a cycle ends here.
const MAX_HOPS: usize = 16;

/// The prefix of a reference to a named schema.
const SCHEMAS: &str = "/components/schemas/";

/// A place in a document that is not itself a reference.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) pointer: String,
    pub(crate) value: &'a Value,
}

/// The thing that `value`, which stands at `pointer`, is or refers to.
pub(crate) fn resolve<'a>(root: &'a Value, pointer: &str, value: &'a Value) -> Result<Place<'a>, ParseError> {
    let mut place = Place { pointer: pointer.to_owned(), value };
    for _ in 0..MAX_HOPS {
        let Some(reference) = place.value.get("$ref").and_then(Value::as_str) else {
            return Ok(place);
        };
        let target = reference.strip_prefix('#').ok_or_else(|| {
            ParseError::at(pointer, format!("`{reference}` leads out of the document: copy its target in"))
        })?;
        let value = root
            .pointer(target)
            .ok_or_else(|| ParseError::at(pointer, format!("`{reference}` leads to nothing: add it")))?;
        place = Place { pointer: target.to_owned(), value };
    }
    Err(ParseError::at(
        pointer,
        format!("the reference is not resolved after {MAX_HOPS} steps: break the cycle"),
    ))
}

/// The name under `components/schemas` that a pointer stands for, if it is one.
pub(crate) fn schema_name(pointer: &str) -> Option<&str> {
    pointer.strip_prefix(SCHEMAS).filter(|name| !name.contains('/'))
}

/// The pointer to a named schema.
pub(crate) fn schema_pointer(name: &str) -> String {
    format!("{SCHEMAS}{name}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{resolve, schema_name};

    #[test]
    fn follows_references_to_the_end() {
        let root = json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/c"}, "c": {"type": "string"}});
        let place = resolve(&root, "/a", &root["a"]).unwrap();
        assert_eq!(place.pointer, "/c");
        assert_eq!(place.value["type"], "string");
    }

    #[test]
    fn refuses_dangling_remote_and_circular_references() {
        for reference in ["#/nowhere", "other.yaml#/a", "#/a"] {
            let root = json!({"a": {"$ref": reference}});
            let error = resolve(&root, "/a", &root["a"]).unwrap_err().to_string();
            assert!(error.ends_with("at /a"), "{error}");
        }
    }

    #[test]
    fn names_only_whole_schemas() {
        assert_eq!(schema_name("/components/schemas/Scope"), Some("Scope"));
        assert_eq!(schema_name("/components/schemas/Scope/properties/name"), None);
        assert_eq!(schema_name("/paths"), None);
    }
}
