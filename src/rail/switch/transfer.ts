/** Online interbank transfers on the wire: the request, the inquiry for a name, the check of what became of one, and what their
 * answers mean. Pure. Source: domain.md 4.3–4.5; docs/rail/switch.md section 10. */
import type { SwitchInstruction } from '../../authorisation/form-switch.ts';
import { sen } from '../../kernel/money.ts';
import type { RailAnswer } from '../contract.ts';
import type { EnquiryAnswer } from '../gateway-wire.ts';
import { readAmount, writeAmount } from '../iso8583/amount.ts';
import { readComposite, writeComposite } from '../iso8583/composite.ts';
import type { Dialect, IsoFields, IsoMessage } from '../iso8583/spec.ts';
import { instantOf, localMoment } from './id.ts';
import { transmittedAt } from './manage.ts';
import { responseMeaning } from './response-code.ts';

/** Who we are on a network: fields that every message of ours has. */
export interface SwitchMember {
  readonly network: string;
  readonly dialect: Dialect;
  /** Three digits: DE32. */
  readonly institution: string;
  /** DE41, DE42 and the 40 characters of DE43. */
  readonly terminal: string;
  readonly acceptor: string;
  readonly place: string;
  /** By QRIS: everybody on this network who answers a check with 25 refuses the original from then on, so 25 is a final refusal. */
  readonly isCheckFinal: boolean;
}

/** Ids of a question: a STAN and an RRN of the gateway's own. */
export interface QuestionIds {
  readonly stan: string;
  readonly rrn: string;
  readonly atMs: number;
}

/** DE3 of the flows; a network that uses others is another row of configuration. */
export const PROCESSING = {
  transfer: '401000',
  transferInquiry: '391000',
  check: '360000',
} as const;

const RUPIAH = '360';
/** Keyed in. */
const ENTRY_MANUAL = '010';
const APPROVED = '00';

/** The 0200 of an instruction; undefined when the link cannot say it (an amount with sen, a text too long): nothing may leave. Says
 * the same whenever it is rendered. */
export function renderTransfer(
  member: SwitchMember,
  instruction: SwitchInstruction,
): IsoMessage | undefined {
  const { dialect } = member;
  const atMs = instantOf(instruction.transmittedAt, dayMs(instruction.switchId));
  const amount = writeAmount(dialect, sen(BigInt(instruction.amountSen)));
  if (atMs === undefined || amount === undefined) return undefined;
  const fields: IsoFields = {
    ...common(member, { stan: instruction.switchId.slice(-6), rrn: instruction.rrn, atMs }),
    3: PROCESSING.transfer,
    4: amount,
    7: instruction.transmittedAt,
    15: instruction.businessDate.slice(5).replace('-', ''),
    18: instruction.channelCode,
    22: ENTRY_MANUAL,
    49: RUPIAH,
    100: instruction.institution,
    102: instruction.debtor.account,
    103: instruction.creditor.account,
    127: instruction.institution,
  };
  const names = writeComposite(dialect, {
    field: 48,
    fields,
    value: {
      kind: 'parts',
      parts: {
        beneficiaryName: plain(instruction.creditor.name, 30),
        reference: plain(instruction.remark, 16),
        senderName: plain(instruction.debtor.name, 30),
      },
    },
  });
  return names.ok ? { mti: '0200', fields: { ...fields, 48: names.value } } : undefined;
}

/** The question who owns an account at another bank. */
export function renderInquiry(
  member: SwitchMember,
  input: QuestionIds & {
    readonly institution: string;
    readonly account: string;
    readonly amountSen: bigint;
  },
): IsoMessage | undefined {
  const amount = writeAmount(member.dialect, sen(input.amountSen));
  if (amount === undefined) return undefined;
  return {
    mti: '0200',
    fields: {
      ...common(member, input),
      3: PROCESSING.transferInquiry,
      4: amount,
      18: '6017',
      22: ENTRY_MANUAL,
      49: RUPIAH,
      100: input.institution,
      103: input.account,
      127: input.institution,
    },
  };
}

