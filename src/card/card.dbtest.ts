import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import { OPENING } from '../payment/test-bank.ts';
import type { StatementNotice } from '../rail/notice.ts';
import { CARD_MOVES } from './port.ts';
import {
  atOurs,
  cash,
  codeOf,
  idOf,
  OTHER_PAN,
  PAN,
  reversal,
  withCards,
  type TestCards,
} from './test-card.ts';

const FEE = rupiah(7_500);
const DRAWN = rupiah(100_000) + FEE;

async function rowsOf(bank: TestCards, kind = 'card_withdrawal') {
  return bank.db.query<{ id: string; state: string; outcome_code: string }>(
    sql`select id, state, outcome_code from payment where kind = ${kind} order by made_at, id`,
  );
}

async function tries(bank: TestCards): Promise<number> {
  const rows = await bank.db.query<{ pin_tries: number }>(
    sql`select pin_tries from card where id = 'crd_1'`,
  );
  return rows[0]!.pin_tries;
}

function statement(bank: TestCards, numbers: readonly number[]): StatementNotice {
  return {
    kind: 'statement',
    rail: 'switch',
    businessDate: '2026-08-01',
    lines: numbers.map((n) => ({
      lineId: `20260801.${n}`,
      direction: 'in',
      bizMsgIdr: idOf(n),
      amountSen: String(rupiah(100_000)),
      counterpartyBank: 'CENAIDJA',
      connector: '',
      settledAtMs: bank.time.now(),
      businessDate: '2026-08-01',
    })),
  };
}

test('an approval holds amount and fee, tells the customer, shows the balance; T6 the same request again, at once and by another process, holds once', () =>
  withCards(async (bank) => {
    const request = cash(bank, 1);
    const other = bank.anotherCards();
    const answers = await Promise.all([
      bank.cards.take(request),
      other.take(request),
      bank.cards.take(request),
    ]);
    const [first] = answers;
    assert.ok(first.taken && first.approved);
    assert.match(first.approvalCode, /^\d{6}$/);
    assert.equal(first.availableSen, String(OPENING - DRAWN));
    for (const answer of answers) assert.deepEqual(answer, first);
    assert.equal(await bank.available('1001'), OPENING - DRAWN);
    assert.deepEqual(await bank.messages('C1'), ['card.withdrawn']);
    assert.equal((await bank.events('payment.accepted')).length, 1);
    assert.equal(codeOf(await bank.cards.take(cash(bank, 1, { amountSen: '5000000' }))), '94');
    assert.equal(await bank.available('1001'), OPENING - DRAWN);
    assert.equal(await tries(bank), 0);
    await bank.checkMoney();
  }));

test('every refusal has its code, moves nothing, and is repeated as it was', () =>
  withCards(
    async (bank) => {
      const set = (text: string) => bank.db.script(text);
      let n = 100;
      const refused = async (
        code: string,
        more: Parameters<typeof cash>[2] = {},
        undo?: () => Promise<unknown>,
      ): Promise<void> => {
        const request = cash(bank, ++n, more);
        assert.equal(codeOf(await bank.cards.take(request)), code);
        await undo?.();
        assert.equal(codeOf(await bank.cards.take(request)), code, `${code} again`);
      };
      await refused('14', { card: { pan: '6399990000000000' } });
      await refused('14', { card: { expiry: '3011' } });
      await refused('61', { amountSen: String(rupiah(2_500_001)) });
      assert.equal(await tries(bank), 0, 'a right PIN counts as none, approved or not');
      const late = cash(bank, ++n, { deadlineMs: bank.time.now() });
      assert.deepEqual(await bank.cards.take(late), { taken: true }, 'too late to say anything');
      await refused('55', { card: { pinBlock: '000000' } });
      await refused('51', { amountSen: String(OPENING) });
      assert.equal(await tries(bank), 0, 'a right PIN was forgiven the wrong one');
      await set("update account set state = 'frozen' where number = '1001'");
      await refused('62', {}, () => set("update account set state = 'open' where number = '1001'"));
      bank.gate.decide = () => ({ kind: 'stop', restriction: {} as never });
      await refused('57', {}, async () => (bank.gate.decide = () => ({ kind: 'allow' })));
      bank.hsm.mode = 'silent';
      await refused('96', {}, async () => (bank.hsm.mode = 'truth'));
      bank.hsm.mode = 'rate_limited';
      await refused('75', {}, async () => (bank.hsm.mode = 'truth'));
      assert.equal(await tries(bank), 0, 'what the HSM did not answer is no guess');
      await set("update card set expiry = '2607' where id = 'crd_1'");
      await refused('54', { card: { expiry: '2607' } });
      for (const [reason, code] of [
        ['blocked', '62'],
        ['lost', '41'],
      ] as const) {
        await bank.cards.block({ customerId: 'C1', cardId: 'crd_1', reason });
        await refused(code, { card: { expiry: '2607' } });
      }
      await bank.cards.block({ customerId: 'C2', cardId: 'crd_2', reason: 'stolen' });
      await refused('43', { card: { pan: OTHER_PAN } });
      assert.equal(await bank.available('1001'), OPENING);
      assert.deepEqual(
        (await bank.messages('C1')).filter((one) => one !== 'card.blocked'),
        ['card.restricted'],
      );
      await bank.checkMoney();
    },
    { settings: { cardWithdrawalCapSen: rupiah(2_500_000) } },
  ));

