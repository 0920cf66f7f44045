import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../../db/sql.ts';
import { silentLog } from '../../kernel/log.ts';
import { rupiah, sen } from '../../kernel/money.ts';
import { seededRandom } from '../../kernel/random.ts';
import { openAccounts } from '../../ledger/account.ts';
import { openLedger } from '../../ledger/post.ts';
import type { SubmitResult, TransferCommand } from '../port.ts';
import { BANK, NOON_WIB_MS, OPENING, transfer, withBank, type TestBank } from '../test-bank.ts';

const VALID_UNTIL = NOON_WIB_MS + 900_000;
const MDR = sen(70_001n);
const CODES = `
  insert into merchant (id, serial, nmid, pan, name, city, postal_code, category, class, settlement_account, made_at) values
    ('mer_1', 1, 'ID1020000019901', '9360019900000000017', 'WARUNG', 'SLEMAN', '55281', '5812', 'URE', '7001', now());
  insert into merchant_terminal (merchant_id, label, made_at) values ('mer_1', 'A01', now());
  insert into merchant_code (id, merchant_id, terminal, method, reference, amount_sen, valid_until, payload, made_at)
    select 'qrc_' || n, 'mer_1', 'A01', 'dynamic', lpad(n::text, 16, 'X'), 10000000, now(), 'x', now() from generate_series(1, 3) n;`;

const reason = (result: SubmitResult): string => (result.ok ? 'ok' : result.reason);

/** Rp100.000 to the merchant, by the code `qrc_<n>`; 0: a static code. */
function pay(n: number, over: Partial<TransferCommand> = {}): TransferCommand {
  const code = { id: `qrc_${n}`, validUntilMs: VALID_UNTIL };
  return transfer({
    channel: 'mobile',
    confirmedFeeSen: sen(0n),
    creditorAccount: '7001',
    creditorName: 'WARUNG',
    amount: rupiah(100_000),
    merchant: { id: 'mer_1', terminal: 'A01', mdrSen: MDR, ...(n > 0 && { code }) },
    ...over,
  });
}

/** A merchant whose account is empty, and onus transfers that cost something. */
async function withMerchant(work: (bank: TestBank) => Promise<void>): Promise<void> {
  const costly = `
    insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select id, id, id, 'risk', '-', '-', '-', '2025-01-01' from unnest('{a,b}'::text[]) id;
    insert into fee_tariff (rail, kind, version, fee_sen, valid_from, approved_at, proposed_by, approved_by, source)
    values ('onus', 'credit_transfer', 1, 100000, '2026-01-01', '2025-12-01', 'a', 'b', 'test');`;
  await withBank(
    async (bank) => {
      const accounts = [{ number: '7001', name: 'WARUNG' }];
      await bank.db.tx((tx) => openAccounts(tx, { nowMs: NOON_WIB_MS, accounts }));
      await work(bank);
      await bank.checkMoney();
    },
    { before: CODES + costly },
  );
}

test('submit() pays a merchant of ours in one commit: gross in, discount rate out, no fee for the payer', () =>
  withMerchant(async (bank) => {
    const paid = await bank.engine.submit(pay(0));
    assert.ok(paid.ok && paid.payment.state === 'settled');
    assert.equal(paid.payment.feeSen, 0n);
    assert.equal(await bank.available('1001'), OPENING - rupiah(100_000));
    assert.equal(await bank.available('7001'), rupiah(100_000) - MDR);
    assert.equal(await bank.available('FEE-QRIS'), MDR);
    const lines = await bank.db.query<{ line: string; n: bigint }>(
      sql`select line, amount_sen as n from payment_line where payment_id = ${paid.payment.id} order by line`,
    );
    assert.deepEqual(lines, [
      { line: 'mdr', n: MDR },
      { line: 'principal', n: rupiah(100_000) },
    ]);
    // A static code is paid again and again.
    assert.equal(reason(await bank.engine.submit(pay(0))), 'ok');
    assert.equal(await bank.available('7001'), rupiah(200_000) - MDR - MDR);
  }));

test('submit() uses a dynamic code once (T6), whoever pays, over however many processes', () =>
  withMerchant(async (bank) => {
    const { db, time } = bank;
    const second = openLedger({ db, time, random: seededRandom(2), log: silentLog, bank: BANK });
    const engines = [bank.engine, bank.another({ ledger: second })];
    const commands = Array.from({ length: 20 }, (_, i) =>
      pay(1, { debitAccount: i % 3 === 0 ? '1002' : '1001' }),
    );
    const results = await Promise.all(
      commands.map(async (command, i) => {
        await time.sleep(i % 5);
        return engines[i % 2]!.submit(command);
      }),
    );
    const won = results.findIndex((result) => result.ok);
    assert.equal(results.filter((result) => result.ok).length, 1);
    assert.deepEqual(new Set(results.map(reason)), new Set(['ok', 'code_used']));
    // The one that paid may ask again for its answer.
    const again = await bank.engine.submit(commands[won]!);
    assert.ok(again.ok && again.repeated);
    assert.equal(await bank.available('7001'), rupiah(100_000) - MDR);
    const [code] = await db.query<{ payment: string }>(
      sql`select payment_id as payment from merchant_code where payment_id is not null`,
    );
    assert.equal(code?.payment, again.payment.id);
    assert.deepEqual(
      (await bank.events('merchant_code.used')).map((data) => data['payment']),
      [again.payment.id],
    );
    await second.stop();
  }));

test('submit() that is refused leaves a code unused; after its time it is refused', () =>
  withMerchant(async (bank) => {
    const poor = await bank.engine.submit(pay(2, { debitAccount: '1004' }));
    assert.equal(reason(poor), 'account_closed');
    const much = await bank.engine.submit(pay(2, { amount: rupiah(2_000_000) }));
    assert.equal(reason(much), 'insufficient_funds');
    assert.equal(reason(await bank.engine.submit(pay(2))), 'ok');
    await bank.time.sleep(900_000);
    assert.equal(reason(await bank.engine.submit(pay(3))), 'code_expired');
    const { channel, debitAccount, creditorBank, amount, merchant } = pay(3);
    const quote = await bank.engine.quote({
      channel,
      debitAccount,
      creditorBank,
      amount,
      merchant: merchant!,
    });
    assert.equal(!quote.open && quote.reason, 'code_expired');
    assert.equal(quote.feeSen, 0n);
    assert.equal(await bank.available('FEE-QRIS'), MDR);
  }));
