/** What every verb of merchants is given, wired once by `openMerchants`. */
import type { Db } from '../db/pool.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { QrisRules } from '../rail/qris/rules.ts';

export interface MerchantContext {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly bank: BankProfile;
  readonly rules: () => QrisRules;
}
