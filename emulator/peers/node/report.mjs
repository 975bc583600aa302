// The HTML report of the conformance suite in headless Chromium: light and dark, wide and as narrow as a phone, scripts off.
//
// The report is of a run that fails: a proxy here spoils answers of the emulator on their way to the suite. Pictures go to
// the folder PEERS_PICTURES.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

import { baseUrl } from './peer.mjs';

const pictures = process.env.PEERS_PICTURES;
const scratch = process.env.PEERS_SCRATCH;
const suite = process.env.PEERS_CONFORMANCE;
const page = join(scratch, 'report.html');
const data = join(scratch, 'report.json');

/** What is wrong with the target: list items get lost, names come as HTML or in capitals, and errors have no code. */
function spoil(path, body) {
  if (path.endsWith('/server/load') && body.server?.tags?.length > 1) body.server.tags.pop();
  if (path.endsWith('/client/load') && body.client) body.client.name = `<script>alert(1)</script>${body.client.name}`;
  // Records that are missing from a list would look like a list that is late, which the suite waits for.
  if (path.endsWith('/clients/search')) body.clients?.forEach((client) => (client.name = client.name.toUpperCase()));
  delete body.errorCode;
  return body;
}

const proxy = createServer(async (request, answer) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { host, connection, 'content-length': _, ...headers } = request.headers;
  const upstream = await fetch(baseUrl + request.url, {
    method: request.method, headers, redirect: 'manual', body: chunks.length > 0 ? Buffer.concat(chunks) : undefined,
  });
  const text = await upstream.text();
  const kept = ['content-type', 'location', 'www-authenticate', 'cache-control'];
  const passed = kept.map((name) => [name, upstream.headers.get(name)]).filter(([, value]) => value !== null);
  answer.writeHead(upstream.status, Object.fromEntries(passed));
  try {
    answer.end(JSON.stringify(spoil(request.url, JSON.parse(text))));
  } catch {
    answer.end(text);
  }
}).listen(0, '127.0.0.1');
await once(proxy, 'listening');

const flags = ['--target', `http://127.0.0.1:${proxy.address().port}`, '--profile', 'smoke', '--seed', '1'];
const ran = await new Promise((resolve) => {
  execFile(suite, [...flags, '--report', `html=${page}`, '--report', `json=${data}`], (error, stdout, stderr) => {
    resolve({ code: error?.code ?? 0, said: stdout + stderr });
  });
});
proxy.close();
assert.equal(ran.code, 1, ran.said);
const report = JSON.parse(readFileSync(data));
const broken = report.properties.filter((property) => property.verdict === 'fail');
assert.equal(report.conclusion, 'fail');
assert.ok(broken.length >= 3, ran.said);
assert.ok(!readFileSync(page, 'utf8').includes(process.env.DESCOPE_MANAGEMENT_KEY), 'the key is in the page');

const browser = await chromium.launch({
  executablePath: process.env.PEERS_CHROMIUM,
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

for (const colorScheme of ['light', 'dark']) {
  for (const [size, width] of [['wide', 1280], ['narrow', 360]]) {
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({ colorScheme, javaScriptEnabled, viewport: { width, height: 900 } });
      const tab = await context.newPage();
      const problems = [];
      const address = pathToFileURL(page).href;
      tab.on('pageerror', (error) => problems.push(error.message));
      tab.on('console', (message) => problems.push(message.text()));
      tab.on('dialog', (dialog) => problems.push(dialog.message()));
      tab.on('request', (request) => {
        const url = request.url();
        if (url !== address && !url.startsWith('data:')) problems.push(`asks for ${url}`);
      });
      await tab.goto(address);
      const verdict = tab.getByRole('heading', { level: 1, name: 'FAIL' });
      const box = await verdict.boundingBox();
      assert.ok(await verdict.isVisible() && box.y + box.height < 300, 'the verdict is at the top');
      const shown = await tab.locator('article.failure').count() + await tab.locator('article.failure ~ p, article p[id]').count();
      assert.ok(shown >= broken.length, `${shown} of ${broken.length} broken properties are shown`);
      for (const property of broken) {
        // Every cell of the matrix leads to what it stands for.
        const target = await tab.locator(`.cells a[aria-label^="${property.id}:"]`).getAttribute('href');
        assert.equal(await tab.locator(`[id="${target.slice(1)}"]`).count(), 1, `${property.id} leads to ${target}`);
      }
      if (javaScriptEnabled) {
        const measure = () => [document.documentElement.scrollWidth, window.innerWidth];
        let [content, window] = await tab.evaluate(measure);
        assert.ok(content <= window, `${content} pixels wide in ${window}`);
        await tab.screenshot({ path: join(pictures, `report-${size}-${colorScheme}.png`), fullPage: true });
        await tab.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
        [content, window] = await tab.evaluate(measure);
        assert.ok(content <= window, `with everything open, ${content} pixels wide in ${window}`);
        const [split, cut] = await tab.evaluate(() => {
          // A flag such as --seed stands on one line, and a box that scrolls shows whole lines.
          const isSplit = (word) => {
            const range = document.createRange();
            range.selectNodeContents(word);
            return new Set([...range.getClientRects()].map((part) => Math.round(part.top))).size > 1;
          };
          const isCut = (box) => {
            const style = getComputedStyle(box);
            const rest = (box.clientHeight - parseFloat(style.paddingTop)) % parseFloat(style.lineHeight);
            return box.scrollHeight > box.clientHeight && Math.min(rest, parseFloat(style.lineHeight) - rest) > 1;
          };
          const flags = [...document.querySelectorAll('.word')].filter((word) => /^--[a-z-]+$/.test(word.textContent));
          return [flags.filter(isSplit).length, [...document.querySelectorAll('pre')].filter(isCut).length];
        });
        assert.deepEqual([split, cut], [0, 0], 'flags on two lines, and boxes that cut a line');
      }
      assert.deepEqual(problems, []);
      await context.close();
    }
    console.log(`ok: the report, ${size}, ${colorScheme}`);
  }
}

await browser.close();
