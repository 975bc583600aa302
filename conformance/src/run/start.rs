//! Whether a run can begin, and why not.

use serde_json::Value;

use super::journal::JournalError;
use super::set_up::{Cause, Refused};
use crate::model::Model;
use crate::plan::Action;
use crate::wire::exchange::Outcome;
use crate::wire::run_mark::RunMark;
use crate::wire::scrub::Scrubber;
use crate::wire::sender::Sender;
use crate::wire::target::Target;

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing answers.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// The target.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The key is not accepted.
    #[error("{url} refuses the management key of project {project} with status {status}: {said}")]
    KeyRefused {
        /// The target.
        url: String,
        /// The project.
        project: String,
        /// The HTTP status.
        status: u16,
        /// What the service says.
        said: String,
        /// Why.
        cause: Cause,
    },
    /// The first creation of a server is refused.
    #[error("{url} refuses to create a server, which everything needs, with status {status}: {said}")]
    SetUpRefused {
        /// The target.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the service says.
        said: String,
        /// Why.
        cause: Cause,
    },
    /// Something else lives there.
    #[error("{url} does not speak this API: it answers with status {status} and {content}")]
    NotThisApi {
        /// The target.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it answers with, in words.
        content: String,
    },
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client")]
    Http(#[from] reqwest::Error),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl StartError {
    pub(super) fn of_set_up(refused: &Refused, target: &Target) -> Self {
        let (url, said) = (target.base_url.to_string(), refused.said(&Scrubber::for_target(target)));
        Self::SetUpRefused { url, status: refused.status, said, cause: refused.cause }
    }

    /// What to do about it, if that can be told.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::KeyRefused { cause, .. } | Self::SetUpRefused { cause, .. } => Some(cause.cure()),
            Self::Unreachable { .. } | Self::NotThisApi { .. } | Self::Http(_) | Self::Journal(_) => None,
        }
    }
}

/// Asks for a server that nobody made: the cheapest request that shows whether this is the API and the key is right.
pub(crate) async fn probe(sender: &Sender, mark: &RunMark) -> Result<(), StartError> {
    let url = sender.target().base_url.to_string();
    let Some(request) = Action::LoadUnmadeServer.request(&Model::default(), mark) else { return Ok(()) };
    match sender.send(&request, None).await.outcome {
        Outcome::NeverSent(reason) | Outcome::Unclear(reason) => Err(StartError::Unreachable { url, reason }),
        Outcome::Answered(answer) => {
            let status = answer.status;
            let refused = Refused::of(&answer);
            if matches!(refused.cause, Cause::Key | Cause::KeyNotYetActive | Cause::Permission)
                && answer.json.is_some()
            {
                return Err(StartError::KeyRefused {
                    url,
                    project: sender.target().project_id.to_string(),
                    status,
                    said: refused.said(&Scrubber::for_target(sender.target())),
                    cause: refused.cause,
                });
            }
            if answer.json.as_ref().is_some_and(Value::is_object) {
                return Ok(());
            }
            let content = match answer.header("content-type") {
                Some(content_type) => format!("a body of type {content_type} that is no JSON object"),
                None => "a body that is no JSON object".to_owned(),
            };
            Err(StartError::NotThisApi { url, status, content })
        }
    }
}
