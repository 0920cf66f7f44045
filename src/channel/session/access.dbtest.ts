import assert from 'node:assert/strict';
import { createPublicKey, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fastify from 'fastify';
import type { Db } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { silentLog } from '../../kernel/log.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import { LOCK_MS, openAccess, TRY_COUNT_MAX, type Access } from './access.ts';
import { createCustomerCredential, createCustomers, createStaff } from './enrol.ts';
import { clearSessionCookie, requireSession, sessionOf, setSessionCookie } from './require.ts';
import { openSecrets } from './secret.ts';

const random = systemRandom();
const ani = {
  kind: 'customer',
  username: 'ani',
  password: 'kata-sandi-ani',
  device: 'test',
} as const;

interface World {
  readonly db: Db;
  readonly access: Access;
  /** Moves the clock. */
  pass(ms: number): void;
  readonly time: Time;
}

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  await withTestDb(async (db) => {
    let offset = 0;
    const wall = wallTime();
    const time: Time = { ...wall, now: () => wall.now() + offset };
    const secrets = openSecrets({ time, random, cost: { n: 1024, r: 8, p: 1 } });
    await createCustomers({ db, time }, [
      { id: 'cus_ani', name: 'Ani' },
      { id: 'cus_budi', name: 'Budi' },
    ]);
    await createCustomerCredential(
      { db, secrets },
      { customerId: 'cus_ani', username: 'Ani', password: ani.password, pin: '123456' },
    );
    const access = openAccess({ db, time, random, secrets, log: silentLog });
    await work({ db, access, time, pass: (ms) => void (offset += ms) });
  });
}

test('signIn() opens a session of which only hashes are stored; signOut() ends it at once', () =>
  withWorld(async ({ db, access, pass }) => {
    const result = await access.signIn({ ...ani, username: ' ANI ' });
    assert.ok(result.ok);
    const found = await access.find(result.token);
    assert.equal(found?.subject, 'cus_ani');
    assert.equal(found?.csrfToken, result.session.csrfToken);
    const rows = await db.query<{ text: string }>(sql`select s::text as text from session s`);
    assert.equal(rows.length, 1);
    for (const secret of [result.token, result.session.csrfToken]) {
      assert.ok(
        !rows[0]!.text.includes(secret) &&
          !rows[0]!.text.includes(Buffer.from(secret, 'base64url').toString('hex')),
      );
    }
    await access.signOut(result.session);
    assert.equal(await access.find(result.token), undefined);
    const again = await access.signIn(ani);
    assert.ok(again.ok);
    pass(25 * 3_600_000);
    assert.equal(await access.find(again.token), undefined, 'expired');
    const source = '203.0.113.7';
    const tries = Array.from({ length: 12 }, (_, at) =>
      access.signIn({ ...ani, username: `orang-${at}`, password: 'bocor', source }),
    );
    await Promise.all(tries);
    const [told] = await db.query<{ data: string }>(
      sql`select data from event where kind = 'session.refusals' order by id`,
    );
    assert.match(told!.data, /"names":1\d/, 'D31');
    assert.doesNotMatch(told!.data, /203\.0|orang|bocor/);
  }));

