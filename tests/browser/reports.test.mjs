// Raporlama in the Yönetici's hands.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { browser, go, login, looksWell, menu } from './browser.mjs';

after(() => browser.close());

const REPORTS = ['', '/birimler', '/hizmetler', '/valilikler', '/surec', '/cevap-suresi', '/sonuclar', '/suresi-gecen', '/is-yuku', '/yogunluk', '/sistem'];
const number = (text) => Number(text.replace(/\D/g, ''));

test('req 9, req 11: every report is readable by all, at every width', async () => {
  const administrator = await login('yonetici');
  assert.deepEqual(await menu(administrator), ['Raporlama', 'Kullanıcılar']);
  for (const report of REPORTS) {
    await go(administrator, `/raporlama${report}`);
    await looksWell(administrator, `raporlama${report.replace('/', '-')}`);
    await administrator.getByText('Bu sayılar nasıl hesaplanır?').first().waitFor();
  }
});

test('req 11: a number, the list behind it and its file agree; a new application is counted without reload', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama');
  const total = administrator.locator('#genel tbody tr', { hasText: 'Onay Bekliyor' }).locator('td').first();
  const before = number(await total.innerText());
  await total.getByRole('link').click();
  await administrator.getByRole('heading', { name: 'Onay Bekliyor' }).waitFor();
  assert.equal(await administrator.locator('tbody tr').count(), Math.min(before, 100));
  await looksWell(administrator, 'raporlama-liste');
  const [download] = await Promise.all([administrator.waitForEvent('download'), administrator.getByRole('link', { name: 'CSV' }).click()]);
  const csv = readFileSync(await download.path(), 'utf8');
  assert.equal(csv.charCodeAt(0), 0xfeff, 'Excel needs the mark');
  assert.equal(csv.trim().split('\r\n').length, before + 1);

  await go(administrator, '/raporlama');
  const officer = await login('ankara.sorumlu2');
  await go(officer, '/basvurular?ustumdeki=1&durum=sorumlu-uzerinde');
  for (const href of await officer.locator('tbody a[href^="/basvurular/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')))) {
    await go(officer, href);
    if (await officer.locator('#cevap-ekle').count()) break;
  }
  await officer.locator('#cevap-ekle textarea').fill('Uygundur.');
  await officer.locator('#cevap-ekle button').click();
  await officer.getByRole('button', { name: 'Onaya Gönder', exact: true }).click();
  await officer.locator('dl.facts').getByText(/Onay Bekl/).waitFor();
  await administrator.waitForFunction(
    (n) => [...document.querySelectorAll('#genel tbody tr')].some((row) => row.textContent.includes('Onay Bekliyor') && Number(row.querySelector('td').textContent.replace(/\D/g, '')) > n),
    before, { timeout: 40000 });
});

test('figures renew themselves where one stands: what is open stays open, the focus stays', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama/surec');
  await administrator.locator('#huni summary').first().click();
  const link = administrator.locator('#nerede tbody a').nth(1);
  await link.focus();
  const [shown, href] = [await administrator.locator('.fresh').innerText(), await link.getAttribute('href')];
  assert.match(shown, /itibarıyla. Sayılar kendiliğinden yenilenir/);
  await administrator.waitForFunction((shown) => document.querySelector('.fresh').innerText !== shown, shown, { timeout: 30000 });
  assert.equal(await administrator.evaluate(() => document.activeElement.getAttribute('href')), href);
  assert.equal(await administrator.locator('#huni details[open]').count(), 1);
});

test('req h: lapsed Ön Başvurular are counted apart', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama/sonuclar?bas=2026-01-01&son=2027-12-31');
  await administrator.locator('#sonuclar thead').getByText('Süre Aşımı').waitFor();
});
