//! The store as handlers reach it. A write is the only way to change a record here, and it tells those who follow the
//! records what was changed, so no handler can forget to.

mod late_view;

use std::time::Duration;

use late_view::LateView;

use crate::store::{Records, Store, StoreError};

/// The records of all projects, and what searches and lists see of them.
pub(crate) struct RecordStore {
    store: Store,
    late_view: Option<LateView>,
}

impl RecordStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, late_view: None }
    }

    /// From now on searches and lists of these projects see a write only after `lag`. `keep_clients` says whether clients
    /// survive their server.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) fn lag(
        &mut self,
        projects: &[&str],
        lag: Duration,
        keep_clients: bool,
    ) -> Result<(), StoreError> {
        self.late_view = Some(LateView::of(&self.store, projects, lag, keep_clients)?);
        Ok(())
    }

    /// Whether searches and lists see something else than what is stored now.
    pub(crate) fn lags(&self) -> bool {
        self.late_view.is_some()
    }

    /// Runs `job` on what is stored now; see [`Store::read`].
    pub(crate) async fn read<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.store.read(job).await
    }

    /// Runs `job` on what searches and lists see.
    pub(crate) async fn read_for_search<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.late_view {
            None => self.store.read(job).await,
            Some(view) => view.read(job).await,
        }
    }

    /// Runs `job`; all it wrote is committed when this returns `Ok`, none of it when it returns `Err`. What it wrote or
    /// deleted becomes known to searches.
    pub(crate) async fn write<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Some(view) = &self.late_view else { return self.store.write(job).await };
        let (done, written) = self.store.write(move |records| records.noting(job)).await?;
        for record in written {
            view.follow(&self.store, record).await?;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::store::{ClientQuery, ClientRow, NewClient, ServerRow};

    #[tokio::test]
    async fn a_client_that_made_room_for_another_leaves_searches_like_any_deleted_one() {
        let mut records = RecordStore::new(Store::in_memory().unwrap());
        records
            .write::<_, StoreError>(|records| {
                records.insert_server("P", &ServerRow { id: String::from("MS"), body: Map::new() })?;
                let row = ClientRow {
                    id: String::from("a"),
                    client_id: String::from("a"),
                    registration_type: String::from("dcr"),
                    status: String::from("active"),
                    body: Map::new(),
                };
                let new = NewClient { row, secret: None };
                records.insert_registration("P", "MS", &new, &Map::new(), 1)
            })
            .await
            .unwrap();
        records.lag(&["P"], Duration::from_millis(50), false).unwrap();
        let found = async || {
            let query = ClientQuery { limit: 9, ..ClientQuery::default() };
            let search = move |records: &Records<'_>| records.search_clients("P", "MS", &query);
            let page = records.read_for_search::<_, StoreError>(search).await.unwrap();
            page.map_or(0, |page| page.total)
        };
        let forget = |records: &Records<'_>| records.forget_unused_registrations("P", "MS", 2, 9);
        assert_eq!(records.write::<_, StoreError>(forget).await.unwrap(), 1);
        assert_eq!(found().await, 1);
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(found().await, 0);
    }
}
