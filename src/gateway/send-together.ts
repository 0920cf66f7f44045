/** Many sends of one core in a request, and whatever answers are ready in the answer (ADR 0032). Each send is judged, burned and sent as if
 * it came alone; here is only how the words travel. An answer whose request was lost is in the journal, where core asks for it. */
import type { Time } from '../kernel/time.ts';
import { jsonResponse, parseJson, type WireRequest, type WireResponse } from '../kernel/wire.ts';
import { recordOf, type GatewayAnswer } from '../rail/gateway-wire.ts';
import { SEND_ANSWERS_MAX, SEND_COUNT_MAX, SEND_HOLD_MS } from '../rail/send-together.ts';
import type { GatewayContext } from './context.ts';
import type { Outgoing } from './outgoing.ts';

/** A core and its restarts; a channel that nobody asks about is let go of first. No core's takes the place of another's. */
const CHANNELS_MAX = 8;
/** Cores with certificates of their own. */
const PEERS_MAX = 64;
/** More than a lane and its refusals hold; a core that does not fetch loses the oldest, and recalls. */
const READY_MAX = 4_096;
/** While so many are still out, answers gather for a moment before they travel. */
const GATHER_FROM = 4;
const GATHER_MS = 4;

interface Channel {
  ready: { readonly number: number; readonly answer: GatewayAnswer }[];
  out: number;
  /** Lets the request go that is kept open. */
  release: () => void;
}

/** Makes the answer to `GATEWAY_PATH.sendTogether`. The caller has judged the peer. */
export function makeSendTogether(
  context: Pick<GatewayContext, 'time' | 'knocks' | 'log'>,
  outgoing: Pick<Outgoing, 'send'>,
): (request: WireRequest) => Promise<WireResponse> {
  const { time } = context;
  const peers = new Map<string, Map<string, Channel>>();
  return async (request) => {
    const { peer, fingerprint } = request;
    const asked = readAsked(request.body);
    if (!asked) {
      await context.knocks.record({
        kind: 'refused',
        reason: 'malformed',
        weight: 'soft',
        peer,
        fingerprint,
      });
      return jsonResponse(403, { outcome: 'refused', reason: 'malformed' });
    }
    const channel = openChannel(
      newest({
        of: peers,
        name: `${fingerprint} ${peer}`,
        make: () => new Map<string, Channel>(),
        countMax: PEERS_MAX,
      }),
      asked.channel,
    );
    for (const { number, instruction, token } of asked.sends) {
      channel.out++;
      void outgoing
        .send({ peer, fingerprint, instruction, token })
        .catch((error: unknown): GatewayAnswer => {
          context.log.error({ cause: String(error) }, 'gateway.send_failed');
          return { outcome: 'unknown', reason: 'the gateway failed' };
        })
        .then((answer) => {
          channel.out--;
          channel.ready.push({ number, answer });
          if (channel.ready.length > READY_MAX) channel.ready.shift();
          channel.release();
        });
    }
    await untilReady(channel, time);
    return jsonResponse(200, { answers: channel.ready.splice(0, SEND_ANSWERS_MAX) });
  };
}

/** At once when there is something to say and little else to come; the newest request is the one that is kept. */
async function untilReady(channel: Channel, time: Time): Promise<void> {
  channel.release();
  if (channel.ready.length === 0) {
    const held = new AbortController();
    channel.release = () => held.abort();
    await time.sleep(SEND_HOLD_MS, held.signal);
  }
  if (channel.ready.length > 0 && channel.out >= GATHER_FROM) await time.sleep(GATHER_MS);
}

function openChannel(channels: Map<string, Channel>, name: string): Channel {
  const make = (): Channel => ({ ready: [], out: 0, release: () => {} });
  return newest({ of: channels, name, make, countMax: CHANNELS_MAX });
}

/** What is kept under a name, put behind all others: the first is the one that was not asked about for longest. */
function newest<T>(kept: {
  readonly of: Map<string, T>;
  readonly name: string;
  readonly make: () => T;
  readonly countMax: number;
}): T {
  const { of, name } = kept;
  const one = of.get(name) ?? kept.make();
  of.delete(name);
  of.set(name, one);
  if (of.size > kept.countMax) of.delete(of.keys().next().value!); // there is one
  return one;
}

interface Asked {
  readonly channel: string;
  readonly sends: readonly {
    readonly number: number;
    readonly instruction: unknown;
    readonly token: unknown;
  }[];
}

function readAsked(body: Buffer): Asked | undefined {
  const { channel, sends } = recordOf(parseJson(body));
  if (typeof channel !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(channel)) return undefined;
  if (!Array.isArray(sends) || sends.length > SEND_COUNT_MAX) return undefined;
  const read = sends.map((one: unknown) => {
    const { number, instruction, token } = recordOf(one);
    return { number: Number.isSafeInteger(number) ? Number(number) : -1, instruction, token };
  });
  return read.every(({ number }) => number > 0) ? { channel, sends: read } : undefined;
}
