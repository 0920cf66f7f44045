/** Two cores and a gateway over one database: they agree on a restriction, a request that reaches both at once has one effect, and
 * nothing written into the database by an insider opens what is closed (I5, I6). One story; each test goes on where the one before
 * it stopped. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { SnapAnswer, SnapClient } from '../../sim/customer/snap-client.ts';
import { otherAccount } from '../../sim/hub/people.ts';
import { readDatabaseUrl } from '../../src/app/key-file.ts';
import { openDb, type Db } from '../../src/db/pool.ts';
import { formatIdr, sen } from '../../src/kernel/money.ts';
import { wibIso } from '../../src/kernel/time.ts';
import { isFinal, type PaymentState } from '../../src/payment/state.ts';
import { askToPay, customerAccount, instructionsAtHub, PAID, payOut, RESTRICTED } from './pay.ts';
import { startRig, until, type Enforcer, type FlowRig } from './rig.ts';
import {
  forceOpen,
  insertStop,
  selectAvailable,
  selectByReference,
  selectSetMadeAt,
  selectStops,
} from './store.ts';

const ENFORCERS: readonly Enforcer[] = ['core-1', 'core-2', 'gateway-1'];
/** Issue 2 and domain.md: everybody agrees within a second. */
const AGREE_MS_MAX = 1_000;
const ROUNDS = 6;
const CONFLICT = '4041818';

let rig: FlowRig;
/** When both bodies of a request say that it was made. */
const transactionDate = wibIso(Date.now());
let snaps: readonly [SnapClient, SnapClient];
let stopCount = 0;
/** Restrictions that must stand at everybody's. */
const stopped: string[] = [];
let lastStopped: string;

before(async () => {
  rig = await startRig({ cores: 2 });
  snaps = [rig.snap('core-1'), rig.snap('core-2')];
  // Each has its token before anything is measured.
  await Promise.all(snaps.map((snap) => snap.balanceInquiry(customerAccount(0))));
});
after(() => rig.stop());

/** Staff ask for a stop of what goes to one bank; the id of the restriction once the guard has placed it. */
async function stopBank(bank: string): Promise<string> {
  const id = `stp_flow${++stopCount}`;
  const scope = JSON.stringify({ rail: 'bifast', direction: 'out', bank });
  await insertStop(rig.db(), { id, scope, nowMs: rig.time.now() });
  let placed: string | null = null;
  await until({ time: rig.time, what: `a stop of ${bank} is placed`, everyMs: 5 }, async () => {
    placed = (await selectStops(rig.db(), id))[0]!.restriction_id;
    return placed !== null;
  });
  return placed!;
}

/** Waits until these processes enforce it, by the set on their disk. */
function untilHeld(id: string, names: readonly Enforcer[] = ENFORCERS): Promise<void> {
  return until({ time: rig.time, what: `${names.join(', ')} hold ${id}`, msMax: 10_000 }, () =>
    names.every((name) => rig.restrictionsOf(name).includes(id)),
  );
}

test('T12 two cores and the gateway agree on a restriction within one second', async (t: TestContext) => {
  const versions = await Promise.all(ENFORCERS.map((name) => rig.setVersion(name)));
  assert.equal(new Set(versions).size, 1, `they agree before: ${versions.join(', ')}`);
  const id = await stopBank('CENAIDJA');
  stopped.push(id);
  const seen = await Promise.all(
    ENFORCERS.map(async (name, index) => {
      let version = versions[index]!;
      await until({ time: rig.time, what: `${name} takes a newer set`, everyMs: 2 }, async () => {
        version = await rig.setVersion(name);
        return version > versions[index]!;
      });
      return { name, version, atMs: rig.time.now() };
    }),
  );
  assert.equal(new Set(seen.map(({ version }) => version)).size, 1, JSON.stringify(seen));
  const madeAtMs = await selectSetMadeAt(rig.db(), seen[0]!.version);
  for (const { name, atMs } of seen) {
    t.diagnostic(`${name}: ${atMs - madeAtMs} ms after the set was made`);
    assert.ok(atMs - madeAtMs <= AGREE_MS_MAX, `${name} after ${atMs - madeAtMs} ms`);
    assert.ok(rig.restrictionsOf(name).includes(id), `${name} keeps it on its disk`);
  }
  for (const [index, snap] of snaps.entries()) {
    const from = customerAccount(index);
    const stopped = await payOut(rig, { snap, from, toBank: 'CENAIDJA' });
    assert.deepEqual([stopped.answer.code, stopped.spentSen, stopped.atHub], [RESTRICTED, 0n, 0]);
    const paid = await payOut(rig, { snap, from });
    assert.deepEqual([paid.answer.code, paid.atHub], [PAID, 1], 'other banks go on');
  }
});

