// Machine-written by `cargo xtask codegen` from openapi/descope-mcp.yaml. Do not edit.

/// Scopes, by the kind of access that they give.
///
/// Basis: documented (fact/approved-scopes-object).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CategorizedScopes {
    /// Scopes that give access to attributes of the user.
    #[serde(
        rename = "attributesScopes",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub attributes_scopes: ::std::option::Option<::std::vec::Vec<Scope>>,
    /// Scopes that give access to connections; the client can then fetch their tokens.
    #[serde(
        rename = "connectionsScopes",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub connections_scopes: ::std::option::Option<::std::vec::Vec<Scope>>,
    /// Scopes that stand for something the client may do.
    #[serde(
        rename = "permissionsScopes",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub permissions_scopes: ::std::option::Option<::std::vec::Vec<Scope>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CategorizedScopes {
    /// Sets `attributes_scopes`.
    #[must_use]
    pub fn attributes_scopes(
        mut self,
        value: impl ::std::iter::IntoIterator<Item = Scope>,
    ) -> Self {
        self.attributes_scopes = ::std::option::Option::Some(
            value.into_iter().collect(),
        );
        self
    }
    /// Sets `connections_scopes`.
    #[must_use]
    pub fn connections_scopes(
        mut self,
        value: impl ::std::iter::IntoIterator<Item = Scope>,
    ) -> Self {
        self.connections_scopes = ::std::option::Option::Some(
            value.into_iter().collect(),
        );
        self
    }
    /// Sets `permissions_scopes`.
    #[must_use]
    pub fn permissions_scopes(
        mut self,
        value: impl ::std::iter::IntoIterator<Item = Scope>,
    ) -> Self {
        self.permissions_scopes = ::std::option::Option::Some(
            value.into_iter().collect(),
        );
        self
    }
}
/// Wrapper object of the list of policies.
///
/// Basis: documented (fact/cimd-settings).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CimdDomainPolicies {
    /// One policy per host or group of hosts.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub policies: ::std::option::Option<::std::vec::Vec<CimdDomainPolicy>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CimdDomainPolicies {
    /// Sets `policies`.
    #[must_use]
    pub fn policies(
        mut self,
        value: impl ::std::iter::IntoIterator<Item = CimdDomainPolicy>,
    ) -> Self {
        self.policies = ::std::option::Option::Some(value.into_iter().collect());
        self
    }
}
/// Whether the hosts that match one pattern are trusted.
///
/// Basis: documented (fact/cimd-settings).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CimdDomainPolicy {
    /// A host, a wildcard for its subdomains such as `*.example.com`, or `*` for all.
    #[serde(
        rename = "domainPattern",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub domain_pattern: ::std::option::Option<::std::string::String>,
    /// Whether this policy applies.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub enabled: ::std::option::Option<bool>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CimdDomainPolicy {
    /// Sets `domain_pattern`.
    #[must_use]
    pub fn domain_pattern(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.domain_pattern = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `enabled`.
    #[must_use]
    pub fn enabled(mut self, value: bool) -> Self {
        self.enabled = ::std::option::Option::Some(value);
        self
    }
}
/// Client ID metadata documents: the id of a client is the HTTPS URL of a document about the client.
///
/// Basis: documented (fact/cimd-settings).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CimdSettings {
    /// Hosts whose documents are trusted.
    #[serde(
        rename = "domainPolicies",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub domain_policies: ::std::option::Option<CimdDomainPolicies>,
    /// Whether such clients are accepted.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub enabled: ::std::option::Option<bool>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CimdSettings {
    /// Sets `domain_policies`.
    #[must_use]
    pub fn domain_policies(
        mut self,
        value: impl ::std::convert::Into<CimdDomainPolicies>,
    ) -> Self {
        self.domain_policies = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `enabled`.
    #[must_use]
    pub fn enabled(mut self, value: bool) -> Self {
        self.enabled = ::std::option::Option::Some(value);
        self
    }
}
/// A new client of one server.
///
/// Basis: documented (fact/create-client).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CreateMcpServerClientRequest {
    /// Ids of the tenants whose users may use this client. Newer than the guide and the reference pages.
    ///
    /// Basis: documented (fact/allowed-tenants).
    #[serde(
        rename = "allowedTenants",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub allowed_tenants: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Redirect URLs that this client may use.
    #[serde(
        rename = "approvedCallbackUrls",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub approved_callback_urls: ::std::option::Option<
        ::std::vec::Vec<::std::string::String>,
    >,
    /// Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.
    ///
    /// Basis: documented (fact/force-add-all).
    #[serde(
        rename = "forceAddAllAuthorizationInfo",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub force_add_all_authorization_info: ::std::option::Option<bool>,
    /// URL or data of the picture shown on the consent screen.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub logo: ::std::option::Option<::std::string::String>,
    /// Id of the server (or of the MCP resource, `RS…`) that the client belongs to.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Name shown to people.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub name: ::std::string::String,
    /// Names of the scopes that the client may ask for. Whether they are checked against the server's approved scopes is not documented.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub scopes: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Labels, in free text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CreateMcpServerClientRequest {
    /// Sets `allowed_tenants`.
    #[must_use]
    pub fn allowed_tenants(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.allowed_tenants = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `approved_callback_urls`.
    #[must_use]
    pub fn approved_callback_urls(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.approved_callback_urls = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `force_add_all_authorization_info`.
    #[must_use]
    pub fn force_add_all_authorization_info(mut self, value: bool) -> Self {
        self.force_add_all_authorization_info = ::std::option::Option::Some(value);
        self
    }
    /// Sets `logo`.
    #[must_use]
    pub fn logo(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.logo = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
    /// Sets `name`.
    #[must_use]
    pub fn name(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.name = value.into();
        self
    }
    /// Sets `scopes`.
    #[must_use]
    pub fn scopes(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.scopes = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `tags`.
    #[must_use]
    pub fn tags(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.tags = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
}
/// Response of CreateMcpServerClient, without a wrapper object.
///
/// Basis: documented (fact/create-client).
#[derive(::serde::Deserialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CreateMcpServerClientResponse {
    /// The client secret.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub cleartext: crate::Secret,
    /// The OAuth client id, for the token endpoint.
    #[serde(rename = "clientId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub client_id: ::std::string::String,
    /// Id of the client record, which every other operation on the client takes.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CreateMcpServerClientResponse {
    /// Sets `cleartext`.
    #[must_use]
    pub fn cleartext(mut self, value: impl ::std::convert::Into<crate::Secret>) -> Self {
        self.cleartext = value.into();
        self
    }
    /// Sets `client_id`.
    #[must_use]
    pub fn client_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.client_id = value.into();
        self
    }
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
}
/// A new server: the members of McpServer without id, plus the two consent members that only creation accepts.
///
/// Basis: documented (fact/create-server).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CreateMcpServerRequest {
    /// Redirect URLs that clients of this server may use.
    #[serde(
        rename = "approvedCallbackUrls",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub approved_callback_urls: ::std::option::Option<
        ::std::vec::Vec<::std::string::String>,
    >,
    /// The scopes that clients of this server may ask for.
    #[serde(
        rename = "approvedScopes",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub approved_scopes: ::std::option::Option<crate::ApprovedScopes>,
    /// Resource URLs that a token of this server may name as its audience.
    #[serde(
        rename = "audienceWhitelist",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub audience_whitelist: ::std::option::Option<
        ::std::vec::Vec<::std::string::String>,
    >,
    /// Whether clients may identify themselves by a client ID metadata document.
    #[serde(
        rename = "cimdSettings",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub cimd_settings: ::std::option::Option<CimdSettings>,
    /// URL of the page that hosts the consent flow. Only creation accepts it; no record has it. Presumably it becomes loginPageURL without its query.
    ///
    /// Basis: documented (fact/consent-flow-members).
    #[serde(
        rename = "consentFlowHostingURL",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub consent_flow_hosting_url: ::std::option::Option<::std::string::String>,
    /// Id of the flow that asks for consent. Only creation accepts it; no record has it. Presumably it becomes the `flow` parameter of loginPageURL.
    ///
    /// Basis: documented (fact/consent-flow-members).
    #[serde(
        rename = "consentFlowId",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub consent_flow_id: ::std::option::Option<::std::string::String>,
    /// What the server offers, in free text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub description: ::std::option::Option<::std::string::String>,
    /// Whether and how clients may register themselves.
    #[serde(
        rename = "dynamicRegistration",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub dynamic_registration: ::std::option::Option<DynamicRegistration>,
    /// Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.
    ///
    /// Basis: documented (fact/force-add-all).
    #[serde(
        rename = "forceAddAllAuthorizationInfo",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub force_add_all_authorization_info: ::std::option::Option<bool>,
    /// Page that runs the consent flow, with the flow's id in its `flow` query parameter.
    ///
    /// Basis: documented (fact/login-page-url).
    #[serde(
        rename = "loginPageURL",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub login_page_url: ::std::option::Option<::std::string::String>,
    /// URL or data of the picture shown on the consent screen.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub logo: ::std::option::Option<::std::string::String>,
    /// Name shown to people. Required by the settings page of the console.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub name: ::std::string::String,
    /// Token lifetimes and templates. If absent or not enabled, those of the project apply.
    #[serde(
        rename = "sessionSettings",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub session_settings: ::std::option::Option<SessionSettings>,
    /// Grants scopes without asking the user.
    #[serde(
        rename = "skipConsentScreen",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub skip_consent_screen: ::std::option::Option<bool>,
    /// Labels, in free text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CreateMcpServerRequest {
    /// Sets `approved_callback_urls`.
    #[must_use]
    pub fn approved_callback_urls(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.approved_callback_urls = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `approved_scopes`.
    #[must_use]
    pub fn approved_scopes(
        mut self,
        value: impl ::std::convert::Into<crate::ApprovedScopes>,
    ) -> Self {
        self.approved_scopes = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `audience_whitelist`.
    #[must_use]
    pub fn audience_whitelist(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.audience_whitelist = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `cimd_settings`.
    #[must_use]
    pub fn cimd_settings(
        mut self,
        value: impl ::std::convert::Into<CimdSettings>,
    ) -> Self {
        self.cimd_settings = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `consent_flow_hosting_url`.
    #[must_use]
    pub fn consent_flow_hosting_url(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.consent_flow_hosting_url = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `consent_flow_id`.
    #[must_use]
    pub fn consent_flow_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.consent_flow_id = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `description`.
    #[must_use]
    pub fn description(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.description = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `dynamic_registration`.
    #[must_use]
    pub fn dynamic_registration(
        mut self,
        value: impl ::std::convert::Into<DynamicRegistration>,
    ) -> Self {
        self.dynamic_registration = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `force_add_all_authorization_info`.
    #[must_use]
    pub fn force_add_all_authorization_info(mut self, value: bool) -> Self {
        self.force_add_all_authorization_info = ::std::option::Option::Some(value);
        self
    }
    /// Sets `login_page_url`.
    #[must_use]
    pub fn login_page_url(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.login_page_url = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `logo`.
    #[must_use]
    pub fn logo(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.logo = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `name`.
    #[must_use]
    pub fn name(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.name = value.into();
        self
    }
    /// Sets `session_settings`.
    #[must_use]
    pub fn session_settings(
        mut self,
        value: impl ::std::convert::Into<SessionSettings>,
    ) -> Self {
        self.session_settings = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `skip_consent_screen`.
    #[must_use]
    pub fn skip_consent_screen(mut self, value: bool) -> Self {
        self.skip_consent_screen = ::std::option::Option::Some(value);
        self
    }
    /// Sets `tags`.
    #[must_use]
    pub fn tags(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.tags = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
}
/// Response of CreateMcpServer.
///
/// Basis: documented (fact/create-server).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CreateMcpServerResponse {
    /// The server that was created.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub server: McpServer,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl CreateMcpServerResponse {
    /// Sets `server`.
    #[must_use]
    pub fn server(mut self, value: impl ::std::convert::Into<McpServer>) -> Self {
        self.server = value.into();
        self
    }
}
/// Which client to delete.
///
/// Basis: documented (fact/delete-client).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct DeleteMcpServerClientRequest {
    /// Id of the client record.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// Id of the server that the client belongs to.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl DeleteMcpServerClientRequest {
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
}
/// Response of DeleteMcpServerClient, an empty object.
///
/// Basis: documented (fact/deletes-answer-nothing).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[serde(transparent)]
pub struct DeleteMcpServerClientResponse(pub crate::UnknownMembers);
impl ::std::ops::Deref for DeleteMcpServerClientResponse {
    type Target = crate::UnknownMembers;
    fn deref(&self) -> &crate::UnknownMembers {
        &self.0
    }
}
impl ::std::convert::From<DeleteMcpServerClientResponse> for crate::UnknownMembers {
    fn from(value: DeleteMcpServerClientResponse) -> Self {
        value.0
    }
}
impl ::std::convert::From<crate::UnknownMembers> for DeleteMcpServerClientResponse {
    fn from(value: crate::UnknownMembers) -> Self {
        Self(value)
    }
}
/// Which clients of one server to delete.
///
/// Basis: documented (fact/delete-clients).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct DeleteMcpServerClientsRequest {
    /// Ids of the client records.
    #[serde(default, deserialize_with = "crate::wire::list_or_empty")]
    pub ids: ::std::vec::Vec<::std::string::String>,
    /// Id of the server that the clients belong to.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl DeleteMcpServerClientsRequest {
    /// Sets `ids`.
    #[must_use]
    pub fn ids(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.ids = value.into_iter().map(::std::convert::Into::into).collect();
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
}
/// Response of DeleteMcpServerClients, an empty object.
///
/// Basis: documented (fact/deletes-answer-nothing).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[serde(transparent)]
pub struct DeleteMcpServerClientsResponse(pub crate::UnknownMembers);
impl ::std::ops::Deref for DeleteMcpServerClientsResponse {
    type Target = crate::UnknownMembers;
    fn deref(&self) -> &crate::UnknownMembers {
        &self.0
    }
}
impl ::std::convert::From<DeleteMcpServerClientsResponse> for crate::UnknownMembers {
    fn from(value: DeleteMcpServerClientsResponse) -> Self {
        value.0
    }
}
impl ::std::convert::From<crate::UnknownMembers> for DeleteMcpServerClientsResponse {
    fn from(value: crate::UnknownMembers) -> Self {
        Self(value)
    }
}
/// Which server to delete.
///
/// Basis: documented (fact/delete-server).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct DeleteMcpServerRequest {
    /// Id of the server.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl DeleteMcpServerRequest {
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
}
/// Response of DeleteMcpServer, an empty object.
///
/// Basis: documented (fact/deletes-answer-nothing).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[serde(transparent)]
pub struct DeleteMcpServerResponse(pub crate::UnknownMembers);
impl ::std::ops::Deref for DeleteMcpServerResponse {
    type Target = crate::UnknownMembers;
    fn deref(&self) -> &crate::UnknownMembers {
        &self.0
    }
}
impl ::std::convert::From<DeleteMcpServerResponse> for crate::UnknownMembers {
    fn from(value: DeleteMcpServerResponse) -> Self {
        value.0
    }
}
impl ::std::convert::From<crate::UnknownMembers> for DeleteMcpServerResponse {
    fn from(value: crate::UnknownMembers) -> Self {
        Self(value)
    }
}
/// Which servers to delete.
///
/// Basis: documented (fact/delete-servers).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct DeleteMcpServersRequest {
    /// Ids of the servers.
    #[serde(default, deserialize_with = "crate::wire::list_or_empty")]
    pub ids: ::std::vec::Vec<::std::string::String>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl DeleteMcpServersRequest {
    /// Sets `ids`.
    #[must_use]
    pub fn ids(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.ids = value.into_iter().map(::std::convert::Into::into).collect();
        self
    }
}
/// Response of DeleteMcpServers, an empty object.
///
/// Basis: documented (fact/deletes-answer-nothing).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[serde(transparent)]
pub struct DeleteMcpServersResponse(pub crate::UnknownMembers);
impl ::std::ops::Deref for DeleteMcpServersResponse {
    type Target = crate::UnknownMembers;
    fn deref(&self) -> &crate::UnknownMembers {
        &self.0
    }
}
impl ::std::convert::From<DeleteMcpServersResponse> for crate::UnknownMembers {
    fn from(value: DeleteMcpServersResponse) -> Self {
        value.0
    }
}
impl ::std::convert::From<crate::UnknownMembers> for DeleteMcpServersResponse {
    fn from(value: crate::UnknownMembers) -> Self {
        Self(value)
    }
}
/// Dynamic client registration (RFC 7591) of one server.
///
/// Basis: documented (fact/dynamic-registration, fact/registration-scopes-switch).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct DynamicRegistration {
    /// If true, clients that register themselves do not get every approved scope.
    #[serde(
        rename = "disableApprovedScopesAsDefault",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub disable_approved_scopes_as_default: ::std::option::Option<bool>,
    /// Whether clients may register themselves.
    ///
    /// Basis: documented (fact/dynamic-registration).
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub enabled: ::std::option::Option<bool>,
    /// Flow that decides on a registration. It is not the consent flow.
    ///
    /// Basis: documented (fact/dynamic-registration).
    #[serde(rename = "flowId", skip_serializing_if = "::std::option::Option::is_none")]
    pub flow_id: ::std::option::Option<::std::string::String>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl DynamicRegistration {
    /// Sets `disable_approved_scopes_as_default`.
    #[must_use]
    pub fn disable_approved_scopes_as_default(mut self, value: bool) -> Self {
        self.disable_approved_scopes_as_default = ::std::option::Option::Some(value);
        self
    }
    /// Sets `enabled`.
    #[must_use]
    pub fn enabled(mut self, value: bool) -> Self {
        self.enabled = ::std::option::Option::Some(value);
        self
    }
    /// Sets `flow_id`.
    #[must_use]
    pub fn flow_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.flow_id = ::std::option::Option::Some(value.into());
        self
    }
}
/// The error that the service returns when it refuses a request or fails. Any member may be missing.
///
/// Basis: documented (fact/error-envelope).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Error {
    /// Error code, `E` and six digits. Programs should use this member.
    #[serde(
        rename = "errorCode",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub error_code: ::std::option::Option<::std::string::String>,
    /// Description of the error, the same for every request with this error.
    #[serde(
        rename = "errorDescription",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub error_description: ::std::option::Option<::std::string::String>,
    /// Details about this request.
    #[serde(
        rename = "errorMessage",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub error_message: ::std::option::Option<::std::string::String>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl Error {
    /// Sets `error_code`.
    #[must_use]
    pub fn error_code(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.error_code = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `error_description`.
    #[must_use]
    pub fn error_description(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.error_description = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `error_message`.
    #[must_use]
    pub fn error_message(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.error_message = ::std::option::Option::Some(value.into());
        self
    }
}
/// Whose secret to read.
///
/// Basis: documented (fact/get-client-secret).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct GetMcpServerClientSecretRequest {
    /// Id of the client record.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// Id of the server that the client belongs to.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl GetMcpServerClientSecretRequest {
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
}
/// Response of GetMcpServerClientSecret.
///
/// Basis: documented (fact/get-client-secret).
#[derive(::serde::Deserialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct GetMcpServerClientSecretResponse {
    /// The current client secret.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub cleartext: crate::Secret,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl GetMcpServerClientSecretResponse {
    /// Sets `cleartext`.
    #[must_use]
    pub fn cleartext(mut self, value: impl ::std::convert::Into<crate::Secret>) -> Self {
        self.cleartext = value.into();
        self
    }
}
/// An empty object.
///
/// Basis: documented (fact/load-all-servers).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[serde(transparent)]
pub struct LoadAllMcpServersRequest(pub crate::UnknownMembers);
impl ::std::ops::Deref for LoadAllMcpServersRequest {
    type Target = crate::UnknownMembers;
    fn deref(&self) -> &crate::UnknownMembers {
        &self.0
    }
}
impl ::std::convert::From<LoadAllMcpServersRequest> for crate::UnknownMembers {
    fn from(value: LoadAllMcpServersRequest) -> Self {
        value.0
    }
}
impl ::std::convert::From<crate::UnknownMembers> for LoadAllMcpServersRequest {
    fn from(value: crate::UnknownMembers) -> Self {
        Self(value)
    }
}
/// Response of LoadAllMcpServers.
///
/// Basis: documented (fact/load-all-servers).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct LoadAllMcpServersResponse {
    /// All servers of the project, in no documented order. A server may leave out an empty list.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub servers: ::std::option::Option<::std::vec::Vec<McpServer>>,
    /// Number of servers of the project. The guide does not mention it.
    ///
    /// Basis: documented (fact/server-total).
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::advisory_integer")]
    pub total: ::std::option::Option<i32>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl LoadAllMcpServersResponse {
    /// Sets `servers`.
    #[must_use]
    pub fn servers(
        mut self,
        value: impl ::std::iter::IntoIterator<Item = McpServer>,
    ) -> Self {
        self.servers = ::std::option::Option::Some(value.into_iter().collect());
        self
    }
    /// Sets `total`.
    #[must_use]
    pub fn total(mut self, value: i32) -> Self {
        self.total = ::std::option::Option::Some(value);
        self
    }
}
/// Which client to load. Send id or clientId.
///
/// Basis: documented (fact/load-client, fact/load-by-client-id).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct LoadMcpServerClientRequest {
    /// The OAuth client id, instead of id. The guide does not mention it.
    ///
    /// Basis: documented (fact/load-by-client-id).
    #[serde(rename = "clientId", skip_serializing_if = "::std::option::Option::is_none")]
    pub client_id: ::std::option::Option<::std::string::String>,
    /// Id of the client record.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub id: ::std::option::Option<::std::string::String>,
    /// Id of the server that the client belongs to.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl LoadMcpServerClientRequest {
    /// Sets `client_id`.
    #[must_use]
    pub fn client_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.client_id = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
}
/// Response of LoadMcpServerClient.
///
/// Basis: documented (fact/load-client).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct LoadMcpServerClientResponse {
    /// The stored client.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub client: McpServerClient,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl LoadMcpServerClientResponse {
    /// Sets `client`.
    #[must_use]
    pub fn client(mut self, value: impl ::std::convert::Into<McpServerClient>) -> Self {
        self.client = value.into();
        self
    }
}
/// Which server to load.
///
/// Basis: documented (fact/load-server).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct LoadMcpServerRequest {
    /// Id of the server.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl LoadMcpServerRequest {
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
}
/// Response of LoadMcpServer.
///
/// Basis: documented (fact/load-server).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct LoadMcpServerResponse {
    /// The stored server.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub server: McpServer,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl LoadMcpServerResponse {
    /// Sets `server`.
    #[must_use]
    pub fn server(mut self, value: impl ::std::convert::Into<McpServer>) -> Self {
        self.server = value.into();
        self
    }
}
/// An MCP server: an OAuth-protected resource with its own authorization server.
///
/// Basis: documented (fact/server-record).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct McpServer {
    /// Redirect URLs that clients of this server may use.
    #[serde(
        rename = "approvedCallbackUrls",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub approved_callback_urls: ::std::option::Option<
        ::std::vec::Vec<::std::string::String>,
    >,
    /// The scopes that clients of this server may ask for.
    #[serde(
        rename = "approvedScopes",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub approved_scopes: ::std::option::Option<crate::ApprovedScopes>,
    /// Resource URLs that a token of this server may name as its audience.
    #[serde(
        rename = "audienceWhitelist",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub audience_whitelist: ::std::option::Option<
        ::std::vec::Vec<::std::string::String>,
    >,
    /// Whether clients may identify themselves by a client ID metadata document.
    #[serde(
        rename = "cimdSettings",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub cimd_settings: ::std::option::Option<CimdSettings>,
    /// What the server offers, in free text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub description: ::std::option::Option<::std::string::String>,
    /// Whether and how clients may register themselves.
    #[serde(
        rename = "dynamicRegistration",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub dynamic_registration: ::std::option::Option<DynamicRegistration>,
    /// Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.
    ///
    /// Basis: documented (fact/force-add-all).
    #[serde(
        rename = "forceAddAllAuthorizationInfo",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub force_add_all_authorization_info: ::std::option::Option<bool>,
    /// Id of the server, chosen by the service on creation and never changed. `MS` and 27 base62 characters.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// Page that runs the consent flow, with the flow's id in its `flow` query parameter. It is reported that a flow of another kind is refused with E102005.
    ///
    /// Basis: documented (fact/login-page-url).
    #[serde(
        rename = "loginPageURL",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub login_page_url: ::std::option::Option<::std::string::String>,
    /// URL or data of the picture shown on the consent screen.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub logo: ::std::option::Option<::std::string::String>,
    /// Name shown to people.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub name: ::std::option::Option<::std::string::String>,
    /// Token lifetimes and templates. If absent or not enabled, those of the project apply.
    #[serde(
        rename = "sessionSettings",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub session_settings: ::std::option::Option<SessionSettings>,
    /// Grants scopes without asking the user.
    #[serde(
        rename = "skipConsentScreen",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub skip_consent_screen: ::std::option::Option<bool>,
    /// Labels, in free text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl McpServer {
    /// Sets `approved_callback_urls`.
    #[must_use]
    pub fn approved_callback_urls(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.approved_callback_urls = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `approved_scopes`.
    #[must_use]
    pub fn approved_scopes(
        mut self,
        value: impl ::std::convert::Into<crate::ApprovedScopes>,
    ) -> Self {
        self.approved_scopes = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `audience_whitelist`.
    #[must_use]
    pub fn audience_whitelist(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.audience_whitelist = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `cimd_settings`.
    #[must_use]
    pub fn cimd_settings(
        mut self,
        value: impl ::std::convert::Into<CimdSettings>,
    ) -> Self {
        self.cimd_settings = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `description`.
    #[must_use]
    pub fn description(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.description = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `dynamic_registration`.
    #[must_use]
    pub fn dynamic_registration(
        mut self,
        value: impl ::std::convert::Into<DynamicRegistration>,
    ) -> Self {
        self.dynamic_registration = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `force_add_all_authorization_info`.
    #[must_use]
    pub fn force_add_all_authorization_info(mut self, value: bool) -> Self {
        self.force_add_all_authorization_info = ::std::option::Option::Some(value);
        self
    }
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
    /// Sets `login_page_url`.
    #[must_use]
    pub fn login_page_url(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.login_page_url = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `logo`.
    #[must_use]
    pub fn logo(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.logo = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `name`.
    #[must_use]
    pub fn name(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.name = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `session_settings`.
    #[must_use]
    pub fn session_settings(
        mut self,
        value: impl ::std::convert::Into<SessionSettings>,
    ) -> Self {
        self.session_settings = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `skip_consent_screen`.
    #[must_use]
    pub fn skip_consent_screen(mut self, value: bool) -> Self {
        self.skip_consent_screen = ::std::option::Option::Some(value);
        self
    }
    /// Sets `tags`.
    #[must_use]
    pub fn tags(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.tags = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
}
/// An OAuth client of one MCP server. The record never contains the client's secret.
///
/// Basis: documented (fact/client-record).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct McpServerClient {
    /// Ids of the tenants whose users may use this client. Newer than the guide and the reference pages.
    ///
    /// Basis: documented (fact/allowed-tenants).
    #[serde(
        rename = "allowedTenants",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub allowed_tenants: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Redirect URLs that this client may use.
    #[serde(
        rename = "approvedCallbackUrls",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub approved_callback_urls: ::std::option::Option<
        ::std::vec::Vec<::std::string::String>,
    >,
    /// The OAuth client id. For clients that CreateMcpServerClient created, it is the project id and the record id in base64. For clients with a metadata document, it is the URL of that document.
    #[serde(rename = "clientId", skip_serializing_if = "::std::option::Option::is_none")]
    pub client_id: ::std::option::Option<::std::string::String>,
    /// Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name.
    #[serde(
        rename = "forceAddAllAuthorizationInfo",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub force_add_all_authorization_info: ::std::option::Option<bool>,
    /// Id of the record, chosen by the service on creation. `TPA` and 27 base62 characters.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// URL or data of the picture shown on the consent screen.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub logo: ::std::option::Option<::std::string::String>,
    /// Id of the server that the client belongs to.
    #[serde(
        rename = "mcpServerId",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub mcp_server_id: ::std::option::Option<::std::string::String>,
    /// Name shown to people.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub name: ::std::option::Option<::std::string::String>,
    /// How the client was registered: by hand, by dynamic registration or by a metadata document. The values are not documented.
    #[serde(
        rename = "registrationType",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub registration_type: ::std::option::Option<::std::string::String>,
    /// Names of the scopes that the client may ask for.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub scopes: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// State of the client. The values are not documented; a public user of the live API relies on `verified`, and the guide's example filters by `active`.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub status: ::std::option::Option<::std::string::String>,
    /// Labels, in free text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl McpServerClient {
    /// Sets `allowed_tenants`.
    #[must_use]
    pub fn allowed_tenants(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.allowed_tenants = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `approved_callback_urls`.
    #[must_use]
    pub fn approved_callback_urls(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.approved_callback_urls = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `client_id`.
    #[must_use]
    pub fn client_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.client_id = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `force_add_all_authorization_info`.
    #[must_use]
    pub fn force_add_all_authorization_info(mut self, value: bool) -> Self {
        self.force_add_all_authorization_info = ::std::option::Option::Some(value);
        self
    }
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
    /// Sets `logo`.
    #[must_use]
    pub fn logo(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.logo = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `name`.
    #[must_use]
    pub fn name(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.name = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `registration_type`.
    #[must_use]
    pub fn registration_type(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.registration_type = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `scopes`.
    #[must_use]
    pub fn scopes(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.scopes = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `status`.
    #[must_use]
    pub fn status(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.status = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `tags`.
    #[must_use]
    pub fn tags(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.tags = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
}
/// Whose secret to replace.
///
/// Basis: documented (fact/rotate-client-secret).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct RotateMcpServerClientSecretRequest {
    /// Id of the client record.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// Id of the server that the client belongs to.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl RotateMcpServerClientSecretRequest {
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
}
/// Response of RotateMcpServerClientSecret.
///
/// Basis: documented (fact/rotate-client-secret).
#[derive(::serde::Deserialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct RotateMcpServerClientSecretResponse {
    /// The new client secret.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub cleartext: crate::Secret,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl RotateMcpServerClientSecretResponse {
    /// Sets `cleartext`.
    #[must_use]
    pub fn cleartext(mut self, value: impl ::std::convert::Into<crate::Secret>) -> Self {
        self.cleartext = value.into();
        self
    }
}
/// One scope that clients may ask for.
///
/// Basis: documented (fact/scope).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Scope {
    /// What the user reads on the consent screen.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub description: ::std::option::Option<::std::string::String>,
    /// The scope as it appears in OAuth requests.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub name: ::std::option::Option<::std::string::String>,
    /// Whether the client or the user may leave the scope out. If absent, the scope is mandatory.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub optional: ::std::option::Option<bool>,
    /// What the scope stands for, such as connections or their resource URLs.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub values: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl Scope {
    /// Sets `description`.
    #[must_use]
    pub fn description(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.description = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `name`.
    #[must_use]
    pub fn name(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.name = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `optional`.
    #[must_use]
    pub fn optional(mut self, value: bool) -> Self {
        self.optional = ::std::option::Option::Some(value);
        self
    }
    /// Sets `values`.
    #[must_use]
    pub fn values(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.values = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
}
/// Which clients to list. A client must match all filters.
///
/// Basis: documented (fact/search-clients).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct SearchMcpServerClientsRequest {
    /// Only the client with this OAuth client id.
    #[serde(rename = "clientId", skip_serializing_if = "::std::option::Option::is_none")]
    pub client_id: ::std::option::Option<::std::string::String>,
    /// Maximum number of clients per page; never negative. If it is 0 or absent, the service chooses a limit that is not documented.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::integer")]
    pub limit: ::std::option::Option<i32>,
    /// Id of the server whose clients are listed.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Only clients with this name. Whether a part of the name matches is not documented.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub name: ::std::option::Option<::std::string::String>,
    /// Which page, counted from 0; never negative.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::integer")]
    pub page: ::std::option::Option<i32>,
    /// Only clients that were registered in this way. Presumably compared with registrationType of the record; the values are not documented.
    #[serde(
        rename = "registrationMethod",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub registration_method: ::std::option::Option<::std::string::String>,
    /// Sort order of the result, the most important member first.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub sort: ::std::option::Option<::std::vec::Vec<SortField>>,
    /// Only clients in this state. The values are not documented; see McpServerClient.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub status: ::std::option::Option<::std::string::String>,
    /// Only clients that have this tag.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub tag: ::std::option::Option<::std::string::String>,
    /// Text to look for in several members; which members is not documented.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub text: ::std::option::Option<::std::string::String>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl SearchMcpServerClientsRequest {
    /// Sets `client_id`.
    #[must_use]
    pub fn client_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.client_id = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `limit`.
    #[must_use]
    pub fn limit(mut self, value: i32) -> Self {
        self.limit = ::std::option::Option::Some(value);
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
    /// Sets `name`.
    #[must_use]
    pub fn name(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.name = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `page`.
    #[must_use]
    pub fn page(mut self, value: i32) -> Self {
        self.page = ::std::option::Option::Some(value);
        self
    }
    /// Sets `registration_method`.
    #[must_use]
    pub fn registration_method(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.registration_method = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `sort`.
    #[must_use]
    pub fn sort(
        mut self,
        value: impl ::std::iter::IntoIterator<Item = SortField>,
    ) -> Self {
        self.sort = ::std::option::Option::Some(value.into_iter().collect());
        self
    }
    /// Sets `status`.
    #[must_use]
    pub fn status(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.status = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `tag`.
    #[must_use]
    pub fn tag(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.tag = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `text`.
    #[must_use]
    pub fn text(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.text = ::std::option::Option::Some(value.into());
        self
    }
}
/// Response of SearchMcpServerClients: one page.
///
/// Basis: documented (fact/search-clients).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct SearchMcpServerClientsResponse {
    /// The clients of this page. A server may leave out an empty list.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub clients: ::std::option::Option<::std::vec::Vec<McpServerClient>>,
    /// A count. Presumably the number of matches on all pages; no document says so.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::advisory_integer")]
    pub total: ::std::option::Option<i32>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl SearchMcpServerClientsResponse {
    /// Sets `clients`.
    #[must_use]
    pub fn clients(
        mut self,
        value: impl ::std::iter::IntoIterator<Item = McpServerClient>,
    ) -> Self {
        self.clients = ::std::option::Option::Some(value.into_iter().collect());
        self
    }
    /// Sets `total`.
    #[must_use]
    pub fn total(mut self, value: i32) -> Self {
        self.total = ::std::option::Option::Some(value);
        self
    }
}
/// Lifetimes and templates of the tokens of one server. Each lifetime is a number, with its unit in another member: seconds, minutes, hours, days or weeks. Units and limits are those of Descope's inbound applications.
///
/// Basis: documented (fact/session-settings).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct SessionSettings {
    /// Whether these settings apply. If not, those of the project apply.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub enabled: ::std::option::Option<bool>,
    /// Lifetime of tokens that a client gets for itself, in keySessionTokenExpirationUnit. Inbound applications allow three minutes to one month.
    #[serde(
        rename = "keySessionTokenExpiration",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::integer")]
    pub key_session_token_expiration: ::std::option::Option<i32>,
    /// Unit of keySessionTokenExpiration.
    #[serde(
        rename = "keySessionTokenExpirationUnit",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub key_session_token_expiration_unit: ::std::option::Option<::std::string::String>,
    /// Template for the claims of tokens that a client gets for itself.
    #[serde(
        rename = "keyTemplateId",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub key_template_id: ::std::option::Option<::std::string::String>,
    /// Lifetime of refresh tokens, in refreshTokenExpirationUnit.
    #[serde(
        rename = "refreshTokenExpiration",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::integer")]
    pub refresh_token_expiration: ::std::option::Option<i32>,
    /// Unit of refreshTokenExpiration.
    #[serde(
        rename = "refreshTokenExpirationUnit",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub refresh_token_expiration_unit: ::std::option::Option<::std::string::String>,
    /// Lifetime of access tokens of users, in sessionTokenExpirationUnit.
    #[serde(
        rename = "sessionTokenExpiration",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::integer")]
    pub session_token_expiration: ::std::option::Option<i32>,
    /// Unit of sessionTokenExpiration.
    #[serde(
        rename = "sessionTokenExpirationUnit",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub session_token_expiration_unit: ::std::option::Option<::std::string::String>,
    /// Template for the claims of users' tokens.
    #[serde(
        rename = "userTemplateId",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub user_template_id: ::std::option::Option<::std::string::String>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl SessionSettings {
    /// Sets `enabled`.
    #[must_use]
    pub fn enabled(mut self, value: bool) -> Self {
        self.enabled = ::std::option::Option::Some(value);
        self
    }
    /// Sets `key_session_token_expiration`.
    #[must_use]
    pub fn key_session_token_expiration(mut self, value: i32) -> Self {
        self.key_session_token_expiration = ::std::option::Option::Some(value);
        self
    }
    /// Sets `key_session_token_expiration_unit`.
    #[must_use]
    pub fn key_session_token_expiration_unit(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.key_session_token_expiration_unit = ::std::option::Option::Some(
            value.into(),
        );
        self
    }
    /// Sets `key_template_id`.
    #[must_use]
    pub fn key_template_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.key_template_id = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `refresh_token_expiration`.
    #[must_use]
    pub fn refresh_token_expiration(mut self, value: i32) -> Self {
        self.refresh_token_expiration = ::std::option::Option::Some(value);
        self
    }
    /// Sets `refresh_token_expiration_unit`.
    #[must_use]
    pub fn refresh_token_expiration_unit(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.refresh_token_expiration_unit = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `session_token_expiration`.
    #[must_use]
    pub fn session_token_expiration(mut self, value: i32) -> Self {
        self.session_token_expiration = ::std::option::Option::Some(value);
        self
    }
    /// Sets `session_token_expiration_unit`.
    #[must_use]
    pub fn session_token_expiration_unit(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.session_token_expiration_unit = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `user_template_id`.
    #[must_use]
    pub fn user_template_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.user_template_id = ::std::option::Option::Some(value.into());
        self
    }
}
/// One member to sort by, and the direction.
///
/// Basis: documented (fact/search-sort).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct SortField {
    /// Whether to sort in descending order.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub desc: ::std::option::Option<bool>,
    /// Name of the member. Which members clients can be sorted by is not documented.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub field: ::std::option::Option<::std::string::String>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl SortField {
    /// Sets `desc`.
    #[must_use]
    pub fn desc(mut self, value: bool) -> Self {
        self.desc = ::std::option::Option::Some(value);
        self
    }
    /// Sets `field`.
    #[must_use]
    pub fn field(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.field = ::std::option::Option::Some(value.into());
        self
    }
}
/// New values for an existing client.
///
/// Basis: documented (fact/update-client).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct UpdateMcpServerClientRequest {
    /// Ids of the tenants whose users may use this client. Newer than the guide and the reference pages.
    ///
    /// Basis: documented (fact/allowed-tenants).
    #[serde(
        rename = "allowedTenants",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub allowed_tenants: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Redirect URLs that this client may use.
    #[serde(
        rename = "approvedCallbackUrls",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub approved_callback_urls: ::std::option::Option<
        ::std::vec::Vec<::std::string::String>,
    >,
    /// Adds all of a user's authorization data (tenants, roles, permissions) to tokens, judging by its name. The guide does not mention it.
    ///
    /// Basis: documented (fact/force-add-all).
    #[serde(
        rename = "forceAddAllAuthorizationInfo",
        skip_serializing_if = "::std::option::Option::is_none"
    )]
    pub force_add_all_authorization_info: ::std::option::Option<bool>,
    /// Id of the client record.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub id: ::std::string::String,
    /// URL or data of the picture shown on the consent screen.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub logo: ::std::option::Option<::std::string::String>,
    /// Id of the server that the client belongs to.
    #[serde(rename = "mcpServerId")]
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub mcp_server_id: ::std::string::String,
    /// Name shown to people.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub name: ::std::option::Option<::std::string::String>,
    /// Names of the scopes that the client may ask for.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub scopes: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Labels, in free text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    #[serde(default, deserialize_with = "crate::wire::list")]
    pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl UpdateMcpServerClientRequest {
    /// Sets `allowed_tenants`.
    #[must_use]
    pub fn allowed_tenants(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.allowed_tenants = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `approved_callback_urls`.
    #[must_use]
    pub fn approved_callback_urls(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.approved_callback_urls = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `force_add_all_authorization_info`.
    #[must_use]
    pub fn force_add_all_authorization_info(mut self, value: bool) -> Self {
        self.force_add_all_authorization_info = ::std::option::Option::Some(value);
        self
    }
    /// Sets `id`.
    #[must_use]
    pub fn id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.id = value.into();
        self
    }
    /// Sets `logo`.
    #[must_use]
    pub fn logo(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.logo = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `mcp_server_id`.
    #[must_use]
    pub fn mcp_server_id(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.mcp_server_id = value.into();
        self
    }
    /// Sets `name`.
    #[must_use]
    pub fn name(
        mut self,
        value: impl ::std::convert::Into<::std::string::String>,
    ) -> Self {
        self.name = ::std::option::Option::Some(value.into());
        self
    }
    /// Sets `scopes`.
    #[must_use]
    pub fn scopes(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.scopes = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
    /// Sets `tags`.
    #[must_use]
    pub fn tags(
        mut self,
        value: impl ::std::iter::IntoIterator<
            Item = impl ::std::convert::Into<::std::string::String>,
        >,
    ) -> Self {
        self.tags = ::std::option::Option::Some(
            value.into_iter().map(::std::convert::Into::into).collect(),
        );
        self
    }
}
/// Response of UpdateMcpServerClient.
///
/// Basis: documented (fact/update-client).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct UpdateMcpServerClientResponse {
    /// The client after the update.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub client: McpServerClient,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl UpdateMcpServerClientResponse {
    /// Sets `client`.
    #[must_use]
    pub fn client(mut self, value: impl ::std::convert::Into<McpServerClient>) -> Self {
        self.client = value.into();
        self
    }
}
/// The record that replaces the stored one.
///
/// Basis: documented (fact/update-server).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct UpdateMcpServerRequest {
    /// The whole server, with the id of the server to replace. Members that are left out are lost.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub server: McpServer,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl UpdateMcpServerRequest {
    /// Sets `server`.
    #[must_use]
    pub fn server(mut self, value: impl ::std::convert::Into<McpServer>) -> Self {
        self.server = value.into();
        self
    }
}
/// Response of UpdateMcpServer.
///
/// Basis: documented (fact/update-server).
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct UpdateMcpServerResponse {
    /// The server after the update.
    #[serde(default, deserialize_with = "crate::wire::null_as_default")]
    pub server: McpServer,
    /// Members that the document does not describe, kept as they came.
    #[serde(flatten)]
    pub extra: crate::UnknownMembers,
}
impl UpdateMcpServerResponse {
    /// Sets `server`.
    #[must_use]
    pub fn server(mut self, value: impl ::std::convert::Into<McpServer>) -> Self {
        self.server = value.into();
        self
    }
}
