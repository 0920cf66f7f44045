/** Agreeing to pay by QRIS code, a merchant of ours or of another bank: price and gate by quote, then the consent with the very words. The PIN
 * and the one call that moves money are those of every transfer (`transfer.ts`), which asks here what the code means for the money. */
import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { formatRupiah, parseIdr, sen, type Sen } from '../../kernel/money.ts';
import {
  payeeOf,
  readPayable,
  remarkOf,
  type PayableCode,
  type Payee,
  type QrisPart,
} from '../../merchant/payable.ts';
import type { Language } from '../../notify/template.ts';
import { decideDue } from '../../rail/qris/amount.ts';
import type { MerchantCode, TransferCode } from '../../rail/qris/code.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import { READ_RATE } from './qris.ts';
import { personCodeOf, personOf, quotePerson, type Person } from './qris-person.ts';
import { QRIS_WORDS } from './qris-words.ts';
import type { Scope } from './register.ts';
import { QrisConsentBody, QrisQuoteBody } from './schema-qris.ts';
import { ConsentAnswer, QuoteAnswer } from './schema.ts';
import { selectAccountNumbers, type ConsentRow } from './store.ts';
import { explainRefusal, explanationOf, recordConsent } from './terms.ts';
import { wireAmount } from './view.ts';

type Terms = Static<typeof QrisQuoteBody>;
type QuoteRequest = FastifyRequest & { readonly body: Terms };

/** Registers quote and consent. */
export function registerQrisPay(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/qris/quote',
    { config: READ_RATE, schema: { body: QrisQuoteBody, response: { 200: QuoteAnswer } } },
    async (request) => {
      const { language } = sessionOf(request);
      const code = personCodeOf(deps, request.body.payload);
      if (code) return showPerson(deps, { request, code });
      const quoted = await quoteCode(deps, { session: sessionOf(request), terms: request.body });
      const { quote, payee, totalSen, tipSen, text } = quoted;
      const shown = {
        fee: wireAmount(quote.feeSen),
        total: wireAmount(totalSen),
        ...(tipSen > 0n && { tip: wireAmount(tipSen) }),
        payee: { name: payee.name, bank: payee.place, account: payee.account, bic: payee.bank },
      };
      return quote.open
        ? { isOpen: true, ...shown, text }
        : { isOpen: false, ...shown, refusal: explainRefusal(deps, { quote, language }) };
    },
  );

  scope.post(
    '/qris/consent',
    { config: READ_RATE, schema: { body: QrisConsentBody, response: { 200: ConsentAnswer } } },
    async (request) => {
      const session = sessionOf(request);
      const { text: shown, ...terms } = request.body;
      const person = personCodeOf(deps, terms.payload);
      if (person) return agreePerson(deps, { session, code: person, terms, shown });
      const quoted = await quoteCode(deps, { session, terms });
      const { quote, payee, totalSen, tipSen, text, code } = quoted;
      if (!quote.open)
        throw new Refused(quote.reason, explanationOf(deps, { quote, language: session.language }));
      if (shown !== text) throw new Refused('terms_changed');
      return recordConsent(deps, {
        session,
        terms: { fromAccount: terms.fromAccount, remark: remarkOf(code) },
        payee: { bank: payee.bank, account: payee.account, name: payee.name, proxy: null },
        amount: totalSen,
        feeSen: quote.feeSen,
        text,
        route: null,
        qrisPayload: terms.payload.trim(),
        qrisTipSen: tipSen,
      });
    },
  );
}

async function showPerson(
  deps: MobileDeps,
  { request, code }: { readonly request: QuoteRequest; readonly code: TransferCode },
) {
  const session = sessionOf(request);
  const asked = { session, code, terms: request.body };
  const { quote, person, amountSen, text } = await quotePerson(deps, asked);
  const shown = {
    fee: wireAmount(quote.feeSen),
    total: wireAmount(amountSen + quote.feeSen),
    amount: wireAmount(amountSen),
    payee: { name: person.name, bank: person.place, account: person.account, bic: person.bank },
  };
  return quote.open
    ? { isOpen: true, ...shown, text }
    : {
        isOpen: false,
        ...shown,
        refusal: explainRefusal(deps, { quote, language: session.language }),
      };
}

