//! Whether a run can begin, and why not.

use serde_json::Value;

use super::journal::JournalError;
use super::set_up::{Cause, Refused};
use crate::model::Model;
use crate::plan::Action;
use crate::text::shorten;
use crate::wire::allowance::Purpose;
use crate::wire::exchange::{Exchange, Outcome};
use crate::wire::no_answer::{Kind, NoAnswer};
use crate::wire::run_mark::RunMark;
use crate::wire::scrub::Scrubber;
use crate::wire::sender::Sender;
use crate::wire::target::Target;

/// Longest name of a server's software that is shown, in characters.
const MAX_SERVER_CHARS: usize = 80;

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing answers, or only a gateway does.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// The target.
        url: String,
        /// What went wrong.
        reason: String,
        /// What to do about it.
        cure: &'static str,
    },
    /// The certificate of the target is not accepted.
    #[error("the certificate of {url} is not accepted: {reason}")]
    Certificate {
        /// The target.
        url: String,
        /// What is wrong with it.
        reason: String,
        /// What to do about it.
        cure: &'static str,
    },
    /// The key is not accepted.
    #[error("{url} refuses the management key of project {project} with {how}")]
    KeyRefused {
        /// The target.
        url: String,
        /// The project.
        project: String,
        /// The HTTP status and what the service says.
        how: String,
        /// Why.
        cause: Cause,
    },
    /// The first creation of a server is refused.
    #[error("{url} refuses to create a server, which everything needs, with {how}")]
    SetUpRefused {
        /// The target.
        url: String,
        /// The HTTP status and what the service says.
        how: String,
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
        /// Why.
        cause: Cause,
    },
    /// The run was told to end before it had begun.
    #[error("ended before anything was created at {url}")]
    Ended {
        /// The target.
        url: String,
    },
    /// A run could not begin, and something that it asked for may have been created all the same.
    #[error("{error}; records may be left there")]
    LeftBehind {
        /// Why the run could not begin.
        error: Box<Self>,
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
        let (url, how) = (target.base_url.to_string(), refused.how(&Scrubber::for_target(target)));
        match refused.cause {
            Cause::Gateway | Cause::NoAnswer => {
                let reason = format!("the creation of a server, which everything needs, got {how}");
                Self::Unreachable { url, reason, cure: refused.cause.cure() }
            }
            cause => Self::SetUpRefused { url, how, cause },
        }
    }

    fn key_refused(refused: &Refused, target: &Target) -> Self {
        Self::KeyRefused {
            url: target.base_url.to_string(),
            project: target.project_id.to_string(),
            how: refused.how(&Scrubber::for_target(target)),
            cause: refused.cause,
        }
    }

    pub(super) fn of_silence(why: &str, target: &Target) -> Self {
        Self::Unreachable {
            url: target.base_url.to_string(),
            reason: format!("it has stopped answering ({why})"),
            cure: Kind::Silence.cure(),
        }
    }

    /// The same, if so many records may be left.
    pub(super) fn with_left(self, left: u32) -> Self {
        if left > 0 { Self::LeftBehind { error: Box::new(self) } } else { self }
    }

    /// What to do about it, if that can be told.
    pub fn cure(&self) -> Option<String> {
        match self {
            Self::KeyRefused { cause, .. }
            | Self::SetUpRefused { cause, .. }
            | Self::NotThisApi { cause, .. } => Some(cause.cure().to_owned()),
            Self::Unreachable { cure, .. } | Self::Certificate { cure, .. } => Some((*cure).to_owned()),
            Self::LeftBehind { error } => {
                let cure = error.cure().map(|cure| cure + "; ").unwrap_or_default();
                Some(cure + "`--cleanup` deletes what is left")
            }
            Self::Ended { .. } | Self::Http(_) | Self::Journal(_) => None,
        }
    }
}

