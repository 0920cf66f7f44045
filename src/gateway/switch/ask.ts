/** What the flows of `serve.ts` share: a request is written down, core is asked within the network's time, and what it said is answered. */
import { faultPoint } from '../../kernel/fault-point.ts';
import type { NoticeAnswer, RailNotice } from '../../rail/notice.ts';
import type { IsoFields, IsoMessage } from '../../rail/iso8583/spec.ts';
import { refusal } from '../../rail/switch/manage.ts';
import { inboundKey } from '../journal-index.ts';
import type { SwitchContext } from './line.ts';

/** DE39 of answers of ours. Source: domain.md 4.5. */
export const SAID = {
  approved: '00',
  format: '30',
  notSupported: '12',
  notPermitted: '57',
  payeeInvalid: '76',
  originalUnknown: '25',
  notNow: '91',
} as const;

/** One request, and until when its answer may leave. */
export interface Served {
  readonly request: IsoMessage;
  /** MTI of the answer. */
  readonly mti: string;
  readonly requestId: string;
  /** Eight characters: who asks. */
  readonly fromBank: string;
  readonly deadlineMs: number;
}

/** True while so much waits for core that what we could not answer any more, and must take back, has no place. */
export function isBehind({
  forwarder,
  limits,
}: Pick<SwitchContext, 'forwarder' | 'limits'>): boolean {
  return forwarder.pendingCount('switch') >= limits.pendingCountMax;
}

/** What core is asked while somebody waits. */
type Asking = Extract<RailNotice, { kind: 'request' | 'reversal' | 'machine' }>;

/** How soon core is asked again within the time of a request. */
const AGAIN_MS = 500;

/** Writes a request down, and asks core within its time. */
export async function askCore(
  context: SwitchContext,
  notice: Asking,
  untilMs = 'deadlineMs' in notice ? notice.deadlineMs : 0,
): Promise<NoticeAnswer | undefined> {
  const { time, journal, forwarder } = context;
  const { bizMsgIdr, kind } = notice;
  if (!journal.index.hasInbound(inboundKey(notice)))
    await journal.append({ kind: 'inbound', bizMsgIdr, what: kind, notice: journalCopy(notice) });
  faultPoint('switch.afterRequest');
  while (time.now() < untilMs) {
    const answer = await forwarder.deliver(notice);
    if (answer) faultPoint('switch.beforeAnswer');
    if (answer) return time.now() < untilMs ? answer : undefined;
    await time.sleep(AGAIN_MS);
  }
  return undefined;
}

/** What the journal keeps of a notice: no number of a card or customer, no PIN block, nothing that a code is paid with (I11). */
export function journalCopy(notice: Asking): unknown {
  if ('codeData' in notice) {
    const { customerPan: _customer, codeData: _code, ...kept } = notice;
    return kept;
  }
  if ('customerPan' in notice) {
    const { customerPan: _customer, ...kept } = notice;
    return kept;
  }
  if ('payeePan' in notice) {
    const { payeePan: _payee, payerPan: _payer, payerName: _name, ...kept } = notice;
    return kept;
  }
  if (!('card' in notice)) return notice;
  const { card: _card, ...rest } = notice;
  return rest;
}

/** An answer that approves: ids and what it is about, no card, track or PIN. */
export function approval(input: {
  readonly request: IsoMessage;
  readonly mti: string;
  readonly change: IsoFields;
}): IsoMessage {
  const { mti, fields } = refusal(input.request, { mti: input.mti, code: SAID.approved });
  return { mti, fields: { ...fields, ...input.change } };
}
