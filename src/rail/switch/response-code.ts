/** What DE39 of an answer says, as a lookup by network, MTI, DE3 and code, because a code means what its network says it means. The rows
 * are data (`response-rows.ts`). For money that may have moved a code that nobody knows is `pending`, never a failure (I2).
 * Source: domain.md 4.5. */
import { RESPONSE_ROWS, type ResponseRow } from './response-rows.ts';
import type { ResponseText } from './response-text.ts';

/** `fail` and `system`: a final refusal, no money moved; `system` is ours or the network's to mend, not the customer's. `pending`: nobody
 * knows yet, or an earlier message decides. `security`: somebody's keys or messages are wrong; for money as `pending`. */
export type ResponseClass = 'success' | 'fail' | 'pending' | 'system' | 'security';

/** One meaning. */
export interface ResponseMeaning {
  readonly class: ResponseClass;
  /** Key of the customer's words. */
  readonly text: ResponseText;
  /** Security must hear of it, whatever the class. */
  readonly isAlarm: boolean;
  /** The state of the original must be asked for, not waited for. */
  readonly mustAsk: boolean;
  /** Nobody has told us what this code means here. */
  readonly isUnknown: boolean;
}

/** What was answered. */
export interface Answered {
  readonly network: string;
  /** The answer's MTI; `local` for a code that we produced because no answer came. */
  readonly mti: string;
  /** DE3. */
  readonly processing: string | undefined;
  readonly code: string;
}

/** DE3 of flows that move no money: inquiries and checks, PIN and card administration. */
const MOVES_NO_MONEY: ReadonlySet<string> = new Set([
  '30',
  '31',
  '36',
  '37',
  '38',
  '39',
  '92',
  '94',
]);

/** Looks a code up. The row that names most counts, network before MTI before DE3. */
export function responseMeaning(
  answered: Answered,
  rows: ResponseIndex = USUAL_INDEX,
): ResponseMeaning {
  const { network, mti, code } = answered;
  const processing = answered.processing?.slice(0, 2) ?? ANY;
  for (const here of [network, ANY])
    for (const kind of [mti, ANY])
      for (const flow of [processing, ANY]) {
        const row = rows.get(keyOf(here, kind, flow, code));
        if (row) return meaningOf(row);
      }
  const isMoney = !mti.startsWith('08', 0) && !MOVES_NO_MONEY.has(processing);
  return {
    class: isMoney ? 'pending' : 'system',
    text: isMoney ? 'in_process' : 'not_possible_now',
    isAlarm: false,
    mustAsk: isMoney,
    isUnknown: true,
  };
}

/** Rows by what they name. */
export type ResponseIndex = ReadonlyMap<string, ResponseRow>;

const ANY = '*';

/** Makes rows ready for lookups. Throws Error when two rows say the same key: nobody could tell which counts. */
export function indexResponses(rows: readonly ResponseRow[]): ResponseIndex {
  const index = new Map<string, ResponseRow>();
  for (const row of rows)
    for (const code of row.codes)
      for (const mti of row.mtis ?? [ANY])
        for (const flow of row.flows ?? [ANY]) {
          const key = keyOf(row.network ?? ANY, mti, flow, code);
          if (index.has(key)) throw new Error(`Cannot use response codes: two rows for ${key}`);
          index.set(key, row);
        }
  return index;
}

const USUAL_INDEX: ResponseIndex = indexResponses(RESPONSE_ROWS);

function keyOf(...parts: readonly string[]): string {
  return parts.join('|');
}

function meaningOf(row: ResponseRow): ResponseMeaning {
  return {
    class: row.class,
    text: row.text,
    isAlarm: row.class === 'security' || row.isAlarm === true,
    mustAsk: row.mustAsk === true,
    isUnknown: false,
  };
}
