/** Gateway and core end at each named point of a withdrawal and of what takes it back: what was paid out is what accounts paid. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onFaultPoint } from '../../src/kernel/fault-point.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { withCardWorld, type CardWorld } from './card-world.ts';

const CASH = rupiah(100_000);
const CAME_OUT = rupiah(50_000);
const LATE_MS = 16_000;
/** The network gives up after 25 s, and asks again until its reversal is taken. */
const ENDED_MS = 60_000;

interface Kill {
  readonly of: 'gateway' | 'core';
  readonly point: string;
  /** What happens: a plain withdrawal, one whose cash came out in part, or one that core answers too late. */
  readonly story?: 'in_part' | 'late';
}

const KILLS: readonly Kill[] = [
  { of: 'gateway', point: 'switch.afterRequest' },
  { of: 'core', point: 'card.afterPin' },
  { of: 'core', point: 'ledger.beforeCommit' },
  { of: 'core', point: 'card.afterApproval' },
  { of: 'gateway', point: 'switch.beforeAnswer' },
  { of: 'core', point: 'card.afterReversal', story: 'in_part' },
  { of: 'gateway', point: 'switch.afterTakeBack', story: 'late' },
];

async function draw(world: CardWorld, story: Kill['story']): Promise<void> {
  const { outside, rig } = world;
  const answer = rig.coreAnswer;
  if (story === 'late')
    rig.coreAnswer = async (notice) => {
      if (notice.kind === 'request') await rig.sleep(LATE_MS);
      return answer(notice);
    };
  const drawn = await outside.withdraw({ bank: '014', card: world.held[0]!, amountSen: CASH });
  if (story === 'in_part' && drawn.outcome === 'approved') outside.giveBack(drawn.id, CAME_OUT);
}

/** The next work at the point ends there; what core was, another process is. */
async function crashCore(
  world: CardWorld,
  { point, act }: { readonly point: string; readonly act: () => Promise<void> },
): Promise<void> {
  let isCrashed = false;
  const undo = onFaultPoint((passed) => {
    if (passed !== point || isCrashed) return;
    isCrashed = true;
    world.restartCore();
    throw new Error('killed by the test');
  });
  await act();
  await world.rig.sleep(1_000);
  undo();
  assert.ok(isCrashed, `${point} was passed`);
}

/** What the network's customers have in hand. */
function keptSen({ outside }: CardWorld): bigint {
  return [...outside.book.entries()]
    .filter(({ state }) => state === 'approved')
    .reduce((sum, entry) => sum + (entry.keptSen ?? entry.amountSen), 0n);
}

test('T1 T5 T6 T7 gateway and core end at each point of a withdrawal: what is in hand is what accounts paid, and nothing stays in doubt', () =>
  withCardWorld(async (world) => {
    for (const { of, point, story } of KILLS) {
      const act = (): Promise<void> => draw(world, story);
      if (of === 'core') await crashCore(world, { point, act });
      else await world.rig.crashAt(point, act);
      if (story === 'late') world.restartCore();
      await world.rig.sleep(ENDED_MS);
      const name = `${of} ended at ${point}`;
      assert.deepEqual(world.outside.book.unfinished(), [], name);
      assert.equal(await world.drawnSen(), keptSen(world), name);
      assert.deepEqual(await world.problems(), [], name);
    }
    assert.ok(keptSen(world) > 0n, 'where core alone ended, the cash came out');
    assert.ok([...world.outside.book.entries()].every(({ isDisputed }) => !isDisputed));
  }));
