/** What the people of the story do: a customer on a phone, staff at a desk, anybody at the status page. */
import type { Page } from 'playwright-core';
import { assertAccessible, pressByKeyboard, typeByKeyboard } from './browser.ts';

/** A transfer that a customer makes. */
export interface Transfer {
  readonly bank: string;
  readonly account: string;
  readonly rupiah: string;
  readonly pin: string;
}

/** From Beranda to the first screen of a transfer. */
export async function startTransfer(page: Page, home: string): Promise<void> {
  await page.goto(home);
  await page.reload();
  await page.getByRole('link', { name: 'Transfer', exact: true }).click();
  await page.getByRole('heading', { name: 'Ke siapa?' }).waitFor();
}

/** Chooses the bank in the dialog. */
export async function chooseBank(page: Page, bank: string): Promise<void> {
  await page.getByRole('button', { name: /Bank tujuan/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: bank }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

/** Transfers with taps; ends at the receipt. The name as the bank of the payee gave it. */
export async function transfer(page: Page, home: string, of: Transfer): Promise<string> {
  await startTransfer(page, home);
  await chooseBank(page, of.bank);
  await page.getByLabel('Nomor rekening tujuan').fill(of.account);
  await page.getByRole('button', { name: 'Periksa nama penerima' }).click();
  await page.getByRole('heading', { name: 'Berapa?' }).waitFor();
  const name = await page.locator('.payee b').innerText();
  await page.getByLabel('Nominal').fill(of.rupiah);
  await page.getByRole('button', { name: 'Periksa rincian' }).click();
  await page.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).click();
  await page.getByLabel('PIN (6 angka)').fill(of.pin);
  await page.getByRole('button', { name: /^Kirim Rp/ }).click();
  await page.getByRole('heading', { name: 'Rincian transaksi' }).waitFor();
  return name;
}

/** Plans a weekly transfer with taps; ends at the standing order. The text of the sheet that was agreed to. */
export async function planTransfer(
  page: Page,
  home: string,
  of: Transfer & { readonly firstDate: string; readonly times: string },
): Promise<string> {
  await startTransfer(page, home);
  await chooseBank(page, of.bank);
  await page.getByLabel('Nomor rekening tujuan').fill(of.account);
  await page.getByRole('button', { name: 'Periksa nama penerima' }).click();
  await page.getByLabel('Nominal').fill(of.rupiah);
  await page.getByRole('button', { name: 'Terjadwal' }).click();
  await page.getByRole('button', { name: 'Periksa rincian' }).click();
  await page.getByText('Tanggal belum dipilih.').waitFor();
  await page.getByRole('button', { name: 'Mingguan' }).click();
  await page.getByLabel('Mulai tanggal').fill(of.firstDate);
  await page.getByRole('button', { name: 'Jumlah' }).click();
  await page.getByLabel('Berapa kali').fill(of.times);
  await assertAccessible(page, 'Kapan?');
  await page.getByRole('button', { name: 'Periksa rincian' }).click();
  await page.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).waitFor();
  const text = await page.getByRole('dialog').innerText();
  await page.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).click();
  await page.getByLabel('PIN (6 angka)').fill(of.pin);
  await page.getByRole('button', { name: /^Jadwalkan Rp/ }).click();
  await page.getByRole('heading', { name: 'Rincian transfer terjadwal' }).waitFor();
  await page.getByText('Aktif').waitFor();
  return text;
}

/** A transfer without a finger or a mouse; every control of every screen on the way is named and reachable. */
export async function transferByKeyboard(page: Page, home: string, of: Transfer): Promise<string> {
  await page.goto(home);
  await page.reload();
  await pressByKeyboard(page, page.getByRole('link', { name: 'Transfer', exact: true }));
  await page.getByRole('heading', { name: 'Ke siapa?' }).waitFor();
  await page.getByRole('button', { name: /Bank tujuan/ }).waitFor();
  await assertAccessible(page, 'Ke siapa?');
  await pressByKeyboard(page, page.getByRole('button', { name: /Bank tujuan/ }));
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await assertAccessible(page, 'Pilih bank');
  await pressByKeyboard(page, dialog.getByRole('button', { name: of.bank }));
  await typeByKeyboard(page, page.getByLabel('Nomor rekening tujuan'), of.account);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Berapa?' }).waitFor();
  const name = await page.locator('.payee b').innerText();
  await page.getByLabel('Nominal').waitFor();
  await assertAccessible(page, 'Berapa?');
  await typeByKeyboard(page, page.getByLabel('Nominal'), of.rupiah);
  await pressByKeyboard(page, page.getByRole('button', { name: 'Periksa rincian' }));
  await page.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).waitFor();
  await assertAccessible(page, 'Periksa sebelum mengirim');
  await pressByKeyboard(page, page.getByRole('button', { name: 'Setuju, lanjut ke PIN' }));
  await page.getByLabel('PIN (6 angka)').waitFor();
  await assertAccessible(page, 'Masukkan PIN');
  await typeByKeyboard(page, page.getByLabel('PIN (6 angka)'), of.pin);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Rincian transaksi' }).waitFor();
  return name;
}

