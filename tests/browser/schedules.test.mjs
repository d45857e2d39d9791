// A report that is sent at its time: to a mail server, as its readers get it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { browser, go, login, looksWell, schedule } from './browser.mjs';

/** What the server took: the address on the envelope, and the mail. */
const taken = [];
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo({ address }, _session, done) {
    done(address.startsWith('yok@') ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : undefined);
  },
  async onData(stream, session, done) {
    taken.push({ to: session.envelope.rcptTo.map(({ address }) => address), mail: await simpleParser(stream) });
    done();
  },
});

before(() => new Promise((resolve) => server.listen(Number(process.env.SMTP_PORT), '127.0.0.1', resolve)));
after(async () => {
  await new Promise((resolve) => server.close(resolve));
  await browser.close();
});

/** Waits for so many mails with this subject. */
async function mails(subject, count) {
  for (let n = 0; n < 900; n++) {
    const found = taken.filter(({ mail }) => mail.subject.startsWith(subject));
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail(`no ${count} mails “${subject}”: ${taken.map(({ mail }) => mail.subject)}`);
}

/** Opens the page again until it says so. */
async function says(page, path, words) {
  for (let n = 0; n < 50; n++) {
    await go(page, path);
    if (await page.getByText(words).count()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`${path} does not say “${words}”`);
}

/** Every number in an XLSX file. */
function numbersOf(content) {
  const sheets = Object.entries(unzipSync(content)).filter(([name]) => /^xl\/worksheets\/sheet\d+\.xml$/.test(name));
  return sheets.flatMap(([, xml]) => [...strFromU8(xml).matchAll(/<c [^>]*?(t="[^"]*")?[^>]*><v>([^<]*)<\/v>/g)]
    .filter(([, type]) => type !== 't="s"').map(([, , value]) => Number(value)));
}

/** “HH:MM” in Istanbul, so many minutes from now. */
const clock = (minutes) => new Date(Date.now() + minutes * 60000)
  .toLocaleTimeString('tr-TR', { timeZone: 'Europe/Istanbul', hour: '2-digit', minute: '2-digit' });

test('a scheduled report comes at its time, with the numbers of its page', async () => {
  const administrator = await login('yonetici');
  const to = ['ayse.yilmaz@icisleri.gov.tr', 'can.oz@icisleri.gov.tr'];
  await go(administrator, '/raporlama/sonuclar?valilik=6');
  await administrator.getByRole('link', { name: 'Zamanla', exact: true }).click();
  await looksWell(administrator, 'zamanla');
  // What is wrong comes back with what was typed.
  await administrator.getByLabel('Ad', { exact: true }).fill('Ankara sonuçları');
  await administrator.getByLabel('Alıcılar').fill('baska@example.com');
  await administrator.getByRole('button', { name: 'Zamanla' }).click();
  await administrator.getByRole('alert').getByText('izin verilen alan adları: icisleri.gov.tr').waitFor();
  assert.equal(await administrator.getByLabel('Ad', { exact: true }).inputValue(), 'Ankara sonuçları');
  await administrator.getByLabel('Raporun dönemi').selectOption('son-30-gun');
  await administrator.getByLabel('Ne sıklıkta').selectOption('gun');
  await administrator.getByLabel('Saat').fill(clock(1));
  await administrator.getByLabel('Alıcılar').fill(to.join('\n'));
  await administrator.getByRole('button', { name: 'Zamanla' }).click();
  await administrator.getByText('Rapor zamanlandı.').waitFor();
  await looksWell(administrator, 'zamanlanmis');

  const found = await mails('Ankara sonuçları', 2);
  assert.deepEqual(found.map((one) => one.to).flat().toSorted(), to);
  const { mail } = found[0];
  assert.equal(mail.from.value[0].address, 'ebasvuru@icisleri.gov.tr');
  assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
  const link = new URL(mail.html.match(/href="([^"]*sonuclar[^"]*)"/)[1].replaceAll('&amp;', '&').replaceAll('&#x2f;', '/'));
  assert.equal(link.host, 'basvuru.icisleri.gov.tr');

  await go(administrator, link.pathname + link.search);
  const row = administrator.locator('#sonuclar tbody tr', { hasText: 'Dernek' }).first();
  const [service, count] = [await row.locator('th').innerText(), await row.locator('td').first().innerText()];
  assert.ok(mail.text.includes(service) && mail.html.includes(service), service);
  assert.match(mail.text, new RegExp(`${service}; [^;]* ${count}(;|\\n)`), 'the number of the page is in the text');
  assert.equal(mail.attachments.length, 1);
  assert.match(mail.attachments[0].filename, /^sonuclar_\d{4}-\d\d-\d\d\.xlsx$/);
  assert.ok(numbersOf(mail.attachments[0].content).includes(Number(count.replace(/\D/g, ''))), 'and in the attachment');
  // As its readers see it.
  const reader = await (await browser.newContext({ viewport: { width: 800, height: 900 } })).newPage();
  await reader.setContent(mail.html);
  assert.equal(await reader.getByRole('heading', { level: 1 }).innerText(), 'Ankara sonuçları');
  if (process.env.SCREENSHOTS) await reader.screenshot({ path: `${process.env.SCREENSHOTS}/ileti-800.png`, fullPage: true });
  await reader.setViewportSize({ width: 390, height: 800 });
  if (process.env.SCREENSHOTS) await reader.screenshot({ path: `${process.env.SCREENSHOTS}/ileti-390.png`, fullPage: true });

  await says(administrator, '/raporlama/zamanlanmis', '2 alıcıya gönderildi');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.equal((await mails('Ankara sonuçları', 2)).length, 2, 'once for each');
});

test('Şimdi Gönder says who was refused and why; a schedule is paused, resumed and deleted', async () => {
  const administrator = await login('yonetici');
  const path = await schedule(administrator, '/raporlama/birimler', 'Deneme', ['biri@icisleri.gov.tr', 'yok@icisleri.gov.tr']);
  await go(administrator, path);
  await administrator.getByRole('button', { name: 'Şimdi Gönder' }).click();
  await administrator.getByText('Rapor gönderiliyor; sonucu bu sayfada görünür.').waitFor();
  assert.deepEqual((await mails('Deneme', 1))[0].to, ['biri@icisleri.gov.tr']);
  await says(administrator, path, '1 gönderildi, 1 gönderilemedi');
  await administrator.getByText('550 no such mailbox').waitFor();
  await looksWell(administrator, 'zamanlanmis-gonderildi');
  await administrator.getByRole('button', { name: 'Duraklat' }).click();
  await administrator.getByText('siz sürdürene kadar').waitFor();
  await administrator.getByRole('button', { name: 'Sürdür' }).click();
  await administrator.getByText('zamanı gelince gönderilir').waitFor();
  await administrator.getByRole('link', { name: 'Sil' }).click();
  await looksWell(administrator, 'zamanlanmis-sil');
  await administrator.getByRole('button', { name: 'Sil' }).click();
  await administrator.getByText('Zamanlanmış rapor silindi.').waitFor();
  assert.equal(await administrator.getByText('Deneme').count(), 0);
});
