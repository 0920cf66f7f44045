/** Our own machines: our cards and other banks', against the real link, gateway, HSM, ledger and database, with the simulator's machines
 * and switch. Whatever goes wrong, the notes in the cassettes are what the books say. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testKey } from '../../sim/switch/crypto.ts';
import { PEER_BALANCE_SEN } from '../../sim/switch/peers.ts';
import { controlTerminals } from '../../sim/terminal/control.ts';
import type { Behaviour } from '../../sim/switch/faults.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { OPENING } from './card-world.ts';
import { withMachines, type MachineWorld } from './atm-world.ts';

const CASH = rupiah(200_000);

async function inWorld(work: (world: MachineWorld) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-machine-'));
  await withMachines(folder, work).finally(() => rmSync(folder, { recursive: true }));
}

async function draw(world: MachineWorld, card = world.strange) {
  const [line] = await world.terminal.withdraw({ card, amountSen: CASH });
  return line!;
}

async function posted(world: MachineWorld): Promise<bigint> {
  return (await world.ledger.balance(world.accountOf(0)))!.postedSen;
}

/** What the other banks' books say that their customers drew at our machines. */
function keptOutside({ outside }: MachineWorld): bigint {
  return [...outside.book.entries()]
    .filter((entry) => entry.direction === 'from_bank' && entry.state === 'approved')
    .reduce((sum, entry) => sum + (entry.keptSen ?? entry.amountSen), 0n);
}

async function agree(world: MachineWorld): Promise<void> {
  const { countedSen, bookedSen } = await world.cash();
  assert.equal(countedSen, bookedSen, 'the notes are what the books say');
  assert.deepEqual(await world.problems(), []);
}

test('our card at our machine: cash, balance, a new PIN, notes paid in, faults of the dispenser and power loss; T5 T7 the machine’s cash is the ledger’s to the rupiah', () =>
  inWorld(async (world) => {
    const { terminal, rig } = world;
    const card = world.held[0]!;
    const at = { terminal: terminal.id };
    assert.equal((await draw(world, card)).outcome, 'dispensed');
    assert.equal(await posted(world), OPENING - CASH);
    const { balances } = await world.host().balance({ ...at, card });
    assert.equal(balances, `1002360C${String(OPENING - CASH).padStart(12, '0')}`);
    assert.equal((await world.host().changePin({ ...at, card, newPin: '135790' })).rc, '00');
    assert.equal((await draw(world, card)).rc, '55');
    const renewed = { ...card, pin: '135790' };
    terminal.failNext({ kind: 'partial', notes: 1 });
    assert.equal((await draw(world, renewed)).dispensedSen, rupiah(100_000));
    terminal.failNext({ kind: 'power_loss' });
    assert.equal((await draw(world, renewed)).outcome, 'power_loss');
    await rig.sleep(60_000);
    assert.equal(
      await posted(world),
      OPENING - CASH - rupiah(100_000) - CASH,
      'dark: not told yet',
    );
    // Killed with the approval on its disk alone.
    await world.restartMachines();
    await rig.sleep(60_000);
    terminal.powerUp();
    assert.equal(await posted(world), OPENING - CASH - rupiah(100_000));
    await world.db.script(`update card set is_chip = true where id = 'crd_0'`);
    const issuerKey = testKey('chips', 'imk');
    world.hsm.form('imk.cards', { algorithm: 'T', key: issuerKey });
    const withChip = (counter: number, key = issuerKey) => ({
      ...renewed,
      chip: { issuerKey: key, sequence: '01', counter },
    });
    const said = async (chipped: typeof card) => world.host().balance({ ...at, card: chipped });
    assert.deepEqual((await said(renewed)).rc, '57', 'a chip card by its stripe');
    const answered = await said(withChip(7));
    assert.deepEqual([answered.rc, answered.isBankKnown], ['00', true]);
    assert.equal((await said(withChip(7))).rc, '97', 'overheard');
    const forged = withChip(8, testKey('chips', 'forged'));
    assert.equal((await said(forged)).rc, '97');
    const notes = [{ noteSen: rupiah(50_000), count: 3 }];
    assert.equal((await world.host().deposit({ ...at, card: withChip(8), notes })).rc, '00');
    terminal.takeIn(notes);
    assert.equal(await posted(world), OPENING - CASH - rupiah(100_000) + rupiah(150_000));
    const { countedSen } = await world.cash();
    const none = { dispensedSen: 0n, depositedSen: 0n };
    const counted = { ...at, what: 'totals', cashSen: countedSen, ...none } as const;
    assert.equal(await world.host().report(counted), true);
    const journal = JSON.stringify((await rig.page()).entries);
    for (const secret of [card.pan, card.track2, 'inBlock'])
      assert.ok(!journal.includes(secret), 'I11 no card, track or PIN block is in the journal');
    await agree(world);
  }));

