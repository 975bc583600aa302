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
            Some(Action::SearchClients { .. }) => moment.same_by_another_way(),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        plan::{Action, Filter, FilterBy},
        story::{C1, C2, S1, S2, Story, client},
    };

    fn story() -> Story {
        Story::default()
            .with_server(S1, json!({}))
            .with_server(S2, json!({}))
            .with_client(C1, S1, json!({"tags": ["a"]}))
            .with_client(C2, S2, json!({}))
    }

    fn search(by: &[FilterBy]) -> Action {
        Action::SearchClients { server: S1, filter: Filter { like: Some(C1), by: by.to_vec(), ..Filter::default() } }
    }

    #[test]
    fn a_search_finds_what_matches_every_filter() {
        let one = client(C1, S1, json!({"tags": ["a"]}));
        for by in [&[][..], &[FilterBy::ClientId], &[FilterBy::Tag, FilterBy::Name]] {
            story()
                .step(search(by), 200, json!({"clients": [one], "total": 1}))
                .keeps("clients/search/finds-created");
            story().step(search(by), 200, json!({"clients": []})).breaks("clients/search/finds-created");
        }
    }

    #[test]
    fn a_search_finds_only_clients_of_its_server() {
        let (one, two) = (client(C1, S1, json!({"tags": ["a"]})), client(C2, S2, json!({})));
        story().step(search(&[]), 200, json!({"clients": [one]})).keeps("clients/search/only-this-servers");
        story()
            .step(search(&[]), 200, json!({"clients": [one, two]}))
            .breaks("clients/search/only-this-servers");
        let stranger = json!({"id": "TPA9", "mcpServerId": "MS9"});
        story()
            .step(search(&[]), 200, json!({"clients": [one, stranger]}))
            .breaks("clients/search/only-this-servers");
    }

    #[test]
    fn what_is_found_is_as_it_was_last_seen() {
        let other = client(C1, S1, json!({"tags": ["b"]}));
        story()
            .step(search(&[]), 200, json!({"clients": [other]}))
            .breaks("clients/search/agrees-with-last-answer");
    }
}