/** Waits until the receipt says that it is done, in its status and in its course. */
export async function waitForDone(page: Page): Promise<void> {
  await page.locator('.receipt-status', { hasText: 'Berhasil' }).waitFor();
  const steps = page.getByRole('list', { name: 'Perjalanan transaksi' }).getByRole('listitem');
  await steps
    .last()
    .filter({ hasText: /^Selesai, selesai/ })
    .waitFor();
}

/** What is restricted, by whom and why: seen first, then typed, then enforced. */
export async function stopBifastOut(
  page: Page,
  input: { readonly console: string; readonly reason: string },
): Promise<{ readonly preview: string }> {
  await page.goto(`${input.console}#/restrictions`);
  await page.getByLabel('Alasan').fill(input.reason);
  await page.getByRole('button', { name: 'Lihat dampaknya' }).click();
  const stop = page.getByRole('button', { name: /^Hentikan BI-FAST keluar/ });
  await stop.waitFor();
  const preview = await page.locator('.preview').innerText();
  await stop.click();
  await page.getByLabel('Ketik BI-FAST KELUAR untuk memastikan').fill('BI-FAST KELUAR');
  await stop.click();
  await page.getByRole('button', { name: 'Ajukan pelepasan' }).waitFor();
  return { preview };
}

/** Asks for the release of what stands, and signs. */
export async function proposeRelease(
  page: Page,
  input: { readonly console: string; readonly rootCause: string; readonly password: string },
): Promise<void> {
  await page.goto(`${input.console}#/restrictions`);
  // Beside what the story stopped there may stand the gateway's own latch.
  const stopped = page.locator('.card', { hasText: 'keluar' });
  await stopped.getByRole('button', { name: 'Ajukan pelepasan' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Penyebab dan perbaikannya').fill(input.rootCause);
  await dialog.getByLabel('Nomor persetujuan regulator').fill('BI/2025/112');
  await dialog.getByLabel('Kata sandi').fill(input.password);
  await dialog.getByRole('button', { name: 'Tanda tangani pengajuan' }).click();
  await page.getByText('Anda yang mengajukan. Orang lain yang harus menyetujui.').waitFor();
}

/** The second person signs the same plan. */
export async function approveRelease(
  page: Page,
  input: { readonly console: string; readonly password: string },
): Promise<void> {
  await page.goto(`${input.console}#/recovery`);
  await page.getByRole('button', { name: 'Setujui dan tanda tangani' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Kata sandi').fill(input.password);
  await dialog.getByRole('button', { name: 'Setujui dan tanda tangani' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Chooses a product and looks its number up; ends where an amount is chosen. */
export async function payBill(
  page: Page,
  of: { readonly link: string; readonly label: RegExp; readonly number: string },
): Promise<void> {
  await page.getByRole('link', { name: of.link }).click();
  await page.getByLabel(of.label).fill(of.number);
  await page.getByRole('button', { name: /^(Cek tagihan|Lanjut)$/ }).click();
  await page.getByText(/^Pilih (nominal|yang dibayar)$/).waitFor();
}

/** Agrees to what is chosen and pays with the PIN; ends at the receipt. */
export async function agree(page: Page, pin: string): Promise<void> {
  await page.getByRole('button', { name: 'Periksa rincian' }).click();
  await page.getByRole('button', { name: 'Setuju, lanjut ke PIN' }).click();
  await page.getByLabel('PIN (6 angka)').fill(pin);
  await page.getByRole('button', { name: /^Bayar Rp/ }).click();
  await page.getByRole('heading', { name: 'Rincian transaksi' }).waitFor();
}

/** Uploads a list, agrees to what can be paid, and waits until it is carried out. */
export async function payWages(
  page: Page,
  more: string,
  of: { readonly file: string; readonly pin: string },
): Promise<void> {
  await page.goto(more);
  await page.getByRole('link', { name: 'Transfer massal' }).click();
  await page.getByLabel('Nama daftar').fill('Gaji Agustus');
  await page
    .getByLabel('Berkas CSV')
    .setInputFiles({ name: 'gaji.csv', mimeType: 'text/csv', buffer: Buffer.from(of.file) });
  await page.getByRole('button', { name: 'Unggah daftar' }).click();
  await page.getByRole('button', { name: 'Periksa dan setujui' }).click();
  await page.getByLabel('PIN (6 angka)').fill(of.pin);
  await page.getByRole('button', { name: 'Kirim 2 transfer' }).click();
  await page.locator('.receipt-status', { hasText: 'Selesai diproses' }).waitFor();
  await page.getByText('Sedang diproses').waitFor({ state: 'hidden' });
}