test('T1 T5 T6 T7 another bank’s card at our machine: cash only after 00; whatever the network loses, says late, oddly or forged gives out nothing and is taken back over a kill', () =>
  inWorld(async (world) => {
    const { outside, rig, terminal } = world;
    const faulty = (does: Behaviour): void =>
      outside.chooser.replace([
        { name: 'f', match: { direction: 'from_bank', flow: 'withdrawal' }, does },
      ]);
    const outcomes: string[] = [];
    const drawWith = async (does: Behaviour): Promise<void> => {
      faulty(does);
      const line = await draw(world);
      outcomes.push(line.rc ?? line.outcome);
    };
    await drawWith({ kind: 'answer' });
    await drawWith({ kind: 'code', rc: '51', isBooked: false });
    await drawWith({ kind: 'drop_answer' });
    await drawWith({ kind: 'drop_request' });
    await drawWith({ kind: 'late_answer', afterMs: 38_000 });
    await drawWith({ kind: 'code', rc: '87', isBooked: true });
    await drawWith({ kind: 'forged_code', rc: '51' });
    assert.deepEqual(outcomes, ['dispensed', '51', '68', '68', '68', '68', '68']);
    faulty({ kind: 'answer' });
    terminal.failNext({ kind: 'partial', notes: 1 });
    assert.equal((await draw(world)).dispensedSen, rupiah(100_000));
    await rig.sleep(120_000);
    assert.equal(keptOutside(world), CASH + rupiah(100_000), 'taken back without a restart');
    await agree(world);
    for (const point of [
      'gateway.afterAcquired',
      'gateway.afterAcquiredAnswer',
      'gateway.afterAcquiredWord',
    ]) {
      let line: Awaited<ReturnType<typeof draw>> | undefined;
      await rig.crashAt(point, async () => void (line = await draw(world)));
      while (!outside.links()['switch-1'] || !world.host().isSignedOn()) await rig.sleep(1_000);
      assert.equal(line?.dispensedSen, 0n, point);
    }
    await rig.sleep(120_000);
    let soonSen: bigint | undefined;
    const looked = rig.sleep(20_000).then(() => (soonSen = keptOutside(world)));
    await rig.crashAt('gateway.afterAcquiredAnswer', () => draw(world));
    await looked;
    assert.equal(soonSen, CASH + rupiah(100_000), 'taken back before the machine gives up');
    await rig.sleep(60_000);
    assert.equal(keptOutside(world), CASH + rupiah(100_000), 'the other bank debits what came out');
    assert.deepEqual(await rig.bodies('acquired').then((all) => all.length), 12);
    const owed = (await world.ledger.balance(CHART.switchAcquired))!;
    const fees = 2n * rupiah(5_000);
    assert.equal(owed.heldSen - owed.postedSen, CASH + rupiah(100_000) + fees);
    assert.equal(world.host().owedCount(), 0);
    await agree(world);
  }));

