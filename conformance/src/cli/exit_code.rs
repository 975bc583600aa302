//! Exit codes: a documented interface, never renumbered. A test compares the table in `docs/exit-codes.md` with this one.

/// Every selected property held.
pub const PASS: u8 = 0;
/// At least one property is broken.
pub const BROKEN: u8 = 1;
/// The target is not a URL that can be tested.
pub const BAD_TARGET: u8 = 3;
/// A credential is missing or malformed, or a target on another machine was not confirmed.
pub const BAD_CREDENTIALS: u8 = 4;
/// Nothing answers at the target.
pub const UNREACHABLE: u8 = 5;
/// The target refuses the management key.
pub const KEY_REFUSED: u8 = 6;
/// Something other than this API answers at the target.
pub const NOT_THIS_API: u8 = 7;
/// No property has the given id or prefix.
pub const UNKNOWN_PROPERTY: u8 = 8;
/// A report cannot be written.
pub const UNWRITABLE_REPORT: u8 = 9;
/// Nothing is broken, but at least one property was never exercised, one named by `--only` does not apply, or a shard of
/// the run is missing.
pub const UNTESTED: u8 = 10;
/// Nothing is broken, but records may be left on the target.
pub const LEFT_BEHIND: u8 = 11;
/// The embedded emulator or the HTTP client could not be started.
pub const CANNOT_START: u8 = 12;
/// Nothing else is broken, but a property that the baseline lists holds.
pub const STALE_BASELINE: u8 = 13;
/// A baseline, or a file to replay, merge or compare, cannot be used.
pub const BAD_FILE: u8 = 14;
/// The journal cannot be used, or has lines that cannot be read.
pub const BAD_JOURNAL: u8 = 15;
/// The target refuses to create a server, which every property needs.
pub const SET_UP_REFUSED: u8 = 16;
/// The command line is wrong.
pub const USAGE: u8 = descope_mcp_program::USAGE;
/// Ended by SIGINT (Ctrl-C); the run has deleted what it created.
pub const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM; the run has deleted what it created.
pub const TERMINATED: u8 = 143;

/// `answers diff`: both answer alike.
pub const SAME_ANSWERS: u8 = 0;
/// `answers diff`: they differ.
pub const OTHER_ANSWERS: u8 = 1;

/// Every code of a run and of `report merge`, with its meaning.
pub const ALL: [(u8, &str); 19] = [
    (PASS, "every selected property held"),
    (BROKEN, "at least one property is broken"),
    (BAD_TARGET, "the target is not a URL that can be tested"),
    (
        BAD_CREDENTIALS,
        "a credential is missing or malformed, or a target on another machine was not confirmed",
    ),
    (UNREACHABLE, "nothing answers at the target"),
    (KEY_REFUSED, "the target refuses the management key"),
    (NOT_THIS_API, "something other than this API answers at the target"),
    (UNKNOWN_PROPERTY, "no property has the given id or prefix"),
    (UNWRITABLE_REPORT, "a report cannot be written"),
    (
        UNTESTED,
        "nothing is broken, but at least one property was never exercised, one named by --only does not apply, or a shard of the run is missing",
    ),
    (LEFT_BEHIND, "nothing is broken, but records may be left on the target"),
    (CANNOT_START, "the embedded emulator or the HTTP client could not be started"),
    (STALE_BASELINE, "nothing else is broken, but a property that the baseline lists holds"),
    (BAD_FILE, "a baseline, or a file to replay, merge or compare, cannot be used"),
    (BAD_JOURNAL, "the journal cannot be used, or has lines that cannot be read"),
    (SET_UP_REFUSED, "the target refuses to create a server, which every property needs"),
    (USAGE, "the command line is wrong"),
    (INTERRUPTED, "ended by SIGINT (Ctrl-C); the run has deleted what it created"),
    (TERMINATED, "ended by SIGTERM; the run has deleted what it created"),
];

/// Every code of `answers diff` with its meaning.
pub const OF_ANSWERS_DIFF: [(u8, &str); 4] = [
    (SAME_ANSWERS, "every question that both files answer has the same answers in both"),
    (OTHER_ANSWERS, "at least one question is answered differently, or a property holds in one file only"),
    (BAD_FILE, "a file cannot be used"),
    (USAGE, "the command line is wrong"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_meanings_share_a_code() {
        for codes in [&ALL[..], &OF_ANSWERS_DIFF] {
            let different: std::collections::BTreeSet<_> = codes.iter().map(|(code, _)| code).collect();
            assert_eq!(different.len(), codes.len());
        }
    }
}
