// A form outlives its session, in Chromium and in Firefox, with and without scripts.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';

const data = process.env.DATA;
const home = JSON.parse(readFileSync(join(data, 'endpoints.json'))).dashboard;
const password = readFileSync(join(data, 'up.out'), 'utf8').match(/ ankara\.sorumlu .*?(\S+)\n/)[1];
const TEXT = 'Başvurunuz değerlendirilmiştir:\n<b>“ğüşiöç”</b> & sonuç.';

const BROWSERS = {
  chromium: { browser: 'chrome', executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] },
  firefox: { browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' },
};

/** A file of some bytes that begins like a PDF. */
function pdf(name, bytes) {
  const path = join(data, name);
  writeFileSync(path, Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(bytes, 7)]));
  return path;
}

/** Clicks, and waits for the page that comes. */
async function press(page, selector) {
  // A page behind another is not clicked.
  await page.bringToFront();
  await Promise.all([page.waitForNavigation(), page.locator(selector).click()]);
}

const shown = (page, selector) => page.waitForSelector(selector).then((it) => it.evaluate((one) => one.value ?? one.textContent));

async function login(page, user = 'ankara.sorumlu') {
  const name = await page.waitForSelector('#kullanici');
  await name.evaluate((input, user) => { input.value = user; }, user);
  await page.type('#sifre', password);
  await press(page, 'main form button');
}

async function forgetSession(page) {
  const cookies = await page.browserContext().cookies();
  const session = cookies.filter((cookie) => cookie.name === 'ebasvuru_oturum');
  assert.equal(session.length, 1, JSON.stringify(cookies));
  await page.browserContext().deleteCookie(...session);
}

let own;

/** Opens an application that the Sorumlu holds, claimed at the first time. */
async function openOwn(page) {
  if (own) return page.goto(own);
  await page.goto(`${home}/basvurular?durum=teslim-bekleyen&sirala=eski`);
  // An Ön Başvuru takes no answer.
  const claim = () => page.evaluate(() => [...document.querySelectorAll('tbody tr')]
    .find((row) => !/Ön Başvuru/.test(row.textContent))?.querySelector('form[action$="/teslim-al"]').getAttribute('action'));
  while (!(await claim())) await press(page, 'a[rel=next]');
  await press(page, `form[action="${await claim()}"] button`);
  await page.waitForSelector('#cevap-ekle textarea');
  own = page.url().split('?')[0];
}

