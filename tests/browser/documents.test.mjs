// Documents: sent with their progress shown, shown or downloaded by what they are.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { browser, go, login, looksWell } from './browser.mjs';

after(() => browser.close());

/** A PDF of one page with two words, padded to a size by a comment. */
function pdf(size = 0) {
  const text = 'BT /F1 36 Tf 40 100 Td (MERHABA PDF) Tj ET';
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  let body = `%PDF-1.4\n%${'x'.repeat(size)}\n`;
  const at = objects.map((object, n) => { const here = body.length; body += `${n + 1} 0 obj\n${object}\nendobj\n`; return here; });
  const table = at.map((here) => `${String(here).padStart(10, '0')} 00000 n \n`).join('');
  return `${body}xref\n0 6\n0000000000 65535 f \n${table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
}
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const file = (name, content) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
const input = (page) => page.locator('#resmi-evrak-ekle input[type=file]');
const send = (page) => page.locator('#resmi-evrak-ekle button').click();

async function claimed() {
  const officer = await login('ankara.sorumlu');
  await go(officer, '/basvurular?durum=teslim-bekleyen');
  const row = officer.locator('tbody tr', { has: officer.locator('td', { hasText: /^Başvuru\s*Teslim/ }) }).first();
  while (!(await row.count())) await officer.getByRole('link', { name: 'Sonraki sayfa' }).click();
  await row.getByRole('link', { name: /^Görüntüle/ }).click();
  await officer.getByRole('button', { name: 'Teslim Al', exact: true }).click();
  await input(officer).waitFor();
  return officer;
}

test('a file shows how far it has come, keeps what was typed when it fails, and is shown or downloaded', async () => {
  const officer = await claimed();
  const network = await officer.context().newCDPSession(officer);
  await network.send('Network.enable');
  const slow = (uploadThroughput) => network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });

  await officer.locator('#cevap-ekle textarea').fill('yarım kalan cevap');
  await input(officer).setInputFiles(file('büyük.pdf', Buffer.alloc(21 * 1024 * 1024, '%PDF-')));
  await send(officer);
  await officer.getByRole('alert').getByText('en fazla 20 MB').waitFor();
  await officer.context().setOffline(true);
  await input(officer).setInputFiles(file('kopan.pdf', pdf()));
  await send(officer);
  await officer.getByRole('alert').getByText(/^Dosya gönderilemedi/).waitFor();
  assert.equal(await officer.locator('#cevap-ekle textarea').inputValue(), 'yarım kalan cevap');
  await looksWell(officer, 'belge-gonderilemedi');
  await officer.context().setOffline(false);

  await slow(1_000_000);
  await input(officer).setInputFiles(file('uzun.pdf', pdf(3_000_000)));
  await send(officer);
  const progress = officer.getByRole('progressbar', { name: /Dosya gönderiliyor/ });
  await officer.waitForFunction(() => { const { value } = document.querySelector('progress') ?? {}; return value > 0 && value < 100; });
  assert.match(await officer.locator('label.upload').innerText(), /%\d+/);
  assert.ok(await officer.locator('#resmi-evrak-ekle button').isDisabled());
  await progress.waitFor({ state: 'detached' });
  await officer.getByText('uzun.pdf').first().waitFor();
  assert.match(officer.url(), /\?oldu=resmi-evrak-ekle(&|$)/);
  await slow(-1);

  // On the page that came as the answer it goes on as before.
  await input(officer).setInputFiles(file('sayfa.pdf', '<script>alert(1)</script>'));
  await send(officer);
  await officer.getByText('Dosya PDF, PNG, JPEG, TIFF ya da Office belgesi olmalıdır.').first().waitFor();
  await input(officer).setInputFiles(file('nokta.png', PNG));
  await send(officer);
  const line = (name) => officer.locator('#dosyalar li', { hasText: name });
  await line('nokta.png').getByText('PNG, ').waitFor();
  await input(officer).setInputFiles(file('tutanak.udf', 'PK\x03\x04 content.xml'));
  await send(officer);
  await line('tutanak.udf').getByText('UDF/ZIP, ').waitFor();
  assert.equal(await line('tutanak.udf').getByRole('link', { name: /^Görüntüle/ }).count(), 0);
  await looksWell(officer, 'belgeler');

  const [download] = await Promise.all([officer.waitForEvent('download'), line('tutanak.udf').getByRole('link', { name: /^İndir/ }).click()]);
  assert.equal(download.suggestedFilename(), 'tutanak.udf');
  assert.equal(readFileSync(await download.path(), 'latin1'), 'PK\x03\x04 content.xml');

  const here = officer.url();
  await line('nokta.png').getByRole('link', { name: /^Görüntüle/ }).click();
  await officer.waitForFunction(() => document.images[0]?.naturalWidth === 1);
  await officer.goto(here);
  await line('uzun.pdf').getByRole('link', { name: /^Görüntüle/ }).click();
  // Chromium's viewer is an extension with the document in a frame of its own.
  for (let i = 0; i < 50 && officer.frames().length < 3; i += 1) await officer.waitForTimeout(100);
  assert.equal(officer.frames().length, 3, officer.frames().map((frame) => frame.url()).join(' '));
  if (process.env.SCREENSHOTS) {
    await officer.waitForTimeout(1500);
    await officer.screenshot({ path: `${process.env.SCREENSHOTS}/belge-pdf.png` });
  }
});

test('a file is sent without scripts, too', async () => {
  const officer = await claimed();
  await officer.route('**/assets/*.js', (route) => route.abort());
  await officer.reload();
  await input(officer).setInputFiles(file('sade.pdf', pdf()));
  await send(officer);
  await officer.locator('#dosyalar li', { hasText: 'sade.pdf' }).waitFor();
});
