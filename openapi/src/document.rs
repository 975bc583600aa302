//! A parsed OpenAPI document.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::LazyLock;

use serde_json::Value;

use crate::compile::Validators;
use crate::form::{check_query, to_json};
use crate::member::members;
use crate::operation::Body;
use crate::pointer::join;
use crate::reference::schema_pointer;
use crate::unknown::unknown_members;
use crate::{AUTHORIZATION_SERVER_YAML, MANAGEMENT_YAML, Member, Operation, ParseError, Violation};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// An OpenAPI 3.0 document with its operations, members and compiled validators.
///
/// A document does not change after parsing, so any number of threads can share it.
pub struct Document {
    root: Value,
    operations: Vec<Operation>,
    by_id: HashMap<String, usize>,
    members: BTreeMap<String, Vec<Member>>,
    validators: Validators,
}

impl Document {
    /// The document of the management API, parsed on the first call.
    ///
    /// # Panics
    /// Never: the text is part of this crate, and a test checks that it can be parsed.
    #[must_use]
    pub fn management() -> &'static Self {
        static DOCUMENT: LazyLock<Document> =
            LazyLock::new(|| Document::parse(MANAGEMENT_YAML).expect("a test holds that the text parses"));
        &DOCUMENT
    }

    /// The document of the authorization servers, parsed on the first call.
    ///
    /// # Panics
    /// Never: the text is part of this crate, and a test checks that it can be parsed.
    #[must_use]
    pub fn authorization_server() -> &'static Self {
        static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
            Document::parse(AUTHORIZATION_SERVER_YAML).expect("a test holds that the text parses")
        });
        &DOCUMENT
    }

    /// Parses an OpenAPI 3.0 document, YAML or JSON, and compiles a validator for every JSON body in it.
    ///
    /// Every operation needs a unique operationId, a summary, a description and responses. References must stay inside
    /// the document.
    ///
    /// # Errors
    /// If the text is not YAML, is not OpenAPI 3.0, or lacks one of the above. The error names the place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let root: Value = serde_saphyr::from_str(text).map_err(|error| ParseError::yaml(&error))?;
        if !root.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with("3.0.")) {
            return Err(ParseError::at("/openapi", "the document must say `openapi: 3.0.x`"));
        }
        let operations = read_operations(&root)?;
        let mut by_id = HashMap::new();
        for (index, operation) in operations.iter().enumerate() {
            if by_id.insert(operation.id.clone(), index).is_some() {
                let pointer = join("/paths", &operation.path);
                let problem = format!("a second operation is called `{}`: rename one", operation.id);
                return Err(ParseError::at(&pointer, problem));
            }
        }
        let schemas = root.pointer("/components/schemas").and_then(Value::as_object);
        let members = schemas
            .into_iter()
            .flatten()
            .map(|(name, schema)| Ok((name.clone(), members(&root, &schema_pointer(name), schema)?)))
            .collect::<Result<_, ParseError>>()?;
        let validators = Validators::compile(&root, &operations)?;
        Ok(Self { root, operations, by_id, members, validators })
    }

    /// The version of the document (`info.version`); empty if it has none.
    #[must_use]
    pub fn version(&self) -> &str {
        self.root.pointer("/info/version").and_then(Value::as_str).unwrap_or_default()
    }

    /// All operations, sorted by path and method.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &Operation> {
        self.operations.iter()
    }

    /// The operation with this operationId.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.by_id.get(id).and_then(|index| self.operations.get(*index))
    }

    /// The operation of a request. `path` has no query. A path without parameters takes precedence over one with
    /// parameters.
    #[must_use]
    pub fn operation_by_path(&self, method: &str, path: &str) -> Option<&Operation> {
        let of_method = || self.operations.iter().filter(|o| o.method.eq_ignore_ascii_case(method));
        of_method()
            .find(|operation| operation.path == path)
            .or_else(|| of_method().find(|operation| operation.matches_path(path)))
    }

    /// Whether any operation has this path, with any method. This distinguishes 405 from 404.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        self.operations.iter().any(|operation| operation.matches_path(path))
    }

    /// The schema with this name under `components/schemas`, as it is in the document.
    #[must_use]
    pub fn schema(&self, name: &str) -> Option<&Value> {
        self.root.get("components")?.get("schemas")?.get(name)
    }

    /// The members of a named schema, sorted by name; empty if there is no such schema.
    #[must_use]
    pub fn members(&self, schema: &str) -> &[Member] {
        self.members.get(schema).map_or(&[], Vec::as_slice)
    }

    /// The whole document as JSON, for what the other methods do not cover, such as examples.
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.root
    }

    /// Validates a request body. The result is empty if the body is valid, or if the operation takes no JSON body.
    #[must_use]
    pub fn validate_request(&self, operation_id: &str, body: &Value) -> Vec<Violation> {
        match self.operation(operation_id) {
            None => vec![Violation::unknown_operation(operation_id)],
            Some(operation) => self.check(operation.request.as_ref(), body),
        }
    }

    /// Validates a form, given its decoded pairs in their order. The result is empty if the form is valid, or if the
    /// operation takes no form. Pairs without a value count as absent. Names that the document does not have are no
    /// violation.
    #[must_use]
    pub fn validate_form<'a>(
        &self,
        operation_id: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Vec<Violation> {
        let Some(operation) = self.operation(operation_id) else {
            return vec![Violation::unknown_operation(operation_id)];
        };
        let Some(form) = operation.form.as_ref() else { return Vec::new() };
        let members = operation.form_schema().map_or(&[][..], |schema| self.members(schema));
        let (object, mut violations) = to_json(members, pairs);
        violations.extend(self.check(Some(form), &object));
        violations.sort();
        violations
    }

    /// Validates a query against the parameters of the operation, given its decoded pairs: reports missing parameters
    /// and parameters that occur more than once. Pairs without a value count as absent.
    #[must_use]
    pub fn validate_query<'a>(
        &self,
        operation_id: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Vec<Violation> {
        match self.operation(operation_id) {
            None => vec![Violation::unknown_operation(operation_id)],
            Some(operation) => check_query(operation.parameters(), pairs),
        }
    }

    /// Validates a value against a named standalone schema (`x-standalone`).
    #[must_use]
    pub fn validate_schema(&self, name: &str, value: &Value) -> Vec<Violation> {
        self.validators.check_schema(name, value).unwrap_or_else(|| vec![Violation::unknown_schema(name)])
    }

    /// Validates a response body against the schema for the status. The result is empty if the body is valid.
    ///
    /// Members that the document does not have are no violation: see [`Self::unknown_members`].
    #[must_use]
    pub fn validate_response(&self, operation_id: &str, status: u16, body: &Value) -> Vec<Violation> {
        let Some(operation) = self.operation(operation_id) else {
            return vec![Violation::unknown_operation(operation_id)];
        };
        match operation.response(status) {
            None => vec![Violation::unexpected_status(operation_id, status)],
            Some(response) => self.check(response.body.as_ref(), body),
        }
    }

    /// JSON pointers of the members of a response body that the document does not have, sorted as text.
    ///
    /// Records are open, so such members are allowed. They show that the API has changed. Members of an unknown member
    /// are not listed. The result is empty if the operation or the status is unknown.
    #[must_use]
    pub fn unknown_members(&self, operation_id: &str, status: u16, body: &Value) -> Vec<String> {
        self.operation(operation_id)
            .and_then(|operation| operation.response(status)?.body.as_ref())
            .and_then(|expected| self.root.pointer(&expected.pointer))
            .map(|schema| unknown_members(&self.root, schema, body))
            .unwrap_or_default()
    }

    fn check(&self, expected: Option<&Body>, body: &Value) -> Vec<Violation> {
        expected.map(|expected| self.validators.check(expected, body)).unwrap_or_default()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("version", &self.version())
            .field("operations", &self.operations.len())
            .finish_non_exhaustive()
    }
}

fn read_operations(root: &Value) -> Result<Vec<Operation>, ParseError> {
    let paths = root
        .get("paths")
        .and_then(Value::as_object)
        .ok_or_else(|| ParseError::at("/paths", "the document has no paths: add them"))?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        for method in METHODS.into_iter().filter(|method| item.get(method).is_some()) {
            let pointer = join(&join("/paths", path), method);
            operations.push(Operation::read(root, path, method, &pointer)?);
        }
    }
    operations.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    Ok(operations)
}
