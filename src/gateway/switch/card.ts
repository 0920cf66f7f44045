/** Cards of ours, at other banks' machines (DE3 01, 30, 31) and at our own (`terminal.ts`): what core needs of the message goes to core, and its answer goes back. The PIN
 * block is passed on as it came, under the key of the link: only the HSM opens it, and only core may ask it to compare. */
import type { FlowFacts } from '../../gate/port.ts';
import { faultPoint } from '../../kernel/fault-point.ts';
import type {
  CardRequest,
  PinChangeRequest,
  SwitchReversalNotice,
} from '../../rail/notice-switch.ts';
import { readAmount } from '../../rail/iso8583/amount.ts';
import { writeComposite } from '../../rail/iso8583/composite.ts';
import type { IsoFields, IsoMessage } from '../../rail/iso8583/spec.ts';
import { refusal } from '../../rail/switch/manage.ts';
import { plain } from '../../rail/switch/transfer.ts';
import { inboundKey } from '../journal-index.ts';
import { readChip, responseField } from './chip.ts';
import type { SwitchContext } from './line.ts';
import { approval, askCore, isBehind, SAID, type Served } from './ask.ts';

/** Money moves; the others only ask. */
const WITHDRAWAL = '01';

/** One request of a card over the network. */
export async function takeCard(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti, deadlineMs } = served;
  const { setting } = context;
  const isCash = request.fields[3]?.startsWith(WITHDRAWAL) ?? false;
  const notice = cardNotice(context, served, {
    what: isCash ? 'withdrawal' : 'balance',
    pinKey: `zpk.${setting.name}`,
    coreDeadlineMs: deadlineMs - (setting.timers.serveMs - setting.timers.coreMs),
  });
  if (!notice) return refusal(request, { mti, code: SAID.format });
  const isRepeat = context.journal.index.hasInbound(inboundKey(notice));
  if (!isRepeat && isHeldBack(context, notice))
    return refusal(request, { mti, code: SAID.notPermitted });
  return answerCard(context, served, notice);
}

/** Asks core and says what it said. Without a word of core's nothing is said: whoever asked then takes back what it asked (0420), and core
 * takes that whether it had approved or never saw the request. A copy that comes while the first is at work is not answered: the first's
 * answer is the answer to both, and two of them could say two things. */
export async function answerCard(
  context: SwitchContext,
  served: Served,
  notice: CardRequest | PinChangeRequest,
): Promise<IsoMessage | undefined> {
  const key = inboundKey(notice);
  if (context.cardsAtWork.has(key)) return undefined;
  context.cardsAtWork.add(key);
  try {
    return await answerOnce(context, served, notice);
  } finally {
    context.cardsAtWork.delete(key);
  }
}

async function answerOnce(
  context: SwitchContext,
  { request, mti }: Served,
  notice: CardRequest | PinChangeRequest,
): Promise<IsoMessage | undefined> {
  const isRepeat = context.journal.index.hasInbound(inboundKey(notice));
  // Nobody was asked, so a no is the truth.
  if (!isRepeat && isBehind(context)) return refusal(request, { mti, code: SAID.notNow });
  const answer = await askCore(context, notice);
  if (!answer || (answer.taken && answer.approved === undefined))
    // Something may have been said to the first of them.
    return isRepeat ? undefined : takeBackUnsaid(context, notice);
  if (!answer.taken || !answer.approved) return refusal(request, { mti, code: answer.code });
  return approval({
    request,
    mti,
    change: {
      38: answer.approvalCode,
      ...(answer.arpc !== undefined &&
        responseField(context.member.dialect, request.fields, answer.arpc)),
      ...(answer.availableSen !== undefined && balanceField(context, request, answer.availableSen)),
    },
  });
}

/** No answer of ours leaves any more, so whatever core approves, or has approved, is taken back: written down first, and passed on until
 * core has it (ADR 0013). Only here, where it is known that nothing was said: after a restart nobody knows, and the network's own reversal
 * or the settlement decides. */
