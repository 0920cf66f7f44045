import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { coldFlow, event, MINUTE, saidBy } from '../../guard/flow/test-flow.ts';
import { seeEvent } from '../../guard/flow/seen.ts';
import { silentLog } from '../../kernel/log.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { openAccess } from '../session/access.ts';
import { createStaff } from '../session/enrol.ts';
import { requireSession } from '../session/require.ts';
import { openSecrets } from '../session/secret.ts';
import { registerExternalAlarms } from './external-alarm.ts';

const random = systemRandom();
const time = wallTime();
const alarm = { source: 'switch', reference: 'FRD/2026/0222-1', rail: 'bifast' } as const;

test('external alarms: told once per reference by staff who may, read once, each an event that starts or ends the clock of D23', () =>
  withTestDb(async (db) => {
    const secrets = openSecrets({ time, random, cost: { n: 1024, r: 8, p: 1 } });
    const access = openAccess({ db, time, random, secrets, log: silentLog });
    for (const [id, role] of [
      ['stf_1', 'operator'],
      ['stf_2', 'service_desk'],
    ] as const)
      await createStaff({ db, time, secrets }, { id, role, name: id, username: id, password: id });
    const app = fastify();
    await app.register(async (inner) => {
      inner.addHook('onRequest', requireSession(access, 'staff'));
      registerExternalAlarms(inner, { db, time, random });
    });
    const headersOf = async (username: string) => {
      const asked = { kind: 'staff', username, password: username, device: 'test' } as const;
      const signed = await access.signIn(asked);
      assert.ok(signed.ok);
      return {
        cookie: `pulih_session=${signed.token}`,
        'x-csrf-token': signed.session.csrfToken,
      };
    };
    const ask = (headers: Record<string, string>, path: string, payload = {}) =>
      app.inject({ method: 'POST', url: `/external-alarms${path}`, headers, payload });
    const operator = await headersOf('stf_1');
    const desk = await headersOf('stf_2');

    assert.equal((await ask({}, '', alarm)).statusCode, 401);
    assert.equal((await ask(desk, '', alarm)).statusCode, 403);
    assert.equal((await ask(operator, '', { ...alarm, rail: 'all' })).statusCode, 400);
    const raised = await ask(operator, '', alarm);
    assert.equal(raised.statusCode, 201, raised.body);
    const { id } = raised.json<{ id: string }>();
    const again = await ask(operator, '', { ...alarm, rail: 'qris' });
    assert.deepEqual([again.statusCode, again.json()], [200, { id }]);
    const open = await app.inject({ url: '/external-alarms', headers: desk });
    const [shown] =
      open.json<{ id: string; raisedAtMs: number; throttleAtMs: number; stopAtMs: number }[]>();
    assert.deepEqual(
      [shown!.id, shown!.throttleAtMs - shown!.raisedAtMs, shown!.stopAtMs - shown!.raisedAtMs],
      [id, 10 * MINUTE, 20 * MINUTE],
    );
    assert.equal((await ask(desk, `/${id}/acknowledge`)).statusCode, 403);
    assert.equal((await ask(operator, `/${id}/acknowledge`)).statusCode, 204);
    assert.equal((await ask(operator, `/${id}/acknowledge`)).statusCode, 409);
    assert.equal((await ask(operator, '/xal_none/acknowledge')).statusCode, 409);

    const rows = await db.query<{ at: Date; kind: string; subject: string; data: string }>(
      sql`select at, kind, subject, data::text as data from event where kind like 'external_alarm.%' order by id`,
    );
    assert.deepEqual(
      rows.map(({ kind, subject }) => [kind, subject]),
      [
        ['external_alarm.raised', id],
        ['external_alarm.acknowledged', id],
      ],
    );
    const [told, read] = rows.map(({ at, kind, subject, data }) =>
      seeEvent(event(at.getTime(), kind, JSON.parse(data) as Record<string, unknown>, subject)),
    );
    const unread = coldFlow();
    unread.fold(told!);
    const late = told!.atMs + 11 * MINUTE;
    assert.deepEqual(saidBy('D23', unread.pass(late)), ['D23 throttle bifast']);
    const flow = coldFlow();
    flow.fold(told!);
    flow.fold(read!);
    assert.deepEqual(flow.pass(late), []);
  }));
