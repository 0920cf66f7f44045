import assert from 'node:assert/strict';
import test from 'node:test';
import { decideStandings, type KnownParticipant } from './participant.ts';

const known: readonly KnownParticipant[] = [
  { bic: 'AAAAIDJA', isOpen: true, changedAtMs: 100 },
  { bic: 'BBBBIDJA', isOpen: false, changedAtMs: 100 },
];
const bank = (bic: string, isOpen: boolean, changedAtMs = 0) => ({ bic, isOpen, changedAtMs });
const list = (madeAtMs: number, ...banks: ReturnType<typeof bank>[]) => ({
  isWhole: true,
  madeAtMs,
  banks,
});
const event = (changedAtMs: number, bic: string, isOpen: boolean) => ({
  isWhole: false,
  madeAtMs: changedAtMs,
  banks: [bank(bic, isOpen, changedAtMs)],
});

test('decideStandings() takes a list as it is, and says who is missing on either side', () => {
  const notice = list(200, bank('AAAAIDJA', false), bank('CCCCIDJA', true));
  assert.deepEqual(decideStandings({ known, notice, listMadeAtMs: 0 }), {
    changed: [{ bic: 'AAAAIDJA', isOpen: false, changedAtMs: 200 }],
    unknown: ['CCCCIDJA'],
    missing: ['BBBBIDJA'],
  });
});

test('decideStandings() lets a newer event outweigh the list, and the list every older event', () => {
  const opened = event(250, 'BBBBIDJA', true);
  const decide = (listMadeAtMs: number) =>
    decideStandings({ known, notice: opened, listMadeAtMs }).changed.length;
  assert.equal(decide(200), 1);
  assert.equal(decide(250), 0, 'the list of that instant has it already');
  assert.equal(decide(300), 0);
  const late = list(99, bank('AAAAIDJA', false), bank('BBBBIDJA', true));
  assert.deepEqual(decideStandings({ known, notice: late, listMadeAtMs: 0 }).changed, []);
});

test('decideStandings() changes nothing by a word that says what is so already, however often it comes', () => {
  const again = event(300, 'BBBBIDJA', false);
  assert.deepEqual(decideStandings({ known, notice: again, listMadeAtMs: 0 }).changed, []);
});