test('a day of a card ends at its amount (61) and at its count (65), counted under the lock', () =>
  withCards(
    async (bank) => {
      const answers = await Promise.all([1, 2, 3].map((n) => bank.cards.take(cash(bank, n))));
      assert.deepEqual(answers.map(codeOf).toSorted(), ['00', '00', '61']);
      await bank.cards.take(reversal(answers.findIndex((one) => codeOf(one) === '00') + 1));
      assert.equal(codeOf(await bank.cards.take(cash(bank, 5))), '00', 'what went back is free');
      await bank.cards.take(reversal(5, { keptSen: String(rupiah(50_000)) }));
      assert.equal(
        codeOf(await bank.cards.take(cash(bank, 7))),
        '61',
        'what came out in part is not',
      );
      await bank.db.script('update card set daily_count_max = 2, daily_sen_max = 100000000');
      assert.equal(codeOf(await bank.cards.take(cash(bank, 6))), '65');
      await bank.checkMoney();
    },
    { settings: { cardDailySen: rupiah(250_000) } },
  ));

test('however many guess at once, the HSM hears three; then even the right PIN is 75, and the owner is told', () =>
  withCards(async (bank) => {
    const other = bank.anotherCards();
    const guesses = Array.from({ length: 12 }, (_, n) =>
      (n % 2 === 0 ? bank.cards : other).take(
        cash(bank, n + 1, { card: { pinBlock: `00000${n % 10}` } }),
      ),
    );
    const codes = (await Promise.all(guesses)).map(codeOf);
    assert.equal(bank.hsm.calls, 3);
    assert.equal(codes.filter((code) => code === '55').length, 2);
    assert.equal(codes.filter((code) => code === '75').length, 10);
    assert.equal(codeOf(await bank.cards.take(cash(bank, 99))), '75');
    assert.equal(bank.hsm.calls, 3);
    assert.deepEqual(await bank.messages('C1'), ['card.pin_locked']);
    assert.equal((await bank.events('card.pin_locked')).length, 1);
    await bank.checkMoney();
  }));

test('T4 two copies of one request at once get one answer, whichever is decided first', () =>
  withCards(async (bank) => {
    const other = bank.anotherCards();
    for (let n = 1; n <= 6; n++) {
      const wrong = cash(bank, n, { card: { pinBlock: '000000' } });
      const pair = [bank.cards.take(cash(bank, n)), other.take(wrong)];
      const [one, two] = (await Promise.all(n % 2 ? pair : pair.toReversed())).map(codeOf);
      assert.equal(one, two);
    }
    await bank.checkMoney();
  }));

test('T7 a reversal pays back once, amount and fee, however often and at how many processes it comes; T6 its request is not approved again', () =>
  withCards(async (bank) => {
    await bank.cards.take(cash(bank, 1));
    const other = bank.anotherCards();
    const codes = await Promise.all(
      [bank.cards, other, bank.cards, other].map((cards) => cards.take(reversal(1))),
    );
    for (const code of codes) assert.deepEqual(code, { taken: true });
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal(codeOf(await bank.cards.take(cash(bank, 1))), '12');
    assert.equal(await bank.available('1001'), OPENING);
    assert.deepEqual((await bank.messages('C1')).toSorted(), ['card.returned', 'card.withdrawn']);
    await bank.checkMoney();
  }));

