/** What every verb of cards is given, wired once by `openCards`. */
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
import type { Hsm } from '../rail/hsm/port.ts';
import type { CardLooks } from './look.ts';
import type { PinTries } from './pin.ts';
import type { TokenOf } from './token.ts';

export interface CardContext {
  readonly db: Db;
  readonly ledger: LedgerPort;
  readonly gate: Pick<RestrictionHolder, 'decide'>;
  readonly hsm: Pick<Hsm, 'verifyPin' | 'changePin' | 'verifyCryptogram'>;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly bank: BankProfile;
  readonly tokenOf: TokenOf;
  readonly settings: () => Promise<PaymentSettings>;
  readonly facts: FactReader;
  readonly looks: CardLooks;
  readonly tries: PinTries;
  readonly parties: Parties;
  readonly screening: Pick<Screening, 'of'>;
}
