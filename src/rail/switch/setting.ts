/** What a link to a network is, as configuration, and the check that its timers stand in each other: whoever asks waits longer than
 * whoever answers. A link whose timers do not is refused at start-up. Source: domain.md 4.1, 4.8 rule 1 [mem]. */
import type { Dialect, FieldNumber } from '../iso8583/spec.ts';

/** All in milliseconds. */
export interface LinkTimers {
  /** Their promise: the issuer behind the switch answers in this time. */
  readonly issuerMs: number;
  /** The switch waits for the issuer. */
  readonly switchMs: number;
  /** We wait for the switch. */
  readonly requestMs: number;
  /** The terminal waits for us. */
  readonly terminalMs: number;
  /** Our core answers what the network asks of us. */
  readonly coreMs: number;
  /** We answer the network; later nothing is sent. */
  readonly serveMs: number;
  readonly connectMs: number;
  readonly signOnMs: number;
  readonly echoEveryMs: number;
  readonly echoMs: number;
  /** A planned stop waits so long for answers. */
  readonly drainMs: number;
  readonly reconnectFirstMs: number;
  readonly reconnectMaxMs: number;
  /** Answered and expired requests are remembered. */
  readonly rememberMs: number;
}

/** Every queue and count of a link. */
export interface LinkBounds {
  readonly inFlightMax: number;
  readonly inquiryInFlightMax: number;
  /** Inquiries a second over all links of a network. */
  readonly inquiryPerSecond: number;
  /** Requests of theirs that we work on at a time. */
  readonly servingMax: number;
  /** Messages of theirs that wait for their MAC to be checked; then we read no more. */
  readonly receivingMax: number;
  /** Bytes that they do not read; then nothing more is sent. */
  readonly backlogBytesMax: number;
  /** Echoes without an answer until the connection counts as dead. */
  readonly echoMissesMax: number;
  /** Messages in a row that cannot be read until we hang up. */
  readonly malformedMax: number;
  readonly rememberMax: number;
}

/** One link to a network. */
export interface LinkSetting {
  readonly name: string;
  /** `client`: we connect. `server`: they do. */
  readonly side: 'client' | 'server';
  /** What the transport resolves: where we connect, or where we listen. */
  readonly address: string;
  /** Addresses that may connect to us; `server` only. */
  readonly admitted: readonly string[];
}

/** A network and its links, the first preferred. */
export interface NetworkSetting {
  readonly name: string;
  readonly dialect: Dialect;
  /** Who signs on: we to them, or they to us. */
  readonly signOn: 'ours' | 'theirs';
  /** Which messages carry a MAC, both ways. */
  readonly macOn: 'none' | 'financial' | 'all';
  readonly links: readonly LinkSetting[];
  readonly timers: LinkTimers;
  readonly bounds: LinkBounds;
  /** What an answer must repeat. */
  readonly echoFields: readonly FieldNumber[];
  /** DE39 of what we refuse ourselves. */
  readonly codes: {
    readonly notSignedOn: string;
    readonly overloaded: string;
    readonly notSupported: string;
    readonly keyRefused: string;
  };
}

/** Where a network's own contract says nothing else. [mem] */
export const USUAL_TIMERS: LinkTimers = {
  issuerMs: 15_000,
  switchMs: 25_000,
  requestMs: 35_000,
  terminalMs: 45_000,
  coreMs: 12_000,
  serveMs: 15_000,
  connectMs: 10_000,
  signOnMs: 15_000,
  echoEveryMs: 60_000,
  echoMs: 15_000,
  drainMs: 40_000,
  reconnectFirstMs: 1_000,
  reconnectMaxMs: 60_000,
  rememberMs: 900_000,
};

/** Room for one link's rush hour on two cores. */
export const USUAL_BOUNDS: LinkBounds = {
  inFlightMax: 500,
  inquiryInFlightMax: 50,
  inquiryPerSecond: 20,
  // With two links, what core answers within its patience on a bad day; more would be answered too late, every one of them.
  servingMax: 200,
  receivingMax: 500,
  backlogBytesMax: 262_144,
  echoMissesMax: 2,
  malformedMax: 10,
  rememberMax: 50_000,
};

const DAY_MS = 86_400_000;

/** Each pair: the first must end before the second. */
const INNER_FIRST: readonly (readonly [keyof LinkTimers, keyof LinkTimers])[] = [
  ['issuerMs', 'switchMs'],
  ['switchMs', 'requestMs'],
  ['requestMs', 'terminalMs'],
  ['coreMs', 'serveMs'],
  ['serveMs', 'switchMs'],
  ['echoMs', 'echoEveryMs'],
  ['signOnMs', 'echoEveryMs'],
  ['requestMs', 'drainMs'],
  ['requestMs', 'rememberMs'],
  ['reconnectFirstMs', 'reconnectMaxMs'],
];

/** What a timer is, in the words of a refusal. */
const SAID: Readonly<Record<keyof LinkTimers, string>> = {
  issuerMs: 'the time in which the issuer answers',
  switchMs: 'the time that the switch waits',
  requestMs: 'the time that we wait for the switch',
  terminalMs: 'the time that the terminal waits for us',
  coreMs: 'the time in which our core answers',
  serveMs: 'the time in which we answer the network',
  connectMs: 'the time to connect',
  signOnMs: 'the time that a sign-on waits',
  echoEveryMs: 'the time between echoes',
  echoMs: 'the time that an echo waits',
  drainMs: 'the time that a planned stop waits',
  reconnectFirstMs: 'the first wait before a new connection',
  reconnectMaxMs: 'the longest wait before a new connection',
  rememberMs: 'the time that a request is remembered',
};

/** Everything that is wrong with a network's configuration, in sentences; none = it may start. */
export function networkProblems(setting: NetworkSetting): readonly string[] {
  const { timers, bounds, links } = setting;
  const wrong: string[] = [];
  for (const [name, ms] of Object.entries(timers))
    if (!Number.isInteger(ms) || ms < 1 || ms > DAY_MS)
      wrong.push(`${SAID[name as keyof LinkTimers]} (${ms} ms) must be between 1 ms and a day`);
  for (const [inner, outer] of INNER_FIRST)
    if (timers[inner] >= timers[outer])
      wrong.push(
        `${SAID[inner]} (${timers[inner]} ms) must be shorter than ${SAID[outer]} (${timers[outer]} ms)`,
      );
  for (const [name, bound] of Object.entries(bounds))
    if (!Number.isInteger(bound) || bound < 1) wrong.push(`${name} (${bound}) must be at least 1`);
  if (bounds.inquiryInFlightMax >= bounds.inFlightMax)
    wrong.push('inquiries must leave room for money: inquiryInFlightMax below inFlightMax');
  if (links.length === 0) wrong.push('a network needs a link');
  if (new Set(links.map((link) => link.name)).size !== links.length)
    wrong.push('two links have the same name');
  for (const link of links)
    if (link.side === 'server' && link.admitted.length === 0)
      wrong.push(`link ${link.name} listens and admits nobody`);
  return wrong;
}