async function picture(page, name) {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  for (const width of [1280, 360]) {
    await page.setViewport({ width, height: 900 });
    await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewport({ width: 1280, height: 900 });
}

for (const [name, options] of Object.entries(BROWSERS)) {
  let browser;
  before(async () => { browser = await puppeteer.launch({ headless: true, ...options }); });
  after(() => browser?.close());

  for (const scripts of [true, false]) {
    const how = `${name}, ${scripts ? 'with' : 'without'} scripts`;

    /** A Sorumlu in front of an application of their own. */
    async function officer() {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      if (!scripts) {
        await page.setRequestInterception(true);
        page.on('request', (request) => (request.url().endsWith('.js') ? request.abort() : request.continue()));
      }
      await page.goto(`${home}/giris`);
      await login(page);
      await openOwn(page);
      await page.waitForSelector('#cevap-ekle textarea');
      return page;
    }

    test(`what was typed comes back after the login and is sent by its user alone: ${how}`, async () => {
      const page = await officer();
      const text = `${TEXT}\n${how}`;
      const sent = () => page.$$eval('.words .text', (all) => all.map((one) => one.textContent).join());
      await page.type('#cevap-ekle textarea', text);
      await forgetSession(page);
      await press(page, '#cevap-ekle button');
      assert.match(await shown(page, 'main'), /Oturumunuz sona ermiş.*Yazdıklarınız .* saklanır/s);
      assert.doesNotMatch(await page.content(), /değerlendirilmiştir/);
      await picture(page, `form-giris-${name}`);
      await login(page);
      assert.match(await shown(page, '[role=alert]'), /henüz gönderilmedi/);
      assert.equal(await shown(page, '#cevap-ekle textarea'), text);
      assert.ok(!(await sent()).includes(how), 'nothing is sent by the login');
      await picture(page, `form-geri-geldi-${name}`);
      await press(page, '#cevap-ekle button');
      assert.match(await shown(page, '[role=status]'), /Cevap eklendi/);
      assert.ok((await sent()).includes(text));

      // Logged in again in another tab meanwhile.
      await page.type('#cevap-ekle textarea', text);
      const other = await page.browserContext().newPage();
      await other.goto(`${home}/giris`);
      await login(other);
      await press(page, '#cevap-ekle button');
      assert.match(await shown(page, '[role=alert]'), /önceki oturumunuzda/);
      assert.equal(await shown(page, '#cevap-ekle textarea'), text);
      await page.browserContext().close();
    });

    test(`a file of any size leads to the login and back, and breaks no connection: ${how}`, async () => {
      const page = await officer();
      const path = new URL(await page.url()).pathname;
      for (const [file, bytes] of [['kucuk.pdf', 300_000], ['buyuk.pdf', 25_000_000]]) {
        await page.goto(home + path);
        const input = await page.waitForSelector('#resmi-evrak-ekle input[type=file]');
        await input.uploadFile(pdf(file, bytes));
        // The script lets no file above the limit go.
        const sends = !scripts || bytes < 20_000_000;
        if (sends) await forgetSession(page);
        await (scripts ? page.locator('#resmi-evrak-ekle button').click() : press(page, '#resmi-evrak-ekle button'));
        if (!sends) {
          await page.waitForFunction(() => /en fazla 20 MB/.test(document.querySelector('[data-said]')?.textContent));
          continue;
        }
        await page.waitForSelector('#sifre');
        assert.match(await shown(page, 'main'), /Oturumunuz sona ermiş/);
        await login(page);
        assert.match(await shown(page, '[role=alert]'), /Dosyayı yeniden seçiniz/);
        await page.waitForSelector('#resmi-evrak-ekle input[type=file]');
        if (bytes < 20_000_000) continue;
        // With a session, a file above the limit is refused on its own page.
        await (await page.$('#resmi-evrak-ekle input[type=file]')).uploadFile(pdf(file, bytes));
        await press(page, '#resmi-evrak-ekle button');
        assert.match(await shown(page, '[role=alert]'), /en fazla 20 MB/);
        await page.waitForSelector('#resmi-evrak-ekle input[type=file]');
      }
      await page.browserContext().close();
    });
  }

  test(`a text far above the limit is shown again, a second login form leads on: ${name}`, async () => {
    const context = await browser.createBrowserContext();
    const [first, second] = [await context.newPage(), await context.newPage()];
    await first.goto(`${home}/giris`);
    await second.goto(`${home}/giris?sonra=%2Fbasvurular%3Fdurum%3Dsorumlu-uzerinde`);
    await login(first);
    await login(second);
    assert.equal(new URL(second.url()).pathname + new URL(second.url()).search, '/basvurular?durum=sorumlu-uzerinde');
    await openOwn(second);
    const long = 'ğ uzun '.repeat(60_000);
    await second.$eval('#cevap-ekle textarea', (area, text) => { area.value = text; }, long);
    await press(second, '#cevap-ekle button');
    assert.match(await shown(second, '[role=alert]'), /256 KB/);
    assert.equal((await shown(second, '#cevap-ekle textarea')).trim(), long.trim());
    // The language switch of a page that refuses leads to a page.
    await press(second, 'a[hreflang=en]');
    assert.match(await shown(second, 'h1'), /^Application /);
    await context.close();
  });

  test(`a report that refreshes itself says when the session is over, and leaves the page alone: ${name}`, async () => {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.goto(`${home}/giris?sonra=%2Fraporlama%2Fsurec`);
    await login(page, 'yonetici');
    await page.$eval('#bas', (input) => { input.value = '2026-01-02'; });
    await forgetSession(page);
    await page.waitForSelector('[data-over]', { visible: true });
    assert.equal(await shown(page, '#bas'), '2026-01-02');
    assert.equal(new URL(page.url()).pathname, '/raporlama/surec');
    await context.close();
  });
}
