/** Structured logging as a port: one event per line, a past-tense dotted name, ids only. App gives it pino with a
 * redaction list. Never a PAN, PIN, token, name or full account number (DESIGN.md I11). */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, event: string): void;
  warn(fields: Readonly<Record<string, unknown>>, event: string): void;
  error(fields: Readonly<Record<string, unknown>>, event: string): void;
}

/** Says nothing; for tests and tools. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Shows the last four characters of an account number, for logs and lists. */
export function maskAccount(account: string): string {
  return account.length <= 4 ? '****' : `****${account.slice(-4)}`;
}
