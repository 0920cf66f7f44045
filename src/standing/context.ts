/** What every verb of standing orders is given, wired once by `openStanding`. */
import type { Db } from '../db/pool.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { PaymentEngine } from '../payment/port.ts';
import type { RunClock } from './decide-due.ts';

export interface StandingContext {
  readonly db: Db;
  readonly engine: Pick<PaymentEngine, 'submit' | 'quote' | 'checkName'>;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly clock: () => Promise<RunClock>;
}
