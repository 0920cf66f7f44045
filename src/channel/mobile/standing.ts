/** Transfers for later: what is agreed, the call that makes the order, and what its owner sees and does. A restriction of today is told
 * before the PIN and forbids nothing: the order is for another day. */
import { Type, type Static } from 'typebox';
import { wibDate } from '../../kernel/time.ts';
import { sen } from '../../kernel/money.ts';
import { dateText } from '../../notify/standing-text.ts';
import type { SubmitRefusal, TransferQuote } from '../../payment/port.ts';
import type { ChangeResult, StandingOrder } from '../../standing/port.ts';
import { nextDates, refuseSchedule, scheduleText, type Schedule } from '../../standing/schedule.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import { boundConsent, demandPin, orUnknown, PIN_RATE } from './consent.ts';
import { readReader } from './home.ts';
import type { MobileDeps } from './port.ts';
import { PROBLEMS, Refused } from './problem.ts';
import type { Scope } from './register.ts';
import * as standingSchema from './schema-standing.ts';
import * as schema from './schema.ts';
import {
  capital,
  howText,
  showOrder,
  showRun,
  STANDING_WORDS,
  standingConsentText,
  whenText,
} from './standing-view.ts';
import { claimConsent, selectPaymentStates, type ConsentRow } from './store.ts';
import { explainRefusal, explanationOf, quoteTerms, recordConsent, type Terms } from './terms.ts';
import { wireAmount, type Reader } from './view.ts';

/** Dates that a review names. */
const DATES_SHOWN = 3;
/** What may be otherwise on the date; everything else is refused now. */
const PASSING: readonly SubmitRefusal[] = [
  'restricted',
  'step_up_needed',
  'throttled',
  'bank_closed',
  'above_daily_limit',
  'velocity',
  'busy',
];
/** Of those, what the customer is told of. */
const TOLD: readonly SubmitRefusal[] = ['restricted', 'step_up_needed', 'bank_closed'];

const Id = Type.Object({ id: Type.String({ maxLength: 40 }) }, { additionalProperties: false });

/** Registers them. */
export function registerStanding(scope: Scope, deps: MobileDeps): void {
  registerAgreeing(scope, deps);
  registerMaking(scope, deps);
  registerReading(scope, deps);
  registerChanging(scope, deps);
}

function registerAgreeing(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/standing-orders/quote',
    {
      schema: {
        body: standingSchema.StandingQuoteBody,
        response: { 200: standingSchema.StandingQuoteAnswer },
      },
    },
    async (request) => {
      const { language } = sessionOf(request);
      const { schedule, quoted, text } = await agreeable(deps, {
        session: sessionOf(request),
        ...request.body,
      });
      const clock = await deps.standing.clock();
      const { quote, payee, payeeBank, amount } = quoted;
      const shown = {
        fee: wireAmount(quote.feeSen),
        total: wireAmount(sen(amount + quote.feeSen)),
        payee: { name: payee.name, bank: payeeBank, account: payee.account },
        when: capital(whenText(schedule, language)),
        dates: nextDates(schedule, { index: 0, count: DATES_SHOWN }).map((date) =>
          dateText(date, language),
        ),
        how: howText(clock, language),
      };
      const blocked = blockedOf(quote);
      if (blocked) {
        const refusal = explainRefusal(deps, { quote: blocked, language });
        return { isOpen: false, ...shown, refusal };
      }
      return {
        isOpen: true,
        ...shown,
        text,
        ...noticeOf(deps, { quote, language, lateDays: clock.lateDays }),
      };
    },
  );

  scope.post(
    '/standing-orders/consent',
    {
      schema: { body: standingSchema.StandingConsentBody, response: { 200: schema.ConsentAnswer } },
    },
    async (request) => {
      const session = sessionOf(request);
      const { text: shown, ...asked } = request.body;
      const { schedule, quoted, text, terms } = await agreeable(deps, { session, ...asked });
      const { quote, payee, amount } = quoted;
      const blocked = blockedOf(quote);
      if (blocked) throw new Refused(blocked.reason);
      if (shown !== text) throw new Refused('terms_changed');
      return recordConsent(deps, {
        session,
        terms,
        payee,
        amount,
        feeSen: quote.feeSen,
        text,
        schedule: scheduleText(schedule),
        // What runs by itself goes the usual way.
        route: null,
      });
    },
  );
}

