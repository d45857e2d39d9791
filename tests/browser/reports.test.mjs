// Raporlama in the Yönetici's hands.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { browser, go, login, looksWell, menu } from './browser.mjs';

after(() => browser.close());

const REPORTS = ['', '/birimler', '/hizmetler', '/valilikler', '/hizmet-birim', '/surec', '/cevap-suresi', '/sonuclar', '/suresi-gecen', '/is-yuku', '/yogunluk', '/sistem'];
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
  await administrator.locator('#genel summary').first().click();
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

test('req 11: the overview answers within one screen; each card counts its list, each tile its valilik', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama');
  const cards = await administrator.locator('.figures li').evaluateAll((all) => all.map((card) => ({
    bottom: card.getBoundingClientRect().bottom,
    label: card.querySelector('h3').textContent,
    value: card.querySelector('.figure').textContent,
    list: card.querySelector('.figure a').href,
  })));
  assert.equal(cards.length, 6);
  assert.ok(Math.max(...cards.map((card) => card.bottom)) <= administrator.viewportSize().height, 'without scrolling');
  for (const { label, value, list } of cards.filter((card) => /^[\d.]+$/.test(card.value))) {
    const csv = await administrator.request.get(list.replace('/basvurular?', '/basvurular.csv?'));
    assert.equal((await csv.text()).trim().split('\r\n').length - 1, number(value), label);
  }
  // Without the script: the choice is a link, and so is a tile.
  await administrator.getByRole('navigation', { name: 'Haritanın sayısı' }).getByRole('link', { name: 'Şu an açık' }).click();
  const tile = administrator.locator('.map a', { hasText: 'Ankara' });
  const open = await tile.locator('strong').innerText();
  await tile.click();
  await administrator.locator('.figures li', { hasText: 'Şu an açık' }).locator('.figure', { hasText: open }).waitFor();
  await administrator.setViewportSize({ width: 390, height: 844 });
  const lefts = await administrator.locator('.figures li').evaluateAll((all) => all.map((card) => Math.round(card.getBoundingClientRect().left)));
  assert.equal(new Set(lefts).size, 2, 'two cards in a row');
});

test('figures renew themselves where one stands: what is open stays open, the focus stays', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama/surec');
  for (const part of ['#huni', '#nerede']) await administrator.locator(`${part} summary`).first().click();
  const link = administrator.locator('#nerede tbody a').nth(1);
  await link.focus();
  const href = await link.getAttribute('href');
  assert.match(await administrator.locator('.fresh').innerText(), /itibarıyla. Sayılar kendiliğinden yenilenir/);
  // A part that the server thinks the page has as it was: it comes again.
  await administrator.evaluate(() => document.querySelectorAll('[data-part]').forEach((part) => { part.dataset.part = 'old'; }));
  await administrator.waitForFunction(() => !document.querySelector('[data-part=old]'), null, { timeout: 30000 });
  assert.equal(await administrator.evaluate(() => document.activeElement.getAttribute('href')), href);
  assert.equal(await administrator.locator('#huni details[open]').count(), 1);
});

test('a refresh without news has no body, and a hidden tab asks nothing', async () => {
  const administrator = await login('yonetici');
  const answers = [];
  administrator.on('response', (answer) => {
    if (answer.request().headers()['ebasvuru-kendiliginden']) answers.push(answer.status());
  });
  await go(administrator, '/raporlama/yogunluk');
  const asked = async (n) => { while (answers.length < n) await administrator.waitForTimeout(200); };
  await asked(2);
  assert.ok(answers.includes(304), `${answers}`);
  // Chromium without a window hides no page, so the page is told that it is hidden.
  const hide = (hidden) => administrator.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await hide(true);
  await administrator.waitForTimeout(1000);
  const before = answers.length;
  await administrator.waitForTimeout(12_000);
  assert.equal(answers.length, before, 'nothing is asked while it is hidden');
  await hide(false);
  await asked(before + 1);
});

test('while the server fails it is asked less often', async () => {
  const administrator = await login('yonetici');
  const times = [];
  await administrator.route((url) => url.pathname === '/raporlama/sonuclar', (route) => {
    if (!route.request().headers()['ebasvuru-kendiliginden']) return route.continue();
    times.push(Date.now());
    return route.fulfill({ status: 503, body: '' });
  });
  await go(administrator, '/raporlama/sonuclar');
  while (times.length < 3) await administrator.waitForTimeout(200);
  assert.ok(times[2] - times[1] > (times[1] - times[0]) * 1.5, `${times}`);
  assert.ok(await administrator.locator('#sonuclar tbody tr').count() > 0, 'the numbers stay');
});

