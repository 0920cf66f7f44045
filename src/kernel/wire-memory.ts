/** The transport of virtual time: calls between processes composed in one, with latency and seeded faults. */
import { sha256 } from './canonical.ts';
import type { Time } from './time.ts';
import {
  WIRE_BODY_BYTES_MAX,
  WireFault,
  type Net,
  type WireClient,
  type WireHandler,
  type WireServer,
} from './wire.ts';

/** What a fault rule may do to one call. `lose_request` = never arrives; `lose_answer` = arrives, answer lost. */
export type MemoryFault = 'lose_request' | 'lose_answer' | 'refuse';

export interface MemoryNetwork {
  /** Puts a handler at a name; one handler a name. */
  listen(name: string, handler: WireHandler): WireServer;
  /** A client that presents itself as `peer` to the party at `target`. `certificate` names a second certificate with the
   * same common name: an imitation has another fingerprint. */
  connect(peer: string, target: string, certificate?: string): WireClient;
  /** Decides faults per call; undefined = none. */
  onCall: ((peer: string, target: string, path: string) => MemoryFault | undefined) | undefined;
}

/** The stand-in fingerprint of a peer in memory. */
export function memoryFingerprint(peer: string, certificate = ''): string {
  return sha256(`memory-peer:${peer}${certificate && `#${certificate}`}`).toString('hex');
}

/** One process's view of a memory network. `admit` answers 403 as a live listener does. */
export function memoryNet(network: MemoryNetwork, peer: string): Net {
  return {
    listen: async ({ name, handler, admit }) =>
      network.listen(name, async (request) =>
        admit && !admit(request.peer, request.fingerprint)
          ? { status: 403, body: Buffer.alloc(0) }
          : handler(request),
      ),
    connect: (target) => network.connect(peer, target),
  };
}

/** A network of named parties. `latencyMs` is one way. */
export function memoryNetwork(time: Time, latencyMs: number): MemoryNetwork {
  const parties = new Map<string, { handler: WireHandler; bytes: Record<string, number> }>();
  const network: MemoryNetwork = {
    onCall: undefined,
    listen(name, handler) {
      const party = { handler, bytes: {} as Record<string, number> };
      parties.set(name, party);
      return {
        port: 0,
        bytesIn: () => ({ ...party.bytes }),
        close: async () => void parties.delete(name),
      };
    },
    connect(peer, target, certificate) {
      const fingerprint = memoryFingerprint(peer, certificate);
      return {
        close: async () => {},
        async call(input) {
          const fault = network.onCall?.(peer, target, input.path);
          await time.sleep(latencyMs);
          const party = parties.get(target);
          if (!party || fault === 'refuse')
            throw new WireFault('not_sent', `Cannot reach ${target}: refused`);
          const body = Buffer.from(input.body ?? '');
          const expired = new AbortController();
          const timeout = time
            .sleep(input.timeoutMs, expired.signal)
            .then(() => 'timeout' as const);
          if (fault === 'lose_request') {
            await timeout;
            throw new WireFault('no_answer', `No answer from ${target}: request lost`);
          }
          if (body.length > WIRE_BODY_BYTES_MAX) return { status: 413, body: Buffer.alloc(0) };
          party.bytes[fingerprint] = (party.bytes[fingerprint] ?? 0) + body.length;
          const answer = party
            .handler({
              peer,
              fingerprint,
              method: input.method ?? 'POST',
              path: input.path,
              headers: input.headers ?? {},
              body,
            })
            .then(async (response) => {
              await time.sleep(latencyMs);
              return response;
            })
            // As over a socket: a handler that throws cuts the connection, and its effect is unknown.
            .catch((error: unknown) => {
              throw new WireFault('no_answer', `No answer from ${target}: cut`, { cause: error });
            });
          answer.catch(() => {});
          const first = await Promise.race([fault === 'lose_answer' ? timeout : answer, timeout]);
          expired.abort();
          if (first === 'timeout')
            throw new WireFault('no_answer', `No answer from ${target} in ${input.timeoutMs} ms`);
          return first;
        },
      };
    },
  };
  return network;
}
