//! Searching the clients of a server: what is found, and what is not.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::call::REFUSED_NAME;
use crate::model::{Life, Model};
use crate::plan::{Action, ClientLabel, FilterBy, ServerLabel};
use crate::properties::property::{Level, Moment, Property, Verdict};
use crate::wire::request::Request;

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "clients/search/finds-created",
        sentence: "A search finds every client of the server that matches all filters exactly, unless its page is full.",
        level: Level::Must,
        source: "documented: fact/search-clients, fact/search-filters",
        needs: None,
        eventually: true,
        judge: |moment| finds_created(moment, false),
    },
    Property {
        id: "clients/search/finds-by-text",
        sentence: "A search for a text finds the clients whose name equals the text, unless its page is full.",
        level: Level::Info,
        source: "assumed: fact/text-finds-names",
        needs: None,
        eventually: true,
        judge: |moment| finds_created(moment, true),
    },
    Property {
        id: "clients/search/finds-only-matching",
        sentence: "A search finds no client that a filter excludes.",
        level: Level::Must,
        source: "documented: fact/search-filters",
        needs: None,
        eventually: true,
        judge: finds_only_matching,
    },
    Property {
        id: "clients/search/only-this-servers",
        sentence: "A search finds no client of another server.",
        level: Level::Must,
        source: "documented: fact/search-clients, fact/one-server-per-client",
        needs: None,
        eventually: false,
        judge: only_this_servers,
    },
    Property {
        id: "clients/search/agrees-with-last-answer",
        sentence: "A client record that a search finds equals the last response that showed it.",
        level: Level::Must,
        source: "documented: fact/search-clients",
        needs: None,
        eventually: true,
        judge: |moment| {
            let Some(Action::SearchClients { .. }) = moment.rightly() else { return Verdict::DoesNotApply };
            moment.same_by_another_way()
        },
    },
    Property {
        id: "clients/search/omits-refused",
        sentence: "A search finds no client whose creation was refused.",
        level: Level::Should,
        source: "assumed: fact/refusal-changes-nothing",
        needs: None,
        eventually: false,
        judge: omits_refused,
    },
];

/// The client records that a search on that server found, with what was asked.
pub(super) fn found<'a>(moment: &Moment<'a>) -> Option<(ServerLabel, &'a Value, Vec<&'a Value>)> {
    let (Some(Action::SearchClients { server, .. }), Some(body)) = (moment.rightly(), moment.success())
    else {
        return None;
    };
    let Request::Management(_, request) = &moment.call.request else { return None };
    Some((*server, request, body["clients"].as_array().into_iter().flatten().collect()))
}

/// The clients of a server that surely exist and match every filter of a search in every reading of the documents.
pub(super) fn matching<'a>(
    model: &'a Model,
    server: ServerLabel,
    request: &'a Value,
) -> impl Iterator<Item = (ClientLabel, &'a str)> {
    let matches = |by: &FilterBy, members: Option<&Value>| match (&request[by.parameter()], members) {
        (Value::Null, _) => true,
        (wanted, Some(Value::Array(items))) => items.contains(wanted),
        (wanted, Some(actual)) => actual == wanted,
        (_, None) => false,
    };
    model
        .clients_of(server)
        .filter(move |(_, client)| {
            let member = |by: &FilterBy| client.record.seen().and_then(|members| members.get(by.member()));
            client.record.is_alive() && FilterBy::ALL.iter().all(|by| matches(by, member(by)))
        })
        .map(|(label, client)| (label, client.record.id.as_str()))
}

/// Whether there may be more on another page: how many clients a page holds at most is not documented.
pub(super) fn may_be_cut_off(moment: &Moment<'_>, found: usize) -> bool {
    found > 0 && found >= moment.before.largest_page
}

fn finds_created(moment: &Moment<'_>, by_text: bool) -> Verdict {
    let Some((server, request, found)) = found(moment) else { return Verdict::DoesNotApply };
    // Pages are judged together, once the last one has been read.
    if request["text"].is_string() != by_text || !request["page"].is_null() {
        return Verdict::DoesNotApply;
    }
    let ids: BTreeSet<_> = found.iter().filter_map(|client| client["id"].as_str()).collect();
    let full = may_be_cut_off(moment, ids.len());
    Verdict::all(matching(moment.before, server, request).filter_map(|(label, id)| match ids.contains(id) {
        true => Some(Verdict::Holds),
        false if full => None,
        false => Some(Verdict::broken(format!("{label} is found"), format!("{label} is missing"))),
    }))
}

