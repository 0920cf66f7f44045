import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { openDb, type Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { withLedger, type TestLedger } from '../ledger/test-ledger.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { signProposal, type Proposal } from './proposal.ts';
import { approveEnd, noteBreak, proposeEnd, takeBreak, withdrawEnd } from './settle-break.ts';

const people = ['stf_1', 'stf_2'].map((id) => ({ id, ...generateKeyPairSync('ed25519') }));
const roster = Object.fromEntries(
  people.map(({ id, publicKey }) => [
    id,
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]),
);
const keyOf = (id: string): KeyObject => people.find((one) => one.id === id)!.privateKey;
const REASON = 'the network settled it twice; it owes us the second';

function proposalOf(change: Partial<Proposal> = {}): Proposal {
  return {
    id: 'bpr_1',
    breakId: 'brk_1',
    breakAmountSen: 500n,
    correction: {
      debitAccount: CHART.bifastOut,
      creditAccount: CHART.bifastSuspense,
      amountSen: 500n,
    },
    reason: REASON,
    ...change,
  };
}

async function openBreak(bank: TestLedger): Promise<void> {
  const at = new Date(bank.clock.nowMs);
  await bank.db
    .query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select id, 'Staff', id, 'operator', 'x', 'x', 'x', ${at} from unnest(${people.map(({ id }) => id)}::text[]) as s (id)`);
  await bank.db
    .query(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
    values ('brk_1', 'duplicate', 'bifast', 'X1', 500, '', ${at})`);
}

const openers = (bank: TestLedger, db: Db) => ({
  propose: async (proposal: Proposal, by = 'stf_1', signed = proposal): Promise<string> => {
    const signature = signProposal(keyOf(by), signed);
    const nowMs = bank.clock.nowMs;
    const said = await proposeEnd({ db, nowMs, roster, staffId: by, signature, proposal });
    return said.ok ? 'ok' : said.reason;
  },
  approve: async (proposal: Proposal, by = 'stf_2'): Promise<string> => {
    const signature = signProposal(keyOf(by), proposal);
    const nowMs = bank.clock.nowMs;
    const { ledger } = bank;
    const asked = { db, ledger, nowMs, roster, staffId: by, signature, proposalId: proposal.id };
    const said = await approveEnd(asked);
    return said.ok ? 'ok' : said.reason;
  },
});

test('approveEnd() posts a correction of two people once, with the end of its break and an event, in one commit', async () => {
  await withLedger(async (bank) => {
    await openBreak(bank);
    const { db } = bank;
    const { propose, approve } = openers(bank, db);
    const proposal = proposalOf();
    const { correction } = proposal;
    const with_ = (change: object): Proposal =>
      proposalOf({ correction: { ...correction!, ...change } });
    assert.equal(await propose(with_({ amountSen: 501n })), 'amount_above_break');
    assert.equal(await propose(with_({ debitAccount: '1001' })), 'account_refused', 'a customer');
    assert.equal(await propose(with_({ creditAccount: 'FEE-BIFAST' })), 'account_refused');
    assert.equal(await propose(proposalOf({ breakAmountSen: 499n })), 'break_changed');
    assert.equal(await propose(proposalOf({ breakId: 'brk_2' })), 'not_found');
    assert.equal(await propose(proposal, 'stf_1', with_({ amountSen: 1n })), 'bad_signature');
    assert.equal(await propose(proposal), 'ok');
    assert.equal(await propose(proposalOf({ id: 'bpr_2' }), 'stf_2'), 'already_open');
    assert.equal(await approve(proposal, 'stf_1'), 'same_person');
    const both = await Promise.all([approve(proposal), approve(proposal)]);
    assert.ok(both.includes('ok'));
    assert.equal(await approve(proposal), 'not_proposed');
    assert.equal((await bank.ledger.balance(CHART.bifastSuspense))!.postedSen, 500n, 'once');
    const [row] = await db.query<{ by: string; closed: boolean }>(
      sql`select explained_by as by, closed_at is not null as closed from match_break`,
    );
    assert.deepEqual({ ...row }, { by: 'bpr_1', closed: true });
    const [event] = await db.query<{ data: string }>(
      sql`select data from event where kind = 'break.ended'`,
    );
    const told = JSON.parse(event!.data) as Record<string, unknown>;
    assert.deepEqual(
      [told['by'], told['proposedBy'], told['amountSen']],
      ['stf_2', 'stf_1', '500'],
    );
    assert.deepEqual((await verifyLedger(db)).problems, []);
  });
});

