//! The search over the clients of one MCP server.
//!
//! Each condition of a query is the set of the keys of the clients that meet it (`sets.rs`). Their intersection gives
//! the exact number of matches, and its n-th member begins a page however deep, without walking there. Sets and sort
//! orders are remembered and follow what changed since (`remembered.rs`), so that only the first search for something
//! that very many clients have pays for finding them all, and shares that work with another thread (`assistant.rs`).

mod assistant;
mod order;
mod remembered;
mod sets;

use std::sync::Arc;

use roaring::RoaringBitmap;
use rusqlite::{OptionalExtension, params};

use super::clients::{COLUMNS, ClientRow, fold, read_row};
use super::{Records, StoreError, changes, text_index};
pub(super) use assistant::Assistant;
use order::Order;
use remembered::{Remembered, Wanted};
use sets::{Condition, Keys};

/// What helps searches along; shared by the threads of one store.
#[derive(Default)]
pub(super) struct Aids {
    pub(super) remembered: Remembered,
    /// `None` in memory, where there is one connection.
    pub(super) assistant: Option<Assistant>,
}

/// Which clients to return. A filter that is `None` lets everything through; the others all have to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientQuery {
    /// Part of name, id, client id or a tag, in any case.
    pub(crate) text: Option<String>,
    /// Part of the name, in any case.
    pub(crate) name: Option<String>,
    /// The whole name.
    pub(crate) name_is: Option<String>,
    /// Part of the name, in any case; beside `name`, for the variant that takes `text` for this.
    pub(crate) text_in_name: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) registration_type: Option<String>,
    pub(crate) tag: Option<String>,
    /// Part of a tag.
    pub(crate) tag_part: Option<String>,
    /// Sort columns and whether each runs backwards, the most important first; clients that are equal in all of them,
    /// or all clients if there is none, come in the order of their creation.
    pub(crate) sort: Vec<(SortColumn, bool)>,
    pub(crate) offset: i64,
    pub(crate) limit: i64,
}

/// What clients can be sorted by. Texts compare by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SortColumn {
    CreatedTime,
    Id,
    ClientId,
    Name,
    Status,
    RegistrationType,
}

/// One page of a search.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) clients: Vec<ClientRow>,
    /// How many clients match, on all pages.
    pub(crate) total: i64,
}

/// Fewer matches than this are sorted as they are found; for more, the order of all clients is remembered.
const FEW: u64 = 512;

