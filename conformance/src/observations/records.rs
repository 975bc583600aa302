//! Servers and client records: what is filled in, kept, dropped or refused.

use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use base64::{Engine, alphabet};
use serde_json::Value;

use super::{clear_answer, refused, word, yes_or_no};
use crate::documented::{self, UNKNOWN_MEMBER};
use crate::json::is_zero;
use crate::model::semantics::Sighting;
use crate::model::{Knowledge, Life, Record};
use crate::plan::Action;
use crate::plans::large;
use crate::plans::questions::{CONSENT_FLOW, OTHER_FLOW};
use crate::properties::property::Moment;
use crate::wire::exchange::Outcome;

pub(super) fn server_defaults(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateServer { body, .. }) = moment.rightly() else { return None };
    let record = documented::server(moment.success()?).as_object()?;
    if !body.is_empty() {
        return None;
    }
    let filled =
        record.iter().filter(|(name, value)| !["id", "name"].contains(&name.as_str()) && !is_zero(value));
    let names: Vec<_> = filled.map(|(name, _)| name.as_str()).collect();
    Some(if names.is_empty() { "none".to_owned() } else { names.join(", ") })
}

pub(super) fn empty_members(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::LoadServer { .. }) = moment.rightly() else { return None };
    let record = documented::server(moment.success()?).as_object()?;
    let absent = documented::SERVER_MEMBERS.iter().any(|name| !record.contains_key(name));
    let null = record.values().any(Value::is_null);
    let empty = record.values().any(|value| !value.is_null() && is_zero(value));
    let spelled: Vec<_> = [(absent, "absent"), (null, "null"), (empty, "empty")]
        .into_iter()
        .filter(|(seen, _)| *seen)
        .collect();
    (!spelled.is_empty()).then(|| spelled.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(" and "))
}

pub(super) fn flat_scopes(moment: &Moment<'_>) -> Option<String> {
    if moment.call.step.fault.is_some() {
        return None;
    }
    let sent = moment.call.sent_record();
    let sent = sent.get("approvedScopes")?.as_array().filter(|scopes| !scopes.is_empty())?;
    let answer = clear_answer(moment)?;
    if let Some(refused) = refused(answer) {
        return Some(refused);
    }
    let kept = &documented::server(moment.success()?)["approvedScopes"];
    Some(match kept {
        _ if is_zero(kept) => "dropped".to_owned(),
        Value::Array(kept) if kept.len() == sent.len() => "kept as a list".to_owned(),
        Value::Object(_) => "sorted into categories".to_owned(),
        _ => "kept in another form".to_owned(),
    })
}

pub(super) fn unknown_members(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateServer { body, .. }) = moment.rightly() else { return None };
    let answer = clear_answer(moment).filter(|_| body.contains_key(UNKNOWN_MEMBER))?;
    if let Some(refused) = refused(answer) {
        return Some(refused);
    }
    let kept = documented::server(moment.success()?).get(UNKNOWN_MEMBER).is_some();
    Some(if kept { "kept" } else { "dropped" }.to_owned())
}

pub(super) fn long_description(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::UpdateServer { set, .. }) = moment.rightly() else { return None };
    let size = large::size_of(set.get("description")?)?;
    let taken = match &moment.exchange.outcome {
        Outcome::Answered(answer) if answer.status < 500 => yes_or_no(answer),
        Outcome::Answered(answer) => format!("it fails: status {}", answer.status),
        Outcome::Unclear(_) => "there is no complete response".to_owned(),
        Outcome::NeverSent(_) => return None,
    };
    Some(format!("{size}: {taken}"))
}

pub(super) fn same_server_name(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateServer { .. }) = moment.rightly() else { return None };
    same_name(moment, moment.before.servers.values())
}

pub(super) fn same_client_name(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateClient { server, .. }) = moment.rightly() else { return None };
    same_name(moment, moment.before.clients_of(*server).map(|(_, client)| &client.record))
}

/// Whether a record may be created with the name of one of these, if nothing else in it could be refused.
fn same_name<'a>(moment: &Moment<'_>, others: impl IntoIterator<Item = &'a Record>) -> Option<String> {
    let sent = moment.call.sent_record();
    let name =
        sent.get("name").filter(|_| sent.keys().all(|member| ["name", "mcpServerId"].contains(&&**member)));
    let is_namesake = |record: &Record| {
        name.is_some() && record.is_alive() && record.members().and_then(|known| known.get("name")) == name
    };
    let exists = others.into_iter().any(is_namesake);
    clear_answer(moment).filter(|_| exists).map(yes_or_no)
}

pub(super) fn consent_flow(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateServer { body, .. }) = moment.rightly() else { return None };
    let [flow, page] = CONSENT_FLOW;
    let answer = clear_answer(moment).filter(|_| body.get("consentFlowId").is_some_and(|id| id == flow))?;
    if let Some(refused) = refused(answer) {
        return Some(refused);
    }
    let record = documented::server(moment.success()?);
    let login_page = record["loginPageURL"].as_str().unwrap_or_default();
    Some(
        match (login_page.contains(flow), login_page.starts_with(page)) {
            (true, true) => "they become loginPageURL",
            (true, false) => "the flow is in loginPageURL",
            (false, true) => "the address is loginPageURL",
            (false, false) if record.get("consentFlowId").is_some() => "they are shown as they are",
            (false, false) => "no answer shows them",
        }
        .to_owned(),
    )
}

