import assert from 'node:assert/strict';
import test from 'node:test';
import { seededRandom } from '../../kernel/random.ts';
import { openRefusals, type Try } from './refusals.ts';

const START = 1_785_560_400_000;
const tryOf = (at: number, change: Partial<Try> = {}): Try => ({
  source: '203.0.113.7',
  username: `user-${at}`,
  password: `secret-${at}`,
  isRight: false,
  nowMs: START + at * 1_000,
  ...change,
});

test('note() tells how many people one source was refused for, and nothing before ten were', () => {
  const refusals = openRefusals(seededRandom('a'));
  const told = Array.from({ length: 30 }, (_, at) => refusals.note(tryOf(at)));
  assert.deepEqual(
    told.flatMap((one) =>
      one ? [[one.names, one.refused, one.opened, one.samePasswordNames]] : [],
    ),
    [
      [10, 10, 0, 1],
      [20, 20, 0, 1],
      [30, 30, 0, 1],
    ],
  );
  assert.doesNotMatch(JSON.stringify(told), /203\.0|user-|secret-/);
});

test('note() counts one password over many people, from however many sources', () => {
  const refusals = openRefusals(seededRandom('a'));
  const told = Array.from({ length: 20 }, (_, at) =>
    refusals.note(tryOf(at, { source: `198.51.100.${at}`, password: 'Lebaran2026' })),
  );
  assert.deepEqual(told.at(-1), { ...told.at(-1)!, names: 1, samePasswordNames: 20 });
});

test('note() counts what was opened too, forgets after ten minutes, and stays bounded under a flood', () => {
  const refusals = openRefusals(seededRandom('a'));
  for (let at = 0; at < 9; at++) refusals.note(tryOf(at, { isRight: true }));
  for (let at = 0; at < 9; at++) refusals.note(tryOf(at));
  assert.equal(refusals.note(tryOf(20))?.opened, 9);
  assert.equal(refusals.note(tryOf(620)), undefined, 'begun anew');
  const flood = openRefusals(seededRandom('b'));
  for (let at = 0; at < 20_000; at++)
    flood.note(tryOf(0, { source: `s${at}`, username: `u${at}`, password: `p${at}` }));
  assert.equal(flood.note(tryOf(30, { source: 's1' }))?.names, 2);
});
