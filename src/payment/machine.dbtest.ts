/** Random lives of payments against the real ledger: whatever the hub, the gateway, the signer and the statement do, money is
 * conserved, no final state is left, nothing is sent twice, and after the statements everything is definite. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import { BANK, credit, FEE, OPENING, transfer, withBank, type TestBank } from './test-bank.ts';
import type { Behaviour } from './test-rail.ts';
import type { CreditNotice } from '../rail/notice.ts';
import { isFinal, type PaymentState } from './state.ts';

const RUNS = 12;
const STEPS_MAX = 25;
const DAY = 86_400_000;

type Step =
  | {
      readonly kind: 'send';
      readonly behaviour: Behaviour;
      readonly amount: number;
      readonly isOnus: boolean;
    }
  | {
      readonly kind: 'repeat' | 'cancel' | 'notice';
      readonly pick: number;
      readonly word: 'settle' | 'reject' | 'accept';
    }
  | { readonly kind: 'credit' | 'settle_credit' | 'return'; readonly pick: number }
  | {
      readonly kind: 'world';
      readonly inquiry: 'truth' | 'silent' | 'not_reached';
      readonly recall: 'truth' | 'not_reached';
      readonly isSignerUp: boolean;
    }
  | { readonly kind: 'sleep'; readonly ms: number };

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constantFrom<Behaviour>(
    'settle',
    'accept',
    'reject',
    'lose_request',
    'lose_answer',
    'lose_rejection',
    'not_reached',
    'throw',
  ),
  fc
    .constantFrom('expired', 'restricted', 'already_used', 'not_open', 'malformed')
    .map((notSent) => ({ notSent })),
);
const pick = fc.nat(50);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      behaviour,
      amount: fc.integer({ min: 1, max: 400_000 }),
      isOnus: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('repeat', 'cancel', 'notice'),
      pick,
      word: fc.constantFrom('settle', 'reject', 'accept'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('credit', 'settle_credit', 'return'), pick }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('world' as const),
      inquiry: fc.constantFrom('truth', 'silent', 'not_reached'),
      recall: fc.constantFrom('truth', 'not_reached'),
      isSignerUp: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('sleep' as const),
      ms: fc.constantFrom(10, 1_000, 61_000, 600_000, 3_600_000),
    }),
  },
) as fc.Arbitrary<Step>;

/** What one life remembers. */
interface Life {
  readonly sent: { readonly id: string; readonly command: ReturnType<typeof transfer> }[];
  readonly credits: CreditNotice[];
  readonly settledCredits: Set<string>;
  readonly finals: Map<string, PaymentState>;
}

async function live(bank: TestBank, life: Life, one: Step): Promise<void> {
  switch (one.kind) {
    case 'send': {
      bank.rail.onSend = () => one.behaviour;
      const command = transfer({
        amount: rupiah(one.amount),
        creditorBank: one.isOnus ? BANK.bic : 'BNINIDJA',
        creditorAccount: one.isOnus ? '1002' : '9008007006',
      });
      const result = await bank.engine.submit(command);
      if (result.ok) life.sent.push({ id: result.payment.id, command });
      return;
    }
    case 'repeat': {
      const known = life.sent[one.pick % life.sent.length];
      const again = known && (await bank.engine.submit(known.command));
      assert.ok(!again || (again.ok && again.repeated && again.payment.id === known.id));
      return;
    }
    case 'cancel': {
      const known = life.sent[one.pick % life.sent.length];
      if (known) await bank.engine.cancel(known.id);
      return;
    }
    case 'notice':
      return tellTruth(bank, life, one);
    case 'credit': {
      const notice = credit({
        bizMsgIdr: `20260801BNINIDJA010O02${String(one.pick % 8).padStart(8, '0')}`,
      });
      if ((await bank.engine.take(notice)).taken) life.credits.push(notice);
      return;
    }
    case 'settle_credit': {
      const known = life.credits[one.pick % life.credits.length];
      if (!known) return;
      life.settledCredits.add(known.bizMsgIdr);
      await bank.engine.take({
        kind: 'credit_settled',
        rail: 'bifast',
        fromBank: known.fromBank,
        bizMsgIdr: known.bizMsgIdr,
      });
      return;
    }
    case 'return': {
      const entries = [...bank.rail.book].filter(([, entry]) => entry.state === 'settled');
      const [id, entry] = entries[one.pick % entries.length] ?? [];
      if (!id) return;
      const notice = credit({
        trxType: '011',
        relatedEndToEndId: id,
        bizMsgIdr: `20260801BNINIDJA011O99${String(one.pick).padStart(8, '0')}`,
        amountSen: entry!.amountSen,
      });
      if ((await bank.engine.take(notice)).taken) life.credits.push(notice);
      return;
    }
    case 'world': {
      bank.rail.inquiryMode = one.inquiry;
      bank.rail.recallMode = one.recall;
      bank.signer.sign = async (jtis) => {
        if (!one.isSignerUp) throw new Error('connection refused');
        return {
          tokens: Object.fromEntries(jtis.map((jti) => [jti, `token:${jti}`])),
          refused: {},
        };
      };
      return;
    }
    case 'sleep':
      return bank.workUntil(bank.time.now() + one.ms, Math.max(500, one.ms / 10));
  }
}

