/** `pulih report`: the reports that open incidents owe, each with its clock and a first notice that is ready to send. Reads
 * only; nothing is sent to a regulator by itself. */
import { openDb, type Queryable } from '../db/pool.ts';
import { firstNotices, type FirstNotice } from '../incident/draft.ts';
import type { Deadline } from '../incident/deadline.ts';
import type { IncidentFacts } from '../incident/record.ts';
import { selectOpenIncidents } from '../incident/store.ts';
import { wallTime, wibIso } from '../kernel/time.ts';
import { DEMO_BANK, DEMO_CONTACT } from './bank-profile.ts';
import type { Config } from './config.ts';
import { runningDatabaseUrl } from './run-file.ts';

/** What one incident owes. */
export interface IncidentReport {
  readonly incidentId: string;
  readonly connectors: readonly string[];
  readonly deadlines: readonly Deadline[];
  readonly notices: readonly FirstNotice[];
}

/** The open incidents, or the one named, oldest first. */
export async function readReports(
  db: Queryable,
  incidentId: string | undefined,
): Promise<readonly IncidentReport[]> {
  const rows = await selectOpenIncidents(db);
  return rows
    .filter(({ id }) => incidentId === undefined || id === incidentId)
    .map((row) => {
      const facts = JSON.parse(row.facts) as IncidentFacts;
      return {
        incidentId: row.id,
        connectors: facts.connectors,
        deadlines: facts.deadlines,
        notices: firstNotices({ id: row.id, facts, bank: DEMO_BANK, contact: DEMO_CONTACT }),
      };
    });
}

/** Prints them; exit 1 when the incident that was named is not open. */
export async function report(input: {
  readonly config: Config;
  readonly incidentId: string | undefined;
  readonly asJson: boolean;
}): Promise<number> {
  const time = wallTime();
  const url = runningDatabaseUrl(input.config);
  const db = openDb({ url, size: 1, time, name: 'report' });
  try {
    const reports = await readReports(db, input.incidentId);
    if (input.incidentId !== undefined && reports.length === 0) {
      process.stderr.write(`There is no open incident ${input.incidentId}\n`);
      return 1;
    }
    const text = input.asJson ? JSON.stringify(reports) : reportText(reports, time.now());
    process.stdout.write(`${text}\n`);
    return 0;
  } finally {
    await db.close();
  }
}

/** The reports for people to read and to copy from. */
export function reportText(reports: readonly IncidentReport[], nowMs: number): string {
  if (reports.length === 0) return 'No open incident';
  return reports
    .flatMap(({ incidentId, connectors, deadlines, notices }) => [
      `${incidentId}  connectors: ${connectors.join(', ') || 'none named'}`,
      ...deadlines.map(
        ({ profile, step, regulator, dueMs }) =>
          `  ${wibIso(dueMs)}  ${leftText(dueMs - nowMs).padEnd(16)} ${profile} ${step}, to ${regulator}`,
      ),
      ...notices.map(({ text }) => `\n${text}`),
      '',
    ])
    .join('\n')
    .trimEnd();
}

function leftText(leftMs: number): string {
  const minutes = Math.floor(Math.abs(leftMs) / 60_000);
  const span = minutes >= 120 ? `${Math.floor(minutes / 60)} h` : `${minutes} min`;
  return leftMs >= 0 ? `${span} left` : `${span} past due`;
}
