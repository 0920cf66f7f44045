/** `pulih bench guard`: how long an inline decision takes with all rules and a thousand restrictions, beside the same rules through npm
 * `json-rules-engine`, how many stored rows a second go through the detectors, and how soon a set that grew by one is held by four processes over real sockets and disks. */
import { fork, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeRows, measureBacktest } from '../../bench/backtest.ts';
import { median, quantile, round } from '../../bench/figure.ts';
import {
  compileInline,
  decideInline,
  makeCases,
  makeRestrictions,
  type InlineCase,
} from '../../bench/inline.ts';
import { openJsonRules } from '../../bench/json-rules.ts';
import type { Restriction } from '../../gate/restriction.ts';
import { signSet } from '../../gate/set.ts';
import { makePusher, type Pusher } from '../../guard/push.ts';
import { assert } from '../../kernel/assert.ts';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom, systemRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { connectTls, type TlsIdentity } from '../../kernel/wire-tls.ts';
import type { HoldTarget } from './hold.ts';
import { openScreen, type Screen } from './screen.ts';
import type { BenchOptions } from '../bench.ts';
import { makeAuthority, makeLeaf } from '../certificate.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const RESTRICTION_COUNT = 1_000;
const CASE_COUNT = 20_000;
const TURNS = 7;
/** Cases that both engines decide, so that the ratio compares the same work. */
const CASES_CHECKED = 10;
const BACKTEST_PAYMENTS = 50_000;
const BACKTEST_TURNS = 3;
const HOLDER_COUNT = 4;
/** The slowest of four in each of so many pushes: one in a hundred is looked at. */
const PUSH_COUNT = 200;
const PUSHES_OF_WARM_UP = 5;

interface Inline {
  readonly microseconds: number;
  readonly slowestMicroseconds: number;
  readonly referenceMicroseconds: number | undefined;
}

/** Runs it; 0 when all was measured. */
export async function benchGuard(options: BenchOptions): Promise<number> {
  const screen = openScreen();
  const loadBefore = loadavg()[0]!;
  const random = seededRandom('bench guard');
  const restrictions = makeRestrictions(RESTRICTION_COUNT, random);
  const inline = await measureInline(screen, restrictions, makeCases(CASE_COUNT, random));
  const backtest = await measureFolds(screen);
  const pushMs = await measurePush(screen, restrictions);
  const { referenceMicroseconds } = inline;
  const result = {
    bench: 'guard',
    figures: {
      inlineUs: round(inline.microseconds, 2),
      inlineP99Us: round(inline.slowestMicroseconds, 2),
      backtestPerSecond: round(backtest),
      propagateP99Ms: round(quantile(pushMs, 0.99), 1),
      propagateP50Ms: round(median(pushMs), 1),
    },
    references: {
      ...(referenceMicroseconds !== undefined && {
        jsonRulesEngineUs: round(referenceMicroseconds, 1),
      }),
    },
    ratios: {
      ...(referenceMicroseconds !== undefined && {
        inlineToJsonRulesEngine: round(referenceMicroseconds / inline.microseconds, 1),
      }),
    },
    machine: {
      cpus: availableParallelism(),
      loadBefore: round(loadBefore, 2),
      restrictions: RESTRICTION_COUNT,
      processes: HOLDER_COUNT,
      pushes: pushMs.length,
    },
  };
  print(result, options.asJson);
  return referenceMicroseconds === undefined ? 1 : 0;
}

/** Stored rows a second of processor time through all detectors: the median of some turns, the first of which compiles. */
async function measureFolds(screen: Screen): Promise<number> {
  const rows = makeRows(BACKTEST_PAYMENTS, seededRandom('bench backtest'));
  const turns: number[] = [];
  for (let turn = 0; turn <= BACKTEST_TURNS; turn++) {
    const { perSecond } = await screen.step(
      `backtest ${turn}/${BACKTEST_TURNS}`,
      async () => measureBacktest(rows),
      { tell: (done) => `${done.perSecond.toFixed(0)} rows per second of a core` },
    );
    if (turn > 0) turns.push(perSecond);
  }
  return median(turns);
}

/** Ours and theirs in turns, so that neither gets the better part of a machine whose speed moves; the median turn counts. */
async function measureInline(
  screen: Screen,
  restrictions: readonly Restriction[],
  cases: readonly InlineCase[],
): Promise<Inline> {
  const compiled = compileInline(restrictions);
  const reference = openJsonRules(restrictions);
  const turns: { ours: number; p99: number; theirs: number | undefined }[] = [];
  for (let turn = 0; turn <= TURNS; turn++) {
    const done = await screen.step(
      `inline ${turn}/${TURNS}`,
      async () => {
        const ours = timeOurs(() => {
          for (const one of cases) decideInline(compiled, one);
        }, cases.length);
        const some = cases.slice(turn * CASES_CHECKED, (turn + 1) * CASES_CHECKED);
        return { ours, p99: slowest(compiled, cases), theirs: await timeTheirs(reference, some) };
      },
      {
        tell: ({ ours, theirs }) => `${ours.toFixed(2)} µs, theirs ${theirs?.toFixed(0) ?? '-'} µs`,
      },
    );
    // The first turn compiles.
    if (turn > 0) turns.push(done);
    for (const one of cases.slice(turn * CASES_CHECKED, (turn + 1) * CASES_CHECKED))
      assert(
        !reference || (await reference(one)) === decideInline(compiled, one),
        'both engines decide alike',
      );
  }
  const theirs = turns.flatMap((turn) => turn.theirs ?? []);
  return {
    microseconds: median(turns.map(({ ours }) => ours)),
    slowestMicroseconds: median(turns.map(({ p99 }) => p99)),
    referenceMicroseconds: theirs.length === 0 ? undefined : median(theirs),
  };
}

