/** The attacker in taken-over app sessions: the bank's own app pays, with the customer's PIN and consent, so that the ledger authorises each
 * payment. It stands where the app's route hands a confirmed transfer to the payment engine; from there on all is the bank's own code. */
import { attackLog, type AttackEntry, type AttackLog } from '../../../sim/attacker/log.ts';
import type { AttackStep } from '../../../sim/drills/scenario.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import { sen } from '../../kernel/money.ts';
import type { Time } from '../../kernel/time.ts';
import type { PaymentEngine } from '../../payment/port.ts';
import type { DemoCustomer } from '../demo-people.ts';

/** Begins the consent of each theft, by which the books find what became of it. */
export const THEFT_CONSENT = 'cst_theft';

interface SessionAttack {
  readonly time: Time;
  readonly engine: PaymentEngine;
  readonly steps: readonly AttackStep[];
  /** In the order of the steps' `victim`. */
  readonly customers: readonly DemoCustomer[];
}

/** Tries every step at its time. An entry is taken when core took the payment. */
export async function attackSessions(input: SessionAttack): Promise<AttackLog> {
  const tries: Promise<AttackEntry>[] = [];
  for (const step of input.steps) {
    const waitMs = step.atMs - input.time.now();
    if (waitMs > 0) await input.time.sleep(waitMs);
    tries.push(payOne(input, step));
  }
  return attackLog(await Promise.all(tries));
}

async function payOne(
  { time, engine, customers }: SessionAttack,
  step: AttackStep,
): Promise<AttackEntry> {
  const { id: customerId, account } = customers[step.victim!]!; // scenario-file.ts: every step of this path has one
  const asked = {
    debitAccount: account,
    creditorBank: step.bank,
    creditorAccount: step.account,
    creditorName: step.name,
    amount: sen(step.amountSen),
    remark: '',
    consentId: `${THEFT_CONSENT}${step.number}`,
  };
  const entry = {
    atMs: time.now(),
    kind: step.kind,
    identity: customerId,
    amountSen: step.amountSen,
  };
  const offer = await engine.quote({ channel: 'mobile', ...asked });
  // The app shows a closed way before anybody can confirm.
  if (!offer.open) return { ...entry, answer: 403, reason: offer.reason, isTaken: false };
  const result = await engine.submit({
    channel: 'mobile',
    key: `mobile:${customerId}:theft-${step.number}`,
    requestHash: sha256(canonicalJson({ ...asked, amount: String(asked.amount) })),
    customerId,
    confirmedFeeSen: offer.feeSen,
    // The session was taken over: the app proves what it always proves.
    proof: { kind: 'session', session: customerId, device: 'phone', pinAtMs: time.now() },
    ...asked,
  });
  return result.ok
    ? { ...entry, answer: 200, reason: 'taken', isTaken: true }
    : { ...entry, answer: 403, reason: result.reason, isTaken: false };
}
