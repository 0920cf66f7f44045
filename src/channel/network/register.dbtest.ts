import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { silentLog } from '../../kernel/log.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import type { WireRequest } from '../../kernel/wire.ts';
import type { RailNotice } from '../../rail/notice.ts';
import { registerNetwork } from './register.ts';

const enquiry: RailNotice = { kind: 'account_enquiry', rail: 'bifast', account: '1001' };

test('registerNetwork() hears gateways and the guard each on its own path, refuses and records all others, once a minute', () =>
  withTestDb(async (db) => {
    let now = Date.parse('2026-08-01T05:00:00Z');
    const time: Time = { ...wallTime(), now: () => now };
    const heard: unknown[] = [];
    const handler = registerNetwork({
      db,
      time,
      log: silentLog,
      engine: {
        async take(notice) {
          if (JSON.stringify(notice).includes('666')) throw new Error('a fault of this one');
          return (heard.push(notice), { taken: true, accountName: 'SITI' });
        },
      },
      holder: { accept: async (signed) => (heard.push(signed), { ok: true, version: 3 }) },
    });
    const call = async (
      change: Partial<Omit<WireRequest, 'body'>> & { readonly body?: unknown },
    ): Promise<[number, unknown]> => {
      const body = Buffer.from(
        typeof change.body === 'string' ? change.body : JSON.stringify(change.body ?? enquiry),
      );
      const peer = change.peer ?? 'gateway-1';
      const response = await handler({
        method: 'POST',
        path: '/rail/notice',
        headers: {},
        ...change,
        peer,
        fingerprint: `print of ${peer}`,
        body,
      });
      return [response.status, JSON.parse(response.body.toString())];
    };
    assert.deepEqual(await call({}), [200, { taken: true, accountName: 'SITI' }]);
    const set = { body: '{}', signature: 'x' };
    assert.deepEqual(await call({ peer: 'guard', path: '/set', body: set }), [
      200,
      { ok: true, version: 3 },
    ]);
    assert.deepEqual(heard.splice(0), [enquiry, set]);
    const failing = { ...enquiry, account: '666' };
    assert.deepEqual(
      await call({ path: '/rail/notices', body: [enquiry, failing, 7, enquiry] }),
      [
        200,
        [{ taken: true, accountName: 'SITI' }, null, null, { taken: true, accountName: 'SITI' }],
      ],
      'a fault or the form of one costs no other its answer',
    );
    assert.deepEqual(heard.splice(0), [enquiry, enquiry]);
    for (const body of [[], enquiry, Array.from({ length: 17 }, () => enquiry)])
      assert.deepEqual(await call({ path: '/rail/notices', body }), [400, { reason: 'malformed' }]);

    for (const body of [
      '',
      '{',
      '[]',
      'null',
      { ...enquiry, account: 12 },
      { kind: 'credit', rail: 'bifast' },
    ]) {
      assert.deepEqual(await call({ body }), [400, { reason: 'malformed' }]);
    }
    assert.equal((await call({ peer: 'guard', path: '/set', body: { body: {} } }))[0], 400);
    assert.equal((await call({ method: 'GET' }))[0], 405);
    assert.equal((await call({ path: '/other' }))[0], 404);
    for (const [peer, path] of [
      ['guard', '/rail/notice'],
      ['guard', '/rail/notices'],
      ['gateway-1', '/set'],
      ['core-2', '/rail/notice'],
      ['hub', '/rail/notice'],
      ['gateway-1.evil', '/rail/notice'],
      ['', '/set'],
      ['stranger', '/x'],
    ] as const) {
      assert.deepEqual(
        await call({ peer, path, body: set }),
        [403, { reason: 'peer_not_admitted' }],
        peer,
      );
    }
    assert.deepEqual(heard, [], 'nothing reached the engine or the holder');

    const events = async (): Promise<number> =>
      (await db.query(sql`select id from event where kind = 'network.peer_refused'`)).length;
    assert.equal(await events(), 9);
    await call({ peer: 'hub' });
    assert.equal(await events(), 9);
    now += 60_001;
    await call({ peer: 'hub' });
    assert.equal(await events(), 10);
  }));

test('registerNetwork() passes a fault on, so that the gateway gets no answer and asks again', () =>
  withTestDb(async (db) => {
    const engine = { take: () => Promise.reject(new Error('database gone')) };
    const handler = registerNetwork({
      db,
      time: wallTime(),
      log: silentLog,
      engine,
      holder: { accept: () => Promise.reject(new Error('no')) },
    });
    const request = {
      peer: 'gateway-1',
      fingerprint: 'f',
      method: 'POST',
      path: '/rail/notice',
      headers: {},
      body: Buffer.from(JSON.stringify(enquiry)),
    };
    await assert.rejects(handler(request), /database gone/);
  }));
