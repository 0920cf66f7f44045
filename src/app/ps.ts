/** `pulih ps`: what runs, and how much memory it takes. */
import type { Config } from './config.ts';
import { pssKb, readRunning } from './run-file.ts';

/** Prints one line per process and the sum; exit 1 when nothing runs. */
export async function listProcesses(input: {
  readonly config: Config;
  readonly asJson: boolean;
}): Promise<number> {
  const running = readRunning(input.config.folder);
  if (!running) {
    process.stderr.write(`Nothing runs in ${input.config.folder}\n`);
    return 1;
  }
  const rows = running.processes.map((entry) => ({
    ...entry,
    pssMb: Math.round((pssKb(entry.pid) ?? 0) / 102.4) / 10,
  }));
  const sumMb = Math.round(rows.reduce((all, row) => all + row.pssMb, 0) * 10) / 10;
  if (input.asJson) {
    process.stdout.write(
      `${JSON.stringify({ port: running.port, processes: rows, pssMb: sumMb })}\n`,
    );
    return 0;
  }
  for (const row of rows)
    process.stdout.write(
      `${row.name.padEnd(12)} pid ${String(row.pid).padEnd(8)} restarts ${String(row.restarts).padEnd(4)} ${row.pssMb.toFixed(1).padStart(7)} MB\n`,
    );
  process.stdout.write(
    `${'sum (PSS)'.padEnd(12)} ${' '.repeat(27)} ${sumMb.toFixed(1).padStart(7)} MB, PostgreSQL aside\n`,
  );
  return 0;
}
