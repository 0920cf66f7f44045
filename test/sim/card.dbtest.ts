/** Our cards at other banks' machines, through the real link, gateway, HSM, ledger and database, against the simulator's switch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../../src/kernel/money.ts';
import type { CardWorld } from './card-world.ts';
import { OPENING, withCardWorld } from './card-world.ts';

const BCA = '014';
const CASH = rupiah(100_000);
const FEE = rupiah(7_500);

function draw(
  world: CardWorld,
  more: Partial<Parameters<CardWorld['outside']['withdraw']>[0]> = {},
) {
  return world.outside.withdraw({ bank: BCA, card: world.held[0]!, amountSen: CASH, ...more });
}

async function available(world: CardWorld, index = 0): Promise<bigint> {
  return (await world.ledger.balance(world.accountOf(index)))!.availableSen;
}

test('a withdrawal at another bank is approved with DE38 and the balance in DE54; a wrong PIN is 55; the balance costs its fee; the machine’s own fault (DE95) goes back', () =>
  withCardWorld(async (world) => {
    const approved = await draw(world);
    assert.equal(approved.outcome, 'approved');
    assert.match(approved.approvalCode, /^\d{6}$/);
    const left = OPENING - CASH - FEE;
    assert.equal(await available(world), left);
    assert.equal(approved.fields[54], `1002360C${String(left).padStart(12, '0')}`);
    const wrong = await draw(world, { card: { ...world.held[0]!, pin: '000000' } });
    assert.deepEqual(wrong.outcome === 'declined' && wrong.rc, '55');
    assert.equal(
      (await world.outside.balance({ bank: BCA, card: world.held[0]! })).outcome,
      'approved',
    );
    assert.equal(await available(world), left - rupiah(4_000));
    world.outside.giveBack(approved.id, rupiah(50_000));
    await world.rig.sleep(60_000);
    assert.equal(await available(world), left - rupiah(4_000) + rupiah(50_000));
    const journal = JSON.stringify((await world.rig.page()).entries);
    for (const secret of [world.held[0]!.pan, 'pinBlock', world.held[0]!.track2])
      assert.ok(
        !journal.includes(secret),
        'I11 no card number, PIN block or track is in the journal',
      );
    assert.match(journal, /"withdrawal"/);
    assert.deepEqual(await world.problems(), []);
  }));

test('T5 an answer that is lost, and one that core gives too late, are taken back once: by the network and by us', () =>
  withCardWorld(async (world) => {
    const lost = await draw(world, { fault: { kind: 'drop_answer' } });
    assert.equal(lost.outcome, 'unknown');
    const answer = world.rig.coreAnswer;
    world.rig.coreAnswer = async (notice) => {
      await world.rig.sleep(16_000);
      return answer(notice);
    };
    const late = draw(world);
    await world.rig.sleep(20_000);
    world.rig.coreAnswer = answer;
    assert.equal((await late).outcome, 'unknown');
    await world.rig.sleep(120_000);
    assert.equal(await available(world), OPENING);
    assert.equal(await world.drawnSen(), 0n);
    assert.deepEqual(
      [...world.outside.book.entries()].map((entry) => entry.keptSen),
      [0n, 0n],
    );
    assert.deepEqual(await world.problems(), []);
  }));

test('T5 what the network was told is not taken back because a copy of the request got no answer in time', () =>
  withCardWorld(async (world) => {
    const answer = world.rig.coreAnswer;
    let count = 0;
    world.rig.coreAnswer = async (notice) => {
      if (++count > 1) await world.rig.sleep(16_000);
      return answer(notice);
    };
    const told = await draw(world, { fault: { kind: 'duplicate', count: 2 } });
    assert.equal(told.outcome, 'approved');
    await world.rig.sleep(30_000);
    assert.equal(await available(world), OPENING - CASH - FEE);
    assert.deepEqual(await world.problems(), []);
  }));

test('T1 T5 T6 T7 a load with three faults in ten ends with the same sums in both books: nothing lost, nothing twice', () =>
  withCardWorld(async (world) => {
    const { report, lines } = await world.load({
      withdrawalsPerSecond: 20,
      seconds: 10,
      faultPerTenThousand: 3_000,
    });
    const count = report.byKind.withdrawal;
    assert.equal(count.offered, 200);
    assert.ok(
      count.approved > 120 && Object.keys(report.faults).length > 5,
      JSON.stringify(report.faults),
    );
    const keptSen = lines.reduce((sum, line) => sum + BigInt(line.keptSen), 0n);
    assert.equal(await world.drawnSen(), keptSen);
    assert.deepEqual(await world.problems(), []);
  }));
