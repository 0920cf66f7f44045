/** What the functions of the HSM work with. */
import { assert } from '../kernel/assert.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { HsmAnswer, HsmCalls, HsmFunction, HsmRefusal } from '../rail/hsm/port.ts';
import type { Journal } from './journal.ts';
import { kindOf, type KeyStore, type StoredKey } from './key-store.ts';
import type { Limits } from './limit.ts';
import type { MasterKeys } from './master-key.ts';

/** One HSM, opened. */
export interface Module {
  readonly keys: MasterKeys;
  readonly store: KeyStore;
  readonly journal: Journal;
  readonly limits: Limits;
  readonly time: Time;
  readonly random: Random;
  /** Counts a verdict for the metrics. */
  readonly count: (what: Counted) => void;
}

/** What the metrics count; `block_of_other_card` or `peer_refused` above zero is an attack, or a caller that mixes up its messages. */
export const COUNTED = [
  'pin_right',
  'pin_wrong',
  'block_of_other_card',
  'peer_refused',
  'mac_wrong',
  'cryptogram_wrong',
] as const;
export type Counted = (typeof COUNTED)[number];

/** A function as the module does it; `by` is the peer. */
export type Does<Name extends HsmFunction> = (
  module: Module,
  input: HsmCalls[Name]['input'],
  by: string,
) => HsmAnswer<HsmCalls[Name]['result']>;

/** The current key of a name, when the name is of one of these kinds. */
export function findKey(
  module: Module,
  name: string,
  kinds: readonly string[],
): StoredKey | 'no_key' | 'wrong_usage' {
  const kind = kindOf(name);
  assert(kind !== undefined, 'the name was read by its schema');
  if (!kinds.includes(kind)) return 'wrong_usage';
  return module.store.find(name) ?? 'no_key';
}

/** A refusal. */
export function refuse(reason: HsmRefusal): { readonly ok: false; readonly reason: HsmRefusal } {
  return { ok: false, reason };
}
