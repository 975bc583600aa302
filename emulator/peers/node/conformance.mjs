// The authorization-server scenarios of the MCP conformance tool, with a public client: where `none` is offered as a
// method, the tool never sends a secret. It prints the authorization URL and waits for a browser; here is the browser.
//
// The tool exits with 0 even if it skipped a scenario, so what counts is its checks.json.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { baseUrl, issuerOf, makeServer, projectId } from './peer.mjs';

const mcpUrl = 'http://127.0.0.1:1/mcp';
const port = await freePort();
const record = await makeServer(mcpUrl);
const issuer = issuerOf(record.id);

async function freePort() {
  const listener = createServer();
  await new Promise((done) => listener.listen(0, '127.0.0.1', done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

/** Follows the authorization URL. The tool prints it before it listens, so the way back is tried until it does. */
async function browse(url) {
  const back = (await fetch(url, { redirect: 'manual' })).headers.get('location');
  assert.ok(back?.includes('code='), `no code but ${back}`);
  for (let tries = 0; ; tries += 1) {
    try {
      return await (await fetch(back)).arrayBuffer();
    } catch (error) {
      if (error.cause?.code !== 'ECONNREFUSED' || tries > 50) throw error;
      await sleep(100);
    }
  }
}

async function register() {
  const answer = await fetch(`${baseUrl}/v1/mgmt/mcp/client/${projectId}/${record.id}/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      client_name: 'conformance', redirect_uris: [`http://127.0.0.1:${port}/callback`],
      token_endpoint_auth_method: 'none',
    }),
  });
  assert.equal(answer.status, 201);
  return answer.json();
}

const tool = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
const { bin } = JSON.parse(readFileSync(tool, 'utf8'));
const program = join(tool, '..', typeof bin === 'string' ? bin : bin.conformance);

/** Runs the tool; answers the statuses of all checks by scenario. */
async function run(client) {
  const out = mkdtempSync(join(process.env.PEERS_SCRATCH, 'conformance-'));
  const flags = ['authorization', '--url', issuer, '--client-id', client, '--resource', mcpUrl, '-p', String(port), '-o', out];
  const child = spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    const url = /^https?:\/\/\S*[?&]response_type=code\S*/.exec(line)?.[0];
    if (url) await browse(url);
  }
  const statuses = {};
  for (const name of readdirSync(out, { recursive: true }).filter((name) => name.endsWith('checks.json'))) {
    for (const check of JSON.parse(readFileSync(join(out, name), 'utf8'))) (statuses[name] ??= []).push(check.status);
  }
  const scenarios = Object.keys(statuses).join(' ');
  for (const scenario of ['authorization-server-metadata-endpoint', 'authorization-code-grant']) {
    assert.ok(scenarios.includes(scenario), `${scenario} was not run:\n${said.join('\n')}`);
  }
  assert.ok(Object.values(statuses).flat().every((status) => status === 'SUCCESS'), `${JSON.stringify(statuses)}\n${said.join('\n')}`);
  return Object.values(statuses).flat().length;
}

const client = await register();
console.log(`ok: ${await run(client.client_id)} checks`);
