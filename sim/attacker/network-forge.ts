/** Messages that claim to be the hub's and are not: a refusal, a settlement, a credit, a feed line. Signed by the attacker's own
 * key or not at all. */
import type { KeyObject } from 'node:crypto';
import type { Random } from '../../src/kernel/random.ts';
import { wibDate } from '../../src/kernel/time.ts';
import { NETWORK_ATTACKS, type AttackStep, type NetworkAttack } from '../drills/scenario.ts';
import { SIGNATURE_HEADER, signBody } from '../hub/message-signature.ts';
import { HUB_BIC } from '../hub/participant.ts';
import { makeIds, renderCredit, renderStatusReport } from '../hub/render.ts';
import type { Captured } from './tap.ts';

/** True for a step against the network side. */
export function isNetworkStep(step: AttackStep): boolean {
  return (NETWORK_ATTACKS as readonly string[]).includes(step.kind);
}

export interface Forgery {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The payment that it speaks of. */
  readonly bizMsgIdr: string;
}

/** The request of one step. `victim` = an overheard honest send that a forged outcome speaks of. */
export function forgeNetworkMessage(input: {
  readonly step: AttackStep;
  readonly key: KeyObject;
  readonly nowMs: number;
  readonly bic: string;
  readonly victim: Captured | undefined;
  readonly random: Random;
}): Forgery {
  const { step, nowMs } = input;
  const foreign = makeIds({
    nowMs,
    bic: step.bank,
    trxType: '010',
    originator: 'O',
    channel: '02',
    sequence: step.sequence,
  });
  const body = bodyOf(input, foreign);
  // Every second one comes without any signature.
  const headers = step.number % 2 === 0 ? {} : { [SIGNATURE_HEADER]: signBody(input.key, body) };
  const isAboutUs = step.kind === 'forged_rjct' || step.kind === 'forged_acsc';
  const path = step.kind === 'forged_feed_line' ? '/feed' : '/bifast';
  return {
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body,
    bizMsgIdr: isAboutUs ? subject(input).endToEndId : foreign.bizMsgIdr,
  };
}

type ForgeInput = Parameters<typeof forgeNetworkMessage>[0];

function subject(input: ForgeInput): {
  readonly endToEndId: string;
  readonly txId: string;
  readonly amountSen: bigint;
} {
  const { instruction } = input.victim ?? {};
  const made = makeIds({
    nowMs: input.nowMs,
    bic: input.bic,
    trxType: '010',
    originator: 'O',
    channel: '02',
    sequence: input.step.sequence,
  });
  if (!instruction)
    return { endToEndId: made.bizMsgIdr, txId: made.msgId, amountSen: input.step.amountSen };
  return {
    endToEndId: String(instruction['bizMsgIdr']),
    txId: String(instruction['msgId']),
    amountSen: BigInt(String(instruction['amountSen'])),
  };
}

function bodyOf(
  input: ForgeInput,
  foreign: { readonly bizMsgIdr: string; readonly msgId: string },
): Buffer {
  const { step, nowMs, bic } = input;
  switch (step.kind as NetworkAttack) {
    case 'forged_rjct':
      return notice(input, { ...subject(input), status: 'RJCT', code: 'U110' });
    case 'forged_acsc':
      return notice(input, { ...subject(input), status: 'ACSC', code: 'U000' });
    case 'forged_credit_settled':
      return notice(input, {
        endToEndId: foreign.bizMsgIdr,
        txId: foreign.msgId,
        amountSen: step.amountSen,
        status: 'ACSC',
        code: 'U000',
      });
    case 'forged_credit':
      return renderCredit({
        ...foreign,
        trxType: '010',
        fromBank: step.bank,
        toBank: bic,
        amountSen: step.amountSen.toString(),
        debtorAccount: step.account,
        debtorName: step.name,
        creditorAccount: String(
          (input.victim?.instruction['debtor'] as { account?: string } | undefined)?.account ??
            '1990000001',
        ),
        creditorName: 'PENADAH',
        remittance: '',
        takenAtMs: nowMs,
        businessDate: wibDate(nowMs),
      });
    case 'forged_feed_line': {
      const line = forgedFeedLine({ step, nowMs, bizMsgIdr: foreign.bizMsgIdr });
      return Buffer.from(
        JSON.stringify({ bank: bic, after: '0', cursor: '999999', madeAtMs: nowMs, lines: [line] }),
      );
    }
  }
}

/** A settlement line that no hub wrote; also for the man in the middle (`openMeddler`). */
export function forgedFeedLine(input: {
  readonly step: AttackStep;
  readonly nowMs: number;
  readonly bizMsgIdr: string;
}): Readonly<Record<string, unknown>> {
  return {
    lineId: 'L999999999999',
    direction: 'in',
    bizMsgIdr: input.bizMsgIdr,
    amountSen: input.step.amountSen.toString(),
    counterpartyBank: input.step.bank,
    connector: '',
    settledAtMs: input.nowMs,
    businessDate: wibDate(input.nowMs),
  };
}

function notice(
  input: ForgeInput,
  about: {
    readonly endToEndId: string;
    readonly txId: string;
    readonly amountSen: bigint;
    readonly status: 'ACSC' | 'RJCT';
    readonly code: string;
  },
): Buffer {
  const { nowMs } = input;
  return renderStatusReport({
    to: input.bic,
    nowMs,
    ids: makeIds({
      nowMs,
      bic: HUB_BIC,
      trxType: '000',
      originator: 'H',
      channel: '99',
      sequence: 80_000_000 + input.random.below(1_000_000),
    }),
    service: 'STTL',
    answered: { msgId: about.txId, definition: 'pacs.008.001.08' },
    payment: { endToEndId: about.endToEndId, txId: about.txId },
    status: about.status,
    code: about.code,
    amountSen: about.amountSen,
    settlementDate: wibDate(nowMs),
  });
}
