//! A parsed OpenAPI document and the questions it answers.

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

/// An OpenAPI 3.0 document with its operations, members and compiled checks.
///
/// Nothing here changes after parsing, so one document serves any number of threads.
pub struct Document {
    root: Value,
    operations: Vec<Operation>,
    by_id: HashMap<String, usize>,
    members: BTreeMap<String, Vec<Member>>,
    validators: Validators,
}

impl Document {
    /// The document of the management API, parsed at the first call.
    ///
    /// # Panics
    /// Never: the text is part of this crate, and a test holds that it parses.
    #[must_use]
    pub fn management() -> &'static Self {
        static DOCUMENT: LazyLock<Document> =
            LazyLock::new(|| Document::parse(MANAGEMENT_YAML).expect("a test holds that the text parses"));
        &DOCUMENT
    }

    /// The document of the authorization servers, parsed at the first call.
    ///
    /// # Panics
    /// Never: the text is part of this crate, and a test holds that it parses.
    #[must_use]
    pub fn authorization_server() -> &'static Self {
        static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
            Document::parse(AUTHORIZATION_SERVER_YAML).expect("a test holds that the text parses")
        });
        &DOCUMENT
    }

    /// Parses an OpenAPI 3.0 document, YAML or JSON, and compiles a check for every JSON body in it.
    ///
    /// Every operation needs an operationId of its own, summary, description and responses. References may only lead
    /// inside the document.
    ///
    /// # Errors
    /// When the text is no YAML, is not OpenAPI 3.0, or lacks something of the above; the error names the place.
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

    /// The version that the document gives itself (`info.version`); empty if it gives none.
    #[must_use]
    pub fn version(&self) -> &str {
        self.root.pointer("/info/version").and_then(Value::as_str).unwrap_or_default()
    }

    /// Every operation, in the order of path and method.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &Operation> {
        self.operations.iter()
    }

    /// The operation with this operationId.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.by_id.get(id).and_then(|index| self.operations.get(*index))
    }

    /// The operation that a request is for. `path` is without query; a path without parameters wins over one with.
    #[must_use]
    pub fn operation_by_path(&self, method: &str, path: &str) -> Option<&Operation> {
        let of_method = || self.operations.iter().filter(|o| o.method.eq_ignore_ascii_case(method));
        of_method()
            .find(|operation| operation.path == path)
            .or_else(|| of_method().find(|operation| operation.matches_path(path)))
    }

    /// Whether any operation has this path, with whatever method: tells 405 from 404.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        self.operations.iter().any(|operation| operation.matches_path(path))
    }

    /// The schema with this name under `components/schemas`, as the document writes it.
    #[must_use]
    pub fn schema(&self, name: &str) -> Option<&Value> {
        self.root.get("components")?.get("schemas")?.get(name)
    }

    /// The members of a named schema, in the order of their names; empty if there is no such schema.
    #[must_use]
    pub fn members(&self, schema: &str) -> &[Member] {
        self.members.get(schema).map_or(&[], Vec::as_slice)
    }

    /// The whole document as JSON, for what the other methods do not cover (examples, say).
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.root
    }

    /// Where a request body does not fit; empty if it fits, or if the operation takes no JSON body.
    #[must_use]
    pub fn validate_request(&self, operation_id: &str, body: &Value) -> Vec<Violation> {
        match self.operation(operation_id) {
            None => vec![Violation::unknown_operation(operation_id)],
            Some(operation) => self.check(operation.request.as_ref(), body),
        }
    }

    /// Where a form does not fit, given its decoded pairs in their order; empty if it fits, or if the operation takes no
    /// form. Pairs without a value count as absent; names that the document does not know are no violation.
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

    /// Where a query does not fit the operation's parameters, given its decoded pairs: what is missing and what stands
    /// more than once. Pairs without a value count as absent.
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

    /// Where a value does not fit a named schema that stands alone (`x-standalone`).
    #[must_use]
    pub fn validate_schema(&self, name: &str, value: &Value) -> Vec<Violation> {
        self.validators.check_schema(name, value).unwrap_or_else(|| vec![Violation::unknown_schema(name)])
    }

    /// Where a response body does not fit what the document lists for the status; empty if it fits.
    ///
    /// Members that the document does not know are no violation: see [`Self::unknown_members`].
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

    /// JSON pointers of the members of a response body that the document does not know, in text order.
    ///
    /// Records are open, so such members are allowed; they say that the API has moved on. What is below an unknown
    /// member is not listed. Empty if the operation or the status is unknown.
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
