import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, event, foldAll, saidBy } from '../flow/test-flow.ts';

const FROM = Date.parse('2025-03-30T20:00:00+07:00');
const counted = (data: Readonly<Record<string, unknown>>) =>
  event(
    FROM,
    'session.refusals',
    { source: 'k1', names: 1, refused: 1, opened: 0, samePasswordNames: 1, ...data },
    'sign-in',
  );
const said = (data: Readonly<Record<string, unknown>>) =>
  saidBy('D31', foldAll(coldFlow(), [counted(data)]));

test('D31 tells of twenty people who fail from one source, and of one password on fifteen people from anywhere', () => {
  assert.deepEqual(said({ names: 20, refused: 25, opened: 1 }), ['D31 alert']);
  assert.deepEqual(said({ names: 19, refused: 90 }), []);
  assert.deepEqual(said({ samePasswordNames: 15 }), ['D31 alert']);
  assert.deepEqual(said({ samePasswordNames: 14 }), []);
});

test('D31 says nothing of a busy Eid behind one address, where hundreds sign in and one in ten mistypes', () => {
  assert.deepEqual(said({ names: 120, refused: 150, opened: 1_300 }), []);
});

test('D31 takes no word that is no number', () => {
  assert.deepEqual(said({ names: '99', refused: Number.NaN, samePasswordNames: null }), []);
});
