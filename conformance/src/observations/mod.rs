//! What documents leave open, and what a target does there. An observation never fails a run; properties must hold
//! whichever way a target answers.

mod records;
mod searches;
#[cfg(test)]
mod tests;
mod tokens;

use crate::documented;
use crate::model::Life;
use crate::plan::probe::Probe;
use crate::plan::{Action, Fault};
use crate::properties::property::Moment;
use crate::wire::exchange::Answer;

/// A question that documents leave open.
pub struct Observation {
    /// Permanent id, `resource/question`.
    pub id: &'static str,
    /// Id of the open question that it answers, all or in part: a row of `docs/facts.md`.
    pub question_id: &'static str,
    /// The question.
    pub question: &'static str,
    /// The answer that one moment of a run gives, in words without ids or secrets.
    pub see: fn(&Moment<'_>) -> Option<String>,
}

/// Every observation, in the order in which reports show them.
pub(crate) static ALL: &[Observation] = &[
    Observation {
        id: "server/id-form",
        question_id: "question/server-ids",
        question: "Which prefix does the id of a new server have?",
        see: |moment| {
            let Some(Action::CreateServer { .. }) = moment.rightly() else { return None };
            Some(documented::server(moment.success()?)["id"].as_str()?.chars().take(2).collect())
        },
    },
    Observation {
        id: "server/defaults",
        question_id: "question/server-defaults",
        question: "Which members does the target fill in if a server is created with only a name?",
        see: records::server_defaults,
    },
    Observation {
        id: "server/empty-members",
        question_id: "question/empty-members",
        question: "How does the target return members without a value?",
        see: records::empty_members,
    },
    Observation {
        id: "server/flat-scopes",
        question_id: "question/flat-scopes",
        question: "What happens to approvedScopes if they are sent as a flat list?",
        see: records::flat_scopes,
    },
    Observation {
        id: "server/unknown-members",
        question_id: "question/unknown-members",
        question: "What happens to members of a server that the document does not have?",
        see: records::unknown_members,
    },
    Observation {
        id: "server/long-description",
        question_id: "question/large-bodies",
        question: "Does the target take a server with a long description?",
        see: records::long_description,
    },
    Observation {
        id: "server/same-name",
        question_id: "question/duplicate-names",
        question: "May two servers have the same name?",
        see: records::same_server_name,
    },
    Observation {
        id: "server/consent-flow",
        question_id: "question/consent-flow",
        question: "What happens to consentFlowId and consentFlowHostingURL?",
        see: records::consent_flow,
    },
    Observation {
        id: "server/login-flow",
        question_id: "question/login-flow",
        question: "What happens to a login page whose flow does not ask for consent?",
        see: records::login_flow,
    },
    Observation {
        id: "client/registration-types",
        question_id: "question/registration-types",
        question: "Which values does registrationType have?",
        see: |moment| records::of_clients(moment, "registrationType"),
    },
    Observation {
        id: "client/statuses",
        question_id: "question/statuses",
        question: "Which values does status have?",
        see: |moment| records::of_clients(moment, "status"),
    },
    Observation {
        id: "client/same-name",
        question_id: "question/duplicate-names",
        question: "May two clients of a server have the same name?",
        see: records::same_client_name,
    },
    Observation {
        id: "client/id-form",
        question_id: "question/client-id-form",
        question: "What does the OAuth client id of a new client consist of?",
        see: records::client_id_form,
    },
    Observation {
        id: "client/secret-again",
        question_id: "question/secret-reads",
        question: "Can the secret from the creation be read again?",
        see: records::secret_again,
    },
    Observation {
        id: "client/secret-storage",
        question_id: "question/secret-caching",
        question: "What do responses with a client's secret say about caching?",
        see: records::secret_storage,
    },
    Observation {
        id: "client/update-without-members",
        question_id: "question/client-update",
        question: "Does an update of a client keep or clear members that it leaves out?",
        see: records::update_without_members,
    },
    Observation {
        id: "client/scopes-beyond-the-server",
        question_id: "question/client-scopes",
        question: "Can a client have scopes that its server does not approve?",
        see: |moment| records::beyond_the_server(moment, "scopes", "approvedScopes"),
    },
    Observation {
        id: "client/callbacks-beyond-the-server",
        question_id: "question/client-callbacks",
        question: "Can a client have callback URLs that its server does not approve?",
        see: |moment| records::beyond_the_server(moment, "approvedCallbackUrls", "approvedCallbackUrls"),
    },
    Observation {
        id: "client/rotated-secret",
        question_id: "question/rotation-grace",
        question: "Is a secret invalid at once when it is rotated?",
        see: tokens::rotated_secret,
    },
    Observation {
        id: "search/total",
        question_id: "question/total",
        question: "What does total count?",
        see: searches::total,
    },
    Observation {
        id: "search/part-of-name",
        question_id: "question/name-filter",
        question: "Does the name filter match a part of a name?",
        see: |moment| searches::found_by(moment, &Probe::PartOfName),
    },
    Observation {
        id: "search/name-in-capitals",
        question_id: "question/name-filter",
        question: "Does the name filter ignore case?",
        see: |moment| searches::found_by(moment, &Probe::NameInCapitals),
    },
    Observation {
        id: "search/part-of-tag",
        question_id: "question/tag-filter",
        question: "Does the tag filter match a part of a tag?",
        see: |moment| searches::found_by(moment, &Probe::PartOfTag),
    },
    Observation {
        id: "search/tag-as-text",
        question_id: "question/text-filter",
        question: "Does the text filter look at tags?",
        see: |moment| searches::found_by(moment, &Probe::TagAsText),
    },
    Observation {
        id: "search/client-id-as-text",
        question_id: "question/text-filter",
        question: "Does the text filter look at the OAuth client id?",
        see: |moment| searches::found_by(moment, &Probe::ClientIdAsText),
    },
    Observation {
        id: "search/limit-beyond-all",
        question_id: "question/largest-limit",
        question: "What happens to a limit of 10,001 clients per page?",
        see: |moment| searches::taken(moment, &Probe::LimitBeyondAll, "it is taken, or cut down in silence"),
    },
    Observation {
        id: "search/unknown-order",
        question_id: "question/sort-fields",
        question: "What happens to a sort by a member that no client has?",
        see: |moment| searches::taken(moment, &Probe::UnknownOrder, "it is ignored"),
    },
    Observation {
        id: "search/orders",
        question_id: "question/sort-fields",
        question: "By which members other than the name can searches be sorted?",
        see: searches::orders,
    },
    Observation {
        id: "errors/unknown-server",
        question_id: "question/not-found",
        question: "How is a request refused if the server does not exist?",
        see: |moment| {
            let Some(Action::LoadUnmadeServer) = moment.rightly() else { return None };
            refusal(moment)
        },
    },
    Observation {
        id: "errors/unknown-client",
        question_id: "question/not-found",
        question: "How is a request refused if the client does not exist?",
        see: |moment| {
            let Some(Action::LoadClient { client, .. }) = moment.rightly() else { return None };
            let known = moment.before.clients.get(client)?;
            (known.record.life == Life::Gone).then(|| refusal(moment))?
        },
    },
    Observation {
        id: "errors/no-key",
        question_id: "question/unauthorized",
        question: "How is a request refused if it has no management key?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::NoKey)),
    },
    Observation {
        id: "errors/wrong-key",
        question_id: "question/unauthorized",
        question: "How is a request refused if its management key is wrong?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongKey)),
    },
    Observation {
        id: "errors/another-scheme",
        question_id: "question/unauthorized",
        question: "How is a request refused if its management key has a scheme other than Bearer?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongScheme)),
    },
    Observation {
        id: "errors/another-project",
        question_id: "question/unauthorized",
        question: "How is a request refused if its management key has the id of another project?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongProject)),
    },
    Observation {
        id: "errors/missing-member",
        question_id: "question/invalid-members",
        question: "How is a request refused if a required member is missing?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::Without(_))),
    },
    Observation {
        id: "errors/null-member",
        question_id: "question/invalid-members",
        question: "How is a request refused if a required member is null?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::Null(_))),
    },
    Observation {
        id: "errors/member-of-another-type",
        question_id: "question/invalid-members",
        question: "How is a request refused if a member has another type?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongType(_))),
    },
    Observation {
        id: "errors/cut-off-body",
        question_id: "question/unreadable-body",
        question: "How is a request refused if its body is truncated?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::CutOff)),
    },
    Observation {
        id: "errors/another-content-type",
        question_id: "question/unreadable-body",
        question: "How is a request refused if its body is not declared as JSON?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::AnotherContentType)),
    },
    Observation {
        id: "errors/client-of-another-server",
        question_id: "question/foreign-client",
        question: "How is a request for a client refused if it has the id of another server?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::ThroughAnotherServer(_))),
    },
    Observation {
        id: "delete/unknown",
        question_id: "question/single-delete",
        question: "Does the deletion of one record succeed if the record does not exist?",
        see: records::delete_unknown,
    },
    Observation {
        id: "delete/clients-of-a-server",
        question_id: "question/clients-of-a-deleted-server",
        question: "Do the clients of a deleted server still exist?",
        see: records::clients_of_deleted,
    },
    Observation {
        id: "registration/answer",
        question_id: "question/registration-status",
        question: "Which status does a dynamic registration have?",
        see: |moment| tokens::registration(moment).map(|answer| format!("status {}", answer.status)),
    },
    Observation {
        id: "registration/public-secret",
        question_id: "question/registration-public-secret",
        question: "Does a client get a secret when it registers without authentication, and when does the secret expire?",
        see: tokens::public_secret,
    },
    Observation {
        id: "registration/confidential-secret",
        question_id: "question/registration-secret-expiry",
        question: "Does a client get a secret when it registers with client_secret_post, and when does the secret expire?",
        see: tokens::confidential_secret,
    },
    Observation {
        id: "registration/client-credentials",
        question_id: "question/registration-own-tokens",
        question: "Can a client register itself for the grant type client_credentials?",
        see: tokens::registered_for_itself,
    },
    Observation {
        id: "registration/early-errors",
        question_id: "question/registered-client-errors",
        question: "Before a user has acted, where does an error of an authorization request go if the client registered itself?",
        see: tokens::early_error_of_registered,
    },
    Observation {
        id: "registration/consent",
        question_id: "question/registered-client-consent",
        question: "Does a server with skipConsentScreen also skip the screen for a client that registered itself?",
        see: tokens::consent_for_registered,
    },
    Observation {
        id: "token/issuer",
        question_id: "question/token-issuer",
        question: "What is the issuer of a client_credentials token?",
        see: tokens::issuer,
    },
    Observation {
        id: "token/audience",
        question_id: "question/own-token-audience",
        question: "What is the audience of a client_credentials token?",
        see: tokens::audience,
    },
    Observation {
        id: "token/audience-of-resource",
        question_id: "question/own-token-audience",
        question: "What is the audience of a client_credentials token if it is requested with a resource?",
        see: tokens::audience_of_resource,
    },
    Observation {
        id: "token/scope",
        question_id: "question/own-token-scope",
        question: "Does a client_credentials token have its scopes in `scope`?",
        see: tokens::scope,
    },
    Observation {
        id: "token/refresh-after-rotation",
        question_id: "question/rotation-and-tokens",
        question: "Does a refresh token stay valid after the rotation of the client's secret?",
        see: tokens::refresh_after_rotation,
    },
    Observation {
        id: "token/refresh-again",
        question_id: "question/refresh-of-confidential-clients",
        question: "Can a client with a secret use a refresh token a second time?",
        see: tokens::refresh_again,
    },
    Observation {
        id: "token/error-form",
        question_id: "question/token-errors",
        question: "Which form do errors of the token endpoint have?",
        see: tokens::error_form,
    },
    Observation {
        id: "limits/retry-after",
        question_id: "question/retry-after",
        question: "How does a response with status 429 say how long to wait?",
        see: |moment| moment.exchange.retry_after.map(str::to_owned),
    },
];

/// The answer, if it is one of the API, and the first try of its request.
fn clear_answer<'a>(moment: &Moment<'a>) -> Option<&'a Answer> {
    let exchange = moment.exchange;
    exchange.answer().filter(|_| !exchange.is_unclear() && !exchange.after_unclear_try)
}

