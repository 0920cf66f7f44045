/** `pulih verify` and `pulih migrate`: work on the database whether Pulih runs or not. */
import { verify as verifyBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDb } from '../db/pool.ts';
import { wallTime } from '../kernel/time.ts';
import type { Config } from './config.ts';
import { migrateServer, postgresFolder, startServer } from './database.ts';
import { coreSecretFile, readPublicKey } from './key-file.ts';
import { sealPartners } from './partner/seal.ts';
import { portMap, isFree } from './port-map.ts';
import { embeddedUrl } from './postgres.ts';
import { lockStarts, readRunning } from './run-file.ts';
import { openVerifyScreen } from './verify-screen.ts';
import { verifyAll, type WholeReport } from './verify.ts';

const STATE_FILE = 'verify.state';
const ARCHIVE_FOLDER = 'archive';
const EXIT_INTERRUPTED = 130;

/** Recomputes the ledger, the audit tree, payments, standing orders, lists, virtual accounts and direct debits; prints what it found. Exit 0 when all is right, 1 when not, 130 when it was
 * interrupted: the next run goes on from there. */
export async function verify(input: {
  readonly config: Config;
  readonly asJson: boolean;
  readonly isFresh: boolean;
  /** Where the files of archived months are. @default `archive` in the state folder */
  readonly archiveFolder: string | undefined;
  readonly isLiveOnly: boolean;
}): Promise<number> {
  return withDatabase(input.config, async (url) => {
    const time = wallTime();
    const db = openDb({ url, size: 2, time, name: 'verify' });
    const screen = openVerifyScreen({ time, out: process.stderr });
    let isStopped = false;
    const stop = (): void => void (isStopped = true);
    process.once('SIGINT', stop);
    try {
      const key = readPublicKey(input.config.folder, 'audit');
      const report = await verifyAll({
        db,
        time,
        verifySignature: (bytes, signature) => verifyBytes(null, bytes, key, signature),
        stateFile: join(input.config.folder, STATE_FILE),
        archiveFolder: input.archiveFolder ?? archiveFolder(input.config),
        isFresh: input.isFresh,
        isLiveOnly: input.isLiveOnly,
        isStopped: () => isStopped,
        onProgress: (progress) => screen.show({ ...progress, name: `verify ${progress.part}` }),
      });
      screen.clear();
      if (!report) {
        process.stderr.write('Stopped. Run it again to go on, or with --fresh to begin again.\n');
        return EXIT_INTERRUPTED;
      }
      const result = resultOf(report);
      if (input.asJson) process.stdout.write(`${JSON.stringify(result)}\n`);
      else say(result);
      return result.balanced && result.audit.ok && result.archive.ok ? 0 : 1;
    } finally {
      process.off('SIGINT', stop);
      await db.close();
    }
  });
}

/** Where the files of archived months are, unless somebody says otherwise. */
export function archiveFolder(config: Config): string {
  return join(config.folder, ARCHIVE_FOLDER);
}

function resultOf({
  ledger,
  audit,
  payments,
  standing,
  bulks,
  virtualAccounts,
  debits,
  archive,
}: WholeReport) {
  const { ok, root, size, checkpoints } = audit;
  return {
    balanced:
      ledger.balanced &&
      [payments, standing, bulks, virtualAccounts, debits].every((found) => found.length === 0),
    transfers: Number(ledger.transfers),
    accounts: Number(ledger.accounts),
    audit: { ok, root, size: Number(size), checkpoints },
    archive: {
      ok: archive.problems.length === 0,
      months: archive.months,
      unread: archive.unread,
      isBroken: archive.isBroken,
    },
    problems: [
      ...archive.problems,
      ...ledger.problems,
      ...payments,
      ...standing,
      ...bulks,
      ...virtualAccounts,
      ...debits,
      ...audit.problems,
    ].map(printable),
  };
}

/** Applies missing migrations; prints their names. */
export async function migrateOnly(config: Config): Promise<number> {
  return withDatabase(config, async (adminUrl) => {
    const time = wallTime();
    const applied = await migrateServer({ adminUrl }, time);
    // Where `pulih up` never ran there is no key yet, and no core that could read what it seals.
    if (existsSync(coreSecretFile(config.folder, 'partner-seal')))
      await sealPartners({ config, server: { adminUrl }, time });
    process.stdout.write(
      applied.length > 0 ? `Applied ${applied.join(', ')}\n` : 'Nothing to apply\n',
    );
    return 0;
  });
}

/** Gives the address of the database: the bank's own, the running embedded one, or the embedded one started for as long as `work` takes. */
export async function withDatabase(
  config: Config,
  work: (adminUrl: string) => Promise<number>,
): Promise<number> {
  if (config.databaseUrl) return work(config.databaseUrl);
  const running = readRunning(config.folder);
  const folder = postgresFolder(config);
  if (running)
    return work(
      embeddedUrl({ folder, port: portMap(running.port).of('postgres'), database: 'pulih' }),
    );
  if (!existsSync(folder))
    throw new Error(
      `There is no data in ${config.folder} yet; choose another folder with --state, or set DATABASE_URL`,
    );
  const ports = portMap(config.port);
  if (!(await isFree(ports.of('postgres'))))
    throw new Error(`Port ${ports.of('postgres')} is taken; choose another base with --port`);
  const unlock = await lockStarts(config.folder);
  try {
    const server = await startServer({ config, ports, time: wallTime(), say: () => {} });
    try {
      return await work(server.adminUrl);
    } finally {
      await server.embedded?.stop();
    }
  } finally {
    await unlock();
  }
}

function printable(problem: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(problem).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? value.toString() : value,
    ]),
  );
}

function say(result: {
  readonly balanced: boolean;
  readonly transfers: number;
  readonly accounts: number;
  readonly audit: { readonly ok: boolean; readonly root: string; readonly size: number };
  readonly archive: {
    readonly ok: boolean;
    readonly months: number;
    readonly unread: readonly string[];
    readonly isBroken: boolean;
  };
  readonly problems: readonly object[];
}): void {
  if (result.archive.isBroken) {
    process.stdout.write(
      'NOT CHECKED: a file of the archive cannot be read, and what follows it cannot be without it\n',
    );
    for (const problem of result.problems) process.stdout.write(`  ${JSON.stringify(problem)}\n`);
    return;
  }
  process.stdout.write(
    `Ledger: ${result.balanced ? 'balanced' : 'NOT BALANCED'}, ${result.transfers} transfers over ${result.accounts} accounts\n`,
  );
  process.stdout.write(
    `Audit:  ${result.audit.ok ? 'intact' : 'BROKEN'}, ${result.audit.size} events, root ${result.audit.root}\n`,
  );
  const { unread } = result.archive;
  if (unread.length > 0)
    process.stdout.write(
      `Archive: NOT READ, ${unread.length} months from ${unread[0]} to ${unread.at(-1)}; balances begin with the sums recorded for them\n`,
    );
  else if (result.archive.months > 0)
    process.stdout.write(
      `Archive: ${result.archive.ok ? 'intact' : 'BROKEN OR NOT WHOLE'}, ${result.archive.months} months in files\n`,
    );
  for (const problem of result.problems) process.stdout.write(`  ${JSON.stringify(problem)}\n`);
}
