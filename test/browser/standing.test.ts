/** A customer plans a transfer on a phone, the bank makes it on its date, and the customer sees what became of it. Real processes, a real
 * browser; only the date is moved. The same customer reads a QRIS code and pays bills: a bank of its own for that would cost
 * every run half a minute. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { buildWeb } from '../../src/app/web-build.ts';
import { wibDate } from '../../src/kernel/time.ts';
import { codePng } from '../../src/merchant/picture.ts';
import { PAYLOADS } from '../../src/rail/qris/test-payload.ts';
import { addDays } from '../../src/standing/schedule.ts';
import { startRig, type FlowRig } from '../flow/rig.ts';
import { moveOrderTo } from '../flow/store.ts';
import {
  assertAccessible,
  openBrowser,
  openPage,
  pressByKeyboard,
  signIn,
  tabTo,
  typeByKeyboard,
} from './browser.ts';
import { agree, payBill, payWages, planTransfer } from './people.ts';

/** The static code of the demo's first merchant, as docs/rail/qris.md gives it. */
const DEMO_CODE = /decode '(0002[^']+)'/.exec(
  readFileSync(join(import.meta.dirname, '../../docs/rail/qris.md'), 'utf8'),
)![1]!;

let rig: FlowRig;
let browser: Browser;
let sari: Page;
const failures: string[] = [];
const url = (path: string): string => `http://localhost:${rig.ports.of('core-1')}${path}`;
const today = (): string => wibDate(rig.time.now());

before(async () => {
  await buildWeb();
  [rig, browser] = await Promise.all([startRig({ cores: 1 }), openBrowser()]);
  sari = await openPage(browser, { kind: 'phone', failures });
  await signIn(sari, { url: url('/app/'), ...rig.credentials.customers[0]! });
});

after(async () => {
  await browser?.close();
  await rig?.stop();
});

test('a customer plans a weekly transfer, and agrees to dates, end and the highest fee in words', async () => {
  const { pin } = rig.credentials.customers[0]!;
  const text = await planTransfer(sari, url('/app/#/'), {
    bank: 'Bank Central Asia',
    account: '1234567890',
    rupiah: '125000',
    pin,
    firstDate: addDays(today(), 2),
    times: '3',
  });
  assert.match(text, /Setiap \S+ mulai .*, 3 kali/);
  assert.match(text, /Biaya paling tinggi\s+Rp2\.500/);
  assert.match(text, /bila lebih tinggi, tidak dikirim dan saya dikabari/);
  const detail = await sari.locator('main').innerText();
  assert.match(detail, /Aktif\s+Rp125\.000/);
  assert.match(detail, /Belum ada tanggal yang tiba/);
  await assertAccessible(sari, 'Rincian transfer terjadwal');
});

test('on its date the bank makes it, and the order leads to the payment', async () => {
  await moveOrderTo(rig.db(), addDays(today(), -1));
  const run = sari.getByRole('link', { name: /Berhasil/ });
  for (let looks = 0; looks < 40 && (await run.count()) === 0; looks++) {
    await sari.reload();
    await sari.getByRole('heading', { name: 'Riwayat jadwal' }).waitFor();
    await rig.time.sleep(500);
  }
  await run.click();
  await sari.locator('.receipt-amount', { hasText: 'Rp125.000' }).waitFor();
  await sari.goto(url('/app/#/messages'));
  await sari.getByText('Transfer terjadwal dijalankan').waitFor();
});

