/** What core asks of the gateway about its own payments: send, void, recall, inquire, enquire. The order in `sendNow` is the
 * heart of I1: burned and on disk before the first byte leaves, and never twice. */
import { rootMemory, type RootMemory } from '../authorisation/batch.ts';
import type { NetworkIds } from '../authorisation/form.ts';
import {
  counterpartyOf,
  instructionHash,
  isRailName,
  networkIds,
  parseInstruction,
  type Instruction,
  type RailName,
} from '../authorisation/instruction.ts';
import type { TokenClaims } from '../authorisation/token.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import type { RailAnswer } from '../rail/contract.ts';
import {
  recordOf,
  type BillAnswer,
  type EnquiryAnswer,
  type GatewayAnswer,
  type RecallAnswer,
} from '../rail/gateway-wire.ts';
import { railField } from '../rail/journal-entry.ts';
import type { ProxyReply } from '../rail/proxy-wire.ts';
import type { GatewayContext } from './context.ts';
import {
  decideSend,
  idDay,
  isStopped,
  weightOf,
  type Decision,
  type SendRequest,
} from './decide.ts';
import type { RailHost } from './host.ts';
import type { Burn } from './journal-index.ts';
import { throttleFacts } from './throttle.ts';

export interface Outgoing {
  send(request: SendRequest): Promise<GatewayAnswer>;
  void(body: unknown): Promise<GatewayAnswer>;
  recall(body: unknown): Promise<RecallAnswer>;
  inquire(body: unknown): Promise<GatewayAnswer>;
  enquireAccount(body: unknown): Promise<EnquiryAnswer>;
  enquireBill(body: unknown): Promise<BillAnswer>;
  askProxy(body: unknown): Promise<ProxyReply>;
}

/** A rail and what is on its way over it in this process: a repeat waits for the same answer. Each rail has bounds of its own, so
 * that one that answers nobody takes no place from another. */
interface Lane {
  readonly host: RailHost;
  readonly sending: Map<string, Promise<GatewayAnswer>>;
  inquiries: number;
  enquiries: number;
}
type Lanes = ReadonlyMap<RailName, Lane>;

/** Makes the outgoing side. */
export function makeOutgoing(
  context: GatewayContext,
  hosts: ReadonlyMap<RailName, RailHost>,
): Outgoing {
  const lanes: Lanes = new Map(
    [...hosts].map(([rail, host]) => [
      rail,
      { host, sending: new Map(), inquiries: 0, enquiries: 0 },
    ]),
  );
  const roots = rootMemory();
  return {
    send: (request) => send({ context, lanes, roots, request }),
    void: (body) => voidJti(context, body),
    recall: (body) => recall(context, body),
    inquire: (body) => inquire({ context, lanes, body }),
    enquireAccount: (body) => enquire({ context, lanes, body, how: ({ enquire }) => enquire }),
    enquireBill: (body) => enquire({ context, lanes, body, how: ({ enquireBill }) => enquireBill }),
    askProxy: (body) => enquire({ context, lanes, body, how: ({ askProxy }) => askProxy }),
  };
}

