/** The log of a live process: pino, one JSON object a line on stdout. Redacts by field name first and by shape second, because a
 * mistake of a caller must not print what belongs to a customer (I11). */
import pino from 'pino';
import type { Log } from '../kernel/log.ts';

/** Fields that are never printed, at any of the first two levels. */
const SECRET_FIELDS = [
  'password',
  'pin',
  'token',
  'secret',
  'key',
  'privateKey',
  'cookie',
  'authorization',
  'signature',
  'account',
  'debitAccount',
  'creditAccount',
  'debtorAccount',
  'creditorAccount',
  'name',
  'debtorName',
  'creditorName',
  'payeeName',
  'pan',
  'track2',
  'pinBlock',
] as const;
const MASK = '[hidden]';
/** Eight digits or more in a row: an account number, a card number. Ids of ours and of the rails hold letters beside them. */
const NUMBER_LIKE = /(?<![0-9A-Za-z_-])\d{4,15}(\d{4})(?![0-9A-Za-z_-])/g;

/** Replaces what looks like an account or card number by its last four digits. */
export function scrub(text: string): string {
  return text.replace(NUMBER_LIKE, '****$1');
}

/** Opens the log. `sink` is stdout unless a test listens. */
export function openLiveLog(input: {
  readonly process: string;
  readonly level: string;
  readonly sink?: { write(line: string): void };
}): Log {
  const options: pino.LoggerOptions = {
    level: input.level,
    base: { process: input.process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [...SECRET_FIELDS, ...SECRET_FIELDS.map((field) => `*.${field}`)],
      censor: MASK,
    },
  };
  const logger = input.sink
    ? pino(options, input.sink)
    : pino(options, pino.destination({ fd: 1, sync: true }));
  return {
    info: (fields, event) => logger.info(clean(fields), event),
    warn: (fields, event) => logger.warn(clean(fields), event),
    error: (fields, event) => logger.error(clean(fields), event),
  };
}

function clean(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) out[name] = cleanValue(value, 0);
  return out;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return scrub(`${value.name}: ${value.message}`);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= 3) return MASK;
  if (Array.isArray(value)) return value.slice(0, 20).map((item) => cleanValue(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, cleanValue(item, depth + 1)]),
  );
}
