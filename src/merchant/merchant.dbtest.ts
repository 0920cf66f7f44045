import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { rupiah } from '../kernel/money.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';
import type { MerchantCode } from '../rail/qris/code.ts';
import { decodeQris } from '../rail/qris/decode.ts';
import { encodeQris } from '../rail/qris/encode.ts';
import { openMerchants } from './open.ts';
import type { CodeCommand, MadeCode } from './port.ts';
import { BANK, seedMerchants } from './test-merchant.ts';

const NOON = Date.parse('2026-08-01T05:00:00Z');

function command(over: Partial<CodeCommand> & { readonly referenceNo?: string }): CodeCommand {
  const { referenceNo = 'r-1', ...rest } = over;
  return {
    merchantId: 'mer_warung',
    partner: {
      id: 'partner-a',
      referenceNo,
      requestHash: Buffer.alloc(32, JSON.stringify(Object.keys(rest))),
    },
    ...rest,
  };
}

test('merchants make codes once per reference, and know their own again', () =>
  withTestDb(async (db) => {
    let nowMs = NOON;
    const time = { ...wallTime(), now: () => nowMs };
    const merchants = openMerchants({ db, time, random: systemRandom(), bank: BANK });
    assert.equal(await seedMerchants(db, nowMs), 2);
    assert.equal(await seedMerchants(db, nowMs), 0, 'seeding again changes nothing');

    const made = async (
      asked: CodeCommand,
    ): Promise<{ readonly code: MadeCode; readonly isRepeat: boolean }> => {
      const result = await merchants.makeCode(asked);
      assert.ok(result.ok, result.ok ? '' : result.reason);
      return result;
    };
    const read = (payload: string): MerchantCode => {
      const decoded = decodeQris(payload, merchants.rules());
      assert.ok(decoded.ok && decoded.code.kind === 'merchant');
      assert.deepEqual(decoded.warnings, []);
      return decoded.code;
    };

    // Two at once under one reference: one code.
    const ask = command({ amountSen: rupiah(75_000), billNumber: 'INV-1', storeLabel: 'TOKO 1' });
    const both = await Promise.all([made(ask), made(ask)]);
    assert.deepEqual(both[0].code, both[1].code);
    assert.equal(both.filter(({ isRepeat }) => isRepeat).length, 1);
    const other = await merchants.makeCode(command({ amountSen: rupiah(75_000) }));
    assert.equal(!other.ok && other.reason, 'reference_conflict');

    const { code } = both[0];
    const content = read(code.payload);
    assert.equal(content.amountSen, rupiah(75_000));
    assert.equal(content.method, 'dynamic');
    assert.equal(content.additional?.billNumber, 'INV-1');
    const payee = {
      id: 'mer_warung',
      name: 'WARUNG BU SRI',
      city: 'YOGYAKARTA',
      nmid: 'ID1020000019901',
      settlementAccount: '1990000002',
      merchantClass: 'UMI' as const,
    };
    const whole = { id: code.id, validUntilMs: NOON + 900_000 };
    assert.deepEqual(await merchants.examine(content), {
      warnings: [],
      life: 'open',
      payee: {
        ...payee,
        code: whole,
        terminal: 'A01',
        partner: { id: 'partner-a', referenceNo: 'r-1' },
      },
    });

    // The static code of a terminal is one and the same under every reference.
    const still = await made(command({ referenceNo: 's-1', terminal: 'A02' }));
    const again = await made(command({ referenceNo: 's-2', terminal: 'A02' }));
    assert.equal(again.code.payload, still.code.payload);
    assert.deepEqual(await merchants.examine(read(still.code.payload)), {
      warnings: [],
      payee: { ...payee, terminal: 'A02', partner: { id: 'partner-a' } },
    });

    // Sticker fraud and changed codes are seen.
    const changed = read(encodeQris({ ...content, amountSen: rupiah(750_000) }));
    assert.deepEqual((await merchants.examine(changed)).warnings, ['code_not_made_here']);
    const pasted = { ...content, repository: { ...content.repository!, nmid: 'ID1020000099999' } };
    assert.ok((await merchants.examine(pasted)).warnings.includes('terminal_of_other_merchant'));
    const renamed = { ...read(still.code.payload), name: 'WARUNG LAIN' };
    // A code with a warning names nobody to pay.
    assert.deepEqual(await merchants.examine(renamed), { warnings: ['name_differs'] });
    const nobody = {
      ...content,
      accounts: [{ ...content.accounts[0]!, pan: '9360019900000000990' }],
    };
    assert.ok((await merchants.examine(nobody)).warnings.includes('merchant_not_known'));

    // Used and expired codes are told apart. Using one up is the payment's: src/payment/sale/merchant.dbtest.ts.
    const late = await made(command({ referenceNo: 'r-2', amountSen: rupiah(1) }));
    await db.query(
      sql`update merchant_code set payment_id = 'pay_1', used_at = ${new Date(nowMs)} where id = ${code.id}`,
    );
    nowMs = late.code.validUntilMs!;
    assert.equal((await merchants.examine(content)).life, 'used');
    assert.equal((await merchants.examine(read(late.code.payload))).life, 'expired');

    const events = await db.query<{ kind: string; n: number }>(
      sql`select kind, count(*)::integer as n from event where kind like 'merchant%' group by kind order by kind`,
    );
    assert.deepEqual(events, [
      { kind: 'merchant.opened', n: 2 },
      { kind: 'merchant_code.made', n: 5 },
    ]);
  }));
