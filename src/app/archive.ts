/** `pulih archive`: moves closed months into files, oldest first. Works as the owner of the tables; whether Pulih runs or not. */
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isMonth } from '../archive/month.ts';
import { ArchiveRefused } from '../archive/page.ts';
import { keptFrom } from '../archive/decide.ts';
import { archiveMonth, dropLeaves, planArchive } from '../archive/run.ts';
import { openDb } from '../db/pool.ts';
import { withSnapshot } from '../db/snapshot.ts';
import { wallTime, wibDate } from '../kernel/time.ts';
import { verifyPayments } from '../payment/verify.ts';
import { archiveFolder, withDatabase } from './check-data.ts';
import type { Config } from './config.ts';
import { openVerifyScreen } from './verify-screen.ts';

const KEEP_MAX = 1_200;

interface ArchiveAsked {
  readonly config: Config;
  readonly before: string | undefined;
  readonly keep: string | undefined;
  readonly to: string | undefined;
  readonly isDryRun: boolean;
  readonly asJson: boolean;
}

/** Exit 0 when every due month is in files (or, with a dry run, may go), 1 when one must stay, 2 when it was asked wrongly. */
export async function archive(input: ArchiveAsked): Promise<number> {
  const wrong = wrongAsk(input);
  if (wrong !== undefined) {
    process.stderr.write(`${wrong}\n`);
    return 2;
  }
  const time = wallTime();
  const keepMonths = input.keep === undefined ? input.config.archiveKeepMonths : Number(input.keep);
  const today = wibDate(time.now()).slice(0, 7);
  const before = input.before ?? keptFrom({ today, keepMonths });
  return withDatabase(input.config, async (url) => {
    const db = openDb({ url, size: 3, time, name: 'archive' });
    const screen = openVerifyScreen({ time, out: process.stderr });
    const folder = input.to ?? archiveFolder(input.config);
    const done: object[] = [];
    const say = (line: string): void => void (input.asJson || process.stdout.write(`${line}\n`));
    let refusal: string | undefined;
    try {
      const planned = await planArchive({ db, time }, before);
      if (planned.length === 0) say(`Nothing is due: no month before ${before} is in the tables`);
      if (input.isDryRun) {
        for (const { month, facts, refusal: why } of planned) {
          say(
            `${month}: ${facts.events} events, ${facts.transfers} transfers${why ? `; it must stay: ${why}` : ''}`,
          );
          refusal ??= why;
        }
      } else {
        await dropLeaves(db);
        if (planned.length > 0) await checkPayments(db);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        for (const { month } of planned) {
          const archived = await archiveMonth(
            {
              db,
              time,
              folder,
              by: userInfo().username,
              onProgress: ({ part, done, total }) =>
                screen.show({ name: `${month} ${part}`, done, total, resumedAt: 0 }),
            },
            month,
          );
          screen.clear();
          done.push(archived);
          say(
            `${month}: ${archived.eventCount} events and ${archived.transferCount} transfers are in ${folder}`,
          );
        }
      }
    } catch (error) {
      screen.clear();
      if (!(error instanceof ArchiveRefused)) throw error;
      refusal = error.message;
      process.stderr.write(`${refusal}\n`);
    } finally {
      await db.close();
    }
    if (input.asJson)
      process.stdout.write(
        `${JSON.stringify({ before, archived: done, ...(refusal && { refusal }) })}\n`,
      );
    return refusal === undefined ? 0 : 1;
  });
}

function wrongAsk({ before, keep }: ArchiveAsked): string | undefined {
  if (before !== undefined && keep !== undefined) return 'Say either --before or --keep, not both';
  if (before !== undefined && !isMonth(before)) return '--before is a month, such as 2026-01';
  if (keep !== undefined && !(/^[1-9]\d{0,3}$/.test(keep) && Number(keep) <= KEEP_MAX))
    return `--keep is a number of months from 1 to ${KEEP_MAX}`;
  return undefined;
}

/** Payments are compared with their transfers once more while these are in the tables. */
async function checkPayments(db: ReturnType<typeof openDb>): Promise<void> {
  const [wrong] = await withSnapshot(db, (tx) => verifyPayments(tx));
  if (wrong)
    throw new ArchiveRefused(
      `Cannot archive: payment ${wrong.id}: ${wrong.detail}; pulih verify tells more, and nothing was dropped`,
    );
}
