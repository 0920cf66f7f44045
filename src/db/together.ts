/** Keys per statement. */
const KEYS_MAX = 1_000;

/** Reads rows by key, one statement at a time, for everybody who asked while the one before ran: under load a read costs each caller
 * little. What is read was never read before it was asked for. A row that is not there is left out; a fault is told to all of a
 * statement. */
export function readTogether<Key, Row>(input: {
  readonly read: (keys: readonly Key[]) => Promise<readonly Row[]>;
  readonly keyOf: (row: Row) => Key;
}): (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Row>> {
  type Read = Promise<ReadonlyMap<Key, Row>>;
  let next: { readonly keys: Set<Key>; readonly read: Read } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const open = (): NonNullable<typeof next> => {
    const keys = new Set<Key>();
    const read: Read = last.then(async () => {
      if (next === mine) next = undefined;
      const rows = await input.read([...keys]);
      return new Map(rows.map((row) => [input.keyOf(row), row]));
    });
    last = read.catch(() => {});
    const mine = { keys, read };
    return mine;
  };
  return (keys) => {
    if (!next || next.keys.size >= KEYS_MAX) next = open();
    for (const key of keys) next.keys.add(key);
    return next.read;
  };
}
