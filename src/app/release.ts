/** `pulih release`: a staged return asked for and approved at a command line, by two people with their own passwords. The console
 * does the same; this works where no browser does. */
import { openDb, type Db } from '../db/pool.ts';
import type { ReleasePlan } from '../gate/restriction.ts';
import { signRelease } from '../gate/set.ts';
import { newId } from '../kernel/ids.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime, type Time } from '../kernel/time.ts';
import {
  approveRelease,
  proposeRelease,
  withdrawRelease,
  type AskResult,
} from '../recovery/ask.ts';
import { makePlan } from '../recovery/plan.ts';
import { recoveryNumbers } from '../recovery/run.ts';
import { findRelease, listRequestsSince } from '../recovery/store.ts';
import type { Config } from './config.ts';
import { readRoster } from './key-file.ts';
import { runningDatabaseUrl } from './run-file.ts';
import { openStaffKey } from './staff-key.ts';

const LIST_MS = 30 * 86_400_000;

interface Asked {
  readonly config: Config;
  readonly words: readonly string[];
  readonly person: string | undefined;
  readonly reason: string | undefined;
  readonly asJson: boolean;
}

/** The exit code: 0 done, 1 refused, 2 wrong usage. */
export async function release(asked: Asked): Promise<number> {
  const [verb = 'list', id] = asked.words;
  const time = wallTime();
  const db = openDb({
    url: runningDatabaseUrl(asked.config),
    size: 1,
    time,
    name: 'release',
  });
  try {
    if (verb === 'list') return await list(asked, db, time);
    if (!id || !asked.person || !['propose', 'approve', 'withdraw'].includes(verb)) return usage();
    if (verb === 'propose' && !asked.reason?.trim()) return usage();
    const result = await act({ asked, db, time, verb, id, person: asked.person });
    if (asked.asJson) process.stdout.write(`${JSON.stringify(result)}\n`);
    else
      process.stdout.write(
        result.ok ? `${verb}: done (${result.id})\n` : `${verb}: refused, ${result.reason}\n`,
      );
    return result.ok ? 0 : 1;
  } finally {
    await db.close();
  }
}

function usage(): number {
  process.stderr.write(
    'Usage: pulih release list | propose <restriction or latch> --as <username> --reason "..." | approve <release> --as <username> | withdraw <release> --as <username>\n',
  );
  return 2;
}

async function list(asked: Asked, db: Db, time: Time): Promise<number> {
  const rows = await listRequestsSince(db, time.now() - LIST_MS);
  const shown = rows.map((row) => {
    const plan = JSON.parse(row.plan) as ReleasePlan;
    return {
      id: plan.releaseId,
      target: plan.restrictionId ?? plan.latchId,
      state: row.state,
      proposedBy: row.proposed_by,
    };
  });
  if (asked.asJson) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else if (shown.length === 0)
    process.stdout.write('No release was asked for in the last 30 days\n');
  else
    for (const one of shown)
      process.stdout.write(
        `${one.id}  ${one.state.padEnd(12)} of ${one.target}, proposed by ${one.proposedBy}\n`,
      );
  return 0;
}

async function act(input: {
  readonly asked: Asked;
  readonly db: Db;
  readonly time: Time;
  readonly verb: string;
  readonly id: string;
  readonly person: string;
}): Promise<AskResult & { readonly id: string }> {
  const { asked, db, time, verb, id } = input;
  const nowMs = time.now();
  const { person } = input;
  const { staffId, key } = await openStaffKey({ state: asked.config.folder, person, time });
  const sign = (plan: ReleasePlan): string => signRelease(key, plan);
  const common = { db, roster: readRoster(asked.config.folder, 'release'), nowMs, staffId };
  if (verb === 'withdraw') return { ...(await withdrawRelease({ ...common, releaseId: id })), id };
  if (verb === 'approve') {
    const row = await findRelease(db, id);
    if (!row) return { ok: false, reason: 'not_found', id };
    return {
      ...(await approveRelease({
        ...common,
        releaseId: id,
        signature: sign(JSON.parse(row.plan) as ReleasePlan),
      })),
      id,
    };
  }
  const plan = makePlan({
    releaseId: newId('rel', nowMs, systemRandom()),
    target: /^(latch|qua)_/.test(id) ? { latchId: id } : { restrictionId: id },
    numbers: await db.tx((tx) => recoveryNumbers(tx, nowMs)),
    nowMs,
  });
  return {
    ...(await proposeRelease({
      ...common,
      plan,
      signature: sign(plan),
      note: asked.reason!.trim(),
    })),
    id: plan.releaseId,
  };
}