test('T7 a partial reversal (DE95) keeps what came out and the fee; another one under the same original is a contradiction', () =>
  withCards(async (bank) => {
    await bank.cards.take(cash(bank, 1));
    const part = reversal(1, { keptSen: String(rupiah(50_000)) });
    assert.deepEqual(await bank.cards.take(part), { taken: true });
    assert.equal(await bank.available('1001'), OPENING - rupiah(50_000) - FEE);
    assert.deepEqual(await bank.cards.take(part), { taken: true });
    assert.deepEqual(await bank.cards.take(reversal(1)), { taken: false, code: '94' });
    assert.deepEqual(await bank.cards.take(reversal(1, { amountSen: '1' })), {
      taken: false,
      code: '13',
    });
    assert.equal(await bank.available('1001'), OPENING - rupiah(50_000) - FEE);
    assert.equal((await bank.events('payment.outcome_contradicted')).length, 2);
    await bank.engine.take(statement(bank, [1]));
    assert.equal(await bank.available('1001'), OPENING - rupiah(50_000) - FEE);
    await bank.checkMoney();
  }));

test('T5 a reversal that comes before its request is remembered: the request is refused whenever it comes', () =>
  withCards(async (bank) => {
    assert.deepEqual(await bank.cards.take(reversal(1)), { taken: true });
    assert.deepEqual(await bank.cards.take(reversal(1)), { taken: true });
    assert.equal(codeOf(await bank.cards.take(cash(bank, 1))), '12');
    await bank.time.sleep(23 * 3_600_000);
    assert.equal(codeOf(await bank.cards.take(cash(bank, 1))), '12');
    assert.equal((await bank.events('card.reversed_unseen')).length, 1);
    assert.equal(await bank.available('1001'), OPENING);
    await bank.checkMoney();
  }));

test('T5 an approval that is ready only after its deadline is not said, and stands until who asked takes it back', () =>
  withCards(async (bank) => {
    const deadlineMs = bank.time.now() + 10;
    assert.deepEqual(await bank.cards.take(cash(bank, 1, { deadlineMs })), { taken: true });
    assert.deepEqual(await bank.cards.take(cash(bank, 1, { deadlineMs })), { taken: true });
    assert.equal(await bank.available('1001'), OPENING - DRAWN);
    assert.deepEqual(await bank.cards.take(reversal(1)), { taken: true });
    assert.equal(await bank.available('1001'), OPENING);
    await bank.checkMoney();
  }));

test('T2 cash waits for the statement, whatever the clock says: it captures what it names and gives back what it does not', () =>
  withCards(
    async (bank) => {
      for (const n of [1, 2, 3]) await bank.cards.take(cash(bank, n));
      await bank.cards.take(reversal(3));
      const named = { kind: 'credit_settled', rail: 'switch', fromBank: 'CENAIDJA' } as const;
      const said = await bank.engine.take({ ...named, bizMsgIdr: idOf(2) });
      assert.deepEqual(said, { taken: true });
      await bank.workUntil(bank.time.now() + 10 * 3_600_000, 1_800_000);
      assert.deepEqual(
        (await rowsOf(bank)).map((row) => row.state),
        ['accepted', 'accepted', 'refunded'],
      );
      await bank.engine.take(statement(bank, [1]));
      await bank.workUntil(bank.time.now() + 2 * 3_600_000, 600_000);
      assert.deepEqual(
        (await rowsOf(bank)).map((row) => row.state),
        ['settled', 'refunded', 'refunded'],
      );
      assert.equal(await bank.available('1001'), OPENING - DRAWN);
      await bank.checkMoney();
    },
    { days: 4 },
  ));

test('T7 a reversal after the settlement goes back as a payment of its own, once', () =>
  withCards(async (bank) => {
    await bank.cards.take(cash(bank, 1));
    await bank.engine.take(statement(bank, [1]));
    assert.equal((await rowsOf(bank))[0]!.state, 'settled');
    const other = bank.anotherCards();
    await Promise.all([bank.cards.take(reversal(1)), other.take(reversal(1))]);
    assert.deepEqual(await bank.cards.take(reversal(1)), { taken: true });
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal((await rowsOf(bank, 'card_return')).length, 1);
    assert.deepEqual((await bank.messages('C1')).toSorted(), ['card.returned', 'card.withdrawn']);
    await bank.checkMoney();
  }));

test('a question about the balance costs its fee once, and nothing at our own machine', () =>
  withCards(async (bank) => {
    const ask = cash(bank, 1, { what: 'balance', amountSen: '0' });
    for (let again = 0; again < 2; again++) {
      const answer = await bank.cards.take(ask);
      assert.ok(answer.taken && answer.approved);
      assert.equal(answer.availableSen, String(OPENING - rupiah(4_000)));
    }
    const ours = atOurs(bank, 2, { what: 'balance', amountSen: '0' });
    assert.equal(codeOf(await bank.cards.take(ours)), '00');
    assert.equal(await bank.available('1001'), OPENING - rupiah(4_000));
    await bank.checkMoney();
  }));