async function send(input: {
  context: GatewayContext;
  lanes: Lanes;
  roots: RootMemory;
  request: SendRequest;
}): Promise<GatewayAnswer> {
  const { context, lanes, request } = input;
  const decision = decide(input);
  switch (decision.kind) {
    case 'send': {
      const lane = lanes.get(decision.instruction.rail)!; // decided with its rules
      if (lane.host.isReady?.() === false)
        return { outcome: 'not_reached', reason: 'not signed on' };
      if (lane.sending.size >= context.limits.inFlightCountMax)
        return { outcome: 'not_reached', reason: 'busy' };
      const { jti } = decision.claims;
      context.throttles.take({
        throttles: decision.throttles,
        amountSen: BigInt(decision.instruction.amountSen),
        ...throttleFacts(context),
      });
      context.traffic.note({
        rail: decision.instruction.rail,
        amountSen: BigInt(decision.instruction.amountSen),
        nowMs: context.time.now(),
      });
      const answer = sendNow({ context, host: lane.host, peer: request.peer, ...decision });
      lane.sending.set(jti, answer);
      return answer.finally(() => lane.sending.delete(jti));
    }
    case 'repeat': {
      const { burn } = decision;
      if (burn.state === 'voided') await context.journal.untilDurable();
      const lane = burn.sent && lanes.get(burn.sent.rail);
      return lane?.sending.get(burn.jti) ?? answerOfBurn(burn);
    }
    case 'later':
      await context.knocks.record({
        kind: 'refused',
        reason: decision.reason,
        weight: weightOf(decision.reason),
        ...evidence(request),
      });
      return { outcome: 'not_reached', reason: decision.why };
    case 'void': {
      const { jti, paymentId } = decision.claims;
      await Promise.all([
        context.journal.append({ kind: 'void', jti, paymentId }),
        context.knocks.record({
          kind: 'refused',
          reason: decision.reason,
          weight: 'none',
          ...evidence(request),
        }),
      ]);
      return { outcome: 'not_sent', reason: decision.reason };
    }
    case 'refuse':
      context.log.warn({ peer: request.peer, reason: decision.reason }, 'gateway.refused');
      await context.knocks.record({
        kind: 'refused',
        reason: decision.reason,
        weight: weightOf(decision.reason),
        ...evidence(request),
      });
      return { outcome: 'refused', reason: decision.reason };
  }
}

function decide({ context, lanes, roots, request }: Parameters<typeof send>[0]): Decision {
  return decideSend(request, {
    nowMs: context.time.now(),
    env: context.env,
    partition: context.partition,
    rules: (rail) => lanes.get(rail)?.host.rules,
    ring: context.ring(),
    roots,
    index: context.journal.index,
    closedReason: context.door.closedReason(),
    isLatched: (flow) => context.latches.isLatched(flow),
    gate: (flow) => context.holder.decide(flow),
    hasRoom: (asked) => context.throttles.hasRoom({ ...asked, ...throttleFacts(context) }),
  });
}

/** Deciding and appending stand in one step of the event loop, so two requests can never burn the same jti or id. */
async function sendNow(input: {
  readonly context: GatewayContext;
  readonly host: RailHost;
  readonly peer: string;
  readonly claims: TokenClaims;
  readonly instruction: Instruction;
}): Promise<GatewayAnswer> {
  const { context, host, peer, claims, instruction } = input;
  const { journal, log } = context;
  const { jti, paymentId, instructionHash } = claims;
  const { rail, amountSen } = instruction;
  const ids = networkIds(instruction);
  try {
    await journal.append({
      kind: 'intent',
      ...railField(rail),
      jti,
      paymentId,
      ...ids,
      amountSen,
      bank: counterpartyOf(instruction),
      peer,
      instructionHash,
    });
  } catch (error) {
    log.error({ jti, cause: String(error) }, 'gateway.intent_not_written');
    // Nothing left, but the entry may be on the disk: after the restart it counts as an intent.
    return { outcome: 'unknown', reason: 'the intent could not be confirmed on disk' };
  }
  faultPoint('gateway.afterIntent');
  // Somebody may have pressed stop while the disk was writing.
  const { latches, door } = context;
  const isHalted = isStopped(latches.isLatched, instruction) || door.closedReason() !== undefined;
  faultPoint('gateway.beforeHub');
  const answer: RailAnswer = isHalted
    ? { outcome: 'not_sent', reason: 'stopped' }
    : await callHost({ context, host, instruction });
  faultPoint('gateway.afterHub');
  try {
    const { bizMsgIdr } = ids;
    await journal.append({ kind: 'outcome', jti, bizMsgIdr, answer, source: 'rail_answer' });
  } catch (error) {
    log.error({ jti, cause: String(error) }, 'gateway.outcome_not_written');
    // What is not in the journal was not proven: core inquires.
    if (answer.outcome !== 'accepted')
      return { outcome: 'unknown', reason: 'the outcome could not be written' };
  }
  faultPoint('gateway.afterOutcome');
  log.info({ jti, paymentId, rail, outcome: answer.outcome }, 'gateway.sent');
  return answer;
}

