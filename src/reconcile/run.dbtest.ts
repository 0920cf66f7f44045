import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import type { Db } from '../db/pool.ts';
import { withTestDb } from '../db/test-database.ts';
import type { JournalEntry } from '../rail/journal-entry.ts';
import type { Break } from './match.ts';
import { applyRun, findMissing, matchIntents, matchOpenLines } from './run.ts';
import { insertLines } from './store.ts';

const NOW = Date.parse('2025-03-29T11:20:00+07:00');
const orphan: Break = {
  kind: 'orphan',
  reason: 'never_issued',
  bizMsgIdr: 'X1',
  direction: 'out',
  amountSen: 100n,
  bank: 'BNINIDJA',
  moneyLeft: true,
  occurredAtMs: NOW,
};

async function apply(db: Db, breaks: readonly Break[]): Promise<readonly Break[]> {
  let count = 0;
  const done = await db.tx((tx) =>
    applyRun(tx, {
      breaks,
      lines: [],
      nowMs: NOW,
      newId: (prefix) => `${prefix}_${breaks[0]!.lineId ?? ''}_${++count}`,
    }),
  );
  return done.opened;
}

test('applyRun() tells of every line once, whatever id it carries, and of an intent once', async () => {
  await withTestDb(async (db) => {
    assert.equal((await apply(db, [orphan])).length, 1);
    assert.equal((await apply(db, [orphan])).length, 0, 'the same intent is no news');
    const settled = await apply(db, [{ ...orphan, lineId: 'L1' }]);
    assert.deepEqual(
      settled.map(({ isSettledIntent }) => isSettledIntent),
      [true],
      'its settlement is news, and the same transaction',
    );
    const further = await apply(db, [
      { ...orphan, lineId: 'L2', isFurtherLine: true, amountSen: 20n },
      { ...orphan, lineId: 'L3', isFurtherLine: true, amountSen: 3n },
    ]);
    assert.deepEqual(
      further.map(({ lineId, isSettledIntent }) => [lineId, isSettledIntent]),
      [
        ['L2', undefined],
        ['L3', undefined],
      ],
    );
    assert.deepEqual(await db.query(sql`select biz_msg_idr, amount_sen from match_break`), [
      { biz_msg_idr: 'X1', amount_sen: 123n },
    ]);
  });
});

test('matchIntents() judges two intents under one id each by its own authorisation', async () => {
  await withTestDb(async (db) => {
    await db.query(sql`insert into account (number, book, name, may_go_negative, opened_at)
      values ('A', 'settlement', 'a', true, ${new Date(NOW)})`);
    await db.query(sql`insert into hold (id, debit_account, credit_account, amount_sen, state, line, made_at)
      select 1, id, id, 5, 'held', 'principal', ${new Date(NOW)} from account where number = 'A'`);
    await db.query(sql`insert into payment (id, kind, channel, state, previous_state, debit_account, credit_account, debtor_name, creditor_name,
        counterparty_bank, amount_sen, biz_msg_idr, made_at, value_date, business_date, changed_at)
      values ('pay_1', 'bifast_out', 'mobile', 'settled', 'sending', 'A', 'A', 'a', 'b', 'BNINIDJA', 5, 'B1', ${new Date(NOW)}, '2025-03-29',
        '2025-03-29', ${new Date(NOW)})`);
    await db.query(sql`insert into id_registry (id, rail, payment_id, allocated_on, allocated_at)
      values ('B1', 'bifast', 'pay_1', '2025-03-29', ${new Date(NOW)})`);
    await db.query(sql`insert into authorisation (jti, payment_id, attempt, hold_id, rail, audience, env, instruction, instruction_hash, amount_sen, made_at)
      values ('jti_1', 'pay_1', 1, 1, 'bifast', 'gateway-1', 'prod', '{}', decode(repeat('ab', 32), 'hex'), 5, ${new Date(NOW)})`);
    const intent = (jti: string, position: number): JournalEntry => ({
      partition: 'gateway-1',
      position,
      atMs: NOW,
      body: {
        kind: 'intent',
        jti,
        paymentId: 'pay_1',
        bizMsgIdr: 'B1',
        msgId: 'm',
        amountSen: '5',
        bank: 'BNINIDJA',
        peer: 'core-1',
        instructionHash: 'ab'.repeat(32),
      },
    });
    for (const order of [
      ['jti_1', 'jti_forged'],
      ['jti_forged', 'jti_1'],
    ]) {
      const found = await matchIntents(
        db,
        order.map((jti, i) => intent(jti, i + 1)),
      );
      assert.deepEqual(
        found.map(({ reason }) => reason),
        ['intent_without_authorisation'],
      );
    }
  });
});

