/** What a customer agrees to, before any PIN: the payee by name check, fee and limits by quote, and the consent with the very words
 * shown. Everything a restriction or limit says is answered here (I7). */
import { newId } from '../../kernel/ids.ts';
import { maskAccount } from '../../kernel/log.ts';
import { formatRupiah, parseIdr, sen, type Sen } from '../../kernel/money.ts';
import type { Language } from '../../notify/template.ts';
import type { TransferQuote, TransferRoute } from '../../payment/port.ts';
import { maskName, proxyOfText } from '../../rail/bifast/proxy.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import type { MobileDeps } from './port.ts';
import { PROBLEMS, Refused } from './problem.ts';
import type { Scope } from './register.ts';
import {
  ConsentAnswer,
  ConsentBody,
  NameCheckAnswer,
  NameCheckBody,
  QuoteAnswer,
  QuoteBody,
} from './schema.ts';
import { routeOf, showRoutes } from './route.ts';
import {
  insertConsent,
  insertNameCheck,
  selectAccountNumbers,
  selectNameCheck,
  selectParticipants,
  type NameCheckRow,
} from './store.ts';
import { wireAmount } from './view.ts';
import { MOBILE_WORDS } from './words.ts';

/** How long a checked name may be paid to. */
export const NAME_CHECK_MS = 15 * 60_000;
/** How long a consent waits for its PIN. */
export const CONSENT_MS = 10 * 60_000;
/** Per customer and minute; a person who fills in forms stays far below. Bounds guessing of names. */
export const NAME_CHECK_MAX = 20;
const MINUTE_MS = 60_000;
/** The amount that an enquiry carries before the customer has typed one. */
const ENQUIRY_SEN = sen(100n);

/** What is typed before it is agreed. */
export interface Terms {
  readonly fromAccount: string;
  readonly nameCheckId: string;
  readonly amount: { readonly value: string };
  readonly remark: string;
  /** The chosen way to another bank; the usual one when nobody chose. */
  readonly route?: TransferRoute;
}

/** Registers name check, quote and consent: what is agreed before the PIN. */
export function registerTerms(scope: Scope, deps: MobileDeps): void {
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
        payee: { ...shownPayee(payee), bank: payeeBank },
        ...(await showRoutes(deps, {
          terms: request.body,
          payee,
          amount,
          language,
          explain: (closed) => explainRefusal(deps, { quote: closed, language }),
        })),
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
      return recordConsent(deps, {
        session,
        terms,
        payee,
        amount,
        feeSen: quote.feeSen,
        text,
        route: routeOf(deps, { terms, payee }),
      });
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
    proxy: null,
    madeAtMs,
    expiresAtMs: madeAtMs + NAME_CHECK_MS,
  });
  return { found: 'yes' as const, nameCheckId: id, name: check.name, bankName: check.bankName };
}

/** Prices what was typed; refuses what is not the customer's or not checked. */
export async function quoteTerms(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly terms: Terms;
    /** For a date to come: what is so only now is not said. */
    readonly isLater?: boolean;
  },
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
    ...(!input.isLater && { creditorAccount: payee.account }),
    ...(terms.route && { route: terms.route }),
    amount,
    mayWait: true,
    ...(!input.isLater && { signed: session.signed }),
  });
  return { quote, payee, payeeBank: await bankName(deps, payee.bank), amount };
}

/** The payee as the customer sees it: whole, or behind a proxy masked, with the proxy before the end of the account. */
export function shownPayee({ name, account, proxy }: Omit<NameCheckRow, 'id'>): {
  readonly name: string;
  readonly account: string;
} {
  if (proxy === null) return { name, account };
  const { value } = proxyOfText(proxy)!; // written from a checked one
  return { name: maskName(name), account: `${maskAccount(account)} (${value})` };
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
  const words = MOBILE_WORDS[input.language];
  const shown = shownPayee(payee);
  return words.consent({
    amount: formatRupiah(amount),
    fee: formatRupiah(quote.feeSen),
    total: formatRupiah(amount + quote.feeSen),
    payeeName: shown.name,
    payeeBank: input.payeeBank,
    payeeAccount: shown.account,
    fromAccount: terms.fromAccount,
    remark: terms.remark.trim(),
    ...(quote.open &&
      quote.waitsMs !== undefined && { waitHours: Math.ceil(quote.waitsMs / 3_600_000) }),
    ...(quote.kind !== 'onus' && { route: words.route[terms.route ?? 'bifast'] }),
  });
}

type ClosedQuote = Extract<TransferQuote, { readonly open: false }>;

/** A closed quote in the reader's words. */
export function explainRefusal(
  deps: MobileDeps,
  input: { readonly quote: ClosedQuote; readonly language: Language },
) {
  const { reason } = input.quote;
  const kind = PROBLEMS[reason];
  const field = kind.field === undefined ? {} : { field: kind.field };
  return { code: reason, ...kind[input.language], ...field, ...explanationOf(deps, input) };
}

/** The restriction behind a refusal in the reader's words, as a part of an answer. */
export function explanationOf(
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

/** Writes the consent; its id. */
export async function recordConsent(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly terms: Pick<Terms, 'fromAccount' | 'remark'>;
    readonly payee: Omit<NameCheckRow, 'id'>;
    readonly amount: Sen;
    readonly feeSen: Sen;
    readonly text: string;
    /** Absent: for no QRIS code. */
    readonly qrisPayload?: string;
    readonly qrisTipSen?: Sen;
    /** Absent: for one transfer now. */
    readonly schedule?: string;
    /** Null within our bank. */
    readonly route: TransferRoute | null;
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
    payee_name: shownPayee(payee).name,
    payee_proxy: payee.proxy,
    payee_registered_name: payee.proxy === null ? null : payee.name,
    remark: terms.remark.trim(),
    schedule: input.schedule ?? null,
    route: input.route,
    qris_payload: input.qrisPayload ?? null,
    qris_tip_sen: input.qrisTipSen ?? null,
    textShown: input.text,
    language: session.language,
    madeAtMs,
    expiresAtMs,
  });
  return { consentId: id, expiresAtMs };
}
