/** A hub of one page for the gateway's own tests: it takes, answers and counts as it is told. Not the simulator, which is
 * written apart from our codec. */
import type { KeyObject } from 'node:crypto';
import type { WireRequest, WireResponse } from '../../src/kernel/wire.ts';
import { encodeMessage } from '../../src/rail/bifast/encode.ts';
import { idDay, messageIds } from '../../src/rail/bifast/id.ts';
import {
  MSG_DEF,
  type BifastMessage,
  type CreditTransfer,
  type StatusReport,
} from '../../src/rail/bifast/message.ts';
import { parseMessage } from '../../src/rail/bifast/parse.ts';
import { isSigned, signedHeaders } from '../../src/rail/signature.ts';
import type { NetworkMood } from '../../src/rail/conformance.ts';
import type { SettlementLine } from '../../src/rail/notice.ts';

export interface TestHub {
  mood: NetworkMood;
  /** Feed lines by cursor = index + 1. */
  readonly lines: SettlementLine[];
  /** Business dates whose statement is complete. */
  readonly completeDates: Set<string>;
  readonly taken: CreditTransfer[];
  readonly portal: { readonly path: string; readonly body: Record<string, unknown> }[];
  /** Messages of any kind that came in. */
  messageCount: number;
  /** Signs pages with another key: a forged feed. */
  isFeedForged: boolean;
  /** Takes no sign-on and no echo. */
  isAdminRefused: boolean;
  handle(request: WireRequest): Promise<WireResponse>;
  /** A pacs.002 notice, or any message, in the hub's name. */
  report(
    about: { readonly bizMsgIdr: string; readonly msgId: string },
    over?: Partial<StatusReport>,
  ): StatusReport;
  sign(message: BifastMessage): {
    readonly body: Buffer;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/** Makes the hub; `now` is the clock of its pages. */
export function makeTestHub(input: {
  readonly key: KeyObject;
  readonly strangerKey: KeyObject;
  readonly bankKey: KeyObject;
  readonly now: () => number;
  readonly bic: string;
}): TestHub {
  let sequence = 0;
  const seen = new Map<string, CreditTransfer>();
  const nextIds = (originator: 'R' | 'H', trxType: string) =>
    messageIds({
      day: idDay(input.now()),
      bic: 'FASTIDJA',
      trxType,
      originator,
      channelCode: '99',
      sequence: ++sequence,
    });
  const report: TestHub['report'] = (about, over = {}) => {
    const ids = nextIds('H', '000');
    return {
      kind: 'status_report',
      header: {
        from: 'FASTIDJA',
        to: input.bic,
        bizMsgIdr: ids.bizMsgIdr,
        createdAt: '2026-08-01T03:05:00Z',
        service: 'STTL',
        isCopy: false,
        isPossibleDuplicate: false,
      },
      msgId: ids.msgId,
      madeAt: '2026-08-01T10:05:00.000',
      originalMsgId: about.msgId,
      originalMsgDef: MSG_DEF.creditTransfer,
      originalEndToEndId: about.bizMsgIdr,
      originalTxId: about.msgId,
      status: 'ACSC',
      code: 'U000',
      ...over,
    };
  };
  const respond = (message: BifastMessage, key = input.key): WireResponse => {
    const body = encodeMessage(message);
    return { status: 200, headers: signedHeaders(key, body), body };
  };
  const json = (value: unknown, key = input.key): WireResponse => {
    const body = Buffer.from(JSON.stringify(value));
    return { status: 200, headers: signedHeaders(key, body), body };
  };
  /** Opening zero, and the sums of a date's lines. */
  const balancesOf = (date: string): BifastMessage => {
    const { header, msgId } = report({ bizMsgIdr: '', msgId: '' });
    const lines = hub.lines.filter(({ businessDate }) => businessDate === date);
    const of = (direction: 'in' | 'out') => {
      const those = lines.filter((line) => line.direction === direction);
      return { count: those.length, sen: those.reduce((s, l) => s + BigInt(l.amountSen), 0n) };
    };
    const [incoming, outgoing] = [of('in'), of('out')];
    const at = `${date}T00:00:00.000`;
    return {
      kind: 'account_report',
      of: 'statement',
      header,
      msgId,
      madeAt: new Date(input.now() + 7 * 3_600_000).toISOString().slice(0, 23),
      reportId: date,
      account: input.bic,
      balances: [
        { kind: 'OPBD', amountSen: 0n, at },
        { kind: 'CLBD', amountSen: incoming.sen - outgoing.sen, at },
      ],
      totals: {
        inCount: incoming.count,
        inSen: incoming.sen,
        outCount: outgoing.count,
        outSen: outgoing.sen,
      },
      entries: [],
    };
  };
  const takeTransfer = (message: CreditTransfer): WireResponse | undefined => {
    const about = { bizMsgIdr: message.endToEndId, msgId: message.txId };
    const word = (status: StatusReport['status'], code: string): StatusReport => {
      const whole = report(about, { status, code });
      return {
        ...whole,
        header: { ...whole.header, service: status === 'ACSC' ? 'STTL' : 'CLEAR' },
      };
    };
    if (message.trxType === '510') {
      return respond({
        ...word('ACTC', 'U000'),
        creditorName: 'PEMILIK',
        creditorAccount: { number: message.creditorAccount.number, type: 'SVGS' },
      });
    }
    if (hub.mood === 'lost_request') return undefined;
    hub.taken.push(message);
    if (seen.has(message.endToEndId)) return respond(word('RJCT', 'U149'));
    if (hub.mood === 'reject') return respond(word('RJCT', 'U101'));
    if (hub.mood === 'odd_code') return respond(word('RJCT', 'Z123'));
    if (hub.mood === 'forged_reject') return respond(word('RJCT', 'U101'), input.strangerKey);
    seen.set(message.endToEndId, message);
    if (hub.mood === 'lost_answer' || hub.mood === 'late') return undefined;
    return respond(hub.mood === 'settle' ? word('ACSC', 'U000') : word('ACTC', 'U000'));
  };
  const hub: TestHub = {
    mood: 'accept',
    lines: [],
    completeDates: new Set(),
    taken: [],
    portal: [],
    messageCount: 0,
    isFeedForged: false,
    isAdminRefused: false,
    report,
    sign: (message) => {
      const body = encodeMessage(message);
      return { body, headers: signedHeaders(input.key, body) };
    },
    async handle(request) {
      const [path, query] = request.path.split('?');
      const key = hub.isFeedForged ? input.strangerKey : input.key;
      if (path === '/feed') {
        const after = new URLSearchParams(query).get('after') ?? '0';
        return json(
          {
            bank: input.bic,
            after,
            cursor: String(hub.lines.length),
            madeAtMs: input.now(),
            lines: hub.lines.slice(Number(after)),
          },
          key,
        );
      }
      if (path === '/statement') {
        const date = new URLSearchParams(query).get('date') ?? '';
        const lines = hub.lines.filter(({ businessDate }) => businessDate === date);
        return json(
          {
            bank: input.bic,
            businessDate: date,
            complete: hub.completeDates.has(date),
            madeAtMs: input.now(),
            lines,
          },
          key,
        );
      }
      if (path === '/balances') {
        const date = new URLSearchParams(query).get('date') ?? '';
        return respond(balancesOf(date), key);
      }
      if (!isSigned({ key: input.bankKey, body: request.body, headers: request.headers }))
        return { status: 403, body: Buffer.alloc(0) };
      if (path?.startsWith('/portal/')) {
        const body = JSON.parse(request.body.toString()) as Record<string, unknown>;
        hub.portal.push({ path, body });
        return json({ ok: true, requestId: body['requestId'] });
      }
      hub.messageCount++;
      const parsed = parseMessage(request.body);
      if (!parsed.ok) return { status: 403, body: Buffer.alloc(0) };
      const { message } = parsed;
      if (message.kind === 'credit_transfer') return takeTransfer(message) ?? new Promise(() => {});
      if (message.kind === 'status_request') {
        const found = seen.has(message.originalEndToEndId);
        const about = { bizMsgIdr: message.originalEndToEndId, msgId: message.originalTxId };
        const answer = { originalMsgId: message.msgId, originalMsgDef: MSG_DEF.statusRequest };
        return respond(
          report(
            about,
            found ? { ...answer, status: 'ACTC' } : { ...answer, status: 'RJCT', code: 'U106' },
          ),
        );
      }
      if (message.kind === 'admin_request') {
        const { header, msgId, madeAt } = report({
          bizMsgIdr: message.header.bizMsgIdr,
          msgId: message.msgId,
        });
        return respond({
          kind: 'admin_response',
          header,
          msgId,
          madeAt,
          originalMsgId: message.msgId,
          fn: message.fn,
          isAccepted: !hub.isAdminRefused,
          code: hub.isAdminRefused ? 'U119' : 'U000',
        });
      }
      return { status: 403, body: Buffer.alloc(0) };
    },
  };
  return hub;
}
