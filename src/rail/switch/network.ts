/** A network over all its links: a request takes the first link that can carry it, and only one. What may have left is never sent over
 * another link: its outcome is unknown until somebody says it (I2). */
import { compileCodec } from '../iso8583/codec.ts';
import type { IsoMessage } from '../iso8583/spec.ts';
import { answerMti, Correlator } from './correlate.ts';
import { openLink, type Link } from './link.ts';
import type { LinkPhase } from './manage.ts';
import type { LinkAnswer, LinkCounts, NetworkContext, NotSent, SwitchPorts } from './port.ts';
import { networkProblems, type NetworkSetting } from './setting.ts';
import { openTaken } from './taken.ts';

/** One link as a screen or a metric shows it. */
export interface LinkState {
  readonly name: string;
  readonly phase: LinkPhase;
  readonly inFlight: number;
}

/** An open network. */
export interface SwitchNetwork {
  /** Sends a request that is not network management, and waits for its answer. Never sends it twice. */
  request(input: {
    readonly kind: 'financial' | 'inquiry';
    readonly message: IsoMessage;
  }): Promise<LinkAnswer>;
  /** Asks for a new working key over the first link that is signed on. */
  requestKey(): Promise<'accepted' | 'refused' | 'unknown' | 'no_link_signed_on'>;
  links(): readonly LinkState[];
  counts(): Readonly<LinkCounts>;
  /** Drains and signs off every link. */
  stop(): Promise<void>;
  /** Ends every link at once, as a killed process would. */
  abandon(): void;
}

/** Refusals that another link may not have. */
const ELSEWHERE: ReadonlySet<NotSent> = new Set([
  'not_signed_on',
  'link_broken',
  'backlog',
  'too_many_in_flight',
]);

/** Opens all links. Throws Error with everything that is wrong with the setting; then nothing was opened. */
export async function openNetwork(
  setting: NetworkSetting,
  ports: SwitchPorts,
): Promise<SwitchNetwork> {
  const problems = [...networkProblems(setting)];
  if (setting.macOn !== 'none' && !ports.mac)
    problems.push('it needs MACs and has nobody to make them');
  if (problems.length > 0)
    throw new Error(`Cannot start network ${setting.name}: ${problems.join('; ')}`);
  const context: NetworkContext = {
    setting,
    ports,
    codec: compileCodec(setting.dialect),
    correlator: new Correlator(
      { ...setting.bounds, rememberMs: setting.timers.rememberMs, echoFields: setting.echoFields },
      () => ports.time.now(),
    ),
    counts: noCounts(),
    taken: openTaken(
      { rememberMs: setting.timers.rememberMs, rememberMax: setting.bounds.rememberMax },
      () => ports.time.now(),
    ),
  };
  const links: Link[] = [];
  try {
    for (const link of setting.links) links.push(await openLink(context, link));
  } catch (error) {
    await Promise.all(links.map((link) => link.stop()));
    throw error;
  }
  const budget = openBudget(setting.bounds.inquiryPerSecond, () => ports.time.now());
  const signedOn = (): readonly Link[] => {
    const open = links.filter((link) => link.session()?.phase() === 'signed_on');
    const isQuiet = (link: Link): boolean => link.session()?.isQuiet() ?? false;
    // The preferred first, but one that may be dead after those that speak.
    return [...open.filter((link) => !isQuiet(link)), ...open.filter(isQuiet)];
  };
  return {
    async request(input) {
      if (!isRequest(input.message)) return { outcome: 'not_sent', reason: 'not_a_request' };
      if (input.kind === 'inquiry' && !budget())
        return { outcome: 'not_sent', reason: 'inquiry_budget' };
      return ask(signedOn(), { ...input, waitMs: setting.timers.requestMs });
    },
    async requestKey() {
      const link = signedOn()[0];
      return (await link?.session()?.requestKey()) ?? 'no_link_signed_on';
    },
    links: () =>
      links.map((link) => ({
        name: link.name,
        phase: link.session()?.phase() ?? 'closed',
        inFlight: context.correlator.inFlight(link.name),
      })),
    counts: () => ({ ...context.counts }),
    stop: async () => void (await Promise.all(links.map((link) => link.stop()))),
    abandon: () => {
      for (const link of links) link.abandon();
    },
  };
}

async function ask(
  links: readonly Link[],
  input: {
    readonly kind: 'financial' | 'inquiry';
    readonly message: IsoMessage;
    readonly waitMs: number;
  },
): Promise<LinkAnswer> {
  let last: LinkAnswer = { outcome: 'not_sent', reason: 'no_link_signed_on' };
  for (const link of links) {
    const answer = await link.session()?.ask(input);
    if (!answer) continue;
    if (answer.outcome !== 'not_sent' || !ELSEWHERE.has(answer.reason)) return answer;
    last = answer;
  }
  return last;
}

function isRequest({ mti }: IsoMessage): boolean {
  return mti.charAt(1) !== '8' && answerMti(mti) !== undefined;
}

/** A token bucket of one second's inquiries (T18). */
function openBudget(perSecond: number, now: () => number): () => boolean {
  let tokens = perSecond;
  let filledAtMs = now();
  return () => {
    const nowMs = now();
    // A clock that jumps back fills nothing.
    const added = (Math.max(0, nowMs - filledAtMs) / 1_000) * perSecond;
    tokens = Math.min(perSecond, tokens + added);
    filledAtMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

function noCounts(): LinkCounts {
  return {
    connected: 0,
    connectFailed: 0,
    closed: 0,
    sent: 0,
    answered: 0,
    timedOut: 0,
    late: 0,
    duplicate: 0,
    stray: 0,
    mismatched: 0,
    malformed: 0,
    macRefused: 0,
    served: 0,
    serveLate: 0,
    refused: 0,
    unanswered: 0,
    echoMissed: 0,
  };
}
