import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { restrictionOf } from '../../gate/test-flow.ts';
import { bifast, transfer, withBank } from '../../payment/test-bank.ts';
import type { Access, Session } from '../session/access.ts';
import { CSRF_HEADER, requireSession, SESSION_COOKIE } from '../session/require.ts';
import { registerWithheld } from './withheld.ts';

const ROLES: Readonly<Record<string, string>> = {
  stf_1: 'operator',
  stf_2: 'risk',
  stf_3: 'service_desk',
};

/** Sessions of three people, whose tokens are their ids and whose password is the same. */
const access = {
  find: async (token: string) =>
    ({ kind: 'staff', subject: token, role: ROLES[token], language: 'id' }) as Session,
  isCsrfRight: (_session: Session, text: string | undefined) => text === 'right',
  openStaffKey: async ({ password }: { password: string }) =>
    password === 'rahasia' ? 'key' : undefined,
} as unknown as Access;

test('I5 the queue shows no account whole, gives back by one, and releases many by two who typed their passwords', () =>
  withBank(
    async (bank) => {
      const restriction = restrictionOf({}, { kind: 'hold' }, { id: 'rst_hold' });
      bank.gate.decide = () => ({ kind: 'hold', restriction });
      const made = await Promise.all(
        [bifast, transfer, bifast].map((make) => bank.engine.submit(make({ mayWait: true }))),
      );
      const ids = made.map((one) => (one.ok ? one.payment.id : ''));
      const app = Fastify();
      app.addHook('onRequest', requireSession(access, 'staff'));
      registerWithheld(app, { withheld: bank.engine.withheld, time: bank.time, access });
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
      const release = { ids, reason: 'salah alarm', password: 'rahasia' };
      const seen = await call('stf_1', '/withheld?restriction=rst_hold');
      assert.equal(seen.value.payments.length, 3);
      assert.doesNotMatch(seen.text, /"1001"|9008007006|NASABAH|PENERIMA/);
      assert.equal((await call('stf_3', '/withheld/release', release)).status, 403);
      assert.equal(
        (await call('stf_3', '/withheld/refuse', { ids, reason: 'coba-coba' })).status,
        403,
      );
      const guessed = { ...release, password: 'tebak' };
      assert.equal((await call('stf_1', '/withheld/release', guessed)).status, 403);
      assert.equal((await call('stf_1', '/withheld/release', { ...release, ids: [] })).status, 400);
      const said = async (who: string, path: string, body: unknown) =>
        (await call(who, path, body)).value.results.map((one: { said: string }) => one.said);
      assert.deepEqual(await said('stf_1', '/withheld/release', release), [
        'asked',
        'asked',
        'asked',
      ]);
      assert.deepEqual(
        await said('stf_1', '/withheld/refuse', { ids: [ids[2]], reason: 'bukan nasabah' }),
        ['refused'],
      );
      const [own] = (await call('stf_1', '/withheld')).value.payments;
      assert.deepEqual(own.asked, { reason: 'salah alarm', isYou: true });
      assert.deepEqual(await said('stf_1', '/withheld/release', release), [
        'same_person',
        'same_person',
        'not_waiting',
      ]);
      assert.deepEqual(await said('stf_2', '/withheld/release', release), [
        'released',
        'released',
        'not_waiting',
      ]);
      assert.deepEqual((await call('stf_2', '/withheld')).value.payments, []);
      await bank.engine.awaitOutcome(ids[0]!, 5_000);
      await bank.checkMoney();
      await app.close();
    },
    {
      before: `insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
        select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 3) n;`,
    },
  ));
