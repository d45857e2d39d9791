// A page from anywhere, in a browser on the machine of `up`, neither asks nor changes its ClickHouse.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { browser } from './browser.mjs';

const { clickhouse } = JSON.parse(readFileSync(join(process.env.DATA, 'endpoints.json')));
const token = readFileSync(join(process.env.DATA, 'clickhouse.token'), 'utf8');

/** As the operator asks: with the token. */
async function ask(sql) {
  const answer = await fetch(clickhouse, { method: 'POST', body: sql, headers: { 'X-ClickHouse-Key': token } });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.text()).trim();
}

after(() => browser.close());

test('a page with images, requests and forms at the engine drops nothing', async () => {
  const drop = encodeURIComponent('DROP TABLE ebasvuru.applications');
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><img src="${clickhouse}/?query=${drop}">
      <iframe name="there"></iframe>
      <form id="form" method="post" enctype="text/plain" target="there" action="${clickhouse}/?query=${drop}"><input name="a" value="b"></form>
      <form id="body" method="post" enctype="text/plain" target="there" action="${clickhouse}/"><input name="DROP TABLE ebasvuru.applications -- " value="x"></form>`);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const page = await (await browser.newContext()).newPage();
  const statuses = [];
  page.on('response', (response) => response.url().startsWith(clickhouse) && statuses.push(response.status()));
  const answered = (count) => page.waitForEvent('response', { predicate: () => statuses.length >= count });
  try {
    const tables = await ask("SELECT count() FROM system.tables WHERE database = 'ebasvuru'");
    const image = answered(1);
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await image;
    for (const request of [
      `fetch('${clickhouse}/?query=${drop}', { mode: 'no-cors' })`,
      `fetch('${clickhouse}/?query=${drop}', { mode: 'no-cors', method: 'POST', body: '' })`,
      `fetch('${clickhouse}/', { mode: 'no-cors', method: 'POST', body: 'DROP TABLE ebasvuru.applications' })`,
      `navigator.sendBeacon('${clickhouse}/', 'DROP TABLE ebasvuru.applications')`,
      `document.getElementById('form').submit()`,
      `document.getElementById('body').submit()`,
    ]) {
      const next = answered(statuses.length + 1);
      await page.evaluate(`void ${request}`);
      await next;
    }
    // Even a page that knew the token: the header takes a preflight, which is refused.
    const read = await page.evaluate(
      ([url, key]) => fetch(url, { method: 'POST', body: 'SELECT 1', headers: { 'X-ClickHouse-Key': key } }).then((answer) => answer.text(), () => 'refused'),
      [clickhouse, token],
    );
    assert.equal(read, 'refused');
    assert.deepEqual([...new Set(statuses)], [403], `${statuses}`);
    assert.equal(await ask("SELECT count() FROM system.tables WHERE database = 'ebasvuru'"), tables);
  } finally {
    server.close();
  }
});
