/** Riwayat: a customer's own payments, one payment with its timeline, and the statement of an account. Somebody else's payment or
 * account answers 404, like one that does not exist. */
import { Type } from 'typebox';
import type { PaymentView } from '../../payment/port.ts';
import { sessionOf } from '../session/require.ts';
import { showBill } from './bill.ts';
import { readReader } from './home.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import { AccountNumber, HistoryBody, PageQuery, PaymentDetail, StatementBody } from './schema.ts';
import { selectAccountNumbers, selectPaymentTimes } from './store.ts';
import { showPayment, showPromise, showSteps, wireAmount, type Reader } from './view.ts';
import { MOBILE_WORDS } from './words.ts';

/** As many as the engine gives at once. */
const PAYMENT_PAGE = 50;
const STATEMENT_PAGE = 50;

/** Registers history, payment detail and statement. */
export function registerHistory(scope: Scope, deps: MobileDeps): void {
  const { engine } = deps;

  scope.get(
    '/payments',
    { schema: { querystring: PageQuery, response: { 200: HistoryBody } } },
    async (request) => {
      const found = await engine.listOfCustomer(sessionOf(request).subject, request.query.beforeMs);
      const reader = await readReader(deps, request);
      const last = found.at(-1);
      return {
        payments: found.map((payment) => showPayment(payment, reader)),
        ...(found.length >= PAYMENT_PAGE && last ? { nextBeforeMs: last.madeAtMs } : {}),
      };
    },
  );

  scope.get(
    '/payments/:id',
    {
      schema: {
        params: Type.Object(
          { id: Type.String({ maxLength: 40 }) },
          { additionalProperties: false },
        ),
        response: { 200: PaymentDetail },
      },
    },
    async (request) => {
      const payment = await engine.find(request.params.id);
      if (!payment || payment.customerId !== sessionOf(request).subject)
        throw new Refused('not_found');
      return showDetail(deps, { payment, reader: await readReader(deps, request) });
    },
  );

  registerStatement(scope, deps);
}

function registerStatement(scope: Scope, deps: MobileDeps): void {
  scope.get(
    '/accounts/:number/statement',
    {
      schema: {
        params: Type.Object({ number: AccountNumber }, { additionalProperties: false }),
        querystring: Type.Object(
          { afterId: Type.Optional(Type.String({ pattern: '^[0-9]{1,18}$' })) },
          { additionalProperties: false },
        ),
        response: { 200: StatementBody },
      },
    },
    async (request) => {
      const { subject, language } = sessionOf(request);
      const { number } = request.params;
      if (!(await selectAccountNumbers(deps.db, subject)).includes(number))
        throw new Refused('not_found');
      const { afterId } = request.query;
      const { entries: found, archivedBefore } = await deps.statement(number, {
        limit: STATEMENT_PAGE,
        ...(afterId === undefined ? {} : { afterId: BigInt(afterId) }),
      });
      const last = found.at(-1);
      return {
        entries: found.map((entry) => ({
          id: entry.id.toString(),
          label: lineLabel(entry, MOBILE_WORDS[language].line),
          amount: wireAmount(entry.side === 'debit' ? -entry.amountSen : entry.amountSen),
          ...(entry.balanceSen === undefined ? {} : { balance: wireAmount(entry.balanceSen) }),
          atMs: entry.bookedAtMs,
          ...(entry.paymentId === undefined ? {} : { paymentId: entry.paymentId }),
        })),
        ...(found.length >= STATEMENT_PAGE && last ? { nextAfterId: last.id.toString() } : {}),
        ...(archivedBefore === undefined ? {} : { archivedBefore }),
      };
    },
  );
}

/** One payment with its steps and its promise. */
export async function showDetail(
  deps: MobileDeps,
  input: { readonly payment: PaymentView; readonly reader: Reader },
) {
  const { payment, reader } = input;
  const times = (await selectPaymentTimes(deps.db, payment.id)).map(({ kind, at }) => ({
    kind,
    atMs: at.getTime(),
  }));
  const promise = showPromise(payment, reader);
  const bill = await showBill(deps, { payment, language: reader.language });
  return {
    payment: showPayment(payment, reader),
    steps: [...showSteps(payment, { language: reader.language, times })],
    ...(promise === undefined ? {} : { promise }),
    ...(bill === undefined ? {} : { bill }),
    nowMs: reader.nowMs,
  };
}

function lineLabel(
  entry: { readonly line: string; readonly side: 'debit' | 'credit' },
  labels: (typeof MOBILE_WORDS)['id']['line'],
): string {
  if (entry.line === 'principal')
    return entry.side === 'debit' ? labels.principal_out : labels.principal_in;
  return labels[entry.line as keyof typeof labels] ?? labels.correction;
}
