//! Who may call: a request without the right key is refused and changes nothing.

use super::{secret, source};
use crate::{
    model::Bystood,
    plan::Fault,
    property::{Level, Moment, Property, Verdict},
};

/// The properties of this file.
pub static ALL: &[Property] = &[
    Property {
        id: "authentication/refuses-a-missing-key",
        sentence: "A management request without a key is refused.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| is_refused(moment, Fault::NoKey),
    },
    Property {
        id: "authentication/refuses-a-wrong-key",
        sentence: "A management request with a key that is not the project's is refused.",
        level: Level::Must,
        source: source::GUIDE,
        needs: None,
        eventually: false,
        judge: |moment| is_refused(moment, Fault::WrongKey),
    },
    Property {
        id: "authentication/refused-changes-nothing",
        sentence: "A request that lacks the right key leaves every record as it was.",
        level: Level::Must,
        source: source::SANE,
        needs: None,
        eventually: false,
        judge: |moment| {
            let secret = secret::secret_unchanged_by(moment, Bystood::FaultyRequest);
            Verdict::all([moment.unchanged_by(Bystood::FaultyRequest), secret])
        },
    },
];

fn is_refused(moment: &Moment<'_>, fault: Fault) -> Verdict {
    match moment.exchange.answer() {
        Some(answer) if moment.call.step.fault == Some(fault) => Verdict::of(
            matches!(answer.status, 401 | 403),
            "status 401 or 403",
            format!("status {}", answer.status),
        ),
        _ => Verdict::DoesNotApply,
    }
}
