use serde_json::json;

use super::*;
use crate::store::{NewClient, ProjectRow};

struct Lenient;

impl Judge for Lenient {
    fn server(&self, server: &ServerRow) -> Vec<String> {
        server.body.contains_key("name").then(Vec::new).unwrap_or_else(|| vec![String::from("has no name")])
    }

    fn client(&self, _: &str, _: &ClientRow) -> Vec<String> {
        Vec::new()
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A directory with more clients than wait for the text index.
fn populated(path: &Path) -> Database {
    let mut database = Database::open(path).unwrap();
    database
        .write(|records| {
            records.put_project(&ProjectRow {
                id: String::from("P"),
                management_key: String::from("K").into(),
            })?;
            records.insert_server(
                "P",
                &ServerRow { id: String::from("MS"), body: object(json!({"name": "s"})) },
            )?;
            for n in 0..600 {
                let row = ClientRow {
                    id: format!("TPA{n}"),
                    client_id: format!("c{n}"),
                    registration_type: String::from("manual"),
                    status: String::from("active"),
                    body: object(json!({"name": format!("Größe {n}"), "tags": ["a", "b", "a"]})),
                };
                records.insert_client("P", "MS", &NewClient { row, secret: None })?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    database
        .write(|records| {
            records.delete_client("P", "MS", "TPA7")?;
            let mut row = records.client("P", "MS", "TPA8")?.unwrap();
            row.body = object(json!({"name": "renamed"}));
            records.replace_client("P", "MS", &row)
        })
        .unwrap();
    database
}

#[test]
fn finds_nothing_in_a_sound_directory() {
    let place = tempfile::tempdir().unwrap();
    drop(populated(place.path()));
    assert_eq!(check(place.path(), &Lenient).unwrap(), Vec::<String>::new());
}

#[test]
fn finds_each_kind_of_damage() {
    for (damage, found) in [
        ("UPDATE clients SET body = '{' WHERE id = 'TPA1'", "client TPA1: its body is not a JSON object"),
        ("UPDATE clients SET name = 'x' WHERE id = 'TPA1'", "client TPA1: the column of its name"),
        ("DELETE FROM client_tags WHERE tag = 'b'", "the tags to search by"),
        ("UPDATE client_tags SET server = 9", "the tags to search by"),
        ("DELETE FROM client_trigrams WHERE rowid = 2", "client TPA1: a search for text would not find"),
        ("INSERT INTO client_trigrams (rowid, name) VALUES (9999, 'abc')", "1 clients that are not there"),
        ("UPDATE client_trigrams_state SET change = 99999", "changes that never were"),
        ("UPDATE servers SET project = 'Q'", "server MS: its project is not there"),
        ("UPDATE servers SET body = '{}'", "server MS: has no name"),
        ("UPDATE servers SET body = '[]'", "server MS: its body is not a JSON object"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM servers", "clients: a row refers to one of servers"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let database = populated(place.path());
        database.connection.execute_batch(damage).unwrap();
        drop(database);
        let faults = check(place.path(), &Lenient).unwrap();
        assert!(faults.iter().any(|fault| fault.contains(found)), "{damage}: {faults:?}");
        assert!(faults.len() <= MAX_FAULTS + 1);
    }
}

#[test]
fn finds_a_file_that_is_not_whole() {
    let place = tempfile::tempdir().unwrap();
    drop(populated(place.path()));
    let file = place.path().join("emulator.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    // Where it is hit decides whether SQLite lists the damage or gives up.
    assert!(check(place.path(), &Lenient).map_or(true, |faults| !faults.is_empty()));
}
