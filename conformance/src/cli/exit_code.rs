//! Exit codes: a documented interface, never renumbered. The table in `README.md` is tested against this one.

/// Every selected property held.
pub const PASS: u8 = 0;
/// At least one property is broken.
pub const BROKEN: u8 = 1;
/// The target is not a URL that can be tested.
pub const BAD_TARGET: u8 = 3;
/// A credential is missing or malformed, or a target off loopback was not confirmed.
pub const BAD_CREDENTIALS: u8 = 4;
/// Nothing answers at the target.
pub const UNREACHABLE: u8 = 5;
/// The target refuses the management key.
pub const KEY_REFUSED: u8 = 6;
/// Something else than this API answers at the target.
pub const NOT_THIS_API: u8 = 7;
/// No property has the id or prefix asked for.
pub const UNKNOWN_PROPERTY: u8 = 8;
/// A report cannot be written.
pub const UNWRITABLE_REPORT: u8 = 9;
/// Nothing is broken, but a property was never exercised.
pub const UNTESTED: u8 = 10;
/// Nothing is broken, but something may be left behind on the target.
pub const LEFT_BEHIND: u8 = 11;
/// The embedded emulator, or the HTTP client, could not be started.
pub const CANNOT_START: u8 = 12;
/// Nothing else is broken, but a property that the baseline lists holds.
pub const STALE_BASELINE: u8 = 13;
/// A baseline or a file to replay cannot be used.
pub const BAD_FILE: u8 = 14;
/// The journal cannot be used, or has lines that cannot be read.
pub const BAD_JOURNAL: u8 = 15;
/// The target refuses to create a server, which every property needs.
pub const SET_UP_REFUSED: u8 = 16;
/// The command line is wrong. clap's own code, 2, means that something differs where a command compares.
pub const USAGE: u8 = 64;
/// Ended by SIGINT (Ctrl-C); what was made has been deleted.
pub const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM; what was made has been deleted.
pub const TERMINATED: u8 = 143;

/// Every code with its meaning.
pub const ALL: [(u8, &str); 19] = [
    (PASS, "every selected property held"),
    (BROKEN, "at least one property is broken"),
    (BAD_TARGET, "the target is not a URL that can be tested"),
    (BAD_CREDENTIALS, "a credential is missing or malformed, or a target off loopback was not confirmed"),
    (UNREACHABLE, "nothing answers at the target"),
    (KEY_REFUSED, "the target refuses the management key"),
    (NOT_THIS_API, "something else than this API answers at the target"),
    (UNKNOWN_PROPERTY, "no property has the id or prefix asked for"),
    (UNWRITABLE_REPORT, "a report cannot be written"),
    (UNTESTED, "nothing is broken, but a property was never exercised"),
    (LEFT_BEHIND, "nothing is broken, but something may be left behind on the target"),
    (CANNOT_START, "the embedded emulator, or the HTTP client, could not be started"),
    (STALE_BASELINE, "nothing else is broken, but a property that the baseline lists holds"),
    (BAD_FILE, "a baseline or a file to replay cannot be used"),
    (BAD_JOURNAL, "the journal cannot be used, or has lines that cannot be read"),
    (SET_UP_REFUSED, "the target refuses to create a server, which every property needs"),
    (USAGE, "the command line is wrong"),
    (INTERRUPTED, "ended by SIGINT (Ctrl-C); what was made has been deleted"),
    (TERMINATED, "ended by SIGTERM; what was made has been deleted"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_meanings_share_a_code() {
        let codes: std::collections::BTreeSet<_> = ALL.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), ALL.len());
    }
}
