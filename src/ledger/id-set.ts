/** A set of row ids, one bit each: ids come from sequences, so ten million of them are about 1.3 MB. */

/** Ids per block; a block is 8 KB. */
const BLOCK_BITS = 16n;
const BLOCK_BYTES = 1 << (Number(BLOCK_BITS) - 3);

/** Which ids were seen: one bit each, in blocks that are made when an id of theirs is first seen. */
export class IdSet {
  #size = 0;
  readonly #blocks = new Map<number, Uint8Array>();

  /** How many ids are in it. */
  get size(): number {
    return this.#size;
  }

  has(id: bigint): boolean {
    const block = this.#blocks.get(blockOf(id));
    return block !== undefined && (block[byteOf(id)]! & bitOf(id)) !== 0;
  }

  /** Puts an id in; false when it was there. */
  add(id: bigint): boolean {
    const number = blockOf(id);
    let block = this.#blocks.get(number);
    if (!block) this.#blocks.set(number, (block = new Uint8Array(BLOCK_BYTES)));
    const at = byteOf(id);
    if ((block[at]! & bitOf(id)) !== 0) return false;
    block[at]! |= bitOf(id);
    this.#size++;
    return true;
  }

  /** Every block with its number, for a state file. */
  save(): { readonly size: number; readonly blocks: readonly (readonly [number, string])[] } {
    return {
      size: this.#size,
      blocks: [...this.#blocks].map(([number, block]) => [
        number,
        Buffer.from(block).toString('base64'),
      ]),
    };
  }

  /** The set that `save` wrote. */
  static load(saved: ReturnType<IdSet['save']>): IdSet {
    const set = new IdSet();
    set.#size = saved.size;
    for (const [number, text] of saved.blocks)
      set.#blocks.set(number, new Uint8Array(Buffer.from(text, 'base64')));
    return set;
  }
}

/** Exact for every bigint column: 2^63 >> 16 is a safe integer. */
function blockOf(id: bigint): number {
  return Number(id >> BLOCK_BITS);
}

function byteOf(id: bigint): number {
  return Number(id & ((1n << BLOCK_BITS) - 1n)) >> 3;
}

function bitOf(id: bigint): number {
  return 1 << Number(id & 7n);
}
