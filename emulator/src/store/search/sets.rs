//! The clients that meet one condition, as a set of their keys: found by an index, kept right by looking at what changed.
//!
//! Each condition is written down twice, for an index ([`Condition::find`]) and for one client ([`Condition::holds`]).
//! A test compares the two over random histories.

use roaring::RoaringBitmap;
use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::store::StoreError;
use crate::store::clients::{SearchedText, tags};
use crate::store::servers::from_json;

/// What a query asks of a client, apart from its client id, which one client has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Condition {
    /// To be a client of the server.
    All,
    Status(String),
    RegistrationType(String),
    Tag(String),
    /// A part of a tag, as it is.
    TagPart(String),
    /// The whole name, as it is.
    NameIs(String),
    /// A folded part of the folded name.
    Name(String),
    /// A folded part of anything that is looked at.
    Text(String),
}

/// A range of keys, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Keys {
    pub(super) const ALL: Self = Self { from: i64::MIN, to: i64::MAX };
}

/// A trigram is the shortest term that the text index can look up as such.
const TRIGRAM: usize = 3;

/// Characters that the text index is asked for at most; what matters beyond is seen by a look at each client that has
/// these. Every trigram takes some 20 kB while it is looked up.
const MAX_PHRASE_CHARS: usize = 128;

impl Condition {
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Name(_) | Self::Text(_))
    }

    /// Whether to find it takes a walk through lists as long as there are clients.
    pub(super) fn is_long_walk(&self) -> bool {
        matches!(self, Self::Name(term) | Self::Text(term) if !is_short(term))
    }

    /// What the indexes say. For texts that is all servers' clients as of the last change in the text index; those with
    /// these keys, if it is a long walk.
    pub(super) fn find(
        &self,
        connection: &Connection,
        server: i64,
        keys: Keys,
    ) -> Result<RoaringBitmap, StoreError> {
        match self {
            Self::All => collect(connection, "SELECT key FROM clients WHERE server = ?1", params![server]),
            Self::Status(status) => collect(
                connection,
                "SELECT key FROM clients WHERE server = ?1 AND status = ?2",
                params![server, status],
            ),
            Self::RegistrationType(registration_type) => collect(
                connection,
                "SELECT key FROM clients WHERE server = ?1 AND registration_type = ?2",
                params![server, registration_type],
            ),
            Self::Tag(tag) => collect(
                connection,
                "SELECT client FROM client_tags WHERE server = ?1 AND tag = ?2",
                params![server, tag],
            ),
            Self::TagPart(part) => collect(
                connection,
                "SELECT client FROM client_tags WHERE server = ?1 AND instr(tag, ?2) > 0",
                params![server, part],
            ),
            Self::NameIs(name) => collect(
                connection,
                "SELECT key FROM clients WHERE server = ?1 AND name = ?2",
                params![server, name],
            ),
            Self::Name(term) if is_short(term) => collect(
                connection,
                "SELECT doc FROM client_trigram_places WHERE term >= ?1 AND term <= ?2 AND col = 'name'",
                params![term, after_all_that_begin_with(term)],
            ),
            Self::Text(term) if is_short(term) => collect(
                connection,
                "SELECT doc FROM client_trigram_places WHERE term >= ?1 AND term <= ?2",
                params![term, after_all_that_begin_with(term)],
            ),
            Self::Name(term) | Self::Text(term) => {
                let (head, is_whole) = head(term);
                let column = if matches!(self, Self::Name(_)) { "name : " } else { "" };
                let mut set = walk(connection, &format!("{column}{}", phrase(head)), keys)?;
                if !is_whole {
                    let found: Vec<i64> = set.iter().map(i64::from).collect();
                    self.update(connection, server, &mut set, &found)?;
                }
                Ok(set)
            }
        }
    }

    /// Puts the clients with these keys in or takes them out, by what they are now.
    pub(super) fn update(
        &self,
        connection: &Connection,
        server: i64,
        set: &mut RoaringBitmap,
        changed: &[i64],
    ) -> Result<(), StoreError> {
        for &key in changed {
            let key = narrow(key)?;
            if meets_all(connection, server, key, std::slice::from_ref(self))? {
                set.insert(key);
            } else {
                set.remove(key);
            }
        }
        Ok(())
    }

    fn holds(&self, candidate: &Candidate) -> Result<bool, StoreError> {
        Ok(match self {
            Self::All => true,
            Self::Status(status) => candidate.status == *status,
            Self::RegistrationType(registration_type) => candidate.registration_type == *registration_type,
            Self::Tag(tag) => tags(&from_json(&candidate.id, &candidate.body)?).contains(&tag.as_str()),
            Self::TagPart(part) => {
                let body = from_json(&candidate.id, &candidate.body)?;
                tags(&body).iter().any(|tag| tag.contains(part))
            }
            Self::NameIs(name) => candidate.name == *name,
            Self::Name(term) => candidate.text()?.name.contains(term),
            Self::Text(term) => {
                let text = candidate.text()?;
                text.name.contains(term) || text.other.contains(term)
            }
        })
    }
}

