/** Load towards the bank: so many withdrawals with its cards at other banks' ATMs and so many QRIS payments to its merchants a second,
 * a share of them with a fault. Offers when they are due, whatever the answers do, and leaves nothing out of its sums. */
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { Behaviour } from './faults.ts';
import type { OutgoingResult } from './outgoing.ts';
import type { Card } from './peers.ts';
import type { InterbankSwitch } from './switch.ts';

/** A merchant of the bank. */
export interface LoadMerchant {
  readonly pan: string;
  readonly id: string;
  readonly name: string;
}

export interface LoadInput {
  readonly time: Time;
  readonly random: Random;
  readonly network: InterbankSwitch;
  readonly withdrawalsPerSecond: number;
  readonly qrisPerSecond: number;
  readonly seconds: number;
  /** Share of the offers that meet a fault, in 1/10,000. */
  readonly faultPerTenThousand: number;
  /** The bank's cards and merchants, used in turn. */
  readonly cards: readonly Card[];
  readonly merchants: readonly LoadMerchant[];
  /** How long after the last offer the ends may take. */
  readonly drainMsMax: number;
  /** The driver's book: every offer with its end. */
  readonly onLine?: (line: LoadLine) => void;
}

export type LoadKind = 'withdrawal' | 'qris';

/** What went wrong on purpose. `partial` and `jam` are the machine's. */
export type LoadFault = (typeof LOAD_FAULTS)[number];

export interface LoadLine {
  readonly number: number;
  readonly kind: LoadKind;
  readonly fault: LoadFault | undefined;
  readonly dueMs: number;
  readonly endMs: number;
  readonly outcome: OutgoingResult['outcome'];
  readonly rc?: string;
  /** Id in the switch's book. */
  readonly id?: string;
  readonly amountSen: string;
  /** What the customer got of it: cash, goods. */
  readonly keptSen: string;
}

export interface LoadCount {
  readonly offered: number;
  /** Approved or declined by the bank in time. */
  readonly answered: number;
  readonly approved: number;
  readonly declined: number;
  /** No answer in time: cash is reversed afterwards, a QRIS payment asked about. */
  readonly unknown: number;
  readonly notSent: number;
  /** Of the approved: given back, in part or whole, because the cash did not come out. */
  readonly givenBack: number;
  readonly keptSen: bigint;
  readonly codes: Readonly<Record<string, number>>;
  /** From the moment an offer was due to its answer; answered ones that met no fault. */
  readonly latencyMs: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
}

export interface LoadReport {
  readonly byKind: Readonly<Record<LoadKind, LoadCount>>;
  /** Offers that met a fault, by kind of it. */
  readonly faults: Readonly<Record<string, number>>;
  /** The latest that the driver itself was. */
  readonly lateMsMax: number;
  /** What the switch still had to bring to an end when the time to drain was over. */
  readonly unfinished: number;
  readonly disputed: number;
  /** What stands in the switch's book less what customers got: 0 when nothing was lost and nothing doubled. */
  readonly differenceSen: bigint;
}

/** The faults that a load meets, each as often as the others. */
export const LOAD_FAULTS = [
  'drop_request',
  'drop_answer',
  'late_answer',
  'duplicate',
  'partial',
  'jam',
] as const;
const BEHAVIOURS: Readonly<Record<LoadFault, Behaviour>> = {
  drop_request: { kind: 'drop_request' },
  drop_answer: { kind: 'drop_answer' },
  late_answer: { kind: 'late_answer', afterMs: 3_600_000 },
  duplicate: { kind: 'duplicate', count: 2 },
  partial: { kind: 'answer' },
  jam: { kind: 'answer' },
};
const NOTE_SEN = 5_000_000n;
const NOTE_COUNT_MAX = 20;
const QRIS_RUPIAH_MAX = 250_000;
const DRAIN_POLL_MS = 200;
/** An hour at a thousand a second. */
const OFFER_COUNT_MAX = 3_600_000;

interface Offer {
  readonly number: number;
  readonly kind: LoadKind;
  readonly dueMs: number;
  readonly fault: LoadFault | undefined;
  readonly amountSen: bigint;
}

/** Runs it to its end. Throws RangeError for more offers than it can keep. */
export async function runLoad(input: LoadInput): Promise<LoadReport> {
  const { time, network } = input;
  const standsBefore = standsOf(network);
  const lines: LoadLine[] = [];
  const waiting: Promise<void>[] = [];
  const failures: unknown[] = [];
  let lateMsMax = 0;
  for (const offer of offersOf(input)) {
    const aheadMs = offer.dueMs - time.now();
    if (aheadMs > 0) await time.sleep(aheadMs);
    else lateMsMax = Math.max(lateMsMax, -aheadMs);
    waiting.push(
      makeOffer(input, offer).then(
        (line) => {
          lines.push(line);
          input.onLine?.(line);
        },
        (error: unknown) => void failures.push(error),
      ),
    );
  }
  await Promise.all(waiting);
  if (failures.length > 0) throw new Error('Cannot offer: a bug', { cause: failures[0] });
  const untilMs = time.now() + input.drainMsMax;
  while (network.book.unfinished().length > 0 && time.now() < untilMs)
    await time.sleep(DRAIN_POLL_MS);
  const ended = lines.map((line) => endOf(network, line));
  const kept = ended.reduce((sum, line) => sum + BigInt(line.keptSen), 0n);
  return {
    byKind: { withdrawal: countOf(ended, 'withdrawal'), qris: countOf(ended, 'qris') },
    faults: tally(lines.flatMap((line) => (line.fault === undefined ? [] : [line.fault]))),
    lateMsMax,
    unfinished: network.book.unfinished().length,
    disputed: [...network.book.entries()].filter((entry) => entry.isDisputed).length,
    differenceSen: standsOf(network) - standsBefore - kept,
  };
}

