// One Chromium for the tests, a session for each person, and what is asked of every page.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const data = process.env.DATA;
const home = JSON.parse(readFileSync(join(data, 'endpoints.json'))).dashboard;
const pictures = process.env.SCREENSHOTS;

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});

/** The password that `up` printed for a demo user. */
export function password(name) {
  const lines = readFileSync(join(data, 'up.out'), 'utf8').split('\n');
  // Some of many are printed; all demo users share one password.
  const line = lines.find((l) => l.includes(` ${name} `)) ?? lines.find((l) => / ankara\.sorumlu /.test(l));
  assert.ok(line, `up printed no login for ${name}`);
  return line.trim().split(/\s+/).at(-1);
}

// Whoever has logged in once is so for all tests of a file: more would be throttled, as it should.
const sessions = new Map();

/** A person at a browser of their own, logged in and in the module. */
export async function login(name, options = {}) {
  const storageState = sessions.get(name);
  const context = await browser.newContext({ locale: 'tr-TR', viewport: { width: 1280, height: 900 }, storageState, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  if (storageState) {
    await page.goto(`${home}/moduller`);
  } else {
    await page.goto(`${home}/giris`);
    await page.getByLabel('Kullanıcı adı').fill(name);
    await page.getByLabel('Şifre').fill(password(name));
    await page.getByRole('button', { name: 'Giriş Yap' }).click();
  }
  await page.getByRole('link', { name: /e-Başvuru Modülü/ }).click();
  await page.waitForURL((url) => !['/giris', '/moduller'].includes(url.pathname));
  sessions.set(name, await context.storageState());
  return page;
}

/** What the menu of the page offers, once there is one. */
export async function menu(page) {
  const links = page.getByRole('navigation', { name: 'Menü' }).getByRole('link');
  await links.first().waitFor();
  return links.allInnerTexts();
}

/** Schedules the report at this address, for people of the ministry; returns the page of the schedule. */
export async function schedule(page, report, name, to) {
  await go(page, report);
  await page.getByRole('link', { name: 'Zamanla', exact: true }).click();
  await page.getByLabel('Ad', { exact: true }).fill(name);
  await page.getByLabel('Alıcılar').fill(to.join('\n'));
  await page.getByRole('button', { name: 'Zamanla' }).click();
  await page.getByText('Rapor zamanlandı.').waitFor();
  return page.getByRole('link', { name: `Güncelle: ${name}` }).getAttribute('href');
}

export const go = (page, path) => page.goto(home + path);

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong with the page as it is shown now. */
async function faults(page, options) {
  const { violations } = await page.evaluate((options) => globalThis.axe.run(document, options), options);
  return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).slice(0, 3).join(' | ')}`);
}

/** No fault for people with assistive technology, by day and by night, nothing cut off at 360 px. */
export async function looksWell(page, name) {
  const wide = page.viewportSize();
  // The pages' own policy allows no scripts, so axe comes by the debugger.
  await page.evaluate(axe);
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await faults(page, { runOnly: { type: 'rule', values: ['color-contrast'] } }), [], `${name} in the dark`);
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}-dark.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  for (const size of [wide, { width: 360, height: 740 }]) {
    await page.setViewportSize(size);
    if (pictures) {
      await page.screenshot({ path: join(pictures, `${name}-${size.width}.png`), fullPage: true });
    }
    assert.deepEqual(await faults(page, { runOnly: RULES }), [], `${name} at ${size.width} px`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${name} is ${over} px wider than a screen of ${size.width} px`);
  }
  await page.setViewportSize(wide);
}
