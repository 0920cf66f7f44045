import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { wallTime } from '../../kernel/time.ts';
import type { Access, Session } from '../session/access.ts';
import { CSRF_HEADER, requireSession, SESSION_COOKIE } from '../session/require.ts';
import { registerClosing } from './closing.ts';

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
const report = {
  cause: 'Konektor tiruan memakai alamat internal bank.',
  remedy: 'Alamat ditutup dan semua kunci diganti.',
  reference: 'OJK/2026/0301',
  password: 'rahasia',
};

test('I5 closing is asked and agreed to by those who may, each with a password, and every refusal has its words', () =>
  withTestDb(async (db) => {
    await db.script(`
      insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
        select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', now() from generate_series(1, 3) n;
      insert into incident (id, kind, rail, opened_at, facts)
        values ('inc_1', 'fraud', 'bifast', now(), '{"restrictionIds":[],"evidence":[]}');`);
    const app = Fastify();
    app.addHook('onRequest', requireSession(access, 'staff'));
    registerClosing(app, { db, time: wallTime(), access }, new Set(['operator', 'risk']));
    const call = async (who: string, path: string, payload: object): Promise<string> => {
      const answer = await app.inject({
        method: 'POST',
        url: `/incidents/inc_1/closing${path}`,
        headers: { cookie: `${SESSION_COOKIE}=${who}`, [CSRF_HEADER]: 'right' },
        payload,
      });
      const body = answer.json<{ said?: string; code?: string }>();
      return `${answer.statusCode} ${body.said ?? body.code}`;
    };
    assert.equal(await call('stf_3', '', report), '403 not_allowed');
    const wrong = await call('stf_1', '', { ...report, password: 'x' });
    assert.match(wrong, /password_wrong$/);
    assert.match(await call('stf_1', '', { ...report, cause: 'pendek' }), /^400/);
    assert.equal(await call('stf_1', '', report), '200 asked');
    const [row] = await db.query<{ at: Date }>(sql`select asked_at as at from incident_closing`);
    const read = { askedAtMs: row!.at.getTime(), password: 'rahasia' };
    assert.equal(await call('stf_1', '/agree', read), '409 same_person');
    assert.equal(await call('stf_3', '/agree', read), '403 not_allowed');
    assert.match(await call('stf_2', '/agree', { ...read, password: 'x' }), /password_wrong$/);
    assert.equal(await call('stf_2', '/agree', { ...read, askedAtMs: 1 }), '409 not_asked');
    assert.equal(await call('stf_2', '/agree', read), '200 closed');
    assert.equal(await call('stf_2', '', report), '409 not_open');
    await app.close();
  }));