/// Status and code of a refusal, or that there is none.
fn refusal(moment: &Moment<'_>) -> Option<String> {
    clear_answer(moment).map(describe)
}

/// Whether something is granted, or how it is refused.
fn yes_or_no(answer: &Answer) -> String {
    if answer.is_success() { "yes".to_owned() } else { format!("no: {}", describe(answer)) }
}

/// That something is refused, and how.
fn refused(answer: &Answer) -> Option<String> {
    (!answer.is_success()).then(|| format!("refused: {}", describe(answer)))
}

fn describe(answer: &Answer) -> String {
    let code = answer.json.as_ref().and_then(|body| body["errorCode"].as_str().or(body["error"].as_str()));
    match (answer.is_success(), code) {
        (true, _) => format!("it is not refused: status {}", answer.status),
        (false, Some(code)) => format!("status {}, {}", answer.status, word(code)),
        (false, None) => format!("status {} without errorCode", answer.status),
    }
}

/// A code or another value of the target's own. What is no word is not quoted: it may hold anything.
fn word(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_word = (1..=MAX_WORD_CHARS).contains(&text.len()) && text.chars().all(is_part);
    if is_word { text.to_owned() } else { "something that is no word".to_owned() }
}

/// Longest value that counts as a word, in bytes: shorter than secrets are.
const MAX_WORD_CHARS: usize = 24;

fn of_fault(moment: &Moment<'_>, is_meant: fn(&Fault) -> bool) -> Option<String> {
    moment.call.step.fault.as_ref().filter(|fault| is_meant(fault)).and_then(|_| refusal(moment))
}
