import type { RefusalReason } from '../../rail/journal-entry.ts';
import type { Detector, Signal } from './observation.ts';

interface State {
  /** Peer fingerprint + reason of attacks told already, with the time; told again after the window. */
  readonly told: Readonly<Record<string, number>>;
  readonly softAtMs: readonly number[];
  readonly softToldAtMs: number;
}

/** An honest sender can meet these in a slow hour; alone they alert nobody. */
const SOFT: readonly RefusalReason[] = ['expired', 'stale', 'above_cap', 'restricted', 'not_open'];
/** Bounds the state under a flood of new senders. */
const TOLD_MAX = 500;
const SOFT_KEPT = 1_000;

/** D3: the gateway refused inline. It costs the sender (quarantine), never the rail: nobody may cause the outage by knocking
 * (DESIGN.md 1.1), so this detector can only alert. Forged network messages (I12) alert the same way. */
export const refusalDetector: Detector<State> = {
  id: 'D3',
  start: { told: {}, softAtMs: [], softToldAtMs: 0 },
  fold(state, seen, numbers) {
    if (seen.kind === 'journal_suspect') {
      return {
        state,
        signals: [
          alert({ code: `journal_${seen.why}`, atMs: seen.atMs, evidence: [seen.partition] }),
        ],
      };
    }
    if (seen.kind !== 'journal') return { state, signals: [] };
    const { body, atMs } = seen;
    const evidence = [`${seen.partition}#${seen.position}`];
    if (body.kind === 'quarantined')
      return {
        state,
        signals: [alert({ code: 'quarantined', atMs, evidence: [body.id, ...evidence] })],
      };
    if (body.kind === 'set_refused')
      return { state, signals: [alert({ code: 'set_refused', atMs, evidence })] };
    if (body.kind === 'opened' && body.isNew) {
      // The first entry of a partition is its birth; later, a journal that starts anew has lost what it knew.
      const isBirth = seen.position === 1;
      const code = isBirth ? 'journal_new' : 'journal_older';
      return {
        state,
        signals: [{ ...alert({ code, atMs, evidence }), severity: isBirth ? 'P3' : 'P1' }],
      };
    }
    if (body.kind === 'forged') {
      return tell(state, {
        key: `${body.fingerprint} forged ${body.what}`,
        code: 'forged_message',
        atMs,
        evidence,
        windowMs: numbers.softRefusalWindowMs,
      });
    }
    if (body.kind !== 'refused') return { state, signals: [] };
    if (!SOFT.includes(body.reason)) {
      return tell(state, {
        key: `${body.fingerprint} ${body.reason}`,
        code: `refused_${body.reason}`,
        atMs,
        evidence,
        windowMs: numbers.softRefusalWindowMs,
      });
    }
    const softAtMs = [
      ...state.softAtMs.filter((at) => at > atMs - numbers.softRefusalWindowMs),
      atMs,
    ].slice(-SOFT_KEPT);
    const isMany =
      softAtMs.length >= numbers.softRefusalAlertCount &&
      atMs - state.softToldAtMs >= numbers.softRefusalWindowMs;
    return {
      state: { ...state, softAtMs, softToldAtMs: isMany ? atMs : state.softToldAtMs },
      signals: isMany
        ? [{ ...alert({ code: 'many_refusals', atMs, evidence }), severity: 'P2' }]
        : [],
    };
  },
};

function tell(
  state: State,
  what: {
    readonly key: string;
    readonly code: string;
    readonly atMs: number;
    readonly evidence: readonly string[];
    readonly windowMs: number;
  },
): { state: State; signals: readonly Signal[] } {
  const before = state.told[what.key];
  if (before !== undefined && what.atMs - before < what.windowMs) return { state, signals: [] };
  const kept = Object.entries(state.told)
    .filter(([, at]) => what.atMs - at < what.windowMs)
    .slice(-TOLD_MAX);
  return {
    state: { ...state, told: { ...Object.fromEntries(kept), [what.key]: what.atMs } },
    signals: [alert(what)],
  };
}

function alert(what: {
  readonly code: string;
  readonly atMs: number;
  readonly evidence: readonly string[];
}): Signal {
  return {
    detector: 'D3',
    code: what.code,
    severity: 'P1',
    atMs: what.atMs,
    evidence: what.evidence,
    act: { kind: 'alert' },
  };
}
