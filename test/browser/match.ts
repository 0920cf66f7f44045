/** What two of the staff do with a break in the room "Pencocokan". */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { assertAccessible } from './browser.ts';

interface Signing {
  readonly console: string;
  readonly password: string;
}

const SIGN = { name: 'Tanda tangani usulan' };

/** The first person: takes the break over and proposes a correction of its whole amount. */
export async function proposeCorrection(page: Page, of: Signing): Promise<void> {
  await page.goto(`${of.console}#/match`);
  const card = page.locator('.card', { hasText: 'Ganda' });
  await card.getByRole('button', { name: 'Saya pegang' }).click();
  await card.getByText('Andi Prasetyo').waitFor();
  await assertAccessible(page, 'match');
  await card.getByRole('button', { name: 'Usulkan akhir' }).click();
  const dialog = page.getByRole('dialog');
  const sign = dialog.getByRole('button', SIGN);
  await dialog.getByLabel('Penjelasan').fill('terlalu pendek');
  await dialog.getByLabel('Kata sandi').fill(of.password);
  assert.equal(await sign.getAttribute('aria-disabled'), 'true', 'an explanation of 20 letters');
  await dialog.getByLabel('Penjelasan').fill('Agregator mengirim baris yang sama dua kali.');
  await dialog.getByLabel('Dengan koreksi').check();
  await dialog.getByLabel('Debit').selectOption('SETTLE-BILLER-OUT');
  await dialog.getByLabel('Kredit').selectOption('SUSPENSE-BILLER');
  await sign.click();
  await dialog.waitFor({ state: 'hidden' });
  await card.getByText('Usulan Anda').waitFor();
  assert.equal(await card.getByRole('button', { name: /Setujui/ }).count(), 0);
}

/** The second person: approves, and the break is gone. */
export async function approveCorrection(page: Page, of: Signing): Promise<void> {
  await page.goto(`${of.console}#/match`);
  const act = { name: 'Setujui dan bukukan Rp1.250' };
  await page.locator('.card', { hasText: 'Ganda' }).getByRole('button', act).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Kata sandi').fill(of.password);
  await dialog.getByRole('button', act).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('Tidak ada selisih terbuka').waitFor();
}