impl Records<'_> {
    /// The page, or `None` if there is no such server.
    pub(crate) fn search_clients(
        &self,
        project: &str,
        server: &str,
        query: &ClientQuery,
    ) -> Result<Option<Page>, StoreError> {
        let Some(server) = self.server_key(project, server)? else { return Ok(None) };
        let conditions = query.conditions();
        let matching = self.matching(server, query, &conditions)?;
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit).unwrap_or_default();
        let keys = match sort_of_keys(&query.sort) {
            Some(descending) => by_age(&matching, offset, limit, descending),
            None if matching.len() < FEW => {
                Order::of(self.connection, &query.sort, &matching)?.page(offset, limit)
            }
            None => self.order(server, query, &conditions, &matching)?.page(offset, limit),
        };
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM clients WHERE key = ?1"))?;
        let mut clients = Vec::with_capacity(keys.len());
        for key in keys {
            let mut rows = statement.query(params![key])?;
            if let Some(row) = rows.next()? {
                clients.push(read_row(row)?);
            }
        }
        Ok(Some(Page { clients, total: i64::try_from(matching.len()).unwrap_or(i64::MAX) }))
    }

    /// The keys of the clients that the query lets through.
    fn matching(
        &self,
        server: i64,
        query: &ClientQuery,
        conditions: &[Condition],
    ) -> Result<Arc<RoaringBitmap>, StoreError> {
        let mut sets = Vec::new();
        if let Some(client_id) = &query.client_id {
            let key: Option<u32> = self
                .connection
                .prepare_cached("SELECT key FROM clients WHERE server = ?1 AND client_id = ?2")?
                .query_row(params![server, client_id], |row| row.get(0))
                .optional()?;
            sets.push(Arc::new(RoaringBitmap::from_iter(key)));
        }
        // With one client in hand, the others need not be looked for.
        if let [only] = sets.as_slice()
            && conditions.len() > usize::from(conditions == [Condition::All])
        {
            let mut kept = RoaringBitmap::new();
            for key in only.iter() {
                if sets::meets_all(self.connection, server, key, conditions)? {
                    kept.insert(key);
                }
            }
            return Ok(Arc::new(kept));
        }
        if sets.is_empty() {
            for condition in conditions {
                sets.push(self.set(server, condition)?);
            }
        }
        sets.sort_by_key(|set| set.len());
        let mut sets = sets.into_iter();
        let Some(mut matching) = sets.next() else { return Ok(Arc::default()) };
        for set in sets {
            matching = Arc::new(&*matching & &*set);
        }
        Ok(matching)
    }

    /// What the indexes say, and which clients must be looked at besides.
    fn find(&self, server: i64, condition: &Condition) -> Result<(RoaringBitmap, Vec<i64>), StoreError> {
        if let Some(assistant) = self.aids.and_then(|aids| aids.assistant.as_ref())
            && condition.is_long_walk()
            && let Some(found) = assistant.find(self.connection, server, condition)?
        {
            return Ok(found);
        }
        Ok((condition.find(self.connection, server, Keys::ALL)?, Vec::new()))
    }

    fn set(&self, server: i64, condition: &Condition) -> Result<Arc<RoaringBitmap>, StoreError> {
        let wanted = Wanted::Set(server, condition.clone());
        let build = || {
            let (mut set, changed) = self.find(server, condition)?;
            if condition.is_text() {
                // The text index knows all servers, and not the latest changes.
                set &= &*self.set(server, &Condition::All)?;
                let backlog = changes::changed(
                    self.connection,
                    server,
                    text_index::indexed(self.connection)?,
                    usize::MAX,
                )?;
                let backlog = backlog.ok_or_else(|| StoreError::Damaged(String::from("of changes")))?;
                condition.update(self.connection, server, &mut set, &backlog)?;
                condition.update(self.connection, server, &mut set, &changed)?;
            }
            Ok(set)
        };
        let update = |set: &mut RoaringBitmap, changed: &[i64]| {
            condition.update(self.connection, server, set, changed)
        };
        match self.aids {
            Some(aids) => aids.remembered.get(self.connection, server, wanted, build, update),
            None => Ok(Arc::new(build()?)),
        }
    }

    /// The clients that match, in the order that is asked for.
    fn order(
        &self,
        server: i64,
        query: &ClientQuery,
        conditions: &[Condition],
        matching: &Arc<RoaringBitmap>,
    ) -> Result<Arc<Order>, StoreError> {
        let wanted = Wanted::Order(server, query.sort.clone(), conditions.to_vec());
        let build = || {
            if conditions == [Condition::All] {
                return Order::of_server(self.connection, server, &query.sort);
            }
            let all = self.set(server, &Condition::All)?;
            Ok(self.order(server, query, &[Condition::All], &all)?.only(matching))
        };
        let update = |order: &mut Order, changed: &[i64]| {
            order.update(self.connection, &query.sort, matching, changed)
        };
        match self.aids {
            Some(aids) => aids.remembered.get(self.connection, server, wanted, build, update),
            None => Ok(Arc::new(build()?)),
        }
    }
}

impl ClientQuery {
    /// The conditions on many clients, in a fixed order; one at least.
    fn conditions(&self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        conditions.extend(self.status.clone().map(Condition::Status));
        conditions.extend(self.registration_type.clone().map(Condition::RegistrationType));
        conditions.extend(self.tag.clone().map(Condition::Tag));
        conditions.extend(self.tag_part.clone().map(Condition::TagPart));
        conditions.extend(self.name_is.clone().map(Condition::NameIs));
        conditions.extend(self.text_in_name.as_deref().map(|term| Condition::Name(fold(term))));
        conditions.extend(self.name.as_deref().map(|term| Condition::Name(fold(term))));
        conditions.extend(self.text.as_deref().map(|term| Condition::Text(fold(term))));
        if conditions.is_empty() {
            conditions.push(Condition::All);
        }
        conditions
    }
}

/// Whether the sort is by age alone, and if so, whether the youngest come first. Age decides every tie.
fn sort_of_keys(sort: &[(SortColumn, bool)]) -> Option<bool> {
    match sort.first() {
        None => Some(false),
        Some((SortColumn::CreatedTime, descending)) => Some(*descending),
        Some(_) => None,
    }
}

/// A page of the set itself: keys count up with every creation.
fn by_age(set: &RoaringBitmap, offset: usize, limit: usize, descending: bool) -> Vec<u32> {
    let (total, Ok(offset)) = (set.len(), u64::try_from(offset)) else { return Vec::new() };
    if offset >= total {
        return Vec::new();
    }
    let nth = |n: u64| set.select(u32::try_from(n).unwrap_or(u32::MAX));
    if descending {
        let Some(first) = nth(total - 1 - offset) else { return Vec::new() };
        return set.range(..=first).rev().take(limit).collect();
    }
    let Some(first) = nth(offset) else { return Vec::new() };
    set.range(first..).take(limit).collect()
}

#[cfg(test)]
mod tests;
