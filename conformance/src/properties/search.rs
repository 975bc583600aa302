//! Searching the clients of a server.

use std::collections::BTreeSet;

use serde_json::Value;

use super::source;
use crate::{
    call::Request,
    plan::{Action, FilterBy},
    property::{Level, Moment, Property, Verdict},
};

/// The properties of this file.
pub static ALL: &[Property] = &[
    Property {
        id: "clients/search/finds-created",
        sentence: "A search finds every client of the server that matches all filters exactly.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: true,
        judge: finds_created,
    },
    Property {
        id: "clients/search/only-this-servers",
        sentence: "A search finds no client of another server.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: only_this_servers,
    },
    Property {
        id: "clients/search/agrees-with-last-answer",
        sentence: "A client record that a search finds is as the last answer about it showed it.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: true,
        judge: |moment| match moment.rightly() {
            Some(Action::SearchClients { .. }) => moment.undisturbed(),
            _ => Verdict::DoesNotApply,
        },
    },
];

fn found<'a>(moment: &Moment<'a>) -> Option<&'a Vec<Value>> {
    moment.success()?["clients"].as_array()
}

fn finds_created(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::SearchClients { server, .. }), Some(found)) = (moment.rightly(), found(moment)) else {
        return Verdict::DoesNotApply;
    };
    let Request::Management(_, request) = &moment.call.request else { return Verdict::DoesNotApply };
    let found: BTreeSet<_> = found.iter().filter_map(|client| client["id"].as_str()).collect();
    let matching = moment.before.clients_of(*server).filter(|(_, client)| {
        client.record.is_alive()
            && FilterBy::ALL.iter().filter(|by| !request[by.parameter()].is_null()).all(|by| {
                let wanted = &request[by.parameter()];
                let actual = client.record.seen().and_then(|members| members.get(by.member()));
                match actual {
                    Some(Value::Array(items)) => items.contains(wanted),
                    Some(actual) => actual == wanted,
                    None => false,
                }
            })
    });
    Verdict::all(matching.map(|(label, client)| {
        let expected = format!("{label} is found");
        Verdict::of(found.contains(client.record.id.as_str()), expected, format!("{label} is missing"))
    }))
}

fn only_this_servers(moment: &Moment<'_>) -> Verdict {
    let (Some(Action::SearchClients { server, .. }), Some(found)) = (moment.rightly(), found(moment)) else {
        return Verdict::DoesNotApply;
    };
    let Some(id) = moment.before.servers.get(server).map(|record| record.id.as_str()) else {
        return Verdict::DoesNotApply;
    };
    if !moment.before.clients.values().any(|client| client.server != *server) {
        return Verdict::DoesNotApply;
    }
    Verdict::all(found.iter().map(|client| {
        let stranger = client["id"].as_str().and_then(|id| moment.before.client_with_id(id));
        let stranger = stranger.filter(|label| moment.before.clients[label].server != *server);
        let named = &client["mcpServerId"];
        match stranger {
            Some(label) => Verdict::broken(
                format!("only clients of {server}"),
                format!("{label}, which is of another server"),
            ),
            None => Verdict::of(
                named.is_null() || named == id,
                format!("mcpServerId = {id:?} in every client found"),
                format!("mcpServerId = {named}"),
            ),
        }
    }))
}
