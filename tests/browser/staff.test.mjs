// What staff do in a day, by the labels of the guide and the numbers of docs/REQUIREMENTS.md.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { browser, go, login, looksWell, menu } from './browser.mjs';

after(() => browser.close());

const button = (page, name) => page.getByRole('button', { name, exact: true });
const fact = (page, name) => page.locator('dl.facts div', { has: page.getByText(name, { exact: true }) }).locator('dd').first();
const stage = (page, text) => page.locator('dl.facts').getByText(text).first().waitFor();
const pdf = (name) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n') });

/** Takes the oldest application that nobody holds: an Ön Başvuru or a Başvuru. */
async function claim(officer, phase = 'Başvuru') {
  await go(officer, `/basvurular?durum=teslim-bekleyen&sirala=eski`);
  for (;;) {
    const row = officer.locator('tbody tr', { has: officer.locator('td', { hasText: new RegExp(`^${phase}\\s*Teslim`) }) }).first();
    if (await row.count()) {
      const no = await row.locator('th').innerText();
      await row.getByRole('link', { name: /^Görüntüle/ }).click();
      await button(officer, 'Teslim Al').click();
      await stage(officer, 'Sorumlu Üzerinde');
      return no;
    }
    await officer.getByRole('link', { name: 'Sonraki sayfa' }).click();
  }
}

async function answer(page, text) {
  await page.locator('#cevap-ekle textarea').fill(text);
  await page.locator('#cevap-ekle button').click();
  await page.locator('.words').getByText(text).first().waitFor();
}

async function approve(page, no) {
  await go(page, `/basvurular/${no}`);
  await button(page, 'Onayla').click();
  await page.getByRole('heading', { name: 'Emin misiniz?' }).waitFor();
  await looksWell(page, 'basvuru-emin-misiniz');
  await button(page, /^Olum(lu|suz) cevabı onayla$|^Havaleyi onayla$/).click();
}

test('req 22, req 23, req 24, req 26, req 27, req 28, req 17, req 21, req e, req j: a Sorumlu answers, the Yetkili approves', async () => {
  const officer = await login('ankara.sorumlu');
  assert.deepEqual(await menu(officer), ['Başvurular'], 'req 22: only Başvurular');
  await looksWell(officer, 'basvurular');
  const no = await claim(officer);
  await looksWell(officer, 'basvuru-sorumlu');
  const next = officer.locator('.bar .button:not(.quiet)');
  assert.equal(await next.innerText(), 'Cevap Ekle', 'what comes next stands out');
  assert.ok((await next.boundingBox()).y < 500, 'and is seen without scrolling');
  assert.equal(await button(officer, 'Onaya Gönder').count(), 0, 'req j: not before there is an answer');
  await officer.locator('.closed li', { hasText: 'Onaya Gönder' }).first().waitFor();

  await go(officer, '/basvurular');
  await officer.getByRole('link', { name: /Sorumlu Üzerindeki Başvurular/ }).click();
  await officer.getByRole('heading', { name: 'Sorumlu Üzerindeki Başvurular' }).waitFor();
  await go(officer, `/basvurular?ustumdeki=1&ara=${no}`);
  await officer.getByRole('link', { name: `Görüntüle: ${no}` }).click();

  const colleague = await login('ankara.sorumlu2');
  await go(colleague, `/basvurular/${no}`);
  await fact(colleague, 'Sorumlu').waitFor();
  assert.equal(await colleague.locator('#cevap-ekle').count(), 0, 'req e: others of the unit read');

  await answer(officer, 'Başvurunuz uygun görülmüştür.');
  await officer.locator('#resmi-evrak-ekle input[type=file]').setInputFiles(pdf('karar özeti.pdf'));
  await officer.locator('#resmi-evrak-ekle button').click();
  await officer.getByText('karar özeti.pdf').first().waitFor();
  await button(officer, 'Onaya Gönder').click();
  await stage(officer, /Onay Bekl/);
  assert.equal(await button(officer, 'Onayla').count(), 0, 'req 28: the Yetkili alone approves');

  const supervisor = await login('ankara.yetkili');
  await go(supervisor, `/basvurular/${no}`);
  for (const name of ['Geri Gönder', 'Geri Çek', 'Cevap Ekle', 'Onayla']) {
    assert.equal(await button(supervisor, name).count(), 1, `req 17: ${name}`);
  }
  await looksWell(supervisor, 'basvuru-yetkili');
  await approve(supervisor, no);
  await stage(supervisor, /Olumlu/);
  await looksWell(supervisor, 'basvuru-olumlu');
  assert.equal(await button(supervisor, 'Onayla').count(), 0, 'req l: final');
});

