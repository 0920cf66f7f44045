/** A machine of the bank itself on a real deployment: its notes are on disk, as they are in a real one over a loss of power, and it says
 * once what people put in at the beginning. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/kernel/wire.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import { worthOfAll, type Cassette } from './cassette.ts';
import type { LinkHost } from './link-host.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const LOOK_MS = 2_000;

/** Opens it. Without notes on its disk it is filled with `full` as soon as the bank has taken that. */
export function openOwnMachine(input: {
  readonly id: string;
  readonly host: LinkHost;
  readonly full: readonly Cassette[];
  readonly random: Random;
  readonly time: Time;
  readonly stopping: AbortSignal;
  readonly folder?: string;
}): Terminal {
  const { id, host, full, random, time, stopping, folder } = input;
  const path = folder === undefined ? undefined : join(folder, `notes-${id}.json`);
  const known = path && existsSync(path) ? readNotes(readFileSync(path, 'utf8')) : undefined;
  const terminal = openTerminal({
    id,
    host,
    cassettes: known ?? [],
    random,
    retryCount: 1,
    onNotes: (cassettes) => {
      if (path === undefined) return;
      writeFileSync(
        `${path}.new`,
        JSON.stringify(cassettes.map(({ noteSen, count }) => [String(noteSen), count])),
        { mode: 0o600 },
      );
      renameSync(`${path}.new`, path);
    },
  });
  const fill = async (): Promise<void> => {
    while (!stopping.aborted) {
      const cashSen = worthOfAll(full);
      const load = {
        terminal: id,
        what: 'load',
        cashSen,
        dispensedSen: 0n,
        depositedSen: 0n,
      } as const;
      if (host.isSignedOn() && (await host.report(load))) return terminal.takeIn(full);
      await time.sleep(LOOK_MS, stopping);
    }
  };
  if (!known) void fill();
  return terminal;
}

function readNotes(text: string): readonly Cassette[] | undefined {
  const value = parseJson(text);
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((one: unknown) =>
    Array.isArray(one) && /^\d{1,12}$/.test(String(one[0])) && Number.isSafeInteger(one[1])
      ? [{ noteSen: BigInt(String(one[0])), count: Number(one[1]) }]
      : [],
  );
}
