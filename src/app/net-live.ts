/** The network of a live process: names become ports of one host, peers are certificates. Two worlds that never mix: our own
 * processes, and the hub's. */
import { connectTls, listenTls, type TlsIdentity } from '../kernel/wire-tls.ts';
import type { Net } from '../kernel/wire.ts';
import type { PortMap } from './port-map.ts';

/** Wires never leave the machine of a demo; a bank gives its own addresses here. */
const WIRE_HOST = '127.0.0.1';

/** The network as the holder of `identity` sees it. */
export function liveNet(input: {
  readonly identity: TlsIdentity;
  readonly ports: PortMap;
  readonly socketCountMax?: number;
}): Net {
  const { identity, ports } = input;
  return {
    listen: ({ name, handler, admit }) =>
      listenTls({
        identity,
        host: WIRE_HOST,
        port: ports.wire(name),
        handler,
        ...(admit ? { admit } : {}),
      }),
    connect: (target) =>
      connectTls({
        identity,
        host: WIRE_HOST,
        port: ports.wire(target),
        serverName: target,
        ...(input.socketCountMax === undefined ? {} : { socketCountMax: input.socketCountMax }),
      }),
  };
}
