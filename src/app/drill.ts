/** `pulih drill <name|file.json>`: plays a bad day and prints the scorecard. Virtual time on a throw-away database by default; `--live`
 * with separate processes over real sockets. A running Pulih gets the result for its console. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import type { Scale, Scenario } from '../../sim/drills/scenario.ts';
import { STREAM_HEADER, streamLine, streamRows } from '../../sim/drills/stream.ts';
import { readScenario, SCENARIO_BYTES_MAX } from '../../sim/drills/scenario-file.ts';
import { openDb } from '../db/pool.ts';
import { newId } from '../kernel/ids.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime, wibClock } from '../kernel/time.ts';
import { readConfig } from './config.ts';
import { migrateServer, postgresFolder } from './database.ts';
import { missedGoals } from './drill/goal.ts';
import { playLive } from './drill/live.ts';
import { playVirtual } from './drill/play.ts';
import { renderPage } from './drill/page.ts';
import type { Scorecard } from './drill/scorecard.ts';
import { insertResult } from './drill/store.ts';
import { makeFolder, temporaryParent } from './place.ts';
import { readTokens } from './page-style.ts';
import { freePort, portMap } from './port-map.ts';
import { embeddedUrl, ensureDatabase, startPostgres } from './postgres.ts';
import { readRunning } from './run-file.ts';
import { text, UsageError, type Typed } from './verb.ts';

const BAR_WIDTH = 30;
/** Restrictions that are listed; the JSON has all. */
const SHOWN_MAX = 40;

/** Runs the verb; exit 1 when the drill missed a goal, 2 for a name or file that is no scenario. */
export async function run(typed: Typed): Promise<number> {
  if (typed.flags['stream'] === true) return writeStream(typed);
  const scenario = chosen(typed.words[0] ?? '');
  if (typeof scenario === 'string') {
    process.stderr.write(`${scenario}\n`);
    return 2;
  }
  const seed = String(typed.flags['seed'] ?? 1);
  if (!['full', undefined].includes(text(typed, 'scale')))
    throw new UsageError('--scale is full, or left out');
  const scale: Scale = typed.flags['scale'] === 'full' ? 'full' : 'default';
  const asJson = typed.flags['json'] === true;
  const say = (line: string): void =>
    void (asJson ? process.stderr : process.stdout).write(`${line}\n`);
  say(
    `${scenario.title} · seed ${seed} · ${typed.flags['live'] === true ? 'live' : `virtual time, ${scale} volume`}`,
  );
  const card =
    typed.flags['live'] === true
      ? await playLive({ scenario, seed, say })
      : await playOnOwnServer({ scenario, seed, scale });
  await keepResult(card);
  explain(card, say);
  const page = typed.flags['html'];
  if (typeof page === 'string') {
    writeFileSync(page, renderPage({ card, scenario, css: readTokens() }));
    say(`  page ${page}`);
  }
  if (asJson) process.stdout.write(`${JSON.stringify(card)}\n`);
  const missed = missedGoals(card, scenario.goal);
  for (const one of missed) say(`  MISSED: ${one}`);
  return missed.length === 0 ? 0 : 1;
}

/** Writes the labelled stream, a line per row. */
function writeStream({ flags, words }: Typed): number {
  const out = flags['out'];
  if (typeof out !== 'string' || words.length > 0) {
    process.stderr.write('Usage: pulih drill --stream --seed N --out file.csv\n');
    return 2;
  }
  const rows = streamRows(String(flags['seed'] ?? 1));
  const lines = rows.map((row, at) => streamLine(row, at + 1));
  writeFileSync(out, `${[STREAM_HEADER, ...lines].join('\n')}\n`);
  process.stdout.write(`${rows.length} rows in ${out}\n`);
  return 0;
}

/** A scenario by its name or from a file; else what to tell. */
function chosen(word: string): Scenario | string {
  if (Object.hasOwn(SCENARIOS, word)) return SCENARIOS[word]!;
  if (!word.endsWith('.json'))
    return `${word === '' ? 'Which drill?' : `There is no drill ${word}.`} Or a file.json of your own (docs/drills.md)${Object.values(
      SCENARIOS,
    )
      .map(({ name, title }) => `\n  ${name.padEnd(18)} ${title}`)
      .join('')}`;
  if (!existsSync(word)) return `There is no file ${word}`;
  if (statSync(word).size > SCENARIO_BYTES_MAX)
    return `${word}: longer than ${SCENARIO_BYTES_MAX} bytes`;
  const read = readScenario(readFileSync(word, 'utf8'));
  return read.ok ? read.scenario : `${word}: ${read.fault}`;
}

