/** What every verb of the engine is given, wired once by `openEngine`. */
import type { Instruction } from '../authorisation/instruction.ts';
import type { Db } from '../db/pool.ts';
import type { RestrictionHolder } from '../gate/port.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { RailPort } from '../rail/contract.ts';
import type { ChangeQueue } from './change-queue.ts';
import type { FactReader } from './facts.ts';
import type { InquiryBudget } from './inquire.ts';
import type { Looks } from './look.ts';
import type { HealthBook } from './route.ts';
import type { Parties } from './party.ts';
import type { PaymentRow } from './row.ts';
import type { PaymentSettings } from './settings.ts';
import type { Screening } from './screening/screening.ts';
import type { SignerPort } from './signer-port.ts';
import type { Tariff } from './tariff.ts';
import type { Waiters } from './wait.ts';

export interface PaymentContext {
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
  readonly settings: () => Promise<PaymentSettings>;
  readonly tariffs: () => Promise<readonly Tariff[]>;
  readonly facts: FactReader;
  readonly looks: Looks;
  readonly changes: ChangeQueue;
  readonly waiters: Waiters;
  readonly parties: Parties;
  readonly screening: Screening;
  readonly inquiries: InquiryBudget;
  readonly health: HealthBook;
  /** True while so many payments are on their way that what can wait a moment should. */
  readonly isBusy: () => boolean;
  /** Hands a payment that was just held to the background at once, without waiting for the poll. */
  readonly sendSoon: (row: PaymentRow, instruction: Instruction | undefined) => void;
}
