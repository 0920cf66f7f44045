/** A customer connects a partner on a phone and takes the permission back. Real processes, a real browser; only the partner's own page is
 * played, and what it does with the code goes through its own signed calls. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { PARTNER } from '../../src/app/demo-people.ts';
import { buildWeb } from '../../src/app/web-build.ts';
import { startRig, type FlowRig } from '../flow/rig.ts';
import { assertAccessible, openBrowser, openPage, signIn } from './browser.ts';

let rig: FlowRig;
let browser: Browser;
let sari: Page;
const failures: string[] = [];
const url = (path: string): string => `http://localhost:${rig.ports.of('core-1')}${path}`;
/** Set to look at the screens. */
const PICTURES = process.env['PULIH_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  for (const [width, height] of [
    [390, 844],
    [1280, 800],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 360, height: 740 });
}

const asked = (more = ''): string =>
  url(
    `/app/#/third-party/ask?partnerId=${PARTNER.id}&scopes=balance,history&redirectUrl=${encodeURIComponent(PARTNER.redirectUrl)}&state=s-1${more}`,
  );

before(async () => {
  await buildWeb();
  [rig, browser] = await Promise.all([startRig({ cores: 1 }), openBrowser()]);
  sari = await openPage(browser, { kind: 'phone', failures });
  await sari.route('https://toko-nusantara.example/**', (route) =>
    route.fulfill({ contentType: 'text/plain', body: 'kembali' }),
  );
  await signIn(sari, { url: url('/app/'), ...rig.credentials.customers[0]! });
});

after(async () => {
  await browser?.close();
  await rig?.stop();
});

test('a customer sees who asks for what, gives it with the PIN, and is taken back with a code', async () => {
  await sari.goto(asked());
  await sari.getByText('Toko Nusantara (demo) meminta izin').waitFor();
  await sari.getByText('melihat saldo dan status rekening').waitFor();
  await sari.getByText('memindahkan uang Anda').waitFor();
  await assertAccessible(sari, 'Beri akses?');
  await picture(sari, 'ask');
  await sari.getByRole('button', { name: '90 hari' }).click();
  await sari.getByRole('button', { name: 'Periksa izin' }).click();
  await sari.getByText(/^Saya mengizinkan Toko Nusantara/).waitFor();
  await assertAccessible(sari, 'Persetujuan Anda');
  await picture(sari, 'terms');
  await sari.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).click();
  await sari.getByLabel('PIN (6 angka)').fill('000000');
  await sari.getByRole('button', { name: 'Beri akses' }).click();
  await sari.getByText('PIN tidak cocok.').waitFor();
  await picture(sari, 'pin');
  await sari.getByLabel('PIN (6 angka)').fill(rig.credentials.customers[0]!.pin);
  await sari.getByRole('button', { name: 'Beri akses' }).click();
  await sari.waitForURL(
    /^https:\/\/toko-nusantara\.example\/kembali\?authCode=[\w-]{43}&state=s-1$/,
  );
});

test('the permission is listed with its words and end, and revoked at once', async () => {
  await sari.goto(url('/app/#/more'));
  await sari.getByRole('link', { name: 'Akses pihak ketiga' }).click();
  await sari.getByRole('heading', { name: 'Toko Nusantara (demo)' }).waitFor();
  await assertAccessible(sari, 'Akses pihak ketiga');
  await picture(sari, 'list');
  await sari.getByRole('button', { name: 'Cabut akses' }).click();
  await sari.getByText('Berlaku seketika').waitFor();
  await picture(sari, 'revoke');
  await sari.getByRole('dialog').getByRole('button', { name: 'Cabut akses' }).click();
  await sari.getByText(/^Anda cabut/).waitFor();
  await picture(sari, 'ended');
  await sari.goto(url('/app/#/messages'));
  await sari.getByText('Akses pihak ketiga berakhir').waitFor();
});

test('a permission to take payments asks for limits, and says them in the words that are agreed to', async () => {
  await sari.goto(asked().replace('balance,history', 'balance,debit'));
  await sari.getByText('mengambil pembayaran dari rekening').waitFor();
  await sari.getByRole('button', { name: 'Periksa izin' }).click();
  await sari.getByText('Isi kedua batas').waitFor();
  await sari.getByLabel('Paling banyak sekali bayar').fill('250000');
  await sari.getByLabel('Paling banyak sehari').fill('1000000');
  await assertAccessible(sari, 'Beri akses? dengan batas');
  await picture(sari, 'debit');
  await sari.getByRole('button', { name: 'Periksa izin' }).click();
  await sari.getByText(/paling banyak Rp250\.000 setiap kali dan Rp1\.000\.000 sehari/).waitFor();
  await picture(sari, 'debit-terms');
  await sari.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).click();
  await sari.getByLabel('PIN (6 angka)').fill(rig.credentials.customers[0]!.pin);
  await sari.getByRole('button', { name: 'Beri akses' }).click();
  await sari.waitForURL(/authCode=/);
  await sari.goto(url('/app/#/third-party'));
  await sari.getByText(/^paling banyak Rp250\.000 sekali bayar/).waitFor();
  await picture(sari, 'debit-list');
});

test('a stranger who uses the link of a partner is named as not registered, in both languages', async () => {
  await sari.goto(asked().replace('kembali', 'lain'));
  await sari.reload();
  await sari.getByText('tidak berasal dari pihak yang terdaftar').waitFor();
  await picture(sari, 'stranger');
  await sari.goto(url('/app/#/more'));
  await sari.getByRole('button', { name: 'English' }).click();
  await sari.goto(asked());
  await sari.getByText('Toko Nusantara (demo) asks for permission').waitFor();
  await picture(sari, 'ask-en');
  assert.deepEqual(failures, []);
});
