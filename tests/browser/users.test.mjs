// Kullanıcılar: who defines whom, aktif and pasif, shared authority, passwords.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { browser, go, login, looksWell, menu, password } from './browser.mjs';

after(() => browser.close());

/** Somebody who has just been given a one-time password, at a browser of their own. */
async function firstLogin(name, oneTime, chosen) {
  const page = await (await browser.newContext({ locale: 'tr-TR', viewport: { width: 1280, height: 900 } })).newPage();
  await go(page, '/giris');
  await page.getByLabel('Kullanıcı adı').fill(name);
  await page.getByLabel('Şifre').fill(oneTime);
  await page.getByRole('button', { name: 'Giriş Yap' }).click();
  await page.getByRole('heading', { name: 'Şifre Değiştir' }).waitFor();
  await go(page, '/basvurular');
  assert.equal(new URL(page.url()).pathname, '/sifre', 'nothing before the first password is changed');
  await looksWell(page, 'sifre-ilk-giris');
  await page.getByLabel('Şimdiki şifre').fill(oneTime);
  await page.getByLabel('Yeni şifre', { exact: true }).fill('Galatasaray1905');
  await page.getByLabel('Yeni şifre (tekrar)').fill('Galatasaray1905');
  await page.getByRole('button', { name: 'Kaydet' }).click();
  await page.getByRole('alert').getByText('kolay tahmin edilir').waitFor();
  await page.getByLabel('Şimdiki şifre').fill(oneTime);
  await page.getByLabel('Yeni şifre', { exact: true }).fill(chosen);
  await page.getByLabel('Yeni şifre (tekrar)').fill(chosen);
  await page.getByRole('button', { name: 'Kaydet' }).click();
  await page.getByRole('link', { name: /e-Başvuru Modülü/ }).waitFor();
  return page;
}

const oneTimePassword = (page) => page.locator('code.once').innerText();

test('req 1: the login leads to the modules, and a wrong password says nothing of the user', async () => {
  const page = await (await browser.newContext({ locale: 'tr-TR' })).newPage();
  const said = [];
  for (const name of ['ankara.yetkili', 'boyle.biri.yok']) {
    await go(page, '/giris');
    await page.getByLabel('Kullanıcı adı').fill(name);
    await page.getByLabel('Şifre').fill('bu şifre değil');
    await page.getByRole('button', { name: 'Giriş Yap' }).click();
    said.push(await page.getByRole('alert').innerText());
  }
  assert.equal(said[0], said[1]);
  await looksWell(page, 'giris-hatali');
});

test('req 9, req 10: a Yönetici sees all users, searches by Turkish letters, defines a Yetkili', async () => {
  const administrator = await login('yonetici');
  assert.deepEqual(await menu(administrator), ['Raporlama', 'Kullanıcılar']);
  await go(administrator, '/kullanicilar');
  await looksWell(administrator, 'kullanicilar-yonetici');
  await administrator.getByLabel('Ad ya da kullanıcı adı').fill('IPEK dogan');
  await administrator.getByLabel('Valilik').selectOption('6');
  await administrator.getByRole('button', { name: 'Listele' }).click();
  await administrator.getByText('1 kullanıcı').waitFor();
  assert.doesNotMatch(decodeURIComponent(administrator.url()), /IPEK|dogan/, 'no name in the address');
  assert.equal(await administrator.getByLabel('Ad ya da kullanıcı adı').inputValue(), 'IPEK dogan');
  assert.equal(await administrator.locator('tbody tr').count(), 1);
  await looksWell(administrator, 'kullanicilar-arama');

  const name = `yeni.yetkili${Date.now() % 100000}`;
  await administrator.getByRole('link', { name: 'Kullanıcı Ekle' }).click();
  await administrator.getByLabel('Kullanıcı adı').fill(name);
  await administrator.getByLabel('Ad Soyad').fill('Yeni Yetkili');
  await administrator.getByLabel('Rol').selectOption({ label: 'Yetkili' });
  await administrator.getByLabel('Kendi şifreniz').fill(password('yonetici'));
  await administrator.getByRole('button', { name: 'Kaydet' }).click();
  await administrator.getByRole('alert').getByText('birim seçiniz').waitFor();
  assert.equal(await administrator.getByLabel('Ad Soyad').inputValue(), 'Yeni Yetkili');
  await looksWell(administrator, 'kullanici-ekle-yonetici');
  await administrator.getByLabel('Birim').selectOption('06-sivil-toplum');
  await administrator.getByLabel('Kendi şifreniz').fill(password('yonetici'));
  await administrator.getByRole('button', { name: 'Kaydet' }).click();
  const oneTime = await oneTimePassword(administrator);
  await looksWell(administrator, 'tek-kullanimlik-sifre');
  const supervisor = await firstLogin(name, oneTime, 'uzun yol mor kedi');
  assert.deepEqual(await menu(supervisor), ['Başvurular', 'Kullanıcılar']);
});

