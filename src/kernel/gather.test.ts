import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather } from './gather.ts';

/** A party that answers a round when it is let. */
function party(limits: { roundsMax: number; countMax: number; waitingMax: number }) {
  const rounds: { asked: readonly number[]; answer: () => void; fail: () => void }[] = [];
  const ask = gather<number, string>({
    ...limits,
    full: () => new Error('full'),
    send: (asked) =>
      new Promise((resolve, reject) => {
        rounds.push({
          asked,
          answer: () => resolve(asked.map(String)),
          fail: () => reject(new Error('cut')),
        });
      }),
  });
  return { ask, rounds };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('gather() sends at once what nobody is before, and together what came meanwhile', async () => {
  const { ask, rounds } = party({ roundsMax: 1, countMax: 3, waitingMax: 10 });
  const first = ask(1);
  await turn();
  const rest = [2, 3, 4, 5].map((one) => ask(one));
  await turn();
  assert.deepEqual(rounds[0]!.asked, [1]);
  rounds[0]!.answer();
  await turn();
  assert.equal(await first, '1');
  assert.deepEqual(rounds[1]!.asked, [2, 3, 4], 'no more than a round takes');
  rounds[1]!.answer();
  await turn();
  rounds[2]!.answer();
  assert.deepEqual(await Promise.all(rest), ['2', '3', '4', '5']);
});

test('gather() tells a fault to the round that had it and to who waits behind it, and to no other round', async () => {
  const { ask, rounds } = party({ roundsMax: 2, countMax: 1, waitingMax: 10 });
  const cut = ask(1);
  await turn();
  const held = ask(2);
  await turn();
  assert.equal(rounds.length, 2, 'a slow round does not hold up the next');
  const behind = ask(3);
  await turn();
  rounds[0]!.fail();
  rounds[1]!.answer();
  await assert.rejects(cut, /cut/);
  await assert.rejects(behind, /cut/);
  assert.equal(await held, '2');
});

test('gather() refuses what would wait behind too many', async () => {
  const { ask } = party({ roundsMax: 1, countMax: 1, waitingMax: 1 });
  void ask(1);
  await turn();
  void ask(2);
  await assert.rejects(ask(3), /full/);
});
