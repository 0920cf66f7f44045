/** transaction-history-list (12), transaction-history-detail (13), bank-statement (14): what moved on an account, for who may read it.
 * Pages go by the place of an entry, so no page costs more than another, and nothing that is posted meanwhile shifts them. */
import { formatIdr } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import { statement, type StatementEntry } from '../../../ledger/statement.ts';
import {
  statementPeriod,
  statementTotals,
  type SideTotal,
  type StatementPeriod,
} from '../../../ledger/statement-total.ts';
import { RECEIVED_KINDS } from '../../../payment/kind.ts';
import type { PaymentView } from '../../../payment/port.ts';
import { isFinal } from '../../../payment/state.ts';
import { refuseCardToken } from './account.ts';
import { amountObject, answer } from '../answer.ts';
import { chooseAccount, readableAccounts } from '../entitlement.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { readPeriod } from './period.ts';
import type { Service, ServiceContext } from '../serve.ts';
import { selectPaymentRemarks } from './store.ts';

/** Source: domain.md 3.6. */
const PAGE_SIZE = 10;
/** Entries of one answer of bank-statement: about 60 KB. */
const STATEMENT_PAGE = 100;
/** What the ledger gives at once. */
const LEDGER_PAGE = 200;
/** Entries that a `pageNumber` may lie behind; deeper goes by the cursor. */
const DEPTH_MAX = 5_000;

const TYPES: Readonly<Record<string, string>> = {
  principal: 'TRANSFER',
  fee: 'FEE',
  tax: 'TAX',
  opening: 'OPENING',
  correction: 'CORRECTION',
};

/** One page of entries, newest first. */
export const historyList: Service = async (context, { caller, body, headers }) => {
  const more = readMore(body);
  const account = chooseAccount(
    await readableAccounts(context, { partnerId: caller.partner.id, headers, scope: 'history' }),
    { account: more.accountNo, field: 'additionalInfo.accountNo' },
  );
  const period = await periodOf(context, { account, body });
  const size = body.optionalCount('pageSize') ?? PAGE_SIZE;
  if (size === 0) throw new SnapRefusal('invalidFormat', 'pageSize');
  const number = body.optionalCount('pageNumber') ?? 0;
  const found = await pageAt(context, { account, period, size, number, cursor: more.cursor });
  const page = found.slice(0, size);
  const remarks = await remarksOf(context, page);
  return answer({
    service: '12',
    caseName: 'successful',
    fields: {
      referenceNo: caller.externalId,
      ...echo(body),
      detailData: page.map((entry) => ({
        dateTime: wibIso(entry.bookedAtMs),
        amount: amountObject(formatIdr(entry.amountSen)),
        remark: remarks.get(entry.paymentId ?? '') ?? '',
        ...(entry.side === 'debit' && {
          sourceOfFunds: [{ source: 'BALANCE', amount: amountObject(formatIdr(entry.amountSen)) }],
        }),
        status: 'SUCCESS',
        type: `${TYPES[entry.line] ?? 'CORRECTION'}_${entry.side === 'debit' ? 'OUT' : 'IN'}`,
        additionalInfo: {
          transactionId: String(entry.id),
          ...(entry.paymentId !== undefined && { referenceNo: entry.paymentId }),
        },
      })),
      additionalInfo: {
        hasMore: found.length > size ? 'Y' : 'N',
        ...(found.length > size && { cursor: String(page.at(-1)!.id) }),
      },
    },
  });
};

