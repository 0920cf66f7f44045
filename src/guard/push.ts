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

export interface Pusher {
  /** Makes `set` the current one and sends it to everybody; resolves when each answered or timed out. */
  publish(set: { readonly version: number; readonly signed: SignedSet }): Promise<void>;
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
  refused: string | undefined;
}

/** Makes the pusher. `onRefused` hears once per set when a process will not take it. */
export function makePusher(input: {
  readonly net: Net;
  readonly time: Time;
  readonly log: Log;
  readonly repeatMs: number;
  readonly onRefused: (refusal: {
    readonly process: string;
    readonly version: number;
    readonly reason: string;
  }) => void;
}): Pusher {
  const { time, log } = input;
  const peers = new Map<string, Peer>();
  let current: { readonly version: number; readonly signed: SignedSet } | undefined;

  const send = async (peer: Peer): Promise<void> => {
    const set = current;
    if (!set || peer.isBusy) return;
    peer.isBusy = true;
    peer.sentAtMs = time.now();
    try {
      const said = await handOver(peer.client, set.signed);
      if (said.ok) {
        peer.acked = Math.max(peer.acked, said.version);
        peer.refused = undefined;
      } else if (peer.refused !== `${set.version} ${said.reason}`) {
        peer.refused = `${set.version} ${said.reason}`;
        log.error(
          { process: peer.to.id, version: set.version, reason: said.reason },
          'restriction_set.push_refused',
        );
        input.onRefused({ process: peer.to.id, version: set.version, reason: said.reason });
      }
    } catch (error) {
      log.warn(
        { process: peer.to.id, version: set.version, error: (error as Error).message },
        'restriction_set.push_failed',
      );
    } finally {
      peer.isBusy = false;
    }
    // The set changed while this answer was under way: the newest must not wait for the next round.
    if (current && current.version > set.version) await send(peer);
  };

  return {
    async publish(set) {
      if (current && set.version < current.version) return;
      current = set;
      await Promise.all([...peers.values()].map(send));
    },
    setTargets(targets) {
      for (const to of targets) {
        if (peers.has(to.id)) continue;
        peers.set(to.id, {
          to,
          client: input.net.connect(to.target),
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
    },
    async step(isAlive) {
      const nowMs = time.now();
      const due = [...peers.values()].filter(
        (peer) =>
          current !== undefined &&
          ((peer.acked < current.version && peer.refused === undefined) ||
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

async function handOver(
  client: WireClient,
  signed: SignedSet,
): Promise<
  { readonly ok: true; readonly version: number } | { readonly ok: false; readonly reason: string }
> {
  const answer = await client.call({
    path: SET_PATH,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(signed),
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
