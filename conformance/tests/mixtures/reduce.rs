//! Finds out what of a mixture a false alarm needs.

use crate::mixture::Mixture;

/// The mixture with the usual value of every variant and without all circumstances that the alarm does not need.
pub(crate) async fn reduced(mut mixture: Mixture, alarm: &str) -> Mixture {
    for (variant, value) in mixture.unusual() {
        let without = |mixture: &mut Mixture, value: String| {
            let found = mixture.variants.iter_mut().find(|(name, _)| *name == variant);
            found.map(|(_, of)| std::mem::replace(of, value))
        };
        let usual = mixture.usual(variant);
        without(&mut mixture, usual);
        if !shows(&mixture, alarm).await {
            without(&mut mixture, value);
        }
    }
    if let Some(limit) = mixture.circumstances.rate_limit.take()
        && !shows(&mixture, alarm).await
    {
        mixture.circumstances.rate_limit = Some(limit);
    }
    if let Some(adversity) = mixture.circumstances.adversity.take()
        && !shows(&mixture, alarm).await
    {
        mixture.circumstances.adversity = Some(adversity);
    }
    mixture
}

async fn shows(mixture: &Mixture, alarm: &str) -> bool {
    mixture.run().await.alarms.iter().any(|other| subject(other) == subject(alarm))
}

/// What an alarm is about: the property, or what was left.
fn subject(alarm: &str) -> &str {
    alarm.split_once(": ").map_or(alarm, |(subject, _)| subject)
}