/** Microseconds of processor time each, all threads of this process: what else the machine does, does not count. */
function timeOurs(work: () => void, count: number): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function slowest(
  compiled: Parameters<typeof decideInline>[0],
  cases: readonly InlineCase[],
): number {
  const each = cases.map((one) => {
    const beganMs = performance.now();
    decideInline(compiled, one);
    return (performance.now() - beganMs) * 1_000;
  });
  return quantile(each, 0.99);
}

async function timeTheirs(
  reference: ReturnType<typeof openJsonRules>,
  cases: readonly InlineCase[],
): Promise<number | undefined> {
  if (!reference) return undefined;
  const before = process.cpuUsage();
  for (const one of cases) await reference(one);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / cases.length;
}

/** From the decision to restrict to the acknowledgement of the slowest of four processes: signing, mutual TLS, checking, and the set on
 * each one's disk. */
async function measurePush(
  screen: Screen,
  restrictions: readonly Restriction[],
): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-bench-'));
  const keys = generateKeyPairSync('ed25519');
  const holders = await openHolders(folder, keys.publicKey);
  try {
    return await screen.step(
      `push to ${HOLDER_COUNT} processes`,
      async () => push({ pusher: holders.pusher, key: keys.privateKey, restrictions }),
      { tell: (all) => `p99 ${quantile(all, 0.99).toFixed(1)} ms of ${all.length}` },
    );
  } finally {
    await holders.pusher.close();
    for (const child of holders.children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function push(of: {
  readonly pusher: Pusher;
  readonly key: KeyObject;
  readonly restrictions: readonly Restriction[];
}): Promise<readonly number[]> {
  const { pusher, key } = of;
  const took: number[] = [];
  const more: Restriction[] = [];
  for (let version = 1; version <= PUSH_COUNT + PUSHES_OF_WARM_UP; version++) {
    more.push({ ...of.restrictions[0]!, id: `rst_more_${version}` });
    const beganMs = performance.now();
    const restrictions = [...of.restrictions, ...more];
    const set = { version, epoch: 1, madeAtMs: 0, restrictions, releases: [] };
    const signed = signSet(key, set);
    await pusher.publish({ version, signed });
    took.push(performance.now() - beganMs);
    assert(pusher.isHeldByGateways(version), 'every process took the set');
  }
  return took.slice(PUSHES_OF_WARM_UP);
}

async function openHolders(
  folder: string,
  publicKey: KeyObject,
): Promise<{ readonly pusher: Pusher; readonly children: readonly ChildProcess[] }> {
  const time = wallTime();
  const random = systemRandom();
  const authority = makeAuthority({ name: 'bench', nowMs: time.now(), random });
  const identityOf = (name: string): TlsIdentity => ({
    ...makeLeaf({ authority, commonName: name, serverNames: [name], nowMs: time.now(), random }),
    ca: authority.cert,
  });
  const names = Array.from({ length: HOLDER_COUNT }, (_, index) => `holder-${index + 1}`);
  const children: ChildProcess[] = [];
  const ports = new Map<string, number>();
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const name of names) {
    const child = fork(join(ROOT, 'src/main.ts'), ['bench', 'hold']);
    children.push(child);
    const target: HoldTarget = {
      folder: join(folder, name),
      publicKeyPem,
      identity: identityOf(name),
    };
    ports.set(name, await portOf(child, target));
  }
  const guard = identityOf('guard');
  const pusher = makePusher({
    net: {
      listen: () => Promise.reject(new Error('The bench listens to nobody')),
      connect: (name) =>
        connectTls({
          identity: guard,
          host: '127.0.0.1',
          port: ports.get(name)!,
          serverName: name,
        }),
    },
    time,
    log: silentLog,
    repeatMs: 60_000,
    onRefused: ({ reason }) => assert(false, `a process refused the set: ${reason}`),
  });
  pusher.setTargets(names.map((name) => ({ id: name, kind: 'gateway', target: name })));
  return { pusher, children };
}

function portOf(child: ChildProcess, target: HoldTarget): Promise<number> {
  return new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`A holder ended with ${code}`)));
    child.once('message', (message) => done((message as { port: number }).port));
    child.send(target);
  });
}

function print(
  result: {
    readonly figures: Readonly<Record<string, number>>;
    readonly references: Readonly<Record<string, number>>;
    readonly ratios: Readonly<Record<string, number>>;
  },
  asJson: boolean,
): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  for (const part of [result.figures, result.references, result.ratios])
    for (const [key, value] of Object.entries(part))
      process.stdout.write(`${key.padEnd(26)} ${value}\n`);
}
