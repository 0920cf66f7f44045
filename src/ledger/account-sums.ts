/** Debits and credits per account, in sen, in blocks of 64-bit integers: a million accounts are about 16 MB. A sum can no more pass 2^63
 * here than in the account's own column. */

/** Accounts per block: 2^10. Shifts and masks are right for negative ids too. */
const BLOCK_BITS = 10n;
const BLOCK = 1 << Number(BLOCK_BITS);
const WIDTH = 2;

/** Two 64-bit sums per account id, in blocks that are made when an id of theirs is first seen. */
export class AccountSums {
  readonly #blocks = new Map<bigint, BigInt64Array>();

  /** Adds one movement. */
  move(input: { readonly debit: bigint; readonly credit: bigint; readonly amount: bigint }): void {
    this.#block(input.debit)[place(input.debit)]! += input.amount;
    this.#block(input.credit)[place(input.credit) + 1]! += input.amount;
  }

  /** Begins with what was summed before. */
  add(account: bigint, sums: { readonly debit: bigint; readonly credit: bigint }): void {
    const block = this.#block(account);
    block[place(account)]! += sums.debit;
    block[place(account) + 1]! += sums.credit;
  }

  /** What was summed for an account, which is forgotten: what is left at the end belongs to nobody. */
  take(account: bigint): { readonly debit: bigint; readonly credit: bigint } {
    const block = this.#blocks.get(account >> BLOCK_BITS);
    if (!block) return { debit: 0n, credit: 0n };
    const at = place(account);
    const sums = { debit: block[at]!, credit: block[at + 1]! };
    block[at] = 0n;
    block[at + 1] = 0n;
    return sums;
  }

  /** Accounts with a sum, at most `limit`, in the order of their blocks. */
  left(limit: number): readonly bigint[] {
    const accounts: bigint[] = [];
    for (const [number, block] of this.#blocks) {
      for (let at = 0; at < block.length && accounts.length < limit; at += WIDTH)
        if (block[at] !== 0n || block[at + 1] !== 0n)
          accounts.push((number << BLOCK_BITS) + BigInt(at / WIDTH));
    }
    return accounts;
  }

  /** Every block with its number, for a state file. */
  save(): readonly (readonly [string, string])[] {
    return [...this.#blocks].map(([number, block]) => [
      String(number),
      Buffer.from(block.buffer).toString('base64'),
    ]);
  }

  /** The sums that `save` wrote. */
  static load(saved: ReturnType<AccountSums['save']>): AccountSums {
    const sums = new AccountSums();
    for (const [number, text] of saved)
      sums.#blocks.set(
        BigInt(number),
        new BigInt64Array(new Uint8Array(Buffer.from(text, 'base64')).buffer),
      );
    return sums;
  }

  #block(account: bigint): BigInt64Array {
    const number = account >> BLOCK_BITS;
    let block = this.#blocks.get(number);
    if (!block) this.#blocks.set(number, (block = new BigInt64Array(BLOCK * WIDTH)));
    return block;
  }
}

function place(account: bigint): number {
  return Number(account & BigInt(BLOCK - 1)) * WIDTH;
}
