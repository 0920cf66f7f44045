import assert from 'node:assert/strict';
import test from 'node:test';
import { databaseChanges, type DatabaseLook } from './database-watch.ts';
import { coldFlow, event, foldAll } from './flow/test-flow.ts';

const count = (rows: number, updated = 0, deleted = 0) => ({
  rows: String(rows),
  updated: String(updated),
  deleted: String(deleted),
});
const look = (change: Partial<DatabaseLook> = {}): DatabaseLook => ({
  counts: { customer: count(10_000), payment: count(500_000), staff: count(5) },
  parts: { triggers: 'a', grants: 'b' },
  migrations: '29',
  ...change,
});
const counts = (change: DatabaseLook['counts']) =>
  look({ counts: { ...look().counts, ...change } });
const changes = (now: DatabaseLook) => databaseChanges(look(), now);

test('databaseChanges() sees any deleted row, a mass of changed ones, and another trigger or right', () => {
  assert.deepEqual(changes(look()), []);
  assert.deepEqual(changes(counts({ payment: count(499_999, 0, 1) })), [
    { what: 'rows', table: 'payment', deleted: '1' },
  ]);
  assert.deepEqual(changes(counts({ customer: count(10_000, 2_000) })), [
    { what: 'rows', table: 'customer', updated: '2000' },
  ]);
  const loose = look({ parts: { triggers: 'x', grants: 'b' } });
  assert.deepEqual(changes(loose), [{ what: 'part', part: 'triggers', migrations: '0' }]);
});

test('databaseChanges() says nothing of a busy Eid: sign-ins of every fifth customer but one, payments that move, statistics that begin anew', () => {
  assert.deepEqual(changes(counts({ customer: count(10_000, 1_999) })), []);
  assert.deepEqual(changes(counts({ payment: count(900_000, 800_000) })), []);
  assert.deepEqual(databaseChanges(counts({ payment: count(9, 9, 9) }), look()), []);
});

test('D32 tells of each at once, and of what an upgrade changed for the record', () => {
  const now = look({
    counts: { ...look().counts, payment: count(0, 0, 7), staff: count(4, 0, 1) },
    parts: { triggers: 'x', grants: 'b' },
  });
  const found = foldAll(
    coldFlow(),
    [...changes(now), { what: 'part', part: 'grants', migrations: '2' }].map((data, at) =>
      event(1_000 + at, 'database.changed', data, data.table ?? data.part),
    ),
  );
  assert.deepEqual(
    found.map(({ code, severity, evidence, act }) => [code, severity, evidence[0], act.kind]),
    [
      ['database_changed', 'P1', 'triggers', 'alert'],
      ['rows_changed', 'P1', 'payment', 'alert'],
      ['rows_changed', 'P1', 'staff', 'alert'],
      ['database_changed', 'P3', 'grants', 'alert'],
    ],
  );
});