async function takeBackUnsaid(
  context: SwitchContext,
  notice: CardRequest | PinChangeRequest,
): Promise<undefined> {
  if (notice.what !== 'withdrawal' && notice.what !== 'deposit') return undefined;
  const { journal, forwarder, log } = context;
  const { bizMsgIdr, fromBank, amountSen } = notice;
  const reversal: SwitchReversalNotice = {
    kind: 'reversal',
    rail: 'switch',
    what: notice.what,
    bizMsgIdr,
    fromBank,
    amountSen,
    keptSen: '0',
  };
  log.warn({ bizMsgIdr }, 'switch.card_answer_too_late');
  if (journal.index.hasInbound(inboundKey(reversal))) return undefined;
  const body = { kind: 'inbound', bizMsgIdr, what: 'reversal', notice: reversal } as const;
  const [entry] = await journal.append(body);
  faultPoint('switch.afterTakeBack');
  void forwarder.offer(entry!.position, reversal); // one body in, one entry out
  return undefined;
}

/** Where a card is held: under which key its PIN comes, and until when core may say yes. */
export interface CardPlace {
  readonly pinKey: CardRequest['card']['pinKey'];
  readonly coreDeadlineMs: number;
}

/** The notice in a message; undefined where a field that we need is missing or of another form. */
export function cardNotice(
  context: SwitchContext,
  served: Served,
  place: CardPlace & Pick<CardRequest, 'what'>,
): CardRequest | undefined {
  const { fields } = served.request;
  const isMoney = place.what !== 'balance';
  const amount = isMoney ? readAmount(context.member.dialect, fields[4]) : 0n;
  const isGood = !isMoney || (amount !== undefined && amount > 0n && fields[49] === '360');
  const base = presented(context, served, { ...place, amountSen: amount ?? 0n });
  if (!base || !isGood || amount === undefined) return undefined;
  return { ...base, what: place.what, amountSen: String(amount) };
}

/** The same for a new PIN (DE62 of the link of our machines). */
export function pinChangeNotice(
  context: SwitchContext,
  served: Served,
  place: CardPlace,
): PinChangeRequest | undefined {
  const base = presented(context, served, { ...place, amountSen: 0n });
  const newPinBlock = served.request.fields[62];
  if (!base || newPinBlock === undefined || !/^[0-9A-F]{16}$/.test(newPinBlock)) return undefined;
  return { ...base, what: 'pin_change', amountSen: '0', card: { ...base.card, newPinBlock } };
}

function presented(
  { member }: SwitchContext,
  { request, requestId, fromBank }: Served,
  place: CardPlace & { readonly amountSen: bigint },
) {
  const { fields } = request;
  const chip = readChip(member.dialect, request, place.amountSen);
  const { 2: pan, 14: expiry, 52: pinBlock, 41: terminal } = fields;
  const isWhole =
    pan !== undefined && expiry !== undefined && pinBlock !== undefined && terminal !== undefined;
  if (!isWhole || !/^\d{13,19}$/.test(pan)) return undefined;
  return {
    kind: 'request',
    rail: 'switch',
    bizMsgIdr: requestId,
    rrn: fields[37] ?? '000000000000',
    fromBank,
    deadlineMs: place.coreDeadlineMs,
    card: { pan, expiry, pinBlock, pinKey: place.pinKey, ...(chip && { chip }) },
    terminal: plain(terminal, 16),
    place: plain(fields[43] ?? '', 40),
  } as const;
}

/** What the gateway itself knows of a stop; the account behind the card only core knows, and asks again. */
function isHeldBack(context: SwitchContext, notice: CardRequest): boolean {
  const flow: FlowFacts = {
    rail: 'switch',
    direction: 'in',
    channel: 'network',
    bank: notice.fromBank,
    account: '',
    amountSen: BigInt(notice.amountSen),
    cohortBucket: 0,
    isStaff: false,
  };
  return context.latches.isLatched(flow);
}

/** DE54: ledger (01) and available balance (02) of the account that DE3 names. What is negative is told as D. */
function balanceField(
  context: SwitchContext,
  { fields }: IsoMessage,
  availableSen: string,
): IsoFields {
  const amount = BigInt(availableSen);
  const digits = String(amount < 0n ? -amount : amount).padStart(12, '0');
  const written = writeComposite(context.member.dialect, {
    field: 54,
    fields,
    value: {
      kind: 'blocks',
      blocks: [
        {
          accountType: fields[3]?.slice(2, 4) ?? '00',
          amountType: '02',
          currency: '360',
          signedAmount: `${amount < 0n ? 'D' : 'C'}${digits}`,
        },
      ],
    },
  });
  return written.ok ? { 54: written.value } : {};
}
