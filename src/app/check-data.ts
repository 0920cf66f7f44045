/** `pulih verify` and `pulih migrate`: work on the database whether Pulih runs or not. */
import { verify as verifyBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { verifyAudit } from '../audit/verify.ts';
import { openDb } from '../db/pool.ts';
import { wallTime } from '../kernel/time.ts';
import { verifyLedger } from '../ledger/verify.ts';
import type { Config } from './config.ts';
import { migrateServer, postgresFolder, startServer } from './database.ts';
import { readPublicKey } from './key-file.ts';
import { portMap, isFree } from './port-map.ts';
import { embeddedUrl } from './postgres.ts';
import { readRunning } from './run-file.ts';

const SHOWN_MAX = 20;

/** Recomputes the ledger and the audit tree; prints what it found. Exit 0 when all is right, else 1. */
export async function verify(input: {
  readonly config: Config;
  readonly asJson: boolean;
}): Promise<number> {
  return withDatabase(input.config, async (url) => {
    const db = openDb({ url, size: 2, time: wallTime(), name: 'verify' });
    try {
      const ledger = await verifyLedger(db);
      const key = readPublicKey(input.config.folder, 'audit');
      const audit = await verifyAudit(db, {
        verifySignature: (bytes, signature) => verifyBytes(null, bytes, key, signature),
      });
      const isRight = ledger.balanced && audit.ok;
      const result = {
        balanced: ledger.balanced,
        transfers: Number(ledger.transfers),
        accounts: Number(ledger.accounts),
        audit: {
          ok: audit.ok,
          root: audit.root,
          size: Number(audit.size),
          checkpoints: audit.checkpoints,
        },
        problems: [...ledger.problems, ...audit.problems].slice(0, SHOWN_MAX).map(printable),
      };
      if (input.asJson) process.stdout.write(`${JSON.stringify(result)}\n`);
      else say(result);
      return isRight ? 0 : 1;
    } finally {
      await db.close();
    }
  });
}

/** Applies missing migrations; prints their names. */
export async function migrateOnly(config: Config): Promise<number> {
  return withDatabase(config, async (adminUrl) => {
    const applied = await migrateServer({ adminUrl }, wallTime());
    process.stdout.write(
      applied.length > 0 ? `Applied ${applied.join(', ')}\n` : 'Nothing to apply\n',
    );
    return 0;
  });
}

/** Gives the address of the database: the bank's own, the running embedded one, or the embedded one started for as long as `work` takes. */
async function withDatabase(
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
  const server = await startServer({ config, ports, time: wallTime(), say: () => {} });
  try {
    return await work(server.adminUrl);
  } finally {
    await server.embedded?.stop();
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
  readonly problems: readonly object[];
}): void {
  process.stdout.write(
    `Ledger: ${result.balanced ? 'balanced' : 'NOT BALANCED'}, ${result.transfers} transfers over ${result.accounts} accounts\n`,
  );
  process.stdout.write(
    `Audit:  ${result.audit.ok ? 'intact' : 'BROKEN'}, ${result.audit.size} events, root ${result.audit.root}\n`,
  );
  for (const problem of result.problems) process.stdout.write(`  ${JSON.stringify(problem)}\n`);
}
