/** A guard with its surroundings for database tests: a real database under the guard's own role, a memory network in virtual
 * time, a gateway with a scripted journal, and processes that hold sets with the real holder. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDb, type Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { makeTestDb } from '../db/test-database.ts';
import { openHolder } from '../gate/holder.ts';
import type { RestrictionHolder } from '../gate/port.ts';
import type { Restriction, SignedSet } from '../gate/restriction.ts';
import { silentLog } from '../kernel/log.ts';
import { seededRandom } from '../kernel/random.ts';
import { virtualTime, type VirtualTime } from '../kernel/virtual-time.ts';
import { memoryNetwork, type MemoryNetwork } from '../kernel/wire-memory.ts';
import { jsonResponse, parseJson, type Net, type WireResponse } from '../kernel/wire.ts';
import type { HubControl, JournalBody, JournalEntry } from '../rail/journal-entry.ts';
import type { SettlementLine } from '../rail/notice.ts';
import type { GuardInput } from './context.ts';
import { startGuard, type Guard } from './start.ts';

export const START = Date.parse('2025-03-29T11:20:00+07:00');
export const OWN = 'own-connector';
/** The fingerprint of a connector that imitates ours. */
export const BAD = 'f'.repeat(64);
/** Loops for tests that let hours pass: rare enough to be quick, often enough to be a guard. */
export const SLOW_LOOP = {
  stepMs: 5_000,
  copyMs: 5_000,
  pushMs: 5_000,
  statusMs: 60_000,
  tidyMs: 60_000,
  heartbeatMs: 20_000,
  leaseMs: 100_000,
  balanceMs: 3_600_000,
  databaseMs: 3_600_000,
} as const;
/** An ordinary outgoing BI-FAST payment. */
export const OUT = {
  rail: 'bifast',
  direction: 'out',
  channel: 'mobile',
  account: '1',
  amountSen: 1n,
  cohortBucket: 1,
  isStaff: false,
} as const;
const LATENCY_MS = 5;

/** Two people who may sign releases. */
export const PEOPLE = Object.fromEntries(
  ['stf_ani', 'stf_budi'].map((id) => [id, generateKeyPairSync('ed25519')]),
);
/** Their public keys, as every process has them on its disk. */
export const ROSTER = Object.fromEntries(
  Object.entries(PEOPLE).map(([id, { publicKey }]) => [
    id,
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]),
);

export interface World {
  readonly time: VirtualTime;
  readonly network: MemoryNetwork;
  readonly url: string;
  /** Superuser: what other slices would write. */
  readonly db: Db;
  readonly holders: Readonly<Record<string, RestrictionHolder>>;
  readonly hubCalls: HubControl[];
  readonly statusFolder: string;
  readonly pushes: { readonly to: string; readonly atMs: number; readonly version: number }[];
  /** What the hub answers to control requests. */
  hubSaysOk: boolean;
  /** False = the gateway does not answer. */
  isGatewayUp: boolean;
  /** False = the hub answers nothing. */
  isFeedAlive: boolean;
  /** True = the gateway shows a journal that is behind what the guard has seen. */
  isJournalOlder: boolean;
  /** Appends to the gateway's journal, by the gateway's clock; its position. */
  journal(body: JournalBody, atMs?: number): number;
  /** One settlement line in the feed. */
  feed(line: Partial<SettlementLine> & { readonly bizMsgIdr: string }): void;
  startGuard(change?: Partial<GuardInput>): Guard;
  /** Lets virtual time pass. */
  pass(ms: number): Promise<void>;
  inForce(): Promise<readonly Restriction[]>;
  events(kind: string): Promise<
    readonly {
      readonly subject: string;
      readonly at: Date;
      readonly data: Record<string, unknown>;
    }[]
  >;
}

