import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { sql } from '../../db/sql.ts';
import { transfer, withBank } from '../../payment/test-bank.ts';
import type { Access, Session } from '../session/access.ts';
import { CSRF_HEADER, requireSession, SESSION_COOKIE } from '../session/require.ts';
import { registerRisk } from './risk.ts';

const ROLES: Readonly<Record<string, string>> = {
  stf_1: 'operator',
  stf_2: 'risk',
  stf_3: 'service_desk',
};
const access = {
  find: async (token: string) =>
    ({ kind: 'staff', subject: token, role: ROLES[token], language: 'id' }) as Session,
  isCsrfRight: (_session: Session, text: string | undefined) => text === 'right',
  openStaffKey: async ({ password }: { password: string }) =>
    password === 'rahasia' ? 'key' : undefined,
} as unknown as Access;
const PEOPLE = `insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
  select 'stf_' || n, 'Petugas ' || n, 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 3) n;`;

test('I5 one person blocks an account at once, two with passwords lift it, and no number is kept or shown', () =>
  withBank(
    async (bank) => {
      const app = Fastify();
      app.addHook('onRequest', requireSession(access, 'staff'));
      registerRisk(app, { risk: bank.engine.risk, time: bank.time, access });
      const call = async (who: string, path: string, body?: unknown) => {
        let isDone = false;
        // The server's own turns are no sleepers: time goes on beside them.
        const clock = (async () => {
          while (!isDone) await bank.time.sleep(1);
        })();
        const answer = await app.inject({
          method: body === undefined ? 'GET' : 'POST',
          url: path,
          headers: { cookie: `${SESSION_COOKIE}=${who}`, [CSRF_HEADER]: 'right' },
          ...(body !== undefined && { payload: body as object }),
        });
        isDone = true;
        await clock;
        return { status: answer.statusCode, text: answer.body, value: JSON.parse(answer.body) };
      };
      const paying = () =>
        transfer({ debitAccount: '1001', creditorAccount: '1002', answered: [] });
      await bank.db.script(`update account set number = '100200300' where number = '1002'`);
      const party = { kind: 'account', bank: 'PULHIDJA', account: '100200300' };
      const block = { party, reason: 'laporan korban penipuan', reviewDays: 30 };
      assert.equal((await call('stf_3', '/risk/block', block)).status, 403);
      assert.equal((await call('stf_1', '/risk/block', { ...block, reviewDays: 0 })).status, 400);
      assert.deepEqual((await call('stf_1', '/risk/block', block)).value, { said: 'blocked' });
      assert.deepEqual((await call('stf_2', '/risk/block', block)).value, {
        said: 'already_blocked',
      });
      await bank.time.sleep(5_001);
      const refused = await bank.engine.submit({ ...paying(), creditorAccount: '100200300' });
      assert.ok(!refused.ok && refused.reason === 'declined');
      const seen = await call('stf_2', '/risk');
      assert.doesNotMatch(seen.text, /100200300/);
      const [shown] = seen.value.blocks;
      assert.deepEqual(
        [shown.kind, shown.shown, shown.placedBy, shown.isDue, shown.asked],
        ['account', '0300', 'Petugas 1', false, null],
      );
      const rule = seen.value.rules.find(({ code }: { code: string }) => code === 'blocked');
      assert.deepEqual(rule.said, { acted: 1, shadow: 0, unasked: 0, asked: 0 });
      const lift = { id: shown.id, reason: 'rekening keliru', password: 'rahasia' };
      assert.equal((await call('stf_1', '/risk/lift', { ...lift, password: 'x' })).status, 403);
      const said = async (who: string) => (await call(who, '/risk/lift', lift)).value.said;
      assert.equal(await said('stf_1'), 'asked');
      assert.equal(await said('stf_1'), 'same_person');
      assert.deepEqual((await call('stf_1', '/risk')).value.blocks[0].asked, {
        reason: 'rekening keliru',
        isYou: true,
      });
      assert.deepEqual([await said('stf_2'), await said('stf_2')], ['lifted', 'not_found']);
      await bank.time.sleep(5_001);
      const paid = await bank.engine.submit({ ...paying(), creditorAccount: '100200300' });
      assert.ok(paid.ok);
      const events = await bank.db.query<{ kind: string; data: string }>(
        sql`select kind, data from event where kind like 'blocked_party.%' order by id`,
      );
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['blocked_party.placed', 'blocked_party.lift_asked', 'blocked_party.lifted'],
      );
      assert.ok(!events.some(({ data }) => data.includes('100200300')));
    },
    { before: PEOPLE },
  ));