/** The offers in the order of their time; the same for a seed. */
function* offersOf(input: LoadInput): Generator<Offer> {
  const { random, seconds } = input;
  const startMs = input.time.now();
  const counts = {
    withdrawal: input.withdrawalsPerSecond * seconds,
    qris: input.qrisPerSecond * seconds,
  };
  if (counts.withdrawal + counts.qris > OFFER_COUNT_MAX)
    throw new RangeError(`Cannot offer more than ${OFFER_COUNT_MAX} in one run`);
  const at = (kind: LoadKind, number: number): number =>
    number < counts[kind] ? (number * seconds * 1_000) / counts[kind] : Number.POSITIVE_INFINITY;
  const next = { withdrawal: 0, qris: 0 };
  for (let number = 0; next.withdrawal < counts.withdrawal || next.qris < counts.qris; number++) {
    const kind = at('withdrawal', next.withdrawal) <= at('qris', next.qris) ? 'withdrawal' : 'qris';
    const dueMs = startMs + Math.floor(at(kind, next[kind]++));
    const isFaulty = random.below(10_000) < input.faultPerTenThousand;
    const drawn = LOAD_FAULTS[random.below(LOAD_FAULTS.length)]!;
    // A till has no cassettes.
    const fault = kind === 'qris' && BEHAVIOURS[drawn].kind === 'answer' ? 'drop_answer' : drawn;
    const amountSen =
      kind === 'withdrawal'
        ? NOTE_SEN * BigInt(2 + random.below(NOTE_COUNT_MAX - 1))
        : BigInt(1 + random.below(QRIS_RUPIAH_MAX)) * 100n;
    yield { number, kind, dueMs, fault: isFaulty ? fault : undefined, amountSen };
  }
}

async function makeOffer(input: LoadInput, offer: Offer): Promise<LoadLine> {
  const { network, time } = input;
  const result = await ask(input, offer);
  const { fault, amountSen } = offer;
  let keptSen = result.outcome === 'approved' ? amountSen : 0n;
  if (result.outcome === 'approved' && (fault === 'partial' || fault === 'jam')) {
    keptSen = fault === 'jam' ? 0n : NOTE_SEN;
    network.giveBack(result.id, keptSen);
  }
  return {
    number: offer.number,
    kind: offer.kind,
    fault,
    dueMs: offer.dueMs,
    endMs: time.now(),
    outcome: result.outcome,
    ...(result.outcome === 'declined' && { rc: result.rc }),
    ...('id' in result && { id: result.id }),
    amountSen: amountSen.toString(),
    keptSen: keptSen.toString(),
  };
}

/** What the customer got in the end: a QRIS payment that nobody knew of is paid, goods and all, when the bank says so to its check. */
function endOf(network: InterbankSwitch, line: LoadLine): LoadLine {
  if (line.kind !== 'qris' || line.outcome !== 'unknown' || line.id === undefined) return line;
  const isPaid = network.book.find(line.id)?.state === 'approved';
  return isPaid ? { ...line, keptSen: line.amountSen } : line;
}

function ask(input: LoadInput, offer: Offer): Promise<OutgoingResult> {
  const { network, cards, merchants } = input;
  const peer = network.peers[offer.number % network.peers.length]!;
  const fault = offer.fault === undefined ? {} : { fault: BEHAVIOURS[offer.fault] };
  const { amountSen } = offer;
  if (offer.kind === 'withdrawal') {
    const card = cards[offer.number % cards.length]!;
    return network.withdraw({ bank: peer.code, card, amountSen, ...fault });
  }
  const merchant = merchants[offer.number % merchants.length]!;
  return network.payMerchant({
    bank: peer.code,
    merchantPan: merchant.pan,
    merchantId: merchant.id,
    merchantName: merchant.name,
    fromAccount: `9${String(offer.number % 1_000).padStart(9, '0')}`,
    amountSen,
    ...fault,
  });
}

function countOf(all: readonly LoadLine[], kind: LoadKind): LoadCount {
  const lines = all.filter((line) => line.kind === kind);
  const count = (outcome: LoadLine['outcome']): number =>
    lines.filter((line) => line.outcome === outcome).length;
  const waits = lines
    .filter((line) => line.fault === undefined && isAnswer(line))
    .map((line) => line.endMs - line.dueMs)
    .sort((a, b) => a - b);
  const quantile = (share: number): number =>
    waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0;
  return {
    offered: lines.length,
    answered: lines.filter(isAnswer).length,
    approved: count('approved'),
    declined: count('declined'),
    unknown: count('unknown'),
    notSent: count('not_sent'),
    givenBack: lines.filter(
      (line) => line.outcome === 'approved' && line.keptSen !== line.amountSen,
    ).length,
    keptSen: lines.reduce((sum, line) => sum + BigInt(line.keptSen), 0n),
    codes: tally(lines.flatMap((line) => (line.rc === undefined ? [] : [line.rc]))),
    latencyMs: {
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: waits.at(-1) ?? 0,
    },
  };
}

function isAnswer(line: LoadLine): boolean {
  return line.outcome === 'approved' || line.outcome === 'declined';
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** What stands in the switch's book of withdrawals and QRIS payments to the bank. */
function standsOf(network: InterbankSwitch): bigint {
  const summary = network.book.summary();
  return (
    (summary['to_bank|withdrawal']?.standsSen ?? 0n) + (summary['to_bank|qris']?.standsSen ?? 0n)
  );
}
