/** What the services of the SNAP channel share. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Db } from '../../db/pool.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Log } from '../../kernel/log.ts';
import type { Time } from '../../kernel/time.ts';
import type { Random } from '../../kernel/random.ts';
import type { Balance, LedgerPort } from '../../ledger/port.ts';
import type { Merchants } from '../../merchant/port.ts';
import type { PaymentEngine } from '../../payment/port.ts';
import type { SalePort } from '../../payment/sale/port.ts';
import type { PaymentSettings } from '../../payment/settings.ts';
import type { PresentedCodes } from '../../presented/port.ts';
import type { SnapAnswer } from './answer.ts';
import type { Caller } from './authenticate.ts';
import type { Bank } from './bank.ts';
import type { ReadBody } from './read-body.ts';

export interface ServiceContext {
  readonly engine: Pick<
    PaymentEngine,
    'submit' | 'awaitOutcome' | 'checkName' | 'quote' | 'find' | 'findByPartnerReference'
  >;
  readonly sales: SalePort;
  /** Codes that our own customers show to shops of ours. */
  readonly presented: Pick<PresentedCodes, 'payOwn'>;
  /** The bank's own limits. */
  readonly settings: () => Promise<PaymentSettings>;
  readonly balance: (account: string) => Promise<Balance | undefined>;
  readonly bank: BankProfile;
  readonly merchants: Merchants;
  readonly banks: (code: string) => Promise<Bank | undefined>;
  readonly db: Db;
  readonly random: Random;
  /** For bills, whose money moves with their own state. */
  readonly ledger: Pick<LedgerPort, 'post'>;
  readonly time: Time;
  readonly log: Log;
}

/** One service: an authenticated, well-formed request in, an answer out. May throw SnapRefusal, DbFault. */
export type Service = (
  context: ServiceContext,
  input: {
    readonly caller: Caller;
    readonly body: ReadBody;
    readonly headers: IncomingHttpHeaders;
  },
) => Promise<SnapAnswer>;
