/** The figure of pgbench itself, where it is installed: tells whether our own TPC-B is a fair reference. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Db } from '../../db/pool.ts';

/** A filled pgbench database. */
export interface Pgbench {
  /** Transactions per second over `seconds`, eight clients, prepared statements. */
  run(seconds: number): Promise<number>;
}

const DATABASE = 'pgbench';

/** Fills a database of its own on the server of `url`; undefined when there is no pgbench on this machine. */
export async function openPgbench(input: {
  readonly db: Db;
  readonly url: string;
  readonly scale: number;
  readonly clients: number;
}): Promise<Pgbench | undefined> {
  const program = findPgbench();
  if (!program) return undefined;
  await input.db.script(`create database ${DATABASE}`);
  const address = new URL(input.url);
  address.pathname = `/${DATABASE}`;
  const url = address.href;
  await execute(program, ['-i', '-q', '-s', String(input.scale), url]);
  return {
    async run(seconds) {
      const said = await execute(program, [
        '-n',
        '-M',
        'prepared',
        '-c',
        String(input.clients),
        '-j',
        '2',
        '-T',
        String(Math.max(1, Math.round(seconds))),
        url,
      ]);
      const tps = /^tps = ([\d.]+)/m.exec(said)?.[1];
      if (tps === undefined) throw new Error(`Cannot read what pgbench said:\n${said}`);
      return Number(tps);
    },
  };
}

function findPgbench(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/bin'];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, 'pgbench'))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function execute(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`pgbench ended with ${code}:\n${said}`)),
    );
  });
}