async function playOnOwnServer(
  input: Pick<Parameters<typeof playVirtual>[0], 'scenario' | 'seed' | 'scale'>,
): Promise<Scorecard> {
  const time = wallTime();
  const folder = makeFolder(mkdtempSync(join(temporaryParent(), 'pulih-drill-')), undefined, 0o755);
  const server = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    time,
    durability: 'none',
    say: () => {},
  });
  try {
    await ensureDatabase(server, 'drill', time);
    const dbUrl = server.superuserUrl('drill');
    await migrateServer({ adminUrl: dbUrl }, time);
    return await playVirtual({ ...input, dbUrl, onProgress: showProgress });
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

function showProgress(share: number, atMs: number): void {
  if (!process.stderr.isTTY) return;
  const done = Math.round(Math.min(1, share) * BAR_WIDTH);
  process.stderr.write(`\r${'█'.repeat(done)}${'░'.repeat(BAR_WIDTH - done)} ${wibClock(atMs)}`);
}

/** Puts the card where the console of a running Pulih shows it. */
async function keepResult(card: Scorecard): Promise<void> {
  const config = readConfig(process.env);
  const running = readRunning(config.folder);
  const url =
    config.databaseUrl ??
    (running &&
      embeddedUrl({
        folder: postgresFolder(config),
        port: portMap(running.port).of('postgres'),
        database: 'pulih',
      }));
  if (!url) return;
  const time = wallTime();
  const db = openDb({ url, size: 1, time, name: 'drill' });
  try {
    const id = newId('drl', time.now(), systemRandom());
    await insertResult(db, {
      id,
      name: card.drill,
      seed: card.seed,
      scorecard: JSON.stringify(card),
      ranAtMs: time.now(),
    });
  } finally {
    await db.close();
  }
}

function explain(card: Scorecard, say: (line: string) => void): void {
  const money = (text: string): string => `Rp${text.replace(/\B(?=(\d{3})+(?!\d))/g, '.')}`;
  const span = (ms: number | null): string =>
    ms === null ? 'none' : `after ${(ms / 1000).toFixed(ms < 10_000 ? 3 : 1)} s`;
  say('');
  say(
    `  at risk ${money(card.lostAtRisk)}   lost ${money(card.lost)}   attack bytes at the hub's socket ${card.attackBytesAtHub}`,
  );
  say(`  injected ${card.injected.count}   refused ${card.refused.count}`);
  if (card.stolen.count > 0)
    say(
      `  paid out for the attacker ${card.stolen.count} worth ${money(card.stolen.value)}   tries before containment ${card.triesBeforeContain}`,
    );
  say(
    `  detected ${span(card.detectMs)}   contained ${span(card.containMs)}   first notice ${span(card.firstNoticeMs)}`,
  );
  for (const { scope, level, action, atMs } of card.restrictions.slice(0, SHOWN_MAX))
    say(`  restricted L${level} ${action} ${scope} ${span(atMs)}`);
  for (const { stage, atMs, verdict } of card.recovery)
    say(`  stage ${stage.padEnd(6)} ${verdict ?? 'running'} ${span(atMs)}`);
  say(
    `  healthy payments ${card.healthyAccepted} of ${card.healthyOffered}   past deadline ${card.pastDeadline}   double effects ${card.doubleEffects}`,
  );
  say(
    `  ledger ${card.ledgerBalanced ? 'balanced' : 'NOT BALANCED'}   recovered ${span(card.recoveredMs)}`,
  );
  for (const [kind, { tried, taken, reasons }] of Object.entries(card.byKind))
    say(
      `    ${kind.padEnd(22)} ${tried} tried, ${taken} taken  ${Object.keys(reasons).join(', ')}`,
    );
  for (const { kind, isHostile, isRefused, atMs, seenMs, seenBy, stands } of card.acts)
    say(
      `    ${kind.padEnd(22)} ${isHostile ? (isRefused ? 'refused at once' : seenMs === null ? 'NOT SEEN' : `seen ${span(seenMs - atMs)} by ${seenBy}`) : isRefused ? 'REFUSED' : 'done'}${stands ? '   STANDS' : ''}`,
    );
  say('');
}
