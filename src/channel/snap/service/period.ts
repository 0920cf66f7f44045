import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { parseTimestamp } from '../timestamp.ts';

const DAY_MS = 86_400_000;
/** Source: domain.md 3.6: a month at most, a year back at most. */
const RANGE_MS_MAX = 31 * DAY_MS;
const AGE_MS_MAX = 366 * DAY_MS;
/** Where nothing is asked: the last week. */
const RANGE_MS = 7 * DAY_MS;

/** The period of a history request, instants in UTC ms, both included; the last second is whole. What lies ahead is cut off. Throws
 * SnapRefusal with the field that breaks its rule. */
export function readPeriod(
  body: Pick<ReadBody, 'optionalText'>,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const askedTo = body.optionalText('toDateTime');
  const askedFrom = body.optionalText('fromDateTime');
  const toMs = askedTo === undefined ? nowMs : Math.min(parseTimestamp(askedTo)! + 999, nowMs);
  const fromMs = askedFrom === undefined ? toMs - RANGE_MS : parseTimestamp(askedFrom)!;
  if (fromMs > toMs) throw new SnapRefusal('invalidFormat', 'fromDateTime');
  if (toMs - fromMs > RANGE_MS_MAX) throw new SnapRefusal('invalidFormat', 'toDateTime');
  if (nowMs - fromMs > AGE_MS_MAX) throw new SnapRefusal('invalidFormat', 'fromDateTime');
  return { fromMs, toMs };
}
