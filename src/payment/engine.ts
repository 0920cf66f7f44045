/** Composes the payment engine behind `PaymentEngine`: wires the verbs to one context and runs the work loop. */
import type { Db } from '../db/pool.ts';
import { DbFault } from '../db/pool.ts';
import type { RestrictionHolder } from '../gate/port.ts';
import { assertNever } from '../kernel/assert.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Ticker, Time } from '../kernel/time.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { RailPort } from '../rail/contract.ts';
import type { NoticeAnswer, OutcomeNotice, RailNotice } from '../rail/notice.ts';
import type { QrisRequestNotice } from '../rail/notice-qris.ts';
import { readProducts } from '../rail/biller/product.ts';
import { openBills, type BillPort } from './bill/bill.ts';
import { advance, advanceHeld, takeSenderStep } from './advance.ts';
import { cached } from './cached.ts';
import { cancel } from './cancel.ts';
import { takeCodeTransfer } from './incoming/code-transfer.ts';
import { changeQueue } from './change-queue.ts';
import { LEASE_MS } from './clock.ts';
import type { PaymentContext } from './context.ts';
import { orphanEvent } from './event.ts';
import { takeParticipants, takePosition } from './network/word.ts';
import { openFacts } from './facts.ts';
import { answerEnquiry, takeCredit, takeCreditSettled } from './incoming/incoming.ts';
import { openInquiryBudget } from './inquire.ts';
import { networkRailOf } from './kind.ts';
import { openLooks } from './look.ts';
import { applyOutcome, writeEvents } from './outcome.ts';
import { openParties } from './party.ts';
import type { PaymentEngine } from './port.ts';
import { takeMoved } from './proxy/moved.ts';
import { checkName, quote } from './quote.ts';
import { refundSale } from './sale/refund.ts';
import { offers, openHealthBook, type HealthBook } from './route.ts';
import { paymentView } from './row.ts';
import { openRiskDesk, type RiskDesk } from './screening/desk.ts';
import { openRunner, type Runner } from './runner.ts';
import { answerSaleCheck, receiveSale } from './incoming/sale.ts';
import { openSales, type SalePort } from './sale/port.ts';
import { scanCode } from './sale/scan.ts';
import { openScreening } from './screening/screening.ts';
import { settingsReader, type PaymentSettings } from './settings.ts';
import type { SignerPort } from './signer-port.ts';
import { takeQrisCheck, takeQrisRefund } from './incoming/qris-refund.ts';
import { takeSwitchRequest, takeSwitchReversal } from './incoming/switch.ts';
import { takeStatement } from './statement.ts';
import { readTariffs } from './store-facts.ts';
import { claimDue, findByReference, findEnded, findPayment, listOfCustomer } from './store.ts';
import { submit } from './submit.ts';
import { awaitOutcome, openWaiters, type Waiters } from './wait.ts';
import { openWithheld, type WithheldPort } from './screening/withheld.ts';

export interface EngineInput {
  readonly db: Db;
  readonly ledger: LedgerPort;
  readonly rail: RailPort;
  readonly sign: SignerPort;
  readonly gate: RestrictionHolder;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly bank: BankProfile;
  readonly env: 'prod' | 'drill';
  /** The gateway partition that tokens are made for. */
  readonly audience: string;
  /** Put over the defaults; rows of `setting` go over both. */
  readonly settings: Partial<PaymentSettings>;
  /** 32 bytes, the same in every core: what payers and payees are hashed under in the event stream. */
  readonly partyKey: Buffer;
}

/** The engine with what is a rail's own beside the port that all payments share. */
export interface OpenedEngine extends PaymentEngine {
  readonly bills: BillPort;
  readonly sales: SalePort;
  readonly withheld: WithheldPort;
  readonly risk: RiskDesk;
}

/** How often the loop looks for due rows; what was just submitted does not wait for it. */
const WORK_EVERY_MS = 500;
/** How often it looks for receipts of bills that are still to come. */
const RECEIPTS_EVERY_MS = 5_000;
/** Rows claimed at once: all of them are worked on together. */
const CLAIM_MAX = 200;

/** Opens the engine. Several processes may run it against one database. */
export function openEngine(input: EngineInput): OpenedEngine {
  const { db, time, log } = input;
  const runner = openRunner((paymentId, error) =>
    log.error({ paymentId, ...faultOf(error) }, 'payment.advance_failed'),
  );
  const health = openHealthBook(time);
  const waiters = countedWaiters(health, input);
  const context: PaymentContext = {
    ...input,
    parties: openParties(input.partyKey),
    settings: settingsReader({ db, time, log, over: input.settings }),
    ...openReaders(input),
    changes: changeQueue(db, (row) => waiters.tell(row)),
    waiters,
    inquiries: openInquiryBudget(),
    health,
    isBusy: () => runner.isBusy(),
    sendSoon: (row, instruction) =>
      void runner.run(row.id, () => advanceHeld(context, { row, instruction })),
  };
  const bills = openBills(context, readProducts());
  let tickers: readonly Ticker[] = [];

  const work = async (): Promise<number> => {
    const nowMs = time.now();
    const claimed = await claimDue(db, { nowMs, leaseUntilMs: nowMs + LEASE_MS, limit: CLAIM_MAX });
    const started = claimed.filter((row) => runner.run(row.id, () => advance(context, row)));
    await runner.idle(started.map((row) => row.id));
    return claimed.length;
  };

  return {
    submit: (command) => submit(context, command),
    awaitOutcome: (paymentId, waitMs) => awaitOutcome(context, { paymentId, waitMs }),
    quote: (asked) => quote(context, asked),
    offers: (asked) => offers(context, asked),
    checkName: (asked) => checkName(context, asked),
    async find(paymentId) {
      const row = await findPayment(db, paymentId);
      return row && paymentView(row);
    },
    async findByPartnerReference(partnerId, reference) {
      const row = await findByReference(db, { id: partnerId, reference });
      return row && paymentView(row);
    },
    async listOfCustomer(customerId, beforeMs) {
      const rows = await listOfCustomer(db, { customerId, beforeMs: beforeMs ?? time.now() + 1 });
      return rows.map(paymentView);
    },
    bills,
    sales: salesOf(context),
    withheld: openWithheld(context),
    risk: openRiskDesk(context),
    take: (notice) => take(context, notice, runner),
    cancel: (paymentId) => cancel(context, paymentId),
    work,
    start() {
      const failed = (error: unknown): void =>
        log.error(faultOf(error as Error), 'payment.work_failed');
      if (tickers.length === 0)
        tickers = [
          time.every(WORK_EVERY_MS, async () => void (await work()), failed),
          time.every(RECEIPTS_EVERY_MS, async () => void (await bills.fetchReceipts()), failed),
        ];
    },
    async stop() {
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      tickers = [];
      await runner.idle();
    },
  };
}

