/** Compares what is recorded of archived months with the log and the files: a month is what the event `archive.month_archived` in the
 * stream says, and the stream is under signed checkpoints. */
import { join } from 'node:path';
import type { StreamReader } from '../audit/stream.ts';
import type { Queryable } from '../db/pool.ts';
import { ARCHIVED_KIND, parseFacts, subjectOf, sumsDigest, type ArchivedMonth } from './facts.ts';
import { digestFile } from './file.ts';
import * as store from './store.ts';

/** What is wrong with an archived month. */
export interface ArchiveProblem {
  readonly kind: 'archive';
  /** `2026-01` */
  readonly id: string;
  readonly file?: string;
  readonly detail: string;
}

export interface ArchiveOpened {
  readonly months: readonly ArchivedMonth[];
  readonly leafFloor: bigint;
  /** Months without a file, which nobody can check. */
  readonly missing: readonly string[];
  readonly problems: readonly ArchiveProblem[];
}

const MISSING =
  'the file is missing: say where the files are with --archive, or check the tables alone with --live-only';

/** Looks at every recorded month and its files, whole; not at the files when only what is live is asked for. */
export async function openArchive(
  tx: Queryable,
  input: { readonly folder: string; readonly isLiveOnly: boolean },
): Promise<ArchiveOpened> {
  const months: ArchivedMonth[] = [];
  const missing = new Set<string>();
  const problems: ArchiveProblem[] = [];
  let leafFloor = 0n;
  for (const row of await store.selectArchived(tx)) {
    const id = row.month.slice(0, 7);
    const facts = parseFacts(row.facts);
    if (row.leafFloor > leafFloor) leafFloor = row.leafFloor;
    if (!facts || facts.month !== id || facts.leafFloor !== String(row.leafFloor)) {
      problems.push({ kind: 'archive', id, detail: 'its row in archive_month contradicts itself' });
      continue;
    }
    months.push(facts);
    if (input.isLiveOnly) continue;
    for (const table of ['event', 'transfer'] as const) {
      const file = facts[`${table}File`];
      const found = await digestFile(join(input.folder, file));
      if (!found) {
        missing.add(id);
        problems.push({ kind: 'archive', id, file, detail: MISSING });
      } else if (found.sha256 !== facts[`${table}Sha256`]) {
        const detail = `the file has ${found.bytes} bytes and SHA-256 ${found.sha256}, recorded are ${facts[`${table}Bytes`]} bytes and ${facts[`${table}Sha256`]}`;
        problems.push({ kind: 'archive', id, file, detail });
      }
    }
  }
  return { months, leafFloor, missing: [...missing], problems };
}

/** Hears, along the pass, of every month that the log says was archived. `told` is by month: the text of the event. */
export function archiveReader(told: Map<string, string>): StreamReader {
  return {
    ask(page) {
      const events = page.rows.filter(({ kind }) => kind === ARCHIVED_KIND);
      return async () => {
        for (const { subject, data } of events) {
          const facts = parseFacts(data);
          if (facts && subject === subjectOf(facts.month)) told.set(facts.month, data);
        }
      };
    },
  };
}

/** Compares the recorded months with what the log told of them, and the kept sums with the hash in it. Of what is live only, the months whose
 * event is still in the table. */
export async function compareRecorded(
  tx: Queryable,
  input: { readonly told: ReadonlyMap<string, string>; readonly isLiveOnly: boolean },
): Promise<readonly ArchiveProblem[]> {
  const { told, isLiveOnly } = input;
  const problems: ArchiveProblem[] = [];
  const wrong = (id: string, detail: string): void =>
    void problems.push({ kind: 'archive', id, detail });
  const recorded = await store.selectArchived(tx);
  const known = new Set(recorded.map(({ month }) => month.slice(0, 7)));
  for (const [month] of told)
    if (!known.has(month)) wrong(month, 'the log tells of it, and archive_month does not');
  for (const { month, facts } of recorded) {
    const id = month.slice(0, 7);
    const text = told.get(id);
    if (text === undefined) {
      // That event may itself be in a file by now.
      if (!isLiveOnly) wrong(id, 'no event tells that it was archived');
    } else if (text !== facts) wrong(id, 'its row in archive_month is not what its event tells');
    else if ((await sumsDigest(tx, month)) !== parseFacts(text)?.sumsSha256)
      wrong(id, 'its rows in account_month are not what its event tells');
  }
  return problems;
}
