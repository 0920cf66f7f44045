/** What must hold after any crash, from three books that do not know each other: the partner's answers, the hub's book, the ledger. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoCustomers } from '../../src/app/demo-people.ts';
import { processFolder } from '../../src/app/key-file.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { isFinal, type PaymentState } from '../../src/payment/state.ts';
import type { HubBook } from './hub.ts';
import type { Told } from './load.ts';
import type { Rig } from './rig.ts';
import { selectBalances, selectPayments, selectSettledSen, type PaymentFacts } from './store.ts';

/** The hub settles neither: open until the business date ends. */
const NEVER_ENDS = /(99901|99907)$/;

interface Books {
  readonly payments: readonly PaymentFacts[];
  readonly hub: HubBook;
  readonly told: readonly Told[];
}

/** The three books as they are now. */
export async function readBooks(rig: Rig, told: readonly Told[]): Promise<Books> {
  // What was told first, then the ledger: what it says was sent is then in the hub's book already.
  const toldSoFar = told.map((one) => ({ ...one }));
  const payments = await selectPayments(rig.db());
  return { payments, hub: rig.hub.read(), told: toldSoFar };
}

/** What holds at every moment, also in the middle of a crash: nothing twice, nothing forgotten. */
export function checkAlways({ payments, hub, told }: Books, nowMs: number): void {
  for (const [id, count] of hub.arrivals)
    assert.equal(count, 1, `I1 ${id} arrived at the hub ${count} times`);
  const references = payments.flatMap((payment) => payment.partner_reference_no ?? []);
  assert.equal(new Set(references).size, references.length, 'T6 one payment per reference');
  const ofReference = new Map(payments.map((payment) => [payment.partner_reference_no, payment]));
  for (const { reference, code } of told.filter((one) => /^20[02]/.test(one.code))) {
    const payment = ofReference.get(reference);
    assert.ok(payment, `${reference} was answered ${code} and has no payment`);
    if (code.startsWith('200'))
      assert.equal(payment.state, 'settled', `${reference} was answered ${code}`);
  }
  for (const payment of payments.filter(({ state }) => !isFinal(state as PaymentState))) {
    const name = `I3 ${payment.id} (${payment.kind}, ${payment.state})`;
    assert.ok(payment.due_at, `${name} is looked at again`);
    if (payment.kind === 'bifast_out')
      assert.ok(
        payment.promise_at && payment.promise_at.getTime() > nowMs,
        `${name} has a promise that lies ahead`,
      );
    if (payment.resolve_by)
      assert.ok(payment.resolve_by.getTime() > nowMs, `${name} has a last clock that lies ahead`);
  }
}

/** What is still under way and must end by itself. What may have left and never arrived stays unknown until the statement: the hub's
 * "not found" is no last word (I2). */
export function openWork({ payments, hub }: Books): readonly string[] {
  const atHub = new Set(hub.outgoing.map(({ bizMsgIdr }) => bizMsgIdr));
  const waitsForStatement = (payment: PaymentFacts): boolean => {
    const { state, credit_account, biz_msg_idr } = payment;
    if (state === 'unknown' && !atHub.has(biz_msg_idr!)) return true;
    return NEVER_ENDS.test(credit_account) && (state === 'unknown' || state === 'accepted');
  };
  const open = payments.filter(
    (payment) => !isFinal(payment.state as PaymentState) && !waitsForStatement(payment),
  );
  // A credit that we refused is over with our answer; the hub has nothing to tell about it.
  const credits = hub.incoming.filter(
    ({ state, noticesOwed }) => state === 'open' || (state === 'settled' && noticesOwed > 0),
  );
  return [
    ...open.map(
      ({ kind, state, credit_account }) => `${kind} ${state} ${credit_account.slice(-5)}`,
    ),
    ...credits.map(({ state }) => `credit ${state}`),
  ];
}

/** What holds once nothing is under way: every book says the same, to the sen. */
export async function checkQuiet(rig: Rig, books: Books): Promise<void> {
  checkAlways(books, rig.time.now());
  checkOutgoing(books);
  checkIncoming(books);
  checkTold(books);
  checkUnknown(rig, books);
  await checkBalances(rig, books);
  const settledSen = books.hub.outgoing
    .filter(({ state }) => state === 'settled')
    .reduce((sum, { amountSen }) => sum + BigInt(amountSen), 0n);
  assert.equal(await selectSettledSen(rig.db()), settledSen, 'I4 the hub has what the ledger paid');
}

/** What the hub never saw is left unknown only where the gateway had burned it: else its journal knows that nothing left. */
function checkUnknown(rig: Rig, { payments, hub }: Books): void {
  const atHub = new Set(hub.outgoing.map(({ bizMsgIdr }) => bizMsgIdr));
  const folder = processFolder(rig.config.folder, 'gateway-1');
  const journal = globSync('journal-*.jsonl', { cwd: folder })
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  for (const { id, state, kind, biz_msg_idr } of payments) {
    if (kind !== 'bifast_out' || state !== 'unknown' || atHub.has(biz_msg_idr!)) continue;
    assert.ok(journal.includes(biz_msg_idr!), `I3 ${id} is unknown, and the gateway never saw it`);
  }
}