test('req 12, req 13, req 22: a Yetkili defines a Sorumlu, sets them pasif, and what they held comes back', async () => {
  const supervisor = await login('ankara.yetkili');
  const name = `yeni.sorumlu${Date.now() % 100000}`;
  await go(supervisor, '/kullanicilar');
  await supervisor.getByRole('link', { name: 'Kullanıcı Ekle' }).click();
  await supervisor.getByLabel('Kullanıcı adı').fill(name);
  await supervisor.getByLabel('Ad Soyad').fill('Yeni Sorumlu');
  await supervisor.getByLabel('Kendi şifreniz').fill(password('ankara.yetkili'));
  await supervisor.getByRole('button', { name: 'Kaydet' }).click();
  const officer = await firstLogin(name, await oneTimePassword(supervisor), 'dere tepe düz gittik');
  await officer.getByRole('link', { name: /e-Başvuru Modülü/ }).click();
  assert.deepEqual(await menu(officer), ['Başvurular']);
  await go(officer, '/kullanicilar');
  await officer.getByText('Kod: forbidden').waitFor();

  await go(officer, '/basvurular?durum=teslim-bekleyen');
  await officer.getByRole('button', { name: /^Teslim Al/ }).first().click();
  await officer.getByText('Başvuruyu üzerinize aldınız.').waitFor();

  await go(supervisor, `/kullanicilar/${name}`);
  await looksWell(supervisor, 'kullanici-guncelle');
  await supervisor.getByRole('link', { name: 'Pasife Çek' }).click();
  await supervisor.getByText(/Üzerindeki 1 açık başvuru birime döner/).waitFor();
  await looksWell(supervisor, 'kullanici-pasif-onay');
  await supervisor.getByLabel('Kendi şifreniz').fill(password('ankara.yetkili'));
  await supervisor.getByRole('button', { name: 'Pasife Çek' }).click();
  await supervisor.getByText(/Üzerindeki 1 açık başvuru birime geri döndü/).waitFor();
  await looksWell(supervisor, 'kullanici-pasif');
  await go(officer, '/basvurular');
  assert.equal(new URL(officer.url()).pathname, '/giris', 'their session ends at once');
  const activate = supervisor.locator('form', { has: supervisor.getByRole('button', { name: 'Aktif Yap' }) });
  await activate.getByLabel('Kendi şifreniz').fill(password('ankara.yetkili'));
  await activate.getByRole('button', { name: 'Aktif Yap' }).click();
  await supervisor.getByText('Kullanıcı aktif yapıldı.').waitFor();
  await go(officer, '/basvurular');
  assert.equal(new URL(officer.url()).pathname, '/giris', 'and does not come back');
});

test('req 14, req f: a Yetkili shares authority with one Sorumlu, who is told, and takes it back', async () => {
  const supervisor = await login('ankara.yetkili');
  await go(supervisor, '/kullanicilar');
  await supervisor.getByRole('link', { name: 'Yetkimi Paylaş' }).click();
  await looksWell(supervisor, 'yetkimi-paylas');
  await supervisor.getByLabel('Sorumlu').selectOption('ankara.sorumlu');
  await supervisor.getByRole('button', { name: 'Yetkimi Paylaş' }).click();
  await supervisor.getByText('Yetkiniz şu anda paylaşılıyor.').waitFor();
  await looksWell(supervisor, 'yetkimi-paylas-suren');
  const officer = await login('ankara.sorumlu');
  await officer.getByText(/adına Yetkili işlemlerini de yapabilirsiniz/).waitFor();
  await looksWell(officer, 'vekil');
  await supervisor.getByRole('link', { name: 'Yetkiyi Geri Al' }).click();
  await looksWell(supervisor, 'yetki-geri-al');
  await supervisor.getByRole('button', { name: 'Yetkiyi Geri Al' }).click();
  await supervisor.getByText('Paylaştığınız yetki geri alındı').waitFor();
  await officer.reload();
  assert.equal(await officer.getByText(/adına Yetkili işlemlerini/).count(), 0);
});

test('req 31: an İl Koordinasyon Görevlisi reads the unit’s users, with no form and no button', async () => {
  const coordinator = await login('ankara.koordinasyon');
  await go(coordinator, '/kullanicilar');
  assert.equal(await coordinator.getByRole('link', { name: 'Kullanıcı Ekle' }).count(), 0);
  await looksWell(coordinator, 'kullanicilar-koordinasyon');
  await coordinator.getByRole('link', { name: /^Görüntüle/ }).first().click();
  const main = coordinator.locator('main');
  assert.equal(await main.locator('form, button, input, select').count(), 0);
  await looksWell(coordinator, 'kullanici-goruntule');
});

test('a long name breaks no page', async () => {
  const supervisor = await login('ankara.yetkili');
  const name = `uzun${Date.now() % 100000}`;
  const long = `Abdurrahmangazi${'oğlu'.repeat(40)} Büyük`;
  await go(supervisor, '/kullanicilar/yeni');
  await supervisor.getByLabel('Kullanıcı adı').fill(name);
  await supervisor.getByLabel('Ad Soyad').fill(long);
  await supervisor.getByLabel('Rol').selectOption({ label: 'Sorumlu' });
  await supervisor.getByLabel('Kendi şifreniz').fill(password('ankara.yetkili'));
  await supervisor.getByRole('button', { name: 'Kaydet' }).click();
  await oneTimePassword(supervisor);
  await looksWell(supervisor, 'uzun-ad-sifre');
  for (const path of ['/kullanicilar', `/kullanicilar/${name}`, `/kullanicilar/${name}/pasif`, '/yetkimi-paylas', '/basvurular']) {
    await go(supervisor, path);
    await looksWell(supervisor, `uzun-ad${path.replaceAll('/', '-')}`);
    // A table scrolls in its own box rather than widen the page; a name is no reason for that.
    const over = await supervisor.evaluate(() => [...document.querySelectorAll('.scroll')].map((box) => box.scrollWidth - box.clientWidth));
    assert.ok(over.every((px) => px <= 0), `${path}: ${over} px`);
  }
});
