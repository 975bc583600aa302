// The TypeScript MCP SDK on both ends: its client signs in by DCR, by a metadata document and with a secret, and calls a
// tool of its server, which checks tokens with Descope's own SDK.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import DescopeClient from '@descope/node-sdk';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

import { baseUrl, browse, clientDocumentUrl, clientsOf, issuerOf, makeClient, makeServer, projectId, redirectUri } from './peer.mjs';

const descope = DescopeClient({ projectId, baseUrl });
const seen = [];

/** The MCP server: one tool behind a token; its address is known only once it listens. */
async function serve() {
  const app = createMcpExpressApp();
  const listener = app.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const origin = `http://127.0.0.1:${listener.address().port}`;
  const url = `${origin}/mcp`;
  const record = await makeServer(url);
  const verifier = {
    async verifyAccessToken(token) {
      // A token of a client for itself names no resource, as the service does it.
      const { token: claims } = await descope
        .validateSession(token, { audience: [url, projectId] })
        .catch((error) => { throw new InvalidTokenError(error.message); });
      seen.push(claims);
      return { token, clientId: claims.azp, scopes: (claims.scope ?? '').split(' '), expiresAt: claims.exp };
    },
  };
  app.get(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'], (_, answer) => {
    answer.json({ resource: url, authorization_servers: [issuerOf(record.id)], scopes_supported: ['notes:read'] });
  });
  const resourceMetadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
  app.all('/mcp', requireBearerAuth({ verifier, resourceMetadataUrl }), async (request, answer) => {
    if (request.method !== 'POST') return answer.status(405).end();
    const server = new McpServer({ name: 'notes', version: '1.0.0' });
    server.registerTool('whisper', { description: 'Says it quietly' }, () => ({
      content: [{ type: 'text', text: 'hello, quietly' }],
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    answer.on('close', () => { transport.close(); server.close(); });
    await server.connect(transport);
    await transport.handleRequest(request, answer, request.body);
  });
  return { url, record, close: () => listener.close() };
}

/** A user at a browser. */
class UserProvider {
  constructor(clientMetadataUrl) { this.clientMetadataUrl = clientMetadataUrl; }
  get redirectUrl() { return redirectUri; }
  get clientMetadata() {
    return {
      client_name: 'typescript mcp', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
    };
  }
  state() { return (this.sentState = crypto.randomUUID()); }
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.saved; }
  saveTokens(tokens) { this.saved = tokens; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  async redirectToAuthorization(url) { this.cameBack = await browse(url); }
}

async function callTool(url, authProvider, before) {
  const client = new Client({ name: 'peer', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider });
  try {
    await client.connect(transport);
  } catch (error) {
    if (!before || !(error instanceof UnauthorizedError)) throw error;
    await before(transport);
    return callTool(url, authProvider);
  }
  const result = await client.callTool({ name: 'whisper' });
  await client.close();
  return result.content[0].text;
}

async function byUser(url, issuer, clientMetadataUrl) {
  const provider = new UserProvider(clientMetadataUrl);
  const text = await callTool(url, provider, async (transport) => {
    assert.equal(provider.cameBack.get('state'), provider.sentState);
    assert.equal(provider.cameBack.get('iss'), issuer);
    await transport.finishAuth(provider.cameBack.get('code'));
  });
  assert.equal(text, 'hello, quietly');
  // A token that the server refuses makes the SDK use its refresh token.
  const first = provider.saved;
  assert.ok(first.refresh_token, "a user's grant can be refreshed");
  provider.saved = { ...first, access_token: `${first.access_token}x` };
  assert.equal(await callTool(url, provider), 'hello, quietly');
  assert.notEqual(provider.saved.refresh_token, first.refresh_token, 'refresh tokens rotate');
  assert.ok(seen.at(-1).aud.includes(url), 'the token is for this resource');
  return provider;
}

const server = await serve();
const issuer = issuerOf(server.record.id);
try {
  const registered = await byUser(server.url, issuer);
  assert.equal(registered.client.client_id, (await clientsOf(server.record.id, 'dcr'))[0].clientId);
  console.log('ok: dynamic registration, PKCE and refresh');

  const described = await byUser(server.url, issuer, clientDocumentUrl);
  assert.equal(described.client.client_id, clientDocumentUrl);
  assert.equal((await clientsOf(server.record.id, 'cimd'))[0].clientId, clientDocumentUrl);
  console.log('ok: client metadata document, PKCE and refresh');

  const made = await makeClient(server.record.id);
  const provider = new ClientCredentialsProvider({
    clientId: made.clientId, clientSecret: made.cleartext, expectedIssuer: issuer,
  });
  assert.equal(await callTool(server.url, provider), 'hello, quietly');
  assert.equal(seen.at(-1).sub, made.id, 'the client is its own subject');
  console.log('ok: client credentials');
} finally {
  server.close();
}
