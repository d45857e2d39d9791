// What staff do in a day, by the labels of the guide.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { browser, go, login, looksWell, menu } from './browser.mjs';

after(() => browser.close());

const fact = (page, name) => page.locator('dl.facts div', { has: page.getByText(name, { exact: true }) }).locator('dd').first();

test('a Sorumlu answers, the Yetkili approves, the application is olumlu', async () => {
  const officer = await login('ankara.sorumlu');
  assert.deepEqual(await menu(officer), ['Başvurular']);
  await looksWell(officer, 'basvurular');

  const no = await claimOne(officer);
  assert.equal(await fact(officer, 'Aşama').innerText(), 'Sorumlu Üzerinde');
  await looksWell(officer, 'basvuru-sorumlu');

  await officer.locator('#cevap-ekle textarea').fill('Başvurunuz uygun görülmüştür.');
  await officer.locator('#cevap-ekle button').click();
  await officer.getByText('Başvurunuz uygun görülmüştür.').first().waitFor();
  await officer.getByRole('button', { name: 'Onaya Gönder', exact: true }).click();
  await officer.locator('dl.facts').getByText(/Onay Bekl/).waitFor();
  assert.equal(await officer.getByRole('button', { name: 'Onayla', exact: true }).count(), 0);

  const supervisor = await login('ankara.yetkili');
  assert.deepEqual(
    await menu(supervisor),
    ['Başvurular', 'Kullanıcılar']);
  await go(supervisor, `/basvurular/${no}`);
  await looksWell(supervisor, 'basvuru-yetkili');
  await supervisor.getByRole('button', { name: 'Onayla', exact: true }).click();
  await looksWell(supervisor, 'basvuru-emin-misiniz');
  await supervisor.getByRole('button', { name: 'Evet, Onayla' }).click();
  await supervisor.locator('dl.facts').getByText(/Olumlu/).waitFor();
  await looksWell(supervisor, 'basvuru-olumlu');
  assert.equal(await supervisor.getByRole('button', { name: 'Onayla', exact: true }).count(), 0);

  await go(supervisor, '/kullanicilar');
  await looksWell(supervisor, 'kullanicilar');
  await supervisor.getByRole('link', { name: 'Kullanıcı Ekle' }).click();
  await looksWell(supervisor, 'kullanici-ekle');
});

test('the Sorumlu who looked too early is told, and loses nothing typed', async () => {
  const officer = await login('ankara.sorumlu');
  const no = await claimOne(officer);
  await officer.locator('#cevap-ekle textarea').fill('Uzun uzun yazılmış bir cevap.');
  const supervisor = await login('ankara.yetkili');
  await go(supervisor, `/basvurular/${no}`);
  await supervisor.getByRole('button', { name: 'Geri Çek', exact: true }).click();
  await supervisor.locator('dl.facts').getByText('Teslim Bekliyor').waitFor();
  await officer.locator('#cevap-ekle button').click();
  await officer.getByRole('heading', { name: 'Başvuru bu arada değişti' }).waitFor();
  assert.match(await officer.content(), /Uzun uzun yazılmış bir cevap\./);
  await looksWell(officer, 'basvuru-degisti');
});

test('a Yönetici reads the reports: two charts, each with its table', async () => {
  const administrator = await login('yonetici');
  assert.deepEqual(
    await menu(administrator),
    ['Raporlama', 'Kullanıcılar']);
  await go(administrator, '/raporlama');
  assert.equal(await administrator.locator('.chart svg').count(), 2);
  assert.equal(await administrator.getByText('Tablo olarak göster').count(), 2);
  const total = administrator.locator('dl.totals div', { hasText: 'Başvuru' }).first().locator('dd');
  assert.ok(Number((await total.innerText()).replace(/\D/g, '')) > 100, 'the demo is in the figures');
  await looksWell(administrator, 'raporlama');
});

test('an İl Koordinasyon Görevlisi sees all and can do nothing', async () => {
  const coordinator = await login('ankara.koordinasyon');
  await go(coordinator, '/basvurular');
  await looksWell(coordinator, 'basvurular-koordinasyon');
  assert.equal(await coordinator.getByRole('button', { name: /Teslim/ }).count(), 0);
  await coordinator.getByRole('link', { name: /^Görüntüle/ }).first().click();
  assert.equal(await coordinator.getByRole('heading', { name: 'İşlemler' }).count(), 0);
});

/** Opens the newest application that nobody holds and that is no Ön Başvuru, and takes it. */
async function claimOne(officer) {
  await go(officer, '/basvurular');
  for (;;) {
    const row = officer.locator('tbody tr', { has: officer.getByRole('button', { name: /^Teslim Al/ }) })
      .filter({ hasNotText: 'Ön Başvuru' }).first();
    if (await row.count()) {
      const no = await row.locator('th').innerText();
      await row.getByRole('link', { name: /^Görüntüle/ }).click();
      await officer.getByRole('button', { name: 'Teslim Al', exact: true }).click();
      await officer.locator('#cevap-ekle').waitFor();
      return no;
    }
    await officer.getByRole('link', { name: 'Sonraki sayfa' }).click();
  }
}