function checkOutgoing({ payments, hub }: Books): void {
  const ofId = new Map(hub.outgoing.map((transfer) => [transfer.bizMsgIdr, transfer]));
  for (const payment of payments.filter(({ kind }) => kind === 'bifast_out')) {
    const transfer = payment.biz_msg_idr === null ? undefined : ofId.get(payment.biz_msg_idr);
    const name = `${payment.id} is ${payment.state} (${payment.outcome_code} by ${payment.outcome_source}), the hub has ${transfer?.state ?? 'never seen it'}`;
    if (payment.state === 'settled') assert.equal(transfer?.state, 'settled', name);
    if (payment.state === 'refunded')
      assert.ok(!transfer || transfer.state === 'rejected', `I2 ${name}`);
    if (transfer?.state === 'settled') assert.equal(payment.state, 'settled', `I2 ${name}`);
    if (transfer) assert.equal(transfer.amountSen, payment.amount_sen.toString(), name);
  }
  const ours = new Set(payments.map(({ biz_msg_idr }) => biz_msg_idr));
  for (const { bizMsgIdr } of hub.outgoing)
    assert.ok(ours.has(bizMsgIdr), `I1 the hub took ${bizMsgIdr}, which no payment of ours is`);
}

function checkIncoming({ payments, hub }: Books): void {
  const credits = payments.filter(({ kind }) => kind === 'bifast_in');
  for (const transfer of hub.incoming) {
    const ours = credits.filter(
      (one) =>
        one.biz_msg_idr === transfer.bizMsgIdr && one.counterparty_bank === transfer.fromBank,
    );
    const name = `credit ${transfer.bizMsgIdr} is ${transfer.state} at the hub and ${ours.map(({ state }) => state).join()} here`;
    assert.ok(ours.length <= 1, `I12 ${name}`);
    if (transfer.state === 'settled')
      assert.deepEqual(
        ours.map(({ state }) => state),
        ['settled'],
        name,
      );
    if (transfer.state === 'rejected')
      assert.ok(
        ours.every(({ state }) => state !== 'settled'),
        name,
      );
  }
}

/** Nobody was told a failure about money that moved, or a success about money that did not. */
function checkTold({ payments, told }: Books): void {
  const ofReference = new Map(payments.map((payment) => [payment.partner_reference_no, payment]));
  for (const { reference, code, kind } of told) {
    const state = ofReference.get(reference)?.state ?? 'none';
    const name = `${reference} was answered ${code} and is ${state}`;
    if (code.startsWith('200')) assert.equal(state, 'settled', name);
    else if (code.startsWith('202'))
      assert.ok(kind === 'bifast_out' && state !== 'none' && state !== 'refused', name);
    else assert.ok(['none', 'refused', 'refunded', 'cancelled'].includes(state), name);
  }
}

/** Each customer's balance, worked out from what the partner was told and what the hub settled, never from the ledger. */
async function checkBalances(rig: Rig, { payments, hub, told }: Books): Promise<void> {
  const expected = new Map(
    demoCustomers().map(({ account, openingRupiah }) => [account, rupiah(openingRupiah) as bigint]),
  );
  const held = new Map<string, bigint>();
  const add = (to: Map<string, bigint>, account: string, bySen: bigint): void =>
    void to.set(account, (to.get(account) ?? 0n) + bySen);
  for (const { kind, code, from, to, amountSen } of told) {
    if (kind !== 'onus' || !code.startsWith('200')) continue;
    add(expected, from, -amountSen);
    add(expected, to, amountSen);
  }
  const feeOf = new Map(payments.map(({ biz_msg_idr, fee_sen }) => [biz_msg_idr, fee_sen]));
  for (const { state, debtorAccount, amountSen, bizMsgIdr } of hub.outgoing) {
    const sum = BigInt(amountSen) + feeOf.get(bizMsgIdr)!;
    if (state === 'settled') add(expected, debtorAccount, -sum);
    if (state === 'open') add(held, debtorAccount, sum);
  }
  for (const { state, creditorAccount, amountSen } of hub.incoming)
    if (state === 'settled') add(expected, creditorAccount, BigInt(amountSen));
  for (const payment of payments) {
    const isUnseen =
      payment.kind === 'bifast_out' &&
      !isFinal(payment.state as PaymentState) &&
      !hub.outgoing.some(({ bizMsgIdr }) => bizMsgIdr === payment.biz_msg_idr);
    if (isUnseen) add(held, payment.debit_account, payment.amount_sen + payment.fee_sen);
  }
  for (const { number, posted_sen, pending_debit_sen, pending_credit_sen } of await selectBalances(
    rig.db(),
  )) {
    if (!expected.has(number)) continue;
    assert.deepEqual(
      { balance: posted_sen, held: pending_debit_sen, coming: pending_credit_sen },
      { balance: expected.get(number), held: held.get(number) ?? 0n, coming: 0n },
      `account ${number}`,
    );
  }
}

const QUIET_MS_MAX = 110_000;

/** Waits until nothing is under way; the books then. */
export async function untilQuiet(rig: Rig, told: readonly Told[]): Promise<Books> {
  const until = rig.time.now() + QUIET_MS_MAX;
  for (;;) {
    const books = await readBooks(rig, told);
    const open = openWork(books);
    if (open.length === 0) return books;
    if (rig.time.now() > until)
      throw new Error(
        `Not quiet after ${QUIET_MS_MAX / 1000} s: ${open.slice(0, 10).join('; ')}${open.length > 10 ? ` and ${open.length - 10} more` : ''}`,
      );
    await rig.time.sleep(500);
  }
}
