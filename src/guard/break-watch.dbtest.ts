import assert from 'node:assert/strict';
import test from 'node:test';
import { openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { countOpenBreaks } from '../recovery/store.ts';
import { signProposal, type Proposal } from '../reconcile/proposal.ts';
import { PEOPLE, START, withWorld, type World } from './test-world.ts';

const AT = new Date(START);
const REASON = 'the network settled it twice; it owes us the second';

const proposalOf = (id: string, breakId: string): Proposal => ({
  id,
  breakId,
  breakAmountSen: 500n,
  reason: REASON,
});
const signedBy = (id: string, proposal: Proposal): string =>
  signProposal(PEOPLE[id]!.privateKey, proposal);

/** A break that core's own database role ends with these signatures, past every command. */
async function endAsCore(
  { db, url, time }: World,
  of: { readonly proposal: Proposal; readonly first: string; readonly second: string },
): Promise<void> {
  const { proposal, first, second } = of;
  const { id, breakId } = proposal;
  await db.query(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
    values (${breakId}, 'orphan', 'bifast', ${breakId}, 500, '', ${AT})`);
  const asCore = `${url}?options=${encodeURIComponent('-c role=pulih_core')}`;
  const core = openDb({ url: asCore, size: 1, time, name: 'core' });
  try {
    await assert.rejects(
      core.query(sql`insert into break_proposal (id, break_id, break_amount_sen, reason, state, proposed_by, proposed_at, proposed_signature,
          approved_by, approved_at, approved_signature)
        values (${id}, ${breakId}, 500, ${REASON}, 'done', 'stf_ani', ${AT}, ${first}, 'stf_budi', ${AT}, ${second})`),
      /permission denied/,
    );
    await core.query(sql`insert into break_proposal (id, break_id, break_amount_sen, reason, proposed_by, proposed_at, proposed_signature)
      values (${id}, ${breakId}, 500, ${REASON}, 'stf_ani', ${AT}, ${first})`);
    await core.query(sql`update break_proposal set state = 'done', approved_by = 'stf_budi', approved_at = ${AT},
      approved_signature = ${second} where id = ${id}`);
    await core.query(
      sql`update match_break set closed_at = ${AT}, explained_by = ${id} where id = ${breakId}`,
    );
  } finally {
    await core.close();
  }
}

const openOnes = async ({ db }: World): Promise<readonly string[]> =>
  (
    await db.query<{ id: string }>(
      sql`select id from match_break where closed_at is null order by id`,
    )
  ).map(({ id }) => id);

test('T12 the guard opens a break again that core ended with invented signatures, a borrowed one, or one person’s key twice, and tells; a true end stays, and counts only from then on', async () => {
  await withWorld(async (world) => {
    const [good, invented, borrowed, alone] = ['good', 'invented', 'borrowed', 'alone'].map(
      (name) => proposalOf(`bpr_${name}`, `brk_${name}`),
    ) as [Proposal, Proposal, Proposal, Proposal];
    const ani = signedBy('stf_ani', good);
    const budi = signedBy('stf_budi', good);
    await endAsCore(world, { proposal: good, first: ani, second: budi });
    await endAsCore(world, { proposal: invented, first: 'x', second: 'y' });
    await endAsCore(world, { proposal: borrowed, first: ani, second: budi });
    const own = signedBy('stf_ani', alone);
    await endAsCore(world, { proposal: alone, first: own, second: own });
    assert.deepEqual(await openOnes(world), []);
    assert.equal(await countOpenBreaks(world.db, 'bifast'), 4, 'nothing is proven yet');
    world.startGuard();
    await world.pass(20_000);
    assert.deepEqual(await openOnes(world), ['brk_alone', 'brk_borrowed', 'brk_invented']);
    assert.equal(await countOpenBreaks(world.db, 'bifast'), 3);
    const alarms = await world.events('alarm.break_end_forged');
    assert.deepEqual(
      alarms.map(({ subject, data }) => [subject, data['severity'], data['evidence']]),
      ['alone', 'borrowed', 'invented'].map((name) => [
        `brk_${name}`,
        'P1',
        [`bpr_${name}`, 'stf_ani', 'stf_budi'],
      ]),
    );
  });
});

test('T12 core closes no break in the name of a release', async () => {
  await withWorld(async ({ db, url, time }) => {
    await db.query(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
      values ('brk_1', 'orphan', 'bifast', 'X', 500, '', ${AT})`);
    await db.query(sql`insert into release_request (id, plan, plan_hash, restriction_id, state, proposed_by, proposed_signature, proposed_at,
        approved_by, approved_signature, note)
      values ('rel_1', '{}', 'x', 'rst_1', 'approved', 'stf_ani', 'x', ${AT}, 'stf_budi', 'x', '')`);
    const asCore = `${url}?options=${encodeURIComponent('-c role=pulih_core')}`;
    const core = openDb({ url: asCore, size: 1, time, name: 'core' });
    try {
      await assert.rejects(
        core.query(sql`update match_break set closed_at = ${AT}, explained_by = 'rel_1'`),
        /explanation of two people/,
      );
    } finally {
      await core.close();
    }
  });
});
