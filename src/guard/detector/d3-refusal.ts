import type { RefusalReason } from '../../rail/journal-entry.ts';
import { SOFT_REFUSALS, type AlarmCode, type HardRefusal } from '../alarm.ts';
import type { Detector, Signal } from './observation.ts';

interface State {
  /** What was told already, e.g. peer fingerprint + reason, with the time; told again after the window. */
  readonly told: Readonly<Record<string, number>>;
  readonly softAtMs: readonly number[];
  readonly softToldAtMs: number;
}

/** Bounds the state under a flood of new senders. */
const TOLD_MAX = 500;
const SOFT_KEPT = 1_000;

/** D3: the gateway refused inline. It costs the sender (quarantine), never the rail: nobody may cause the outage by knocking
 * (DESIGN.md 1.1), so this detector can only alert. Forged network messages (I12) alert the same way. */
export const refusalDetector: Detector<State> = {
  id: 'D3',
  start: { told: {}, softAtMs: [], softToldAtMs: 0 },
  fold(state, seen, numbers) {
    const windowMs = numbers.softRefusalWindowMs;
    // Seen anew at each reading while it lasts.
    if (seen.kind === 'journal_suspect') {
      return tell(state, {
        key: `${seen.partition} ${seen.why}`,
        code: 'journal_older',
        atMs: seen.atMs,
        evidence: [seen.partition],
        windowMs,
      });
    }
    if (seen.kind !== 'journal') return { state, signals: [] };
    const { body, atMs } = seen;
    const evidence = [`${seen.partition}#${seen.position}`];
    if (body.kind === 'quarantined')
      return {
        state,
        signals: [alert({ code: 'quarantined', atMs, evidence: [body.id, ...evidence] })],
      };
    // The guard offers a set again and again as its sign of life; the refusal is one.
    if (body.kind === 'set_refused') {
      return tell(state, {
        key: `${seen.partition} set ${body.version} ${body.reason}`,
        code: 'set_refused',
        atMs,
        evidence: [...evidence, body.reason],
        windowMs,
      });
    }
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
        windowMs,
      });
    }
    if (body.kind !== 'refused') return { state, signals: [] };
    if (isHard(body.reason)) {
      return tell(state, {
        key: `${body.fingerprint} ${body.reason}`,
        code: `refused_${body.reason}`,
        atMs,
        evidence,
        windowMs,
      });
    }
    const softAtMs = [...state.softAtMs.filter((at) => at > atMs - windowMs), atMs].slice(
      -SOFT_KEPT,
    );
    const isMany =
      softAtMs.length >= numbers.softRefusalAlertCount && atMs - state.softToldAtMs >= windowMs;
    return {
      state: { ...state, softAtMs, softToldAtMs: isMany ? atMs : state.softToldAtMs },
      signals: isMany
        ? [{ ...alert({ code: 'many_refusals', atMs, evidence }), severity: 'P2' }]
        : [],
    };
  },
};

function isHard(reason: RefusalReason): reason is HardRefusal {
  return !(SOFT_REFUSALS as readonly RefusalReason[]).includes(reason);
}

function tell(
  state: State,
  what: {
    readonly key: string;
    readonly code: AlarmCode;
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
  readonly code: AlarmCode;
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