async function agreePerson(
  deps: MobileDeps,
  asked: {
    readonly session: Session;
    readonly code: TransferCode;
    readonly terms: Terms;
    readonly shown: string;
  },
) {
  const { session, terms } = asked;
  const { quote, person, amountSen, text } = await quotePerson(deps, asked);
  if (!quote.open)
    throw new Refused(quote.reason, explanationOf(deps, { quote, language: session.language }));
  if (asked.shown !== text) throw new Refused('terms_changed');
  return recordConsent(deps, {
    session,
    terms: { fromAccount: terms.fromAccount, remark: 'QRIS Transfer' },
    payee: { bank: person.bank, account: person.account, name: person.name, proxy: null },
    amount: amountSen,
    feeSen: quote.feeSen,
    text,
    route: null,
    qrisPayload: terms.payload.trim(),
  });
}

/** What a consented code means for the money; undefined for a consent that is for no code. Whether the code is used or expired is the
 * engine's to say: the payment that used it must get its own answer again. */
export async function qrisPartOf(
  deps: MobileDeps,
  consent: ConsentRow,
): Promise<(QrisPart & Person['part']) | undefined> {
  if (consent.qris_payload === null) return undefined;
  const code = personCodeOf(deps, consent.qris_payload);
  if (code) {
    const person = await personOf(deps, code);
    if (person.bank !== consent.payee_bank || person.account !== consent.payee_account)
      throw new Refused('terms_changed');
    return person.part;
  }
  const read = await readCode(deps, consent.qris_payload);
  const totalSen = sen(consent.amount_sen);
  const payee = payeeOfCode(deps, { read, totalSen, tipSen: sen(consent.qris_tip_sen ?? 0n) });
  if (payee.bank !== consent.payee_bank || payee.account !== consent.payee_account)
    throw new Refused('terms_changed');
  return payee.part;
}

async function readCode(deps: MobileDeps, payload: string): Promise<PayableCode> {
  const answer = await readPayable(deps, payload);
  if (!answer.ok) throw new Refused('qris_not_payable');
  return answer.read;
}

function payeeOfCode(
  deps: MobileDeps,
  input: { readonly read: PayableCode; readonly totalSen: Sen; readonly tipSen: Sen },
): Payee {
  const payee = payeeOf(deps, input);
  if (!payee) throw new Refused('qris_not_payable');
  return payee;
}

async function quoteCode(
  deps: MobileDeps,
  input: { readonly session: Session; readonly terms: Terms },
) {
  const { session, terms } = input;
  const read = await readCode(deps, terms.payload);
  const { code } = read;
  if (read.life === 'used') throw new Refused('code_used');
  const { totalSen, tipSen } = dueOf(deps, { code, terms });
  if (!(await selectAccountNumbers(deps.db, session.subject)).includes(terms.fromAccount))
    throw new Refused('account_not_yours');
  const payee = payeeOfCode(deps, { read, totalSen, tipSen });
  const quote = await deps.engine.quote({
    channel: 'mobile',
    debitAccount: terms.fromAccount,
    creditorBank: payee.bank,
    amount: totalSen,
    signed: session.signed,
    ...payee.part,
  });
  const text = consentText({ payee, totalSen, tipSen, terms, language: session.language });
  return { quote, payee, totalSen, tipSen, text, code };
}

/** What is owed: the code's amount or the typed one, and the tip by the code's own rule. */
function dueOf(
  deps: MobileDeps,
  { code, terms }: { readonly code: MerchantCode; readonly terms: Terms },
): { readonly totalSen: Sen; readonly tipSen: Sen } {
  const typed = terms.amount && parseIdr(terms.amount.value);
  // Who types another amount than the code has means another code.
  if (code.amountSen !== undefined && typed !== undefined && typed !== code.amountSen)
    throw new Refused('terms_changed');
  const amountSen = code.amountSen ?? typed;
  if (amountSen === undefined) throw new Refused('amount_not_positive');
  const askedTipSen = terms.tip && parseIdr(terms.tip.value);
  const due = decideDue({
    amountSen,
    tip: code.tip,
    capSen: deps.merchants.rules().capSen,
    ...(askedTipSen !== undefined && { askedTipSen }),
  });
  if (due.ok) return due;
  throw new Refused(due.reason === 'above_cap' ? 'above_rail_cap' : 'amount_not_positive');
}

function consentText(input: {
  readonly payee: Payee;
  readonly totalSen: Sen;
  readonly tipSen: Sen;
  readonly terms: Terms;
  readonly language: Language;
}): string {
  const { payee, totalSen, tipSen } = input;
  return QRIS_WORDS[input.language].consent({
    total: formatRupiah(totalSen),
    tip: tipSen > 0n ? formatRupiah(tipSen) : undefined,
    name: payee.name,
    city: payee.city,
    nmid: payee.nmid,
    bank: 'qris' in payee.part ? payee.place : undefined,
    fromAccount: input.terms.fromAccount,
  });
}
