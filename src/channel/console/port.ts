/** What the console API needs from app. */
import type { Db } from '../../db/pool.ts';
import type { RestrictionHolder, StaffRoster } from '../../gate/port.ts';
import type { Restriction, Scope } from '../../gate/restriction.ts';
import type { LiquidityNumbers } from '../../guard/liquidity.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import type { Balance, LedgerPort } from '../../ledger/port.ts';
import type { MerchantDesk } from '../../merchant/desk.ts';
import type { Merchants } from '../../merchant/port.ts';
import type { SalePort } from '../../payment/sale/port.ts';
import type { RiskDesk } from '../../payment/screening/desk.ts';
import type { WithheldPort } from '../../payment/screening/withheld.ts';
import type { Access } from '../session/access.ts';

/** What a restriction would do, before anybody enforces it. */
export interface RestrictionPreview {
  /** Services and directions, in words of the reader. */
  readonly stops: readonly string[];
  readonly staysOpen: readonly string[];
  readonly customersPerMinute: number;
  readonly paymentsPerMinute: number;
  readonly healthyPerMinute: number;
  /** In the same hour a week ago; null where nothing is known of it. */
  readonly usualPerMinute: number | null;
  readonly valuePerMinuteSen: string;
  /** Under way: it goes on to its outcome. */
  readonly openCount: number;
  readonly valueHeldSen: string;
  /** Of the ladder, L3 to L5. */
  readonly level: number;
  /** True when a typed confirmation is asked for (T20). */
  readonly isWide: boolean;
}

export interface ConsoleInput {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly access: Access;
  readonly holder: RestrictionHolder;
  readonly roster: StaffRoster;
  /** Corrections of breaks, by two people. */
  readonly ledger: Pick<LedgerPort, 'post'>;
  readonly balance: (account: string) => Promise<Balance | undefined>;
  readonly preview: (input: {
    readonly scope: Scope;
    readonly language: 'id' | 'en';
  }) => Promise<RestrictionPreview>;
  readonly explain: (
    restriction: Restriction,
    language: 'id' | 'en',
  ) => { readonly title: string; readonly text: string };
  /** Age of the last successful three-way match, ms; undefined = never. */
  readonly matchAgeMs: () => Promise<number | undefined>;
  /** Payments that wait for a person. */
  readonly withheld: WithheldPort;
  readonly merchants: Pick<Merchants, 'search' | 'find' | 'staticCode'>;
  readonly sales: Pick<SalePort, 'list' | 'totals'>;
  /** What staff do about merchants, in twos. */
  readonly desk: MerchantDesk;
  /** The rules of risk and the blocked list. */
  readonly risk: RiskDesk;
  /** The same of each rail beside BI-FAST whose feed was ever heard. */
  readonly railMatchAges: () => Promise<Readonly<Record<string, number>>>;
  readonly isBusinessDecline: (code: string) => boolean;
  /** The guard's thresholds of liquidity in force. */
  readonly liquidityNumbers: () => Promise<LiquidityNumbers>;
  /** Cookies carry `Secure` unless the site is plain HTTP on this machine. */
  readonly secure: boolean;
}
