/** The attacker past our gateway (drill `dki-2025-bypass`): an imitated connector with our name in another certificate and our
 * stolen message key sends pacs.008 to the hub itself. To the hub each one looks right; no identifier was ever issued. */
import type { KeyObject } from 'node:crypto';
import { wibDate, type Time } from '../../src/kernel/time.ts';
import type { WireClient, WireResponse } from '../../src/kernel/wire.ts';
import type { AttackStep } from '../drills/scenario.ts';
import { SIGNATURE_HEADER, signBody } from '../hub/message-signature.ts';
import { HUB_BIC } from '../hub/participant.ts';
import { makeIds, renderCredit } from '../hub/render.ts';
import { attackLog, knock, type AttackEntry, type AttackLog } from './log.ts';

const CALL_TIMEOUT_MS = 12_000;

/** Tries every step at its time. An entry is taken when the hub answered ACTC, or not at all. */
export async function attackHub(input: {
  readonly time: Time;
  readonly steps: readonly AttackStep[];
  /** The hub, seen with the imitated certificate `connector:<our BIC>`. */
  readonly client: WireClient;
  /** Our own message key, stolen. */
  readonly messageKey: KeyObject;
  readonly bic: string;
  /** The victim account that each message names as payer. */
  readonly debtorAccount?: string;
}): Promise<AttackLog> {
  const tries: Promise<AttackEntry>[] = [];
  for (const step of input.steps) {
    const waitMs = step.atMs - input.time.now();
    if (waitMs > 0) await input.time.sleep(waitMs);
    tries.push(sendOne(input, step));
  }
  return attackLog(await Promise.all(tries));
}

async function sendOne(
  input: Parameters<typeof attackHub>[0],
  step: AttackStep,
): Promise<AttackEntry> {
  const nowMs = input.time.now();
  const ids = makeIds({
    nowMs,
    bic: input.bic,
    trxType: '010',
    originator: 'O',
    channel: '02',
    sequence: step.sequence,
  });
  const body = renderCredit(
    {
      ...ids,
      trxType: '010',
      fromBank: input.bic,
      toBank: step.bank,
      amountSen: step.amountSen.toString(),
      debtorAccount: input.debtorAccount ?? '1990000777',
      debtorName: 'NASABAH',
      creditorAccount: step.account,
      creditorName: step.name,
      remittance: '',
      takenAtMs: nowMs,
      businessDate: wibDate(nowMs),
    },
    { from: input.bic, to: HUB_BIC },
  );
  const headers = {
    'content-type': 'application/json',
    [SIGNATURE_HEADER]: signBody(input.messageKey, body),
  };
  const answer = await knock(input.client, {
    path: '/bifast',
    headers,
    body,
    timeoutMs: CALL_TIMEOUT_MS,
  });
  return {
    atMs: nowMs,
    kind: step.kind,
    identity: step.identity,
    bizMsgIdr: ids.bizMsgIdr,
    amountSen: step.amountSen,
    ...told(answer),
  };
}

function told(
  answer: WireResponse | 'no_answer' | 'not_sent',
): Pick<AttackEntry, 'answer' | 'reason' | 'isTaken'> {
  if (typeof answer === 'string') return { answer, reason: '', isTaken: answer === 'no_answer' };
  const text = answer.body.toString('utf8');
  const code = /"Prtry":"([UK]\d{3})"/.exec(text)?.[1] ?? '';
  return {
    answer: answer.status,
    reason: code,
    isTaken: answer.status === 200 && text.includes('"TxSts":"ACTC"'),
  };
}