type WireSchedule = Static<typeof standingSchema.Schedule>;

/** The schedule in our form: an end says exactly what belongs to it. */
function scheduleOf({ repetition, firstDate, end }: WireSchedule): Schedule {
  const { kind, date, count } = end;
  if (kind === 'never' && date === undefined && count === undefined)
    return { repetition, firstDate, end: { kind } };
  if (kind === 'until' && date !== undefined && count === undefined)
    return { repetition, firstDate, end: { kind, date } };
  if (kind === 'times' && count !== undefined && date === undefined)
    return { repetition, firstDate, end: { kind, count } };
  throw new Refused('end_invalid');
}

/** A quote that is closed for a reason that will not have passed by the date. */
function blockedOf(quote: TransferQuote): Extract<TransferQuote, { open: false }> | undefined {
  return quote.open || PASSING.includes(quote.reason) ? undefined : quote;
}

async function agreeable(
  deps: MobileDeps,
  input: Terms & { readonly session: Session; readonly schedule: WireSchedule },
) {
  const { session, schedule: wire, ...terms } = input;
  const schedule = scheduleOf(wire);
  const refusal = refuseSchedule(schedule, wibDate(deps.time.now()));
  if (refusal) throw new Refused(refusal);
  const quoted = await quoteTerms(deps, { session, terms, isLater: true });
  const { quote, payee, payeeBank, amount } = quoted;
  // Where a number leads today says nothing about the day of a transfer.
  if (payee.proxy !== null) throw new Refused('proxy_not_later');
  if (payee.bank === deps.bank.bic && payee.account === terms.fromAccount)
    throw new Refused('same_account');
  const text = standingConsentText(
    {
      amountSen: amount,
      feeSen: quote.feeSen,
      schedule,
      payeeName: payee.name,
      payeeBank,
      payeeAccount: payee.account,
      fromAccount: terms.fromAccount,
      remark: terms.remark.trim(),
    },
    session.language,
  );
  return { schedule, quoted, text, terms };
}

function noticeOf(
  deps: MobileDeps,
  input: {
    readonly quote: TransferQuote;
    readonly language: Session['language'];
    readonly lateDays: number;
  },
) {
  const { quote, language } = input;
  if (quote.open || !TOLD.includes(quote.reason)) return {};
  return {
    notice: {
      title: PROBLEMS[quote.reason][language].title,
      wayOut: STANDING_WORDS[language].stillPossible(input.lateDays),
      ...explanationOf(deps, { quote, language }),
    },
  };
}

function registerMaking(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/standing-orders',
    {
      schema: {
        body: standingSchema.StandingBody,
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String()) }),
        response: { 200: standingSchema.StandingDetail },
      },
      config: { rateLimit: PIN_RATE },
    },
    async (request) => {
      const key = request.headers['idempotency-key'];
      if (key === undefined || !new RegExp(schema.KEY_PATTERN).test(key))
        throw new Refused('key_missing');
      const session = sessionOf(request);
      const schedule = scheduleOf(request.body.schedule);
      const consent = await boundConsent(deps, {
        session,
        body: request.body,
        key,
        schedule: scheduleText(schedule),
      });
      await demandPin(deps, { session, pin: request.body.pin });
      const { order, isRepeat } = await make(deps, { session, consent, key, schedule });
      return {
        ...(await showDetail(deps, { order, reader: await readReader(deps, request) })),
        isRepeat,
      };
    },
  );
}