/** One payment by the partner's reference or by the `referenceNo` of a list. */
export const historyDetail: Service = async (context, { caller, body, headers }) => {
  const readable = await readableAccounts(context, {
    partnerId: caller.partner.id,
    headers,
    scope: 'history',
  });
  const reference = body.text('originalPartnerReferenceNo');
  const payment =
    (await context.engine.findByPartnerReference(caller.partner.id, reference)) ??
    (await context.engine.find(reference));
  const side = payment && sideOf(payment, readable);
  // Somebody else's payment answers like one that does not exist.
  if (!payment || !side) throw new SnapRefusal('transactionNotFound');
  const isBack = payment.state === 'refunded' || payment.state === 'returned';
  return answer({
    service: '13',
    caseName: 'successful',
    fields: {
      referenceNo: payment.id,
      ...(payment.partnerId === caller.partner.id && {
        partnerReferenceNo: payment.partnerReferenceNo,
      }),
      amount: amountObject(formatIdr(payment.amountSen)),
      ...(payment.state === 'cancelled' && { cancelledTime: wibIso(payment.changedAtMs) }),
      dateTime: wibIso(payment.madeAtMs),
      refundAmount: amountObject(formatIdr(isBack ? payment.amountSen : 0n)),
      remark: payment.remark,
      ...(side === 'OUT' && {
        sourceOfFunds: [{ source: 'BALANCE', amount: amountObject(formatIdr(payment.amountSen)) }],
      }),
      status: statusOf(payment),
      type: `TRANSFER_${side}`,
    },
  });
};

/** Entries with the balance around each, totals by side and the balances at both ends. */
export const bankStatement: Service = async (context, { caller, body, headers }) => {
  refuseCardToken(body);
  const more = readMore(body);
  const account = chooseAccount(
    await readableAccounts(context, { partnerId: caller.partner.id, headers, scope: 'history' }),
    { account: body.optionalText('accountNo'), field: 'accountNo' },
  );
  const instants = readPeriod(body, context.time.now());
  const period = await periodOf(context, { account, body });
  const totals = await statementTotals(context, account, period);
  if (!totals) throw new SnapRefusal('timeout', 'ask again');
  const found = await entriesOf(context, {
    account,
    period,
    limit: STATEMENT_PAGE + 1,
    afterId: more.cursor,
  });
  const page = found.slice(0, STATEMENT_PAGE);
  const last = page.at(-1);
  const hasMore = found.length > STATEMENT_PAGE;
  const remarks = await remarksOf(context, page);
  return answer({
    service: '14',
    caseName: 'successful',
    fields: {
      referenceNo: caller.externalId,
      ...echo(body),
      balance: [balanceOf(period, instants)],
      totalCreditEntries: totalOf(totals.credit),
      totalDebitEntries: totalOf(totals.debit),
      hasMore: hasMore ? 'Y' : 'N',
      ...(last && { lastRecordDateTime: wibIso(last.bookedAtMs) }),
      detailData: page.map((entry) => detailOf(entry, remarks)),
      ...(hasMore && last && { additionalInfo: { cursor: String(last.id) } }),
    },
  });
};

async function periodOf(
  context: ServiceContext,
  input: { readonly account: string; readonly body: ReadBody },
): Promise<StatementPeriod> {
  const instants = readPeriod(input.body, context.time.now());
  const fixed = await statementPeriod(context.db, input.account, instants);
  if (!fixed.ok)
    throw new SnapRefusal('featureNotAllowed', `before ${fixed.archivedBefore} is in the archive`);
  return fixed.period;
}

/** The page at a number, one entry more than asked for where there is one. Skips by places, in few and bounded steps. */
async function pageAt(
  context: ServiceContext,
  input: {
    readonly account: string;
    readonly period: StatementPeriod;
    readonly size: number;
    readonly number: number;
    readonly cursor: bigint | undefined;
  },
): Promise<readonly StatementEntry[]> {
  const { account, period, size } = input;
  let afterId = input.cursor;
  let skip = input.cursor === undefined ? input.number * size : 0;
  if (skip > DEPTH_MAX) throw new SnapRefusal('invalidFormat', 'pageNumber');
  while (skip > 0) {
    const limit = Math.min(skip, LEDGER_PAGE);
    const passed = await entriesOf(context, { account, period, limit, afterId });
    if (passed.length < limit) return [];
    afterId = passed.at(-1)!.id;
    skip -= limit;
  }
  return entriesOf(context, { account, period, limit: size + 1, afterId });
}