test('T6 the same request to both cores at the same instant has one effect and one answer', async () => {
  const atHub = instructionsAtHub(rig);
  const rounds = await Promise.all(
    Array.from({ length: ROUNDS }, async (_, round) => {
      const from = customerAccount(10 + round);
      const before = await selectAvailable(rig.db(), from);
      const reference = `both-${round}`;
      const answers = await askBoth([body({ reference, from }), body({ reference, from })]);
      return { reference, from, before, answers };
    }),
  );
  for (const { reference, from, before, answers } of rounds) {
    const rows = await selectByReference(rig.db(), reference);
    assert.deepEqual(
      rows.map(({ state }) => state),
      ['settled'],
    );
    const { id, amount_sen, fee_sen } = rows[0]!;
    assert.deepEqual(
      answers.map(({ code, body }) => [code, body['referenceNo']]),
      [
        [PAID, id],
        [PAID, id],
      ],
    );
    assert.equal(before - (await selectAvailable(rig.db(), from)), amount_sen + fee_sen);
  }
  assert.equal(instructionsAtHub(rig) - atHub, ROUNDS);
});

test('T6 two different requests under one reference: one of them pays, the other is told so', async () => {
  const atHub = instructionsAtHub(rig);
  const reference = 'both-differ';
  const [from, other] = [customerAccount(20), customerAccount(21)] as const;
  const before = (await selectAvailable(rig.db(), from)) + (await selectAvailable(rig.db(), other));
  const answers = await askBoth([body({ reference, from }), body({ reference, from: other })]);
  assert.deepEqual(answers.map(({ code }) => code).toSorted(), [PAID, CONFLICT]);
  const rows = await selectByReference(rig.db(), reference);
  assert.equal(rows.length, 1);
  const after = (await selectAvailable(rig.db(), from)) + (await selectAvailable(rig.db(), other));
  assert.equal(before - after, rows[0]!.amount_sen + rows[0]!.fee_sen);
  assert.equal(instructionsAtHub(rig) - atHub, 1);
});

/** The same words each time: a repeat of a request is byte for byte the same. */
function body(of: {
  readonly reference: string;
  readonly from: string;
}): Readonly<Record<string, unknown>> {
  const beneficiaryAccountNo = '1100012345';
  return {
    partnerReferenceNo: of.reference,
    amount: { value: formatIdr(sen(2_000_000n)), currency: 'IDR' },
    beneficiaryAccountName: otherAccount(beneficiaryAccountNo).name,
    beneficiaryAccountNo,
    beneficiaryBankCode: 'BNINIDJA',
    sourceAccountNo: of.from,
    transactionDate,
  };
}

function askBoth(bodies: readonly unknown[]): Promise<readonly SnapAnswer[]> {
  return Promise.all(
    snaps.map((snap, index) => snap.call('/v1.0/transfer-interbank', bodies[index])),
  );
}

