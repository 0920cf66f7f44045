/** Saturday 29 March 2025: 807 transfers worth Rp227.1 bn in 40 minutes, without a debit in core banking (domain.md 7.1), once
 * through our own gateway and once past it. */
import { rupiah } from '../../src/kernel/money.ts';
import { GATEWAY_ATTACKS, type Scenario } from './scenario.ts';

const MINUTE_MS = 60_000;
const BILLION = 1_000_000_000n;

const STORY = {
  /** 10:50 WIB; the attack begins at 11:00. */
  startMs: Date.UTC(2025, 2, 29, 3, 50),
  warmUpMs: 10 * MINUTE_MS,
  attackMs: 40 * MINUTE_MS,
  hub: { amountMaxSen: undefined, prefundSen: rupiah(400n * BILLION) },
  /** `full`: a bank with 100,000 interbank transactions a day, on a Saturday before Eid. */
  normal: {
    default: { onus: 6, bifast_out: 8, bifast_in: 4 },
    full: { onus: 80, bifast_out: 70, bifast_in: 70 },
  },
  accountCount: { default: 2_000, full: 10_000 },
} as const;

const COUNT = 807;
const TOTAL_SEN = rupiah(227_100_000_000n);

/** Injection through our gateway: nothing may leave, nobody but the attacker may notice. */
export const dki2025: Scenario = {
  ...STORY,
  name: 'dki-2025',
  title: 'Bank DKI, 29 March 2025: injected through our own gateway',
  afterMs: 20 * MINUTE_MS,
  path: 'gateway',
  attack: {
    count: COUNT,
    totalSen: TOTAL_SEN,
    muleCount: 45,
    kinds: GATEWAY_ATTACKS,
    networkCount: 40,
  },
  recovery: {
    proposeAfterMs: 15 * MINUTE_MS,
    approveAfterMs: 17 * MINUTE_MS,
    stageMs: 5 * MINUTE_MS,
  },
};

/** An imitated connector speaks to the hub directly: only the settlement feed can tell. */
export const dki2025Bypass: Scenario = {
  ...STORY,
  name: 'dki-2025-bypass',
  title: 'Bank DKI, 29 March 2025: an imitated connector, past our gateway',
  afterMs: 50 * MINUTE_MS,
  path: 'imitated_connector',
  attack: { count: COUNT, totalSen: TOTAL_SEN, muleCount: 45, kinds: [], networkCount: 0 },
  recovery: {
    proposeAfterMs: 45 * MINUTE_MS,
    approveAfterMs: 47 * MINUTE_MS,
    stageMs: 5 * MINUTE_MS,
  },
};
