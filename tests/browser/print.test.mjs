// Pages on paper: printed by Chromium, and the PDF read back.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { extractText, getDocumentProxy } from 'unpdf';
import { browser, go, login } from './browser.mjs';

after(() => browser.close());

const pictures = process.env.SCREENSHOTS;
const REPORTS = ['', '/hizmet-birim', '/birimler', '/hizmetler', '/valilikler', '/surec', '/cevap-suresi', '/sonuclar', '/suresi-gecen', '/is-yuku', '/yogunluk', '/sistem'];
const oneLine = (text) => text.replace(/\s+/g, ' ');
/** Letters and digits alone: a narrow column breaks names anywhere. */
const letters = (text) => text.replace(/[^\p{L}\p{N}]/gu, '');

/** Where a text ends; an upright heading is as wide as its letters are high. */
const rightEdge = ({ transform: [, slope, , , x], width, height }) => x + (slope ? height : width);

/** What the page looks like printed: the text of each sheet, and the right edge of what is on it. */
async function print(page, name) {
  const bytes = await page.pdf({ preferCSSPageSize: true });
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    writeFileSync(join(pictures, `${name}.pdf`), bytes);
  }
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  const { text } = await extractText(pdf, { mergePages: false });
  const edges = [];
  for (let n = 1; n <= pdf.numPages; n++) {
    const sheet = await pdf.getPage(n);
    const { items } = await sheet.getTextContent();
    edges.push({ width: sheet.view[2], text: Math.max(...items.filter((item) => item.str.trim()).map(rightEdge)) });
  }
  return { sheets: text.map(oneLine), edges };
}

const title = async (page) => (await page.title()).replace(' · e-Başvuru', '');

/** What every printed page has: who issued it, what it is, and no controls. */
function isDocument({ sheets, edges }, title, name) {
  assert.match(sheets[0], /T\.C\. İçişleri Bakanlığı e-Başvuru Sistemi/, name);
  assert.ok(sheets[0].includes(title), `${name} has its title`);
  sheets.forEach((sheet, n) => assert.ok(sheet.includes(`Sayfa ${n + 1} / ${sheets.length}`), `${name}: the number of page ${n + 1}`));
  for (const control of ['Temizle', 'Listele', 'İçeriğe geç', 'Tablo olarak göster', 'Görüntüle', 'Sonraki sayfa', 'Giriş Yap']) {
    assert.ok(!sheets.some((sheet) => sheet.includes(control)), `${name} prints “${control}”`);
  }
  edges.forEach(({ width, text }, n) => assert.ok(text < width - 20, `${name}: page ${n + 1} is cut at the right`));
}

/** Every row that the page shows, in its place, and every heading: a column that is cut off has none. */
async function hasEveryRowOnce(page, { sheets }, name) {
  const shown = (cells) => cells.filter((cell) => cell.checkVisibility()).map((cell) => cell.innerText);
  await page.emulateMedia({ media: 'print' });
  const rows = await page.locator('main table tbody th').evaluateAll(shown);
  const headings = await page.locator('main table thead th:not(.tick):not(.onscreen)').evaluateAll(shown);
  await page.emulateMedia({ media: null });
  const all = letters(sheets.join(''));
  for (const heading of headings) assert.ok(all.includes(letters(heading)), `${name} prints the heading ${heading}`);
  const printed = letters(sheets.map((sheet) => sheet.replace(/Sayfa \d+ \/ \d+T\.C\. İçişleri Bakanlığı e-Başvuru Sistemi/, '')).join(''));
  let from = 0;
  for (const row of rows) {
    const at = printed.indexOf(letters(row), from);
    assert.ok(at >= 0, `${name} prints ${row} in its place`);
    from = at + letters(row).length;
  }
}

test('req 11: every report is a document on paper', async () => {
  const administrator = await login('yonetici');
  for (const report of REPORTS) {
    const name = `raporlama${report.replace('/', '-')}`;
    await go(administrator, `/raporlama${report}?valilik=6`);
    const printed = await print(administrator, name);
    isDocument(printed, await title(administrator), name);
    const conditions = /Dönem:? \d\d\.\d\d\.\d{4} – \d\d\.\d\d\.\d{4} .*Valilik:? Ankara Valiliği .*Birim:? Tümü/;
    // The system has no filters, whichever the address carries on to the other reports.
    if (report === '/sistem') assert.doesNotMatch(printed.sheets[0], /Dönem:|Valilik:/);
    else assert.match(printed.sheets[0], conditions, name);
    assert.ok(!printed.sheets.join('').includes('Bütün sayılar'), `${name} prints no heading of a folded table alone`);
    assert.match(printed.sheets[0], /Veriler:? \d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d itibarıyla .*Olay sırası:? [\d.]+ .*Çıktıyı alan:? .*\(Yönetici\)/, name);
    if (report !== '/sistem') await hasEveryRowOnce(administrator, printed, name);
  }
});

test('req 11: a list on paper has every row once, on each sheet its headings, and nothing cut off', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/raporlama/basvurular?rakam=total&valilik=6');
  const printed = await print(administrator, 'raporlama-liste');
  isDocument(printed, await title(administrator), 'the list behind a number');
  await hasEveryRowOnce(administrator, printed, 'the list behind a number');
  assert.ok(printed.sheets.length > 3);
  for (const sheet of printed.sheets) {
    assert.match(sheet, /Başvuru No .*Cevaplanma süresi/, 'the headings, from the first to the last, on every sheet');
  }
  assert.ok(printed.edges.every(({ width }) => width > 800), 'it lies across');
  assert.match(printed.sheets[0], /Kapsam:? listenin bir sayfası, 100 satır/);

  const supervisor = await login('ankara.yetkili');
  await go(supervisor, '/basvurular?durum=teslim-bekleyen&sirala=eski');
  const worklist = await print(supervisor, 'basvurular');
  isDocument(worklist, 'Başvurular', 'the worklist');
  await hasEveryRowOnce(supervisor, worklist, 'the worklist');
  assert.match(worklist.sheets[0], /Başvuru Durumu:? Teslim Bekliyor .*Sıralama:? En eski önce/);
  for (const sheet of worklist.sheets) assert.match(sheet, /Başvuru No Süre Hizmet Başvuran .*Başvuru tarihi/);
});

test('a printed page in English has its page numbers in English', async () => {
  const administrator = await login('yonetici');
  await go(administrator, '/dil/en');
  for (const path of ['/raporlama', '/raporlama/birimler?valilik=6']) {
    await go(administrator, path);
    const { sheets } = await print(administrator, `english${path.replace(/\W/g, '-')}`);
    if (path === '/raporlama') assert.ok(sheets.some((sheet) => sheet.includes('Map of the governorates')), 'the map');
    sheets.forEach((sheet, n) => assert.ok(sheet.includes(`Page ${n + 1} / ${sheets.length}`), sheet));
  }
  await go(administrator, '/dil/tr');
});
