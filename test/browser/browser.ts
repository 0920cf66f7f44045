/** Chromium, and what a person does in it: taps, types, goes from control to control with the Tab key. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1440, height: 900 };
const WAIT_MS_MAX = 20_000;
const TABS_MAX = 80;

/** The browser of `PULIH_CHROMIUM`, or the system's. Missing is an error, never a skip. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env['PULIH_CHROMIUM'] ?? '/usr/bin/chromium';
  assert.ok(existsSync(executablePath), `no Chromium at ${executablePath}: set PULIH_CHROMIUM`);
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** A person's own window. A script that fails in it fails the test. */
export async function openPage(
  browser: Browser,
  input: { readonly kind: 'phone' | 'desk'; readonly failures: string[] },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: input.kind === 'phone' ? PHONE : DESK,
    hasTouch: input.kind === 'phone',
    locale: 'id-ID',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS_MAX);
  page.on('pageerror', (error) => input.failures.push(`${page.url()}: ${error.message}`));
  return page;
}

/** Signs in at either face. */
export async function signIn(
  page: Page,
  input: { readonly url: string; readonly username: string; readonly password: string },
): Promise<void> {
  await page.goto(input.url);
  await page.getByLabel('Nama pengguna').fill(input.username);
  await page.getByLabel('Kata sandi', { exact: true }).fill(input.password);
  await page.getByRole('button', { name: 'Masuk' }).click();
  await page.getByRole('navigation').waitFor();
}

/** Presses Tab until `target` has the focus; fails when it is never reached. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let pressed = 0; pressed < TABS_MAX; pressed++) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the Tab key never reaches ${String(target)}`);
}

/** Goes to a control with Tab and presses Enter. */
export async function pressByKeyboard(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

/** Goes to a field with Tab and types. */
export async function typeByKeyboard(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

/** Every control that one can see here has a name and is reached with Tab; nothing is wider than the screen. */
export async function assertAccessible(page: Page, screen: string): Promise<void> {
  const found = await page.evaluate(LIST_CONTROLS);
  assert.ok(found.length > 0, `${screen}: no controls`);
  assert.deepEqual(
    found.filter(({ name }) => name === ''),
    [],
    `${screen}: controls without a name`,
  );
  const reached = new Set<string>();
  for (let pressed = 0; pressed < TABS_MAX && reached.size < found.length; pressed++) {
    await page.keyboard.press('Tab');
    const mark = await page.evaluate(FOCUSED_MARK);
    if (mark !== null) reached.add(mark);
  }
  assert.deepEqual(
    found.filter(({ mark }) => !reached.has(mark)).map(({ name }) => name),
    [],
    `${screen}: controls that the Tab key never reaches`,
  );
  assert.ok(await page.evaluate(FITS_THE_SCREEN), `${screen}: wider than the screen`);
}

/** Runs in the page: marks and names the visible controls, of the open dialog when there is one. */
const LIST_CONTROLS = `(() => {
  const root = document.querySelector('dialog[open]') ?? document.body;
  const nameOf = (element) =>
    (element.getAttribute('aria-label') ??
      (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim()) ||
    [...(element.labels ?? [])].map((label) => label.textContent).join(' ') ||
    (element.matches('input, select') ? '' : element.textContent);
  return [...root.querySelectorAll('a[href], button, input, select')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .map((element, index) => {
      element.dataset.mark = String(index);
      return { mark: String(index), name: (nameOf(element) ?? '').trim() };
    });
})()` as unknown as () => { readonly mark: string; readonly name: string }[];
const FOCUSED_MARK = `document.activeElement?.dataset.mark ?? null` as unknown as () =>
  | string
  | null;
const FITS_THE_SCREEN =
  `document.documentElement.scrollWidth <= innerWidth` as unknown as () => boolean;
