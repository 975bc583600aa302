//! What actions do to a target, as far as the suite tells effects apart. No I/O here.

use crate::labels::{ClientLabel, ServerLabel, WhichSecret};

/// What a request does if the target carries it out, and what its answer tells besides records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect<'a> {
    /// Nothing.
    Nothing,
    /// Creates this server; the answer gives its id.
    CreateServer(ServerLabel),
    /// Creates a client record; the answer gives its ids and its secret.
    CreateClient {
        /// The client record.
        client: ClientLabel,
        /// Its server.
        server: ServerLabel,
    },
    /// Changes this server.
    UpdateServer(ServerLabel),
    /// Changes this client record.
    UpdateClient(ClientLabel),
    /// Deletes these servers.
    DeleteServers(&'a [ServerLabel]),
    /// Deletes client records.
    DeleteClients {
        /// The client records.
        clients: &'a [ClientLabel],
        /// Their server, if the request deletes in bulk.
        in_bulk_of: Option<ServerLabel>,
    },
    /// Gives this client a new secret, which the answer tells.
    RotateSecret(ClientLabel),
    /// Tells the secret of this client.
    ReadSecret(ClientLabel),
    /// Tells which clients a server has.
    SearchClients {
        /// The server.
        server: ServerLabel,
        /// Whether the search has no filter, page, limit or order.
        unrestricted: bool,
    },
    /// Tells whether a secret of this client gets a token.
    UseSecret {
        /// The client.
        client: ClientLabel,
        /// Which of its secrets.
        secret: WhichSecret,
    },
    /// What a request to an authorization server does.
    Authorization(AuthorizationEffect),
}

/// A record that a request creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// A server.
    Server(ServerLabel),
    /// A client record.
    Client(ClientLabel),
}

/// What a request to an authorization server does, and what its answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationEffect {
    /// Nothing that later steps build on.
    Nothing,
    /// Tells the metadata of this server's authorization server.
    ReadMetadata(ServerLabel),
    /// Tells the keys of the project.
    ReadKeys,
    /// Registers a client record, whose id only a search tells.
    RegisterClient {
        /// The client record.
        client: ClientLabel,
        /// Its server.
        server: ServerLabel,
        /// Whether it has no secret.
        public: bool,
    },
    /// Gives this client a code.
    GiveCode(ClientLabel),
    /// Exchanges the code of a client for tokens.
    RedeemCode {
        /// The client.
        client: ClientLabel,
        /// Whether the client may have the tokens.
        rightly: bool,
    },
    /// Exchanges a refresh token of a client for tokens.
    RefreshTokens {
        /// The client.
        client: ClientLabel,
        /// Whether the client may have the tokens.
        rightly: bool,
    },
    /// Ends the grant of this client.
    Revoke(ClientLabel),
}

impl<'a> Effect<'a> {
    /// The record that it creates through the management API.
    pub fn creates(self) -> Option<Created> {
        match self {
            Self::CreateServer(server) => Some(Created::Server(server)),
            Self::CreateClient { client, .. } => Some(Created::Client(client)),
            Self::Nothing
            | Self::UpdateServer(_)
            | Self::UpdateClient(_)
            | Self::DeleteServers(_)
            | Self::DeleteClients { .. }
            | Self::RotateSecret(_)
            | Self::ReadSecret(_)
            | Self::SearchClients { .. }
            | Self::UseSecret { .. }
            | Self::Authorization(_) => None,
        }
    }

    /// The server that it creates.
    pub fn creates_server(self) -> Option<ServerLabel> {
        match self.creates()? {
            Created::Server(server) => Some(server),
            Created::Client(_) => None,
        }
    }

    /// The server that may have one client more afterwards.
    pub fn gives_a_client_to(self) -> Option<ServerLabel> {
        match self {
            Self::CreateClient { server, .. } => Some(server),
            Self::Authorization(effect) => effect.gives_a_client_to(),
            Self::Nothing
            | Self::CreateServer(_)
            | Self::UpdateServer(_)
            | Self::UpdateClient(_)
            | Self::DeleteServers(_)
            | Self::DeleteClients { .. }
            | Self::RotateSecret(_)
            | Self::ReadSecret(_)
            | Self::SearchClients { .. }
            | Self::UseSecret { .. } => None,
        }
    }

    /// Whether it changes a record.
    pub fn updates(self) -> bool {
        match self {
            Self::UpdateServer(_) | Self::UpdateClient(_) => true,
            Self::Nothing
            | Self::CreateServer(_)
            | Self::CreateClient { .. }
            | Self::DeleteServers(_)
            | Self::DeleteClients { .. }
            | Self::RotateSecret(_)
            | Self::ReadSecret(_)
            | Self::SearchClients { .. }
            | Self::UseSecret { .. }
            | Self::Authorization(_) => false,
        }
    }

    /// The records that it deletes, if it is a deletion.
    pub fn deletes(self) -> Option<(&'a [ServerLabel], &'a [ClientLabel])> {
        match self {
            Self::DeleteServers(servers) => Some((servers, &[])),
            Self::DeleteClients { clients, .. } => Some((&[], clients)),
            Self::Nothing
            | Self::CreateServer(_)
            | Self::CreateClient { .. }
            | Self::UpdateServer(_)
            | Self::UpdateClient(_)
            | Self::RotateSecret(_)
            | Self::ReadSecret(_)
            | Self::SearchClients { .. }
            | Self::UseSecret { .. }
            | Self::Authorization(_) => None,
        }
    }

    /// Whether the answer tells a secret that no answer told before.
    pub fn gives_a_new_secret(self) -> bool {
        match self {
            Self::CreateClient { .. } | Self::RotateSecret(_) => true,
            Self::Nothing
            | Self::CreateServer(_)
            | Self::UpdateServer(_)
            | Self::UpdateClient(_)
            | Self::DeleteServers(_)
            | Self::DeleteClients { .. }
            | Self::ReadSecret(_)
            | Self::SearchClients { .. }
            | Self::UseSecret { .. }
            | Self::Authorization(_) => false,
        }
    }

    /// Whether later steps can do nothing without its outcome, and asking once more does no harm: a creation, a secret
    /// that is known, a code, tokens.
    pub fn is_needed_later(self) -> bool {
        match self {
            Self::CreateServer(_) | Self::CreateClient { .. } | Self::RotateSecret(_) => true,
            Self::Authorization(effect) => effect.is_needed_later(),
            Self::Nothing
            | Self::UpdateServer(_)
            | Self::UpdateClient(_)
            | Self::DeleteServers(_)
            | Self::DeleteClients { .. }
            | Self::ReadSecret(_)
            | Self::SearchClients { .. }
            | Self::UseSecret { .. } => false,
        }
    }
}

impl AuthorizationEffect {
    fn gives_a_client_to(self) -> Option<ServerLabel> {
        match self {
            Self::RegisterClient { server, .. } => Some(server),
            Self::Nothing
            | Self::ReadMetadata(_)
            | Self::ReadKeys
            | Self::GiveCode(_)
            | Self::RedeemCode { .. }
            | Self::RefreshTokens { .. }
            | Self::Revoke(_) => None,
        }
    }

    fn is_needed_later(self) -> bool {
        match self {
            Self::GiveCode(_) => true,
            Self::RedeemCode { rightly, .. } | Self::RefreshTokens { rightly, .. } => rightly,
            Self::Nothing
            | Self::ReadMetadata(_)
            | Self::ReadKeys
            | Self::RegisterClient { .. }
            | Self::Revoke(_) => false,
        }
    }
}
