import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { recordEvents } from './record.ts';
import { readEvents, STREAM_START } from './tail.ts';
import { untilVisible } from './test-stream.ts';

const AT_MS = Date.parse('2026-08-01T16:59:59.500Z');
const event = (subject: string, atMs = AT_MS) => ({
  atMs,
  kind: 'test.happened',
  subject,
  data: { amountSen: 5n },
});

test('readEvents() does not skip a transaction that began earlier and commits late (I10)', async () => {
  await withTestDb(async (db) => {
    let release: () => void = () => {};
    let began: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const hasBegun = new Promise<void>((resolve) => (began = resolve));
    const late = db.tx(async (tx) => {
      await recordEvents(tx, [event('late')]);
      began();
      await held;
    });
    await hasBegun;
    let cursor = STREAM_START;
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      const { events, cursor: next } = await readEvents(db, { after: cursor, limit: 100 });
      seen.push(...events.map((one) => one.subject));
      cursor = next;
    };
    try {
      await db.tx((tx) => recordEvents(tx, [event('early')]));
      await read();
    } finally {
      release();
      await late;
    }
    await untilVisible(db);
    await read();
    await read();
    assert.deepEqual(seen, ['late', 'early']);
  });
});

test('readEvents() leaves kinds out, and still goes past them', async () => {
  await withTestDb(async (db) => {
    const told = (subject: string) => ({ ...event(subject), kind: 'test.told' });
    await db.tx((tx) =>
      recordEvents(tx, [event('a'), told('b'), event('c'), event('d'), told('e'), event('f')]),
    );
    await untilVisible(db);
    const pages: string[] = [];
    let after = STREAM_START;
    for (let page = 0; page < 5; page++) {
      const { events, cursor, isFull } = await readEvents(db, {
        after,
        limit: 2,
        without: ['test.happened'],
      });
      pages.push(`${events.map((one) => one.subject).join('')}${isFull ? '+' : ''}`);
      after = cursor;
    }
    assert.deepEqual(pages, ['b+', '+', 'e+', '', '']);
    const last = (await readEvents(db, { limit: 10 })).events.at(-1);
    assert.deepEqual(after, { xid: last!.xid, id: last!.id });
  });
});

test('readEvents() pages on without loss while many writers commit in any order', async () => {
  await withTestDb(async (db) => {
    const count = 60;
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: count }, (_, i) =>
        db.tx(async (tx) => {
          await recordEvents(tx, [event(`a${i}`), event(`b${i}`)]);
          if (i % 3 === 0) await tx.query(sql`select pg_sleep(0.02)`);
        }),
      ),
    ).finally(() => (writing = false));
    const seen: string[] = [];
    let cursor = STREAM_START;
    for (let idle = 0; idle < 2;) {
      if (!writing) {
        await untilVisible(db);
        idle++;
      }
      const { events, cursor: next } = await readEvents(db, { after: cursor, limit: 7 });
      seen.push(...events.map((one) => one.subject));
      cursor = next;
      if (events.length > 0) idle = 0;
    }
    await writers;
    assert.equal(seen.length, 2 * count);
    assert.equal(new Set(seen).size, 2 * count);
    for (let i = 0; i < count; i++)
      assert(
        seen.indexOf(`a${i}`) + 1 === seen.indexOf(`b${i}`),
        'a transaction keeps its own order',
      );
  });
});

test('recordEvents() dates an event by WIB and keeps its instant and data', async () => {
  await withTestDb(async (db) => {
    await db.tx((tx) => recordEvents(tx, [event('before'), event('after', AT_MS + 500)]));
    const rows = await db.query<{ subject: string; on_date: string }>(
      sql`select subject, on_date from event order by id`,
    );
    assert.deepEqual(
      rows.map((row) => row.on_date),
      ['2026-08-01', '2026-08-02'],
    );
    await untilVisible(db);
    const [first] = (await readEvents(db, { limit: 1 })).events;
    assert.equal(first?.atMs, AT_MS);
    assert.deepEqual(first?.data, { amountSen: '5' });
    await recordEvents(db, []);
  });
});