async function callHost(input: {
  readonly context: GatewayContext;
  readonly host: RailHost;
  readonly instruction: Instruction;
}): Promise<RailAnswer> {
  const { context, host, instruction } = input;
  try {
    return await host.send(instruction);
  } catch (error) {
    context.log.error(
      { paymentId: instruction.paymentId, cause: String(error) },
      'gateway.connector_failed',
    );
    return { outcome: 'unknown', reason: 'the connector failed' };
  }
}

async function voidJti(context: GatewayContext, body: unknown): Promise<GatewayAnswer> {
  const { jti, paymentId } = recordOf(body);
  if (!isId(jti) || !isId(paymentId)) return { outcome: 'refused', reason: 'malformed' };
  const burn = context.journal.index.burn(jti);
  if (burn && burn.paymentId !== paymentId) return { outcome: 'refused', reason: 'malformed' };
  if (burn && burn.state !== 'voided') return answerOfBurn(burn);
  if (!burn && !context.door.isComplete())
    return { outcome: 'not_reached', reason: context.door.closedReason() ?? 'not open' };
  // Burned first, so that it can never leave; whether it had left before is another question.
  if (!burn) await context.journal.append({ kind: 'void', jti, paymentId });
  else await context.journal.untilDurable();
  return mayBeForgotten(context, jti)
    ? { outcome: 'unknown', reason: 'this journal may not know it any more' }
    : { outcome: 'not_sent', reason: 'voided' };
}

async function recall(context: GatewayContext, body: unknown): Promise<RecallAnswer> {
  const { jti } = recordOf(body);
  if (!isId(jti)) return { known: 'not_reached', reason: 'malformed' };
  const burn = context.journal.index.burn(jti);
  if (!burn && !context.door.isComplete())
    return { known: 'not_reached', reason: context.door.closedReason() ?? 'not open' };
  // A journal that began later cannot say "never": the cautious word leads to an inquiry.
  if (!burn) return { known: mayBeForgotten(context, jti) ? 'intent' : 'never_seen' };
  // What could not be written is known to this process only: the next one reads the disk, and may find that it never was.
  await context.journal.untilDurable();
  if (burn.state === 'voided')
    return mayBeForgotten(context, jti) ? { known: 'intent' } : { known: 'voided' };
  return burn.answer ? { known: 'outcome', answer: burn.answer } : { known: 'intent' };
}

async function inquire(input: {
  context: GatewayContext;
  lanes: Lanes;
  body: unknown;
}): Promise<GatewayAnswer> {
  const { context, lanes } = input;
  const { rail, paymentId, instruction, ...rest } = recordOf(input.body);
  const ids = readIds(rest);
  if (!isRailName(rail) || !isId(paymentId) || !ids)
    return { outcome: 'refused', reason: 'malformed' };
  const lane = lanes.get(rail);
  if (!lane) return { outcome: 'not_reached', reason: `no link to ${rail} here` };
  const day = lane.host.rules.dayOf(ids);
  if (day === undefined) return { outcome: 'refused', reason: 'malformed' };
  const burn = context.journal.index.burnOfId(ids.bizMsgIdr);
  if (burn?.sent && burn.sent.rail !== rail) return { outcome: 'refused', reason: 'malformed' };
  if (burn?.answer && isLastWord(burn.answer) && !lacksReceipt(lane.host, burn.answer))
    return burn.answer;
  const { openedNewAtMs } = context.journal.index.facts();
  // The network is asked only about what we sent, or may have sent before this journal began.
  if (!burn && openedNewAtMs !== undefined && day > idDay(openedNewAtMs))
    return { outcome: 'unknown', reason: 'not sent by this gateway' };
  const burned = burnedInstruction(burn, instruction);
  if (lane.inquiries >= context.limits.inquiryCountMax)
    return { outcome: 'not_reached', reason: 'busy' };
  lane.inquiries++;
  try {
    const answer = await lane.host.inquire(ids, burned);
    if (burn && (answer.outcome === 'accepted' || answer.outcome === 'rejected')) {
      await context.journal.append({
        kind: 'outcome',
        jti: burn.jti,
        bizMsgIdr: ids.bizMsgIdr,
        answer,
        source: 'inquiry',
      });
    }
    return answer;
  } finally {
    lane.inquiries--;
  }
}