/** The hub never lies in this test: what it says of a payment is what its book holds, and becomes it. */
async function tellTruth(
  bank: TestBank,
  life: Life,
  one: Extract<Step, { word: string }>,
): Promise<void> {
  const known = life.sent[one.pick % life.sent.length];
  const bizMsgIdr = known && (await bank.engine.find(known.id))!.bizMsgIdr;
  const entry = bizMsgIdr === undefined ? undefined : bank.rail.book.get(bizMsgIdr);
  if (!bizMsgIdr || !entry) return;
  if (entry.state === 'accepted' && one.word !== 'accept')
    entry.state = one.word === 'settle' ? 'settled' : 'rejected';
  const answer =
    entry.state === 'rejected'
      ? ({ outcome: 'rejected', code: 'U101' } as const)
      : ({ outcome: 'accepted', isFinal: entry.state === 'settled', code: 'U000' } as const);
  await bank.engine.take({
    kind: 'outcome',
    rail: 'bifast',
    bizMsgIdr,
    answer,
    source: 'rail_notice',
  });
}

async function checkStep(bank: TestBank, life: Life): Promise<void> {
  const rows = await bank.db.query<{
    id: string;
    state: PaymentState;
    principal_hold: bigint | null;
  }>(sql`select id, state, principal_hold from payment`);
  for (const row of rows) {
    const before = life.finals.get(row.id);
    assert.ok(
      before === undefined || before === row.state,
      `payment left its final state ${before} for ${row.state}`,
    );
    if (isFinal(row.state)) life.finals.set(row.id, row.state);
  }
  assert.ok(
    [...bank.rail.sends.values()].every((count) => count === 1),
    'nothing is sent twice',
  );
}

/** The world heals, every statement comes, and nothing may stay open. */
async function endLife(bank: TestBank, life: Life): Promise<void> {
  bank.rail.inquiryMode = 'truth';
  bank.rail.recallMode = 'truth';
  bank.rail.onSend = () => 'settle';
  bank.signer.sign = async (jtis) => ({
    tokens: Object.fromEntries(jtis.map((jti) => [jti, `token:${jti}`])),
    refused: {},
  });
  await bank.workUntil(bank.time.now() + 20 * 60_000, 5_000);
  for (const entry of bank.rail.book.values())
    if (entry.state === 'accepted') entry.state = 'rejected';
  const startMs = bank.time.now();
  await bank.time.sleep(2 * DAY);
  for (let day = -3; day <= 2; day++) {
    const date = new Date(startMs + day * DAY + 7 * 3_600_000).toISOString().slice(0, 10);
    await bank.engine.take(
      bank.statement(
        date,
        day === 0 ? life.credits.filter((one) => life.settledCredits.has(one.bizMsgIdr)) : [],
      ),
    );
  }
  await bank.workUntil(bank.time.now() + 10 * 60_000, 60_000);
  const open = await bank.db.query(
    sql`select id, state from payment where state in ('withheld', 'held', 'sending', 'accepted', 'unknown', 'review', 'pending_credit')`,
  );
  assert.deepEqual(open, [], 'every payment is definite after its statement (T1)');
  await checkMoneyAgainstHub(bank, life);
}

/** What the customers have is what they had, less what the hub settled with its fee, plus what came in. */
async function checkMoneyAgainstHub(bank: TestBank, life: Life): Promise<void> {
  const settled = [...bank.rail.book.values()].filter((entry) => entry.state === 'settled');
  const out = settled.reduce((sum, entry) => sum + BigInt(entry.amountSen) + FEE, 0n);
  const received = life.credits.filter(
    (one, i) =>
      life.settledCredits.has(one.bizMsgIdr) &&
      life.credits.findIndex((other) => other.bizMsgIdr === one.bizMsgIdr) === i,
  );
  const came = received.reduce((sum, one) => sum + BigInt(one.amountSen), 0n);
  const total = (await bank.available('1001')) + (await bank.available('1002'));
  assert.equal(total, 2n * OPENING - out + came, 'no sen is lost or made');
  const told = await bank.events('payment.settled_after_refund');
  assert.deepEqual(told, [], 'nothing was refunded that the hub had settled');
  await bank.checkMoney();
}

test(
  'any life of payments conserves money, leaves no final state and ends definite',
  { timeout: 300_000 },
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: STEPS_MAX }),
        fc.nat(1_000_000),
        (steps, seed) =>
          withBank(
            async (bank) => {
              const life: Life = {
                sent: [],
                credits: [],
                settledCredits: new Set(),
                finals: new Map(),
              };
              for (const one of steps) {
                await live(bank, life, one);
                await checkStep(bank, life);
              }
              await endLife(bank, life);
              await checkStep(bank, life);
            },
            { seed, days: 30 },
          ),
      ),
      {
        numRuns: Number(process.env['PULIH_RUNS'] ?? RUNS),
        ...(process.env['PULIH_SEED'] !== undefined && { seed: Number(process.env['PULIH_SEED']) }),
      },
    ),
);
