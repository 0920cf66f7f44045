/** What is recorded of an archived month: the same text in `archive_month.facts` and in the event `archive.month_archived`. */
import { sha256 } from '../kernel/canonical.ts';
import type { Queryable } from '../db/pool.ts';
import * as store from './store.ts';

/** The kind of the event that vouches for a month's files. */
export const ARCHIVED_KIND = 'archive.month_archived';

/** All texts; numbers in decimal. The first and last event in the order of the stream; empty texts when there was none. */
export interface ArchivedMonth {
  readonly month: string;
  readonly by: string;
  readonly eventFile: string;
  readonly eventSha256: string;
  readonly eventBytes: string;
  readonly eventCount: string;
  readonly transferFile: string;
  readonly transferSha256: string;
  readonly transferBytes: string;
  readonly transferCount: string;
  readonly firstPosition: string;
  readonly lastPosition: string;
  readonly leafFloor: string;
  /** Of the month's rows of `account_month`. */
  readonly sumsSha256: string;
}

/** The subject of the event of a month. */
export function subjectOf(month: string): string {
  return `archive:${month}`;
}

/** Reads the facts of a row; undefined when they are none. */
export function parseFacts(text: string): ArchivedMonth | undefined {
  try {
    const facts = JSON.parse(text) as ArchivedMonth;
    return typeof facts.month === 'string' && /^\d*$/.test(facts.firstPosition) ? facts : undefined;
  } catch {
    return undefined;
  }
}

/** Hex; over all sums of a month in the order of the accounts, a page at a time. */
export async function sumsDigest(db: Queryable, month: string): Promise<string> {
  let digest = '';
  for (let after = -(1n << 63n); ;) {
    const { text, last } = await store.selectAccountMonth(db, { month, after });
    if (last === null) return digest;
    digest = sha256(`${digest}\n${text}`).toString('hex');
    after = last;
  }
}
