import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { rupiah } from '../../kernel/money.ts';
import { openParties } from '../party.ts';
import type { SubmitResult } from '../port.ts';
import {
  BANK,
  bifast,
  OPENING,
  PARTY_KEY,
  transfer,
  withBank,
  type TestBank,
} from '../test-bank.ts';

const said = (result: SubmitResult): readonly unknown[] =>
  result.ok ? ['ok', result.payment.state] : [result.reason, ...(result.questions ?? [])];
const keyOf = (account: string): string =>
  openParties(PARTY_KEY).keyOf({ bank: BANK.bic, account });
const PEOPLE = `insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
  select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 2) n;`;
const SMALL = '{"form":1,"rules":{"first_payee":{"numbers":{"fromSen":"2000000"}}}}';

function setting(version: number, value: string, approvedBy = `'stf_2'`): string {
  return `insert into setting (key, version, value, effective_from, set_by, approved_by, source)
    values ('risk.rules', ${version}, '${value}', '2026-08-01', 'stf_1', ${approvedBy}, 'test');`;
}

async function countRows(bank: TestBank): Promise<bigint> {
  const [row] = await bank.db.query<{ n: bigint }>(sql`select count(*) as n from payment`);
  return row!.n;
}

test('D26 submit() asks about a repeat, writes nothing until it is answered, and pays then under the same key', () =>
  withBank(async (bank) => {
    const first = transfer({ key: 'mobile:C1:a', answered: [] });
    assert.deepEqual(said(await bank.engine.submit(first)), ['ok', 'settled']);
    const second = transfer({ key: 'mobile:C1:b', answered: [] });
    await bank.time.sleep(40_000);
    const asked = await bank.engine.submit(second);
    assert.deepEqual(said(asked), ['step_up_needed', 'repeated']);
    assert.ok(!asked.ok && asked.lastAtMs === bank.time.now() - 40_000);
    assert.equal(await countRows(bank), 1n);
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_000));
    const [event] = await bank.events('payment.asked');
    assert.deepEqual(event!['risk'], ['repeated']);
    const answered = { ...second, answered: ['repeated'] };
    assert.deepEqual(said(await bank.engine.submit(answered)), ['ok', 'settled']);
    assert.equal(await bank.available('1001'), OPENING - rupiah(20_000));
    await bank.time.sleep(60_001);
    const later = transfer({ key: 'mobile:C1:c', answered: [] });
    assert.deepEqual(said(await bank.engine.submit(later)), ['ok', 'settled']);
    await bank.checkMoney();
  }));

test('T6 submit() the same key gets its first answer again, however much it looks like a repeat', () =>
  withBank(async (bank) => {
    const command = transfer({ key: 'mobile:C1:once', answered: [] });
    const answers = await Promise.all([bank.engine.submit(command), bank.engine.submit(command)]);
    answers.push(await bank.another().submit(command));
    for (const answer of answers) assert.deepEqual(said(answer), ['ok', 'settled']);
    assert.equal(await countRows(bank), 1n);
    const other = { ...command, requestHash: Buffer.alloc(32, 7) };
    assert.deepEqual(said(await bank.engine.submit(other)), ['key_conflict']);
  }));

test('submit() asks about a large amount to a new payee over every network, from rules of two people, without a restart', () =>
  withBank(
    async (bank) => {
      const large = { amount: rupiah(20_000), answered: [] };
      assert.deepEqual(said(await bank.engine.submit(bifast(large))), ['ok', 'held']);
      const other = bifast({ ...large, creditorAccount: '9008007007' });
      await bank.db.script(setting(1, SMALL));
      await bank.time.sleep(5_001);
      assert.deepEqual(said(await bank.engine.submit(other)), ['step_up_needed', 'first_payee']);
      const small = transfer({ amount: rupiah(19_999), answered: [] });
      assert.deepEqual(said(await bank.engine.submit(small)), ['ok', 'settled']);
      await bank.time.sleep(86_400_000);
      assert.deepEqual(
        said(await bank.engine.submit(transfer({ ...large, key: 'mobile:C1:known' }))),
        ['ok', 'settled'],
        'known for a day',
      );
    },
    { before: PEOPLE },
  ));

