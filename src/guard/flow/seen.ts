/** What flow detectors see: rows of the event stream and of the gateways' journals, read into typed observations once for all of them.
 * Amounts are whole rupiah as numbers: a measure of a flow, never an amount to book. Keys of payers and payees are opaque. Pure. */
import type { StreamEvent } from '../../audit/event.ts';
import type { Scope } from '../../gate/restriction.ts';
import { PAYMENT_KINDS, type PaymentKind } from '../../payment/kind.ts';
import { railOfEntry, type JournalBody, type JournalEntry } from '../../rail/journal-entry.ts';
import { RAIL_NAMES, type RailName } from '../../authorisation/instruction.ts';
import { PRIVILEGED_KINDS } from './privileged.ts';

/** One transition of a payment. Absent facts are `undefined`: events from before they were told have none. */
export interface PaymentSeen {
  readonly kind: 'payment';
  readonly atMs: number;
  readonly id: string;
  /** `held`, `settled`, `inquired`…: the event's name after `payment.`. */
  readonly what: string;
  readonly state: string;
  /** The first event of the payment: who pays whom is told here only. */
  readonly isMade: boolean;
  /** Made, accepted and leaving over a network: what flow detectors count. */
  readonly isLeaving: boolean;
  readonly paymentKind: string;
  readonly rail: NonNullable<Scope['rail']>;
  readonly direction: 'out' | 'in' | 'asked';
  readonly channel: string;
  readonly bank: string | undefined;
  readonly rupiah: number;
  readonly payer: string | undefined;
  readonly payee: string | undefined;
  readonly category: string | undefined;
  readonly customer: string | undefined;
  readonly partner: string | undefined;
  readonly consent: string | undefined;
  readonly card: string | undefined;
  /** Thousandths of what the payer had before that are left. */
  readonly leftPerMille: number | undefined;
  readonly isAscending: boolean;
  readonly isStaff: boolean;
  readonly isSynthetic: boolean;
  /** True when the channel proved who asks: session, device and a PIN of the last minutes, or an order or list that had them. */
  readonly isProven: boolean;
  readonly code: string | undefined;
  /** What a contradiction is about. */
  readonly why: string | undefined;
  /** True when this payer was not seen paying this payee before; set by the fold, for leaving payments. */
  isFirstPayee: boolean;
}

/** A line of the settlement feed: money moved, whoever sent it. */
export interface LineSeen {
  readonly kind: 'line';
  readonly atMs: number;
  readonly rail: RailName;
  readonly direction: 'out' | 'in';
  readonly bank: string;
  readonly rupiah: number;
  /** The network id. */
  readonly id: string;
  readonly connector: string;
  /** Cash that another bank's machine paid to one of our cards. */
  readonly isCash: boolean;
  /** A shop of another bank was paid with a code that our customer showed. */
  readonly isShown: boolean;
}

/** A message that a gateway is about to send. */
export interface IntentSeen {
  readonly kind: 'intent';
  readonly atMs: number;
  readonly rail: RailName;
  readonly bank: string;
  readonly rupiah: number;
  readonly id: string;
  readonly paymentId: string;
  /** The process that asked for it. */
  readonly peer: string;
}

/** Any other journal entry. */
export interface JournalSeen {
  readonly kind: 'journal';
  readonly atMs: number;
  readonly partition: string;
  readonly position: number;
  readonly body: JournalBody;
}

/** Somebody signed in or out, or was locked out. */
export interface LoginSeen {
  readonly kind: 'login';
  readonly atMs: number;
  readonly what: 'opened' | 'closed' | 'locked' | 'pin_locked';
  readonly person: 'customer' | 'staff';
  readonly subject: string;
}

