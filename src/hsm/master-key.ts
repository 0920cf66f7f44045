/** The local master key: 32 random bytes in a file of the HSM's own folder (0600), made at the very first start. All else that the
 * HSM keeps is under keys that follow from it, so a lost master key is a lost key store: it is never made anew beside one. */
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../kernel/random.ts';
import { wipe } from './cipher.ts';
import { replaceFile } from './durable-file.ts';
import { deriveBlockKeys, type BlockKeys } from './key-block.ts';

const FILE = 'lmk';
const KEY_BYTES = 32;

/** One key per purpose, so that no two uses of the master key can be played against each other. */
export interface MasterKeys {
  /** Protects key blocks. */
  readonly block: BlockKeys;
  /** Authenticates the key store. */
  readonly store: Buffer;
  /** Chains the journal. */
  readonly journal: Buffer;
  /** Recognises a key value without keeping it. */
  readonly fingerprint: Buffer;
  /** Hides card numbers in the counters. */
  readonly subject: Buffer;
  close(): void;
}

/** Reads the master key, or makes it when the folder holds nothing yet (`isNew`). Throws when it is missing beside a key store, is not
 * whole, or may be read by others. */
export function openMasterKeys(input: {
  readonly folder: string;
  readonly isNew: boolean;
  readonly random: Random;
}): MasterKeys {
  const path = join(input.folder, FILE);
  if (!existsSync(path)) {
    if (!input.isNew)
      throw new Error('Cannot start the HSM: there is a key store, and its master key is gone');
    const made = input.random.bytes(KEY_BYTES);
    replaceFile(path, made);
    wipe(made);
  }
  if (statSync(path).mode & 0o077)
    throw new Error('Cannot start the HSM: others may read its master key');
  const master = readFileSync(path);
  if (master.length !== KEY_BYTES)
    throw new Error('Cannot start the HSM: its master key is not whole');
  const derive = (purpose: string): Buffer =>
    createHmac('sha256', master).update(`pulih.hsm.${purpose}.v1`).digest();
  const keys = {
    block: deriveBlockKeys(derive('block')),
    store: derive('store'),
    journal: derive('journal'),
    fingerprint: derive('fingerprint'),
    subject: derive('subject'),
  };
  wipe(master);
  const { block, ...others } = keys;
  return {
    ...keys,
    close: () => wipe(block.encrypt, block.authenticate, ...Object.values(others)),
  };
}