test('signIn() knows a device by its cookie, over sessions and people, and find() says when a session is used elsewhere', () =>
  withWorld(async ({ db, access, pass }) => {
    const first = await access.signIn({ ...ani, source: '203.0.113.7' });
    assert.ok(first.ok);
    const { deviceToken, token } = first;
    const { device } = first.session.signed!;
    pass(60_000);
    const again = await access.signIn({ ...ani, deviceToken });
    assert.ok(again.ok && again.deviceToken === deviceToken);
    assert.equal(again.session.signed!.device, device);
    const forged = await access.signIn({ ...ani, deviceToken: 'phone' });
    assert.ok(forged.ok && forged.session.signed!.device !== device, 'no cookie of ours');
    const rows = await db.query<{ device: string; ms: number }>(sql`
      select device, (extract(epoch from last_at - first_at) * 1000)::integer as ms from signed_device where subject = 'cus_ani'`);
    assert.equal(rows.length, 2);
    assert.ok(rows.find((row) => row.device === device)!.ms >= 60_000);
    const used = async (from: object) => (await access.find(token, from))!.signed!;
    const signed = { device, subject: 'cus_ani', isSame: true, isMoved: false };
    assert.deepEqual(await used({ deviceToken, source: '203.0.113.99' }), signed);
    assert.deepEqual(await used({ deviceToken, source: '198.51.100.7' }), {
      ...signed,
      isMoved: true,
    });
    const other = forged.session.signed!.device;
    assert.deepEqual(await used({ deviceToken: forged.deviceToken, source: '203.0.113.7' }), {
      ...signed,
      device: other,
      isSame: false,
    });
    assert.equal((await used({ source: '203.0.113.7' })).isSame, false, 'the session alone');
    await db.query(sql`update session set signed_device = null`);
    assert.equal((await access.find(token))!.signed, undefined, 'opened before devices were known');
  }));

test('signIn() answers the same, after the same time, for unknown, wrong and locked', () =>
  withWorld(async ({ access }) => {
    const ask = async (username: string, password: string): Promise<number> => {
      const start = performance.now();
      assert.deepEqual(await access.signIn({ ...ani, username, password }), {
        ok: false,
        reason: 'refused',
      });
      return performance.now() - start;
    };
    const times = [await ask('nobody', 'x'), await ask('budi', 'x'), await ask('ani', 'x')];
    for (let i = 1; i < TRY_COUNT_MAX; i++) await ask('ani', 'x');
    times.push(await ask('ani', ani.password));
    for (const ms of times) assert.ok(ms >= 395, `${ms} ms`);
  }));

test('signIn() locks after five wrong tries, also when they come at once, and opens after the lock', () =>
  withWorld(async ({ db, access, pass }) => {
    // The right password is the last of 20 guesses in flight: it must not be tried once five were wrong.
    const guesses = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        access.signIn({ ...ani, password: i === 19 ? ani.password : `guess ${i}` }),
      ),
    );
    assert.deepEqual(guesses.filter((one) => one.ok).length, 0);
    assert.equal((await access.signIn(ani)).ok, false);
    const events = await db.query<{ n: bigint }>(
      sql`select count(*) as n from event where kind = 'session.locked'`,
    );
    assert.equal(events[0]!.n, 1n);
    pass(LOCK_MS + 1);
    assert.equal((await access.signIn(ani)).ok, true);
    const row = await db.query<{ failed_count: number }>(
      sql`select failed_count from customer where id = 'cus_ani'`,
    );
    assert.equal(row[0]!.failed_count, 0);
  }));

test('checkPin() has a lock that a right password does not lift', () =>
  withWorld(async ({ access, pass }) => {
    for (let i = 1; i < TRY_COUNT_MAX; i++) {
      assert.deepEqual(await access.checkPin({ customerId: 'cus_ani', pin: '000000' }), {
        ok: false,
        reason: 'wrong',
        triesLeft: TRY_COUNT_MAX - i,
      });
      assert.equal((await access.signIn(ani)).ok, true);
    }
    assert.equal((await access.checkPin({ customerId: 'cus_ani', pin: '000000' })).ok, false);
    const locked = await access.checkPin({ customerId: 'cus_ani', pin: '123456' });
    assert.ok(!locked.ok && locked.reason === 'locked' && locked.untilMs);
    pass(LOCK_MS + 1);
    assert.deepEqual(await access.checkPin({ customerId: 'cus_ani', pin: '123456' }), { ok: true });
  }));