test('a block is at once, for good, and by the owner alone; SQL itself has no way back', () =>
  withCards(async (bank) => {
    assert.equal(
      await bank.cards.block({ customerId: 'C2', cardId: 'crd_1', reason: 'lost' }),
      undefined,
    );
    const block = { customerId: 'C1', cardId: 'crd_1', reason: 'blocked' } as const;
    assert.equal((await bank.cards.block(block))!.state, 'blocked');
    assert.equal((await bank.cards.block(block))!.state, 'blocked');
    assert.equal((await bank.events('card.blocked')).length, 1);
    await assert.rejects(
      bank.db.script("update card set previous_state = state, state = 'active' where id = 'crd_1'"),
    );
    const moves = await bank.db.query<{ from_state: string; to_state: string }>(
      sql`select from_state, to_state from card_move order by 1, 2`,
    );
    const inCode = Object.entries(CARD_MOVES).flatMap(([from, tos]) =>
      tos.map((to) => `${from}>${to}`),
    );
    assert.deepEqual(
      moves.map((move) => `${move.from_state}>${move.to_state}`).toSorted(),
      inCode.toSorted(),
    );
  }));

test('I11 no card number and no PIN is in the database or in the log', () =>
  withCards(async (bank) => {
    await bank.cards.take(cash(bank, 1));
    await bank.cards.take(cash(bank, 2, { card: { pinBlock: '987654' } }));
    await bank.cards.take(reversal(1));
    bank.hsm.mode = 'silent';
    await bank.cards.take(cash(bank, 3));
    const tables = await bank.db.query<{ name: string }>(
      sql`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'`,
    );
    for (const { name } of tables) {
      const text = JSON.stringify(
        await bank.db.query({
          name: `all_${name}`,
          text: `select t::text from "${name}" t`,
          values: [],
        }),
      );
      assert.ok(!text.includes(PAN) && !text.includes('987654'), name);
    }
    assert.ok(bank.hsm.seen.includes(PAN));
    assert.ok(!bank.logged.join('\n').includes(PAN));
  }));

/** What may happen to two requests of Rp100.000 each, in any order, any number of times, at once or one after the other. */
const STEP = fc.record({
  n: fc.constantFrom(1, 2),
  what: fc.constantFrom('request', 'reversal', 'part', 'settled'),
  waits: fc.boolean(),
  process: fc.constantFrom(0, 1),
});

test('T7 T6 any order of requests, reversals, repeats and settlement keeps all money, and no withdrawal is paid back twice', () =>
  withCards(async (bank) => {
    const services = [bank.cards, bank.anotherCards()];
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 2, maxLength: 10 }), async (steps) => {
        const base = ++run * 10;
        const before = await bank.available('1001');
        const approved = new Set<number>();
        let pending: Promise<unknown>[] = [];
        for (const step of steps) {
          const cards = services[step.process]!;
          const n = base + step.n;
          const act = async (): Promise<void> => {
            if (step.what === 'request') {
              if (codeOf(await cards.take(cash(bank, n))) === '00') approved.add(n);
            } else if (step.what === 'settled') await bank.engine.take(statement(bank, [n]));
            else
              await cards.take(
                reversal(n, step.what === 'part' ? { keptSen: String(rupiah(50_000)) } : {}),
              );
          };
          pending.push(act());
          if (step.waits) {
            await Promise.all(pending);
            pending = [];
          }
        }
        await Promise.all(pending);
        const spent = before - (await bank.available('1001'));
        const possible = [0n, DRAWN, rupiah(50_000) + FEE];
        const sums = possible.flatMap((one) => possible.map((other) => one + other));
        assert.ok(sums.includes(spent), `spent ${spent}`);
        if (approved.size === 0) assert.equal(spent, 0n);
        // Whatever else came, in the end each can be taken back, and then nothing is gone and nothing is won.
        for (const n of approved) await services[0]!.take(reversal(n));
        assert.ok(before - (await bank.available('1001')) >= 0n);
        await bank.db.script('update ledger_counter set amount_sen = 0, count = 0');
        await bank.checkMoney();
      }),
      { numRuns: 25 },
    );
  }));