test('it is paused, resumed with the PIN and cancelled, by keyboard, and each is asked once more', async () => {
  await sari.goto(url('/app/#/standing'));
  await sari.getByRole('link', { name: /Berikutnya/ }).waitFor();
  await assertAccessible(sari, 'Transfer terjadwal');
  await pressByKeyboard(sari, sari.getByRole('link', { name: /Berikutnya/ }));
  const press = async (name: string): Promise<void> => {
    await pressByKeyboard(sari, sari.locator('main .body > .stack').getByRole('button', { name }));
    await sari.getByRole('dialog').waitFor();
    await assertAccessible(sari, name);
  };
  const confirm = (name: string): Promise<void> =>
    pressByKeyboard(sari, sari.getByRole('dialog').getByRole('button', { name, exact: true }));
  await press('Jeda');
  await confirm('Jeda');
  await sari.locator('.receipt-status', { hasText: 'Dijeda' }).waitFor();
  await press('Lanjutkan');
  await sari.getByLabel('PIN (6 angka)').fill(rig.credentials.customers[0]!.pin);
  await confirm('Lanjutkan');
  await sari.locator('.receipt-status', { hasText: 'Aktif' }).waitFor();
  await press('Batalkan');
  await confirm('Batalkan');
  await sari.locator('.receipt-status', { hasText: 'Dibatalkan' }).waitFor();
  assert.equal(await sari.locator('main .body > .stack button').count(), 0);
});

test('the same customer chooses a picture of a QRIS code and sees who is paid, how much with the tip, and that it can be paid', async () => {
  await sari.goto(url('/app/#/qris'));
  await sari.getByText('Foto atau pilih gambar kode').waitFor();
  await assertAccessible(sari, 'QRIS');
  const choose = (buffer: Buffer): Promise<void> =>
    sari
      .locator('input[type=file]')
      .setInputFiles({ name: 'kode.png', mimeType: 'image/png', buffer });
  await choose(Buffer.from('not a picture'));
  await sari.getByText('Gambar ini tidak bisa dibuka.').waitFor();
  await choose(codePng(PAYLOADS.V4));
  await sari.getByRole('heading', { name: 'TOKO SINTETIS MANDIRI' }).waitFor();
  const read = await sari.locator('main').innerText();
  assert.match(read, /BANDUNG\s+Rp50\.000[\s\S]+10 % dari nominal[\s\S]+Rp55\.000/);
  assert.match(read, /Periksa dan bayar/);
  await assertAccessible(sari, 'QRIS, terbaca');

  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Baca kode lain' }));
  await typeByKeyboard(sari, sari.getByLabel('Isi kode QRIS'), PAYLOADS.I1);
  await sari.keyboard.press('Enter');
  await sari.getByText('crc_mismatch 63').waitFor();
});

test('the same customer shows a code at a till: limit and time are told to who cannot see it, and it ends by a press', async () => {
  const { pin } = rig.credentials.customers[0]!;
  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Baca kode lain' }));
  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Tunjukkan kode' }));
  await sari.getByLabel('Batas kode').fill('75000');
  await assertAccessible(sari, 'Tunjukkan kode');
  await typeByKeyboard(sari, sari.getByLabel('PIN (6 angka)'), pin);
  await sari.keyboard.press('Enter');
  const code = sari.getByRole('img', { name: /Batas Rp75\.000\. Berlaku sekali, sampai / });
  await code.waitFor();
  await sari
    .getByRole('timer')
    .getByText(/Berlaku [1-9]\d? detik lagi/)
    .waitFor();
  assert.ok((await code.locator('path').getAttribute('d'))!.length > 1_000, 'squares are drawn');
  await assertAccessible(sari, 'Tunjukkan kode, terlihat');
  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Batalkan kode' }));
  await sari.getByText('Kode dibatalkan.').waitFor();
  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Buat kode baru' }));
  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Baca kode', exact: true }));
});

