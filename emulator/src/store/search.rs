//! The search over the clients of one MCP server.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::clients::{COLUMNS, ClientRow, fold, read_row};
use super::{Records, StoreError};

/// Which clients to return. A filter that is `None` lets everything through; the others all have to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientQuery {
    /// Part of name, id, client id or a tag, in any case.
    pub(crate) text: Option<String>,
    /// Part of the name, in any case.
    pub(crate) name: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) registration_type: Option<String>,
    pub(crate) tag: Option<String>,
    /// Sort columns and whether each runs backwards, the most important first; clients that are equal in all of them,
    /// or all clients if there is none, come in the order of their creation.
    pub(crate) sort: Vec<(SortColumn, bool)>,
    pub(crate) offset: i64,
    pub(crate) limit: i64,
}

/// What clients can be sorted by. Texts compare by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortColumn {
    CreatedTime,
    Id,
    ClientId,
    Name,
    Status,
    RegistrationType,
}

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

/// One page of a search.
#[derive(Debug, PartialEq)]
pub(crate) struct Page {
    pub(crate) clients: Vec<ClientRow>,
    /// How many clients match, on all pages.
    pub(crate) total: i64,
}

/// The trigram index knows no shorter terms.
const SHORTEST_INDEXED_TERM: usize = 3;

impl Records<'_> {
    /// The page, or `None` if there is no such server.
    pub(crate) fn search_clients(
        &self,
        project: &str,
        server: &str,
        query: &ClientQuery,
    ) -> Result<Option<Page>, StoreError> {
        let Some(server) = self.server_key(project, server)? else { return Ok(None) };
        let mut filter = Filter::new(server);
        filter.equal("client_id", query.client_id.as_deref());
        filter.equal("status", query.status.as_deref());
        filter.equal("registration_type", query.registration_type.as_deref());
        filter.tagged(query.tag.as_deref());
        filter.containing("folded_name", query.name.as_deref());
        filter.containing("folded_text", query.text.as_deref());

        let total = self
            .connection
            .prepare_cached(&format!("SELECT count(*) FROM clients WHERE {}", filter.sql))?
            .query_row(params_from_iter(&filter.values), |row| row.get(0))?;

        let order = filter.order(&query.sort);
        let sql =
            format!("SELECT {COLUMNS} FROM clients WHERE {} ORDER BY {order} LIMIT ? OFFSET ?", filter.sql);
        filter.values.extend([Value::Integer(query.limit), Value::Integer(query.offset)]);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(&filter.values))?;
        let mut clients = Vec::new();
        while let Some(row) = rows.next()? {
            clients.push(read_row(row)?);
        }
        Ok(Some(Page { clients, total }))
    }
}

/// A WHERE clause and its values, in the same order.
struct Filter {
    sql: String,
    values: Vec<Value>,
    server: i64,
    /// Whether an index has already said which few clients are in question.
    narrowed: bool,
}

impl Filter {
    fn new(server: i64) -> Self {
        Self {
            sql: String::from("server = ?"),
            values: vec![Value::Integer(server)],
            server,
            narrowed: false,
        }
    }

    fn equal(&mut self, column: &str, wanted: Option<&str>) {
        if let Some(wanted) = wanted {
            self.sql.push_str(&format!(" AND {column} = ?"));
            self.values.push(Value::Text(wanted.to_owned()));
        }
    }

    fn tagged(&mut self, wanted: Option<&str>) {
        if let Some(wanted) = wanted {
            self.sql.push_str(" AND key IN (SELECT client FROM client_tags WHERE server = ? AND tag = ?)");
            self.values.extend([Value::Integer(self.server), Value::Text(wanted.to_owned())]);
            self.narrowed = true;
        }
    }

    fn containing(&mut self, column: &str, term: Option<&str>) {
        let Some(term) = term else { return };
        let term = fold(term);
        if term.chars().count() >= SHORTEST_INDEXED_TERM {
            self.sql
                .push_str(" AND key IN (SELECT rowid FROM client_trigrams WHERE client_trigrams MATCH ?)");
            self.values.push(Value::Text(format!("\"{}\"", term.replace('"', "\"\""))));
            self.narrowed = true;
        }
        // The index answers for the whole text; the column decides. For short terms the column alone does.
        self.sql.push_str(&format!(" AND instr({column}, ?) > 0"));
        self.values.push(Value::Text(term));
    }

    /// The terms of ORDER BY. A plus sign keeps SQLite from walking all clients of the server in the index of that
    /// column, only to drop nearly all of them, when it could sort the few that matched.
    fn order(&self, sort: &[(SortColumn, bool)]) -> String {
        let plus = if self.narrowed { "+" } else { "" };
        let mut order = String::new();
        for (column, descending) in sort {
            let direction = if *descending { " DESC" } else { "" };
            order.push_str(&format!("{plus}{}{direction}, ", column.sql()));
        }
        order.push_str("key");
        order
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::schema;

    fn plan(filter: &Filter, sort: &[(SortColumn, bool)]) -> String {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::prepare(&mut connection).unwrap();
        let order = filter.order(sort);
        let sql =
            format!("EXPLAIN QUERY PLAN SELECT {COLUMNS} FROM clients WHERE {} ORDER BY {order}", filter.sql);
        let mut statement = connection.prepare(&sql).unwrap();
        let steps =
            statement.query_map(params_from_iter(&filter.values), |row| row.get::<_, String>(3)).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn every_filter_and_order_is_answered_from_an_index() {
        let by_name = [(SortColumn::Name, true)];
        let filter = |add: fn(&mut Filter)| {
            let mut filter = Filter::new(1);
            add(&mut filter);
            filter
        };
        for (filter, sort, index) in [
            (filter(|_| {}), &[][..], "clients_by_age (server=?)"),
            (filter(|_| {}), &by_name, "clients_by_name (server=?)"),
            (filter(|f| f.equal("client_id", Some("x"))), &by_name, "(server=? AND client_id=?)"),
            (filter(|f| f.equal("status", Some("x"))), &[], "clients_by_status (server=? AND status=?)"),
            (
                filter(|f| f.equal("registration_type", Some("x"))),
                &[],
                "clients_by_registration_type (server=? AND registration_type=?)",
            ),
            (filter(|f| f.tagged(Some("x"))), &[], "(server=? AND key=?)"),
            (filter(|f| f.tagged(Some("x"))), &by_name, "(server=? AND key=?)"),
            (filter(|f| f.containing("folded_text", Some("xyz"))), &[], "(server=? AND key=?)"),
            (filter(|f| f.containing("folded_name", Some("xyz"))), &by_name, "(server=? AND key=?)"),
        ] {
            let plan = plan(&filter, sort);
            assert!(plan.contains(index), "{}: {plan}", filter.sql);
            assert!(!plan.contains("SCAN clients"), "{plan}");
        }
    }
}