/** Makes the world, runs `work` inside virtual time, and clears up. */
export async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  const made = await makeTestDb();
  const folder = mkdtempSync(join(tmpdir(), 'pulih-guard-'));
  const time = virtualTime(START);
  const db = openDb({ url: made.url, size: 4, time, name: 'test' });
  const guardDbs: Db[] = [];
  const guards: Guard[] = [];
  try {
    const keys = generateKeyPairSync('ed25519');
    const world = makeWorld({ time, db, folder, url: made.url, publicKey: keys.publicKey });
    const asGuard = `${made.url}?options=${encodeURIComponent('-c role=pulih_guard')}`;
    const full: World = Object.assign(world, {
      startGuard(change: Partial<GuardInput> = {}) {
        const guardDb = openDb({ url: asGuard, size: 4, time, name: 'guard' });
        guardDbs.push(guardDb);
        const guard = startGuard({
          db: guardDb,
          time,
          net: netOf(world.network, 'guard'),
          log: silentLog,
          random: seededRandom(`guard-${guards.length}`),
          bank: { name: 'Bank Pulih Daerah', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' },
          name: 'guard',
          setKey: keys.privateKey,
          auditKey: keys.privateKey,
          statusFolder: folder,
          gateways: ['gateway-1'],
          connectors: [OWN],
          roster: ROSTER,
          isBusinessDecline: (code) => code === 'U101',
          contact: '1500-000',
          explain: ({ restriction, language }) => ({
            word: `${language}:${restriction.reasonClass}`,
            title: restriction.id,
            reason: restriction.cause,
            alternative: '',
          }),
          ...change,
        });
        guards.push(guard);
        return guard;
      },
    });
    await time.run(
      (async () => {
        await seed(db);
        await work(full);
        for (const guard of guards) await guard.stop();
      })(),
      START + 400 * 86_400_000,
    );
  } finally {
    for (const one of guardDbs) await one.close();
    await db.close();
    await made.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function seed(db: Db): Promise<void> {
  for (const id of ['core-1', 'core-2']) {
    await db.query(
      sql`insert into process (id, kind, target, heartbeat_at) values (${id}, 'core', ${id}, ${new Date(START + 300 * 86_400_000)})`,
    );
  }
  for (const id of Object.keys(PEOPLE)) {
    await db.query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      values (${id}, ${id}, ${id}, 'operator', 'x', ${ROSTER[id]}, 'x', ${new Date(START)})`);
  }
}

type Bare = Omit<World, 'startGuard'>;

function makeWorld(input: {
  readonly time: VirtualTime;
  readonly db: Db;
  readonly folder: string;
  readonly url: string;
  readonly publicKey: KeyObject;
}): Bare {
  const { time, db, folder } = input;
  const network = memoryNetwork(time, LATENCY_MS);
  const entries: JournalEntry[] = [];
  const world: Bare = {
    time,
    network,
    db,
    url: input.url,
    holders: openHolders(input),
    hubCalls: [],
    pushes: [],
    statusFolder: folder,
    hubSaysOk: true,
    isGatewayUp: true,
    isFeedAlive: true,
    isJournalOlder: false,
    journal(body, atMs = time.now()) {
      entries.push({ partition: 'gateway-1', position: entries.length + 1, atMs, body });
      return entries.length;
    },
    feed: (line) =>
      void world.journal({
        kind: 'feed',
        line: {
          lineId: `line-${entries.length}`,
          direction: 'out',
          amountSen: '10000000',
          counterpartyBank: 'BNINIDJA',
          connector: OWN,
          settledAtMs: time.now() - 1_000,
          businessDate: '2025-03-29',
          ...line,
        },
      }),
    pass: (ms) => time.sleep(ms),
    inForce: () => readInForce(db),
    events: (kind) => readEvents(db, kind),
  };
  for (const name of ['core-1', 'core-2']) {
    network.listen(name, async ({ path, body }) =>
      path === '/set'
        ? jsonResponse(200, await acceptSet(world, name, body))
        : jsonResponse(404, {}),
    );
  }
  network.listen('gateway-1', ({ path, body }) => answerAsGateway(world, { path, body, entries }));
  keepFeedAlive(world, entries);
  return world;
}

function openHolders(input: {
  readonly time: VirtualTime;
  readonly folder: string;
  readonly publicKey: KeyObject;
}): World['holders'] {
  return Object.fromEntries(
    ['core-1', 'core-2', 'gateway-1'].map((name) => [
      name,
      openHolder({
        file: join(input.folder, `${name}.json`),
        key: input.publicKey,
        roster: ROSTER,
        time: input.time,
        log: silentLog,
      }),
    ]),
  );
}

async function acceptSet(world: Bare, name: string, body: Buffer): Promise<unknown> {
  const result = await world.holders[name]!.accept(parseJson(body) as SignedSet);
  if (result.ok) world.pushes.push({ to: name, atMs: world.time.now(), version: result.version });
  return result;
}

async function answerAsGateway(
  world: Bare,
  asked: {
    readonly path: string;
    readonly body: Buffer;
    readonly entries: readonly JournalEntry[];
  },
): Promise<WireResponse> {
  const { path, body, entries } = asked;
  if (!world.isGatewayUp) await world.time.sleep(60_000);
  if (path === '/set') return jsonResponse(200, await acceptSet(world, 'gateway-1', body));
  if (path === '/hub-control') {
    world.hubCalls.push(parseJson(body) as HubControl);
    return jsonResponse(200, { ok: world.hubSaysOk });
  }
  if (world.isJournalOlder)
    return jsonResponse(200, { partition: 'gateway-1', head: 1, entries: [] });
  const query = new URLSearchParams(path.split('?')[1]);
  const after = Number(query.get('after'));
  return jsonResponse(200, {
    partition: 'gateway-1',
    head: entries.length,
    entries: entries.slice(after, after + Number(query.get('limit'))),
  });
}

async function readInForce(db: Db): Promise<readonly Restriction[]> {
  const rows = await db.query<{ body: string }>(
    sql`select body from restriction where state <> 'lifted' order by made_at, id`,
  );
  return rows.map(({ body }) => JSON.parse(body) as Restriction);
}

async function readEvents(db: Db, kind: string): ReturnType<World['events']> {
  const rows = await db.query<{ subject: string; at: Date; data: string }>(
    sql`select subject, at, data from event where kind = ${kind} order by id`,
  );
  return rows.map(({ subject, at, data }) => ({
    subject,
    at,
    data: JSON.parse(data) as Record<string, unknown>,
  }));
}

/** The hub says "nothing new" every five seconds, as the gateway journals it. */
function keepFeedAlive(world: Bare, entries: readonly JournalEntry[]): void {
  void (async () => {
    for (;;) {
      if (world.isGatewayUp && world.isFeedAlive)
        world.journal({ kind: 'feed_alive', cursor: String(entries.length) });
      await world.time.sleep(5_000);
    }
  })();
}

function netOf(network: MemoryNetwork, peer: string): Net {
  return {
    listen: async ({ name, handler }) => network.listen(name, handler),
    connect: (target) => network.connect(peer, target),
  };
}

/** A payment as ledger and engine commit it: id, authorisation and payment row at once. */
export async function commitPayment(
  db: Pick<Db, 'query'>,
  of: {
    readonly id: string;
    readonly bizMsgIdr: string;
    readonly amountSen: bigint;
    readonly bank?: string;
    readonly state?: string;
  },
): Promise<void> {
  const { id, bizMsgIdr, amountSen } = of;
  const state = of.state ?? 'settled';
  const now = new Date(START);
  await db.query(sql`insert into account (number, book, name, may_go_negative, opened_at)
    values ('SETTLE', 'settlement', 's', true, ${now}), ('CUST', 'settlement', 'c', true, ${now}) on conflict (number) do nothing`);
  const hold = await db.query<{
    id: bigint;
  }>(sql`insert into hold (id, debit_account, credit_account, amount_sen, state, line, made_at)
    select nextval('transfer_id_seq'), (select id from account where number = 'CUST'), (select id from account where number = 'SETTLE'), ${amountSen}, 'held', 'principal', ${now} returning id`);
  await db.query(sql`insert into payment (id, kind, channel, state, previous_state, debit_account, credit_account, debtor_name, creditor_name,
      counterparty_bank, amount_sen, biz_msg_idr, made_at, value_date, business_date, changed_at)
    values (${id}, 'bifast_out', 'mobile', ${state}, 'sending', 'CUST', 'SETTLE', 'a', 'b', ${of.bank ?? 'BNINIDJA'}, ${amountSen}, ${bizMsgIdr},
      ${now}, '2025-03-29', '2025-03-29', ${now})`);
  await db.query(
    sql`insert into id_registry (id, rail, payment_id, allocated_on, allocated_at) values (${bizMsgIdr}, 'bifast', ${id}, '2025-03-29', ${now})`,
  );
  await db.query(sql`insert into authorisation (jti, payment_id, attempt, hold_id, rail, audience, env, instruction, instruction_hash, amount_sen, made_at)
    values (${`jti_${id}`}, ${id}, 1, ${hold[0]!.id}, 'bifast', 'gateway-1', 'prod', '{}', decode(repeat('ab', 32), 'hex'), ${amountSen}, ${now})`);
}

/** The gateway's intent for such a payment. */
export function intentOf(of: {
  readonly id: string;
  readonly bizMsgIdr: string;
  readonly amountSen: bigint;
}): JournalBody {
  return {
    kind: 'intent',
    jti: `jti_${of.id}`,
    paymentId: of.id,
    bizMsgIdr: of.bizMsgIdr,
    msgId: `m${of.bizMsgIdr}`,
    amountSen: String(of.amountSen),
    bank: 'BNINIDJA',
    peer: 'core-1',
    instructionHash: 'ab'.repeat(32),
  };
}
