/** Binds what is asked with a PIN to what was agreed: the consent's session, payee, amount, schedule and key. */
import { DbFault } from '../../db/pool.ts';
import { parseIdr } from '../../kernel/money.ts';
import { LedgerBusy } from '../../ledger/port.ts';
import type { TransferRoute } from '../../payment/port.ts';
import type { Session } from '../session/access.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import { selectByKey, selectConsent, type ConsentRow } from './store.ts';

/** PINs per customer and minute; a person stays far below. The lock after five wrong ones is the session slice's. */
export const PIN_RATE = { max: 10, timeWindow: 60_000, hook: 'preHandler' } as const;

/** The consent, if it is this session's, unexpired, unused or used by this very key, and says what is asked now. */
export async function boundConsent(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly key: string;
    /** What it must be for: one transfer now (null), or this schedule. */
    readonly schedule: string | null;
    readonly body: {
      readonly consentId: string;
      readonly bank: string;
      readonly account?: string;
      readonly proxy?: string;
      readonly amount: { readonly value: string };
      /** Left out: whatever was agreed. */
      readonly route?: TransferRoute;
    };
  },
): Promise<ConsentRow> {
  const { session, body, key } = input;
  const consent = await selectConsent(deps.db, { id: body.consentId, customerId: session.subject });
  if (!consent) throw new Refused('consent_missing');
  const isSame =
    consent.payee_bank === body.bank &&
    isPayee(consent, body) &&
    consent.amount_sen === parseIdr(body.amount.value) &&
    consent.schedule === input.schedule &&
    (body.route === undefined || body.route === consent.route);
  if (!isSame) throw new Refused('consent_mismatch');
  if (consent.used_key === key && (await isAnswerLost(deps, { consent, session, key })))
    return consent;
  if (consent.used_key !== null && consent.used_key !== key) throw new Refused('consent_used');
  if (
    !consent.session_hash.equals(session.tokenHash) ||
    consent.expires_at.getTime() <= deps.time.now()
  )
    throw new Refused('consent_missing');
  return consent;
}

/** True when the key asks again for the answer to a payment that may be made. A consent that was only asked about is still to be used, in
 * its session and its time. */
async function isAnswerLost(
  deps: MobileDeps,
  of: { readonly consent: ConsentRow; readonly session: Session; readonly key: string },
): Promise<boolean> {
  if ((of.consent.asked ?? null) === null) return true;
  const made = await selectByKey(deps.db, { customerId: of.session.subject, key: of.key });
  return (made?.paymentId ?? null) !== null;
}

/** A payee behind a proxy is named by it: the account was never shown in full. */
function isPayee(
  consent: ConsentRow,
  { account, proxy }: { readonly account?: string; readonly proxy?: string },
): boolean {
  return (consent.payee_proxy ?? null) === null
    ? proxy === undefined && consent.payee_account === account
    : account === undefined && consent.payee_proxy === proxy;
}

/** Refuses unless the PIN is right. */
export async function demandPin(
  deps: MobileDeps,
  input: { readonly session: Session; readonly pin: string },
): Promise<void> {
  const result = await deps.access.checkPin({ customerId: input.session.subject, pin: input.pin });
  if (result.ok) return;
  if (result.reason === 'wrong') throw new Refused('pin_wrong', { triesLeft: result.triesLeft });
  throw new Refused('pin_locked', result.untilMs === undefined ? {} : { untilMs: result.untilMs });
}

/** From the moment a payment may have been committed, a fault means that nobody knows: never "failed" (I2). The same key may ask again. */
export async function orUnknown<T>(
  deps: MobileDeps,
  consentId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused || error instanceof LedgerBusy) throw error;
    if (error instanceof DbFault && error.constraint === 'consent_used_key')
      throw new Refused('key_conflict');
    deps.log.error({ consentId, error: (error as Error).message }, 'mobile.outcome_unknown');
    throw new Refused('outcome_unknown');
  }
}
