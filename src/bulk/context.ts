/** What every verb of lists is given, wired once by `openBulks`. */
import type { Db } from '../db/pool.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { PaymentEngine } from '../payment/port.ts';

export interface BulkContext {
  readonly db: Db;
  readonly engine: Pick<PaymentEngine, 'submit' | 'quote' | 'checkName'>;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  /** Ourselves: a list may pay our own customers, whatever the network says of us. */
  readonly bank: Pick<BankProfile, 'bic' | 'bankCode'>;
}
