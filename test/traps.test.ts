/** Each mistake that others made and that would cost a customer here has a test whose title quotes its number. A title that is
 * gone is a guard that is gone: this test names it. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');

/** What was seen to go wrong in payment systems, controls and status pages of others. */
const TRAPS: Readonly<Record<string, string>> = {
  T1: 'a workflow ends on a state that is not final',
  T2: 'pending is turned into failed by a retry counter',
  T3: 'the payer is not told because notices to the payee are off',
  T4: 'one outcome has two error codes',
  T5: 'a timeout does not release what it should, or releases what it must not',
  T6: 'a retry posts twice',
  T7: 'two reversals under two keys both pay back',
  T8: 'holds are not counted in the available balance',
  T9: 'a hold that was rejected can still be committed',
  T10: 'a block that a person placed is lifted by an old timer',
  T11: 'a breaker stays open, or half open, for want of traffic',
  T12: 'a block is lost at a restart, or differs per process',
  T13: 'everything is blocked, so traffic is sent anyway',
  T14: 'a failed check does not stop the ramp',
  T15: 'the status page says something else than the controls, or tells nobody',
  T16: 'the protection itself fails, and failing open hides it',
  T17: 'the chain of the audit serialises the ledger',
  T18: 'inquiries take the rail down',
  T19: 'a rule or plan cannot go live and does not say why',
  T20: 'one click closes everything',
};
/** Those that the first rail can fall into. The others get their tests with the part of the flow that can. */
const GUARDED = [
  'T1',
  'T2',
  'T3',
  'T4',
  'T5',
  'T6',
  'T7',
  'T8',
  'T9',
  'T10',
  'T11',
  'T12',
  'T13',
  'T14',
  'T16',
  'T17',
  'T18',
  'T19',
  'T20',
] as const;

interface Titled {
  readonly file: string;
  readonly title: string;
}

const TITLE = /\b(?:test|it)(\.\w+)?\(\s*(['"`])((?:\\.|(?!\2)[^\\])*)\2/g;

/** The titles of all tests; one that is skipped or to be done guards nothing. */
function titles(): readonly Titled[] {
  return globSync('{src,sim,web,test}/**/*.{test,dbtest}.ts', { cwd: ROOT })
    .filter((file) => !file.includes('node_modules'))
    .toSorted()
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)]
        .filter((match) => match[1] === undefined)
        .map((match) => ({ file, title: match[3]! })),
    );
}

function trapsIn(title: string): readonly string[] {
  return [...title.matchAll(/\bT(\d{1,2})\b/g)].map((match) => match[0]);
}

test('every trap that this rail can fall into has a test that names it', () => {
  const named = new Set(titles().flatMap(({ title }) => trapsIn(title)));
  assert.deepEqual(
    GUARDED.filter((trap) => !named.has(trap)).map((trap) => `${trap}: ${TRAPS[trap]}`),
    [],
  );
});

test('no test names a trap that does not exist', () => {
  const wrong = titles().filter(({ title }) => trapsIn(title).some((trap) => !TRAPS[trap]));
  assert.deepEqual(wrong, []);
});
