/** Which process listens where. Everything follows from the public port, so that one flag moves a whole deployment. */
import { createServer } from 'node:net';

/** The public port when none is chosen. */
export const PUBLIC_PORT = 8080;

/** Distance from the public port. `http` names are for people and scrapers, `wire` names speak mTLS, `stream` names ISO 8583. */
const OFFSET = {
  'core-1': 0,
  'core-2': 1,
  status: 10,
  'signer:ops': 11,
  'gateway-1:ops': 12,
  'guard:ops': 13,
  'sim:ops': 14,
  'sim:control': 15,
  'hsm:ops': 16,
  'sim:partner': 17,
  'wire:gateway-1': 21,
  'wire:gateway-1-network': 22,
  'wire:signer': 23,
  'wire:core-1': 24,
  'wire:core-2': 25,
  'wire:hsm': 26,
  'wire:hub': 30,
  'wire:biller': 35,
  'stream:switch': 31,
  'stream:gateway-1-switch': 32,
  'stream:gateway-1-terminal': 33,
  postgres: 40,
} as const;

/** A name in the map. */
export type PortName = keyof typeof OFFSET;

/** Every port of one deployment. */
export interface PortMap {
  of(name: PortName): number;
  /** The port that a wire name such as `gateway-1-network` resolves to. Throws for an unknown name. */
  wire(name: string): number;
  /** The port that a stream name such as `switch` resolves to. Throws for an unknown name. */
  stream(name: string): number;
  readonly names: readonly PortName[];
}

/** The ports that follow from `publicPort`. */
export function portMap(publicPort: number): PortMap {
  const of = (name: PortName): number => publicPort + OFFSET[name];
  const known = (key: string): number => {
    if (!Object.hasOwn(OFFSET, key))
      throw new Error(`Cannot reach ${key}: no port is known for it`);
    return of(key as PortName);
  };
  return {
    of,
    wire: (name) => known(`wire:${name}`),
    stream: (name) => known(`stream:${name}`),
    names: Object.keys(OFFSET) as PortName[],
  };
}

/** True when nothing listens on the port of this host. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A port that the system says is free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
