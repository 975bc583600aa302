//! What was deleted by an id that is nearly right. That the record is gone shows by requests that are right and break other
//! properties: they say nothing more than that the target took the id for that of the record.

use crate::labels::{ClientLabel, ServerLabel};
use crate::model::semantics::{ComparedWith, Seen, ShownRecords, Sighting};
use crate::model::{Model, Record};
use crate::plan::Near;
use crate::properties::property::{Moment, Property, Verdict};

/// The properties of ids that are nearly right.
pub(crate) const NEAR_IDS: [&str; 2] =
    ["malformed/refuses-a-near-miss-of-an-id", "malformed/refuses-an-id-with-a-blank"];

/// Properties of how a refusal looks: that the record may be gone is no excuse for those.
const OF_REFUSALS: [&str; 2] = ["wire/", "authorization/token/refusal-has-a-code"];

/// What a property says of a moment; nothing if its breach may only show that such a record is gone.
pub(crate) fn verdict(property: &Property, moment: &Moment<'_>) -> Verdict {
    let excused = !NEAR_IDS.contains(&property.id)
        && !OF_REFUSALS.iter().any(|selector| property.id.starts_with(selector));
    match (property.judge)(moment) {
        Verdict::Broken(_) if excused && may_be_gone(moment) => Verdict::DoesNotApply,
        verdict => verdict,
    }
}

/// Whether the answer may be as it is because a record is gone that was deleted by nearly its id.
pub(crate) fn may_be_gone(moment: &Moment<'_>) -> bool {
    let semantics = moment.call.step.action.semantics();
    let named = || {
        let mut servers = semantics.servers.iter().filter_map(|label| of_server(moment.before, *label));
        let mut clients = semantics.clients.iter().filter_map(|label| of_client(moment.before, *label));
        servers.next().is_some() || clients.next().is_some()
    };
    moment.exchange.refusal().is_some() && named() || lacks_one(moment, semantics.compared_with)
}

/// Judges a record that was deleted by an id that is nearly its own in a way `of_interest`: it must still be there.
pub(super) fn is_still_there(moment: &Moment<'_>, of_interest: fn(Near) -> bool) -> Verdict {
    let (Some(action), Some(refusal)) = (moment.rightly(), moment.exchange.refusal()) else {
        return Verdict::DoesNotApply;
    };
    let semantics = action.semantics();
    let loads = matches!(
        semantics.shows,
        ShownRecords::Server(_, Seen::Loaded | Seen::LoadedByAnotherWay)
            | ShownRecords::Client(_, Seen::Loaded | Seen::LoadedByAnotherWay)
    );
    let finds_nothing = refusal.status == 404 && !moment.exchange.after_unclear_try;
    let deletes = semantics.effect.deletes().is_some() && finds_nothing;
    if !loads && !deletes {
        return Verdict::DoesNotApply;
    }
    let servers = semantics.servers.iter().filter_map(|label| of_server(moment.before, *label));
    let mut nearly =
        servers.chain(semantics.clients.iter().filter_map(|label| of_client(moment.before, *label)));
    match nearly.find(|(_, near)| of_interest(*near)) {
        Some((subject, near)) => Verdict::broken(
            format!(
                "{subject} exists: nobody rightly asked for its deletion; one request had an id like its own, {near}"
            ),
            format!("{subject} does not exist"),
        ),
        None => Verdict::DoesNotApply,
    }
}

/// How a server was nearly deleted.
fn of_server(model: &Model, label: ServerLabel) -> Option<(String, Near)> {
    Some((label.to_string(), nearly_deleted(model.servers.get(&label)?)?))
}

/// How a client record or its server was nearly deleted: in words which of them, and how.
fn of_client(model: &Model, label: ClientLabel) -> Option<(String, Near)> {
    let client = model.clients.get(&label)?;
    let itself = || Some((label.to_string(), nearly_deleted(&client.record)?));
    of_server(model, client.server).or_else(itself)
}

fn nearly_deleted(record: &Record) -> Option<Near> {
    record.nearly_deleted.filter(|_| record.is_alive())
}

/// Whether a list lacks a record that may be gone.
fn lacks_one(moment: &Moment<'_>, compared_with: ComparedWith) -> bool {
    let sightings = moment.call.sightings(moment.exchange);
    let is_shown = |id: &str| sightings.iter().map(Sighting::id).any(|shown| shown == id);
    match compared_with {
        ComparedWith::Nothing => false,
        ComparedWith::AllServers => {
            let mut servers = moment.before.servers.values();
            servers.any(|record| nearly_deleted(record).is_some() && !is_shown(&record.id))
        }
        ComparedWith::AllClientsOf(server) => {
            let mut clients = moment.before.clients_of(server);
            clients.any(|(label, client)| {
                of_client(moment.before, label).is_some() && !is_shown(&client.record.id)
            })
        }
    }
}