/** What is read for many payments at once, or kept for a while. */
function openReaders(
  input: EngineInput,
): Pick<PaymentContext, 'tariffs' | 'facts' | 'looks' | 'screening'> {
  const { db, time, log } = input;
  return {
    tariffs: cached({ time, log, unreadable: 'tariff.unreadable', read: () => readTariffs(db) }),
    facts: openFacts(db, time),
    looks: openLooks(db),
    screening: openScreening(input),
  };
}

async function take(
  context: PaymentContext,
  notice: RailNotice,
  runner: Runner,
): Promise<NoticeAnswer> {
  switch (notice.kind) {
    case 'credit':
      return takeCredit(context, notice);
    case 'credit_settled':
      return takeCreditSettled(context, notice);
    case 'outcome':
      return takeOutcome(context, notice, runner);
    case 'account_enquiry':
      return answerEnquiry(context, notice);
    case 'statement':
      return takeStatement(context, notice);
    case 'request':
      if (notice.rail === 'qris') return takeQris(context, notice);
      // What cards ask, the card slice answers; it stands before us.
      return notice.what === 'transfer_in'
        ? takeSwitchRequest(context, notice)
        : { taken: true, approved: false, code: '57' };
    case 'machine':
    case 'reversal_given_up':
      return { taken: false, code: '57' };
    case 'reversal':
      return takeSwitchReversal(context, notice);
    case 'participants':
      return takeParticipants(context, notice);
    case 'position':
      return takePosition(context, notice);
    case 'proxy_moved':
      return takeMoved(context, notice);
    default:
      return assertNever(notice);
  }
}

function salesOf(context: PaymentContext): SalePort {
  return openSales(context.db, {
    refund: (command) => refundSale(context, command),
    receive: (notice, target) => receiveSale(context, notice, target),
    scan: (command) => scanCode(context, command),
    settings: context.settings,
  });
}

/** What QRIS asks. Payments to merchants, and with codes of our customers, the slices of these answer; they stand before us. */
async function takeQris(context: PaymentContext, notice: QrisRequestNotice): Promise<NoticeAnswer> {
  switch (notice.what) {
    case 'qris_payment':
    case 'qris_presented':
      return { taken: true, approved: false, code: '57' };
    case 'qris_transfer':
      return takeCodeTransfer(context, notice);
    case 'qris_refund':
      return takeQrisRefund(context, notice);
    case 'qris_check':
      if (notice.of === 'presented') return { taken: true, approved: false, code: '57' };
      return notice.of === 'payment' || notice.of === 'transfer'
        ? answerSaleCheck(context, notice)
        : takeQrisCheck(context, notice);
    default:
      return assertNever(notice);
  }
}

/** Whoever is told that a payment moved also counts it. */
function countedWaiters(
  health: HealthBook,
  { db, time }: Pick<EngineInput, 'db' | 'time'>,
): Waiters {
  const told = openWaiters({ time, ended: (ids) => findEnded(db, ids) });
  return {
    ...told,
    tell(row) {
      health.note(row);
      told.tell(row);
    },
  };
}

/** The state of something we sent. An id that we never sent posts nothing; people are told. */
async function takeOutcome(
  context: PaymentContext,
  notice: OutcomeNotice,
  runner: Runner,
): Promise<NoticeAnswer> {
  const row = await context.looks.sent(notice.bizMsgIdr);
  // A network speaks for what it carried and for nothing else.
  if (!row || networkRailOf(row) !== notice.rail) {
    context.log.error({ bizMsgIdr: notice.bizMsgIdr }, 'payment.outcome_contradicted');
    await writeEvents(context, [
      orphanEvent(context.time.now(), 'outcome_contradicted', {
        bizMsgIdr: notice.bizMsgIdr,
        why: 'outcome_of_unknown_id',
      }),
    ]);
    return { taken: false, code: 'U106' };
  }
  const { row: now, todo } = await applyOutcome(context, row, {
    answer: notice.answer,
    source: notice.source,
  });
  if (todo) runner.run(now.id, () => takeSenderStep(context, now, todo));
  return { taken: true };
}

/** What may be logged of a fault: never its text, which may quote values. */
function faultOf(error: unknown): Readonly<Record<string, unknown>> {
  const { name, message } = error as Error;
  return error instanceof DbFault
    ? { fault: name, code: error.code, constraint: error.constraint }
    : { fault: name, error: message };
}
