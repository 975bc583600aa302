//! The search against a model that looks at every client, over random histories.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::*;
use crate::store::{Database, NewClient, ServerRow, Store};

/// Small numbers that are the same at every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const WORDS: [&str; 8] = ["Support", "desk", "Größe", "ab", "b", "100%", "\"q\"", "ΟΔΟΣ"];
const TAGS: [&str; 4] = ["agent", "v.2", "Agent", "größe"];
const STATUSES: [&str; 2] = ["active", "verified"];
const TYPES: [&str; 2] = ["manual", "dcr"];

fn body(dice: &mut Dice) -> Map<String, Value> {
    let name: Vec<_> = (0..=dice.roll(3)).map(|_| dice.pick(&WORDS)).collect();
    let tags: Vec<_> = (0..dice.roll(3)).map(|_| dice.pick(&TAGS)).collect();
    let Value::Object(body) = json!({"name": name.join(" "), "tags": tags}) else { unreachable!() };
    body
}

fn client(n: usize, dice: &mut Dice) -> ClientRow {
    ClientRow {
        id: format!("TPA{:04}{n:x}", (n * 7919) % 10_000),
        client_id: format!("c{:05}", (n * 104_729) % 100_000),
        registration_type: dice.pick(&TYPES).to_owned(),
        status: dice.pick(&STATUSES).to_owned(),
        body: body(dice),
    }
}

fn query(dice: &mut Dice, rows: &BTreeMap<usize, ClientRow>) -> ClientQuery {
    let terms = [
        "s", "SU", "upp", "support", "t d", "rö", "größe", "%", "q\"", "οδ", "ab b", "tpa", "2", "zzz", "\0",
    ];
    let columns = [
        SortColumn::CreatedTime,
        SortColumn::Id,
        SortColumn::ClientId,
        SortColumn::Name,
        SortColumn::Status,
        SortColumn::RegistrationType,
    ];
    let mut query =
        ClientQuery { limit: 1 + dice.roll(40) as i64, offset: dice.roll(60) as i64, ..Default::default() };
    for _ in 0..dice.roll(3) {
        match dice.roll(9) {
            0 => query.text = Some(dice.pick(&terms).to_owned()),
            1 => query.name = Some(dice.pick(&terms).to_owned()),
            2 => query.status = Some(dice.pick(&STATUSES).to_owned()),
            3 => query.registration_type = Some(dice.pick(&TYPES).to_owned()),
            4 => query.tag = Some(dice.pick(&TAGS).to_owned()),
            5 => query.tag_part = Some(String::from("gent")),
            6 => query.text_in_name = Some(dice.pick(&terms).to_owned()),
            7 => query.name_is = Some(dice.pick(&WORDS).to_owned()),
            _ => {
                query.client_id =
                    rows.values().nth(dice.roll(rows.len().max(1))).map(|row| row.client_id.clone())
            }
        }
    }
    for _ in 0..dice.roll(3) {
        query.sort.push((columns[dice.roll(columns.len())], dice.roll(2) == 0));
    }
    query
}

