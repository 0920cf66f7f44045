/** One suite that every rail must pass: duplicate, late, lost, rejected, unknown, crash between commit and send. A rail brings a
 * rig (its RailPort over a network that can be told how to behave); the checks know nothing of the rail's messages. */
import assert from 'node:assert/strict';
import { networkIds, type Instruction } from '../authorisation/instruction.ts';
import type { RailPort } from './contract.ts';

/** What the network does with the next instruction. `lost_request` = it never arrives; `lost_answer` = it is taken, nobody hears;
 * `late` = taken, answered after the caller gave up. */
export type NetworkMood =
  | 'accept'
  | 'settle'
  | 'reject'
  | 'lost_request'
  | 'lost_answer'
  | 'late'
  | 'odd_code'
  | 'forged_reject';

export interface AuthorisedPayment {
  readonly instruction: Instruction;
  readonly token: string;
  readonly jti: string;
}

export interface ConformanceRig {
  readonly rail: RailPort;
  /** A fresh payment as ledger and signer would hand it over. */
  authorise(): AuthorisedPayment;
  /** A new token for the same jti, as after a crash of core. */
  signAgain(payment: AuthorisedPayment): AuthorisedPayment;
  setMood(mood: NetworkMood): void;
  /** How many times the network took an instruction of this id. */
  takenCount(bizMsgIdr: string): number;
  /** Kills the part that talks to the network at a named point of the next send, and starts it again. */
  crashAt(point: string, work: () => Promise<unknown>): Promise<void>;
  /** A network whose approval is its last word: it knows no provisional one. */
  readonly isFinalAtOnce?: true;
}

export interface RailCheck {
  readonly name: string;
  run(rig: ConformanceRig): Promise<void>;
}

/** Named points around the send where a crash must lose nothing and repeat nothing, and whether the network may have it after. */
export const CRASH_POINTS = [
  { point: 'gateway.afterIntent', isTaken: false },
  { point: 'gateway.beforeHub', isTaken: false },
  { point: 'gateway.afterHub', isTaken: true },
  { point: 'gateway.afterOutcome', isTaken: true },
] as const;