test('I8 rules that one person set, or that nobody can read, leave the last good ones in force and are told', () =>
  withBank(
    async (bank) => {
      const large = transfer({ amount: rupiah(20_000), answered: [] });
      assert.deepEqual(said(await bank.engine.submit(large)), ['step_up_needed', 'first_payee']);
      const told = await bank.events('risk_rules.ignored');
      assert.deepEqual(
        told.map(({ version, why, inForce }) => [version, why, inForce]),
        [
          [3, 'not_understood', 1],
          [2, 'one_person', 1],
        ],
      );
      await bank.time.sleep(5_001);
      await bank.engine.submit(large);
      assert.equal((await bank.events('risk_rules.ignored')).length, 2, 'once each');
    },
    {
      before: `${PEOPLE}${setting(1, SMALL)}${setting(2, '{"form":1,"rules":{}}', 'null')}${setting(3, '{"form":9}')}`,
    },
  ));

test('submit() refuses for good whom the blocked list names, on either side and in every channel, until two people lift it', () =>
  withBank(
    async (bank) => {
      await bank.db
        .script(`insert into blocked_party (id, kind, subject, shown, reason, placed_by, made_at, review_at)
        values ('blk_1', 'account', '${keyOf('1002')}', '1002', 'laporan korban', 'stf_1', '2026-07-01', '2026-07-31');`);
      assert.deepEqual(said(await bank.engine.submit(transfer({ answered: [] }))), ['declined']);
      const back = { debitAccount: '1002', creditorAccount: '1001', customerId: 'C2' };
      assert.deepEqual(said(await bank.engine.submit(transfer(back))), ['declined']);
      const partner = transfer({
        channel: 'snap',
        key: 'snap:par_1:r1',
        partnerId: 'par_1',
        partnerReferenceNo: 'r1',
      });
      assert.deepEqual(said(await bank.engine.submit(partner)), ['declined']);
      const refused = await bank.events('payment.refused');
      for (const event of refused) assert.deepEqual(event['risk'], ['blocked']);
      await assert.rejects(
        bank.db.script(
          `insert into blocked_party_lift values ('blk_1', 'stf_1', 'keliru', '2026-08-01', 'stf_1', '2026-08-01')`,
        ),
        { constraint: 'blocked_party_lift_two_people' },
      );
      await bank.db.script(
        `insert into blocked_party_lift values ('blk_1', 'stf_1', 'keliru', '2026-08-01')`,
      );
      await bank.time.sleep(5_001);
      assert.deepEqual(said(await bank.engine.submit(transfer({ answered: [] }))), ['declined']);
      await bank.db.script(
        `update blocked_party_lift set approved_by = 'stf_2', approved_at = '2026-08-01'`,
      );
      await bank.time.sleep(5_001);
      assert.deepEqual(said(await bank.engine.submit(transfer({ answered: [] }))), [
        'ok',
        'settled',
      ]);
      assert.deepEqual(
        said(await bank.engine.submit(partner)),
        ['declined'],
        'a key keeps its answer',
      );
      assert.ok(!bank.logged.join('').includes('1002'), 'no account in a log');
    },
    { before: PEOPLE },
  ));

test('a rule that is set to hold lets a person look, refuses who cannot wait, and makes no payee known', () =>
  withBank(
    async (bank) => {
      const large = { amount: rupiah(20_000), answered: [] };
      const waiting = await bank.engine.submit(bifast({ ...large, mayWait: true }));
      assert.deepEqual(said(waiting), ['ok', 'withheld']);
      const [row] = await bank.engine.withheld.list({});
      assert.deepEqual(row!.reasons, ['first_payee']);
      assert.equal(bank.rail.book.size, 0);
      assert.deepEqual(said(await bank.engine.submit(bifast(large))), ['declined']);
      assert.deepEqual(await bank.db.query(sql`select payee from payee_history`), []);
    },
    {
      before: `${PEOPLE}${setting(1, '{"form":1,"rules":{"first_payee":{"action":"hold","numbers":{"fromSen":"2000000"}}}}')}`,
    },
  ));
