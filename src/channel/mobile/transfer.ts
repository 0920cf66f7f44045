/** A transfer, step by step: name check, quote, consent, PIN, submit. Everything a restriction or limit says is answered before the
 * PIN is asked (I7). The consent binds session, device, account, payee, amount and the very words; one Idempotency-Key uses it. */
import { Type } from 'typebox';
import { DbFault } from '../../db/pool.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import { newId } from '../../kernel/ids.ts';
import { formatRupiah, parseIdr, sen, type Sen } from '../../kernel/money.ts';
import { LedgerBusy } from '../../ledger/port.ts';
import type { Language } from '../../notify/template.ts';
import type { PaymentView, TransferQuote } from '../../payment/port.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import { showDetail } from './history.ts';
import { readReader } from './home.ts';
import type { MobileDeps } from './port.ts';
import { PROBLEMS, Refused } from './problem.ts';
import type { Scope } from './register.ts';
import {
  ConsentAnswer,
  ConsentBody,
  KEY_PATTERN,
  NameCheckAnswer,
  NameCheckBody,
  PaymentDetail,
  QuoteAnswer,
  QuoteBody,
  TransferBody,
} from './schema.ts';
import {
  claimConsent,
  insertConsent,
  insertNameCheck,
  selectAccountNumbers,
  selectByKey,
  selectConsent,
  selectNameCheck,
  selectParticipants,
  type ConsentRow,
  type NameCheckRow,
} from './store.ts';
import { wireAmount } from './view.ts';
import { MOBILE_WORDS } from './words.ts';

/** How long a checked name may be paid to. */
const NAME_CHECK_MS = 15 * 60_000;
/** How long a consent waits for its PIN. */
const CONSENT_MS = 10 * 60_000;
/** How long the answer waits for a final state; most settle within it. */
const ANSWER_WAIT_MS = 3_000;
/** Per customer and minute; a person who fills in forms stays far below. Bounds guessing of names and PINs. */
const NAME_CHECK_MAX = 20;
const PIN_MAX = 10;
const MINUTE_MS = 60_000;
/** The amount that an enquiry carries before the customer has typed one. */
const ENQUIRY_SEN = sen(100n);

interface Terms {
  readonly fromAccount: string;
  readonly nameCheckId: string;
  readonly amount: { readonly value: string };
  readonly remark: string;
}

/** Registers the transfer routes. */
export function registerTransfer(scope: Scope, deps: MobileDeps): void {
  registerTerms(scope, deps);
  registerSubmit(scope, deps);
}

/** What is agreed before the PIN. */
function registerTerms(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/name-check',
    {
      schema: { body: NameCheckBody, response: { 200: NameCheckAnswer } },
      config: { rateLimit: { max: NAME_CHECK_MAX, timeWindow: MINUTE_MS, hook: 'preHandler' } },
    },
    async (request) => checkName(deps, { session: sessionOf(request), ...request.body }),
  );

  scope.post(
    '/quote',
    { schema: { body: QuoteBody, response: { 200: QuoteAnswer } } },
    async (request) => {
      const { quote, payee, payeeBank, amount } = await quoteTerms(deps, {
        session: sessionOf(request),
        terms: request.body,
      });
      const { language } = sessionOf(request);
      const total = sen(amount + quote.feeSen);
      const shown = {
        fee: wireAmount(quote.feeSen),
        total: wireAmount(total),
        payee: { name: payee.name, bank: payeeBank, account: payee.account },
      };
      if (!quote.open)
        return { isOpen: false, ...shown, refusal: explainRefusal(deps, { quote, language }) };
      return {
        isOpen: true,
        ...shown,
        text: consentText({ terms: request.body, quote, payee, payeeBank, amount, language }),
      };
    },
  );

  scope.post(
    '/consent',
    { schema: { body: ConsentBody, response: { 200: ConsentAnswer } } },
    async (request) => {
      const session = sessionOf(request);
      const { text, ...terms } = request.body;
      const { quote, payee, payeeBank, amount } = await quoteTerms(deps, { session, terms });
      if (!quote.open)
        throw new Refused(quote.reason, explanationOf(deps, { quote, language: session.language }));
      // What was shown must be what we would show now, word for word: else the fee or the payee changed in between.
      if (
        text !== consentText({ terms, quote, payee, payeeBank, amount, language: session.language })
      )
        throw new Refused('terms_changed');
      return recordConsent(deps, { session, terms, payee, amount, feeSen: quote.feeSen, text });
    },
  );
}

