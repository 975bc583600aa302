//! Why a text is not a document that this crate can use.

/// Why [`Document::parse`](crate::Document::parse) refused a text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The text is neither YAML nor JSON. The message contains the line and the column.
    #[error("the text is not YAML: {0}")]
    Yaml(String),
    /// Something that this crate needs is missing, or has an unknown value.
    #[error("{problem}, at {pointer}")]
    Unusable {
        /// JSON pointer to the place in the document; `/` for the document itself.
        pointer: String,
        /// What is wrong there, and how to fix it.
        problem: String,
    },
}

impl ParseError {
    pub(crate) fn yaml(error: &serde_saphyr::Error) -> Self {
        // The first line says place and problem; the rest draws the text around it.
        let drawn = error.to_string();
        let line = drawn.lines().next().unwrap_or_default();
        Self::Yaml(line.strip_prefix("error: ").unwrap_or(line).to_owned())
    }

    pub(crate) fn at(pointer: &str, problem: impl Into<String>) -> Self {
        let pointer = if pointer.is_empty() { "/" } else { pointer };
        Self::Unusable { pointer: pointer.to_owned(), problem: problem.into() }
    }
}