test('req 15, req 16, req 19, req c: a Yetkili hands out one and several, takes back, gives to another', async () => {
  const supervisor = await login('ankara.yetkili');
  assert.deepEqual(await menu(supervisor), ['Başvurular', 'Kullanıcılar']);
  await go(supervisor, '/basvurular?durum=teslim-bekleyen');
  await looksWell(supervisor, 'basvurular-yetkili');
  const ticks = supervisor.locator('input[name=secim]');
  const numbers = (await ticks.evaluateAll((all) => all.slice(0, 2).map((one) => one.value.split(':')[0])));
  for (const no of numbers) await supervisor.getByLabel(`Seç: ${no}`).check();
  await button(supervisor, 'Teslim Et').click();
  await supervisor.getByRole('alert').getByText('Bir Sorumlu seçiniz.').waitFor();
  await looksWell(supervisor, 'toplu-teslim-eksik');
  await supervisor.locator('#toplu-sorumlu').selectOption({ label: 'Elif Şahin' });
  await button(supervisor, 'Teslim Et').click();
  await supervisor.getByText('2 başvuru seçilen Sorumluya teslim edildi.').waitFor();

  const officer = await login('ankara.sorumlu');
  for (const no of numbers) {
    await go(officer, `/basvurular?ustumdeki=1&ara=${no}`);
    await officer.getByRole('link', { name: `Görüntüle: ${no}` }).waitFor();
  }
  await go(supervisor, `/basvurular/${numbers[0]}`);
  await button(supervisor, 'Geri Çek').click();
  await stage(supervisor, 'Teslim Bekliyor');
  await supervisor.locator('#teslim-et select').selectOption({ label: 'Can Öztürk' });
  await supervisor.locator('#teslim-et').getByRole('button').click();
  await stage(supervisor, 'Sorumlu Üzerinde');
  assert.equal(await fact(supervisor, 'Sorumlu').innerText(), 'Can Öztürk');
});

test('req 18, req 20, req b, req d: Geri Gönder with its reason; the Yetkili’s answer stays inside; Red Onayı closes olumsuz', async () => {
  const officer = await login('ankara.sorumlu');
  const no = await claim(officer);
  await answer(officer, 'Belgeler eksik olduğundan uygun görülmemiştir.');
  await button(officer, 'Red Onayına Gönder').click();
  await stage(officer, /Red Onayı Bekliyor/);

  const supervisor = await login('ankara.yetkili');
  await go(supervisor, `/basvurular/${no}`);
  assert.equal(await supervisor.getByRole('button', { name: 'Reddet' }).count(), 0, 'req d: there is no Reddet');
  await supervisor.locator('#cevap-ekle textarea').fill('Gerekçeyi madde numarasıyla yazınız.');
  await supervisor.locator('#cevap-ekle').getByRole('button').click();
  await supervisor.getByRole('heading', { name: /Yetkili cevabı/ }).waitFor();
  await supervisor.locator('#geri-gonder textarea').fill('Gerekçe eksik.');
  await supervisor.locator('#geri-gonder').getByRole('button').click();
  await stage(supervisor, 'Sorumlu Üzerinde');

  await go(officer, `/basvurular/${no}`);
  await officer.getByRole('heading', { name: 'Geri Gönderme Sebebi' }).waitFor();
  await officer.getByText('Gerekçe eksik.').first().waitFor();
  await officer.getByText('Gerekçeyi madde numarasıyla yazınız.').first().waitFor();
  await looksWell(officer, 'basvuru-geri-gonderildi');
  const coordinator = await login('ankara.koordinasyon');
  await go(coordinator, `/basvurular/${no}`);
  await fact(coordinator, 'Aşama').waitFor();
  assert.doesNotMatch(await coordinator.content(), /madde numarasıyla/, 'req b: not for the İl Koordinasyon Görevlisi');

  await button(officer, 'Red Onayına Gönder').click();
  await stage(officer, /Red Onayı Bekliyor/);
  await approve(supervisor, no);
  await stage(supervisor, /Olumsuz/);
});

