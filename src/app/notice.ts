/** `pulih notice`: notices to partners that wait for a person, and another try for one. */
import { retryNotice } from '../channel/snap/notice/notice.ts';
import { selectStuck, type StuckRow } from '../channel/snap/notice/store.ts';
import { openDb } from '../db/pool.ts';
import { wallTime, wibIso } from '../kernel/time.ts';
import type { Config } from './config.ts';
import { runningDatabaseUrl } from './run-file.ts';

/** Lists, or tries again; exit 1 when the named notice is not stuck, 2 when it is asked in another way. */
export async function notice(input: {
  readonly config: Config;
  readonly words: readonly string[];
  readonly person: string | undefined;
  readonly reason: string | undefined;
  readonly asJson: boolean;
}): Promise<number> {
  const { words, person, reason } = input;
  const [verb, id] = words;
  const isRetry = verb === 'retry' && id !== undefined;
  if (verb !== undefined && (!isRetry || !person || !reason)) {
    process.stderr.write('pulih notice retry <id> --as <username> --reason <text>\n');
    return 2;
  }
  const time = wallTime();
  const url = runningDatabaseUrl(input.config);
  const db = openDb({ url, size: 1, time, name: 'notice' });
  try {
    if (isRetry) {
      const isTaken = await retryNotice({ db, time }, { id, by: person!, reason: reason! });
      process.stdout.write(isTaken ? `${id} is tried again\n` : `${id} is not stuck\n`);
      return isTaken ? 0 : 1;
    }
    const rows = await selectStuck(db);
    process.stdout.write(`${input.asJson ? JSON.stringify(rows) : listText(rows)}\n`);
    return 0;
  } finally {
    await db.close();
  }
}

function listText(rows: readonly StuckRow[]): string {
  if (rows.length === 0) return 'nothing is stuck';
  return rows
    .map(
      (row) =>
        `${row.id}  ${row.partner_id}  ${row.subject}  asked ${wibIso(row.asked_at.getTime())}  ${row.attempt_count} attempts  ${row.last_answer ?? '-'}`,
    )
    .join('\n');
}
