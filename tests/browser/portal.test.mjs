// What a citizen does at the stand-in for e-Devlet, and what comes back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { browser, go, login, looksWell as looks } from './browser.mjs';

const portal = JSON.parse(readFileSync(join(process.env.DATA, 'endpoints.json'))).portal;
after(() => browser.close());

/** Nobody may take a page of it for e-Devlet. */
async function looksWell(page, name) {
  await page.getByRole('complementary', { name: 'Deneme ekranı' }).getByText('e-Devlet yerine geçen').waitFor();
  await looks(page, name);
}

async function citizen(name) {
  const context = await browser.newContext({ locale: 'tr-TR', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  await page.goto(portal);
  await looksWell(page, 'portal-giris');
  const value = await page.locator('option', { hasText: name }).getAttribute('value');
  await page.getByLabel('Deneme vatandaşı').selectOption(value);
  await page.getByRole('button', { name: 'Giriş Yap' }).click();
  return page;
}

/** The first step of a new application: what it is about, and which governorate it is for. */
async function begin(page) {
  await page.getByRole('link', { name: 'Yeni Başvuru' }).first().click();
  await page.getByLabel('Ana Başlık').selectOption('Dernek ve Sivil Toplum');
  await page.getByRole('button', { name: 'Seç' }).first().click();
  await page.getByLabel('Alt Başlık').selectOption('dernek-tuzuk-degisikligi');
  await page.getByRole('button', { name: 'Seç' }).last().click();
  assert.equal(await page.locator('#valilik option').count(), 81);
  await page.getByLabel('Valilik').selectOption('6');
}

/** The number of the application on the page, once the citizen has been told it. */
async function numbered(page) {
  const title = page.getByRole('heading', { level: 1 });
  for (let i = 0; i < 50 && !/ \d{4}-/.test(await title.innerText()); i += 1) {
    await page.getByRole('link', { name: 'Sayfayı yenile' }).click();
  }
  const no = (await title.innerText()).replace('Başvuru ', '');
  assert.match(no, /^\d{4}-06-/);
  return no;
}

test('req 2, req 3, req 4, req 5, req 6, req 7, req 8: a citizen applies, staff answer, the citizen reads it', async () => {
  const page = await citizen('Ayşe');
  await begin(page);
  await looksWell(page, 'portal-yeni');
  await page.getByRole('button', { name: 'Devam Et' }).click();

  assert.match(await page.getByLabel('T.C. Kimlik No').inputValue(), /^\d{11}$/);
  assert.notEqual(await page.getByLabel('Cep Telefonu').inputValue(), '');
  await page.getByLabel('İlçe').fill('Çankaya');
  await page.getByRole('button', { name: 'Devam Et' }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('İlçe').inputValue(), 'Çankaya');
  await looksWell(page, 'portal-iletisim');
  await page.getByLabel('Adres').fill('Kızılay');
  await page.getByRole('button', { name: 'Devam Et' }).click();

  await page.getByLabel('Konu').fill('Tüzük değişikliği');
  await page.getByLabel('Açıklama').fill('Tüzüğümüz değişti.');
  await page.getByLabel('Kütük numarası').fill('06-1');
  await looksWell(page, 'portal-bilgiler');
  await page.getByRole('button', { name: 'Devam Et' }).click();
  const pdf = (name, size) => ({ name, mimeType: 'application/pdf', buffer: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(size, 32)]) });
  await page.locator('#supporting').setInputFiles(pdf('ek.pdf', 300 * 1024));
  await page.locator('button', { hasText: 'Dosya Yükle' }).click();
  await page.locator('.files').getByText('ek.pdf').first().waitFor();
  await page.locator('#application').setInputFiles(pdf('dilekce.pdf', 100));
  await page.locator('button', { hasText: 'Belgeyi Yükle' }).click();
  await page.locator('.files').getByText('dilekce.pdf').first().waitFor();
  await looksWell(page, 'portal-belgeler');
  await page.getByRole('button', { name: 'Devam Et' }).click();

  await page.getByLabel(/Onay Kutusu/).fill('evet');
  await page.getByRole('button', { name: 'Başvuruyu Tamamla' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel(/Onay Kutusu/).fill('EVET');
  await looksWell(page, 'portal-onay');
  await page.getByRole('button', { name: 'Başvuruyu Tamamla' }).click();
  await page.waitForURL(/basvurularim/);
  const no = await numbered(page);
  await looksWell(page, 'portal-alindi');

  const other = await citizen('İsmail');
  assert.equal((await other.goto(`${portal}/basvurularim/${no}`)).status(), 404);

  const officer = await login('ankara.sorumlu');
  await go(officer, `/basvurular/${no}`);
  await officer.getByRole('button', { name: 'Teslim Al', exact: true }).click();
  await officer.locator('#cevap-ekle textarea').fill('Değişiklik uygundur.');
  await officer.locator('#cevap-ekle button').click();
  await officer.locator('#resmi-evrak-ekle input[type=file]').setInputFiles(pdf('karar.pdf', 100));
  await officer.locator('#resmi-evrak-ekle button').click();
  await officer.getByText('karar.pdf').first().waitFor();
  await officer.getByRole('button', { name: 'Onaya Gönder', exact: true }).click();
  await officer.locator('dl.facts').getByText(/Onay Bekl/).waitFor();
  await page.goto(`${portal}/basvurularim/${no}`);
  assert.doesNotMatch(await page.content(), /Değişiklik uygundur/);
  const supervisor = await login('ankara.yetkili');
  await go(supervisor, `/basvurular/${no}`);
  await supervisor.getByRole('button', { name: 'Onayla', exact: true }).click();
  await supervisor.getByRole('button', { name: /^Olum(lu|suz) cevabı onayla$|^Havaleyi onayla$/ }).click();
  await supervisor.locator('dl.facts').getByText(/Olumlu/).waitFor();
  await page.reload();
  await page.getByText('Değişiklik uygundur.').waitFor();
  await page.getByRole('link', { name: 'karar.pdf' }).waitFor();
  await looksWell(page, 'portal-cevap');
});

test('req l: a citizen withdraws an open application, which then is final', async () => {
  const page = await citizen('Ayşe');
  await begin(page);
  await page.getByRole('button', { name: 'Devam Et' }).click();
  await page.getByLabel('Adres').fill('Kızılay');
  await page.getByRole('button', { name: 'Devam Et' }).click();
  await page.getByLabel('Konu').fill('Tüzük değişikliği');
  await page.getByLabel('Açıklama').fill('Yanlışlıkla başvurdum.');
  await page.getByLabel('Kütük numarası').fill('06-2');
  await page.getByRole('button', { name: 'Devam Et' }).click();
  await page.locator('#application').setInputFiles({ name: 'dilekce.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') });
  await page.locator('button', { hasText: 'Belgeyi Yükle' }).click();
  await page.getByRole('button', { name: 'Devam Et' }).click();
  await page.getByLabel(/Onay Kutusu/).fill('EVET');
  await page.getByRole('button', { name: 'Başvuruyu Tamamla' }).click();
  await page.waitForURL(/basvurularim/);
  const no = await numbered(page);

  await page.getByRole('link', { name: 'Vazgeç' }).click();
  await looksWell(page, 'portal-vazgec');
  await page.getByRole('button', { name: /Vazgeç/ }).click();
  await page.waitForURL(/basvurularim/);
  const status = page.locator('dl.facts div', { hasText: 'Durum' }).locator('dd');
  for (let i = 0; i < 50 && !/Vazgeç/.test(await status.innerText()); i += 1) {
    await page.getByRole('link', { name: 'Sayfayı yenile' }).click();
  }
  assert.match(await status.innerText(), /Vazgeç/);
  assert.equal(await page.getByRole('link', { name: 'Vazgeç' }).count(), 0, 'what is closed cannot be withdrawn');

  const officer = await login('ankara.sorumlu');
  await go(officer, `/basvurular/${no}`);
  await officer.locator('dl.facts').getByText(/Vazgeç/).first().waitFor();
  assert.equal(await officer.locator('form.action').count(), 0, 'final: nobody acts on it');
});
