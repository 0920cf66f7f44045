/** The part `faults` of a scenario file: when the network misbehaves, and how. Times count from the first bad event. Pure. */
import { oneOf, object, text } from '../hub/schema.ts';
import type { FaultRule } from '../hub/faults.ts';
import { count, minutes, some } from './shape.ts';

const FAULTS_MAX = 50;
const DELAY_MS_MAX = 86_400_000;
const KINDS = [
  'down',
  'reject',
  'silence',
  'answer_lost',
  'late_settlement',
  'no_notice',
  'slow',
] as const;

/** One fault as a file writes it. `down`: the hub answers nothing at all. */
export interface FileFault {
  readonly fromMinute: number;
  readonly minutes: number;
  readonly kind: (typeof KINDS)[number];
  readonly percent?: number;
  readonly bank?: string;
  readonly code?: string;
  readonly isSettled?: boolean;
  readonly afterMs?: number;
}

/** The shape of `faults`. */
export const FAULTS = some(
  object(
    { fromMinute: minutes, minutes, kind: oneOf(...KINDS) },
    {
      percent: count(100, 1),
      bank: text(/^[A-Z0-9]{8}$/),
      code: text(/^U\d{3}$/),
      isSettled: (value, path) =>
        typeof value === 'boolean' ? undefined : `${path}: not true or false`,
      afterMs: count(DELAY_MS_MAX),
    },
  ),
  FAULTS_MAX,
);

/** One fault of the network. Times in ms from the first bad event. */
export interface NetworkFault {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly rule: Omit<FaultRule, 'name'>;
}

/** Faults as the hub plays them. */
export function faultsOf(faults: readonly FileFault[]): readonly NetworkFault[] {
  return faults.map((fault) => {
    const fromMs = Math.round(fault.fromMinute * 60_000);
    const untilMs = fromMs + Math.round(fault.minutes * 60_000);
    const { percent, bank } = fault;
    const match = {
      ...(percent !== undefined && { perTenThousand: percent * 100 }),
      ...(bank !== undefined && { bank }),
    };
    return { fromMs, untilMs, rule: { match, does: behaviourOf(fault) } };
  });
}

function behaviourOf(fault: FileFault): FaultRule['does'] {
  const { kind, code = 'U901', isSettled: settles = false, afterMs = 30_000 } = fault;
  switch (kind) {
    case 'down':
      return { kind: 'half_open' };
    case 'reject':
      return { kind, code };
    case 'silence':
    case 'no_notice':
      return { kind, settles };
    case 'late_settlement':
      return { kind, afterMs };
    case 'slow':
      return { kind: 'delay', afterMs };
    case 'answer_lost':
      return { kind: 'drop_answer' };
  }
}
