/** Makes a code after the PIN, and ends one. A customer has one code at a time: whoever makes a new one has left the till, or lost the
 * screen. */
import { recordEvents } from '../audit/record.ts';
import { assert } from '../kernel/assert.ts';
import { newId } from '../kernel/ids.ts';
import { sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import { LedgerBusy } from '../ledger/port.ts';
import { codeCounter } from '../payment/limits.ts';
import { customerPanOf } from '../payment/qris-draft.ts';
import type { PresentedContext } from './context.ts';
import { drawContent } from './content.ts';
import { isGateShut, lifeOf } from './decide.ts';
import { gateOf } from './gate.ts';
import type { PresentedCode, PresentedCodes, PresentedResult, PresentedTerms } from './port.ts';
import { insertCode, lockCustomer, selectLive, selectOfCustomer } from './store.ts';
import { postPresented } from './write.ts';

/** One person has as many screens open at most; each try ends what the others made. */
const MAKE_TRIES_MAX = 5;

/** What a code may be today. */
export async function readTerms(context: PresentedContext): Promise<PresentedTerms> {
  const { qrisPresentedLimitSen, qrisCapSen, qrisPresentedLifeMs } = await context.settings();
  const limit = qrisPresentedLimitSen < qrisCapSen ? qrisPresentedLimitSen : qrisCapSen;
  return { limitMaxSen: sen(limit), lifeMs: Number(qrisPresentedLifeMs) };
}

/** Makes one; the earlier ones of the customer end first. */
export async function makePresented(
  context: PresentedContext,
  input: Parameters<PresentedCodes['make']>[0],
): Promise<PresentedResult> {
  const { customerId, account, limitSen } = input;
  const [terms, [facts]] = await Promise.all([
    readTerms(context),
    context.facts.accounts([account]),
  ]);
  if (!facts || facts.customerId !== customerId) return { ok: false, reason: 'account_not_yours' };
  if (limitSen <= 0n) return { ok: false, reason: 'amount_not_positive' };
  if (limitSen > terms.limitMaxSen) return { ok: false, reason: 'above_rail_cap' };
  // No merchant is known yet: what holds for all of them is said now, before anybody stands at a till.
  const gate = gateOf(context, { account: facts, amountSen: limitSen });
  if (isGateShut(gate, limitSen))
    return { ok: false, reason: gate.kind === 'step_up' ? 'step_up_needed' : 'restricted', gate };
  const pan = customerPanOf({ institution: context.bank.bankCode, payer: customerId });
  const { payload, secretHash } = drawContent(context.random, pan);
  for (let tries = 0; tries < MAKE_TRIES_MAX; tries++) {
    await endEarlier(context, customerId);
    const nowMs = context.time.now();
    const code: PresentedCode = {
      id: newId('qpc', nowMs, context.random),
      pan,
      customerId,
      account,
      limitSen,
      madeAtMs: nowMs,
      validUntilMs: nowMs + terms.lifeMs,
    };
    if (await write(context, { code, secretHash })) return { ok: true, code, payload };
  }
  throw new LedgerBusy('Cannot make a code: others of the customer are made at the same moment');
}

/** False when another process has made one of the customer's meanwhile: that one must end first. */
async function write(
  { db }: PresentedContext,
  { code, secretHash }: { readonly code: PresentedCode; readonly secretHash: Buffer },
): Promise<boolean> {
  const { id, customerId, limitSen, madeAtMs, validUntilMs } = code;
  return db.tx(async (tx) => {
    await lockCustomer(tx, customerId);
    if ((await selectLive(tx, { customerId, nowMs: madeAtMs })).length > 0) return false;
    await insertCode(tx, { code, secretHash });
    const data = { customerId, limitSen: String(limitSen), validUntilMs: String(validUntilMs) };
    await recordEvents(tx, [{ atMs: madeAtMs, kind: 'presented_code.made', subject: id, data }]);
    return true;
  });
}

/** Ends a code that has not paid; as it stands then. */
export async function cancelPresented(
  context: PresentedContext,
  of: { readonly customerId: string; readonly id: string },
): Promise<PresentedCode | undefined> {
  const code = await selectOfCustomer(context.db, of);
  if (!code || lifeOf(code, context.time.now()) !== 'waiting') return code;
  await end(context, code, 'customer');
  return selectOfCustomer(context.db, of);
}

async function endEarlier(context: PresentedContext, customerId: string): Promise<void> {
  const live = await selectLive(context.db, { customerId, nowMs: context.time.now() });
  for (const code of live) await end(context, code, 'new_code');
}

/** The ledger counts the code as used: of an end and a payment in the same moment one passes, over all processes. */
async function end(context: PresentedContext, code: PresentedCode, by: string): Promise<void> {
  const atMs = context.time.now();
  const day = wibDate(atMs);
  const result = await postPresented(context, {
    key: `presented-end:${code.id}`,
    body: { codeId: code.id },
    paymentId: code.id,
    dates: { valueDate: day, businessDate: day },
    legs: [],
    counters: [codeCounter(code.id)],
    writes: [],
    cancelled: { codeId: code.id, atMs, by },
  });
  assert(result.ok || result.reason === 'limit_exceeded', 'only a payment can be before an end');
}