fn finds_only_matching(moment: &Moment<'_>) -> Verdict {
    let Some((_, request, found)) = found(moment) else { return Verdict::DoesNotApply };
    // A search that lags behind may find a client by what it had before.
    let may_be_late = |by: FilterBy, wanted: &str, client: &Value| {
        let label = client["id"].as_str().and_then(|id| moment.before.client_with_id(id));
        let record = label.and_then(|label| moment.before.clients.get(&label)).map(|client| &client.record);
        record.is_none_or(|record| record.may_have_had(by.member(), |held| may_match(by, wanted, held)))
    };
    let filters = [FilterBy::ClientId, FilterBy::Name, FilterBy::Status, FilterBy::Tag];
    let asked = filters.iter().filter_map(|by| Some((by, request[by.parameter()].as_str()?)));
    let pairs = asked.flat_map(|(by, wanted)| found.iter().map(move |client| (by, wanted, *client)));
    Verdict::all(pairs.map(|(by, wanted, client)| {
        let actual = &client[by.member()];
        let verdict = Verdict::of(
            may_match(*by, wanted, actual),
            format!("only clients whose {} matches {wanted:?}", by.member()),
            format!("one with {} {actual}", by.member()),
        );
        if may_be_late(*by, wanted, client) { verdict } else { verdict.outright() }
    }))
}

/// Whether a client with this value may be found by that filter in some reading of the documents.
fn may_match(by: FilterBy, wanted: &str, actual: &Value) -> bool {
    let part = |text: &str| text.to_lowercase().contains(&wanted.to_lowercase());
    match (by, actual) {
        (FilterBy::ClientId | FilterBy::Status, _) => actual == wanted,
        // Letters outside of ASCII have more than one way to be equal "in any case".
        _ if !wanted.is_ascii() => true,
        (_, Value::Array(items)) => items.iter().filter_map(Value::as_str).any(part),
        (_, actual) => actual.as_str().is_some_and(part),
    }
}

