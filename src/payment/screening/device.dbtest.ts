import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah, type Sen } from '../../kernel/money.ts';
import type { SignedIn } from '../port.ts';
import { bifast, NOON_WIB_MS, withBank, type TestBank } from '../test-bank.ts';

const DAY = 86_400_000;
const DEVICE = 'phone-of-c1-----';
const SHARED = 'phone-of-many---';
const DESK = 'desk-of-staff---';
/** Small enough for the accounts of the test bank. */
const RULES = JSON.stringify({
  form: 1,
  rules: Object.fromEntries(
    ['new_device', 'shared_device', 'staff_device', 'moved_session'].map((code) => [
      code,
      { numbers: { fromSen: '10000000' } },
    ]),
  ),
});
const SIGNED = [
  ['phone-of-old----', 'customer', 'C1', 90, 60],
  [DEVICE, 'customer', 'C1', 50, 0],
  ['phone-of-today--', 'customer', 'C1', 0, 0],
  [DESK, 'customer', 'C1', 50, 0],
  [DESK, 'staff', 'stf_1', 80, 29],
  ['desk-of-long-ago', 'customer', 'C1', 50, 0],
  ['desk-of-long-ago', 'staff', 'stf_1', 80, 31],
  ...['C1', 'C2', 'C3', 'C4'].map((subject) => [SHARED, 'customer', subject, 50, 1] as const),
] as const;
const at = (daysAgo: number) => new Date(NOON_WIB_MS - daysAgo * DAY).toISOString();
const BEFORE = `insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
  select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 2) n;
  insert into setting (key, version, value, effective_from, set_by, approved_by, source)
  values ('risk.rules', 1, '${RULES}', '2026-08-01', 'stf_1', 'stf_2', 'test');
  insert into signed_device (device, kind, subject, first_at, last_at) values
  ${SIGNED.map(([device, kind, who, first, last]) => `('${device}', '${kind}', '${who}', '${at(first)}', '${at(last)}')`).join(', ')};`;

const here: SignedIn = { device: DEVICE, subject: 'C1', isSame: true, isMoved: false };
let payees = 0;

async function pay(bank: TestBank, signed: SignedIn, more: object = {}): Promise<string> {
  const result = await bank.engine.submit(
    bifast({
      amount: rupiah(100_000) as Sen,
      creditorAccount: `70${payees++}`,
      mayWait: true,
      proof: { kind: 'session', session: 's', device: 'd', pinAtMs: bank.time.now(), signed },
      ...more,
    }),
  );
  return result.ok ? result.payment.state : (result.questions?.join() ?? result.reason);
}

test('submit() holds payments from new, shared and staff devices and from stolen sessions, says so before the PIN, and asks after a move', () =>
  withBank(
    async (bank) => {
      assert.equal(await pay(bank, here), 'held');
      assert.equal(await pay(bank, { ...here, device: 'phone-of-today--' }), 'withheld');
      assert.equal(await pay(bank, { ...here, device: DESK }), 'withheld');
      assert.equal(await pay(bank, { ...here, device: 'desk-of-long-ago' }), 'held');
      assert.equal(await pay(bank, { ...here, device: SHARED }), 'held', 'four customers');
      assert.equal(await pay(bank, { ...here, isSame: false }), 'withheld');
      assert.equal(await pay(bank, { ...here, isSame: false }, { mayWait: false }), 'declined');
      assert.equal(await pay(bank, { ...here, isMoved: true }, { answered: [] }), 'moved_session');
      const less = { amount: rupiah(99_999) as Sen };
      assert.equal(await pay(bank, { ...here, device: 'phone-of-today--' }, less), 'held');
      const reasons = (await bank.engine.withheld.list({})).map((one) => one.reasons.join());
      assert.deepEqual(reasons.toSorted(), ['new_device', 'staff_device', 'stolen_session']);
      const asked = {
        channel: 'mobile',
        debitAccount: '1001',
        creditorBank: 'BNINIDJA',
        creditorAccount: '7099',
        amount: rupiah(100_000) as Sen,
        mayWait: true,
      } as const;
      const [open, waits] = await Promise.all(
        [here, { ...here, device: DESK }].map((signed) => bank.engine.quote({ ...asked, signed })),
      );
      assert.ok(open!.open && open!.waitsMs === undefined);
      assert.ok(waits!.open && waits!.waitsMs !== undefined);
      await bank.workUntil(bank.time.now() + 60_000);
      await bank.checkMoney();
    },
    { before: BEFORE },
  ));

test('submit() holds what the fifth customer of a device pays', () =>
  withBank(
    async (bank) => {
      assert.equal(await pay(bank, { ...here, device: SHARED }), 'withheld');
      const [one] = await bank.engine.withheld.list({});
      assert.deepEqual(one!.reasons, ['shared_device']);
    },
    {
      before: `${BEFORE} insert into customer (id, name, is_staff, cohort_bucket, made_at) values ('C9', 'Lima', false, 1, '2026-08-01');
        insert into signed_device (device, kind, subject, first_at, last_at) values ('${SHARED}', 'customer', 'C9', '${at(1)}', '${at(0)}');`,
    },
  ));
