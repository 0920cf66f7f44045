/** One incident as its people see it: a customer on a phone, two of the staff at their consoles, anybody at the status page. Real
 * processes, a real browser, nothing between them. */
import assert from 'node:assert/strict';
import test, { after, afterEach, before, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { buildWeb } from '../../src/app/web-build.ts';
import { startRig, until, type FlowRig } from '../flow/rig.ts';
import { insertBreak, selectPosted } from '../flow/store.ts';
import { approveCorrection, proposeCorrection } from './match.ts';
import { openBrowser, openPage, signIn } from './browser.ts';
import {
  approveRelease,
  chooseBank,
  proposeRelease,
  startTransfer,
  stopBifastOut,
  transfer,
  transferByKeyboard,
  waitForDone,
} from './people.ts';

const REASON = 'Penyelesaian yang tidak dikenal dari konektor kita';
const MAINTENANCE = /pemeliharaan|perawatan|maintenance/i;
/** Guard and gateway write for the status page every second; a loaded machine takes longer. */
const PUBLISHED_MS_MAX = 10_000;
/** The guard's facts count as current for thirty seconds. */
const AGED_MS_MAX = 45_000;
const RECOVERED_MS_MAX = 90_000;

let rig: FlowRig;
let browser: Browser;
let sari: Page;
let operator: Page;
let risk: Page;
let anybody: Page;
const failures: string[] = [];

const url = (path: string): string => `http://localhost:${rig.ports.of('core-1')}${path}`;
const home = (): string => url('/app/#/');
const consoleUrl = (): string => url('/console/');
const statusUrl = (): string => `http://localhost:${rig.ports.of('status')}/?lang=id`;
const staffOf = (username: string) =>
  rig.credentials.staff.find((one) => one.username === username)!;

before(async () => {
  await buildWeb();
  [rig, browser] = await Promise.all([startRig({ cores: 1 }), openBrowser()]);
  [sari, operator, risk, anybody] = await Promise.all([
    openPage(browser, { kind: 'phone', failures }),
    openPage(browser, { kind: 'desk', failures }),
    openPage(browser, { kind: 'desk', failures }),
    openPage(browser, { kind: 'phone', failures }),
  ]);
  const customer = rig.credentials.customers[0]!;
  await Promise.all([
    signIn(sari, { url: url('/app/'), ...customer }),
    signIn(operator, { url: consoleUrl(), ...staffOf('operator1') }),
    signIn(risk, { url: consoleUrl(), ...staffOf('risk1') }),
  ]);
});

after(async () => {
  await browser?.close();
  await rig?.stop();
});

afterEach(async (context) => {
  if ((context as TestContext).passed) return;
  for (const page of [sari, operator, risk]) {
    const text = await page.locator('body').innerText();
    process.stdout.write(`--- ${page.url()}\n${text}\n`);
  }
});

/** The text of one service on the status page, and the sentence about the age of the data. */
async function readStatus(service: string): Promise<{ service: string; all: string; age: string }> {
  await anybody.goto(statusUrl());
  return {
    service: await anybody.getByRole('listitem').filter({ hasText: service }).first().innerText(),
    all: await anybody.locator('main').innerText(),
    age: await anybody.locator('.age').innerText(),
  };
}

test('a customer transfers within the bank and by BI-FAST, and sees both reach Selesai', async () => {
  const [{ pin }, budi] = [rig.credentials.customers[0]!, rig.credentials.customers[1]!];
  const onus = { bank: 'Bank Pulih Daerah', account: budi.account, rupiah: '75000', pin };
  assert.equal(await transfer(sari, home(), onus), budi.name);
  await waitForDone(sari);
  const out = { bank: 'Bank Central Asia', account: '1234567890', rupiah: '125000', pin };
  assert.notEqual(await transferByKeyboard(sari, home(), out), '');
  await waitForDone(sari);
  assert.match(await sari.locator('main').innerText(), /Rp125\.000/);
});

test('a break ends by two people in the room Pencocokan, with its correction in the ledger (I5)', async () => {
  const break_ = { id: 'brk_story', amountSen: 125_000n, nowMs: rig.time.now() };
  await insertBreak(rig.db(), break_);
  const [first, second] = [staffOf('operator1'), staffOf('risk1')];
  const console = consoleUrl();
  await proposeCorrection(operator, { console, password: first.password });
  await approveCorrection(risk, { console, password: second.password });
  const { out } = await rig.pulih(['report', 'match', '--json']);
  const day = JSON.parse(out) as { rails: { rail: string; openBreaks: { count: number } }[] };
  assert.equal(day.rails.find(({ rail }) => rail === 'biller')?.openBreaks.count, 0);
  const balance = await selectPosted(rig.db(), 'SUSPENSE-BILLER');
  assert.equal(balance, 125_000n);
});

test('staff see what a stop touches and type its name before it is enforced (T20)', async () => {
  const { preview } = await stopBifastOut(operator, { console: consoleUrl(), reason: REASON });
  assert.match(preview, /Yang berhenti\s+BI-FAST keluar/);
  assert.match(preview, /Yang tetap buka\s+Transfer sesama bank, BI-FAST masuk/);
  assert.match(preview, /nasabah per menit/);
  const card = await operator.locator('.card').first().innerText();
  assert.match(card, /Dihentikan sementara/);
  assert.match(card, /oleh petugas Andi Prasetyo/);
  assert.ok(card.includes(REASON));
});

test('a customer is told before any PIN: what, why, what else, and when there is news (I7)', async () => {
  await startTransfer(sari, home());
  await chooseBank(sari, 'Bank Central Asia');
  const notice = await sari.locator('main').innerText();
  assert.match(notice, /Transfer antarbank \(BI-FAST\) kami batasi sementara sejak \d\d:\d\d WIB/);
  assert.match(notice, /demi keamanan transaksi/);
  assert.match(notice, /Sementara ini: Transfer sesama bank tetap dapat digunakan/);
  assert.match(notice, /Kabar berikutnya \d\d:\d\d WIB/);
  assert.doesNotMatch(notice, MAINTENANCE);
  await sari.getByRole('button', { name: 'Pilih sesama bank' }).click();
  const check = sari.getByRole('button', { name: 'Periksa nama penerima' });
  assert.equal(await check.getAttribute('aria-disabled'), null);
});

test('the other way to that bank is offered beside the closed one, and chosen by the customer alone', async () => {
  await startTransfer(sari, home());
  await chooseBank(sari, 'Bank Central Asia');
  await sari.getByLabel('Nomor rekening tujuan').fill('1234567890');
  await sari.getByRole('button', { name: 'Periksa nama penerima' }).click();
  await sari.getByLabel('Nominal').fill('50000');
  await sari.getByRole('button', { name: 'Periksa rincian' }).click();
  const bifast = sari.getByRole('radio', { name: /BI-FAST/ });
  const online = sari.getByRole('radio', { name: /Transfer online/ });
  await online.waitFor();
  assert.deepEqual(
    [await bifast.isDisabled(), await bifast.isChecked(), await online.isDisabled()],
    [true, true, false],
  );
  const agree = sari.getByRole('button', { name: 'Setuju, lanjut ke PIN' });
  assert.equal(await agree.count(), 0, 'nothing was chosen for the customer');
  await online.click();
  await agree.waitFor();
  assert.match(await sari.getByRole('dialog').innerText(), /lewat transfer online/);
});

test('the status page says the same, and how old its data are', async () => {
  const name = 'Transfer antarbank (BI-FAST)';
  await until(
    { time: rig.time, what: 'the stop is published', msMax: PUBLISHED_MS_MAX },
    async () => /Dibatasi sementara/.test((await readStatus(name)).service),
  );
  const { service, all, age } = await readStatus(name);
  assert.match(service, /Kabar berikutnya \d\d:\d\d WIB/);
  assert.match(age, /Data per \d\d:\d\d WIB \(\d+ detik lalu\)/);
  assert.doesNotMatch(all, MAINTENANCE);
});

test('the status page outlives core and guard, and says unknown, never normal (I9, T15)', async () => {
  await rig.kill('core-1');
  await rig.kill('guard');
  const stopped = await rig.pulih([
    'stop',
    'bifast',
    '--direction',
    'in',
    '--reason',
    'uji tombol henti',
    '--confirm',
    'BI-FAST MASUK',
  ]);
  assert.equal(stopped.code, 0, stopped.err);
  await until(
    { time: rig.time, what: 'the latch is published', msMax: PUBLISHED_MS_MAX },
    async () => /Dihentikan sementara/.test((await readStatus('Terima dari bank lain')).service),
  );
  await until(
    { time: rig.time, what: 'the data are old', everyMs: 500, msMax: AGED_MS_MAX },
    async () => /Data ini sudah lama/.test((await readStatus('Terima dari bank lain')).age),
  );
  const old = await readStatus('Transfer sesama bank');
  assert.match(old.service, /Belum dapat dipastikan/);
  assert.doesNotMatch(old.all, /Normal/);
  assert.doesNotMatch(old.all, MAINTENANCE);
  assert.match((await readStatus('Terima dari bank lain')).service, /Dihentikan sementara/);
  await Promise.all([rig.launch('core-1'), rig.launch('guard')]);
});

test('the one who asks for a release cannot approve it; another person can (I5, T18)', async () => {
  const [first, second] = [staffOf('operator1'), staffOf('risk1')];
  await proposeRelease(operator, {
    console: consoleUrl(),
    rootCause: 'Konektor palsu dicabut; tidak ada selisih terbuka.',
    password: first.password,
  });
  const approve = { name: 'Setujui dan tanda tangani' };
  assert.equal(await operator.getByRole('button', approve).count(), 0);
  const own = await forceApproval(operator, first.password);
  assert.deepEqual([own.status, own.code], [403, 'same_person']);
  await approveRelease(risk, { console: consoleUrl(), password: second.password });
  await risk.locator('.card', { hasText: 'Berjalan' }).waitFor();
});

/** What somebody does who knows the API: approves his own request past the page. */
async function forceApproval(
  page: Page,
  password: string,
): Promise<{ status: number; code: string }> {
  const script = `(async (password) => {
    const session = await (await fetch('/console/api/session')).json();
    const { releases } = await (await fetch('/console/api/releases')).json();
    const answer = await fetch('/console/api/releases/' + releases[0].id + '/approve', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': session.csrfToken },
      body: JSON.stringify({ password }),
    });
    return { status: answer.status, code: (await answer.json()).code };
  })(${JSON.stringify(password)})`;
  return page.evaluate(script);
}

test('recovery goes stage by stage; a customer sees it, and can pay again', async () => {
  await until(
    { time: rig.time, what: 'a customer sees recovery', msMax: RECOVERED_MS_MAX },
    async () => {
      await sari.goto(home());
      await sari.reload();
      await sari.getByText('Transfer antarbank').first().waitFor();
      return /dipulihkan bertahap/.test(await sari.locator('main').innerText());
    },
  );
  await risk.locator('.card', { hasText: 'Selesai' }).waitFor({ timeout: RECOVERED_MS_MAX });
  assert.equal(await risk.locator('.stage-pass').count(), 5);
  const { pin } = rig.credentials.customers[0]!;
  const again = { bank: 'Bank Negara Indonesia', account: '9876543210', rupiah: '50000', pin };
  await transfer(sari, home(), again);
  await waitForDone(sari);
  await until({ time: rig.time, what: 'it is published', msMax: PUBLISHED_MS_MAX }, async () =>
    /Normal/.test((await readStatus('Transfer antarbank (BI-FAST)')).service),
  );
});

test('no page failed on the way', () => {
  assert.deepEqual(failures, []);
});
