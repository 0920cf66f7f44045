import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DbFault, type Db } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { silentLog } from '../../kernel/log.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import {
  openRequestLog,
  readRequests,
  type LoggedRequest,
  type RequestEntry,
  type RequestLog,
} from './request-log.ts';
import { body, INTRABANK } from './test-transfer.ts';
import { ACCOUNT, NOON_MS, withSnap } from './test-world.ts';

const MINUTE_MS = 60_000;

async function read(db: Db, partnerId = 'partner-a'): Promise<readonly LoggedRequest[]> {
  const all: LoggedRequest[] = [];
  const span = { fromMs: NOON_MS - MINUTE_MS, toMs: NOON_MS + 48 * 60 * MINUTE_MS };
  for await (const one of readRequests(db, { partnerId, ...span })) all.push(one);
  return all;
}

test('the log keeps each request with its answer, key and address, and no account, name, token or signature', () =>
  withSnap(async (world) => {
    const { partner, requestLog, db } = world;
    const asked = body({ partnerReferenceNo: 'ref-log', remark: 'sewa SITI' });
    await partner.call(INTRABANK, asked, { externalId: '7001' });
    await partner.call(INTRABANK, undefined, {
      text: '{"remark":"sewa',
      signedText: '{"remark":"sewa',
      externalId: '7002',
    });
    await partner.call(INTRABANK, asked, {
      externalId: '7003',
      headers: { 'x-signature': 'AAAA' },
      address: '203.0.113.9',
    });
    await requestLog.stop();
    const all = await read(db);
    const keys = await db.query<{ id: string; kind: string }>(
      sql`select id, kind from partner_key where partner_id = 'partner-a'`,
    );
    const [token, paid, broken, forged] = all;
    assert.equal(all.length, 4);
    assert.deepEqual(
      [token!.service, token!.code, token!.isAuthenticated],
      ['73', '2007300', true],
    );
    assert.equal(token!.key, keys.find(({ kind }) => kind === 'public')!.id);
    assert.equal(paid!.key, keys.find(({ kind }) => kind === 'secret')!.id);
    assert.deepEqual(
      [paid!.code, paid!.externalId, paid!.address],
      ['2001700', '7001', '127.0.0.1'],
    );
    const request = paid!.request as Record<string, unknown>;
    assert.equal(request['partnerReferenceNo'], 'ref-log');
    assert.equal(request['beneficiaryAccountNo'], `***${ACCOUNT.payee.slice(-4)}`);
    assert.equal(request['remark'], '***');
    assert.deepEqual([broken!.code, broken!.request], ['4001700', { bytes: 15 }]);
    assert.deepEqual(
      [forged!.code, forged!.isAuthenticated, forged!.address],
      ['4011700', false, '203.0.113.9'],
    );
    assert.equal(forged!.request, undefined);
    const text = JSON.stringify(all);
    assert.doesNotMatch(
      text,
      new RegExp(`${ACCOUNT.payer}|${ACCOUNT.payee}|SITI|AAAA|sewa|[A-Za-z0-9_-]{43}`),
    );
    await assert.rejects(db.query(sql`delete from partner_request`), /append-only/);
    await assert.rejects(db.query(sql`update partner_request set body = ''`), /append-only/);
  }));

const entry = (atMs: number, over: Partial<RequestEntry> = {}): RequestEntry => ({
  atMs,
  service: '17',
  partnerId: 'partner-a',
  isAuthenticated: true,
  externalId: String(atMs),
  keyId: 'pkey_1',
  address: '198.51.100.7',
  code: '2001700',
  ms: 1,
  request: Buffer.from('{}'),
  answer: '{}',
  ...over,
});

/** A log whose database can be away and whose waits take no time. */
async function withLog(
  work: (input: {
    readonly log: RequestLog;
    readonly db: Db;
    readonly fault: { isDown: boolean };
    settled(): Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const wall = wallTime();
  const time: Time = { ...wall, now: () => NOON_MS, sleep: () => wall.sleep(1) };
  await withTestDb(async (db) => {
    const fault = { isDown: false };
    const check = (): void => {
      if (fault.isDown) throw new DbFault('Cannot reach database', { cause: undefined });
    };
    const breakable: Db = {
      ...db,
      query: async (statement) => (check(), db.query(statement)),
      tx: async (run) => (check(), db.tx(run)),
    };
    const log = openRequestLog({ db: breakable, time, random: systemRandom(), log: silentLog });
    const settled = async (): Promise<void> => {
      while (log.counts().waiting > 0) await wall.sleep(1);
    };
    await work({ log, db, fault, settled });
    await log.stop();
  });
}

test('a log that cannot write keeps what waits, loses the newest past its bound, and tells how many and when', () =>
  withLog(async ({ log, db, fault, settled }) => {
    fault.isDown = true;
    const request = Buffer.from(JSON.stringify({ remark: 'x'.repeat(32_000) }));
    let i = 0;
    while (log.counts().lost < 3) log.tell(entry(NOON_MS + i++, { request }));
    const kept = log.counts().waiting;
    assert.ok(kept > 1_900 && kept < 2_200, `${kept} of 32 KB wait`);
    fault.isDown = false;
    await settled();
    await log.stop();
    assert.equal((await read(db)).length, kept);
    const [event, ...more] = await db.query<{ data: string }>(
      sql`select data from event where kind = 'partner.log_lost'`,
    );
    assert.deepEqual(JSON.parse(event!.data), {
      count: 3,
      fromMs: NOON_MS + kept,
      untilMs: NOON_MS + kept + 2,
    });
    assert.deepEqual(more, []);
  }));

test('a partner that fills bodies and answers with numbers makes no segment too large to read', () =>
  withLog(async ({ log, db, settled }) => {
    const numbers = `{"additionalInfo":{"x":[${'1,'.repeat(16_000)}1]}}`;
    for (let i = 0; i < 60; i++)
      log.tell(entry(NOON_MS + i, { request: Buffer.from(numbers), answer: numbers }));
    await settled();
    assert.equal((await read(db)).length, 60);
    const [row] = await db.query<{ largest: number }>(
      sql`select max(request_count) as largest from partner_request`,
    );
    assert.ok(row!.largest < 25, `${row!.largest} of 97 KB in one segment`);
  }));

test('readRequests() reads a partner over days in order, by its time, without those of others', () =>
  withLog(async ({ log, db, settled }) => {
    const dayMs = 24 * 60 * MINUTE_MS;
    for (const [atMs, partnerId] of [
      [NOON_MS, 'partner-a'],
      [NOON_MS + 1, 'partner-b'],
      [NOON_MS + dayMs, 'partner-a'],
      [NOON_MS + dayMs + 1, 'partner-a'],
    ] as const)
      log.tell(entry(atMs, { partnerId }));
    await settled();
    assert.deepEqual(
      (await read(db)).map(({ externalId }) => Number(externalId) - NOON_MS),
      [0, dayMs, dayMs + 1],
    );
    const rows = await db.query<{ day: string; n: number }>(
      sql`select on_date as day, request_count as n from partner_request order by on_date`,
    );
    assert.deepEqual(
      rows.map(({ day, n }) => [day, n]),
      [
        ['2026-08-01', 2],
        ['2026-08-02', 2],
      ],
    );
  }));
