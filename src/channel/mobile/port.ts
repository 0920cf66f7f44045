/** What the mobile channel needs from the rest of Pulih, all passed in by `app`. Types only. */
import type { Bulks } from '../../bulk/port.ts';
import type { Cards } from '../../card/port.ts';
import type { KeyObject } from 'node:crypto';
import type { Db } from '../../db/pool.ts';
import type { RestrictionHolder } from '../../gate/port.ts';
import type { Restriction } from '../../gate/restriction.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Log } from '../../kernel/log.ts';
import type { Sen } from '../../kernel/money.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import type { LedgerPort } from '../../ledger/port.ts';
import type { Merchants } from '../../merchant/port.ts';
import type { PresentedCodes } from '../../presented/port.ts';
import type { Language } from '../../notify/template.ts';
import type { BillPort } from '../../payment/bill/bill.ts';
import type { PaymentEngine } from '../../payment/port.ts';
import type { SalePort } from '../../payment/sale/port.ts';
import type { Proxies } from '../../payment/proxy/proxies.ts';
import type { StandingOrders } from '../../standing/port.ts';
import type { Access } from '../session/access.ts';

/** The state words of a service as every face shows them (UI.md). */
export type ServiceState = 'normal' | 'watched' | 'limited' | 'stopped' | 'recovering' | 'unknown';

/** A restriction in words for a customer, made from its state and nothing else (I7). */
export interface RestrictionExplanation {
  readonly state: ServiceState;
  /** `Dihentikan sementara`, `Pemulihan bertahap`. */
  readonly word: string;
  /** What happened, one sentence. */
  readonly title: string;
  /** Why, one sentence. */
  readonly reason: string;
  /** What can be done now. */
  readonly alternative: string;
  readonly nextUpdateAtMs: number;
  /** Recovering: the share of customers served, 0–100. */
  readonly percent?: number;
}

export type ExplainRestriction = (input: {
  readonly restriction: Restriction;
  readonly language: Language;
  readonly nowMs: number;
}) => RestrictionExplanation;

/** One line of an account's statement, as the ledger gives it. */
export interface AccountEntry {
  readonly id: bigint;
  readonly line: string;
  readonly side: 'debit' | 'credit';
  readonly amountSen: Sen;
  /** What was posted on the account right after it. */
  readonly balanceSen?: Sen;
  readonly paymentId?: string;
  readonly bookedAtMs: number;
}

export interface MobileDeps {
  readonly engine: Pick<
    PaymentEngine,
    'submit' | 'awaitOutcome' | 'quote' | 'offers' | 'checkName' | 'find' | 'listOfCustomer'
  >;
  readonly bills: Pick<BillPort, 'products' | 'inquire' | 'inquiry' | 'quote' | 'pay' | 'find'>;
  /** Core's private key for receipts. */
  readonly receiptKey: KeyObject;
  readonly standing: Pick<
    StandingOrders,
    'make' | 'list' | 'find' | 'runs' | 'pause' | 'resume' | 'cancel' | 'clock'
  >;
  readonly bulks: Omit<Bulks, 'work' | 'start' | 'stop'>;
  readonly cards: Pick<Cards, 'listOfCustomer' | 'block'>;
  readonly presented: Omit<PresentedCodes, 'take'>;
  readonly proxies: Proxies;
  readonly merchants: Pick<
    Merchants,
    'rules' | 'examine' | 'noteWarnings' | 'ofAccounts' | 'staticCode'
  >;
  readonly sales: SalePort;
  readonly access: Access;
  readonly db: Db;
  readonly time: Time;
  readonly log: Log;
  readonly random: Random;
  readonly bank: BankProfile;
  readonly holder: RestrictionHolder;
  readonly balance: LedgerPort['balance'];
  /** Newest first; `afterId` = the last id of the page before. `archivedBefore`: older entries are in the archive. */
  readonly statement: (
    account: string,
    page: { readonly afterId?: bigint; readonly limit: number },
  ) => Promise<{ readonly entries: readonly AccountEntry[]; readonly archivedBefore?: string }>;
  readonly explainRestriction: ExplainRestriction;
  /** The cookie's `Secure`: false only where the site is served over plain HTTP on this machine. */
  readonly isSecure: boolean;
}
