/** Each fault of the link of our own machines, while our card and another bank's draw cash and ours pays in: what lies in the machine is what
 * the books say, what came out is what accounts and other banks paid, and nothing is owed in the end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MachineMatch, MachineRule } from '../../sim/terminal/faults.ts';
import { sql } from '../../src/db/sql.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { withMachines, type MachineWorld } from './atm-world.ts';
import { OPENING } from './card-world.ts';

const CASH = rupiah(100_000);
const NOTES = [{ noteSen: rupiah(50_000), count: 1 }];
/** Longer than the machine waits, and than what is owed is repeated first. */
const ENDED_MS = 600_000;

/** Each kind, and whether the customer gets the cash all the same. */
const FAULTS: readonly (readonly [does: MachineRule['does'], getsCash: boolean])[] = [
  [{ kind: 'answer' }, true],
  [{ kind: 'delay', afterMs: 2_000 }, true],
  [{ kind: 'delay', afterMs: 60_000 }, false],
  [{ kind: 'drop_request' }, false],
  [{ kind: 'drop_answer' }, false],
  [{ kind: 'late_answer', afterMs: 60_000 }, false],
  [{ kind: 'duplicate', count: 3 }, true],
  [{ kind: 'reorder', holdMs: 2_000 }, true],
  [{ kind: 'wrong_mac' }, false],
  [{ kind: 'disconnect', when: 'before' }, false],
  [{ kind: 'disconnect', when: 'after' }, false],
  [{ kind: 'half_open' }, false],
  [{ kind: 'slow_reader', bytesPerSecond: 200 }, true],
  [{ kind: 'clock_skew', skewMs: -40_000 }, true],
];

async function inWorld(work: (world: MachineWorld) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-machine-fault-'));
  await withMachines(folder, work).finally(() => rmSync(folder, { recursive: true }));
}

const untilUp = async (world: MachineWorld): Promise<void> => {
  for (let looks = 0; looks < 600 && !world.host().isSignedOn(); looks++)
    await world.rig.sleep(1_000);
  await world.rig.sleep(2_000);
};

/** What other banks' customers paid for what came out here. */
function keptOutside({ outside }: MachineWorld): bigint {
  return [...outside.book.entries()]
    .filter((entry) => entry.direction === 'from_bank' && entry.state === 'approved')
    .reduce((sum, entry) => sum + (entry.keptSen ?? entry.amountSen), 0n);
}

const posted = async (world: MachineWorld): Promise<bigint> =>
  (await world.ledger.balance(world.accountOf(0)))!.postedSen;

async function agree(world: MachineWorld, name: string): Promise<void> {
  const { countedSen, bookedSen } = await world.cash();
  assert.equal(countedSen, bookedSen, `${name}: the notes are what the books say`);
  assert.equal(world.host().owedCount(), 0, name);
}

async function play(
  world: MachineWorld,
  does: MachineRule['does'],
  match: MachineMatch = {},
): Promise<{ own: bigint; strange: bigint; paidIn: bigint }> {
  const { terminal, rig } = world;
  const host = world.host();
  host.chooser.replace([{ name: 'fault', match, does }]);
  const out = async (card: typeof world.strange): Promise<bigint> => {
    const [line] = await terminal.withdraw({ card, amountSen: CASH });
    await untilUp(world);
    return line!.dispensedSen;
  };
  const own = await out(world.held[0]!);
  const strange = await out(world.strange);
  const told = await host.deposit({ terminal: terminal.id, card: world.held[0]!, notes: NOTES });
  if (told.rc === '00') terminal.takeIn(NOTES);
  await rig.sleep(60_000);
  host.chooser.replace([]);
  await untilUp(world);
  await rig.sleep(ENDED_MS);
  return { own, strange, paidIn: told.rc === '00' ? rupiah(50_000) : 0n };
}

test('T1 T2 T5 T6 T7 whatever the link of our machines does to their questions, cash in hand is what was paid, to the rupiah', () =>
  inWorld(async (world) => {
    let [own, strange] = [0n, 0n];
    for (const [does, getsCash] of FAULTS) {
      await world.rig.pushSet();
      const name = Object.values(does).join(' ');
      const came = await play(world, does);
      assert.deepEqual(
        [came.own, came.strange],
        getsCash ? [CASH, CASH] : [0n, 0n],
        `${name}: what came out`,
      );
      own += came.own - came.paidIn;
      strange += came.strange;
      assert.equal(await posted(world), OPENING - own, name);
      assert.equal(keptOutside(world), strange, name);
      await agree(world, name);
    }
    assert.deepEqual(await world.problems(), []);
  }));

test('T5 T7 I12 a reversal that the link loses, repeats, cuts or forges takes back once what did not come out', () =>
  inWorld(async (world) => {
    const { terminal, rig } = world;
    let [own, strange] = [0n, 0n];
    for (const does of [
      { kind: 'drop_request' },
      { kind: 'drop_answer' },
      { kind: 'late_answer', afterMs: 60_000 },
      { kind: 'duplicate', count: 3 },
      { kind: 'wrong_mac' },
      { kind: 'disconnect', when: 'before' },
      { kind: 'disconnect', when: 'after' },
    ] as const) {
      await rig.pushSet();
      const match = { flow: 'take_back', countMax: 2 } as const;
      world.host().chooser.replace([{ name: 'fault', match, does }]);
      for (const card of [world.held[0]!, world.strange]) {
        terminal.failNext({ kind: 'partial', notes: 1 });
        const [line] = await terminal.withdraw({ card, amountSen: 2n * CASH });
        assert.equal(line?.dispensedSen, CASH, does.kind);
        await untilUp(world);
      }
      await rig.sleep(ENDED_MS);
      world.host().chooser.replace([]);
      await untilUp(world);
      await rig.sleep(ENDED_MS);
      own += CASH;
      strange += CASH;
      assert.equal(await posted(world), OPENING - own, does.kind);
      assert.equal(keptOutside(world), strange, does.kind);
      await agree(world, does.kind);
    }
    assert.deepEqual(await world.problems(), []);
  }));

test('I12 a machine whose question names another amount than its customer asked gives out nothing, and people are told what the books say more', () =>
  inWorld(async (world) => {
    const { terminal } = world;
    const does = { kind: 'wrong_amount', deltaSen: 5_000_000 } as const;
    const came = await play(world, does, { flow: 'withdrawal' });
    assert.deepEqual([came.own, came.strange], [0n, 0n]);
    // What was booked is not what is taken back: neither is believed over the other.
    const told = await world.db.query<{ data: string }>(
      sql`select data from event where kind = 'payment.outcome_contradicted'`,
    );
    assert.deepEqual(
      told.map(({ data }) => (JSON.parse(data) as { why: string }).why),
      ['amount_differs'],
    );
    const { countedSen, bookedSen } = await world.cash();
    assert.equal(countedSen - bookedSen, 2n * (CASH + 5_000_000n));
    const none = { dispensedSen: 0n, depositedSen: 0n };
    const counted = {
      terminal: terminal.id,
      what: 'totals',
      cashSen: countedSen,
      ...none,
    } as const;
    assert.equal(await world.host().report(counted), true);
    const reports = await world.db.query<{ verdict: string }>(sql`select verdict from atm_report`);
    assert.deepEqual(
      reports.map(({ verdict }) => verdict),
      ['differs'],
    );
    assert.deepEqual(await world.problems(), []);
  }));
