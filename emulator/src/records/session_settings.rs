//! Lifetimes in `sessionSettings`: a number with a unit beside it.
//!
//! Units and the ten minutes are those of Descope's inbound applications (`fact/session-units`,
//! `fact/session-defaults`); that they hold for MCP servers is assumed. The limits stated for inbound applications are
//! not enforced, since nothing says that they hold here.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::problem::{Kind, Problem};

const UNITS_SECONDS: [(&str, u64); 5] =
    [("seconds", 1), ("minutes", 60), ("hours", 3_600), ("days", 86_400), ("weeks", 604_800)];
/// Lifetime of an access token, unless the settings say otherwise.
const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(600);
/// Four weeks, which projects have unless they set another (`fact/project-session-default`).
const DEFAULT_REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(4 * 604_800);
/// A thousand years. Longer lifetimes only make numbers that other readers of a token cannot hold.
const MAX_LIFETIME_SECONDS: u64 = 1_000 * 365 * 86_400;
/// The members that hold a lifetime; each has a twin with `Unit` after its name.
const LIFETIMES: [&str; 3] =
    ["refreshTokenExpiration", "sessionTokenExpiration", "keySessionTokenExpiration"];

/// What inbound applications have before anybody sets anything (`fact/session-defaults`).
pub(crate) fn of_inbound_apps() -> Value {
    json!({
        "refreshTokenExpiration": 520,
        "refreshTokenExpirationUnit": "weeks",
        "sessionTokenExpiration": 10,
        "sessionTokenExpirationUnit": "minutes",
        "keySessionTokenExpiration": 10,
        "keySessionTokenExpirationUnit": "minutes",
    })
}

/// Refuses units that do not exist and negative lifetimes. `path` leads to the settings, for the message.
pub(crate) fn check(record: &Map<String, Value>, path: &str) -> Result<(), Problem> {
    let Some(settings) = record.get("sessionSettings").and_then(Value::as_object) else { return Ok(()) };
    for lifetime in LIFETIMES {
        let refuse = |member: &str, problem: &str| {
            Err(Problem::new(Kind::FailedValidation, format!("{path}{member} {problem}")))
        };
        let unit = format!("{lifetime}Unit");
        let named = settings.get(&unit).and_then(Value::as_str).unwrap_or_default();
        if !named.is_empty() && seconds(named).is_none() {
            return refuse(&unit, "must be one of seconds, minutes, hours, days, weeks");
        }
        if settings.get(lifetime).and_then(Value::as_f64).is_some_and(|number| number < 0.0) {
            return refuse(lifetime, "must not be negative");
        }
    }
    Ok(())
}

/// How long a token lives that a client of this stored server gets for itself.
pub(crate) fn key_token_lifetime(server: &Map<String, Value>) -> Duration {
    lifetime(server, "keySessionTokenExpiration").unwrap_or(DEFAULT_TOKEN_LIFETIME)
}

/// How long a token of a user of this stored server lives.
pub(crate) fn session_token_lifetime(server: &Map<String, Value>) -> Duration {
    lifetime(server, "sessionTokenExpiration").unwrap_or(DEFAULT_TOKEN_LIFETIME)
}

/// For how long after a user's consent tokens can be refreshed.
pub(crate) fn refresh_token_lifetime(server: &Map<String, Value>) -> Duration {
    lifetime(server, "refreshTokenExpiration").unwrap_or(DEFAULT_REFRESH_TOKEN_LIFETIME)
}

/// A lifetime that is set and in force.
fn lifetime(server: &Map<String, Value>, member: &str) -> Option<Duration> {
    let settings = server.get("sessionSettings")?;
    let enabled = settings.get("enabled")?.as_bool()?;
    let number = settings.get(member)?.as_f64()? as u64;
    let unit = seconds(settings.get(format!("{member}Unit"))?.as_str()?)?;
    (enabled && number > 0)
        .then(|| Duration::from_secs(number.saturating_mul(unit).min(MAX_LIFETIME_SECONDS)))
}

fn seconds(unit: &str) -> Option<u64> {
    UNITS_SECONDS.iter().find(|(name, _)| *name == unit).map(|(_, seconds)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(settings: Value) -> Map<String, Value> {
        json!({ "sessionSettings": settings }).as_object().unwrap().clone()
    }

    #[test]
    fn enabled_settings_decide_and_everything_else_means_ten_minutes() {
        let hour = json!({"enabled": true, "keySessionTokenExpiration": 2, "keySessionTokenExpirationUnit": "hours"});
        assert_eq!(key_token_lifetime(&server(hour.clone())), Duration::from_secs(7_200));
        let mut off = hour;
        off["enabled"] = json!(false);
        for settings in [
            off,
            json!({}),
            json!({"enabled": true}),
            json!({"enabled": true, "keySessionTokenExpiration": 5}),
        ] {
            assert_eq!(key_token_lifetime(&server(settings)), DEFAULT_TOKEN_LIFETIME);
        }
        assert_eq!(key_token_lifetime(&Map::new()), DEFAULT_TOKEN_LIFETIME);
    }

    #[test]
    fn refuses_unknown_units_and_negative_lifetimes() {
        assert!(check(&server(json!({"sessionTokenExpirationUnit": "fortnights"})), "").is_err());
        assert!(check(&server(json!({"refreshTokenExpiration": -1})), "").is_err());
        assert!(
            check(&server(json!({"refreshTokenExpiration": 0, "refreshTokenExpirationUnit": ""})), "")
                .is_ok()
        );
    }
}
