//! The version that the client crate gets when changes are taken over.

use semver::Version;

use crate::diff::Change;

/// The next version that Cargo's rules ask for: before 1.0, the second number tells of incompatible changes and the
/// third of all others.
pub fn next_version(current: &Version, changes: &[Change]) -> Version {
    let mut next = Version::new(current.major, current.minor, current.patch);
    let breaking = changes.iter().any(Change::changes_types);
    let additive = changes.iter().any(|change| change.class() == crate::diff::Class::Additive);
    match (current.major, breaking, additive) {
        _ if changes.is_empty() => {}
        (0, true, _) => next = Version::new(0, current.minor + 1, 0),
        (_, true, _) => next = Version::new(current.major + 1, 0, 0),
        (1.., false, true) => next = Version::new(current.major, current.minor + 1, 0),
        _ => next.patch += 1,
    }
    next
}
