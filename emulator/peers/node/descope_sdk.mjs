// Descope's Node SDK with a management key, as a resource server has it: it takes the emulator's tokens and no others.

import assert from 'node:assert/strict';

import DescopeClient from '@descope/node-sdk';

import { baseUrl, issuerOf, makeClient, makeServer, projectId } from './peer.mjs';

const record = await makeServer('http://127.0.0.1:1/mcp');
const made = await makeClient(record.id);
const answer = await fetch(`${baseUrl}/oauth2/v1/apps/agentic/${projectId}/${record.id}/token`, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials', client_id: made.clientId, client_secret: made.cleartext,
  }),
});
const { access_token: token } = await answer.json();

const descope = DescopeClient({ projectId, baseUrl, managementKey: process.env.DESCOPE_MANAGEMENT_KEY });
const { token: claims } = await descope.validateSession(token, { audience: projectId });
assert.equal(claims.azp, made.clientId);
// The SDK cuts the issuer down to the project, which it finds in the path.
assert.ok(issuerOf(record.id).split('/').includes(claims.iss), claims.iss);
console.log('ok: validateSession takes a token of the emulator');

await assert.rejects(descope.validateSession(token, { audience: 'another' }));
await assert.rejects(descope.validateSession(`${token.slice(0, -4)}AAAA`, { audience: projectId }));
console.log('ok: validateSession refuses another audience and a broken signature');