/// A client while it is compared with conditions.
struct Candidate {
    id: String,
    client_id: String,
    name: String,
    status: String,
    registration_type: String,
    body: String,
}

impl Candidate {
    fn text(&self) -> Result<SearchedText, StoreError> {
        let body = from_json(&self.id, &self.body)?;
        Ok(SearchedText::new(&self.id, &self.client_id, &self.name, &tags(&body)))
    }
}

/// Whether there is such a client of this server, and all the conditions hold for it.
pub(super) fn meets_all(
    connection: &Connection,
    server: i64,
    key: u32,
    conditions: &[Condition],
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, client_id, name, status, registration_type, body FROM clients WHERE key = ?1 AND server = ?2",
    )?;
    let candidate = statement
        .query_row(params![key, server], |row| {
            Ok(Candidate {
                id: row.get(0)?,
                client_id: row.get(1)?,
                name: row.get(2)?,
                status: row.get(3)?,
                registration_type: row.get(4)?,
                body: row.get(5)?,
            })
        })
        .optional()?;
    let Some(candidate) = candidate else { return Ok(false) };
    for condition in conditions {
        if !condition.holds(&candidate)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Keys count clients ever made, up to four thousand million; sets of them are small because of that.
pub(super) fn narrow(key: i64) -> Result<u32, StoreError> {
    u32::try_from(key).map_err(|_| StoreError::Damaged(format!("with the key {key}")))
}

fn collect(connection: &Connection, sql: &str, values: impl Params) -> Result<RoaringBitmap, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut set = RoaringBitmap::new();
    while let Some(row) = rows.next()? {
        let key = narrow(row.get(0)?)?;
        // Most come in order, for which there is a faster way.
        if set.try_push(key).is_err() {
            set.insert(key);
        }
    }
    set.optimize();
    Ok(set)
}

/// The clients with these keys that the text index finds.
fn walk(connection: &Connection, query: &str, keys: Keys) -> Result<RoaringBitmap, StoreError> {
    collect(
        connection,
        "SELECT rowid FROM client_trigrams WHERE client_trigrams MATCH ?1 AND rowid BETWEEN ?2 AND ?3",
        params![query, keys.from, keys.to],
    )
}

/// The part of a term that the index is asked for, and whether that is all of it.
fn head(term: &str) -> (&str, bool) {
    let end = term.char_indices().nth(MAX_PHRASE_CHARS).map_or(term.len(), |(index, _)| index);
    (&term[..end], end == term.len())
}

fn is_short(term: &str) -> bool {
    term.chars().count() < TRIGRAM
}

/// No trigram that begins with the term comes after this.
fn after_all_that_begin_with(term: &str) -> String {
    format!("{term}{}{}", char::MAX, char::MAX)
}

/// The term as a phrase of FTS5's query language: consecutive trigrams, which is where the term stands.
fn phrase(term: &str) -> String {
    format!("\"{}\"", term.replace('"', "\"\""))
}
