import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah, type Sen } from '../../kernel/money.ts';
import type { TransferCommand } from '../port.ts';
import { bifast, NOON_WIB_MS, OPENING, transfer, withBank, type TestBank } from '../test-bank.ts';
import { restrictionOf } from '../../gate/test-flow.ts';

const DAY = 86_400_000;
/** Nine tenths of an account. */
const DRAIN = ((OPENING * 9n) / 10n) as Sen;

/** Small enough for the accounts of the test bank: looked at from Rp50.000, unusual from Rp300.000, a mule from Rp600.000, quiet after 20 days. */
const RULES = JSON.stringify({
  form: 1,
  rules: {
    unusual: { numbers: { fromSen: '30000000' } },
    mule: { numbers: { lookFromSen: '5000000', inSen: '60000000' } },
    woken: { numbers: { lookFromSen: '5000000', quietMs: String(20 * DAY) } },
  },
});
const SETTING = `insert into setting (key, version, value, effective_from, set_by, approved_by, source)
  values ('risk.rules', 1, '${RULES}', '2026-08-01', 'stf_1', 'stf_2', 'test');`;
const PEOPLE = `insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
  select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 2) n;`;

async function stateOf(bank: TestBank, command: TransferCommand): Promise<string> {
  const result = await bank.engine.submit(command);
  return result.ok ? result.payment.state : result.reason;
}

const reasonsOf = async (bank: TestBank) =>
  (await bank.engine.withheld.list({})).map(({ reasons }) => reasons);

test('submit() holds what is far above the usual to a new payee, tells it before the PIN, and lets it go to a known one or where it was agreed to', () =>
  withBank(
    async (bank) => {
      for (const n of [1, 2, 3, 4, 5])
        await stateOf(bank, bifast({ creditorAccount: `700${n}`, mayWait: true }));
      await bank.time.sleep(2 * DAY);
      const large = { amount: rupiah(300_000) as Sen, mayWait: true, creditorAccount: '7009' };
      const asked = { channel: 'mobile', debitAccount: '1001', creditorBank: 'BNINIDJA' } as const;
      const told = await bank.engine.quote({ ...asked, ...large });
      assert.ok(told.open && told.waitsMs !== undefined);
      assert.equal(await stateOf(bank, bifast(large)), 'withheld');
      assert.deepEqual(await reasonsOf(bank), [['unusual']]);
      assert.equal(await stateOf(bank, bifast({ ...large, creditorAccount: '7001' })), 'held');
      const agreed = bifast({ ...large, mayWait: false, creditorAccount: '7008' });
      assert.equal(await stateOf(bank, agreed), 'held', 'agreed to before');
      await bank.workUntil(bank.time.now() + 60_000);
      await bank.checkMoney();
    },
    { before: PEOPLE + SETTING },
  ));

test('D24 submit() holds what a young account passes on of much that came in, those in flight counted', () =>
  withBank(
    async (bank) => {
      for (const remark of ['1', '2'])
        await stateOf(bank, transfer({ amount: rupiah(300_000) as Sen, remark }));
      const out = (amount: number, creditorAccount: string) =>
        stateOf(
          bank,
          bifast({
            debitAccount: '1002',
            customerId: 'C2',
            amount: rupiah(amount) as Sen,
            mayWait: true,
            creditorAccount,
          }),
        );
      assert.equal(await out(300_000, '7001'), 'held');
      assert.equal(await out(179_999, '7002'), 'held');
      assert.equal(await out(60_000, '7003'), 'held', 'one rupiah below 90 %');
      assert.equal(await out(50_000, '7004'), 'withheld');
      assert.deepEqual(await reasonsOf(bank), [['mule']]);
      await bank.workUntil(bank.time.now() + 60_000);
      await bank.checkMoney();
    },
    {
      before: `${PEOPLE}${SETTING} update account set opened_at = '${new Date(NOON_WIB_MS - 3 * DAY).toISOString()}' where number = '1002';`,
    },
  ));

test('D25 submit() holds what empties a long unused account, not before the ledger itself is that old', () =>
  withBank(
    async (bank) => {
      await stateOf(bank, transfer());
      await bank.time.sleep(20 * DAY - 1);
      // Nothing ever moved on it here: it came with its balance from another system.
      const asked = { channel: 'mobile', debitAccount: '1004', creditorBank: 'BNINIDJA' } as const;
      const quote = () =>
        bank.engine.quote({ ...asked, amount: DRAIN, mayWait: true, creditorAccount: '7001' });
      const early = await quote();
      assert.ok(early.open && early.waitsMs === undefined);
      await bank.time.sleep(1);
      const late = await quote();
      assert.ok(late.open && late.waitsMs !== undefined);
      const drain = { debitAccount: '1003', customerId: 'C3', amount: DRAIN, mayWait: true };
      assert.equal(await stateOf(bank, bifast({ ...drain, creditorAccount: '7001' })), 'withheld');
      assert.deepEqual(await reasonsOf(bank), [['woken']]);
    },
    {
      days: 40,
      before: `${PEOPLE}${SETTING} update account set opened_at = '2020-01-01', state = 'open' where number in ('1003', '1004');`,
    },
  ));

test('submit() looks at dates of orders and rows of lists too: they wait for a person, and a list counts as the whole that was agreed to', () =>
  withBank(
    async (bank) => {
      await stateOf(bank, transfer());
      await bank.time.sleep(20 * DAY);
      const asked = { debitAccount: '1003', customerId: 'C3', mayWait: 'by_rule' } as const;
      const date = { ...asked, proof: { kind: 'order', id: 'sto_1' } } as const;
      assert.equal(await stateOf(bank, bifast({ ...date, amount: DRAIN })), 'withheld');
      await bank.workUntil(bank.time.now() + 60_000);
      const row = (sumSen: bigint) =>
        bifast({
          debitAccount: '1002',
          customerId: 'C2',
          mayWait: 'by_rule',
          amount: rupiah(50_000) as Sen,
          bulk: { id: 'blk_1', dayMaxSen: OPENING, sumSen },
          proof: { kind: 'list', id: 'blk_1' },
        });
      assert.equal(await stateOf(bank, row(rupiah(100_000))), 'held');
      const whole = DRAIN + rupiah(10_000);
      assert.equal(await stateOf(bank, row(whole)), 'withheld', 'one row of many');
      assert.deepEqual(await reasonsOf(bank), [['woken'], ['woken']]);
      const stop = { kind: 'hold', restriction: restrictionOf({}, { kind: 'hold' }) } as const;
      bank.gate.decide = () => stop;
      assert.equal(await stateOf(bank, row(rupiah(60_000))), 'restricted', 'waited out');
    },
    {
      days: 40,
      before: `${PEOPLE}${SETTING} update account set opened_at = '2020-01-01' where number in ('1002', '1003');`,
    },
  ));
