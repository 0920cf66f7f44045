/** Pushes the signed set to every process that enforces it: at once when it changes, until each has acknowledged, and again
 * every few seconds as a sign of life (processes count the guard's silence, D9). No set is ever withheld from one process
 * because another cannot be reached. */
import type { SignedSet } from '../gate/restriction.ts';
import type { Log } from '../kernel/log.ts';
import type { Time } from '../kernel/time.ts';
import { parseJson, type Net, type WireClient } from '../kernel/wire.ts';

const SET_PATH = '/set';
const TIMEOUT_MS = 1_000;

export interface PushTarget {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
}

/** A set as it goes out. */
interface Outgoing {
  readonly version: number;
  readonly signed: SignedSet;
}

/** Written once for everybody: a set of a thousand restrictions is a third of a megabyte. */
interface Written extends Outgoing {
  readonly body: string;
}

/** A process that will not take a set. */
export interface Refusal {
  readonly process: string;
  readonly version: number;
  readonly reason: string;
}

export interface Pusher {
  /** Makes `set` the current one and sends it to everybody; resolves when each answered or timed out. */
  publish(set: Outgoing): Promise<void>;
  /** Processes to push to; new ones get the current set. */
  setTargets(targets: readonly PushTarget[]): void;
  /** Sends to those who lack the current set, and to all when the repeat is due and the guard may claim to be alive. */
  step(isAlive: boolean): Promise<void>;
  /** True when every gateway holds this version or a newer one; false without any gateway. */
  isHeldByGateways(version: number): boolean;
  ackedVersion(id: string): number;
  /** The version being pushed; 0 before the first. */
  version(): number;
  close(): Promise<void>;
}

interface Peer {
  readonly to: PushTarget;
  readonly client: WireClient;
  acked: number;
  sentAtMs: number;
  isBusy: boolean;
  /** What it said no to last. */
  refused: Refusal | undefined;
}

interface PusherInput {
  readonly net: Net;
  readonly time: Time;
  readonly log: Log;
  readonly repeatMs: number;
  readonly onRefused: (refusal: Refusal) => void;
}

/** Makes the pusher. `onRefused` hears once per set when a process will not take it. */
export function makePusher(input: PusherInput): Pusher {
  const { time } = input;
  const peers = new Map<string, Peer>();
  let current: Written | undefined;

  const send = async (peer: Peer): Promise<void> => {
    if (peer.isBusy) return;
    peer.isBusy = true;
    try {
      // The set may change while an answer is under way: the newest must not wait for the next round.
      for (let sent: Written | undefined; current !== undefined && current !== sent;) {
        sent = current;
        await offer(input, peer, sent);
      }
    } finally {
      peer.isBusy = false;
    }
  };

  return {
    async publish(set) {
      if (current && set.version < current.version) return;
      current = { ...set, body: JSON.stringify(set.signed) };
      await Promise.all([...peers.values()].map(send));
    },
    setTargets: (targets) => keepPeers({ peers, targets, net: input.net }),
    async step(isAlive) {
      const nowMs = time.now();
      const due = [...peers.values()].filter(
        (peer) =>
          current !== undefined &&
          ((peer.acked < current.version && peer.refused?.version !== current.version) ||
            (isAlive && nowMs - peer.sentAtMs >= input.repeatMs)),
      );
      await Promise.all(due.map(send));
    },
    isHeldByGateways(version) {
      const gateways = [...peers.values()].filter(({ to }) => to.kind === 'gateway');
      return gateways.length > 0 && gateways.every(({ acked }) => acked >= version);
    },
    version: () => current?.version ?? 0,
    ackedVersion: (id) => peers.get(id)?.acked ?? 0,
    close: async () =>
      void (await Promise.all([...peers.values()].map(({ client }) => client.close()))),
  };
}

/** Peers follow the targets: new ones start without a set, those no longer named are let go. */
function keepPeers(input: {
  readonly peers: Map<string, Peer>;
  readonly targets: readonly PushTarget[];
  readonly net: Net;
}): void {
  const { peers, targets, net } = input;
  for (const to of targets) {
    if (peers.has(to.id)) continue;
    peers.set(to.id, {
      to,
      client: net.connect(to.target),
      acked: 0,
      sentAtMs: -Infinity,
      isBusy: false,
      refused: undefined,
    });
  }
  for (const [id, peer] of peers) {
    if (targets.some((to) => to.id === id)) continue;
    peers.delete(id);
    void peer.client.close();
  }
}

/** Offers one set to one process and notes what it said. A process that cannot be reached is tried again by the next step. */
async function offer(input: PusherInput, peer: Peer, set: Written): Promise<void> {
  const { log, time, onRefused } = input;
  const process = peer.to.id;
  peer.sentAtMs = time.now();
  try {
    const said = await handOver(peer.client, set.body);
    if (said.ok) {
      peer.acked = Math.max(peer.acked, said.version);
      peer.refused = undefined;
    } else if (peer.refused?.version !== set.version || peer.refused.reason !== said.reason) {
      const refusal: Refusal = { process, version: set.version, reason: said.reason };
      peer.refused = refusal;
      log.error({ ...refusal }, 'restriction_set.push_refused');
      onRefused(refusal);
    }
  } catch (error) {
    log.warn(
      { process, version: set.version, error: (error as Error).message },
      'restriction_set.push_failed',
    );
  }
}

async function handOver(
  client: WireClient,
  body: string,
): Promise<
  { readonly ok: true; readonly version: number } | { readonly ok: false; readonly reason: string }
> {
  const answer = await client.call({
    path: SET_PATH,
    headers: { 'content-type': 'application/json' },
    body,
    timeoutMs: TIMEOUT_MS,
  });
  const said = parseJson(answer.body) as
    | { ok?: unknown; version?: unknown; reason?: unknown }
    | undefined;
  if (answer.status === 200 && said?.ok === true && Number.isSafeInteger(said.version))
    return { ok: true, version: Number(said.version) };
  return {
    ok: false,
    reason: typeof said?.reason === 'string' ? said.reason : `status ${answer.status}`,
  };
}
