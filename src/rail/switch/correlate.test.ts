import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { IsoMessage } from '../iso8583/spec.ts';
import { answerMti, Correlator, isAnswer, isAnswerTo } from './correlate.ts';
import { approve, bounds, transfer } from './test-network.ts';

const BOUNDS = { ...bounds({ rememberMax: 5 }), rememberMs: 1_000, echoFields: [4] } as const;

test('every request has its answer, repeats the same one, and a notification none', () => {
  const pairs = [
    '0100',
    '0200',
    '0201',
    '0220',
    '0221',
    '0400',
    '0401',
    '0420',
    '0421',
    '0800',
    '0820',
  ].map((mti) => `${mti} ${answerMti(mti)}`);
  assert.deepEqual(pairs, [
    '0100 0110',
    '0200 0210',
    '0201 0210',
    '0220 0230',
    '0221 0230',
    '0400 0410',
    '0401 0410',
    '0420 0430',
    '0421 0430',
    '0800 0810',
    '0820 0830',
  ]);
  for (const mti of ['0240', '0210', '0230', '0430', '0250'])
    assert.equal(answerMti(mti), undefined);
  assert.deepEqual(['0210', '0230', '0410', '0810', '0200', '0420', '0240'].map(isAnswer), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.equal(isAnswerTo(transfer(1), approve(transfer(1))), true);
  assert.equal(isAnswerTo(transfer(1), approve(transfer(2))), false);
});

test('what is remembered is bounded by number and by time', () => {
  let nowMs = 0;
  const table = new Correlator(BOUNDS, () => nowMs);
  const expire = (stan: number): void => {
    const admitted = table.admit({ link: 'a', kind: 'financial', message: transfer(stan) });
    assert.ok(admitted.ok);
    admitted.slot.expire();
  };
  for (let stan = 1; stan <= 7; stan++) expire(stan);
  assert.deepEqual(
    [1, 2, 3, 7].map((stan) => table.match(approve(transfer(stan))).kind),
    ['stray', 'stray', 'late', 'late'],
  );
  nowMs = 1_000;
  assert.equal(table.match(approve(transfer(5))).kind, 'stray');
});

test('whatever comes in whatever order, an answer only ever ends the request with its own ids', async () => {
  const step = fc.record({
    does: fc.constantFrom('ask', 'answer', 'answer', 'expire', 'break', 'wait'),
    stan: fc.integer({ min: 1, max: 6 }),
    link: fc.constantFrom('a', 'b'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      let nowMs = 0;
      const table = new Correlator({ ...BOUNDS, inFlightMax: 3 }, () => nowMs);
      const standing = new Map<number, { readonly link: string; readonly expire: () => void }>();
      const answered: Promise<void>[] = [];
      for (const { does, stan, link } of steps) {
        if (does === 'ask') {
          const message: IsoMessage = transfer(stan);
          const admitted = table.admit({ link, kind: 'financial', message });
          if (!admitted.ok) continue;
          assert.ok(!standing.has(stan), 'no two requests with one key');
          standing.set(stan, { link, expire: admitted.slot.expire });
          answered.push(
            admitted.slot.answer.then((answer) => {
              if (answer) assert.equal(answer.fields[11], message.fields[11]);
            }),
          );
        } else if (does === 'answer') {
          const { kind } = table.match(approve(transfer(stan)));
          assert.equal(kind === 'matched', standing.has(stan));
          standing.delete(stan);
        } else if (does === 'expire') {
          standing.get(stan)?.expire();
          standing.delete(stan);
        } else if (does === 'break') {
          table.breakLink(link);
          for (const [key, one] of standing) if (one.link === link) standing.delete(key);
        } else nowMs += 300;
        assert.equal(table.inFlight(), standing.size);
        assert.ok(table.inFlight('a') <= 3 && table.inFlight('b') <= 3);
      }
      table.breakLink('a');
      table.breakLink('b');
      await Promise.all(answered);
    }),
    { numRuns: 200 },
  );
});
