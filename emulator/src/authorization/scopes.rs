//! Which scopes a user can grant to a client, and which a token carries.
//!
//! Basis: documented that a server approves scopes, that some of them are optional, and that `openid` yields an id
//! token. Assumed: `openid`, `profile`, `email`, `phone` and `offline_access` can always be asked for, because the
//! OpenID Connect clients do so without a server that approves them (they are not advertised: the service lists the
//! server's own scopes only); a scope that nobody approved is an error, one that the server approves and the client does
//! not have is left out; a client of the management API without scopes has all of its server's, a registered one none.

use std::collections::{BTreeMap, HashSet};

use crate::records::approved_scopes;
use crate::registration::OAuthClient;
use crate::store::ServerRow;

/// A scope that asks for an id token.
pub(super) const OPENID: &str = "openid";

/// Scopes of OpenID Connect with what the consent page says of them.
const STANDARD: [(&str, &str); 5] = [
    (OPENID, "Know who you are"),
    ("profile", "See your name"),
    ("email", "See your email address"),
    ("phone", "See your phone number"),
    ("offline_access", "Keep access while you are away"),
];

/// A scope that a consent page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OfferedScope {
    pub(super) name: String,
    pub(super) description: String,
    /// Whether the user may leave it out.
    pub(super) optional: bool,
}

/// What the client may get of the scopes that it asks for, each once, in its order; all that it has if it names none.
/// `None` if it asks for what nobody approved, or for nothing that it has.
pub(super) fn offered(
    server: &ServerRow,
    client: &OAuthClient,
    asked: Option<&str>,
) -> Option<Vec<OfferedScope>> {
    let approved: BTreeMap<_, _> =
        approved_scopes::all(&server.body).map(|scope| (scope.name, scope)).collect();
    let own = own(client);
    let has = |name: &str| own.as_ref().is_none_or(|own| own.contains(name));
    let mut seen = HashSet::new();
    let Some(asked) = asked else {
        // A name with a space in it can be approved, but no scope parameter can hold it.
        let all =
            approved_scopes::all(&server.body).filter(|scope| has(scope.name) && !scope.name.contains(' '));
        return Some(all.filter(|scope| seen.insert(scope.name)).map(offered_scope).collect());
    };
    let mut offered = Vec::new();
    let mut asked_for_any = false;
    for name in names(asked).filter(|name| seen.insert(*name)) {
        asked_for_any = true;
        if let Some(scope) = approved.get(name) {
            if has(name) {
                offered.push(offered_scope(*scope));
            }
        } else if let Some((name, description)) = STANDARD.iter().find(|(standard, _)| *standard == name) {
            let (name, description) = ((*name).to_owned(), (*description).to_owned());
            offered.push(OfferedScope { name, description, optional: false });
        } else {
            return None;
        }
    }
    (!asked_for_any || !offered.is_empty()).then_some(offered)
}

/// The granted scopes that server and client still have.
pub(super) fn still_approved(server: &ServerRow, client: &OAuthClient, granted: &str) -> String {
    let approved: HashSet<_> = approved_scopes::names(&server.body).into_iter().collect();
    let own = own(client);
    let mut seen = HashSet::new();
    let kept = names(granted).filter(|name| seen.insert(*name)).filter(|name| {
        let has = approved.contains(name) && own.as_ref().is_none_or(|own| own.contains(name));
        has || (!approved.contains(name) && is_standard(name))
    });
    kept.collect::<Vec<_>>().join(" ")
}

/// The names in a scope parameter.
pub(super) fn names(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|name| !name.is_empty())
}

/// Whether a scope parameter holds this name.
pub(super) fn has(scope: &str, name: &str) -> bool {
    names(scope).any(|held| held == name)
}

fn is_standard(name: &str) -> bool {
    STANDARD.iter().any(|(standard, _)| *standard == name)
}

/// The scopes of the client's record; `None` stands for all that its server approves.
fn own(client: &OAuthClient) -> Option<HashSet<&str>> {
    let own: HashSet<_> = client.scopes().collect();
    (client.is_registered() || !own.is_empty()).then_some(own)
}

fn offered_scope(scope: approved_scopes::ApprovedScope<'_>) -> OfferedScope {
    OfferedScope {
        name: scope.name.to_owned(),
        description: scope.description.to_owned(),
        optional: scope.optional,
    }
}
