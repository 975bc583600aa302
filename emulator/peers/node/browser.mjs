// The consent page and the inspector in headless Chromium, light and dark, with JavaScript off for consent: approve, deny,
// untick an optional scope, all of it also by keyboard. Pictures go to the folder PEERS_PICTURES.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { baseUrl, issuerOf, makeServer, manage, projectId } from './peer.mjs';

const pictures = process.env.PEERS_PICTURES;
const controlUrl = process.env.PEERS_CONTROL_URL;

// Where the client listens for what comes back.
const arrivals = [];
const client = createServer((request, answer) => {
  if (request.url.startsWith('/callback')) arrivals.push(new URL(request.url, 'http://client').searchParams);
  answer.end('done');
}).listen(0, '127.0.0.1');
await once(client, 'listening');
const redirectUri = `http://127.0.0.1:${client.address().port}/callback`;

const record = await makeServer('https://orders.example.com/mcp', {
  name: 'Order tools',
  approvedScopes: {
    permissionsScopes: [
      { name: 'orders:read', description: 'Look at your orders' },
      { name: 'orders:cancel', description: 'Cancel an order that has not been sent', optional: true },
    ],
    attributesScopes: [{ name: 'profile:email', description: 'Know your e-mail address', optional: true, values: ['email'] }],
    connectionsScopes: [
      { name: 'calendar:read', description: 'Read delivery dates from your calendar', values: ['https://calendar.example.com/readonly'] },
    ],
  },
});
const made = await manage('server/client/create', {
  name: 'Support agent <script>alert(1)</script>', mcpServerId: record.id, approvedCallbackUrls: [redirectUri],
  scopes: ['orders:read', 'orders:cancel', 'profile:email', 'calendar:read'],
  logo: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" rx="2" fill="teal"/></svg>',
});

function authorizationUrl(verifier, state) {
  const url = new URL(`${baseUrl}/oauth2/v1/apps/agentic/${projectId}/${record.id}/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code', client_id: made.clientId, redirect_uri: redirectUri, state,
    scope: 'orders:read orders:cancel profile:email calendar:read', resource: 'https://orders.example.com/mcp',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  return url.href;
}

/** Redeems the code that came back; answers the granted scopes. */
async function redeem(back, verifier) {
  const answer = await fetch(`${baseUrl}/oauth2/v1/apps/agentic/${projectId}/${record.id}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', code: back.get('code'), redirect_uri: redirectUri, code_verifier: verifier,
      client_id: made.clientId, client_secret: made.cleartext,
    }),
  });
  const tokens = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(tokens));
  return tokens.scope.split(' ').sort();
}

const browser = await chromium.launch({
  executablePath: process.env.PEERS_CHROMIUM,
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

/** Opens the consent page; answers what is on it, and a way to see what comes back to the client. */
async function consent(colorScheme, width = 900) {
  const context = await browser.newContext({ colorScheme, javaScriptEnabled: false, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const verifier = randomBytes(48).toString('base64url');
  const state = randomBytes(8).toString('hex');
  await page.goto(authorizationUrl(verifier, state));
  return {
    page, verifier,
    picture: (name) => page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), fullPage: true }),
    async back() {
      await page.waitForURL(`${redirectUri}**`);
      const back = arrivals.pop();
      assert.equal(back.get('state'), state);
      assert.equal(back.get('iss'), issuerOf(record.id));
      await context.close();
      return back;
    },
  };
}

for (const scheme of ['light', 'dark']) {
  const approve = await consent(scheme);
  const text = await approve.page.textContent('body');
  const shown = [
    'Support agent <script>alert(1)</script>', 'Order tools', '127.0.0.1', 'orders:read', 'Look at your orders', 'orders:cancel',
    'profile:email', 'calendar:read',
  ];
  for (const part of shown) assert.ok(text.includes(part), `${part} is not on the page`);
  const boxes = approve.page.locator('input[type=checkbox]');
  assert.deepEqual(await boxes.evaluateAll((all) => all.map((box) => [box.checked, box.disabled])), [
    [true, true], [true, true], [true, false], [true, false],
  ]);
  await approve.picture('consent');
  await approve.page.getByRole('button', { name: /approve|allow/i }).click();
  assert.deepEqual(await redeem(await approve.back(), approve.verifier), [
    'calendar:read', 'orders:cancel', 'orders:read', 'profile:email',
  ]);

  const deny = await consent(scheme);
  await deny.page.getByRole('button', { name: /deny|cancel/i }).click();
  const refusal = await deny.back();
  assert.equal(refusal.get('error'), 'access_denied');
  assert.equal(refusal.get('code'), null);

  const less = await consent(scheme);
  await less.page.getByRole('checkbox', { name: /orders:cancel/ }).uncheck();
  await less.picture('consent-unticked');
  await less.page.getByRole('button', { name: /approve|allow/i }).click();
  assert.deepEqual(await redeem(await less.back(), less.verifier), ['calendar:read', 'orders:read', 'profile:email']);

  const narrow = await consent(scheme, 360);
  await narrow.picture('consent-narrow');
  const overflow = await narrow.page.evaluate(() => document.documentElement.scrollWidth > innerWidth).catch(() => false);
  assert.equal(overflow, false, 'the page fits a narrow screen');

  const lost = await narrow.page.context().newPage();
  await lost.goto(authorizationUrl('x'.repeat(64), 's').replace(encodeURIComponent(made.clientId), 'nobody'));
  await lost.screenshot({ path: join(pictures, `refused-${scheme}.png`), fullPage: true });
  await narrow.page.context().close();
  console.log(`ok: approve, deny and untick on the consent page, ${scheme}`);
}

const keyboard = await consent('light');
// Only the tab key, space and enter: untick the first optional scope, then go on to the approving button.
for (let presses = 0; presses < 12; presses += 1) {
  await keyboard.page.keyboard.press('Tab');
  const focused = keyboard.page.locator(':focus');
  if ((await focused.getAttribute('type')) === 'checkbox' && (await focused.isChecked())) {
    await keyboard.page.keyboard.press('Space');
    break;
  }
}
await keyboard.picture('consent-focus');
for (let presses = 0; presses < 12; presses += 1) {
  await keyboard.page.keyboard.press('Tab');
  if (/approve|allow/i.test((await keyboard.page.locator(':focus').textContent()) ?? '')) break;
}
await keyboard.page.keyboard.press('Enter');
const granted = await redeem(await keyboard.back(), keyboard.verifier);
assert.equal(granted.length, 3, granted.join(' '));
console.log('ok: the consent page by keyboard alone');

for (const colorScheme of ['light', 'dark']) {
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ colorScheme, javaScriptEnabled, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    const seen = [['inspector', `${controlUrl}/_emulator/`], ['inspector-exchanges', `${controlUrl}/_emulator/exchanges`]];
    seen.push(['inspector-server', `${controlUrl}/_emulator/servers/${projectId}/${record.id}`]);
    for (const [name, url] of seen) {
      const answer = await page.goto(url);
      assert.equal(answer.status(), 200, url);
      const text = await page.textContent('body');
      assert.ok(!text.includes(made.cleartext) && !text.includes(process.env.DESCOPE_MANAGEMENT_KEY), 'secrets are masked');
      if (name !== 'inspector-exchanges') assert.ok(text.includes('Order tools'), `${name} does not show the server`);
      if (javaScriptEnabled) await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), fullPage: true });
    }
    assert.deepEqual(problems, []);
    await context.close();
  }
  console.log(`ok: the inspector, ${colorScheme}`);
}

await browser.close();
client.close();
