/** Carries the hub's own messages to a bank's endpoint: signed, repeated with the same bytes until the bank answers with a
 * signed body, spaced out, bounded. */
import type { WireResponse } from '../../src/kernel/wire.ts';
import type { Facts } from '../fault/chooser.ts';
import { wrongSignature } from '../fault/exchange.ts';
import type { HubContext } from './context.ts';
import type { FaultType } from './faults.ts';
import { jsonOfXml, xmlOfJson } from './xml.ts';
import { isSigned, SIGNATURE_HEADER, signBody } from './message-signature.ts';

const CALL_TIMEOUT_MS = 5_000;
const FIRST_WAIT_MS = 2_000;
const WAIT_MS_MAX = 60_000;

/** A credit is tried for about three minutes, then it goes back to the sender's bank. */
export const CREDIT_TRY_COUNT_MAX = 7;
/** A notice is tried for about a day; the statement tells in any case. */
export const NOTICE_TRY_COUNT_MAX = 1_440;

/** The bank's signed answer, or undefined when it gave none in all tries (or the hub stops). */
export async function deliver(
  hub: HubContext,
  input: {
    readonly bank: string;
    readonly body: Buffer;
    readonly tryCountMax: number;
    /** What the fault rules call it. */
    readonly trxType: FaultType;
    readonly account?: string;
  },
): Promise<Buffer | undefined> {
  const client = hub.clients.get(input.bank);
  const key = hub.bankKeys[input.bank];
  if (!client || !key) return undefined;
  const isXml = hub.participants.get(input.bank)?.encoding === 'xml';
  const body = isXml ? xmlOfJson(input.body) : input.body;
  const signature = signBody(hub.messageKey, body);
  const facts: Facts = {
    direction: 'to_bank',
    bank: input.bank,
    trxType: input.trxType,
    ...(input.account !== undefined && { account: input.account }),
  };
  const send = (isSignedWrong: boolean): Promise<WireResponse> =>
    client.call({
      path: '/bifast',
      headers: {
        'content-type': `application/${isXml ? 'xml' : 'json'}`,
        [SIGNATURE_HEADER]: isSignedWrong ? wrongSignature(signature) : signature,
      },
      body,
      timeoutMs: CALL_TIMEOUT_MS,
    });
  let waitMs = FIRST_WAIT_MS;
  for (let attempt = 1; attempt <= input.tryCountMax && !hub.stopping.aborted; attempt++) {
    try {
      const response = await hub.callBank(facts, send);
      const isAnswer =
        (response.status === 200 || response.status === 400) &&
        isSigned({ key, body: response.body, signature: response.headers?.[SIGNATURE_HEADER] });
      if (isAnswer) return isXml ? (jsonOfXml(response.body) ?? response.body) : response.body;
      hub.log.warn(
        { bank: input.bank, status: response.status, attempt },
        'hub.delivery_not_answered',
      );
    } catch (error) {
      hub.log.warn({ bank: input.bank, attempt, error: String(error) }, 'hub.delivery_failed');
    }
    if (attempt < input.tryCountMax) await hub.time.sleep(waitMs, hub.stopping);
    waitMs = Math.min(waitMs * 2, WAIT_MS_MAX);
  }
  return undefined;
}
