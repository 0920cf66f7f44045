/** What the reason codes of `reason-data.ts` do to the money of a payment we sent, and who must hear of it. */
import { assert } from '../../kernel/assert.ts';
import type { RailAnswer } from '../contract.ts';
import {
  REASON_TABLE,
  type ReasonAlarm,
  type ReasonEntry,
  type ReasonTable,
} from './reason-data.ts';

/** A code's line of the table. */
export type Reason = Omit<ReasonEntry, 'code'>;

const CODE = /^([A-Z])(\d{3})$/;

/** Every code of a table with its line. A table that says two things of one code is refused at the start of the process (T4).
 * Throws BugError. */
export function readReasons(table: ReasonTable): ReadonlyMap<string, Reason> {
  const ranges = new Map<string, Reason>();
  const singles = new Map<string, Reason>();
  for (const { code, ...reason } of table.entries) {
    const into = typeof code === 'string' ? singles : ranges;
    for (const one of codesOf(code)) {
      assert(!into.has(one), `reason code ${one} stands once`);
      into.set(one, reason);
    }
  }
  return new Map([...ranges, ...singles]);
}

function codesOf(code: ReasonEntry['code']): readonly string[] {
  const [first, last] = typeof code === 'string' ? [code, code] : code;
  const from = CODE.exec(first);
  const to = CODE.exec(last);
  assert(from && to && from[1] === to[1], `reason codes ${first} to ${last} have one letter`);
  const start = Number(from[2]);
  const count = Number(to[2]) - start + 1;
  assert(count > 0, `reason codes ${first} to ${last} go up`);
  return Array.from({ length: count }, (_, i) => from[1] + String(start + i).padStart(3, '0'));
}

const REASONS = readReasons(REASON_TABLE);

/** What a code means; undefined when the table does not know it. */
export function reasonOf(code: string): Reason | undefined {
  return REASONS.get(code);
}

/** Who must hear of an answer: by its code, also where it stands in the words of an unknown outcome (`RJCT U149`). */
export function alarmOfAnswer(text: string): ReasonAlarm | undefined {
  const code = /\b[A-Z]\d{3}$/.exec(text)?.[0];
  return code === undefined ? undefined : REASONS.get(code)?.alarm;
}

/** What an authenticated status and its code say about a payment we sent. Only a known final refusal is `rejected`;
 * whatever does not fit together is `unknown` (T1). */
export function answerOf(input: {
  readonly status: 'ACTC' | 'ACSC' | 'RJCT';
  readonly code: string;
}): RailAnswer {
  const { status, code } = input;
  const reason = reasonOf(code);
  if (!reason) return { outcome: 'unknown', reason: `code ${code} is not in the table` };
  if (reason.class === 'rejected' && status === 'RJCT') return { outcome: 'rejected', code };
  if (reason.class === 'success' && status !== 'RJCT')
    return { outcome: 'accepted', isFinal: status === 'ACSC', code };
  return { outcome: 'unknown', reason: `${status} ${code}` };
}
