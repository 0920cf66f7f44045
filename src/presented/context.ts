/** What every verb of presented codes is given, wired once by `openPresented`. */
import type { Db } from '../db/pool.ts';
import type { RestrictionHolder } from '../gate/port.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { FactReader } from '../payment/facts.ts';
import type { Parties } from '../payment/party.ts';
import type { Screening } from '../payment/screening/screening.ts';
import type { PaymentSettings } from '../payment/settings.ts';

export interface PresentedContext {
  readonly db: Db;
  readonly ledger: Pick<LedgerPort, 'post'>;
  readonly gate: Pick<RestrictionHolder, 'decide'>;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly bank: BankProfile;
  readonly settings: () => Promise<PaymentSettings>;
  readonly facts: FactReader;
  readonly parties: Parties;
  readonly screening: Pick<Screening, 'of'>;
}
