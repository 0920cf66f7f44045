import assert from 'node:assert/strict';
import test from 'node:test';
import type { Db } from '../db/pool.ts';
import type { Sql } from '../db/sql.ts';
import { wallTime } from '../kernel/time.ts';
import { openFacts } from './facts.ts';

/** A database whose answers wait until the test lets them go; it knows every account that begins with 1. */
function slowDb() {
  const asked: { readonly numbers: readonly string[]; readonly answer: (fault?: Error) => void }[] =
    [];
  const query = (statement: Sql): Promise<unknown[]> =>
    new Promise((resolve, reject) => {
      // In PostgreSQL's binary form, none of whose other bytes is a digit here.
      const numbers = String(statement.values[0]).match(/\d+/g) ?? [];
      const rows = numbers
        .filter((number) => number.startsWith('1'))
        .map((number) => ({ number, name: `of ${number}`, account_type: 'SVGS', state: 'open' }));
      asked.push({ numbers, answer: (fault) => (fault ? reject(fault) : resolve(rows)) });
    });
  // Only `query` is used here.
  return { asked, db: { query } as unknown as Db };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('openFacts() reads the accounts of all who ask meanwhile in one statement, each after it was asked for', async () => {
  const { asked, db } = slowDb();
  const facts = openFacts(db, wallTime());
  const first = facts.accounts(['11', '12']);
  await settle();
  const others = [
    facts.accounts(['12', '13']),
    facts.accounts(['99', '14']),
    facts.accounts(['14']),
  ];
  await settle();
  assert.deepEqual(
    asked.map(({ numbers }) => [...numbers]),
    [['11', '12']],
  );
  asked[0]!.answer();
  assert.deepEqual(
    (await first).map((one) => one?.name),
    ['of 11', 'of 12'],
  );
  await settle();
  assert.deepEqual([...asked[1]!.numbers], ['12', '13', '99', '14']);
  asked[1]!.answer();
  const names = (await Promise.all(others)).map((row) => row.map((one) => one?.name));
  assert.deepEqual(names, [['of 12', 'of 13'], [undefined, 'of 14'], ['of 14']]);
  assert.deepEqual(
    (await facts.accounts(['11', '14'])).map((one) => one?.number),
    ['11', '14'],
  );
  assert.equal(asked.length, 2);
});

test('openFacts() goes on after a read that failed', async () => {
  const { asked, db } = slowDb();
  const facts = openFacts(db, wallTime());
  const failed = facts.accounts(['11']);
  await settle();
  const next = facts.accounts(['11']);
  asked[0]!.answer(new Error('gone'));
  await assert.rejects(failed, /gone/);
  await settle();
  asked[1]!.answer();
  assert.equal((await next)[0]?.number, '11');
});