/** The question what became of a transfer, by its RRN. Moves nothing, ever: an advice would complete what had not arrived, and only
 * a fresh authorisation may do that (I1). */
export function renderCheck(
  member: SwitchMember,
  input: { readonly stan: string; readonly atMs: number; readonly rrn: string },
): IsoMessage {
  return {
    mti: '0200',
    fields: { ...common(member, input), 3: PROCESSING.check, 100: member.institution },
  };
}

/** What the answer to a transfer means. Only a code that this network's table calls a refusal is one (T1, T2). */
export function answerOfTransfer(member: SwitchMember, answer: IsoMessage): RailAnswer {
  const { network } = member;
  const code = answer.fields[39] ?? '';
  const meaning = responseMeaning({
    network,
    mti: answer.mti,
    processing: PROCESSING.transfer,
    code,
  });
  if (meaning.class === 'success')
    return { outcome: 'accepted', isFinal: true, code: codeOf(code) };
  return meaning.class === 'fail' || meaning.class === 'system'
    ? { outcome: 'rejected', code: codeOf(code) }
    : { outcome: 'unknown', reason: `the network answered ${codeOf(code)}` };
}

/** What the answer to a check proves: only that it happened, with the very amount. "Not found" proves nothing (T1): it may still be on
 * its way, and the settlement has the last word. */
export function answerOfCheck(
  member: SwitchMember,
  input: {
    readonly answer: IsoMessage;
    readonly rrn: string;
    readonly amountSen: string | undefined;
  },
): RailAnswer {
  const { fields } = input.answer;
  const amount = readAmount(member.dialect, fields[4]);
  const code = codeOf(fields[39] ?? '');
  if (fields[39] !== APPROVED || fields[37] !== input.rrn)
    return { outcome: 'unknown', reason: `the check was answered ${code}` };
  return amount !== undefined &&
    (input.amountSen === undefined || String(amount) === input.amountSen)
    ? { outcome: 'accepted', isFinal: true, code }
    : { outcome: 'unknown', reason: 'the check names another amount' };
}

/** Codes of an inquiry that say that there is no such account. */
const NO_ACCOUNT: ReadonlySet<string> = new Set([
  'payee_invalid',
  'account_not_found',
  'account_inactive',
  'data_not_found',
]);

/** Whose account it is. A fault of the network is `unknown`, never "not found". */
export function answerOfInquiry(member: SwitchMember, answer: IsoMessage): EnquiryAnswer {
  const { network, dialect } = member;
  const code = answer.fields[39] ?? '';
  const processing = PROCESSING.transferInquiry;
  const meaning = responseMeaning({ network, mti: answer.mti, processing, code });
  if (meaning.class !== 'success')
    return meaning.class === 'fail' && NO_ACCOUNT.has(meaning.text)
      ? { found: false, code: codeOf(code) }
      : { found: 'unknown', reason: codeOf(code) };
  const read = readComposite(dialect, { field: 48, fields: { ...answer.fields, 3: processing } });
  const name = read.ok && read.value.kind === 'parts' ? read.value.parts['beneficiaryName'] : '';
  return name
    ? { found: true, name, accountType: 'SVGS' }
    : { found: 'unknown', reason: 'no name was answered' };
}

/** A code of the switch as payments keep it: unlike those of other rails. */
export function codeOf(responseCode: string): string {
  return `RC${responseCode}`;
}

/** Text that a field can carry: printable ASCII, cut, without spaces at its ends. */
export function plain(text: string, length: number): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, length)
    .trim();
}

function common(member: SwitchMember, { stan, rrn, atMs }: QuestionIds): IsoFields {
  const local = localMoment(atMs);
  return {
    7: transmittedAt(atMs),
    11: stan,
    12: local.time,
    13: local.date,
    32: member.institution,
    37: rrn,
    41: member.terminal,
    42: member.acceptor,
    43: member.place,
  };
}

function dayMs(switchId: string): number {
  return Date.parse(
    `${switchId.slice(0, 4)}-${switchId.slice(4, 6)}-${switchId.slice(6, 8)}T05:00:00Z`,
  );
}
