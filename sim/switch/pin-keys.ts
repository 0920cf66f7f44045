/** The PIN key of a network: one for all its links, renewed by exchange, and kept across restarts where there is a folder, because the
 * bank keeps its half too. Test keys. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/kernel/canonical.ts';

/** The key now, and another that still or already counts. */
export interface PinKeys {
  current(): Buffer;
  /** Another key that opens PIN blocks at this instant. */
  other(nowMs: number): Buffer | undefined;
  /** The other side may use it from now on; this side does not yet. */
  offer(key: Buffer, untilMs: number): void;
  /** Both sides use it; the one before opens blocks until then. */
  turn(key: Buffer, untilMs: number): void;
}

/** Opens them; `first` holds until there was an exchange. */
export function openPinKeys(first: Buffer, folder?: string): PinKeys {
  const name = `pin-key-${sha256(first).toString('hex').slice(0, 8)}`;
  const path = folder === undefined ? undefined : join(folder, name);
  let current = path && existsSync(path) ? Buffer.from(readFileSync(path, 'utf8'), 'hex') : first;
  let other: { readonly key: Buffer; readonly untilMs: number } | undefined;
  return {
    current: () => current,
    other: (nowMs) => (other && nowMs <= other.untilMs ? other.key : undefined),
    offer: (key, untilMs) => void (other = { key, untilMs }),
    turn(key, untilMs) {
      other = { key: current, untilMs };
      current = key;
      if (path) writeFileSync(path, key.toString('hex'), { mode: 0o600 });
    },
  };
}
