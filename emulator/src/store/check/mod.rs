//! Looks a data directory over: is what it holds whole, and do its parts agree?

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::clients::{COLUMNS, ClientRow, name, read_row, tags};
use super::database::Database;
use super::servers::from_json;
use super::{ServerRow, StoreError, changes, text_index};

/// Faults that are listed; a broken disk would otherwise name every record.
const MAX_FAULTS: usize = 100;
/// Length of the pieces by which texts are indexed.
const TRIGRAM: usize = 3;

/// What the check finds out about one record beyond its storage; lines that say what is wrong.
pub(crate) trait Judge {
    fn server(&self, server: &ServerRow) -> Vec<String>;
    fn client(&self, server: &str, client: &ClientRow) -> Vec<String>;
}

/// What is wrong with the data directory, at most a hundred lines; nothing if it is sound.
///
/// # Errors
/// If it cannot be looked at: it is not there, in use, or of another version.
pub(crate) fn check(path: &Path, judge: &impl Judge) -> Result<Vec<String>, StoreError> {
    let database = Database::inspect(path)?;
    let mut faults = Faults::default();
    let connection = &database.connection;
    whole(connection, &mut faults)?;
    // Records of a file that is not whole cannot be read, or say nothing.
    if faults.lines.is_empty() {
        references(connection, &mut faults)?;
        servers(connection, judge, &mut faults)?;
        clients(connection, judge, &mut faults)?;
        text_index(connection, &mut faults)?;
    }
    Ok(faults.lines)
}

#[derive(Default)]
struct Faults {
    lines: Vec<String>,
}

impl Faults {
    fn add(&mut self, line: impl Into<String>) {
        if self.lines.len() < MAX_FAULTS {
            self.lines.push(line.into());
        } else if self.lines.len() == MAX_FAULTS {
            self.lines.push(String::from("and more"));
        }
    }
}

/// SQLite's own check, of pages, indexes, constraints and the text index as such.
fn whole(connection: &Connection, faults: &mut Faults) -> Result<(), StoreError> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MAX_FAULTS})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
            faults.add(format!("database: {line}"));
        }
    }
    Ok(())
}

fn references(connection: &Connection, faults: &mut Faults) -> Result<(), StoreError> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        faults.add(format!("{table}: a row refers to one of {parent} that is not there"));
    }
    let mut statement =
        connection.prepare("SELECT id FROM servers WHERE project NOT IN (SELECT id FROM projects)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        faults.add(format!("server {}: its project is not there", row.get::<_, String>(0)?));
    }
    Ok(())
}

fn servers(connection: &Connection, judge: &impl Judge, faults: &mut Faults) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT id, body FROM servers")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        match from_json(&id, &body) {
            Err(_) => faults.add(format!("server {id}: its body is not a JSON object")),
            Ok(body) => {
                for fault in judge.server(&ServerRow { id: id.clone(), body }) {
                    faults.add(format!("server {id}: {fault}"));
                }
            }
        }
    }
    Ok(())
}

/// Bodies, and the columns and tags that repeat parts of them.
fn clients(connection: &Connection, judge: &impl Judge, faults: &mut Faults) -> Result<(), StoreError> {
    let mut statement = connection.prepare(&format!(
        "SELECT {}, s.id, c.key, c.name, c.server FROM clients c JOIN servers s ON s.key = c.server",
        COLUMNS.split(", ").map(|column| format!("c.{column}")).collect::<Vec<_>>().join(", ")
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let Ok(client) = read_row(row) else {
            faults.add(format!("client {id}: its body is not a JSON object"));
            continue;
        };
        let (server, key, column, server_key): (String, i64, String, i64) =
            (row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?);
        if column != name(&client.body) {
            faults.add(format!("client {id}: the column of its name is not the name in its body"));
        }
        if !same_tags(connection, server_key, key, &client.body)? {
            faults.add(format!("client {id}: the tags to search by are not those in its body"));
        }
        for fault in judge.client(&server, &client) {
            faults.add(format!("client {id}: {fault}"));
        }
    }
    Ok(())
}

fn same_tags(
    connection: &Connection,
    server: i64,
    client: i64,
    body: &Map<String, Value>,
) -> Result<bool, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT tag, server FROM client_tags WHERE client = ?1 ORDER BY tag")?;
    let stored: Vec<(String, i64)> =
        statement.query_map([client], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut tags = tags(body);
    tags.sort_unstable();
    tags.dedup();
    Ok(stored.iter().map(|(tag, of)| (tag.as_str(), *of)).eq(tags.into_iter().map(|tag| (tag, server))))
}

/// Whether the text index holds exactly the trigrams of the clients as they are, apart from those that it is yet to
/// follow. One number per client stands for its trigrams: the sum of their hashes.
fn text_index(connection: &Connection, faults: &mut Faults) -> Result<(), StoreError> {
    let (newest, indexed) = (changes::newest(connection)?, text_index::indexed(connection)?);
    if indexed > newest {
        faults.add("the text index claims changes that never were");
    }
    let mut waiting = std::collections::HashSet::new();
    let mut statement = connection.prepare("SELECT DISTINCT client FROM client_changes WHERE change > ?1")?;
    let mut rows = statement.query([indexed])?;
    while let Some(row) = rows.next()? {
        waiting.insert(row.get::<_, i64>(0)?);
    }
    let mut sums: HashMap<i64, u64> = HashMap::new();
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut statement = connection.prepare("SELECT term, doc, col, \"offset\" FROM client_trigram_places")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (term, key) = (row.get_ref(0)?, row.get::<_, i64>(1)?);
        let (column, place): (String, i64) = (row.get(2)?, row.get(3)?);
        let term = term.as_str().map_err(rusqlite::Error::from)?;
        let sum = sums.entry(key).or_default();
        *sum = sum.wrapping_add(hasher.hash_one((term, column.as_str(), place)));
    }
    let mut statement = connection.prepare("SELECT key, id FROM clients")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (key, id): (i64, String) = (row.get(0)?, row.get(1)?);
        let found = sums.remove(&key).unwrap_or_default();
        if waiting.contains(&key) {
            continue;
        }
        let mut expected = 0_u64;
        if let Some(text) = text_index::searched_text(connection, key)? {
            for (column, text) in [("name", text.name), ("other", text.other)] {
                let text: Vec<char> = text_index::padded(&text).chars().collect();
                for (place, trigram) in text.windows(TRIGRAM).enumerate() {
                    let trigram: String = trigram.iter().collect();
                    let place = i64::try_from(place).unwrap_or(i64::MAX);
                    expected = expected.wrapping_add(hasher.hash_one((trigram.as_str(), column, place)));
                }
            }
        }
        if found != expected {
            faults.add(format!("client {id}: a search for text would not find what it holds"));
        }
    }
    let strangers = sums.keys().filter(|key| !waiting.contains(key)).count();
    if strangers > 0 {
        faults.add(format!("the text index holds {strangers} clients that are not there"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