test('T12 a core that was dead while a restriction was placed comes back restricted, and needs no guard to stay so', async () => {
  await rig.kill('core-2');
  const id = await stopBank('BRINIDJA');
  stopped.push(id);
  await untilHeld(id, ['core-1', 'gateway-1']);
  await rig.launch('core-2');
  snaps = [snaps[0], rig.snap('core-2')];
  // Its first answer, whether or not the guard has reached it: the gateway knows too.
  const first = await payOut(rig, { snap: snaps[1], from: customerAccount(1), toBank: 'BRINIDJA' });
  assert.deepEqual([first.answer.code, first.spentSen, first.atHub], [RESTRICTED, 0n, 0]);
  await untilHeld(id);
  await rig.kill('guard');
  await rig.kill('core-2');
  await rig.launch('core-2');
  snaps = [snaps[0], rig.snap('core-2')];
  const alone = await payOut(rig, { snap: snaps[1], from: customerAccount(1), toBank: 'BRINIDJA' });
  assert.deepEqual(
    [alone.answer.code, alone.state, alone.spentSen, alone.atHub],
    [RESTRICTED, 'refused', 0n, 0],
    'refused by itself, from its own disk, before any money was held',
  );
  const open = await payOut(rig, { snap: snaps[1], from: customerAccount(1) });
  assert.equal(open.answer.code, PAID, 'by what it knew, not by a posture that closes everything');
  await rig.launch('guard');
  await until({ time: rig.time, what: 'the guard leads again' }, async () => {
    const versions = await Promise.all(ENFORCERS.map((name) => rig.setVersion(name)));
    return new Set(versions).size === 1;
  });
});

test('I5 I6 what an insider writes into the database opens nothing, at the cores or at the gateway', async () => {
  // Held before the stop, and not signed before it: only the gateway can hold this one back.
  await rig.kill('signer');
  const from = customerAccount(30);
  const reference = 'held-before-the-stop';
  const before = await selectAvailable(rig.db(), from);
  const atHub = instructionsAtHub(rig);
  const pending = askToPay({ snap: snaps[0], from, toBank: 'BMRIIDJA', reference });
  const stateOf = async (): Promise<string | undefined> =>
    (await selectByReference(rig.db(), reference))[0]?.state;
  await until({ time: rig.time, what: 'it is held' }, async () => (await stateOf()) === 'held');
  stopped.push(await stopBank('BMRIIDJA'));
  await untilHeld(stopped.at(-1)!);
  await insiderOpens(stopped.at(-1)!);
  // The guard makes its next set out of what the table says now.
  lastStopped = await stopBank('BNINIDJA');
  await rig.launch('signer');
  const first = await pending;
  await until({ time: rig.time, what: 'the held one ends' }, async () =>
    isFinal((await stateOf()) as PaymentState),
  );
  assert.equal(await stateOf(), 'refunded', JSON.stringify(first.body));
  assert.equal(await selectAvailable(rig.db(), from), before);
  for (const [index, snap] of snaps.entries()) {
    for (const toBank of ['CENAIDJA', 'BRINIDJA', 'BMRIIDJA']) {
      const paid = await payOut(rig, { snap, from: customerAccount(40 + index), toBank });
      assert.deepEqual([paid.answer.code, paid.spentSen], [RESTRICTED, 0n], toBank);
    }
  }
  assert.equal(instructionsAtHub(rig), atHub);
  for (const name of ENFORCERS)
    assert.deepEqual(
      stopped.filter((id) => !rig.restrictionsOf(name).includes(id)),
      [],
      `${name} lost some`,
    );
});

test('I5 an insider who opened what he could keeps nobody from stopping more', async () => {
  await untilHeld(lastStopped);
  const paid = await payOut(rig, { snap: snaps[1], from: customerAccount(50) });
  assert.deepEqual([paid.answer.code, paid.spentSen, paid.atHub], [RESTRICTED, 0n, 0]);
});

/** As core's role, which may write no restriction at all; as the guard's, which may; as the superuser, whom nothing stops. */
async function insiderOpens(id: string): Promise<void> {
  const asRole = (name: string): Db =>
    openDb({
      url: readDatabaseUrl(rig.config.folder, name),
      size: 1,
      time: rig.time,
      name: 'insider',
    });
  const [core, guard] = [asRole('core-1'), asRole('guard')];
  const what = { id, bank: 'CENAIDJA', nowMs: rig.time.now() };
  try {
    await assert.rejects(forceOpen(core, { ...what, mark: 'core' }), /permission denied/);
    await forceOpen(guard, { ...what, mark: 'guard' });
    await forceOpen(rig.db(), { ...what, mark: 'superuser' });
  } finally {
    await core.close();
    await guard.close();
  }
}
