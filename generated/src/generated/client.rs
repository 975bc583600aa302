// Machine-written by `cargo xtask codegen` from openapi/descope-mcp.yaml. Do not edit.

use super::types;
#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
#[derive(Clone, Debug)]
/// Client for Descope MCP server management (unofficial)
///
/// The operations of Descope's Agentic Identity Hub that manage MCP servers (OAuth-protected resources) and MCP server clients (OAuth clients of exactly one server). Written independently of Descope, in our own words. The version is the date of the published document that this document was last compared with. Every operation is a POST with a JSON object in the request and in the response.
///
/// Version: 2026-08-03
pub struct Client {
    /// `baseurl`; the document says nothing more about it.
    pub(crate) baseurl: String,
    /// `client`; the document says nothing more about it.
    pub(crate) client: reqwest::Client,
    /// `inner`; the document says nothing more about it.
    pub(crate) inner: crate::transport::Inner,
}
impl Client {
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub(crate) fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::transport::Inner,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::transport::Inner> for Client {
    fn api_version() -> &'static str {
        "2026-08-03"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::transport::Inner {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<crate::transport::Inner>,
    {}
};
#[allow(clippy::all)]
impl Client {
    /// Register a client of an MCP server
    ///
    /// Creates an OAuth client that belongs to one MCP server. The response has no wrapper object: it is the record's id, the OAuth client id and the first client secret. Store the secret, although GetMcpServerClientSecret can read it again. Sending the request twice creates two clients.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/client/create`
    pub async fn create_mcp_server_client<'a>(
        &'a self,
        body: &'a types::CreateMcpServerClientRequest,
    ) -> Result<
        ResponseValue<types::CreateMcpServerClientResponse>,
        Error<types::Error>,
    > {
        let url = format!("{}/v1/mgmt/mcp/server/client/create", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_mcp_server_client",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Delete one client of an MCP server
    ///
    /// Deletes a client and its secret permanently. No id is used twice, so a second request cannot delete anything else. Whether the second request gets a success or an error is not documented.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/client/delete`
    pub async fn delete_mcp_server_client<'a>(
        &'a self,
        body: &'a types::DeleteMcpServerClientRequest,
    ) -> Result<
        ResponseValue<types::DeleteMcpServerClientResponse>,
        Error<types::Error>,
    > {
        let url = format!("{}/v1/mgmt/mcp/server/client/delete", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_mcp_server_client",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Load one client of an MCP server
    ///
    /// Reads the record of one client, by its record id or by its OAuth client id. The guide has only the record id; the reference has both. The record never contains the secret.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/client/load`
    pub async fn load_mcp_server_client<'a>(
        &'a self,
        body: &'a types::LoadMcpServerClientRequest,
    ) -> Result<ResponseValue<types::LoadMcpServerClientResponse>, Error<types::Error>> {
        let url = format!("{}/v1/mgmt/mcp/server/client/load", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "load_mcp_server_client",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Read a client's current secret
    ///
    /// Returns the current secret of the client. The secret can be read repeatedly; that contradicts another part of the guide, which says that a secret is shown only once.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/client/secret`
    pub async fn get_mcp_server_client_secret<'a>(
        &'a self,
        body: &'a types::GetMcpServerClientSecretRequest,
    ) -> Result<
        ResponseValue<types::GetMcpServerClientSecretResponse>,
        Error<types::Error>,
    > {
        let url = format!("{}/v1/mgmt/mcp/server/client/secret", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_mcp_server_client_secret",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Replace a client's secret
    ///
    /// Creates a new secret for the client and returns it. It is assumed, from Descope's other keys, that the old secret stops working at once. Every call creates another secret: if the outcome of a call is unknown, read the secret with GetMcpServerClientSecret instead of rotating again.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/client/secret/rotate`
    pub async fn rotate_mcp_server_client_secret<'a>(
        &'a self,
        body: &'a types::RotateMcpServerClientSecretRequest,
    ) -> Result<
        ResponseValue<types::RotateMcpServerClientSecretResponse>,
        Error<types::Error>,
    > {
        let url = format!("{}/v1/mgmt/mcp/server/client/secret/rotate", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "rotate_mcp_server_client_secret",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Change a client of an MCP server
    ///
    /// Writes new values to an existing client and returns the record. No document says whether members that are left out keep their value or are cleared. To be safe in both cases, load the client and send every member that this request has. In both cases, sending the same body twice leaves the same state as sending it once.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/client/update`
    pub async fn update_mcp_server_client<'a>(
        &'a self,
        body: &'a types::UpdateMcpServerClientRequest,
    ) -> Result<
        ResponseValue<types::UpdateMcpServerClientResponse>,
        Error<types::Error>,
    > {
        let url = format!("{}/v1/mgmt/mcp/server/client/update", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_mcp_server_client",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Delete several clients of an MCP server
    ///
    /// Deletes every client of one server whose id is listed. Ids that no longer exist are reported to be ignored without an error.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/clients/delete`
    pub async fn delete_mcp_server_clients<'a>(
        &'a self,
        body: &'a types::DeleteMcpServerClientsRequest,
    ) -> Result<
        ResponseValue<types::DeleteMcpServerClientsResponse>,
        Error<types::Error>,
    > {
        let url = format!("{}/v1/mgmt/mcp/server/clients/delete", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_mcp_server_clients",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Search the clients of an MCP server
    ///
    /// Lists the clients of one server, one page at a time. Filters narrow the result. A search without filters is paged too, so a client can be missing from the first page; use clientId to find one exactly. It is reported that a new client sometimes appears only after some seconds.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/clients/search`
    pub async fn search_mcp_server_clients<'a>(
        &'a self,
        body: &'a types::SearchMcpServerClientsRequest,
    ) -> Result<
        ResponseValue<types::SearchMcpServerClientsResponse>,
        Error<types::Error>,
    > {
        let url = format!("{}/v1/mgmt/mcp/server/clients/search", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "search_mcp_server_clients",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Create an MCP server
    ///
    /// Creates an MCP server in the project and returns the whole record, including the id that the service chose. Whether two servers may have the same name is not documented, so a repeated create can leave a duplicate.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/create`
    pub async fn create_mcp_server<'a>(
        &'a self,
        body: &'a types::CreateMcpServerRequest,
    ) -> Result<ResponseValue<types::CreateMcpServerResponse>, Error<types::Error>> {
        let url = format!("{}/v1/mgmt/mcp/server/create", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_mcp_server",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Delete one MCP server
    ///
    /// Deletes a server permanently. No id is used twice, so a second request cannot delete anything else. Whether the second request gets a success or an error is not documented. What happens to the server's clients is not documented either.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/delete`
    pub async fn delete_mcp_server<'a>(
        &'a self,
        body: &'a types::DeleteMcpServerRequest,
    ) -> Result<ResponseValue<types::DeleteMcpServerResponse>, Error<types::Error>> {
        let url = format!("{}/v1/mgmt/mcp/server/delete", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_mcp_server",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Load one MCP server
    ///
    /// Reads the whole record of one server of the project by its id.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/load`
    pub async fn load_mcp_server<'a>(
        &'a self,
        body: &'a types::LoadMcpServerRequest,
    ) -> Result<ResponseValue<types::LoadMcpServerResponse>, Error<types::Error>> {
        let url = format!("{}/v1/mgmt/mcp/server/load", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "load_mcp_server",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Replace an MCP server
    ///
    /// Replaces the stored record with the given one: members that are left out are lost. To change one member, load the server, change the member and send the whole record back. The API has no version member, so a change that somebody else made between the load and the update is overwritten. Sending the same record twice leaves the same state as sending it once.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/server/update`
    pub async fn update_mcp_server<'a>(
        &'a self,
        body: &'a types::UpdateMcpServerRequest,
    ) -> Result<ResponseValue<types::UpdateMcpServerResponse>, Error<types::Error>> {
        let url = format!("{}/v1/mgmt/mcp/server/update", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_mcp_server",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Load all MCP servers
    ///
    /// Reads the records of all MCP servers of the project in one response. The guide mentions paging and filter members, but no schema has them: send an empty object.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/servers/all`
    pub async fn load_all_mcp_servers<'a>(
        &'a self,
        body: &'a types::LoadAllMcpServersRequest,
    ) -> Result<ResponseValue<types::LoadAllMcpServersResponse>, Error<types::Error>> {
        let url = format!("{}/v1/mgmt/mcp/servers/all", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "load_all_mcp_servers",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Delete several MCP servers
    ///
    /// Deletes every server whose id is listed. What happens with ids that do not exist is not documented. For clients, the bulk operation is reported to ignore them.
    ///
    /// Sends a `POST` request to `/v1/mgmt/mcp/servers/delete`
    pub async fn delete_mcp_servers<'a>(
        &'a self,
        body: &'a types::DeleteMcpServersRequest,
    ) -> Result<ResponseValue<types::DeleteMcpServersResponse>, Error<types::Error>> {
        let url = format!("{}/v1/mgmt/mcp/servers/delete", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_mcp_servers",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
