import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decideNotice, NOTICE_RETRY } from './decide.ts';
import type { NoticeReply } from './port.ts';

const answer = (status: number, code: unknown): NoticeReply => ({
  kind: 'answer',
  status,
  body: Buffer.from(JSON.stringify({ responseCode: code })),
});
const decide = (reply: NoticeReply, attempt = 1, ageMs = 0, chance = 0.5) =>
  decideNotice({ reply, service: '17', attempt, askedAtMs: 0, nowMs: ageMs, chance });

test('decideNotice() takes only the right yes, or a conflict on the same X-EXTERNAL-ID, as delivered', () => {
  assert.equal(decide(answer(200, '2001700')).kind, 'delivered');
  assert.equal(decide(answer(409, '4091700')).kind, 'delivered');
  for (const reply of [
    answer(200, '2001800'),
    answer(200, '5001700'),
    answer(202, '2001700'),
    answer(302, '2001700'),
    answer(409, '4091701'),
    answer(500, '5001700'),
    { kind: 'answer', status: 200, body: Buffer.from('<html>') },
    { kind: 'answer', status: 200, body: Buffer.from('null') },
    { kind: 'no_answer' },
    { kind: 'not_sent' },
    { kind: 'refused_address' },
  ] as const)
    assert.equal(decide(reply).kind, 'retry', JSON.stringify(reply));
});

test('decideNotice() writes of an answer only its status and digits', () => {
  const { answer: said } = decide(answer(500, 'rekening 1990000001'));
  assert.equal(said, '500 none');
});

test('T1 a notice always ends: delivered, or with a person after 24 hours or 40 attempts, and its pauses are bounded', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 100, maxLength: 100 }),
      (chances) => {
        let nowMs = 0;
        for (const [i, chance] of chances.entries()) {
          const step = decide({ kind: 'no_answer' }, i + 1, nowMs, chance);
          if (step.kind === 'stuck') {
            assert.ok(nowMs <= NOTICE_RETRY.ageMsMax);
            assert.ok(nowMs > NOTICE_RETRY.ageMsMax / 2, 'not given up early');
            return;
          }
          assert.equal(step.kind, 'retry');
          if (step.kind !== 'retry') return;
          const pauseMs = step.dueAtMs - nowMs;
          assert.ok(pauseMs >= 3_750 && pauseMs <= NOTICE_RETRY.longestMs * 1.25);
          nowMs = step.dueAtMs;
        }
        assert.fail('never ended');
      },
    ),
    { numRuns: 200 },
  );
});
