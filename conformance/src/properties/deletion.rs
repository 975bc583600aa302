//! Deletion: what was deleted is gone, and nothing else.

use super::source;
use crate::{
    model::{Bystood, Life},
    plan::Action,
    property::{Level, Look, Moment, Property, Verdict},
};

/// The properties of this file.
pub static ALL: &[Property] = &[
    Property {
        id: "server/delete/makes-it-gone",
        sentence: "A deleted server cannot be loaded any more.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| match moment.rightly() {
            Some(Action::LoadServer { .. }) => stays_gone(moment),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "client/delete/makes-it-gone",
        sentence: "A deleted client record cannot be loaded any more.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| match moment.rightly() {
            Some(Action::LoadClient { .. }) => stays_gone(moment),
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "servers/all/omits-deleted",
        sentence: "The list of all servers does not contain a deleted one.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: true,
        judge: |moment| match moment.rightly() {
            Some(Action::LoadAllServers)
                if moment.before.servers.values().any(|record| record.life == Life::Gone) =>
            {
                Verdict::all([Verdict::Holds, stays_gone(moment)])
            }
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "clients/search/omits-deleted",
        sentence: "A search does not find a deleted client record.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: true,
        judge: |moment| match moment.rightly() {
            Some(Action::SearchClients { server, .. })
                if moment.before.clients_of(*server).any(|(_, client)| client.record.life == Life::Gone) =>
            {
                Verdict::all([Verdict::Holds, stays_gone(moment)])
            }
            _ => Verdict::DoesNotApply,
        },
    },
    Property {
        id: "delete/spares-the-others",
        sentence: "A deletion leaves every record that it does not name as it was.",
        level: Level::Should,
        source: source::SANE,
        needs: None,
        eventually: false,
        judge: |moment| moment.unchanged_by(Bystood::DeletionOfAnother),
    },
    Property {
        id: "delete/is-acknowledged",
        sentence: "Deleting records that exist succeeds.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: is_acknowledged,
    },
];

/// Judges every deleted record that was looked at: it must not be shown.
fn stays_gone(moment: &Moment<'_>) -> Verdict {
    if moment.exchange.answer().is_none() {
        return Verdict::DoesNotApply;
    }
    let gone = |look: &Look<'_>| {
        if look.record.life != Life::Gone {
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

fn is_acknowledged(moment: &Moment<'_>) -> Verdict {
    let alive = match moment.rightly() {
        Some(Action::DeleteServer { server }) => {
            moment.before.servers.get(server).is_some_and(|record| record.is_alive())
        }
        Some(Action::DeleteServers { servers }) => servers
            .iter()
            .all(|server| moment.before.servers.get(server).is_some_and(|record| record.is_alive())),
        Some(Action::DeleteClient { client }) => {
            moment.before.clients.get(client).is_some_and(|c| c.record.is_alive())
        }
        Some(Action::DeleteClients { clients, .. }) => clients
            .iter()
            .all(|client| moment.before.clients.get(client).is_some_and(|c| c.record.is_alive())),
        _ => false,
    };
    match moment.exchange.answer() {
        Some(answer) if alive && !moment.exchange.after_unclear_try => {
            Verdict::of(answer.is_success(), "status 200", format!("status {}", answer.status))
        }
        _ => Verdict::DoesNotApply,
    }
}
