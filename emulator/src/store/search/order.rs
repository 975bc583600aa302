//! Clients in the order of a sort.

use std::cmp::Ordering;

use roaring::RoaringBitmap;
use rusqlite::{Connection, Row, params};

use super::SortColumn;
use super::sets::narrow;
use crate::store::StoreError;

/// Keys of clients in the order of a sort; equal ones by age.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    keys: Vec<u32>,
}

type Sort = [(SortColumn, bool)];

impl SortColumn {
    const fn sql(self) -> &'static str {
        match self {
            Self::CreatedTime => "key",
            Self::Id => "id",
            Self::ClientId => "client_id",
            Self::Name => "name",
            Self::Status => "status",
            Self::RegistrationType => "registration_type",
        }
    }
}

impl Order {
    /// All clients of a server.
    pub(super) fn of_server(connection: &Connection, server: i64, sort: &Sort) -> Result<Self, StoreError> {
        let mut order = String::new();
        for (column, descending) in sort {
            let direction = if *descending { " DESC" } else { "" };
            order.push_str(&format!("{}{direction}, ", column.sql()));
        }
        let mut statement = connection
            .prepare_cached(&format!("SELECT key FROM clients WHERE server = ?1 ORDER BY {order}key"))?;
        let mut rows = statement.query(params![server])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            keys.push(narrow(row.get(0)?)?);
        }
        Ok(Self { keys })
    }

    /// These clients.
    pub(super) fn of(connection: &Connection, sort: &Sort, set: &RoaringBitmap) -> Result<Self, StoreError> {
        let mut places = Vec::new();
        for key in set {
            places.extend(Place::of(connection, key)?);
        }
        places.sort_by(|a, b| a.compare(b, sort));
        Ok(Self { keys: places.into_iter().map(|place| place.key).collect() })
    }

    /// Those that are in the set, in the same order.
    pub(super) fn only(&self, set: &RoaringBitmap) -> Self {
        Self { keys: self.keys.iter().copied().filter(|key| set.contains(*key)).collect() }
    }

    pub(super) fn page(&self, offset: usize, limit: usize) -> Vec<u32> {
        self.keys.iter().skip(offset).take(limit).copied().collect()
    }

    pub(super) fn bytes(&self) -> usize {
        self.keys.capacity() * size_of::<u32>()
    }

    /// Moves the clients that changed to where they belong now: out, if they are not in the set.
    pub(super) fn update(
        &mut self,
        connection: &Connection,
        sort: &Sort,
        set: &RoaringBitmap,
        changed: &[i64],
    ) -> Result<(), StoreError> {
        let mut moved = RoaringBitmap::new();
        for &key in changed {
            moved.insert(narrow(key)?);
        }
        self.keys.retain(|key| !moved.contains(*key));
        for key in &moved & set {
            let Some(place) = Place::of(connection, key)? else { continue };
            let (mut low, mut high) = (0, self.keys.len());
            while low < high {
                let middle = low + (high - low) / 2;
                let Some(other) = self.keys.get(middle) else { break };
                let before = Place::of(connection, *other)?
                    .is_some_and(|other| other.compare(&place, sort) == Ordering::Less);
                if before {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            self.keys.insert(low, key);
        }
        Ok(())
    }
}

/// What decides where a client stands.
struct Place {
    key: u32,
    id: String,
    client_id: String,
    name: String,
    status: String,
    registration_type: String,
}

impl Place {
    fn of(connection: &Connection, key: u32) -> Result<Option<Self>, StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT id, client_id, name, status, registration_type FROM clients WHERE key = ?1",
        )?;
        let mut rows = statement.query(params![key])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Self::read(key, row)?))
    }

    fn read(key: u32, row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            key,
            id: row.get(0)?,
            client_id: row.get(1)?,
            name: row.get(2)?,
            status: row.get(3)?,
            registration_type: row.get(4)?,
        })
    }

    fn compare(&self, other: &Self, sort: &Sort) -> Ordering {
        for (column, descending) in sort {
            let ordering = match column {
                SortColumn::CreatedTime => self.key.cmp(&other.key),
                SortColumn::Id => self.id.cmp(&other.id),
                SortColumn::ClientId => self.client_id.cmp(&other.client_id),
                SortColumn::Name => self.name.cmp(&other.name),
                SortColumn::Status => self.status.cmp(&other.status),
                SortColumn::RegistrationType => self.registration_type.cmp(&other.registration_type),
            };
            let ordering = if *descending { ordering.reverse() } else { ordering };
            if ordering.is_ne() {
                return ordering;
            }
        }
        self.key.cmp(&other.key)
    }
}
