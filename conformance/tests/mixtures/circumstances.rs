//! What a run meets besides variants: faults, late searches, a rate limit, and how much it may send.

use std::fmt;

use descope_mcp_conformance::plans::Dice;
use descope_mcp_conformance::run::settings::Profile;

/// Kinds of faults, as the emulator names them.
const FAULTS: [&str; 7] = ["delay", "429", "503", "520", "reset-before", "reset-after", "truncate"];
/// Requests of `standard` where nothing is in the way, at least: the plans written by hand and some generated ones.
const LEAST_REQUESTS: u64 = 400;
/// Most requests in a hundred that meet one kind of fault, unless faults are heavy: of all kinds together, one in seven.
const MAX_PERCENT_OF_A_KIND: usize = 2;
/// The first runs of a seed, which are all that CI takes: most of them are `smoke`.
const SHORT_FORM: u64 = 24;
/// Longest lag of searches and lists in milliseconds, far below the consistency window of the runs.
pub(crate) const MAX_LAG_MS: u64 = 300;

/// What a run meets besides variants.
#[derive(Debug)]
pub(crate) struct Circumstances {
    /// In place of the least lag above zero, where the variant has it.
    pub(crate) lag: String,
    /// As [`Embedded::start_troubled`](descope_mcp_conformance::embedded::Embedded::start_troubled) takes it.
    pub(crate) adversity: Option<String>,
    /// Whether more faults of a kind are met than plans can be repeated for.
    pub(crate) is_heavy: bool,
    pub(crate) rate_limit: Option<String>,
    pub(crate) profile: Profile,
    /// Most requests of the run.
    pub(crate) requests: u64,
}

impl Circumstances {
    /// Those of the run with that number: faults in one half of the runs, a rate limit in a quarter, `smoke` in a quarter, of
    /// the first ones in three quarters.
    pub(crate) fn draw(number: u64, dice: &mut Dice) -> Self {
        let mut one_in = |count: usize| dice.draw(&(0..count)) == 0;
        let (has_faults, has_limit) = (one_in(2), one_in(4));
        let is_smoke = one_in(4) != (number < SHORT_FORM);
        let is_heavy = has_faults && one_in(4);
        let adversity = has_faults.then(|| {
            let mut kinds: Vec<_> = FAULTS.into_iter().filter(|_| dice.draw(&(0..2)) == 0).collect();
            if kinds.is_empty() {
                kinds.push(FAULTS[dice.draw(&(0..FAULTS.len()))]);
            }
            let percent = match is_heavy {
                true => dice.draw(&(10..=20_usize)),
                false => kinds.len() * dice.draw(&(1..=MAX_PERCENT_OF_A_KIND)),
            };
            format!(
                "seed={},rate={:.2},kinds={},delay={},retry-after={},well-known={}",
                dice.draw(&(0..1_000_000_000_u64)),
                percent as f64 / 100.0,
                kinds.join("+"),
                dice.draw(&(0..=50)),
                dice.draw(&(0..=1)),
                ["no", "yes"][dice.draw(&(0..2_usize))],
            )
        });
        let rate_limit = has_limit.then(|| format!("{}/1", dice.draw(&(40..=120))));
        let (profile, requests) = match (is_smoke, has_faults) {
            (true, _) => (Profile::Smoke, Profile::Smoke.requests()),
            // Plans that faults cut short are tried again.
            (false, true) => (Profile::Standard, Profile::Standard.requests()),
            (false, false) => {
                (Profile::Standard, dice.draw(&(LEAST_REQUESTS..=Profile::Standard.requests())))
            }
        };
        let lag = format!("{}ms", dice.draw(&(1..=MAX_LAG_MS)));
        Self { lag, adversity, is_heavy, rate_limit, profile, requests }
    }
}

impl fmt::Display for Circumstances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = |setting: &Option<String>| setting.clone().unwrap_or_else(|| "none".to_owned());
        let (adversity, rate_limit) = (none(&self.adversity), none(&self.rate_limit));
        let profile = self.profile.name();
        write!(f, "{profile}, {} requests, adversity {adversity}, rate limit {rate_limit}", self.requests)
    }
}
