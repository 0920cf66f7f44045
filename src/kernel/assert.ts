/** A broken invariant: a bug of ours. Crash the unit of work and roll back; never caught to go on. */
export class BugError extends Error {
  override name = 'BugError';
}

/** Throws BugError when `condition` is false. `must` reads as what must hold. */
export function assert(condition: unknown, must: string): asserts condition {
  if (!condition) throw new BugError(`Invariant broken: ${must}`);
}

/** What tells one variant of a union from another; nothing else of a value may stand in an error (a PAN, a PIN block). */
const TELLING = ['kind', 'rail', 'what', 'state'];

/** Makes a switch over a union exhaustive at compile time and fails loudly at run time. */
export function assertNever(value: never): never {
  throw new BugError(
    `Invariant broken: unexpected ${JSON.stringify(value, typeof value === 'object' ? TELLING : null)}`,
  );
}
