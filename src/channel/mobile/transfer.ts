/** The one call that moves money: consent, PIN, submit; and what became of an Idempotency-Key. The consent binds session, device,
 * account, payee, amount and the very words; one key uses it, and may ask again after a lost answer. */
import { Type } from 'typebox';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import { sen } from '../../kernel/money.ts';
import type { BillCommand } from '../../payment/bill/bill.ts';
import type { ChannelProof, PaymentView } from '../../payment/port.ts';
import { proxyOfText } from '../../rail/bifast/proxy.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import { boundConsent, demandPin, orUnknown, PIN_RATE } from './consent.ts';
import { showDetail } from './history.ts';
import { readReader } from './home.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import { questionsOf } from './risk-words.ts';
import { qrisPartOf } from './qris-pay.ts';
import type { Scope } from './register.ts';
import { KEY_PATTERN, PaymentDetail, TransferBody } from './schema.ts';
import { claimConsent, selectByKey, updateAsked, type ConsentRow } from './store.ts';
import { explanationOf } from './terms.ts';

/** How long the answer waits for a final state; most settle within it. */
const ANSWER_WAIT_MS = 3_000;
/** Who stands at a till hears within ten seconds, even if only that it is being checked. */
const TILL_WAIT_MS = 8_500;

/** Registers the call that moves money, and the question what became of it. */
export function registerTransfer(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/transfers',
    {
      schema: {
        body: TransferBody,
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String()) }),
        response: { 200: PaymentDetail },
      },
      config: { rateLimit: PIN_RATE },
    },
    async (request) => {
      const key = request.headers['idempotency-key'];
      if (key === undefined || !new RegExp(KEY_PATTERN).test(key)) throw new Refused('key_missing');
      const session = sessionOf(request);
      const consent = await boundConsent(deps, {
        session,
        body: request.body,
        key,
        schedule: null,
      });
      await demandPin(deps, { session, pin: request.body.pin });
      const answers = request.body.answers ?? [];
      const proof = proofOf(session, deps.time.now());
      const { payment, isRepeat } = await submit(deps, { session, consent, key, answers, proof });
      return orUnknown(deps, consent.id, async () => {
        const waitMs = consent.qris_payload === null ? ANSWER_WAIT_MS : TILL_WAIT_MS;
        const known = await deps.engine.awaitOutcome(payment.id, waitMs);
        return {
          ...(await showDetail(deps, { payment: known, reader: await readReader(deps, request) })),
          isRepeat,
        };
      });
    },
  );

  scope.get(
    '/transfers/:key',
    {
      schema: {
        params: Type.Object(
          { key: Type.String({ pattern: KEY_PATTERN }) },
          { additionalProperties: false },
        ),
        response: { 200: PaymentDetail },
      },
    },
    async (request) => {
      const found = await selectByKey(deps.db, {
        customerId: sessionOf(request).subject,
        key: request.params.key,
      });
      const payment = found?.paymentId ? await deps.engine.find(found.paymentId) : undefined;
      if (!payment || payment.customerId !== sessionOf(request).subject)
        throw new Refused('not_found');
      return showDetail(deps, { payment, reader: await readReader(deps, request) });
    },
  );
}

async function submit(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly consent: ConsentRow;
    readonly key: string;
    readonly answers: readonly string[];
    readonly proof: ChannelProof;
  },
): Promise<{ readonly payment: PaymentView; readonly isRepeat: boolean }> {
  const { session, consent, key, proof } = input;
  const result = await orUnknown(deps, consent.id, async () => {
    if (!(await claimConsent(deps.db, { id: consent.id, key, nowMs: deps.time.now() })))
      throw new Refused('consent_used');
    if (consent.bill_inquiry_id)
      return deps.bills.pay({
        ...billCommandOf({ session, consent, key, inquiryId: consent.bill_inquiry_id }),
        proof,
      });
    const qrisPart = await qrisPartOf(deps, consent);
    // Only what was asked about this payment, after an earlier PIN, is answered by this one.
    const answered = (consent.asked ?? []).filter((code) => input.answers.includes(code));
    return deps.engine.submit({
      ...commandOf({ session, consent, key }),
      ...qrisPart,
      answered,
      proof,
    });
  });
  if (result.ok) return { payment: result.payment, isRepeat: result.repeated };
  const { reason, restriction, questions } = result;
  if (questions) return ask(deps, { ...input, questions, lastAtMs: result.lastAtMs });
  throw new Refused(
    reason,
    explanationOf(deps, { quote: restriction ? { restriction } : {}, language: session.language }),
  );
}

/** Nothing is paid yet: the same key and consent come again with a PIN and answers. */
async function ask(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly consent: ConsentRow;
    readonly key: string;
    readonly questions: readonly string[];
    readonly lastAtMs: number | undefined;
  },
): Promise<never> {
  const { session, consent, key, questions: asked, lastAtMs } = input;
  await updateAsked(deps.db, { id: consent.id, key, asked });
  const agoMs = lastAtMs === undefined ? undefined : deps.time.now() - lastAtMs;
  throw new Refused('asked_first', {
    questions: questionsOf(asked, { language: session.language, agoMs }),
  });
}

/** What this channel knows of who asks; keyed before anybody else reads it. */
function proofOf(session: Session, pinAtMs: number): ChannelProof {
  return {
    kind: 'session',
    session: session.tokenHash.toString('hex'),
    device: session.device,
    pinAtMs,
    signed: session.signed,
  };
}

function creditorProxyOf({ payee_proxy, payee_registered_name }: ConsentRow) {
  const proxy = payee_proxy ? proxyOfText(payee_proxy) : undefined;
  return proxy && payee_registered_name
    ? { creditorProxy: { ...proxy, registeredName: payee_registered_name } }
    : {};
}

function commandOf(input: {
  readonly session: Session;
  readonly consent: ConsentRow;
  readonly key: string;
}) {
  const { session, consent, key } = input;
  const asked = {
    debitAccount: consent.debit_account,
    creditorBank: consent.payee_bank,
    creditorAccount: consent.payee_account,
    creditorName: consent.payee_name,
    amount: sen(consent.amount_sen),
    remark: consent.remark,
    mayWait: true,
    consentId: consent.id,
    ...(consent.route !== null && { route: consent.route }),
    ...creditorProxyOf(consent),
  };
  return {
    channel: 'mobile' as const,
    key: `mobile:${session.subject}:${key}`,
    requestHash: sha256(canonicalJson(asked)),
    customerId: session.subject,
    confirmedFeeSen: sen(consent.fee_sen),
    ...asked,
  };
}

function billCommandOf(input: {
  readonly session: Session;
  readonly consent: ConsentRow;
  readonly key: string;
  readonly inquiryId: string;
}): BillCommand {
  const { session, consent, key } = input;
  const asked = {
    inquiryId: input.inquiryId,
    debitAccount: consent.debit_account,
    amount: sen(consent.amount_sen),
    periodCount: consent.period_count ?? 0,
    consentId: consent.id,
  };
  return {
    key: `mobile:${session.subject}:${key}`,
    requestHash: sha256(canonicalJson(asked)),
    customerId: session.subject,
    confirmedFeeSen: sen(consent.fee_sen),
    isRepeatConfirmed: consent.is_repeat_confirmed ?? false,
    ...asked,
  };
}
