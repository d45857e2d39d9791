// The README's pictures. They are taken again when something they show has changed since, so a run
// after such a change leaves fresh ones to commit, and any other run leaves the tree as it was.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { browser, go, login } from './browser.mjs';

after(() => browser.close());

const root = new URL('../../', import.meta.url);
const images = new URL('docs/images/', root);
const stamp = new URL('sources.sha256', images);

const files = (folder) => readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`);

/** A hash of what the pictures show: the pages, their style, and the demo. */
function sources() {
  const hash = createHash('sha256');
  const all = ['dashboard/templates/', 'ingest/src/generate/', 'src/demo/'].flatMap(files);
  all.sort().forEach((file) => hash.update(readFileSync(file)));
  return hash.digest('hex');
}

/** Each picture of the README: who looks, and at what. */
const PICTURES = {
  overview: { user: 'yonetici', path: '/raporlama/valilikler' },
  worklist: { user: 'ankara.yetkili', path: '/basvurular' },
  application: { user: 'ankara.sorumlu', path: '/basvurular?durum=sorumlu-uzerinde&ustumdeki=1', open: true },
};

test('the README shows the product as it is', async () => {
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  const shown = [...readme.matchAll(/docs\/images\/(\w+)\.png/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(shown)].sort(), Object.keys(PICTURES).sort());
  const now = sources();
  const fresh = existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === now;
  for (const [name, { user, path, open }] of Object.entries(PICTURES)) {
    const page = await login(user);
    await go(page, path);
    if (open) await page.getByRole('link', { name: /Görüntüle/ }).first().click();
    await page.locator('main h1').first().waitFor();
    const image = new URL(`${name}.png`, images);
    if (!fresh || !existsSync(image)) await page.screenshot({ path: image.pathname });
    await page.context().close();
  }
  writeFileSync(stamp, `${now}\n`);
});
