//! Searches: what filters match, which orders there are, and what a page tells.

use super::{clear_answer, describe, refused, yes_or_no};
use crate::plan::probe::Probe;
use crate::plan::{Action, ClientLabel};
use crate::properties::property::Moment;
use crate::wire::exchange::Answer;

/// A search in a way that documents leave open, for this client, and its answer.
fn probed<'a>(moment: &Moment<'a>) -> Option<(ClientLabel, &'a Probe, &'a Answer)> {
    let Action::Probe { client, probe } = moment.rightly()? else { return None };
    Some((*client, probe, clear_answer(moment)?))
}

/// Whether a search of this kind found the client that was looked for.
pub(super) fn found_by(moment: &Moment<'_>, wanted: &Probe) -> Option<String> {
    let (client, _, answer) = probed(moment).filter(|(_, probe, _)| *probe == wanted)?;
    if !answer.is_success() {
        return Some(yes_or_no(answer));
    }
    // While a search by its id does not show it, that another does not tells nothing.
    if !moment.before.found.contains(&client) {
        return None;
    }
    let id = &moment.before.clients.get(&client)?.record.id;
    let found = moment.success()?["clients"].as_array()?;
    Some(if found.iter().any(|client| client["id"] == **id) { "yes" } else { "no" }.to_owned())
}

/// How a search of this kind is refused, or in words what it means that it is not.
pub(super) fn taken(moment: &Moment<'_>, wanted: &Probe, words: &str) -> Option<String> {
    let (_, _, answer) = probed(moment).filter(|(_, probe, _)| *probe == wanted)?;
    Some(refused(answer).unwrap_or_else(|| words.to_owned()))
}

pub(super) fn orders(moment: &Moment<'_>) -> Option<String> {
    let (_, Probe::OrderBy(field), answer) = probed(moment)? else { return None };
    Some(if answer.is_success() { field.clone() } else { format!("not {field}: {}", describe(answer)) })
}

pub(super) fn total(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::SearchClients { server, filter }) = moment.rightly() else { return None };
    let body = moment.success()?;
    let (shown, total) = (body["clients"].as_array().map(Vec::len)? as u64, body["total"].as_u64()?);
    let of_server = || moment.before.clients_of(*server).filter(|(_, client)| client.record.is_alive());
    let known = of_server().count() as u64;
    if filter.limit.is_none_or(|limit| shown != u64::from(limit)) || !filter.by.is_empty() || known <= shown {
        return None;
    }
    // A list that lags does not hold them all.
    if !of_server().all(|(label, _)| moment.before.found.contains(&label)) {
        return None;
    }
    Some(match total {
        total if total >= known => "what matches, on all pages".to_owned(),
        total if total == shown => "what the page holds".to_owned(),
        _ => "something else".to_owned(),
    })
}
