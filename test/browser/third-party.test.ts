/** A customer connects a partner on a phone and takes the permission back. Real processes, a real browser; only the partner's own page is
 * played, and what it does with the code goes through its own signed calls. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DEMO_BANK } from '../../src/app/bank-profile.ts';
import { PARTNER } from '../../src/app/demo-people.ts';
import { buildWeb } from '../../src/app/web-build.ts';
import { openFace } from '../flow/app-client.ts';
import { startRig, type FlowRig } from '../flow/rig.ts';
import { assertAccessible, openBrowser, openPage, signIn } from './browser.ts';

/** Of the demo's first merchant. */
const STATIC_CODE =
  '00020101021126710018ID.CO.PULHIDJA.WWW0119936001990000000001702150000000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000199010303UMI5204581253033605802ID5913WARUNG BU SRI6010YOGYAKARTA61055522162070703A0163041DC1';

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

test('a merchant sees in Toko what was paid, gives a part back with the PIN, and has the code to print', async () => {
  const [payer, , owner] = rig.credentials.customers;
  const face = openFace(url(''));
  const { username, password, pin, account: fromAccount } = payer!;
  await face.call('POST', '/app/api/sign-in', { username, password });
  const terms = {
    payload: STATIC_CODE,
    fromAccount,
    amount: { value: '45000.00', currency: 'IDR' },
  };
  const { body: quote } = await face.call('POST', '/app/api/qris/quote', terms);
  const agreed = { ...terms, text: quote['text'] };
  const { body: consent } = await face.call('POST', '/app/api/qris/consent', agreed);
  const { payee, total } = quote as { payee: { account: string }; total: unknown };
  const paid = await face.call('POST', '/app/api/transfers', {
    consentId: consent['consentId'],
    pin,
    bank: DEMO_BANK.bic,
    account: payee.account,
    amount: total,
  });
  assert.equal(paid.status, 200, JSON.stringify(paid.body));

  const rina = await openPage(browser, { kind: 'phone', failures });
  await signIn(rina, { url: url('/app/'), ...owner! });
  await rina.goto(url('/app/#/more'));
  await rina.getByRole('link', { name: 'Toko' }).click();
  await rina.getByRole('heading', { name: 'WARUNG BU SRI' }).waitFor();
  await rina.getByRole('img', { name: 'Kode QRIS WARUNG BU SRI, terminal A01' }).waitFor();
  await assertAccessible(rina, 'Toko');
  await picture(rina, 'shop');
  await rina.getByRole('button', { name: 'Refund Rp45.000' }).click();
  await rina.getByLabel('Nominal refund').fill('50000');
  await rina.getByLabel('PIN (6 angka)').fill(owner!.pin);
  await rina.getByRole('button', { name: 'Refund Rp50.000' }).click();
  await rina.getByText('tidak lebih dari sisa penjualan').waitFor();
  await rina.getByLabel('Nominal refund').fill('20000');
  await assertAccessible(rina, 'Refund ke pembayar');
  await picture(rina, 'shop-refund');
  await rina.getByRole('button', { name: 'Refund Rp20.000' }).click();
  await rina.getByText('direfund Rp20.000').waitFor();
  await picture(rina, 'shop-after');
  await rina.emulateMedia({ media: 'print' });
  await picture(rina, 'shop-print');
  await rina.context().close();
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