test('approveEnd() refuses what an insider changed in the table, a break that grew, and a withdrawn proposal; nothing is posted', async () => {
  await withLedger(async (bank) => {
    await openBreak(bank);
    const { db } = bank;
    const { propose, approve } = openers(bank, db);
    const proposal = proposalOf();
    assert.equal(await propose(proposal), 'ok');
    await db.query(sql`update break_proposal set credit_account = 'SUSPENSE-QRIS'`);
    assert.equal(
      await approve(
        proposalOf({ correction: { ...proposal.correction!, creditAccount: 'SUSPENSE-QRIS' } }),
      ),
      'bad_signature',
    );
    await db.query(sql`update break_proposal set credit_account = ${CHART.bifastSuspense}`);
    await db.query(sql`update match_break set amount_sen = 501`);
    assert.equal(await approve(proposal), 'break_changed');
    await db.query(sql`update match_break set amount_sen = 500`);
    const nowMs = bank.clock.nowMs;
    const by = (staffId: string) => withdrawEnd({ db, nowMs, staffId, proposalId: 'bpr_1' });
    assert.deepEqual(await by('stf_2'), { ok: false, reason: 'not_yours' });
    assert.deepEqual(await by('stf_1'), { ok: true });
    assert.equal(await approve(proposal), 'not_proposed');
    assert.equal((await bank.ledger.balance(CHART.bifastSuspense))!.postedSen, 0n);
    assert.deepEqual(await takeBreak({ db, nowMs, staffId: 'stf_2', breakId: 'brk_1' }), {
      ok: true,
    });
    const note = { db, nowMs, staffId: 'stf_2', breakId: 'brk_1', id: 'brn_1', note: 'asked' };
    assert.deepEqual(await noteBreak(note), { ok: true });
  });
});

test('as core, nobody closes a break without a proposal of two people, nor writes a proposal as done for oneself', async () => {
  await withLedger(async (bank) => {
    await openBreak(bank);
    const url = `${bank.url}?options=${encodeURIComponent('-c role=pulih_core')}`;
    const core = openDb({ url, size: 2, time: bank.time, name: 'core' });
    const ledger = bank.another({ db: core });
    try {
      const at = new Date(bank.clock.nowMs);
      for (const by of [null, 'bpr_1', 'rel_1'])
        await assert.rejects(
          core.query(sql`update match_break set closed_at = ${at}, explained_by = ${by}`),
          /explanation of two people/,
        );
      await assert.rejects(
        core.query(sql`update match_break set amount_sen = 1`),
        /permission denied/,
      );
      const { propose, approve } = openers({ ...bank, ledger }, core);
      const { correction: _, ...words } = proposalOf();
      assert.equal(await propose(words), 'ok');
      await assert.rejects(
        core.query(
          sql`update break_proposal set state = 'done', approved_by = 'stf_1', approved_at = ${at}, approved_signature = 'x'`,
        ),
        /break_proposal_two_people/,
      );
      await assert.rejects(
        core.query(sql`update break_proposal set reason = ${`${REASON}, or not`}`),
        /permission denied/,
      );
      assert.equal(await approve(words), 'ok', 'an explanation alone');
      await assert.rejects(
        core.query(sql`update break_proposal set state = 'withdrawn'`),
        /that ended stays/,
      );
    } finally {
      await ledger.stop();
      await core.close();
    }
  });
});