async function make(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly consent: ConsentRow;
    readonly key: string;
    readonly schedule: Schedule;
  },
): Promise<{ readonly order: StandingOrder; readonly isRepeat: boolean }> {
  const { session, consent, key, schedule } = input;
  const result = await orUnknown(deps, consent.id, async () => {
    if (!(await claimConsent(deps.db, { id: consent.id, key, nowMs: deps.time.now() })))
      throw new Refused('consent_used');
    return deps.standing.make({
      customerId: session.subject,
      consentId: consent.id,
      debitAccount: consent.debit_account,
      payeeBank: consent.payee_bank,
      payeeAccount: consent.payee_account,
      payeeName: consent.payee_name,
      amountSen: sen(consent.amount_sen),
      feeMaxSen: sen(consent.fee_sen),
      remark: consent.remark,
      schedule,
    });
  });
  if (!result.ok) throw new Refused(result.reason);
  return result;
}

function registerReading(scope: Scope, deps: MobileDeps): void {
  scope.get(
    '/standing-orders',
    { schema: { response: { 200: standingSchema.StandingList } } },
    async (request) => {
      const [orders, reader] = await Promise.all([
        deps.standing.list(sessionOf(request).subject),
        readReader(deps, request),
      ]);
      return { orders: orders.map((order) => showOrder(order, reader)) };
    },
  );

  scope.get(
    '/standing-orders/:id',
    { schema: { params: Id, response: { 200: standingSchema.StandingDetail } } },
    async (request) => {
      const order = await deps.standing.find({
        id: request.params.id,
        customerId: sessionOf(request).subject,
      });
      if (!order) throw new Refused('not_found');
      return showDetail(deps, { order, reader: await readReader(deps, request) });
    },
  );
}

function registerChanging(scope: Scope, deps: MobileDeps): void {
  // Both only keep money in: no PIN.
  for (const verb of ['pause', 'cancel'] as const) {
    scope.post(
      `/standing-orders/:id/${verb}`,
      { schema: { params: Id, response: { 200: standingSchema.StandingDetail } } },
      async (request) => {
        const { subject: customerId } = sessionOf(request);
        const result = await deps.standing[verb]({ id: request.params.id, customerId });
        return showChanged(deps, { result, reader: await readReader(deps, request) });
      },
    );
  }

  scope.post(
    '/standing-orders/:id/resume',
    {
      schema: {
        params: Id,
        body: standingSchema.PinBody,
        response: { 200: standingSchema.StandingDetail },
      },
      config: { rateLimit: PIN_RATE },
    },
    async (request) => {
      const session = sessionOf(request);
      const own = { id: request.params.id, customerId: session.subject };
      if (!(await deps.standing.find(own))) throw new Refused('not_found');
      await demandPin(deps, { session, pin: request.body.pin });
      const result = await deps.standing.resume(own);
      return showChanged(deps, { result, reader: await readReader(deps, request) });
    },
  );
}

async function showChanged(
  deps: MobileDeps,
  { result, reader }: { readonly result: ChangeResult; readonly reader: Reader },
) {
  if (!result.ok) throw new Refused(result.reason);
  return showDetail(deps, { order: result.order, reader });
}

async function showDetail(
  deps: MobileDeps,
  { order, reader }: { readonly order: StandingOrder; readonly reader: Reader },
) {
  const runs = await deps.standing.runs(order.id);
  const ids = runs.flatMap(({ paymentId }) => paymentId ?? []);
  const payments = new Map(
    ids.length === 0 ? [] : (await selectPaymentStates(deps.db, ids)).map((row) => [row.id, row]),
  );
  return {
    order: showOrder(order, reader),
    runs: runs.map((run) =>
      showRun(run, {
        language: reader.language,
        nowMs: reader.nowMs,
        payment: run.paymentId === undefined ? undefined : payments.get(run.paymentId),
      }),
    ),
  };
}
