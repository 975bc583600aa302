//! The pages of a search, read one after the other.

use serde_json::Value;

use super::Model;
use crate::labels::ServerLabel;
use crate::wire::request::Request;

/// The pages of one search that were read one after the other, with no write in between.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Whose clients are searched.
    pub server: ServerLabel,
    /// The request, without its page.
    pub search: Value,
    /// Pages read, from the first one on.
    pub pages: u64,
    /// Ids and names found, page by page.
    pub found: Vec<(String, String)>,
    /// Whether the last page read was empty: then it was the last one of all.
    pub last_was_empty: bool,
}

impl Model {
    /// The searches that read the pages before this one, if it is the next of the walk that goes on.
    pub(crate) fn pages_before(&self, request: &Request) -> Vec<Request> {
        let (Request::Management(operation, body), Some(walk)) = (request, &self.walk) else {
            return Vec::new();
        };
        let of_page = |page: u64| {
            let mut search = walk.search.clone();
            search["page"] = page.into();
            search
        };
        if *body != of_page(walk.pages) {
            return Vec::new();
        }
        (0..walk.pages).map(|page| Request::Management(operation, of_page(page))).collect()
    }

    /// Takes in a page of a search: the first of a walk, or the next of the walk that goes on.
    pub(super) fn walk(&mut self, server: ServerLabel, request: &Request, body: &Value) {
        let Request::Management(_, request) = request else { return };
        let mut search = request.clone();
        let page = search.as_object_mut().and_then(|members| members.remove("page"));
        let Some(page) = page.as_ref().and_then(Value::as_u64) else {
            if request.get("limit").is_none() {
                let size = body["clients"].as_array().map_or(0, Vec::len);
                self.largest_page = self.largest_page.max(size);
            }
            return;
        };
        let found = body["clients"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |client: &Value, member: &str| client[member].as_str().unwrap_or_default().to_owned();
        let found = found.iter().map(|client| (text(client, "id"), text(client, "name")));
        self.walk = match self.walk.take() {
            _ if page == 0 => {
                let (pages, found) = (1, found.collect());
                Some(Walk { server, search, pages, found, last_was_empty: found_nothing(body) })
            }
            Some(mut walk) if walk.pages == page && walk.search == search && walk.server == server => {
                walk.found.extend(found);
                walk.pages += 1;
                walk.last_was_empty = found_nothing(body);
                Some(walk)
            }
            _ => None,
        };
    }
}

/// Whether a page of a search holds no client.
pub(super) fn found_nothing(page: &Value) -> bool {
    page["clients"].as_array().is_none_or(Vec::is_empty)
}