function entriesOf(
  context: ServiceContext,
  input: {
    readonly account: string;
    readonly period: StatementPeriod;
    readonly limit: number;
    readonly afterId: bigint | undefined;
  },
): Promise<readonly StatementEntry[]> {
  const { since, until } = input.period;
  // A cursor of a later period starts at the edge of this one.
  const afterId = input.afterId !== undefined && input.afterId <= until.id && input.afterId;
  return statement(context.db, input.account, {
    since,
    fromDate: since.day,
    toDate: until.day,
    beforeId: until.id + 1n,
    ...(afterId !== false && { afterId }),
    limit: input.limit,
  });
}

interface More {
  readonly accountNo: string | undefined;
  readonly cursor: bigint | undefined;
}

function readMore(body: ReadBody): More {
  const more = (body.raw['additionalInfo'] ?? {}) as Readonly<Record<string, unknown>>;
  const { accountNo, cursor } = more;
  if (
    accountNo !== undefined &&
    (typeof accountNo !== 'string' || !/^[A-Za-z0-9]{1,34}$/.test(accountNo))
  )
    throw new SnapRefusal('invalidFormat', 'additionalInfo.accountNo');
  if (cursor !== undefined && (typeof cursor !== 'string' || !/^\d{1,18}$/.test(cursor)))
    throw new SnapRefusal('invalidFormat', 'additionalInfo.cursor');
  return { accountNo, cursor: cursor === undefined ? undefined : BigInt(cursor) };
}

async function remarksOf(
  context: ServiceContext,
  entries: readonly StatementEntry[],
): Promise<ReadonlyMap<string, string>> {
  const ids = entries.flatMap((entry) => entry.paymentId ?? []);
  return new Map((await selectPaymentRemarks(context.db, ids)).map((row) => [row.id, row.remark]));
}

function detailOf(
  entry: StatementEntry,
  remarks: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const amount = amountObject(formatIdr(entry.amountSen));
  const after = entry.balanceSen;
  const change = entry.side === 'credit' ? entry.amountSen : -entry.amountSen;
  const held = (value: bigint): unknown => [{ amount: amountObject(formatIdr(value)) }];
  return {
    ...(after !== undefined && {
      detailBalance: { startAmount: held(after - change), endAmount: held(after) },
    }),
    amount,
    originAmount: amount,
    transactionDate: wibIso(entry.bookedAtMs),
    remark: remarks.get(entry.paymentId ?? '') ?? '',
    transactionId: String(entry.id),
    type: entry.side === 'credit' ? 'CREDIT' : 'DEBIT',
    transactionDetailStatus: 'SUCCESS',
    detailInfo: {
      line: TYPES[entry.line] ?? 'CORRECTION',
      ...(entry.paymentId !== undefined && { referenceNo: entry.paymentId }),
    },
  };
}

function balanceOf(
  period: StatementPeriod,
  instants: { readonly fromMs: number; readonly toMs: number },
): unknown {
  const at = (value: bigint, atMs: number): unknown => ({
    ...amountObject(formatIdr(value)),
    dateTime: wibIso(atMs),
  });
  const ending = at(period.closingSen, instants.toMs);
  return {
    amount: ending,
    startingBalance: at(period.openingSen, instants.fromMs),
    endingBalance: ending,
  };
}

function totalOf(total: SideTotal): unknown {
  return {
    numberOfEntries: String(total.count),
    amount: amountObject(formatIdr(total.amountSen)),
  };
}

function sideOf(payment: PaymentView, readable: readonly string[]): 'OUT' | 'IN' | undefined {
  if (!RECEIVED_KINDS.includes(payment.kind) && readable.includes(payment.debitAccount))
    return 'OUT';
  // Money for us shows when it is there; what the payer only tried is the payer's.
  const isHere = payment.kind !== 'bifast_out' && payment.state === 'settled';
  return isHere && readable.includes(payment.creditAccount) ? 'IN' : undefined;
}

function statusOf(payment: PaymentView): string {
  if (!isFinal(payment.state)) return 'INIT';
  if (payment.state === 'settled') return 'SUCCESS';
  return payment.state === 'cancelled' ? 'CANCELLED' : 'CLOSED';
}

function echo(body: ReadBody): Readonly<Record<string, unknown>> {
  const partnerReferenceNo = body.optionalText('partnerReferenceNo');
  return partnerReferenceNo === undefined ? {} : { partnerReferenceNo };
}
