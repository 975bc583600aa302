//! The untyped call: any operation of the table of operations, with one JSON object in and a JSON value out.

mod answer;
mod request;

use descope_mcp_operations::{Access, Operation, find};
use progenitor_client::Error as Raw;
use serde_json::Value;

pub use answer::Answer;

use crate::client::ManagementClient;
use crate::error::{Details, Error, ErrorKind};
use crate::generated::operations::OperationFacts;
use crate::preview::looks_like_id;

impl ManagementClient {
    /// Calls an operation of the management API by its id, such as `LoadMcpServer`. Needs the feature `untyped`.
    ///
    /// `arguments` is one JSON object; which members it may have and where each goes is said by
    /// [`Operation::arguments`]. An open body takes members that the table does not know, too. Values are sent as they
    /// are: to check them first, use `descope_mcp_openapi::Arguments` or any validator with [`Operation::input`].
    ///
    /// Retries, quota, time limits, traces and errors are those of the typed calls, and so is the handling of secrets:
    /// those of the answer are taken out of it ([`Answer`]), those of the arguments are shown by no error. Two things
    /// belong to the typed calls alone: this one does not wait for edits of the same record, and it returns an answer
    /// whose other members do not fit the schema as it came.
    ///
    /// # Errors
    ///
    /// `UnknownOperation` and `InvalidArguments` before anything is sent. Otherwise as for typed calls: `UnexpectedBody`
    /// also for a success that is no JSON, lacks a required secret, or has something else than a string in its place. An
    /// empty success is `null`.
    pub async fn invoke(&self, operation_id: &str, arguments: &Value) -> Result<Answer, Error> {
        match find(operation_id) {
            Some(operation) => self.invoke_operation(operation, arguments).await,
            None => Err(unknown_operation(operation_id)),
        }
    }

    /// Like [`invoke`](Self::invoke), for an operation at hand: found while iterating, or of a table of another document.
    ///
    /// # Errors
    ///
    /// See [`invoke`](Self::invoke).
    pub async fn invoke_operation(&self, operation: &Operation, arguments: &Value) -> Result<Answer, Error> {
        let facts = facts(operation);
        let request = request::build(&self.http, self.base_url(), operation, arguments)
            .map_err(|problem| refused(&facts, ErrorKind::InvalidArguments, problem.to_string()))?;
        let hidden = answer::texts_at(operation.input_secrets, arguments);

        let call = self.call_of(facts);
        let sent = call.raw().inner.send(&self.http, request, &facts, &hidden).await;
        let value = read(sent).await.map_err(|error| call.error(error))?;
        Answer::take(operation, value, arguments, &call)
    }
}

/// The JSON of a success; an empty one is `null`.
async fn read(sent: reqwest::Result<reqwest::Response>) -> Result<Value, Raw<()>> {
    let response = sent.map_err(Raw::CommunicationError)?;
    if !response.status().is_success() {
        return Err(Raw::UnexpectedResponse(response));
    }
    let body = response.bytes().await.map_err(Raw::ResponseBodyError)?;
    if body.is_empty() {
        return Ok(Value::Null);
    }
    // The body stays here: it can hold a secret.
    serde_json::from_slice(&body).map_err(|error| Raw::InvalidResponsePayload(bytes::Bytes::new(), error))
}

/// A JSON pointer to the member with this name of what `pointer` leads to.
fn pointer_to(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn facts(operation: &Operation) -> OperationFacts {
    OperationFacts {
        id: operation.id,
        // No machine-written method is behind it.
        function: "",
        writes: operation.access != Access::Read,
        idempotent: operation.idempotent,
    }
}

fn unknown_operation(id: &str) -> Error {
    let facts = OperationFacts { id: "invoke", function: "", writes: false, idempotent: false };
    let similar = descope_mcp_operations::all().find(|operation| operation.id.eq_ignore_ascii_case(id));
    let detail = match similar {
        Some(operation) => format!("did you mean `{}`?", operation.id),
        // What was given by mistake may be anything.
        None if looks_like_id(id, &[]) => format!("`{id}` is not in the table of operations"),
        None => "what was given does not look like an operation id".to_owned(),
    };
    refused(&facts, ErrorKind::UnknownOperation, detail)
}

/// An error before anything was sent.
fn refused(facts: &OperationFacts, kind: ErrorKind, detail: String) -> Error {
    Error::new(facts, kind, Details { detail: Some(detail), ..Details::default() })
}

#[cfg(test)]
mod tests {
    use descope_mcp_operations::find;

    use super::facts;
    use crate::generated::operations::OPERATIONS;

    #[test]
    fn typed_and_untyped_calls_go_by_the_same_facts() {
        for typed in OPERATIONS {
            let untyped = facts(find(typed.id).unwrap());
            assert_eq!(
                (untyped.writes, untyped.idempotent),
                (typed.writes, typed.idempotent),
                "{}",
                typed.id
            );
        }
        assert_eq!(OPERATIONS.len(), descope_mcp_operations::all().count());
    }
}