/** All checks. */
export const railChecks: readonly RailCheck[] = [
  {
    name: 'accepted is provisional until it is final',
    async run(rig) {
      rig.setMood('accept');
      const accepted = await rig.rail.send(rig.authorise());
      assert.ok(accepted.outcome === 'accepted');
      assert.equal(accepted.isFinal, rig.isFinalAtOnce === true);
      rig.setMood('settle');
      const settled = await rig.rail.send(rig.authorise());
      assert.ok(settled.outcome === 'accepted' && settled.isFinal);
    },
  },
  {
    name: 'rejected releases only with the network code, and is remembered',
    async run(rig) {
      rig.setMood('reject');
      const payment = rig.authorise();
      const answer = await rig.rail.send(payment);
      assert.ok(answer.outcome === 'rejected' && answer.code !== '');
      assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), { known: 'outcome', answer });
    },
  },
  {
    name: 'duplicate: the same payment twice is sent once and answered alike',
    async run(rig) {
      rig.setMood('accept');
      const payment = rig.authorise();
      const [first, second] = await Promise.all([rig.rail.send(payment), rig.rail.send(payment)]);
      assert.deepEqual(second, first);
      assert.deepEqual(await rig.rail.send(rig.signAgain(payment)), first);
      assert.equal(rig.takenCount(idOf(payment)), 1);
    },
  },
  {
    name: 'lost request: unknown, never resent, and the inquiry guesses nothing',
    async run(rig) {
      rig.setMood('lost_request');
      const payment = rig.authorise();
      assert.equal((await rig.rail.send(payment)).outcome, 'unknown');
      rig.setMood('accept');
      assert.equal((await rig.rail.send(rig.signAgain(payment))).outcome, 'unknown');
      assert.equal(rig.takenCount(idOf(payment)), 0);
      assert.equal((await inquire(rig, payment)).outcome, 'unknown');
    },
  },
  {
    name: 'lost answer: unknown, and the inquiry finds it',
    async run(rig) {
      rig.setMood('lost_answer');
      const payment = rig.authorise();
      assert.equal((await rig.rail.send(payment)).outcome, 'unknown');
      rig.setMood('accept');
      assert.equal((await inquire(rig, payment)).outcome, 'accepted');
      const recalled = await rig.rail.recall({ jti: payment.jti });
      assert.ok(recalled.known === 'outcome' && recalled.answer.outcome === 'accepted');
      assert.equal(rig.takenCount(idOf(payment)), 1);
    },
  },
  {
    name: 'late answer: unknown to the caller, sent once',
    async run(rig) {
      rig.setMood('late');
      const payment = rig.authorise();
      assert.equal((await rig.rail.send(payment)).outcome, 'unknown');
      rig.setMood('accept');
      assert.equal((await inquire(rig, payment)).outcome, 'accepted');
      assert.equal(rig.takenCount(idOf(payment)), 1);
    },
  },
  {
    name: 'unknown code and unauthenticated refusal are unknown, never rejected',
    async run(rig) {
      for (const mood of ['odd_code', 'forged_reject'] as const) {
        rig.setMood(mood);
        assert.equal((await rig.rail.send(rig.authorise())).outcome, 'unknown', mood);
      }
    },
  },
  {
    name: 'void: proves not sent, and what is voided can never be sent',
    async run(rig) {
      rig.setMood('accept');
      const { instruction, token, jti } = rig.authorise();
      assert.equal(
        (await rig.rail.void({ jti, paymentId: instruction.paymentId })).outcome,
        'not_sent',
      );
      assert.equal((await rig.rail.send({ instruction, token })).outcome, 'not_sent');
      assert.deepEqual(await rig.rail.recall({ jti }), { known: 'voided' });
      assert.equal(rig.takenCount(networkIds(instruction).bizMsgIdr), 0);
    },
  },
  {
    name: 'void after send: says what became of it, never not_sent',
    async run(rig) {
      rig.setMood('accept');
      const payment = rig.authorise();
      await rig.rail.send(payment);
      const answer = await rig.rail.void({
        jti: payment.jti,
        paymentId: payment.instruction.paymentId,
      });
      assert.equal(answer.outcome, 'accepted');
    },
  },
  {
    name: 'crash between commit and send: recall says never seen, and the same payment can be sent',
    async run(rig) {
      rig.setMood('accept');
      const payment = rig.authorise();
      assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), { known: 'never_seen' });
      assert.equal((await rig.rail.send(rig.signAgain(payment))).outcome, 'accepted');
      assert.equal(rig.takenCount(idOf(payment)), 1);
    },
  },
  ...CRASH_POINTS.map(({ point, isTaken }): RailCheck => ({
    name: `crash at ${point}: never resent, never guessed`,
    async run(rig) {
      rig.setMood('accept');
      const payment = rig.authorise();
      await rig.crashAt(point, () => rig.rail.send(payment));
      const recalled = await rig.rail.recall({ jti: payment.jti });
      assert.equal(recalled.known, point === 'gateway.afterOutcome' ? 'outcome' : 'intent');
      const again = await rig.rail.send(rig.signAgain(payment));
      assert.equal(again.outcome, point === 'gateway.afterOutcome' ? 'accepted' : 'unknown');
      assert.equal(rig.takenCount(idOf(payment)), isTaken ? 1 : 0);
      assert.equal((await inquire(rig, payment)).outcome, isTaken ? 'accepted' : 'unknown');
      assert.notEqual(
        (await rig.rail.void({ jti: payment.jti, paymentId: payment.instruction.paymentId }))
          .outcome,
        'not_sent',
      );
    },
  })),
];

function idOf({ instruction }: AuthorisedPayment): string {
  return networkIds(instruction).bizMsgIdr;
}

function inquire(
  rig: ConformanceRig,
  { instruction }: AuthorisedPayment,
): ReturnType<RailPort['inquire']> {
  const { rail, paymentId } = instruction;
  return rig.rail.inquire({ rail, paymentId, ...networkIds(instruction), instruction });
}