test('req 25, req h: an Ön Başvuru is completed once its documents are brought', async () => {
  const officer = await login('ankara.sorumlu');
  await claim(officer, 'Ön Başvuru');
  assert.equal(await fact(officer, 'Başvuru Durumu').innerText(), 'Ön Başvuru');
  assert.equal(await button(officer, 'Ön Başvuru Tamamla').count(), 0, 'not before the documents');
  await looksWell(officer, 'on-basvuru');
  for (let open = officer.locator('#belge-kontrol button', { hasText: /^Getirildi$/ }); await open.count();) {
    const left = await open.count();
    await open.first().click();
    await officer.waitForFunction((n) => [...document.querySelectorAll('#belge-kontrol button')].filter((b) => b.textContent === 'Getirildi').length < n, left);
  }
  await officer.locator('#dosya-ekle input[type=file]').setInputFiles(pdf('tüzük.pdf'));
  await officer.locator('#dosya-ekle button').click();
  await officer.getByText('tüzük.pdf').first().waitFor();
  await button(officer, 'Ön Başvuru Tamamla').click();
  await button(officer, 'Ön Başvuruyu tamamla').click();
  await officer.getByText('Ön Başvuru tamamlandı; cevaplanma süresi başladı.').waitFor();
  assert.equal(await fact(officer, 'Başvuru Durumu').innerText(), 'Başvuru');
});

test('req 29, req g: a havale moves the application with the Yetkili’s approval alone', async () => {
  const officer = await login('ankara.sorumlu');
  const no = await claim(officer);
  await officer.locator('#havale-et select').selectOption('34-yazi-isleri');
  await officer.locator('#havale-et textarea').fill('Konu yazı işlerini ilgilendiriyor.');
  await officer.locator('#havale-et').getByRole('button').click();
  await stage(officer, /Havale Onayı Bekliyor/);
  const target = await login('yazi.sorumlu');
  assert.equal((await go(target, `/basvurular/${no}`)).status(), 404, 'not before it is approved');
  const supervisor = await login('ankara.yetkili');
  await approve(supervisor, no);
  await supervisor.getByText('Havale onaylandı.').waitFor();
  assert.equal((await go(supervisor, `/basvurular/${no}`)).status(), 404, 'it has left the unit');
  await go(target, `/basvurular/${no}`);
  await stage(target, 'Teslim Bekliyor');
  await target.locator('.history').getByText('Havale edildi').waitFor();
  await looksWell(target, 'basvuru-havale');
});

test('req 30, req k, req m: Vatandaşın Diğer Başvuruları; the T.C. Kimlik No in full on the detail page alone', async () => {
  const officer = await login('ankara.sorumlu');
  await go(officer, '/basvurular');
  assert.doesNotMatch(await officer.locator('main').innerText(), /\b\d{11}\b/, 'masked in lists');
  await officer.getByRole('link', { name: /^Görüntüle/ }).first().click();
  await officer.getByRole('heading', { name: 'Vatandaşın Diğer Başvuruları' }).waitFor();
  assert.match(await fact(officer, 'T.C. Kimlik No').innerText(), /^\d{11}$/);
  const tckn = await fact(officer, 'T.C. Kimlik No').innerText();
  await go(officer, '/basvurular');
  await officer.getByLabel('Başvuru No, T.C. Kimlik No ya da ad soyad').fill(tckn);
  await button(officer, 'Listele').click();
  await officer.waitForURL(/ara=/);
  assert.ok(!officer.url().includes(tckn), 'and not in the address');
  assert.ok(await officer.locator('tbody tr').count() >= 1, 'found by the whole number');
});

