/** Two links to one network, of which one is suddenly half open: the money goes on over the other, and nothing goes twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RailAnswer } from '../../src/rail/contract.ts';
import type { SwitchInstruction } from '../../src/authorisation/form-switch.ts';
import { withSwitch } from './switch-world.ts';

const FROM_BANK = { direction: 'from_bank', flow: 'transfer' } as const;
const EVERY_MS = 100;
const COUNT = 120;
/** Some of them are on their way when it happens. */
const DIES_AT = 40;
const ANSWER_MS = 350;
/** Until nobody hears of the dead link any more: two missed echoes, and a new connection. */
const FOUND_MS = 200_000;
/** Sent before it is noticed that nothing comes back, and those on their way. */
const IN_DOUBT_MAX = Math.ceil((3_500 + ANSWER_MS) / EVERY_MS);

test('T2 T5 T6 T18 one of two links dies half open under load: the rest goes over the other, nothing goes twice, what is in doubt is asked about and never guessed', () =>
  withSwitch(
    async ({ rig, outside, streams, instruction }) => {
      outside.chooser.replace([
        { name: 'usual', match: FROM_BANK, does: { kind: 'late_answer', afterMs: ANSWER_MS } },
      ]);
      const sent: { readonly made: SwitchInstruction; readonly answer: Promise<RailAnswer> }[] = [];
      for (let number = 0; number < COUNT; number++) {
        if (number === DIES_AT)
          streams
            .connections()
            .find(({ target }) => target === 'switch')!
            .blackhole();
        const made = instruction();
        const { jti } = rig.authorise();
        sent.push({
          made,
          answer: rig.rail
            .send({ instruction: made, token: rig.tokenOf(made, { jti }) })
            .then((answer) => answer as RailAnswer),
        });
        await rig.sleep(EVERY_MS);
      }
      const doubtful: SwitchInstruction[] = [];
      for (const { made, answer } of sent) {
        const { outcome } = await answer;
        assert.ok(outcome === 'accepted' || outcome === 'unknown', outcome);
        if (outcome === 'unknown') doubtful.push(made);
      }
      assert.ok(doubtful.length > 0 && doubtful.length <= IN_DOUBT_MAX, String(doubtful.length));
      const booked = new Map(
        [...outside.book.entries()].map(({ stan, state }) => [stan, state] as const),
      );
      assert.equal([...outside.book.entries()].length, booked.size);
      const found = { accepted: 0, unknown: 0 };
      for (const { paymentId, switchId, rrn } of doubtful) {
        const asked = await rig.rail.inquire({
          rail: 'switch',
          paymentId,
          bizMsgIdr: switchId,
          msgId: rrn,
        });
        const isBooked = booked.get(switchId.slice(-6)) === 'approved';
        assert.equal(asked.outcome, isBooked ? 'accepted' : 'unknown');
        found[isBooked ? 'accepted' : 'unknown']++;
        await rig.sleep(EVERY_MS);
      }
      assert.ok(found.accepted > 0 && found.unknown > 0, JSON.stringify(found));
      await rig.sleep(FOUND_MS);
      assert.equal([...outside.book.entries()].length, booked.size, 'nothing came afterwards');
      assert.equal(outside.counters().other['duplicate request'] ?? 0, 0, 'nothing came twice');
      assert.deepEqual(outside.links(), { 'switch-1': true, 'switch-2': true });
    },
    { isTwofold: true },
  ));