/// What the documentation of [`ClientQuery`] says, word for word.
fn model(rows: &BTreeMap<usize, ClientRow>, query: &ClientQuery) -> Page {
    let name = |row: &ClientRow| row.body["name"].as_str().unwrap().to_owned();
    let tags = |row: &ClientRow| -> Vec<String> {
        row.body["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect()
    };
    let within =
        |text: &str, term: &Option<String>| term.as_ref().is_none_or(|term| fold(text).contains(&fold(term)));
    let is = |text: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| text == wanted);
    let mut found: Vec<(&usize, &ClientRow)> = rows
        .iter()
        .filter(|(_, row)| {
            let mut parts = vec![name(row), row.id.clone(), row.client_id.clone()];
            parts.extend(tags(row));
            parts.iter().any(|part| within(part, &query.text))
                && within(&name(row), &query.name)
                && within(&name(row), &query.text_in_name)
                && is(&name(row), &query.name_is)
                && is(&row.client_id, &query.client_id)
                && is(&row.status, &query.status)
                && is(&row.registration_type, &query.registration_type)
                && query.tag.as_ref().is_none_or(|tag| tags(row).contains(tag))
                && query.tag_part.as_ref().is_none_or(|part| tags(row).iter().any(|tag| tag.contains(part)))
        })
        .collect();
    found.sort_by(|(a_age, a), (b_age, b)| {
        for (column, descending) in &query.sort {
            let ordering = match column {
                SortColumn::CreatedTime => a_age.cmp(b_age),
                SortColumn::Id => a.id.cmp(&b.id),
                SortColumn::ClientId => a.client_id.cmp(&b.client_id),
                SortColumn::Name => name(a).cmp(&name(b)),
                SortColumn::Status => a.status.cmp(&b.status),
                SortColumn::RegistrationType => a.registration_type.cmp(&b.registration_type),
            };
            let ordering = if *descending { ordering.reverse() } else { ordering };
            if ordering.is_ne() {
                return ordering;
            }
        }
        a_age.cmp(b_age)
    });
    let total = found.len() as i64;
    let page = found.into_iter().skip(query.offset as usize).take(query.limit as usize);
    Page { clients: page.map(|(_, row)| row.clone()).collect(), total }
}

#[tokio::test]
async fn finds_what_a_look_at_every_client_finds_through_any_history() {
    let place = tempfile::tempdir().unwrap();
    for (seed, database) in
        [(0x5eed_u64, Database::in_memory().unwrap()), (0xfeed, Database::open(place.path()).unwrap())]
    {
        let store = Store::start(database, crate::store::WRITES_PER_COMMIT).unwrap();
        let mut dice = Dice(seed);
        let mut rows = BTreeMap::new();
        let mut age = 0;
        store
            .write::<_, StoreError>(|records| {
                for id in ["MS1", "MS2"] {
                    records.insert_server("P", &ServerRow { id: id.to_owned(), body: Map::new() })?;
                }
                Ok(())
            })
            .await
            .unwrap();
        for step in 0..400 {
            // Enough at once, now and then, for the text index and the memory of earlier searches to be left behind.
            let changes = if step % 97 == 50 { 700 } else { dice.roll(6) };
            let mut todo = Vec::new();
            for _ in 0..changes {
                let known: Vec<usize> = rows.keys().copied().collect();
                match dice.roll(5) {
                    0 if !known.is_empty() => {
                        let gone = known[dice.roll(known.len())];
                        todo.push((rows.remove(&gone).unwrap(), 0));
                    }
                    1 if !known.is_empty() => {
                        let row: &mut ClientRow = rows.get_mut(&known[dice.roll(known.len())]).unwrap();
                        row.body = body(&mut dice);
                        todo.push((row.clone(), 1));
                    }
                    _ => {
                        age += 1;
                        let row = client(age, &mut dice);
                        rows.insert(age, row.clone());
                        todo.push((row, 2));
                    }
                }
            }
            store
                .write::<_, StoreError>(move |records| {
                    for (row, what) in todo {
                        match what {
                            0 => assert!(records.delete_client("P", "MS1", &row.id)?),
                            1 => assert!(records.replace_client("P", "MS1", &row)?),
                            _ => {
                                // The other server's must never show.
                                for server in ["MS1", "MS2"] {
                                    let new = NewClient { row: row.clone(), secret: None };
                                    assert!(records.insert_client("P", server, &new)?);
                                }
                            }
                        }
                    }
                    Ok(())
                })
                .await
                .unwrap();
            for _ in 0..4 {
                let query = query(&mut dice, &rows);
                let asked = query.clone();
                let page = store
                    .read::<_, StoreError>(move |records| records.search_clients("P", "MS1", &asked))
                    .await
                    .unwrap()
                    .unwrap();
                assert_eq!(page, model(&rows, &query), "seed {seed:#x}, step {step}: {query:?}");
            }
        }
    }
}