/** A change that only staff can make. */
export interface PrivilegedSeen {
  readonly kind: 'privileged';
  readonly atMs: number;
  /** The event's kind. */
  readonly what: string;
  readonly subject: string;
  readonly by: string | undefined;
  /** The order for it, where the event names one: `CHG-2041`. */
  readonly ticket: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a network, a regulator or another bank told us, and that somebody read it. */
export interface ExternalAlarmSeen {
  readonly kind: 'external_alarm';
  readonly atMs: number;
  readonly what: 'raised' | 'acknowledged';
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An alarm of ours. */
export interface AlarmSeen {
  readonly kind: 'alarm';
  readonly atMs: number;
  readonly code: string;
  readonly detector: string;
  readonly severity: string;
}

/** A restriction began or ended. */
export interface RestrictionSeen {
  readonly kind: 'restriction';
  readonly atMs: number;
  readonly what: 'placed' | 'lifted';
  readonly id: string;
}

/** What lies on our settlement account, by the network's word, against what should. */
export interface PositionSeen {
  readonly kind: 'position';
  readonly atMs: number;
  readonly rail: RailName;
  readonly openingRupiah: number;
  readonly bookedRupiah: number;
  readonly freeRupiah: number;
  /** Below zero = missing. */
  readonly gapRupiah: number;
  readonly burnRupiah: number;
  readonly runwayMinutes: number | undefined;
}

/** Which processes gave a sign of life in one round, and what they say they did since their start. */
export interface HeardSeen {
  readonly kind: 'heard';
  readonly atMs: number;
  /** `core`, `gateway`, `signer`, `hsm`. */
  readonly names: readonly string[];
  readonly said: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Any other event. */
export interface EventSeen {
  readonly kind: 'event';
  readonly atMs: number;
  readonly event: StreamEvent;
}

/** Time passed, whether or not anything happened; each full `TICK_MS` of the clock once. */
export interface TickSeen {
  readonly kind: 'tick';
  readonly atMs: number;
}

export type FlowSeen =
  | PaymentSeen
  | LineSeen
  | IntentSeen
  | JournalSeen
  | LoginSeen
  | PrivilegedSeen
  | ExternalAlarmSeen
  | AlarmSeen
  | RestrictionSeen
  | PositionSeen
  | HeardSeen
  | EventSeen
  | TickSeen;

/** How often detectors that wait for what does not come are asked. */
export const TICK_MS = 10_000;

const LOGINS: Readonly<Record<string, LoginSeen['what']>> = {
  'session.opened': 'opened',
  'session.closed': 'closed',
  'session.locked': 'locked',
  'pin.locked': 'pin_locked',
};

/** Reads one event of the stream. */
export function seeEvent(event: StreamEvent): FlowSeen {
  const { kind, data, atMs, subject } = event;
  if (kind.startsWith('payment.')) return seePayment(event) ?? { kind: 'event', atMs, event };
  const login = LOGINS[kind];
  if (login !== undefined) {
    const person = data['kind'] === 'staff' ? 'staff' : 'customer';
    return { kind: 'login', atMs, what: login, person, subject };
  }
  if (kind === 'process.heard') return seeHeard(event);
  if (kind === 'settlement.looked') return seePosition(event) ?? { kind: 'event', atMs, event };
  if (kind === 'restriction.placed')
    return { kind: 'restriction', atMs, what: 'placed', id: subject };
  if (kind === 'restriction.lifted')
    return { kind: 'restriction', atMs, what: 'lifted', id: textOf(data, 'restrictionId') ?? '' };
  if (kind === 'external_alarm.raised' || kind === 'external_alarm.acknowledged') {
    const what = kind === 'external_alarm.raised' ? 'raised' : 'acknowledged';
    return { kind: 'external_alarm', atMs, what, id: subject, data };
  }
  if (kind.startsWith('alarm.')) {
    const [detector, severity] = [textOf(data, 'detector') ?? '', textOf(data, 'severity') ?? 'P1'];
    return { kind: 'alarm', atMs, code: kind.slice('alarm.'.length), detector, severity };
  }
  if (Object.hasOwn(PRIVILEGED_KINDS, kind)) {
    const by = textOf(data, 'by') ?? textOf(data, 'proposedBy');
    const ticket = textOf(data, 'ticket');
    return { kind: 'privileged', atMs, what: kind, subject, by, ticket, data };
  }
  return { kind: 'event', atMs, event };
}

const PROCESSES = ['core', 'gateway', 'signer', 'hsm'] as const;

function seeHeard({ data, atMs }: StreamEvent): HeardSeen {
  const { heard, said } = data;
  const names = PROCESSES.filter((name) => Array.isArray(heard) && heard.includes(name));
  // Written by the guard itself, from checked figures.
  const figures = (said ?? {}) as HeardSeen['said'];
  return { kind: 'heard', atMs, names, said: figures };
}

function seePosition({ data, atMs }: StreamEvent): PositionSeen | undefined {
  const rail = RAIL_NAMES.find((name) => name === data['rail']);
  if (!rail) return undefined;
  const { runwayMinutes } = data;
  return {
    kind: 'position',
    atMs,
    rail,
    openingRupiah: signedRupiahOf(data['openingSen']),
    bookedRupiah: signedRupiahOf(data['bookedSen']),
    freeRupiah: signedRupiahOf(data['freeSen']),
    gapRupiah: signedRupiahOf(data['gapSen']),
    burnRupiah: signedRupiahOf(data['burnSenPerMinute']),
    runwayMinutes: typeof runwayMinutes === 'number' ? runwayMinutes : undefined,
  };
}

function seePayment({ kind, data, atMs, subject }: StreamEvent): PaymentSeen | undefined {
  const paymentKind = data['paymentKind'];
  const of =
    typeof paymentKind === 'string' && Object.hasOwn(PAYMENT_KINDS, paymentKind)
      ? PAYMENT_KINDS[paymentKind as PaymentKind]
      : undefined;
  if (!of || typeof paymentKind !== 'string') return undefined;
  const what = kind.slice('payment.'.length);
  const state = textOf(data, 'state') ?? '';
  const isMade = what === state && data['previous'] === 'new';
  return {
    kind: 'payment',
    atMs,
    id: subject,
    what,
    state,
    isMade,
    isLeaving: isMade && of.direction === 'out' && of.rail !== 'onus' && state !== 'refused',
    paymentKind,
    rail: of.rail,
    direction: of.direction,
    channel: textOf(data, 'channel') ?? '',
    bank: textOf(data, 'bank'),
    rupiah: rupiahOf(data['amountSen']),
    payer: textOf(data, 'payer'),
    payee: textOf(data, 'payee'),
    category: textOf(data, 'category'),
    customer: textOf(data, 'customerId'),
    partner: textOf(data, 'partnerId'),
    consent: textOf(data, 'consentId'),
    card: textOf(data, 'cardId'),
    leftPerMille: typeof data['leftPerMille'] === 'number' ? data['leftPerMille'] : undefined,
    isAscending: data['isAscending'] === true,
    isStaff: data['isStaff'] === true,
    isSynthetic: data['isSynthetic'] === true,
    isProven: isProven(data, atMs),
    code: textOf(data, 'code'),
    why: textOf(data, 'why'),
    isFirstPayee: false,
  };
}

/** A PIN proves for so long (domain.md 7.5, D15). */
const PIN_MS = 10 * 60_000;

function isProven(data: Readonly<Record<string, unknown>>, atMs: number): boolean {
  const { proof, pinAtMs } = data;
  if (proof === 'order' || proof === 'list') return textOf(data, 'proofId') !== undefined;
  return (
    proof === 'session' &&
    textOf(data, 'session') !== undefined &&
    textOf(data, 'device') !== undefined &&
    typeof pinAtMs === 'number' &&
    Math.abs(atMs - pinAtMs) <= PIN_MS
  );
}

/** Reads one journal entry; `null` for what is only the pulse of a feed. */
export function seeEntry({ partition, position, atMs, body }: JournalEntry): FlowSeen {
  if (body.kind === 'feed') {
    const { line } = body;
    return {
      kind: 'line',
      // When money moved: a feed that was silent brings hours at once, and they are no burst of now.
      atMs: Math.min(atMs, line.settledAtMs),
      rail: railOfEntry(body),
      direction: line.direction,
      bank: line.counterpartyBank,
      rupiah: rupiahOf(line.amountSen),
      id: line.bizMsgIdr,
      connector: line.connector,
      isCash: line.isCash === true,
      isShown: line.isShown === true,
    };
  }
  if (body.kind === 'intent') {
    return {
      kind: 'intent',
      atMs,
      rail: railOfEntry(body),
      bank: body.bank,
      rupiah: rupiahOf(body.amountSen),
      id: body.bizMsgIdr,
      paymentId: body.paymentId,
      peer: body.peer,
    };
  }
  return { kind: 'journal', atMs, partition, position, body };
}

/** Ids and keys are shorter. */
const TEXT_MAX = 64;

/** A text that may become the key of a state: bounded, and no name that every object has already. */
function textOf(data: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = data[name];
  const isKey =
    typeof value === 'string' && value.length <= TEXT_MAX && !(value in Object.prototype);
  return isKey ? value : undefined;
}

function signedRupiahOf(sen: unknown): number {
  const isOwed = typeof sen === 'string' && sen.startsWith('-');
  const rupiah = rupiahOf(isOwed ? sen.slice(1) : sen);
  return isOwed ? -rupiah : rupiah;
}

/** Sen as decimal text into whole rupiah; 0 for anything else. */
function rupiahOf(sen: unknown): number {
  const value = typeof sen === 'string' && sen.length <= 18 ? Number(sen) : Number.NaN;
  return Number.isFinite(value) && value > 0 ? Math.round(value / 100) : 0;
}
