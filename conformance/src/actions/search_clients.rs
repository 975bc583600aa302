//! `SearchMcpServerClients`: the clients of a server, by filters whose exact value must match in every reading of the
//! documents.

use std::{fmt, slice};

use descope_mcp_management::raw::types::SearchMcpServerClientsResponse;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::server_id;
use super::typed_client::round_trip;
use crate::capability::Capability;
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};

/// A search: each named member is filtered by the value that the given client record was last seen with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// The client record whose values are looked for; `None` searches without filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<ClientLabel>,
    /// The filters to use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<FilterBy>,
    /// Which page, counted from 0; `None` leaves it to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Most client records per page; `None` leaves it to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The order of the result, if one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
}

/// An order of search results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// The member of client records to sort by.
    pub field: String,
    /// Whether it runs backwards.
    pub descending: bool,
}

/// A filter of `SearchMcpServerClients` whose exact value must match in every reading of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "named as the filters are")]
pub enum FilterBy {
    ClientId,
    Name,
    Status,
    RegistrationMethod,
    Tag,
    /// Searched for with the client record's whole name.
    Text,
}

pub(super) fn sentence(server: ServerLabel, filter: &Filter) -> String {
    format!("search the clients of {server}{filter}")
}

pub(super) fn semantics<'a>(server: &'a ServerLabel, filter: &'a Filter) -> Semantics<'a> {
    Semantics {
        operation: Some("SearchMcpServerClients"),
        servers: slice::from_ref(server),
        clients: filter.like.as_slice(),
        // Whatever else is found, or is not, may be what is wrong.
        compared_with: ComparedWith::AllClientsOf(*server),
        sends: SentRecord::Nothing,
        effect: Effect::SearchClients { server: *server, unrestricted: *filter == Filter::default() },
        shows: ShownRecords::Clients,
        reveals: Reveals::Always(match filter.sort {
            Some(_) => &[Capability::SortByName, Capability::TotalOfClients],
            None => &[Capability::TotalOfClients],
        }),
        round_trip: Some(round_trip::<SearchMcpServerClientsResponse>),
    }
}

pub(super) fn body(server: ServerLabel, filter: &Filter, model: &Model) -> Option<Value> {
    let mut body = json!({ "mcpServerId": server_id(server, model)? });
    for by in &filter.by {
        let client = model.clients.get(&filter.like?)?;
        let seen = || client.record.seen()?.get(by.member());
        let value = match by {
            FilterBy::ClientId => Value::from(client.client_id.as_str()),
            FilterBy::Tag => seen()?.get(0)?.clone(),
            FilterBy::Name | FilterBy::Status | FilterBy::RegistrationMethod | FilterBy::Text => {
                seen()?.clone()
            }
        };
        // An empty filter means no filter.
        if value.as_str().is_some_and(|text| !text.is_empty()) {
            body[by.parameter()] = value;
        }
    }
    if let Some(page) = filter.page {
        body["page"] = page.into();
    }
    if let Some(limit) = filter.limit {
        body["limit"] = limit.into();
    }
    if let Some(sort) = &filter.sort {
        body["sort"] = json!([{ "field": sort.field, "desc": sort.descending }]);
    }
    Some(body)
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(client) = self.like.filter(|_| !self.by.is_empty()) {
            let names: Vec<_> = self.by.iter().map(|by| by.parameter()).collect();
            write!(f, " by the {} of {client}", names.join(" and "))?;
        }
        if let Some(Sort { field, descending }) = &self.sort {
            write!(f, ", sorted by {field}{}", if *descending { " backwards" } else { "" })?;
        }
        if let Some(page) = self.page {
            write!(f, ", page {page}")?;
        }
        self.limit.map_or(Ok(()), |limit| write!(f, ", {limit} per page"))
    }
}

impl FilterBy {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ClientId, Self::Name, Self::Status, Self::RegistrationMethod, Self::Tag, Self::Text];

    /// The member of the search request.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::ClientId => "clientId",
            Self::Name => "name",
            Self::Status => "status",
            Self::RegistrationMethod => "registrationMethod",
            Self::Tag => "tag",
            Self::Text => "text",
        }
    }

    /// The member of the client record that it is compared with.
    pub fn member(self) -> &'static str {
        match self {
            Self::RegistrationMethod => "registrationType",
            Self::Tag => "tags",
            Self::Text => "name",
            Self::ClientId | Self::Name | Self::Status => self.parameter(),
        }
    }
}
