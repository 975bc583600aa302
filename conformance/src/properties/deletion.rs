//! Deletion: what was deleted is gone, and nothing else.

use crate::model::effect::Effect;
use crate::model::semantics::ShownRecords;
use crate::model::{InterferingEvent, Life, Record};
use crate::plan::Action;
use crate::properties::property::{Level, Look, Moment, Property, Suspect, Verdict};

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "server/delete/makes-it-gone",
        sentence: "A deleted server cannot be loaded.",
        level: Level::Must,
        source: "documented: fact/delete-server",
        needs: None,
        eventually: false,
        judge: |moment| {
            let ShownRecords::Server(..) = moment.shows() else { return Verdict::DoesNotApply };
            stays_gone(moment, |record| !record.deleted_during_an_update)
        },
    },
    Property {
        id: "client/delete/makes-it-gone",
        sentence: "A deleted client record cannot be loaded.",
        level: Level::Must,
        source: "documented: fact/delete-client",
        needs: None,
        eventually: false,
        judge: |moment| {
            let ShownRecords::Client(..) = moment.shows() else { return Verdict::DoesNotApply };
            stays_gone(moment, |record| !record.deleted_during_an_update)
        },
    },
    Property {
        id: "servers/all/omits-deleted",
        sentence: "The list of all servers contains no deleted server.",
        level: Level::Must,
        source: "documented: fact/delete-server, fact/load-all-servers",
        needs: None,
        eventually: true,
        judge: |moment| {
            let Some(Action::LoadAllServers) = moment.rightly() else { return Verdict::DoesNotApply };
            let mut servers = moment.before.servers.values();
            omits_deleted(moment, servers.any(|record| record.life == Life::Gone))
        },
    },
    Property {
        id: "clients/search/omits-deleted",
        sentence: "A search finds no deleted client record.",
        level: Level::Must,
        source: "documented: fact/delete-client, fact/search-clients",
        needs: None,
        eventually: true,
        judge: |moment| {
            let Some(Action::SearchClients { server, .. }) = moment.rightly() else {
                return Verdict::DoesNotApply;
            };
            let mut clients = moment.before.clients_of(*server);
            omits_deleted(moment, clients.any(|(_, client)| client.record.life == Life::Gone))
        },
    },
    Property {
        id: "delete/spares-the-others",
        sentence: "A deletion changes no record that it does not name.",
        level: Level::Should,
        source: "assumed: fact/others-stay",
        needs: None,
        eventually: false,
        judge: |moment| moment.loaded_as_before(Suspect::Event(InterferingEvent::DeletionOfAnother)),
    },
    Property {
        id: "delete/is-acknowledged",
        sentence: "The deletion of existing records succeeds.",
        level: Level::Must,
        source: "documented: fact/delete-server, fact/delete-servers, fact/delete-client, fact/delete-clients",
        needs: None,
        eventually: false,
        judge: |moment| is_acknowledged(moment, false),
    },
    Property {
        id: "clients/delete/passes-over-the-deleted",
        sentence: "The bulk deletion of client records succeeds even if some of them are already deleted.",
        level: Level::Should,
        source: "observed: fact/bulk-delete-is-lenient",
        needs: None,
        eventually: false,
        judge: |moment| {
            let Some(Action::DeleteClients { .. }) = moment.rightly() else { return Verdict::DoesNotApply };
            is_acknowledged(moment, true)
        },
    },
    Property {
        id: "servers/delete/passes-over-the-deleted",
        sentence: "The bulk deletion of servers succeeds even if some of them are already deleted.",
        level: Level::Info,
        source: "assumed: fact/bulk-delete-of-servers",
        needs: None,
        eventually: false,
        judge: |moment| {
            let Some(Action::DeleteServers { .. }) = moment.rightly() else { return Verdict::DoesNotApply };
            is_acknowledged(moment, true)
        },
    },
];

