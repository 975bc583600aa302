//! What a document says about one operation.

use serde_json::Value;

use crate::ParseError;
use crate::pointer::join;
use crate::reference::{resolve, schema_name};

/// One operation: its address, its texts and the shapes of its bodies. What its `x-` keys state is in the table of
/// `descope-mcp-operations`, under the same id.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The operationId, spelled as Descope spells it, such as `CreateMcpServer`.
    pub id: String,
    /// The HTTP method in upper case.
    pub method: String,
    /// The path, which may have parameters in braces.
    pub path: String,
    /// The first tag: the resource that the operation works on.
    pub tag: Option<String>,
    /// A short text for menus and tables.
    pub summary: String,
    /// Its description for callers.
    pub description: String,
    pub(crate) request: Option<Body>,
    pub(crate) form: Option<Body>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) responses: Vec<Response>,
}

/// One parameter outside of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its location: `path`, `query`, `header` or `cookie`.
    pub place: String,
    /// Whether it is required.
    pub required: bool,
    /// Its description.
    pub description: String,
    /// Whether it may be repeated, which is so if its schema is a list.
    pub repeatable: bool,
}

/// Where a JSON body's schema stands. `pointer` is the schema itself, never a reference to it.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) pointer: String,
}

/// One documented response: a status (`200`), a range (`4XX`) or `default`, and its body if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: String,
    pub(crate) body: Option<Body>,
}

impl Operation {
    /// Name of the request body's schema; `None` without a JSON body or with an unnamed schema.
    #[must_use]
    pub fn request_schema(&self) -> Option<&str> {
        schema_name(&self.request.as_ref()?.pointer)
    }

    /// Name of the schema of the request body as a form; `None` if it takes none or the schema has no name.
    #[must_use]
    pub fn form_schema(&self) -> Option<&str> {
        schema_name(&self.form.as_ref()?.pointer)
    }

    /// The parameters outside of the body, in the order of the document.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Name of the schema of the response body for a status: by the exact status, or else the range, or else `default`.
    /// `None` if none of them exists, without a JSON body, or with an unnamed schema.
    #[must_use]
    pub fn response_schema(&self, status: u16) -> Option<&str> {
        schema_name(&self.response(status)?.body.as_ref()?.pointer)
    }

    /// Every status, range (`4XX`) or `default` that the document lists, sorted as text.
    pub fn statuses(&self) -> impl Iterator<Item = &str> {
        self.responses.iter().map(|response| response.status.as_str())
    }

    pub(crate) fn response(&self, status: u16) -> Option<&Response> {
        let range = format!("{}XX", status / 100);
        [status.to_string().as_str(), &range, "default"]
            .into_iter()
            .find_map(|wanted| self.responses.iter().find(|r| r.status.eq_ignore_ascii_case(wanted)))
    }

    /// Whether a concrete path is this operation's, with any non-empty segment in the place of a parameter.
    pub(crate) fn matches_path(&self, path: &str) -> bool {
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their)) => {
                    let fills_parameter = our.starts_with('{') && our.ends_with('}') && !their.is_empty();
                    if our != their && !fills_parameter {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }

    pub(crate) fn read(root: &Value, path: &str, method: &str, pointer: &str) -> Result<Self, ParseError> {
        let value = root.pointer(pointer).unwrap_or(&Value::Null);
        let text =
            |key: &str| {
                value.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                    ParseError::at(pointer, format!("the operation has no text `{key}`: add it"))
                })
            };
        Ok(Self {
            id: text("operationId")?,
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            tag: value.pointer("/tags/0").and_then(Value::as_str).map(str::to_owned),
            summary: text("summary")?,
            description: text("description")?,
            request: request(root, value, pointer, JSON)?,
            form: request(root, value, pointer, FORM)?,
            parameters: parameters(root, value, pointer)?,
            responses: responses(root, value, pointer)?,
        })
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn request(
    root: &Value,
    operation: &Value,
    pointer: &str,
    media_type: &str,
) -> Result<Option<Body>, ParseError> {
    let Some(body) = operation.get("requestBody") else { return Ok(None) };
    content(root, &join(pointer, "requestBody"), body, media_type)
}

fn parameters(root: &Value, operation: &Value, pointer: &str) -> Result<Vec<Parameter>, ParseError> {
    let pointer = join(pointer, "parameters");
    let listed = operation.get("parameters").and_then(Value::as_array);
    let mut parameters = Vec::new();
    for (index, parameter) in listed.into_iter().flatten().enumerate() {
        let place = resolve(root, &join(&pointer, &index.to_string()), parameter)?;
        let text = |key: &str| {
            let value = place.value.get(key).and_then(Value::as_str).map(str::to_owned);
            value.ok_or_else(|| {
                ParseError::at(&place.pointer, format!("the parameter has no text `{key}`: add it"))
            })
        };
        let schema = place.value.get("schema").unwrap_or(&Value::Null);
        let schema = resolve(root, &join(&place.pointer, "schema"), schema)?;
        parameters.push(Parameter {
            name: text("name")?,
            place: text("in")?,
            required: place.value.get("required").and_then(Value::as_bool).unwrap_or_default(),
            description: text("description")?,
            repeatable: schema.value.get("type").and_then(Value::as_str) == Some("array"),
        });
    }
    Ok(parameters)
}

fn responses(root: &Value, operation: &Value, pointer: &str) -> Result<Vec<Response>, ParseError> {
    let pointer = join(pointer, "responses");
    let responses = operation
        .get("responses")
        .and_then(Value::as_object)
        .ok_or_else(|| ParseError::at(&pointer, "the operation lists no responses: add at least `200`"))?;
    let mut read = Vec::with_capacity(responses.len());
    for (status, response) in responses {
        read.push(Response {
            status: status.clone(),
            body: content(root, &join(&pointer, status), response, JSON)?,
        });
    }
    read.sort_by(|a, b| a.status.cmp(&b.status));
    Ok(read)
}

/// The schema of the content of one media type of a request body or response, possibly through references.
fn content(
    root: &Value,
    pointer: &str,
    holder: &Value,
    media_type: &str,
) -> Result<Option<Body>, ParseError> {
    let holder = resolve(root, pointer, holder)?;
    let pointer = format!("{}/schema", join(&join(&holder.pointer, "content"), media_type));
    let Some(schema) = root.pointer(&pointer) else { return Ok(None) };
    Ok(Some(Body { pointer: resolve(root, &pointer, schema)?.pointer }))
}
