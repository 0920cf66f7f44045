import { QUIET, type Finding, type FlowDetector } from '../flow/detector.ts';

const NUMBERS = {
  throttleMs: 2 * 60_000,
  /** Of a process: a token that was signed just before it died may be used for two minutes, and rounds are half a minute apart. */
  processThrottleMs: 3 * 60_000,
  stopMs: 5 * 60_000,
  intentsMin: 3,
} as const;

interface Silence {
  readonly sinceMs: number;
  count: number;
}

interface State {
  /** By rail: what the gateway sent since the stream told of any payment last. */
  readonly stream: Record<string, Silence>;
  /** By process: when it was heard last. */
  readonly heardAtMs: Record<string, number>;
  /** By process and rail: what was sent since rounds do not hear it. */
  readonly silent: Record<string, Silence & { lastRoundMs: number }>;
}

/** Without whom nothing can be sent: no authorisation without core, no token without the signer, no MAC on a switch's message without the HSM. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  bifast: ['core', 'signer'],
  biller: ['core', 'signer'],
  switch: ['core', 'signer', 'hsm'],
  qris: ['core', 'signer', 'hsm'],
};

/** D21: the gateway sends, and the stream tells of no payment at all, neither of those nor of their outcomes; or a process without which nothing
 * can be sent gives no sign of life any more. Either somebody sends past the ledger or with a copied key, or the guard is blind, and every
 * other detector with it. Over two minutes (three of a process) it throttles the rail, over five it stops it. Counts from message to message, and silence from
 * round to round, so that a core that died with its last message trips nothing, nor does a guard that was away. Source: domain.md 7.5. */
export const silenceDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D21',
  version: 2,
  sees: ['payment', 'intent', 'heard'],
  numbers: NUMBERS,
  start: () => ({ stream: {}, heardAtMs: {}, silent: {} }),
  fold(state, seen, { nowMs, numbers, isBehind }) {
    if (seen.kind === 'heard') {
      hear(state, seen.names, nowMs);
      return QUIET;
    }
    if (seen.kind !== 'intent' || isBehind) {
      for (const rail of Object.keys(state.stream)) delete state.stream[rail];
      return QUIET;
    }
    const { rail, id } = seen;
    const stream = (state.stream[rail] ??= { sinceMs: nowMs, count: 0 });
    stream.count++;
    const found = judge(stream, nowMs - stream.sinceMs, { numbers, rail, evidence: [id] });
    for (const name of NEEDED[rail] ?? []) {
      const silent = state.silent[name];
      if (!silent) continue;
      silent.count++;
      const evidence = [id, `process=${name}`];
      const lastedMs = silent.lastRoundMs - silent.sinceMs;
      if (lastedMs >= numbers.processThrottleMs)
        found.push(...judge(silent, lastedMs, { numbers, rail, evidence }));
    }
    return found;
  },
};

/** Whoever was never heard is nobody whose silence tells anything. */
function hear(state: State, names: readonly string[], nowMs: number): void {
  for (const name of names) {
    state.heardAtMs[name] = nowMs;
    delete state.silent[name];
  }
  for (const [name, sinceMs] of Object.entries(state.heardAtMs)) {
    if (names.includes(name)) continue;
    const silent = (state.silent[name] ??= { sinceMs, count: 0, lastRoundMs: nowMs });
    silent.lastRoundMs = nowMs;
  }
}

function judge(
  silence: Silence,
  lastedMs: number,
  of: {
    readonly numbers: { readonly [Name in keyof typeof NUMBERS]: number };
    readonly rail: 'bifast' | 'biller' | 'switch' | 'qris';
    readonly evidence: readonly string[];
  },
): Finding[] {
  const { numbers, rail } = of;
  if (silence.count < numbers.intentsMin || lastedMs < numbers.throttleMs) return [];
  return [
    {
      code: 'stream_silent',
      severity: 'P1',
      evidence: [...of.evidence, `messages=${silence.count}`, `silent_ms=${lastedMs}`],
      act: {
        kind: lastedMs >= numbers.stopMs ? 'stop' : 'throttle',
        scope: { rail, direction: 'out' },
        reasonClass: 'containment',
      },
    },
  ];
}
