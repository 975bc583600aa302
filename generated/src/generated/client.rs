// Machine-written by `cargo xtask codegen` from openapi/descope-mcp.yaml. Do not edit.

use super::types;
#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
#[derive(Clone, Debug)]
/// Client for Descope MCP server management (unofficial)
///
/// The 14 management operations of Descope's Agentic Identity Hub over MCP servers (resources protected by OAuth) and MCP server clients (OAuth clients of exactly one server). Written independently of Descope, in our own words; the version is the date of the published document that it was last compared with. Every operation is a POST with a JSON object in and a JSON object out.
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
    /// Makes a new OAuth client that belongs to one MCP server. The answer is flat: the record's id, the OAuth client id and the first client secret. Store the secret, although GetMcpServerClientSecret can read it again. Sending it twice makes two clients.
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
    /// Removes a client and its secret for good. Ids are never given out again, so sending it a second time can destroy nothing else; whether that second time is answered with success or with an error is not documented.
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
    /// Reads the record of one client. Name it by its record id or by its OAuth client id; the guide knows only the record id, the reference has both. The record never holds the secret.
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
    /// Answers with the secret that the client has now. It can be read as often as needed, which contradicts the guide's remark elsewhere that a secret is shown only once.
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
    /// Makes a new secret for the client and answers with it. That the old one stops working at once is assumed from Descope's other keys. Every call makes another secret: if the outcome of a call is unknown, read the secret with GetMcpServerClientSecret instead of rotating again.
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
    /// Writes new values to an existing client and answers with the record. Documents do not say whether members that are left out keep their value or are cleared; to be safe under both, load the client and send every member that this request has. Sending the same body twice leaves the same state as sending it once, under both readings.
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
    /// Removes every client of one server whose id is listed. Ids that no longer exist are reported to be passed over without an error.
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
    /// Lists the clients of one server, a page at a time, narrowed by any of the filters. A search without filters is paged too, so a client can be missing from the first page; look one up exactly by clientId. A client that was created a moment ago is reported to appear only after some seconds at times.
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
    /// Makes a new MCP server in the project and answers with the whole record, including the id that the service chose. Whether two servers may share a name is not documented, so a repeated create can leave a duplicate.
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
    /// Removes a server for good. Ids are never given out again, so sending it a second time can destroy nothing else; whether that second time is answered with success or with an error is not documented. What becomes of the server's clients is not documented either.
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
    /// Puts the given record in the place of the stored one: members that are left out are lost. To change one member, load the server, change it and send everything back. The API has no version member, so a change that somebody else made between the load and the update is overwritten. Sending the same record twice leaves the same state as sending it once.
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
    /// Reads the records of every MCP server in the project in one answer. The guide speaks of paging and filter members, yet no schema has any: send an empty object.
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
    /// Removes every server whose id is listed. How ids that do not exist are answered is not documented for servers; for clients, the bulk form is reported to pass over them.
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