test('T2 the balance of another bank’s card at our machine is what its bank says, and nothing where nobody says it; no money moves and nothing is kept', () =>
  inWorld(async (world) => {
    const { outside, rig, strange, terminal } = world;
    const headBefore = (await rig.page()).entries.length;
    const look = async (card = strange) => {
      const answer = await controlTerminals(
        { terminals: [terminal], full: [], host: world.host() },
        {
          method: 'POST',
          path: '/sim/terminals/balance',
          body: JSON.stringify({
            terminal: terminal.id,
            pan: card.pan,
            pin: card.pin,
            expiry: card.expiry,
          }),
        },
      );
      assert.equal(answer?.status, 200);
      return answer.value;
    };
    const there = PEER_BALANCE_SEN / 100n;
    const shown = { outcome: 'shown', rc: '00', availableRupiah: String(there) };
    assert.deepEqual(await look(), shown);
    const declined = (rc: string) => ({ outcome: 'declined', rc });
    assert.deepEqual(await look({ ...strange, pin: '000000' }), declined('55'));
    assert.deepEqual(await look({ ...strange, pan: '6399990000000018' }), declined('15'));
    const faulty = async (does: Behaviour): Promise<unknown> => {
      outside.chooser.replace([{ name: 'f', match: { flow: 'balance' }, does }]);
      return look();
    };
    assert.deepEqual(await faulty({ kind: 'drop_request' }), declined('68'));
    assert.deepEqual(await faulty({ kind: 'drop_answer' }), declined('68'));
    assert.deepEqual(await faulty({ kind: 'wrong_mac' }), declined('68'));
    assert.deepEqual(await faulty({ kind: 'forged_code', rc: '51' }), declined('68'));
    assert.deepEqual(await faulty({ kind: 'code', rc: '87', isBooked: false }), declined('87'));
    assert.deepEqual(await faulty({ kind: 'code', rc: '78', isBooked: false }), declined('78'));
    assert.deepEqual(await faulty({ kind: 'late_answer', afterMs: 38_000 }), declined('68'));
    assert.deepEqual(await faulty({ kind: 'duplicate', count: 3 }), shown);
    const fault = { name: 'twice', match: { flow: 'balance' } } as const;
    outside.chooser.replace([]);
    world.host().chooser.replace([{ ...fault, does: { kind: 'duplicate', count: 3 } }]);
    assert.deepEqual(
      await look({ ...strange, pin: '000000' }),
      declined('55'),
      'one try, not three',
    );
    world.host().chooser.replace([]);
    assert.deepEqual(await look(), shown);
    await rig.sleep(60_000);
    assert.equal((await draw(world)).outcome, 'dispensed');
    const after = { ...shown, availableRupiah: String(there - CASH / 100n) };
    assert.deepEqual(await look(), after);
    assert.deepEqual((await rig.bodies('acquired')).length, 1, 'the cash alone');
    const journal = JSON.stringify((await rig.page()).entries.slice(headBefore));
    for (const secret of [strange.pan, strange.track2])
      assert.ok(!journal.includes(secret), 'I11 no card or track is in the journal');
    await agree(world);
  }));

test('T1 T5 T7 the gateway ends with a take-back on its disk and nobody told: after no answer, and after notes in part, core and network hear of it once', () =>
  inWorld(async (world) => {
    const { outside, rig, terminal } = world;
    const untilUp = async (): Promise<void> => {
      while (!outside.links()['switch-1'] || !world.host().isSignedOn()) await rig.sleep(1_000);
    };
    outside.chooser.replace([
      { name: 'unheard', match: { flow: 'withdrawal' }, does: { kind: 'drop_answer' } },
    ]);
    let line: Awaited<ReturnType<typeof draw>> | undefined;
    await rig.crashAt('gateway.afterTakeBack', async () => void (line = await draw(world)));
    assert.equal(line?.dispensedSen, 0n);
    outside.chooser.replace([]);
    await untilUp();
    await rig.sleep(60_000);
    assert.equal(keptOutside(world), 0n, 'booked there, and taken back');
    terminal.failNext({ kind: 'partial', notes: 1 });
    await rig.crashAt('gateway.afterTakeBack', async () => void (line = await draw(world)));
    assert.equal(line.dispensedSen, rupiah(100_000));
    await untilUp();
    await rig.sleep(120_000);
    assert.equal(keptOutside(world), rupiah(100_000), 'the other bank debits what came out');
    const backs = await rig.bodies('take_back');
    assert.deepEqual(
      backs.map(({ keptSen }) => keptSen),
      ['0', String(rupiah(100_000))],
      'one for each, whoever asked again',
    );
    const ended = (await rig.bodies('take_back_word')).map(({ word }) => word);
    assert.deepEqual(ended, ['taken', 'taken']);
    const owed = (await world.ledger.balance(CHART.switchAcquired))!;
    assert.equal(owed.heldSen - owed.postedSen, rupiah(100_000) + rupiah(5_000));
    assert.equal(world.host().owedCount(), 0);
    await agree(world);
  }));