#[test]
fn an_earlier_state_is_searched_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let mut database = Database::open(place.path()).unwrap();
    let mut dice = Dice(7);
    let mut insert = |database: &mut Database, n: usize| {
        let new = NewClient { row: client(n, &mut dice), secret: None };
        database.write(|records| records.insert_client("P", "MS1", &new)).unwrap();
    };
    database
        .write(|records| records.insert_server("P", &ServerRow { id: String::from("MS1"), body: Map::new() }))
        .unwrap();
    insert(&mut database, 1);
    let aids = Aids::default();
    let count = |connection: &rusqlite::Connection| {
        let records = Records { connection, aids: Some(&aids), written: None };
        let by_id = vec![(SortColumn::Id, false)];
        let query =
            ClientQuery { text: Some(String::from("tpa")), limit: 9, sort: by_id, ..Default::default() };
        let page = records.search_clients("P", "MS1", &query).unwrap().unwrap();
        (page.total, page.clients.len())
    };
    let (mut early, mut late) = (database.reader().unwrap().unwrap(), database.reader().unwrap().unwrap());
    let early = early.transaction().unwrap();
    assert_eq!(count(&early), (1, 1));
    insert(&mut database, 2);
    let late = late.transaction().unwrap();
    assert_eq!(count(&late), (2, 2));
    assert_eq!(count(&early), (1, 1));
    assert_eq!(count(&late), (2, 2));
}

#[test]
fn a_term_of_any_length_is_found_whole() {
    let mut database = Database::in_memory().unwrap();
    let long = "ab c".repeat(2500);
    let names = [format!("x{long}y"), format!("x{long}z"), long.clone(), String::from("short")];
    let insert = |records: &Records<'_>| -> Result<(), StoreError> {
        records.insert_server("P", &ServerRow { id: String::from("MS1"), body: Map::new() })?;
        for (n, name) in names.iter().enumerate() {
            let row = ClientRow {
                body: Map::from_iter([(String::from("name"), json!(name))]),
                ..client(n, &mut Dice(1))
            };
            records.insert_client("P", "MS1", &NewClient { row, secret: None })?;
        }
        Ok(())
    };
    database.write(insert).unwrap();
    for is_indexed in [false, true] {
        if is_indexed {
            database.write(|records| changes::settle(records.connection, 1)).unwrap();
        }
        for (term, matches) in [
            (&long, 3),
            (&format!("x{long}"), 2),
            (&format!("{long}z"), 1),
            (&format!("{long}q"), 0),
            (&String::from("rt\u{1f}\u{1f}"), 0),
        ] {
            for query in [
                ClientQuery { name: Some(term.clone()), ..ClientQuery::default() },
                ClientQuery { text: Some(term.to_uppercase()), ..ClientQuery::default() },
            ] {
                let page = database.write(|records| records.search_clients("P", "MS1", &query)).unwrap();
                assert_eq!(page.unwrap().total, matches, "indexed: {is_indexed}");
            }
        }
    }
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::start(Database::open(place.path()).unwrap(), crate::store::WRITES_PER_COMMIT).unwrap();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let (started, begun) = tokio::sync::oneshot::channel();
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .write::<_, StoreError>(move |records| {
                    records.insert_server("P", &ServerRow { id: String::from("MS1"), body: Map::new() })?;
                    let _ = started.send(());
                    let _ = held.recv();
                    Ok(())
                })
                .await
        }
    });
    begun.await.unwrap();
    let before = store.read::<_, StoreError>(|records| records.servers("P")).await.unwrap();
    assert!(before.is_empty(), "what is not committed is not seen");
    drop(hold);
    writing.await.unwrap().unwrap();
    assert_eq!(store.read::<_, StoreError>(|records| records.servers("P")).await.unwrap().len(), 1);
}
