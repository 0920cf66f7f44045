/** An incident ends by two people, with a report, and only when nothing of it is open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import type { Db } from '../db/pool.ts';
import { wallTime } from '../kernel/time.ts';
import { agreeClosing, askClosing } from './closing.ts';
import { selectOpenIncidents } from './store.ts';

const report = {
  cause: 'Konektor tiruan memakai alamat internal bank.',
  remedy: 'Alamat ditutup, semua kunci diganti, korpus serangan ditolak.',
  reference: 'OJK/2026/0301',
};
const FACTS = JSON.stringify({ restrictionIds: ['rst_1'], evidence: ['MSG1'] });

/** As two people of the match end it, past whom nobody can; here their proof is left out. */
function endBreak(db: Db, at: 'now()' | 'null'): Promise<void> {
  return db.script(
    `set session_replication_role = replica; update match_break set closed_at = ${at}; set session_replication_role = origin;`,
  );
}

async function withIncident(
  work: (scene: {
    db: Db;
    ask: (who: string) => Promise<string>;
    agree: (who: string, at?: number) => Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  await withTestDb(async (db) => {
    await db.script(`
      insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
        select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', now() from generate_series(1, 3) n;
      insert into restriction (id, body, level, placed_by, is_automatic, state, made_at, changed_at)
        values ('rst_1', '{}', 3, 'guard', true, 'active', now(), now());
      insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at) values ('brk_1', 'orphan', 'bifast', 'MSG1', 1, '{}', now());
      insert into incident (id, kind, rail, opened_at, facts) values ('inc_1', 'fraud', 'bifast', now(), '${FACTS}');`);
    const time = wallTime();
    const said = (result: Awaited<ReturnType<typeof askClosing>>): string =>
      result.ok ? result.state : result.reason;
    const askedAtMs = async (): Promise<number> => {
      const rows = await db.query<{ at: Date }>(sql`select asked_at as at from incident_closing`);
      return rows[0]?.at.getTime() ?? 0;
    };
    await work({
      db,
      ask: async (staffId) =>
        said(await askClosing({ db, time }, { incidentId: 'inc_1', staffId, report })),
      agree: async (staffId, at) =>
        said(
          await agreeClosing(
            { db, time },
            { incidentId: 'inc_1', staffId, askedAtMs: at ?? (await askedAtMs()) },
          ),
        ),
    });
  });
}

test('I5 two people close an incident once its restrictions are lifted and its breaks ended, and it stays closed', () =>
  withIncident(async ({ db, ask, agree }) => {
    assert.equal(await ask('stf_1'), 'restricted');
    await db.query(sql`update restriction set state = 'recovering'`);
    assert.equal(await ask('stf_1'), 'restricted', 'on its way back');
    await db.query(sql`update restriction set state = 'lifted'`);
    assert.equal(await ask('stf_1'), 'breaks_open');
    await endBreak(db, 'now()');
    assert.equal(await agree('stf_2'), 'not_asked');
    assert.equal(await ask('stf_1'), 'asked');
    assert.equal(await agree('stf_1'), 'same_person');
    assert.equal(await agree('stf_2', 1), 'not_asked', 'another report than the one that was read');
    await endBreak(db, 'null');
    assert.equal(await agree('stf_2'), 'breaks_open', 'opened again meanwhile');
    await endBreak(db, 'now()');
    assert.equal((await selectOpenIncidents(db)).length, 1);
    const both = await Promise.all([agree('stf_2'), agree('stf_3')]);
    assert.deepEqual(both.toSorted(), ['closed', 'not_open']);
    assert.equal((await selectOpenIncidents(db)).length, 0);
    assert.equal(await ask('stf_1'), 'not_open');
    const [told] = await db.query<{ data: string }>(
      sql`select data::text as data from event where kind = 'incident.closed'`,
    );
    const { by: _by, ...data } = JSON.parse(told!.data) as Record<string, unknown>;
    assert.deepEqual(data, { askedBy: 'stf_1', ...report });
  }));

test('I5 a report that is written anew needs another reader, and no hand in the database closes or opens alone', () =>
  withIncident(async ({ db, ask, agree }) => {
    await db.query(sql`update restriction set state = 'lifted'`);
    await endBreak(db, 'now()');
    assert.equal(await ask('stf_1'), 'asked');
    assert.equal(await ask('stf_2'), 'asked');
    assert.equal(await agree('stf_2'), 'same_person');
    await assert.rejects(db.query(sql`update incident set closed_at = now()`), { code: '23514' });
    await assert.rejects(
      db.query(sql`update incident_closing set approved_by = 'stf_2', approved_at = now()`),
      { constraint: 'incident_closing_two_people' },
    );
    assert.equal(await agree('stf_1'), 'closed');
    await assert.rejects(db.query(sql`update incident set closed_at = null`), { code: '23514' });
  }));