/// Why there was no answer to the first request.
fn unreachable(why: NoAnswer, target: &Target) -> StartError {
    let (url, cure) = (target.base_url.to_string(), why.kind.cure());
    match why.kind {
        Kind::NotAwaited => StartError::Ended { url },
        Kind::UntrustedCertificate | Kind::CertificateOfAnother | Kind::CertificateOutOfDate => {
            StartError::Certificate { url, reason: why.reason, cure }
        }
        Kind::UnknownHost => {
            let host = target.base_url.host_str().unwrap_or_default();
            let reason = format!("the host name {host} cannot be resolved ({})", why.reason);
            StartError::Unreachable { url, reason, cure }
        }
        Kind::NotTls | Kind::Proxy | Kind::NoConnection | Kind::Silence | Kind::Broken | Kind::NotAllowed => {
            StartError::Unreachable { url, reason: why.reason, cure }
        }
    }
}

/// What the start check shows of the management key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// The key may work on MCP servers.
    Given,
    /// Status 403: the key may not, or the target does not tell who asks that a record does not exist.
    Doubtful,
}

/// Asks for a server that nobody made: the cheapest request that shows whether this is the API and the key is right.
pub(crate) async fn probe(
    sender: &Sender,
    mark: &RunMark,
) -> Result<(Permission, Option<Exchange>), StartError> {
    let Some(request) = Action::LoadUnmadeServer.request(&Model::default(), mark) else {
        return Ok((Permission::Given, None));
    };
    let exchange = sender.send_first(&request).await;
    let permission = permission(&exchange, sender.target())?;
    Ok((permission, Some(exchange)))
}

fn permission(exchange: &Exchange, target: &Target) -> Result<Permission, StartError> {
    let url = target.base_url.to_string();
    let answer = match &exchange.outcome {
        Outcome::NeverSent(why) | Outcome::Unclear(why) => return Err(unreachable(why.clone(), target)),
        Outcome::Answered(answer) => answer,
    };
    let (refused, scrubber) = (Refused::of(answer), Scrubber::for_target(target));
    let is_object = answer.json.as_ref().is_some_and(Value::is_object);
    match refused.cause {
        Cause::Key | Cause::KeyNotYetActive if answer.json.is_some() => {
            Err(StartError::key_refused(&refused, target))
        }
        Cause::Permission if is_object => Ok(Permission::Doubtful),
        Cause::Gateway => {
            let reason = format!("it answers with {}", refused.how(&scrubber));
            Err(StartError::Unreachable { url, reason, cure: Cause::Gateway.cure() })
        }
        Cause::Redirect => {
            let content = match answer.header("location") {
                Some(location) => format!("a redirect to {}", scrubber.fields(location)),
                None => "a redirect to nowhere".to_owned(),
            };
            Err(StartError::NotThisApi { url, status: answer.status, content, cause: Cause::Redirect })
        }
        _ if is_object => Ok(Permission::Given),
        cause => {
            let mut content = match answer.header("content-type") {
                Some(content_type) => format!("a body of type {content_type} that is no JSON object"),
                None => "a body that is no JSON object".to_owned(),
            };
            if let Some(server) = answer.header("server") {
                content += &format!(" (server: {})", shorten(&scrubber.fields(server), MAX_SERVER_CHARS));
            }
            let cause = if cause == Cause::Failure { cause } else { Cause::Path };
            Err(StartError::NotThisApi { url, status: answer.status, content, cause })
        }
    }
}

/// Asks for the list of all servers, which whoever cleans up needs: a creation would show whether the key may do anything,
/// but nothing is created then.
pub(crate) async fn may_list(sender: &Sender, mark: &RunMark) -> Result<(), StartError> {
    let Some(request) = Action::LoadAllServers.request(&Model::default(), mark) else { return Ok(()) };
    let refused = Refused::of_exchange(&sender.send_for(Purpose::CleanUp, &request, None).await);
    match refused.cause {
        Cause::Permission => Err(StartError::key_refused(&refused, sender.target())),
        _ => Ok(()),
    }
}
