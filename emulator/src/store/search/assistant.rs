//! A second pair of eyes for a long look through the text index.
//!
//! What a term costs is the length of the lists of its trigrams, which hold up to all clients. So a reader looks through
//! one half of the keys and a thread with a connection of its own through the other. That connection may see a later
//! state; what changed in between comes along, so that the reader can look at those clients as they were.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use roaring::RoaringBitmap;
use rusqlite::Connection;

use super::sets::{Condition, Keys};
use crate::store::{StoreError, changes};

/// Fewer clients than this are looked through in less time than it takes to share the work.
const WORTH_SHARING: i64 = 20_000;
/// More changes than this are not looked at one by one.
const MAX_CHANGES: usize = 512;

/// Work that is given away.
struct Request {
    condition: Condition,
    server: i64,
    keys: Keys,
    /// The newest change that the reader knows.
    since: i64,
    answer: SyncSender<Result<Option<Share>, StoreError>>,
}

/// What the assistant found.
struct Share {
    set: RoaringBitmap,
    /// The clients that changed in the meantime.
    changed: Vec<i64>,
}

/// The way to the assistant; it goes home when this is dropped.
pub(in crate::store) struct Assistant {
    requests: SyncSender<Request>,
}

impl Assistant {
    /// The assistant, and what its thread has to do.
    pub(in crate::store) fn new(mut connection: Connection) -> (Self, impl FnOnce() + Send + 'static) {
        // Of no size: a request is taken only by an assistant that waits for one.
        let (requests, waiting) = sync_channel(0);
        (Self { requests }, move || work(&mut connection, &waiting))
    }

    /// What [`Condition::find`] finds in the state that the connection sees, but for the clients in the second list:
    /// those must be looked at. `None` if it does not pay or the assistant is busy.
    pub(super) fn find(
        &self,
        connection: &Connection,
        server: i64,
        condition: &Condition,
    ) -> Result<Option<(RoaringBitmap, Vec<i64>)>, StoreError> {
        let Some((lower, upper)) = halves(connection)? else { return Ok(None) };
        let since = changes::newest(connection)?;
        let (answer, answered) = sync_channel(1);
        let request = Request { condition: condition.clone(), server, keys: upper, since, answer };
        if self.requests.try_send(request).is_err() {
            return Ok(None);
        }
        let mut set = condition.find(connection, server, lower)?;
        // A thread that is gone leaves its half to the reader.
        let Ok(Some(share)) = answered.recv().unwrap_or(Ok(None)) else {
            set |= condition.find(connection, server, upper)?;
            return Ok(Some((set, Vec::new())));
        };
        set |= share.set;
        Ok(Some((set, share.changed)))
    }
}

/// The keys of all clients in two parts of about one size; `None` if they are few.
fn halves(connection: &Connection) -> Result<Option<(Keys, Keys)>, StoreError> {
    let end = |sql: &str| -> Result<Option<i64>, StoreError> {
        Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    };
    let ends = (end("SELECT min(key) FROM clients")?, end("SELECT max(key) FROM clients")?);
    let (Some(first), Some(last)) = ends else { return Ok(None) };
    let middle = first.midpoint(last);
    let halves = (Keys { from: i64::MIN, to: middle }, Keys { from: middle + 1, to: i64::MAX });
    Ok((last - first >= WORTH_SHARING).then_some(halves))
}

fn work(connection: &mut Connection, waiting: &Receiver<Request>) {
    while let Ok(request) = waiting.recv() {
        let share = share(connection, &request);
        // The reader may have gone away.
        let _ = request.answer.send(share);
    }
}

fn share(connection: &mut Connection, request: &Request) -> Result<Option<Share>, StoreError> {
    let state = connection.transaction()?;
    let set = request.condition.find(&state, request.server, request.keys)?;
    let changed = changes::changed(&state, request.server, request.since, MAX_CHANGES)?;
    Ok(changed.map(|changed| Share { set, changed }))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use serde_json::Map;

    use super::*;
    use crate::store::search::Aids;
    use crate::store::{ClientQuery, ClientRow, Database, NewClient, Records, ServerRow};

    fn insert(database: &mut Database, clients: std::ops::Range<usize>) {
        let write = |records: &Records<'_>| -> Result<(), StoreError> {
            for n in clients {
                let name = format!("{} otter {n}", ["red", "blue"][n % 2]);
                let row = ClientRow::named(n, &name);
                records.insert_client("P", "MS1", &NewClient { row, secret: None })?;
            }
            Ok(())
        };
        database.write(write).unwrap();
    }

    fn total(state: &Connection, aids: &Aids, text: &str) -> i64 {
        let query = ClientQuery { text: Some(text.to_owned()), limit: 1, ..ClientQuery::default() };
        let records = Records { connection: state, aids: Some(aids), written: None };
        records.search_clients("P", "MS1", &query).unwrap().unwrap().total
    }

    #[test]
    fn shared_work_finds_what_the_reader_alone_would_whatever_is_written_meanwhile() {
        let place = tempfile::tempdir().unwrap();
        let mut database = Database::open(place.path()).unwrap();
        let server = ServerRow { id: String::from("MS1"), body: Map::new() };
        database.write(|records| records.insert_server("P", &server)).unwrap();
        insert(&mut database, 0..21_000);
        let (assistant, work) = Assistant::new(database.reader().unwrap().unwrap());
        let worker = thread::spawn(work);
        let mut reader = database.reader().unwrap().unwrap();

        let state = reader.transaction().unwrap();
        let key: i64 = state.query_row("SELECT key FROM servers", [], |row| row.get(0)).unwrap();
        let condition = Condition::Text(String::from("blue otter"));
        let alone = condition.find(&state, key, Keys::ALL).unwrap();
        insert(&mut database, 50_000..50_010);
        // Until it waits for the first time it counts as busy.
        let (_, changed) = loop {
            if let Some(found) = assistant.find(&state, key, &condition).unwrap() {
                break found;
            }
        };
        assert_eq!((alone.len(), changed.len()), (10_500, 10));

        let aids = Aids { assistant: Some(assistant), ..Aids::default() };
        database.write(|records| records.delete_client("P", "MS1", "TPA20001")).unwrap();
        assert_eq!(total(&state, &aids, "blue otter"), 10_500);
        // More than can be named one by one, and in the text index.
        insert(&mut database, 60_000..60_600);
        assert_eq!(total(&state, &aids, "lue otter"), 10_500);
        state.finish().unwrap();
        let state = reader.transaction().unwrap();
        assert_eq!(total(&state, &aids, "ue otter"), 10_500 + 5 - 1 + 300);
        drop(aids);
        worker.join().unwrap();
    }
}