test('req 11: each service of each unit, from the country to the list behind a cell', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama/hizmet-birim?olcu=cevaplanan');
  const row = administrator.locator('#capraz tbody tr').first();
  const name = await row.locator('th').innerText();
  await row.locator('th a').click();
  await administrator.locator('#capraz thead th', { hasText: 'Birim' }).waitFor();
  assert.equal(await administrator.getByLabel('Gösterge').inputValue(), 'cevaplanan', 'the measure stays');
  for (const unit of await administrator.locator('#capraz tbody th').allInnerTexts()) assert.ok(unit.startsWith(name.trim()), unit);
  const cell = administrator.locator('#capraz tfoot td a').first();
  const count = number(await cell.innerText());
  await cell.click();
  assert.equal(await administrator.locator('tbody tr').count(), Math.min(count, 100));
});

test('a wide table keeps its heading and its first column on a phone', async () => {
  const administrator = await login('yonetici', { viewport: { width: 390, height: 844 } });
  await go(administrator, '/raporlama/hizmet-birim?bas=2026-01-01&son=2027-12-31');
  const box = administrator.locator('#capraz .scroll');
  await box.evaluate((box) => box.scrollTo(400, 400));
  const [frame, head, corner] = [await box.boundingBox(), await box.locator('tbody th').nth(12).boundingBox(), await box.locator('thead th').first().boundingBox()];
  assert.ok(Math.abs(head.x - frame.x) < 3, 'the first column stays');
  assert.ok(Math.abs(corner.x - frame.x) < 3 && Math.abs(corner.y - frame.y) < 3, 'the corner stays');
  const over = await administrator.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `the page is ${over} px too wide`);
});

test('req h: lapsed Ön Başvurular are counted apart', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama/sonuclar?bas=2026-01-01&son=2027-12-31');
  await administrator.locator('#sonuclar thead').getByText('Süre Aşımı').waitFor();
});

/** What cannot be read in the charts of a page: a text out of its drawing or over another, or too small. */
const unreadable = (page) => page.evaluate(() => {
  const faults = [];
  for (const chart of document.querySelectorAll('figure.chart')) {
    const shown = [...chart.querySelectorAll(':scope > svg')].filter((svg) => svg.getBoundingClientRect().width > 0);
    if (chart.querySelector('svg') && shown.length !== 1) faults.push(`${shown.length} drawings are shown`);
    for (const svg of shown) {
      const [box, frame] = [chart.getBoundingClientRect(), svg.getBoundingClientRect()];
      if (frame.left < box.left - 0.5 || frame.right > box.right + 0.5) faults.push(`${frame.width} px in ${box.width}`);
      // The letters without the leading above and below them.
      const texts = [...svg.querySelectorAll('text')].map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        return { words: text.textContent, left, right, top: top + (bottom - top) * 0.15, bottom: bottom - (bottom - top) * 0.15 };
      });
      const size = Number.parseFloat(getComputedStyle(svg).fontSize) * (frame.width / svg.viewBox.baseVal.width);
      if (size < 12) faults.push(`letters of ${size} px`);
      texts.forEach((a, i) => {
        if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top || a.bottom > frame.bottom) faults.push(`out: ${a.words}`);
        for (const b of texts.slice(0, i)) {
          if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) faults.push(`${a.words} over ${b.words}`);
        }
      });
    }
  }
  return faults;
});

test('charts can be read at any width, and the report that one is on stays in sight', async () => {
  const administrator = await login('yonetici');
  for (const report of REPORTS) {
    for (const period of ['', '?bas=2024-11-27&son=2026-11-26']) {
      await go(administrator, `/raporlama${report}${period}`);
      for (const width of [320, 390, 720, 820, 1280]) {
        await administrator.setViewportSize({ width, height: 900 });
        const where = `/raporlama${report}${period} at ${width} px`;
        assert.deepEqual(await unreadable(administrator), [], where);
        const tab = await administrator.locator('.tabs [aria-current]').boundingBox();
        assert.ok(tab.x >= 0 && tab.x + tab.width <= width, `the tab of ${where} is at ${tab.x}`);
        const over = await administrator.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${where} is ${over} px wider`);
      }
    }
  }
});

test('a mark leads to the list behind it, and says its number before', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama/sonuclar');
  const mark = administrator.locator('#sonuclar svg.wide a').first();
  const title = await mark.locator('title').textContent();
  assert.match(title, /^Olumlu: [\d.]+$/);
  await mark.focus();
  await administrator.keyboard.press('Enter');
  await administrator.locator('tbody tr').first().waitFor();
  assert.equal(await administrator.locator('tbody tr').count(), Math.min(number(title), 100));
});
