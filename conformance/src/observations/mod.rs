//! What documents leave open, and what a target does there. An observation never fails a run; properties must hold
//! whichever way a target answers.

mod records;
mod searches;
#[cfg(test)]
mod tests;
mod tokens;

use crate::{
    documented,
    model::Life,
    plan::{Action, Fault, probe::Probe},
    properties::property::Moment,
    wire::exchange::Answer,
};

/// A question that documents leave open.
pub struct Observation {
    /// Permanent id, `resource/question`.
    pub id: &'static str,
    /// The question.
    pub question: &'static str,
    /// The answer that one moment of a run gives, in words without ids or secrets.
    pub see: fn(&Moment<'_>) -> Option<String>,
}

/// Every observation, in the order in which reports show them.
pub static ALL: &[Observation] = &[
    Observation {
        id: "server/id-form",
        question: "Which prefix has the id of a new server?",
        see: |moment| {
            let Some(Action::CreateServer { .. }) = moment.rightly() else { return None };
            Some(documented::server(moment.success()?)["id"].as_str()?.chars().take(2).collect())
        },
    },
    Observation {
        id: "server/defaults",
        question: "Which members does the target fill in for a server that is created with a name alone?",
        see: records::server_defaults,
    },
    Observation {
        id: "server/empty-members",
        question: "How does the target spell members that hold nothing?",
        see: records::empty_members,
    },
    Observation {
        id: "server/flat-scopes",
        question: "What becomes of approvedScopes that are sent as a flat list?",
        see: records::flat_scopes,
    },
    Observation {
        id: "server/unknown-members",
        question: "What becomes of members of a server that are beyond the document?",
        see: records::unknown_members,
    },
    Observation {
        id: "server/same-name",
        question: "May two servers have the same name?",
        see: records::same_server_name,
    },
    Observation {
        id: "server/consent-flow",
        question: "What becomes of consentFlowId and consentFlowHostingURL?",
        see: records::consent_flow,
    },
    Observation {
        id: "server/login-flow",
        question: "What becomes of a login page whose flow does not ask for consent?",
        see: records::login_flow,
    },
    Observation {
        id: "client/registration-types",
        question: "Which values has registrationType?",
        see: |moment| records::of_clients(moment, "registrationType"),
    },
    Observation {
        id: "client/statuses",
        question: "Which values has status?",
        see: |moment| records::of_clients(moment, "status"),
    },
    Observation {
        id: "client/same-name",
        question: "May two clients of a server have the same name?",
        see: records::same_client_name,
    },
    Observation {
        id: "client/id-form",
        question: "What is the OAuth client id of a new client made of?",
        see: records::client_id_form,
    },
    Observation {
        id: "client/secret-again",
        question: "Can the secret be read again that the creation gave?",
        see: records::secret_again,
    },
    Observation {
        id: "client/secret-storage",
        question: "What do answers with a client's secret say of being stored?",
        see: records::secret_storage,
    },
    Observation {
        id: "client/update-without-members",
        question: "Does an update of a client keep or clear members that it leaves out?",
        see: records::update_without_members,
    },
    Observation {
        id: "client/scopes-beyond-the-server",
        question: "Can a client have scopes that its server does not approve?",
        see: |moment| records::beyond_the_server(moment, "scopes", "approvedScopes"),
    },
    Observation {
        id: "client/callbacks-beyond-the-server",
        question: "Can a client have callback URLs that its server does not approve?",
        see: |moment| records::beyond_the_server(moment, "approvedCallbackUrls", "approvedCallbackUrls"),
    },
    Observation {
        id: "client/rotated-secret",
        question: "Does a secret die at once when it is rotated?",
        see: tokens::rotated_secret,
    },
    Observation { id: "search/total", question: "What does total count?", see: searches::total },
    Observation {
        id: "search/part-of-name",
        question: "Does the filter by name match a part of it?",
        see: |moment| searches::found_by(moment, &Probe::PartOfName),
    },
    Observation {
        id: "search/name-in-capitals",
        question: "Does the filter by name match it in another case?",
        see: |moment| searches::found_by(moment, &Probe::NameInCapitals),
    },
    Observation {
        id: "search/part-of-tag",
        question: "Does the filter by tag match a part of it?",
        see: |moment| searches::found_by(moment, &Probe::PartOfTag),
    },
    Observation {
        id: "search/tag-as-text",
        question: "Does the filter by text look at tags?",
        see: |moment| searches::found_by(moment, &Probe::TagAsText),
    },
    Observation {
        id: "search/client-id-as-text",
        question: "Does the filter by text look at the OAuth client id?",
        see: |moment| searches::found_by(moment, &Probe::ClientIdAsText),
    },
    Observation {
        id: "search/limit-beyond-all",
        question: "What becomes of a limit of 10,001 clients per page?",
        see: |moment| searches::taken(moment, &Probe::LimitBeyondAll, "it is taken, or cut down in silence"),
    },
    Observation {
        id: "search/unknown-order",
        question: "What becomes of an order by a member that no client has?",
        see: |moment| searches::taken(moment, &Probe::UnknownOrder, "it is ignored"),
    },
    Observation {
        id: "search/orders",
        question: "By which members other than the name can searches be ordered?",
        see: searches::orders,
    },
    Observation {
        id: "errors/unknown-server",
        question: "How is a server refused that does not exist?",
        see: |moment| match moment.rightly() {
            Some(Action::LoadUnmadeServer) => refusal(moment),
            _ => None,
        },
    },
    Observation {
        id: "errors/unknown-client",
        question: "How is a client refused that does not exist?",
        see: |moment| match moment.rightly() {
            Some(Action::LoadClient { client, .. })
                if moment.before.clients.get(client)?.record.life == Life::Gone =>
            {
                refusal(moment)
            }
            _ => None,
        },
    },
    Observation {
        id: "errors/no-key",
        question: "How is a request refused that has no management key?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::NoKey)),
    },
    Observation {
        id: "errors/wrong-key",
        question: "How is a request refused that has a wrong management key?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongKey)),
    },
    Observation {
        id: "errors/another-scheme",
        question: "How is a management key refused that comes with another scheme than Bearer?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongScheme)),
    },
    Observation {
        id: "errors/another-project",
        question: "How is a management key refused that comes with the id of another project?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongProject)),
    },
    Observation {
        id: "errors/missing-member",
        question: "How is a request refused that lacks a required member?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::Without(_))),
    },
    Observation {
        id: "errors/null-member",
        question: "How is a request refused that has null for a required member?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::Null(_))),
    },
    Observation {
        id: "errors/member-of-another-type",
        question: "How is a request refused that has a member of another type?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::WrongType(_))),
    },
    Observation {
        id: "errors/cut-off-body",
        question: "How is a body refused that ends too early?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::CutOff)),
    },
    Observation {
        id: "errors/another-content-type",
        question: "How is a body refused that does not say that it is JSON?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::AnotherContentType)),
    },
    Observation {
        id: "errors/client-of-another-server",
        question: "How is a client refused that is asked for with the id of another server?",
        see: |moment| of_fault(moment, |fault| matches!(fault, Fault::ThroughAnotherServer(_))),
    },
    Observation {
        id: "delete/unknown",
        question: "Does the deletion of one record that does not exist succeed?",
        see: records::delete_unknown,
    },
    Observation {
        id: "delete/clients-of-a-server",
        question: "Do the clients of a deleted server exist any longer?",
        see: records::clients_of_deleted,
    },
    Observation {
        id: "registration/answer",
        question: "How is a dynamic registration answered?",
        see: |moment| tokens::registration(moment).map(|answer| format!("status {}", answer.status)),
    },
    Observation {
        id: "registration/public-secret",
        question: "Does a client get a secret that registers itself without authentication, and until when?",
        see: tokens::public_secret,
    },
    Observation {
        id: "registration/confidential-secret",
        question: "Does a client get a secret that registers itself with client_secret_post, and until when?",
        see: tokens::confidential_secret,
    },
    Observation {
        id: "registration/client-credentials",
        question: "Can a client register itself for the grant client_credentials?",
        see: tokens::registered_for_itself,
    },
    Observation {
        id: "registration/early-errors",
        question: "Where does an error of an authorization request go before a user acted, if the client registered itself?",
        see: tokens::early_error_of_registered,
    },
    Observation {
        id: "registration/consent",
        question: "Does a server that skips the consent screen skip it for a client that registered itself?",
        see: tokens::consent_for_registered,
    },
    Observation {
        id: "token/issuer",
        question: "What is the issuer of a client_credentials token?",
        see: tokens::issuer,
    },
    Observation {
        id: "token/audience",
        question: "What is the audience of a client_credentials token?",
        see: tokens::audience,
    },
    Observation {
        id: "token/audience-of-resource",
        question: "What is the audience of a client_credentials token that is asked for with a resource?",
        see: tokens::audience_of_resource,
    },
    Observation {
        id: "token/scope",
        question: "Does a client_credentials token say its scopes in `scope`?",
        see: tokens::scope,
    },
    Observation {
        id: "token/refresh-after-rotation",
        question: "Does a refresh token outlive the rotation of the client's secret?",
        see: tokens::refresh_after_rotation,
    },
    Observation {
        id: "token/error-form",
        question: "Which form have refusals of the token endpoint?",
        see: tokens::error_form,
    },
    Observation {
        id: "limits/retry-after",
        question: "How does the rate limit say how long to wait?",
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
    let is_word = (1..=LONGEST_WORD).contains(&text.len()) && text.chars().all(is_part);
    if is_word { text.to_owned() } else { "something that is no word".to_owned() }
}

/// Longest value that counts as a word, in bytes: shorter than secrets are.
const LONGEST_WORD: usize = 24;

fn of_fault(moment: &Moment<'_>, is_meant: fn(&Fault) -> bool) -> Option<String> {
    moment.call.step.fault.as_ref().filter(|fault| is_meant(fault)).and_then(|_| refusal(moment))
}
