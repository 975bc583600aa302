//! Clients that nobody made through the management API.

use crate::{
    model::Record,
    plan::{Action, ServerLabel},
    property::{Capability, Level, Moment, Property, Verdict},
    web::{Ask, CodeRequest, given_code},
};

/// The properties of this file.
pub static ALL: &[Property] = &[
    Property {
        id: "registration/dynamic/gives-a-client-id",
        sentence: "Where dynamic registration is enabled, a client that registers gets an id that no other has.",
        level: Level::Must,
        source: "documented: the guide's dynamicRegistration; RFC 7591, section 3.2.1",
        needs: Some(Capability::DynamicRegistration),
        eventually: false,
        judge: gives_a_client_id,
    },
    Property {
        id: "registration/dynamic/makes-a-record",
        sentence: "A search finds the record of a client that registered itself.",
        level: Level::Must,
        source: "documented: the guide's searchable registration methods",
        needs: Some(Capability::DynamicRegistration),
        eventually: true,
        judge: makes_a_record,
    },
    Property {
        id: "registration/dynamic/is-refused-when-disabled",
        sentence: "Where dynamic registration is disabled, nobody can register.",
        level: Level::Must,
        source: "documented: the guide's dynamicRegistration",
        needs: Some(Capability::DynamicRegistration),
        eventually: false,
        judge: is_refused_when_disabled,
    },
    Property {
        id: "registration/document/is-refused-when-disabled",
        sentence: "Where metadata documents are disabled, a client whose id is the URL of one gets no code.",
        level: Level::Must,
        source: "documented: the guide's cimdSettings",
        needs: Some(Capability::CodesWithoutUser),
        eventually: false,
        judge: document_is_refused_when_disabled,
    },
];

/// Whether a switch in a server's record is on, if that is known.
fn switch(record: &Record, settings: &str) -> Option<bool> {
    record.members()?.get(settings)?["enabled"].as_bool()
}

fn registration<'a>(moment: &Moment<'a>, enabled: bool) -> Option<&'a crate::exchange::Answer> {
    let Ask::Register { server, .. } = moment.asked()? else { return None };
    let on = switch(moment.before.servers.get(server)?, "dynamicRegistration")?;
    moment.exchange.answer().filter(|answer| on == enabled && answer.status != 404)
}

fn gives_a_client_id(moment: &Moment<'_>) -> Verdict {
    let Some(answer) = registration(moment, true) else { return Verdict::DoesNotApply };
    let id = answer.json.as_ref().and_then(|body| body["client_id"].as_str()).filter(|id| !id.is_empty());
    let Some(id) = id.filter(|_| answer.is_success()) else {
        return Verdict::broken("a client_id", format!("status {} without one", answer.status));
    };
    let known = moment.before.clients.values().any(|client| client.client_id == id);
    Verdict::of(!known, "a client_id that no client has", "the client_id of another client")
}

fn makes_a_record(moment: &Moment<'_>) -> Verdict {
    let Some(Action::SearchClients { server, filter }) = moment.rightly() else {
        return Verdict::DoesNotApply;
    };
    let Some(found) = moment.success().and_then(|body| body["clients"].as_array()) else {
        return Verdict::DoesNotApply;
    };
    if !filter.by.is_empty() {
        return Verdict::DoesNotApply;
    }
    let registered = moment.before.clients_of(*server).filter(|(_, client)| client.awaits_its_id());
    Verdict::all(registered.map(|(label, client)| {
        let there = found.iter().any(|record| record["clientId"] == *client.client_id);
        Verdict::of(
            there,
            format!("{label} is found"),
            format!("{label}, which registered itself, is missing"),
        )
    }))
}

fn is_refused_when_disabled(moment: &Moment<'_>) -> Verdict {
    match registration(moment, false) {
        Some(answer) => Verdict::of(
            !answer.is_success(),
            "a refusal",
            format!("status {}: it is registered", answer.status),
        ),
        None => Verdict::DoesNotApply,
    }
}

fn document_is_refused_when_disabled(moment: &Moment<'_>) -> Verdict {
    let Some(Ask::Code { client, how: CodeRequest::ByDocument }) = moment.asked() else {
        return Verdict::DoesNotApply;
    };
    let server: Option<ServerLabel> = moment.before.clients.get(client).map(|client| client.server);
    let record = server.and_then(|server| moment.before.servers.get(&server));
    let off = record.and_then(Record::members).is_some_and(|members| match members.get("cimdSettings") {
        Some(settings) => !settings["enabled"].as_bool().unwrap_or_default(),
        None => false,
    });
    match moment.exchange.answer() {
        Some(_) if off => Verdict::of(given_code(moment.exchange).is_none(), "no code", "a code"),
        _ => Verdict::DoesNotApply,
    }
}