/** The one call that moves money, and what became of it. */
function registerSubmit(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/transfers',
    {
      schema: {
        body: TransferBody,
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String()) }),
        response: { 200: PaymentDetail },
      },
      config: { rateLimit: { max: PIN_MAX, timeWindow: MINUTE_MS, hook: 'preHandler' } },
    },
    async (request) => {
      const key = request.headers['idempotency-key'];
      if (key === undefined || !new RegExp(KEY_PATTERN).test(key)) throw new Refused('key_missing');
      const session = sessionOf(request);
      const consent = await boundConsent(deps, { session, body: request.body, key });
      await demandPin(deps, { session, pin: request.body.pin });
      const { payment, isRepeat } = await submit(deps, { session, consent, key });
      return orUnknown(deps, consent.id, async () => {
        const known = await deps.engine.awaitOutcome(payment.id, ANSWER_WAIT_MS);
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

async function checkName(
  deps: MobileDeps,
  input: { readonly session: Session; readonly bank: string; readonly account: string },
) {
  const { session, bank, account } = input;
  const words = MOBILE_WORDS[session.language].nameUnknown;
  const check = await deps.engine.checkName({ bank, account, amount: ENQUIRY_SEN });
  if (check.found === 'unknown') return { found: 'unknown' as const, ...words.unknown };
  if (!check.found) return { found: 'no' as const, ...words.found_not };
  const madeAtMs = deps.time.now();
  const id = newId('nmc', madeAtMs, deps.random);
  await insertNameCheck(deps.db, {
    id,
    customerId: session.subject,
    bank,
    account,
    name: check.name,
    madeAtMs,
    expiresAtMs: madeAtMs + NAME_CHECK_MS,
  });
  return { found: 'yes' as const, nameCheckId: id, name: check.name, bankName: check.bankName };
}

async function quoteTerms(
  deps: MobileDeps,
  input: { readonly session: Session; readonly terms: Terms },
) {
  const { session, terms } = input;
  const amount = parseIdr(terms.amount.value);
  if (amount === undefined || amount <= 0n) throw new Refused('amount_not_positive');
  if (!(await selectAccountNumbers(deps.db, session.subject)).includes(terms.fromAccount))
    throw new Refused('account_not_yours');
  const payee = await selectNameCheck(deps.db, {
    id: terms.nameCheckId,
    customerId: session.subject,
    nowMs: deps.time.now(),
  });
  if (!payee) throw new Refused('name_check_expired');
  const quote = await deps.engine.quote({
    channel: 'mobile',
    debitAccount: terms.fromAccount,
    creditorBank: payee.bank,
    amount,
  });
  return { quote, payee, payeeBank: await bankName(deps, payee.bank), amount };
}

async function bankName(deps: MobileDeps, bic: string): Promise<string> {
  if (bic === deps.bank.bic) return deps.bank.name;
  return (await selectParticipants(deps.db)).find((row) => row.bic === bic)?.name ?? bic;
}

function consentText(input: {
  readonly terms: Terms;
  readonly quote: TransferQuote;
  readonly payee: NameCheckRow;
  readonly payeeBank: string;
  readonly amount: Sen;
  readonly language: Language;
}): string {
  const { terms, quote, payee, amount } = input;
  return MOBILE_WORDS[input.language].consent({
    amount: formatRupiah(amount),
    fee: formatRupiah(quote.feeSen),
    total: formatRupiah(amount + quote.feeSen),
    payeeName: payee.name,
    payeeBank: input.payeeBank,
    payeeAccount: payee.account,
    fromAccount: terms.fromAccount,
    remark: terms.remark.trim(),
  });
}

type ClosedQuote = Extract<TransferQuote, { readonly open: false }>;

function explainRefusal(
  deps: MobileDeps,
  input: { readonly quote: ClosedQuote; readonly language: Language },
) {
  const { reason } = input.quote;
  const kind = PROBLEMS[reason];
  const field = kind.field === undefined ? {} : { field: kind.field };
  return { code: reason, ...kind[input.language], ...field, ...explanationOf(deps, input) };
}

function explanationOf(
  deps: MobileDeps,
  input: {
    readonly quote: { readonly restriction?: ClosedQuote['restriction'] };
    readonly language: Language;
  },
) {
  const { restriction } = input.quote;
  if (!restriction) return {};
  return {
    explanation: deps.explainRestriction({
      restriction,
      language: input.language,
      nowMs: deps.time.now(),
    }),
  };
}

async function recordConsent(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly terms: Terms;
    readonly payee: NameCheckRow;
    readonly amount: Sen;
    readonly feeSen: Sen;
    readonly text: string;
  },
) {
  const { session, terms, payee } = input;
  const madeAtMs = deps.time.now();
  const id = newId('cns', madeAtMs, deps.random);
  const expiresAtMs = madeAtMs + CONSENT_MS;
  await insertConsent(deps.db, {
    id,
    customerId: session.subject,
    session_hash: session.tokenHash,
    device: session.device,
    debit_account: terms.fromAccount,
    amount_sen: input.amount,
    fee_sen: input.feeSen,
    payee_bank: payee.bank,
    payee_account: payee.account,
    payee_name: payee.name,
    remark: terms.remark.trim(),
    textShown: input.text,
    language: session.language,
    madeAtMs,
    expiresAtMs,
  });
  return { consentId: id, expiresAtMs };
}

/** The consent, if it is this session's, unexpired, unused or used by this very key, and says what is asked now. */
async function boundConsent(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly key: string;
    readonly body: {
      readonly consentId: string;
      readonly bank: string;
      readonly account: string;
      readonly amount: { readonly value: string };
    };
  },
): Promise<ConsentRow> {
  const { session, body, key } = input;
  const consent = await selectConsent(deps.db, { id: body.consentId, customerId: session.subject });
  if (!consent) throw new Refused('consent_missing');
  const isSame =
    consent.payee_bank === body.bank &&
    consent.payee_account === body.account &&
    consent.amount_sen === parseIdr(body.amount.value);
  if (!isSame) throw new Refused('consent_mismatch');
  if (consent.used_key === key) return consent;
  if (consent.used_key !== null) throw new Refused('consent_used');
  if (
    !consent.session_hash.equals(session.tokenHash) ||
    consent.expires_at.getTime() <= deps.time.now()
  )
    throw new Refused('consent_missing');
  return consent;
}

async function demandPin(
  deps: MobileDeps,
  input: { readonly session: Session; readonly pin: string },
): Promise<void> {
  const result = await deps.access.checkPin({ customerId: input.session.subject, pin: input.pin });
  if (result.ok) return;
  if (result.reason === 'wrong') throw new Refused('pin_wrong', { triesLeft: result.triesLeft });
  throw new Refused('pin_locked', result.untilMs === undefined ? {} : { untilMs: result.untilMs });
}

async function submit(
  deps: MobileDeps,
  input: { readonly session: Session; readonly consent: ConsentRow; readonly key: string },
): Promise<{ readonly payment: PaymentView; readonly isRepeat: boolean }> {
  const { session, consent, key } = input;
  const result = await orUnknown(deps, consent.id, async () => {
    if (!(await claimConsent(deps.db, { id: consent.id, key, nowMs: deps.time.now() })))
      throw new Refused('consent_used');
    return deps.engine.submit(commandOf({ session, consent, key }));
  });
  if (result.ok) return { payment: result.payment, isRepeat: result.repeated };
  const { reason, restriction } = result;
  throw new Refused(
    reason,
    explanationOf(deps, { quote: restriction ? { restriction } : {}, language: session.language }),
  );
}

/** From the moment a payment may have been committed, a fault means that nobody knows: never "failed" (I2). The same key may ask again. */
async function orUnknown<T>(
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
    consentId: consent.id,
  };
  return {
    channel: 'mobile' as const,
    key: `mobile:${session.subject}:${key}`,
    requestHash: sha256(canonicalJson(asked)),
    customerId: session.subject,
    ...asked,
  };
}