fn only_this_servers(moment: &Moment<'_>) -> Verdict {
    let Some((server, _, found)) = found(moment) else { return Verdict::DoesNotApply };
    let Some(id) = moment.before.servers.get(&server).map(|record| record.id.as_str()) else {
        return Verdict::DoesNotApply;
    };
    if !moment.before.clients.values().any(|client| client.server != server) {
        return Verdict::DoesNotApply;
    }
    Verdict::all(found.iter().map(|client| {
        let known = client["id"].as_str().and_then(|id| moment.before.client_with_id(id));
        let stranger = known.filter(|label| moment.before.clients[label].server != server);
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

fn omits_refused(moment: &Moment<'_>) -> Verdict {
    let Some((_, _, found)) = found(moment) else { return Verdict::DoesNotApply };
    if !moment.before.creation_was_refused {
        return Verdict::DoesNotApply;
    }
    let made = found.iter().any(|client| {
        let unknown = client["id"].as_str().is_none_or(|id| moment.before.client_with_id(id).is_none());
        unknown && client["name"].as_str().is_some_and(|name| name.ends_with(REFUSED_NAME))
    });
    Verdict::of(!made, "only clients that were made", "one whose creation was refused")
}

/// How many clients the server surely has, or `None` if that is not known.
pub(super) fn count(model: &Model, server: ServerLabel) -> Option<usize> {
    if model.servers_with_possible_orphans.contains(&server) {
        return None;
    }
    let mut clients = model.clients_of(server);
    let lives: Vec<_> = clients.by_ref().map(|(_, client)| client.record.life).collect();
    let known = lives.iter().all(|life| *life != Life::Unknown);
    known.then(|| lives.iter().filter(|life| **life == Life::Alive).count())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::{Action, ClientLabel, Fault, Filter, FilterBy};
    use crate::properties::property::Verdict;
    use crate::story::{C1, C2, S1, S2, Story, client, object};

    fn story() -> Story {
        Story::default()
            .with_server(S1, json!({}))
            .with_server(S2, json!({}))
            .with_client(C1, S1, json!({"tags": ["a"], "status": "active"}))
            .with_client(C2, S2, json!({}))
    }

    fn search(by: &[FilterBy]) -> Action {
        let filter = Filter { like: Some(C1), by: by.to_vec(), ..Filter::default() };
        Action::SearchClients { server: S1, filter }
    }

    fn one() -> serde_json::Value {
        client(C1, S1, json!({"tags": ["a"], "status": "active"}))
    }

    #[test]
    fn a_search_finds_what_matches_every_filter() {
        let found = |clients| json!({"clients": clients});
        for by in [&[][..], &[FilterBy::ClientId], &[FilterBy::Tag, FilterBy::Name]] {
            story().step(search(by), 200, found(json!([one()]))).keeps("clients/search/finds-created");
            story().step(search(by), 200, found(json!([]))).breaks("clients/search/finds-created");
        }
        let by_text = search(&[FilterBy::Text]);
        story().step(by_text.clone(), 200, found(json!([one()]))).keeps("clients/search/finds-by-text");
        story().step(by_text, 200, found(json!([]))).breaks("clients/search/finds-by-text");
    }

    #[test]
    fn a_full_page_may_lack_what_stands_on_the_next() {
        let third = ClientLabel(3);
        let mut story = story().with_client(third, S1, json!({}));
        let half = json!({"clients": [one()]});
        let judged = story.clone().step(search(&[]), 200, half.clone());
        judged.keeps("clients/search/finds-created");
        let whole = json!({"clients": [one(), client(third, S1, json!({}))]});
        story.step(search(&[]), 200, whole).keeps("clients/search/finds-created");
        story.step(search(&[]), 200, half).breaks("clients/search/finds-created");
    }

    #[test]
    fn a_search_finds_nothing_that_a_filter_shuts_out() {
        let id = "clients/search/finds-only-matching";
        for (by, member, other) in [
            (FilterBy::ClientId, "clientId", json!("c9")),
            (FilterBy::Status, "status", json!("gone")),
            (FilterBy::Tag, "tags", json!(["b"])),
            (FilterBy::Name, "name", json!("u")),
        ] {
            let mut stranger = one();
            stranger["id"] = "TPA9".into();
            stranger[member] = other;
            let found = |clients| json!({"clients": clients});
            story().step(search(&[by]), 200, found(json!([one()]))).keeps(id);
            story().step(search(&[by]), 200, found(json!([one(), stranger]))).breaks(id);
        }
    }

    #[test]
    fn a_client_that_never_matched_a_filter_is_found_by_no_search_that_only_lags_behind() {
        let id = "clients/search/finds-only-matching";
        let outright = |story: &mut Story, found: Value| match story.why(
            id,
            search(&[FilterBy::Tag]),
            200,
            json!({"clients": [one(), found]}),
        ) {
            Verdict::Broken(why) => why.outright,
            other => panic!("{other:?}"),
        };
        let third = ClientLabel(3);
        let other = client(third, S1, json!({"tags": ["b"]}));
        assert!(outright(&mut story().with_client(third, S1, json!({"tags": ["b"]})), other.clone()));
        let mut matched_before = story().with_client(third, S1, json!({"tags": ["a"]}));
        let update =
            Action::UpdateClient { client: third, set: object(json!({"tags": ["b"]})), omit: Vec::new() };
        matched_before.step(update, 200, json!({}));
        assert!(!outright(&mut matched_before, other));
    }

    #[test]
    fn a_filter_may_match_a_part_in_any_case() {
        let mut longer = one();
        longer["id"] = "TPA9".into();
        longer["name"] = "xT y".into();
        longer["tags"] = json!(["bab"]);
        let by = search(&[FilterBy::Name, FilterBy::Tag]);
        story()
            .step(by, 200, json!({"clients": [one(), longer]}))
            .keeps("clients/search/finds-only-matching");
    }

    #[test]
    fn a_search_finds_only_clients_of_its_server() {
        let id = "clients/search/only-this-servers";
        let two = client(C2, S2, json!({}));
        story().step(search(&[]), 200, json!({"clients": [one()]})).keeps(id);
        story().step(search(&[]), 200, json!({"clients": [one(), two]})).breaks(id);
        let stranger = json!({"id": "TPA9", "mcpServerId": "MS9"});
        story().step(search(&[]), 200, json!({"clients": [one(), stranger]})).breaks(id);
    }

    #[test]
    fn what_is_found_is_as_it_was_last_seen() {
        let other = client(C1, S1, json!({"tags": ["b"], "status": "active"}));
        story()
            .step(search(&[]), 200, json!({"clients": [other]}))
            .breaks("clients/search/agrees-with-last-answer");
    }

    #[test]
    fn a_refused_creation_makes_nothing_that_is_found() {
        let mut story = story();
        let create = Action::CreateClient { client: ClientLabel(9), server: S1, body: object(json!({})) };
        story.wrongly(Fault::NoKey, create, 401, json!({"errorCode": "E1"}));
        let found = |clients| json!({"clients": clients});
        story.clone().step(search(&[]), 200, found(json!([one()]))).keeps("clients/search/omits-refused");
        let made = json!({"id": "TPA9", "name": "t must be refused"});
        story.step(search(&[]), 200, found(json!([one(), made]))).breaks("clients/search/omits-refused");
    }
}
