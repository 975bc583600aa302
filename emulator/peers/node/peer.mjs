// What every JavaScript peer needs: the emulator's address, records made through the management API, and a browser.
//
// The emulator grants consent by itself, so a browser is one request whose redirect is read and not followed.

import assert from 'node:assert/strict';

export const baseUrl = process.env.DESCOPE_BASE_URL;
export const projectId = process.env.DESCOPE_PROJECT_ID;
const managementKey = process.env.DESCOPE_MANAGEMENT_KEY;
export const redirectUri = 'http://127.0.0.1:43118/callback';
// The emulator is started with a document for this client id (documents/client.json).
export const clientDocumentUrl = 'https://agent.example.com/oauth/client.json';
export const scopes = ['notes:read', 'notes:write'];

/** Calls the management API. */
export async function manage(path, body) {
  const answer = await fetch(`${baseUrl}/v1/mgmt/mcp/${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${projectId}:${managementKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text);
}

/** An MCP server record for the resource at this URL, open to every way of registration. */
export async function makeServer(mcpUrl, members = {}) {
  const made = await manage('server/create', {
    name: 'notes',
    audienceWhitelist: [mcpUrl],
    approvedScopes: { permissionsScopes: scopes.map((name) => ({ name })) },
    dynamicRegistration: { enabled: true },
    cimdSettings: {
      enabled: true,
      domainPolicies: { policies: [{ domainPattern: '*.example.com', enabled: true }] },
    },
    ...members,
  });
  return made.server;
}

/** A client with a secret; answers `id`, `clientId` and `cleartext`. */
export function makeClient(mcpServerId) {
  return manage('server/client/create', {
    name: 'by hand', mcpServerId, scopes, approvedCallbackUrls: [redirectUri],
  });
}

/** The clients that came by this registration method. */
export async function clientsOf(mcpServerId, registrationMethod) {
  return (await manage('server/clients/search', { mcpServerId, registrationMethod })).clients;
}

export const issuerOf = (serverId) => `${baseUrl}/v1/apps/agentic/${projectId}/${serverId}`;

/** Opens an authorization URL as a browser does; answers the parameters that came back to the redirect URI. */
export async function browse(url) {
  const answer = await fetch(url, { redirect: 'manual' });
  assert.ok([302, 303].includes(answer.status), `${answer.status}: ${(await answer.text()).slice(0, 400)}`);
  const location = answer.headers.get('location');
  assert.ok(location.startsWith(`${redirectUri}?`), location);
  return new URL(location).searchParams;
}