/// Judges every deleted record of interest that was looked at: it must not be shown.
pub(super) fn stays_gone(moment: &Moment<'_>, of_interest: fn(&Record) -> bool) -> Verdict {
    if moment.exchange.answer().is_none() {
        return Verdict::DoesNotApply;
    }
    let gone = |look: &Look<'_>| {
        if look.record.life != Life::Gone || !of_interest(look.record) {
            return Verdict::DoesNotApply;
        }
        let Look { subject, .. } = look;
        Verdict::of(
            look.shown.is_none(),
            format!("{subject} does not exist"),
            format!("{subject} still exists"),
        )
    };
    Verdict::all(moment.looks().iter().map(gone))
}

/// Judges a list in which deleted records could show, if there are any.
fn omits_deleted(moment: &Moment<'_>, there_are_some: bool) -> Verdict {
    if !there_are_some {
        return Verdict::DoesNotApply;
    }
    Verdict::all([Verdict::Holds, stays_gone(moment, |_| true)])
}

/// Judges a deletion of records that all exist or, if `mixed`, of which some do and some are deleted.
fn is_acknowledged(moment: &Moment<'_>, mixed: bool) -> Verdict {
    let server = |label| moment.before.servers.get(label).map(|record| record.life);
    let client = |label| {
        let client = moment.before.clients.get(label)?;
        // Whether something can be asked of a server that is gone is an open question, even where its clients are not.
        let asked = server(&client.server).is_some_and(|life| life == Life::Alive);
        Some(if asked { client.record.life } else { Life::Unknown })
    };
    let Some((servers, clients)) = moment.effect().and_then(Effect::deletes) else {
        return Verdict::DoesNotApply;
    };
    // What was never made is not asked for.
    let lives: Vec<_> = servers.iter().filter_map(server).chain(clients.iter().filter_map(client)).collect();
    let all = |life| lives.iter().all(|other| *other == life);
    let known = lives.iter().all(|life| matches!(life, Life::Alive | Life::Gone));
    let ours = if mixed { known && !all(Life::Alive) && !all(Life::Gone) } else { all(Life::Alive) };
    match moment.exchange.answer() {
        Some(answer) if ours && !moment.exchange.after_unclear_try => {
            Verdict::of(answer.is_success(), "status 200", format!("status {}", answer.status))
        }
        _ => Verdict::DoesNotApply,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::{Action, Filter, LoadBy};
    use crate::story::{C1, C2, S1, S2, Story, client, server};

    fn story() -> Story {
        Story::default()
            .with_server(S1, json!({}))
            .with_server(S2, json!({}))
            .with_client(C1, S1, json!({}))
            .with_client(C2, S1, json!({}))
    }

    #[test]
    fn a_deleted_server_is_neither_loaded_nor_listed() {
        for delete in [Action::DeleteServer { server: S1 }, Action::DeleteServers { servers: vec![S1] }] {
            let mut story = story();
            story.step(delete, 200, json!({})).keeps("delete/is-acknowledged");
            let load = Action::LoadServer { server: S1 };
            story
                .clone()
                .step(load.clone(), 404, json!({"errorCode": "E1"}))
                .keeps("server/delete/makes-it-gone");
            let shown = json!({"server": server(S1, json!({}))});
            story.clone().step(load, 200, shown).breaks("server/delete/makes-it-gone");
            let (one, two) = (server(S1, json!({})), server(S2, json!({})));
            let all = |servers| story.clone().step(Action::LoadAllServers, 200, json!({"servers": servers}));
            all(json!([two])).keeps("servers/all/omits-deleted");
            all(json!([one, two])).breaks("servers/all/omits-deleted");
        }
    }

    #[test]
    fn a_deletion_whose_answer_cannot_be_read_may_have_deleted_nothing() {
        let mut story = story();
        story.unreadable(Action::DeleteServer { server: S1 }.into());
        let shown = json!({"server": server(S1, json!({}))});
        let judged = story.step(Action::LoadServer { server: S1 }, 200, shown);
        judged.does_not_judge("server/delete/makes-it-gone");
    }

    #[test]
    fn clients_that_outlive_their_server_may_be_out_of_reach() {
        let mut story = story();
        story.step(Action::DeleteServer { server: S1 }, 200, json!({}));
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        story.step(load, 200, json!({"client": client(C1, S1, json!({}))}));
        for delete in
            [Action::DeleteClient { client: C1 }, Action::DeleteClients { server: S1, clients: vec![C1] }]
        {
            let judged = story.clone().step(delete, 404, json!({"errorCode": "E1"}));
            assert!(!judged.broken.contains(&"delete/is-acknowledged"), "{:?}", judged.broken);
        }
    }

    #[test]
    fn a_deleted_client_is_neither_loaded_nor_found() {
        let in_bulk = Action::DeleteClients { server: S1, clients: vec![C1] };
        for delete in [Action::DeleteClient { client: C1 }, in_bulk] {
            let mut story = story();
            story.step(delete, 200, json!({})).keeps("delete/is-acknowledged");
            let load = Action::LoadClient { client: C1, by: LoadBy::ClientId };
            story
                .clone()
                .step(load.clone(), 404, json!({"errorCode": "E1"}))
                .keeps("client/delete/makes-it-gone");
            let shown = json!({"client": client(C1, S1, json!({}))});
            story.clone().step(load, 200, shown).breaks("client/delete/makes-it-gone");
            let (one, two) = (client(C1, S1, json!({})), client(C2, S1, json!({})));
            let search = Action::SearchClients { server: S1, filter: Filter::default() };
            let found = |clients| story.clone().step(search.clone(), 200, json!({"clients": clients}));
            found(json!([two])).keeps("clients/search/omits-deleted");
            found(json!([one, two])).breaks("clients/search/omits-deleted");
        }
    }

    #[test]
    fn whether_clients_go_with_their_server_is_open() {
        let mut story = story();
        story.step(Action::DeleteServer { server: S1 }, 200, json!({}));
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        story
            .clone()
            .step(load.clone(), 404, json!({"errorCode": "E1"}))
            .does_not_judge("client/delete/makes-it-gone");
        let shown = json!({"client": client(C1, S1, json!({}))});
        story.step(load, 200, shown).does_not_judge("client/delete/makes-it-gone");
    }

    #[test]
    fn a_deletion_is_blamed_for_a_change_of_another_record() {
        let mut story = story();
        story.step(Action::LoadServer { server: S2 }, 200, json!({"server": server(S2, json!({}))}));
        story.step(Action::DeleteServer { server: S1 }, 200, json!({}));
        let load = Action::LoadServer { server: S2 };
        let same = json!({"server": server(S2, json!({}))});
        story.clone().step(load.clone(), 200, same).keeps("delete/spares-the-others");
        story.clone().step(load, 404, json!({"errorCode": "E1"})).breaks("delete/spares-the-others");
    }

    #[test]
    fn deleting_what_exists_succeeds() {
        let refused = json!({"errorCode": "E1"});
        story().step(Action::DeleteClient { client: C1 }, 400, refused).breaks("delete/is-acknowledged");
    }

    #[test]
    fn a_bulk_deletion_passes_over_what_is_gone() {
        let mut story = story();
        story.step(Action::DeleteClient { client: C1 }, 200, json!({}));
        let both = Action::DeleteClients { server: S1, clients: vec![C1, C2] };
        let id = "clients/delete/passes-over-the-deleted";
        story.clone().step(both.clone(), 200, json!({})).keeps(id);
        story.clone().step(both, 404, json!({"errorCode": "E1"})).breaks(id);
        story.step(Action::DeleteServer { server: S2 }, 200, json!({}));
        let both = Action::DeleteServers { servers: vec![S1, S2] };
        let id = "servers/delete/passes-over-the-deleted";
        story.clone().step(both.clone(), 200, json!({})).keeps(id);
        story.step(both, 404, json!({"errorCode": "E1"})).breaks(id);
    }
}