test("a network's line that names another rail's id is one never issued to it, and hides no line of the other", async () => {
  await withTestDb(async (db) => {
    await db.query(sql`insert into id_registry (id, rail, payment_id, allocated_on, allocated_at)
      values ('B1', 'bifast', 'pay_1', '2025-03-29', ${new Date(NOW)})`);
    const line = {
      lineId: 'L1',
      direction: 'out',
      bizMsgIdr: 'B1',
      amountSen: '5',
      counterpartyBank: 'BNINIDJA',
      connector: '',
      settledAtMs: NOW,
      businessDate: '2025-03-29',
    } as const;
    await insertLines(db, {
      rail: 'biller',
      lines: [{ ...line, lineId: 'biller:L1' }],
      seenAtMs: NOW,
    });
    await insertLines(db, { rail: 'bifast', lines: [line], seenAtMs: NOW + 1 });
    const clock = {
      nowMs: NOW + 60_000,
      journalReadAtMs: NOW + 60_000,
      copyGraceMs: 0,
      journalGraceMs: 0,
      creditGraceMs: 0,
    };
    const run = await matchOpenLines(db, { connectors: [], clock });
    assert.deepEqual(
      run.breaks.map(({ rail, reason }) => [rail, reason]),
      [
        ['biller', 'never_issued'],
        [undefined, 'no_payment'],
      ],
      'the second is judged by itself, and not as settled twice',
    );
    // A credit of BI-FAST is not matched, and a payment of BI-FAST not settled, by a biller's line.
    const entry: JournalEntry = {
      partition: 'gateway-1',
      position: 1,
      atMs: NOW,
      body: {
        kind: 'outcome',
        jti: 'jti_1',
        bizMsgIdr: 'B1',
        answer: { outcome: 'accepted', isFinal: true, code: 'U000' },
        source: 'rail_answer',
      },
    };
    await db.query(sql`delete from settlement_line where rail = 'bifast'`);
    assert.deepEqual(
      (await findMissing(db, [entry])).map(({ reason }) => reason),
      ['no_settlement'],
    );
    await db.query(sql`insert into payment (id, kind, channel, state, previous_state, debit_account, credit_account, debtor_name, creditor_name,
      counterparty_bank, amount_sen, biz_msg_idr, cohort_bucket, made_at, value_date, business_date, changed_at)
      values ('pay_in', 'bifast_in', 'network', 'pending_credit', 'new', 'a', 'b', '', '', 'BNINIDJA', 5, 'C1', 0, ${new Date(NOW)},
        '2025-03-29', '2025-03-29', ${new Date(NOW)})`);
    // A credit that came over the switch is settled by the switch's line.
    const credited: JournalEntry = {
      ...entry,
      body: { kind: 'inbound', bizMsgIdr: 'S1', what: 'credit_settled', notice: {} },
    };
    const cash = { ...line, lineId: 'switch:L3', bizMsgIdr: 'S1', direction: 'in' } as const;
    await insertLines(db, { rail: 'switch', lines: [cash], seenAtMs: NOW });
    assert.deepEqual(await findMissing(db, [credited]), []);
    const incoming = { ...line, lineId: 'biller:L2', bizMsgIdr: 'C1', direction: 'in' } as const;
    await insertLines(db, { rail: 'biller', lines: [incoming], seenAtMs: NOW + 2 });
    const { lines } = await matchOpenLines(db, { connectors: [], clock });
    assert.ok(!lines.some(({ state }) => state === 'matched'));
  });
});

test("a line of the switch names no connector: it matches by payment and intent, both ways, and a stranger's is an orphan of that rail", async () => {
  await withTestDb(async (db) => {
    const at = new Date(NOW);
    for (const [id, kind, biz] of [
      ['pay_1', 'switch_out', 'S1'],
      ['pay_2', 'switch_in', 'S2'],
    ] as const)
      await db.query(sql`insert into payment (id, kind, channel, state, previous_state, debit_account, credit_account, debtor_name,
          creditor_name, counterparty_bank, amount_sen, biz_msg_idr, made_at, value_date, business_date, changed_at)
        values (${id}, ${kind}, 'network', 'settled', 'sending', 'A', 'A', 'a', 'b', 'BNINIDJA', 5, ${biz}, ${at}, '2025-03-29', '2025-03-29', ${at})`);
    await db.query(sql`insert into id_registry (id, rail, payment_id, allocated_on, allocated_at)
      values ('S1', 'switch', 'pay_1', '2025-03-29', ${at})`);
    const intent = JSON.stringify({ kind: 'intent', amountSen: '5', bank: 'BNINIDJA' });
    await db.query(sql`insert into journal_entry (partition, position, kind, at, message_id, body)
      values ('gateway-1', 1, 'intent', ${at}, 'S1', ${intent})`);
    const line = (lineId: string, direction: 'out' | 'in', bizMsgIdr: string) => ({
      lineId: `switch:${lineId}`,
      direction,
      bizMsgIdr,
      amountSen: '5',
      counterpartyBank: 'BNINIDJA',
      connector: '',
      settledAtMs: NOW,
      businessDate: '2025-03-29',
    });
    const lines = [line('1', 'out', 'S1'), line('2', 'in', 'S2'), line('3', 'out', 'S9')];
    await insertLines(db, { rail: 'switch', lines, seenAtMs: NOW });
    const run = await matchOpenLines(db, {
      connectors: ['our own certificate'],
      clock: {
        nowMs: NOW + 60_000,
        journalReadAtMs: NOW + 60_000,
        copyGraceMs: 0,
        journalGraceMs: 0,
        creditGraceMs: 0,
      },
    });
    assert.deepEqual(
      run.lines.map(({ bizMsgIdr, state }) => [bizMsgIdr, state]),
      [
        ['S1', 'matched'],
        ['S2', 'matched'],
        ['S9', 'orphan'],
      ],
    );
    assert.deepEqual(
      run.breaks.map(({ rail, reason }) => [rail, reason]),
      [['switch', 'never_issued']],
    );
  });
});