pub(super) fn login_flow(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateServer { body, .. }) = moment.rightly() else { return None };
    let asks = body.get("loginPageURL").is_some_and(|page| page == OTHER_FLOW);
    let answer = clear_answer(moment).filter(|_| asks)?;
    if let Some(refused) = refused(answer) {
        return Some(refused);
    }
    Some(match documented::server(moment.success()?)["loginPageURL"].as_str() {
        Some(OTHER_FLOW) => "it is taken as it is".to_owned(),
        None | Some("") => "it is dropped".to_owned(),
        Some(_) => "it is replaced".to_owned(),
    })
}

/// How a client id is made, as far as it shows.
pub(super) fn client_id_form(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::CreateClient { .. }) = moment.rightly() else { return None };
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let reader = |alphabet| GeneralPurpose::new(alphabet, config);
    let client_id = moment.success()?["clientId"].as_str()?;
    let decoded = [reader(&alphabet::STANDARD), reader(&alphabet::URL_SAFE)]
        .iter()
        .find_map(|reader| String::from_utf8(reader.decode(client_id).ok()?).ok());
    Some(
        match decoded {
            Some(text) if text.contains(':') && text.ends_with('#') => "base64 of two parts and #",
            Some(text) if text.contains(':') => "base64 of two parts",
            Some(_) => "base64 of something else",
            None => "something else",
        }
        .to_owned(),
    )
}

pub(super) fn secret_again(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::GetSecret { client }) = moment.rightly() else { return None };
    let client = moment.before.clients.get(client)?;
    let is_the_first = client.record.is_alive() && client.secrets.len() == 1;
    clear_answer(moment).filter(|_| is_the_first).map(yes_or_no)
}

/// The directives for caches of an answer that holds a secret, as far as they are known ones.
pub(super) fn secret_storage(moment: &Moment<'_>) -> Option<String> {
    const DIRECTIVES: [&str; 6] = ["max-age", "must-revalidate", "no-cache", "no-store", "private", "public"];
    moment.call.step.action.operation()?;
    moment.success()?["cleartext"].as_str()?;
    let said = clear_answer(moment)?.header("cache-control").unwrap_or_default().to_ascii_lowercase();
    let names = said.split(',').map(|directive| directive.split('=').next().unwrap_or_default().trim());
    let known: Vec<_> = names.filter(|name| DIRECTIVES.contains(name)).collect();
    Some(if known.is_empty() { "nothing".to_owned() } else { known.join(", ") })
}

pub(super) fn of_clients(moment: &Moment<'_>, member: &str) -> Option<String> {
    let mut values =
        moment.call.sightings(moment.exchange).into_iter().filter_map(|sighting| match sighting {
            Sighting::Client(id, members) => {
                moment.before.client_with_id(id).and(members.get(member)?.as_str())
            }
            Sighting::Server(..) => None,
        });
    values.next().map(|value| if value.is_empty() { "empty".to_owned() } else { word(value) })
}

pub(super) fn update_without_members(moment: &Moment<'_>) -> Option<String> {
    let Some(Action::UpdateClient { client, omit, .. }) = moment.rightly() else { return None };
    let before = moment.before.clients.get(client)?.record.seen()?;
    let after = moment.success()?["client"].as_object()?;
    let left_out = omit.iter().filter(|name| before.get(*name).is_some_and(|value| !is_zero(value)));
    let kept: Vec<_> = left_out.map(|name| after.get(name) == before.get(name)).collect();
    match kept.as_slice() {
        [] => None,
        kept if kept.iter().all(|kept| *kept) => Some("kept".to_owned()),
        kept if kept.iter().any(|kept| *kept) => Some("some are kept and some are not".to_owned()),
        _ => Some("cleared".to_owned()),
    }
}

/// Whether a new client may have values in `member` that its server does not have in `approved`.
pub(super) fn beyond_the_server(moment: &Moment<'_>, member: &str, approved: &str) -> Option<String> {
    let Some(Action::CreateClient { server, .. }) = moment.rightly() else { return None };
    let sent = moment.call.sent_record();
    let record = moment.before.servers.get(server)?;
    let (Knowledge::Seen(known) | Knowledge::Sent(known)) = &record.knowledge else { return None };
    let approved = known.get(approved).map(ToString::to_string).unwrap_or_default();
    let quoted = |value: &Value| approved.contains(&value.to_string());
    let beyond = sent.get(member)?.as_array()?.iter().any(|value| !quoted(value));
    let answer = clear_answer(moment).filter(|_| beyond)?;
    Some(yes_or_no(answer))
}

pub(super) fn delete_unknown(moment: &Moment<'_>) -> Option<String> {
    let action = moment.rightly()?;
    let life = if let Action::DeleteServer { server } = action {
        moment.before.servers.get(server)?.life
    } else {
        let Action::DeleteClient { client } = action else { return None };
        moment.before.clients.get(client)?.record.life
    };
    let answer = clear_answer(moment).filter(|_| life == Life::Gone)?;
    Some(yes_or_no(answer))
}

pub(super) fn clients_of_deleted(moment: &Moment<'_>) -> Option<String> {
    let is_gone = |server| moment.before.servers.get(server).is_some_and(|record| record.life == Life::Gone);
    let action = moment.rightly()?;
    if let Action::LoadClient { client, .. } = action {
        let known = moment.before.clients.get(client)?;
        let asked = is_gone(&known.server) && known.record.life == Life::Unknown;
        return Some(yes_or_no(clear_answer(moment).filter(|_| asked)?));
    }
    let server = if let Action::SearchClients { server, .. } = action {
        server
    } else {
        let Action::DeleteClients { server, .. } = action else { return None };
        server
    };
    let refused = !clear_answer(moment).filter(|_| is_gone(server))?.is_success();
    refused.then(|| "not asked: they are out of reach then, so that some might stay for ever".to_owned())
}