test('req n: the Sorumlu who looked too early is told, and loses nothing typed', async () => {
  const officer = await login('ankara.sorumlu');
  const no = await claim(officer);
  await officer.locator('#cevap-ekle textarea').fill('Uzun uzun yazılmış bir cevap.');
  const supervisor = await login('ankara.yetkili');
  await go(supervisor, `/basvurular/${no}`);
  await button(supervisor, 'Geri Çek').click();
  await stage(supervisor, 'Teslim Bekliyor');
  await officer.locator('#cevap-ekle button').click();
  await officer.getByRole('heading', { name: 'Başvuru bu arada değişti' }).waitFor();
  assert.match(await officer.content(), /Uzun uzun yazılmış bir cevap\./);
  await looksWell(officer, 'basvuru-degisti');
});

test('req 31, req a: an İl Koordinasyon Görevlisi sees all of the unit and can do nothing', async () => {
  const coordinator = await login('ankara.koordinasyon');
  assert.deepEqual(await menu(coordinator), ['Başvurular', 'Kullanıcılar']);
  await go(coordinator, '/basvurular');
  await looksWell(coordinator, 'basvurular-koordinasyon');
  assert.equal(await coordinator.getByRole('button', { name: /Teslim/ }).count(), 0);
  await coordinator.getByRole('link', { name: /^Görüntüle/ }).first().click();
  await coordinator.getByRole('heading', { name: 'Vatandaşın Diğer Başvuruları' }).waitFor();
  assert.equal(await coordinator.getByRole('heading', { name: 'İşlemler' }).count(), 0);
  assert.equal(await coordinator.locator('main form').count(), 0);
});

test('req i: the deadline is shown in words and days, lists are found by it', async () => {
  const officer = await login('ankara.sorumlu');
  await go(officer, '/basvurular?sirala=sure');
  const tags = await officer.locator('tbody .tag').allInnerTexts();
  assert.ok(tags.length > 0 && tags.every((text) => /gün kaldı|gün geçti|Bugün doluyor/.test(text)), tags.join());
  await officer.getByLabel('Süre').selectOption('bu-hafta');
  await button(officer, 'Listele').click();
  assert.equal(new URL(officer.url()).searchParams.get('sure'), 'bu-hafta', 'the view is in the address');
  await go(officer, '/basvurular?durum=suresi-gecen');
  for (const text of await officer.locator('tbody .tag').allInnerTexts()) assert.match(text, /geçti/);
});

test('a view is an address: ready-made ones, and pages forth and back', async () => {
  const officer = await login('ankara.sorumlu');
  await go(officer, '/basvurular');
  const numbers = () => officer.locator('tbody th').allInnerTexts();
  const first = await numbers();
  await officer.getByRole('link', { name: 'Sonraki sayfa' }).click();
  await officer.getByRole('link', { name: 'Önceki sayfa' }).waitFor();
  assert.ok(!(await numbers()).some((no) => first.includes(no)), 'no row twice');
  await officer.getByRole('link', { name: 'Önceki sayfa' }).click();
  await officer.waitForURL(/once=/);
  assert.deepEqual(await numbers(), first);
  assert.equal(await officer.getByRole('link', { name: 'Önceki sayfa' }).count(), 0, 'the first page is the first');
  await officer.locator('.views').getByRole('link', { name: 'Süresi Geçen' }).click();
  assert.equal(await officer.locator('.views [aria-current=page]').innerText(), 'Süresi Geçen');
  await officer.reload();
  for (const text of await officer.locator('tbody .tag').allInnerTexts()) assert.match(text, /geçti/);
});

test('the screens speak English by a switch, and Turkish again', async () => {
  const officer = await login('ankara.sorumlu');
  await officer.getByRole('link', { name: 'English' }).click();
  await officer.getByRole('heading', { name: 'Applications', exact: true }).waitFor();
  assert.equal(await officer.locator('html').getAttribute('lang'), 'en');
  await officer.getByRole('link', { name: 'Türkçe' }).click();
  await officer.getByRole('heading', { name: 'Başvurular', exact: true }).waitFor();
});