test('the same customer pays a merchant of the bank by its printed code, by keyboard, and keeps a receipt', async () => {
  await typeByKeyboard(sari, sari.getByLabel('Isi kode QRIS'), DEMO_CODE);
  await sari.keyboard.press('Enter');
  await sari.getByRole('heading', { name: 'WARUNG BU SRI' }).waitFor();
  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Periksa dan bayar' }));
  await sari.getByText('Isi nominal').waitFor();
  await typeByKeyboard(sari, sari.getByLabel('Nominal', { exact: true }), '45000');
  await sari.keyboard.press('Enter');
  await sari
    .getByRole('dialog')
    .getByText(/Saya setuju membayar Rp45\.000 kepada WARUNG/)
    .waitFor();
  await assertAccessible(sari, 'Periksa pembayaran');
  await pressByKeyboard(sari, sari.getByRole('button', { name: 'Setuju, lanjut ke PIN' }));
  await typeByKeyboard(sari, sari.getByLabel('PIN (6 angka)'), rig.credentials.customers[0]!.pin);
  await sari.keyboard.press('Enter');
  await sari.locator('.receipt-amount', { hasText: 'Rp45.000' }).waitFor();
  assert.match(
    await sari.locator('main').innerText(),
    /Berhasil[\s\S]+WARUNG BU SRI[\s\S]+QRIS A01/,
  );
});

test('the same customer buys an electricity token, sees it to type from, and is asked before paying the same again', async () => {
  const { pin } = rig.credentials.customers[0]!;
  await sari.goto(url('/app/#/bills'));
  await sari.getByRole('heading', { name: 'Tagihan dan isi ulang' }).waitFor();
  await assertAccessible(sari, 'Tagihan');
  await payBill(sari, { link: 'Token listrik PLN', label: /Nomor meter/, number: '512345678901' });
  // One group: Tab reaches it, the arrow keys move in it.
  await tabTo(sari, sari.getByLabel('Rp20.000', { exact: true }));
  await sari.keyboard.press('ArrowDown');
  assert.ok(await sari.getByLabel('Rp50.000', { exact: true }).isChecked());
  await agree(sari, pin);
  await sari.getByText('Token listrik', { exact: true }).waitFor();
  const shown = await sari.locator('.token-digits').innerText();
  assert.match(shown, /^\d{4} \d{4} \d{4} \d{4} \d{4}$/);
  await assertAccessible(sari, 'Bukti tagihan');

  for (const isFirst of [true, false]) {
    await sari.goto(url('/app/#/bills'));
    await payBill(sari, {
      link: 'Pulsa Telkomsel',
      label: /Nomor telepon/,
      number: '081234567890',
    });
    await sari.getByLabel('Rp10.000', { exact: true }).check();
    if (isFirst) await agree(sari, pin);
  }
  await sari.getByRole('button', { name: 'Periksa rincian' }).click();
  await sari.getByText('Nomor dan nominal yang sama baru saja dibayar.').waitFor();
  await sari.getByRole('button', { name: 'Bayar lagi' }).click();
  await sari.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).waitFor();
  await sari.goto(url('/app/#/messages'));
  await sari.getByText(/Pembayaran Rp50\.000 ke .* berhasil/).waitFor();
});

test('a company uploads its wages, sees the fault of a row before its PIN, and what became of each row afterwards', async () => {
  const [employee, company] = rig.credentials.customers;
  const page = await openPage(browser, { kind: 'phone', failures });
  await signIn(page, { url: url('/app/'), ...company! });
  await payWages(page, url('/app/#/more'), {
    file: [
      'bank,account,name,amount,remark',
      `199,${employee!.account},${employee!.name},150000,Gaji`,
      '009,1100000001,Asep Nugroho,250000,Gaji',
      '009,1100000001,Orang Lain,350000,Gaji',
    ].join('\r\n'),
    pin: company!.pin,
  });
  await page.getByText('Nama di bank tujuan berbeda.').waitFor();
  assert.equal(await page.getByRole('link', { name: /Berhasil/ }).count(), 2);
  await assertAccessible(page, 'Rincian daftar');
  await page.getByRole('button', { name: 'Bermasalah' }).click();
  await page.getByText('2. ASEP').waitFor({ state: 'hidden' });
  await page.context().close();
});

test('`pulih verify` finds the date and its payment in agreement', async () => {
  const { code, out } = await rig.pulih(['verify', '--json']);
  assert.equal(code, 0, out);
  assert.deepEqual(failures, []);
});
