// Every page there is, from the code's own table of routes, for every role that may see it:
// assistive technology, both widths, by day and by night; keyboard alone; without scripts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { browser, go, login, looksWell, schedule } from './browser.mjs';

after(() => browser.close());

const table = new URL('../../dashboard/src/tests/snapshots/ebasvuru_dashboard__tests__access__every_route.snap', import.meta.url);
const routes = readFileSync(table, 'utf8').split('---\n').at(-1).trim().split('\n').map((line) => {
  const [, method, path, who] = line.match(/^(\S+) (\S+) (.+)$/);
  return { method, path, who };
});
const PEOPLE = { Administrator: 'yonetici', Supervisor: 'ankara.yetkili', Officer: 'ankara.sorumlu', Coordinator: 'ankara.koordinasyon' };

/** The pages of a role: what is no file, and what does not only lead elsewhere. */
const pages = (role) => routes.filter(({ method, path, who }) =>
  method === 'GET' && (who === 'logged-in' || who.includes(role)) && !/\.(csv|xlsx)$|\{sha256\}/.test(path) && path !== '/');

test('the table of routes is read whole', () => {
  assert.ok(routes.length > 60 && routes.some(({ path }) => path === '/raporlama/yogunluk'), `${routes.length} routes`);
});

for (const [role, name] of Object.entries(PEOPLE)) {
  test(`req 9, req 12, req 22, req 31: every page that ${role} may see is for everybody`, async () => {
    const page = await login(name);
    let no = '';
    if (role !== 'Administrator') {
      await go(page, '/basvurular');
      no = await page.locator('tbody th').first().innerText();
    }
    const plan = role === 'Administrator' ? await schedule(page, '/raporlama', 'Yürüyüş', ['biri@icisleri.gov.tr']) : '';
    const seen = pages(role);
    assert.ok(seen.length >= 4, `${seen.length} pages`);
    for (const { path } of seen) {
      const answer = await go(page, path.replace('{no}', no).replace('{id}', 'ankara.sorumlu2').replace('{schedule}', plan.split('/').at(-1)));
      assert.equal(answer.status(), 200, `${path} as ${role}`);
      await looksWell(page, `yuru-${role}${path.replaceAll(/[/{}]+/g, '-')}`);
    }
  });
}

test('public pages and problems are for everybody', async () => {
  const page = await (await browser.newContext({ locale: 'tr-TR', viewport: { width: 1280, height: 900 } })).newPage();
  for (const path of ['/giris', '/boyle-bir-sayfa-yok']) {
    await go(page, path);
    await looksWell(page, `yuru${path.replaceAll('/', '-')}`);
  }
});

/** Walks the page by Tab alone; says where the focus went and what was wrong with it. */
async function tabThrough(page) {
  const stops = await page.evaluate(() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((one) => one.checkVisibility() && !one.disabled).length);
  const wrong = [];
  const visited = new Set();
  for (let i = 0; i < stops + 40; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === document.body) return null;
      globalThis.stops ??= new Map();
      if (!globalThis.stops.has(one)) globalThis.stops.set(one, globalThis.stops.size);
      const box = one.getBoundingClientRect();
      const over = document.querySelector('.bar')?.getBoundingClientRect();
      const hidden = over && !one.closest('.bar') && box.height < innerHeight && box.bottom <= over.bottom && box.top >= over.top;
      const outline = getComputedStyle(one);
      return { key: globalThis.stops.get(one), html: one.outerHTML.slice(0, 80), hidden: Boolean(hidden), seen: outline.outlineStyle !== 'none' && parseFloat(outline.outlineWidth) >= 2 };
    });
    if (!at) break;
    if (visited.size === 0) assert.match(at.html, /class="skip"/, 'the skip link comes first');
    if (!at.seen) wrong.push(`no visible focus: ${at.html}`);
    if (at.hidden) wrong.push(`focus under the bar: ${at.html}`);
    visited.add(at.key);
  }
  assert.deepEqual(wrong, []);
  return [visited.size, stops];
}

test('the keyboard reaches everything, sees where it is, is trapped nowhere', async () => {
  const officer = await login('ankara.sorumlu');
  await go(officer, '/basvurular?durum=sorumlu-uzerinde&ustumdeki=1');
  const no = await officer.locator('tbody th').first().innerText();
  const administrator = await login('yonetici');
  for (const [page, path] of [[officer, '/basvurular'], [officer, `/basvurular/${no}`], [administrator, '/kullanicilar/yeni'], [administrator, '/raporlama/surec']]) {
    await go(page, path);
    const [visited, stops] = await tabThrough(page);
    assert.ok(visited >= stops * 0.9, `${path}: ${visited} of ${stops} reached`);
  }
  await go(officer, `/basvurular/${no}`);
  await officer.keyboard.press('Tab');
  await officer.keyboard.press('Enter');
  assert.equal(await officer.evaluate(() => document.activeElement.id), 'icerik', 'the skip link skips');
});

test('req 27, req 28, req 21: a Sorumlu answers and the Yetkili approves without any script', async () => {
  const officer = await login('ankara.sorumlu', { javaScriptEnabled: false });
  await go(officer, '/basvurular?durum=teslim-bekleyen&sirala=eski');
  const row = officer.locator('tbody tr', { has: officer.locator('td', { hasText: /^Başvuru\s*Teslim/ }) }).first();
  const no = await row.locator('th').innerText();
  await row.getByRole('button', { name: /^Teslim Al/ }).click();
  await officer.getByText('Başvuruyu üzerinize aldınız.').waitFor();
  await officer.locator('#cevap-ekle textarea').fill('Betiksiz yazılan cevap.');
  await officer.locator('#cevap-ekle button').click();
  await officer.getByRole('button', { name: 'Onaya Gönder', exact: true }).click();
  await officer.getByText('Başvuru Yetkilinin onayına gönderildi.').waitFor();
  const supervisor = await login('ankara.yetkili', { javaScriptEnabled: false });
  await go(supervisor, `/basvurular/${no}`);
  await supervisor.getByRole('button', { name: 'Onayla', exact: true }).click();
  await supervisor.getByRole('button', { name: /^Olum(lu|suz) cevabı onayla$|^Havaleyi onayla$/ }).click();
  await supervisor.getByText('Cevap onaylandı, vatandaşa gönderildi.').waitFor();
  await supervisor.getByText('Betiksiz yazılan cevap.').waitFor();
});