/** The instruction that core sends along, when it is the one that was burned: nobody has the network asked about another. */
function burnedInstruction(burn: Burn | undefined, value: unknown): Instruction | undefined {
  const read = parseInstruction(value);
  return read && instructionHash(read) === burn?.sent?.instructionHash ? read : undefined;
}

function readIds(fields: Readonly<Record<string, unknown>>): NetworkIds | undefined {
  const { bizMsgIdr, msgId } = fields;
  if (!isId(bizMsgIdr) || (msgId !== undefined && !isId(msgId))) return undefined;
  return { bizMsgIdr, ...(msgId !== undefined && { msgId }) };
}

async function enquire<Answer>(input: {
  context: GatewayContext;
  lanes: Lanes;
  body: unknown;
  how: (
    host: RailHost,
  ) => ((body: Readonly<Record<string, unknown>>) => Promise<Answer>) | undefined;
}): Promise<Answer | { readonly found: 'unknown'; readonly reason: string }> {
  const { rail, ...body } = recordOf(input.body);
  if (!isRailName(rail)) return { found: 'unknown', reason: 'malformed' };
  const lane = input.lanes.get(rail);
  const ask = lane && input.how(lane.host);
  if (!ask) return { found: 'unknown', reason: `no link to ${rail} here` };
  if (lane.enquiries >= input.context.limits.enquiryCountMax)
    return { found: 'unknown', reason: 'busy' };
  lane.enquiries++;
  try {
    return await ask(body);
  } finally {
    lane.enquiries--;
  }
}

function answerOfBurn(burn: Burn): RailAnswer {
  if (burn.state === 'voided') return { outcome: 'not_sent', reason: 'voided' };
  return burn.answer ?? { outcome: 'unknown', reason: 'sent, and no answer is known' };
}

/** Settled, but what proves it to the customer has not come. */
function lacksReceipt({ givesReceipts }: RailHost, answer: RailAnswer): boolean {
  return givesReceipts === true && answer.outcome === 'accepted' && answer.receipt === undefined;
}

function isLastWord(answer: RailAnswer): boolean {
  return (
    answer.outcome === 'rejected' ||
    answer.outcome === 'not_sent' ||
    (answer.outcome === 'accepted' && answer.isFinal)
  );
}

function evidence(request: SendRequest): {
  peer: string;
  fingerprint: string;
  bizMsgIdr?: string;
  amountSen?: string;
} {
  const { bizMsgIdr, amountSen } = recordOf(request.instruction);
  return {
    peer: request.peer,
    fingerprint: request.fingerprint,
    ...(typeof bizMsgIdr === 'string' && { bizMsgIdr }),
    ...(typeof amountSen === 'string' && /^\d{1,18}$/.test(amountSen) && { amountSen }),
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** True when a jti was made before this journal was opened as new, so that what an earlier journal knew of it is lost, or so long
 * ago, by the latest clock we ever had, that the index has let go of it. Our ids carry their time (`kernel/ids.ts`); one that
 * does not is taken to be of today. */
function mayBeForgotten(context: GatewayContext, jti: string): boolean {
  const { openedNewAtMs, forgottenBeforeMs } = context.journal.index.facts();
  if (openedNewAtMs === undefined) return true;
  const time = /_([0-9A-HJKMNP-TV-Z]{10})[0-9A-HJKMNP-TV-Z]{16}$/.exec(jti)?.[1];
  if (!time) return false;
  let madeAtMs = 0;
  for (const letter of time) madeAtMs = madeAtMs * 32 + CROCKFORD.indexOf(letter);
  return madeAtMs < Math.max(openedNewAtMs, forgottenBeforeMs);
}
