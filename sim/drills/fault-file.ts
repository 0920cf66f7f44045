/** The part `faults` of a scenario file: when a network misbehaves, and how. Times count from the first bad event. Pure. */
import { oneOf, object, text } from '../hub/schema.ts';
import type { FaultRule } from '../hub/faults.ts';
import type { Behaviour, FaultMatch } from '../switch/faults.ts';
import { count, minutes, some } from './shape.ts';

const FAULTS_MAX = 50;
const DELAY_MS_MAX = 86_400_000;
/** What each network's faults may be. */
const KINDS = {
  bifast: ['down', 'reject', 'silence', 'answer_lost', 'late_settlement', 'no_notice', 'slow'],
  switch: ['down', 'reject', 'silence', 'slow', 'file_damaged', 'file_missing'],
} as const;
const CODES = { bifast: /^U\d{3}$/, switch: /^\d\d$/ } as const;
/** No link at all; and the settlement file, which comes another way. */
const STANDING = ['down', 'file_damaged', 'file_missing'] as const;

type Network = keyof typeof KINDS;

/** One fault as a file writes it. `down`: the hub answers nothing at all; the lines to the switch are cut and stay so. */
export interface FileFault {
  readonly fromMinute: number;
  readonly minutes: number;
  /** @default 'bifast' */
  readonly network?: Network;
  readonly kind: (typeof KINDS)[Network][number];
  readonly percent?: number;
  readonly bank?: string;
  readonly code?: string;
  readonly isSettled?: boolean;
  readonly afterMs?: number;
}

/** The shape of `faults`. */
export const FAULTS = some(
  object(
    {
      fromMinute: minutes,
      minutes,
      kind: oneOf(...new Set([...KINDS.bifast, ...KINDS.switch])),
    },
    {
      network: oneOf('bifast', 'switch'),
      percent: count(100, 1),
      bank: text(/^[A-Z0-9]{8}$/),
      code: text(/^(U\d{3}|\d\d)$/),
      isSettled: (value, path) =>
        typeof value === 'boolean' ? undefined : `${path}: not true or false`,
      afterMs: count(DELAY_MS_MAX),
    },
  ),
  FAULTS_MAX,
);

/** What a fault's network does not know of it. */
export function contradictionOfFaults(
  faults: readonly FileFault[],
  path: string,
): string | undefined {
  for (const [index, fault] of faults.entries()) {
    const { network = 'bifast', kind, code, bank } = fault;
    const at = (field: string, why: string): string => `${path}[${index}].${field}: ${why}`;
    if (!(KINDS[network] as readonly string[]).includes(kind))
      return at('kind', `not one of ${KINDS[network].join(' ')}`);
    if (code !== undefined && !CODES[network].test(code))
      return at('code', `no code of ${network}`);
    if (network === 'switch' && bank !== undefined)
      return at('bank', 'all banks behind the switch share its lines');
  }
  return undefined;
}

/** When. Times in ms from the first bad event. */
interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** How the switch misbehaves: what it does with a message, or what holds for its lines and its file. */
export type SwitchFault =
  | { readonly kind: (typeof STANDING)[number] }
  | { readonly kind: 'message'; readonly match: FaultMatch; readonly does: Behaviour };

/** One fault of a network. */
export type NetworkFault =
  | (Span & { readonly network: 'bifast'; readonly rule: Omit<FaultRule, 'name'> })
  | (Span & { readonly network: 'switch'; readonly fault: SwitchFault });

/** Faults as the networks play them. */
export function faultsOf(faults: readonly FileFault[]): readonly NetworkFault[] {
  return faults.map((fault): NetworkFault => {
    const fromMs = Math.round(fault.fromMinute * 60_000);
    const span = { fromMs, untilMs: fromMs + Math.round(fault.minutes * 60_000) };
    const { percent, bank } = fault;
    const share = percent !== undefined && { perTenThousand: percent * 100 };
    if (fault.network === 'switch')
      return { ...span, network: 'switch', fault: switchFault(fault, share || {}) };
    const match = { ...share, ...(bank !== undefined && { bank }) };
    return { ...span, network: 'bifast', rule: { match, does: behaviourOf(fault) } };
  });
}

function behaviourOf(fault: FileFault): FaultRule['does'] {
  const { kind, code = 'U901', isSettled: settles = false, afterMs = 30_000 } = fault;
  switch (kind) {
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
    default:
      return { kind: 'half_open' };
  }
}

function switchFault(fault: FileFault, share: FaultMatch): SwitchFault {
  const { kind, code = '91', isSettled: isBooked = false, afterMs = 30_000 } = fault;
  switch (kind) {
    case 'reject':
      return {
        kind: 'message',
        match: { ...share, direction: 'from_bank' },
        does: { kind: 'code', rc: code, isBooked: false },
      };
    case 'silence':
      return {
        kind: 'message',
        match: share,
        does: { kind: isBooked ? 'drop_answer' : 'drop_request' },
      };
    case 'slow':
      return { kind: 'message', match: share, does: { kind: 'delay', afterMs } };
    case 'file_damaged':
    case 'file_missing':
      return { kind };
    default:
      return { kind: 'down' };
  }
}
