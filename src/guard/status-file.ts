/** Writes `status.json` for the status process: whole or not at all (write, flush, rename), with the time it was made, so that
 * every page can say how old its data is. */
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queryable } from '../db/pool.ts';
import { NOTICE_TEXT, renderNotice, type NoticeTemplate } from '../incident/notice.ts';
import { SERVICES } from '../incident/service.ts';
import { selectNotices } from '../incident/store.ts';
import { buildStatus, type StatusFile } from '../incident/status-model.ts';
import type { Reign } from './context.ts';
import { measuresAt } from './measure.ts';
import { readInForce } from './publish.ts';
import { selectProcesses } from './store.ts';

const NOTICE_LIMIT = 20;
const NOTICE_AGE_MS = 7 * 86_400_000;
/** A core that did not report, or a gateway whose journal could not be read, for so long says nothing about its services. */
const SILENT_MS = 20_000;
const PROCESS_AGE_MS = 86_400_000;

/** Reads what the public may know now. */
export async function readStatus(reign: Reign, db: Queryable): Promise<StatusFile> {
  const { input } = reign;
  const nowMs = input.time.now();
  const restrictions = await readInForce(db);
  const notices = (await selectNotices(db, NOTICE_LIMIT)).filter(
    (row) => row.template in NOTICE_TEXT && nowMs - row.published_at.getTime() < NOTICE_AGE_MS,
  );
  return buildStatus({
    bank: input.bank.name,
    nowMs,
    restrictions,
    measures: measuresAt(reign.measures, nowMs),
    silent: await silentServices(reign, db, nowMs),
    notices: notices.map((row) => {
      const params = JSON.parse(row.params) as Record<string, string>;
      const text = (language: 'id' | 'en'): string =>
        renderNotice({ template: row.template as NoticeTemplate, params, language });
      return {
        id: row.id,
        atMs: row.published_at.getTime(),
        text: { id: text('id'), en: text('en') },
        ...(row.next_update_at ? { nextUpdateAtMs: row.next_update_at.getTime() } : {}),
      };
    }),
    explain: input.explain,
  });
}

async function silentServices(
  reign: Reign,
  db: Queryable,
  nowMs: number,
): Promise<readonly string[]> {
  const cores = (await selectProcesses(db, nowMs - PROCESS_AGE_MS)).filter(
    ({ kind }) => kind === 'core',
  );
  const isCoreSilent = !cores.some(
    ({ heartbeat_at }) => nowMs - heartbeat_at.getTime() < SILENT_MS,
  );
  const isRailSilent = !reign.input.gateways.some(
    (name) => nowMs - (reign.readAtMs.get(name) ?? 0) < SILENT_MS,
  );
  if (isCoreSilent) return SERVICES.map(({ key }) => key);
  return isRailSilent
    ? ['bifast_out', 'bifast_in', 'switch_out', 'switch_in', 'cash_other', 'qris_out', 'bill']
    : [];
}

/** Puts the file into the status folder. */
export async function writeStatus(reign: Reign, file: StatusFile): Promise<void> {
  const { time, statusFolder } = reign.input;
  const path = join(statusFolder, 'status.json');
  await time.track(replaceFile(path, JSON.stringify(file)));
}

async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.next`;
  const handle = await open(next, 'w', 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, path);
}