test('openStaffKey() gives the key that signs for the published public key, only with the password', () =>
  withWorld(async ({ db, access, time }) => {
    const secrets = openSecrets({ time, random, cost: { n: 1024, r: 8, p: 1 } });
    const staff = {
      id: 'stf_1',
      name: 'Sari',
      username: 'sari',
      role: 'operator',
      password: 'kata-sandi-sari',
    } as const;
    const { publicKeyPem } = await createStaff({ db, time, secrets }, staff);
    assert.equal(await access.openStaffKey({ staffId: 'stf_1', password: 'lain' }), undefined);
    const pem = await access.openStaffKey({ staffId: 'stf_1', password: staff.password });
    assert.ok(pem);
    assert.ok(
      verify(
        null,
        Buffer.from('plan'),
        createPublicKey(publicKeyPem),
        sign(null, Buffer.from('plan'), pem),
      ),
    );
    const result = await access.signIn({
      kind: 'staff',
      username: 'sari',
      password: staff.password,
      device: 'd',
    });
    assert.ok(result.ok && result.session.role === 'operator');
    assert.equal(
      (await access.signIn({ ...ani, username: 'sari', password: staff.password })).ok,
      false,
      'staff are no customers',
    );
  }));

test('requireSession() asks for the right kind of session and, on every change, for its CSRF token', () =>
  withWorld(async ({ db, access, time }) => {
    const secrets = openSecrets({ time, random, cost: { n: 1024, r: 8, p: 1 } });
    await createStaff(
      { db, time, secrets },
      { id: 'stf_1', name: 'Sari', username: 'sari', role: 'risk', password: 'p' },
    );
    const app = fastify();
    app.register(async (scope) => {
      scope.addHook('onRequest', requireSession(access, 'customer'));
      scope.get('/app/api/me', (request, reply) => reply.send({ id: sessionOf(request).subject }));
      scope.post('/app/api/change', async () => ({ done: true }));
    });
    app.get('/in', async (_request, reply) => {
      const result = await access.signIn(ani);
      assert.ok(result.ok);
      setSessionCookie(reply, {
        ...result,
        secure: true,
        nowMs: time.now(),
      });
      return { csrf: result.session.csrfToken };
    });
    app.get('/out', async (_request, reply) => {
      clearSessionCookie(reply, { kind: 'customer', secure: true });
      return {};
    });
    const signedIn = await app.inject('/in');
    assert.equal(signedIn.statusCode, 200, signedIn.body);
    const set = String(signedIn.headers['set-cookie']);
    assert.match(
      set,
      /^pulih_session=[\w-]{43}; Max-Age=\d+; Path=\/app; HttpOnly; Secure; SameSite=Strict,pulih_device=[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    assert.match(
      String((await app.inject('/out')).headers['set-cookie']),
      /^pulih_session=; Max-Age=0; Path=\/app;/,
    );
    const cookie = set.split(';')[0]!;
    const { csrf } = signedIn.json<{ csrf: string }>();
    const call = (input: {
      readonly method?: 'GET' | 'POST';
      readonly headers: Record<string, string>;
    }) =>
      app.inject({
        method: input.method ?? 'POST',
        url: input.method === 'GET' ? '/app/api/me' : '/app/api/change',
        headers: input.headers,
      });
    assert.deepEqual((await call({ method: 'GET', headers: { cookie } })).json(), {
      id: 'cus_ani',
    });
    assert.equal((await call({ headers: { cookie, 'x-csrf-token': csrf } })).statusCode, 200);
    const unsigned = await call({ method: 'GET', headers: { 'accept-language': 'en-GB' } });
    assert.equal(unsigned.statusCode, 401);
    assert.equal(unsigned.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal(unsigned.json<{ code: string; title: string }>().title, 'Session ended');
    const other = await access.signIn(ani);
    assert.ok(other.ok);
    for (const header of [undefined, '', 'x', other.session.csrfToken]) {
      const answer = await call({
        headers: { cookie, ...(header === undefined ? {} : { 'x-csrf-token': header }) },
      });
      assert.equal(answer.statusCode, 403, String(header));
      assert.equal(answer.json<{ code: string }>().code, 'csrf');
    }
    const staff = await access.signIn({
      kind: 'staff',
      username: 'sari',
      password: 'p',
      device: 'd',
    });
    assert.ok(staff.ok);
    assert.equal(
      (await call({ method: 'GET', headers: { cookie: `pulih_session=${staff.token}` } }))
        .statusCode,
      401,
    );
    await app.close();
  }));
