/** The core processes of a drill: engines, ledgers, the partner API. They die together, and are started again. */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import type { Tap } from '../../../sim/attacker/tap.ts';
import { registerNetwork } from '../../channel/network/register.ts';
import { registerSnap } from '../../channel/snap/register.ts';
import type { Db } from '../../db/pool.ts';
import { openHolder } from '../../gate/holder.ts';
import type { RestrictionHolder } from '../../gate/port.ts';
import { sha256 } from '../../kernel/canonical.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Ticker } from '../../kernel/time.ts';
import type { VirtualTime } from '../../kernel/virtual-time.ts';
import type { WireServer } from '../../kernel/wire.ts';
import type { MemoryNetwork } from '../../kernel/wire-memory.ts';
import { readBalance } from '../../ledger/account.ts';
import { openLedger } from '../../ledger/post.ts';
import { openEngine, type OpenedEngine } from '../../payment/engine.ts';
import { remoteRail } from '../../rail/remote.ts';
import { startSynthetic } from '../../recovery/synthetic.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { SYNTHETIC } from '../demo-people.ts';
import { remoteSigner } from '../signer-client.ts';
import { upsertProcess } from '../store.ts';
import { DRILL_SEALER } from './seed.ts';

const HEARTBEAT_MS = 5_000;

/** All of them. */
export interface Cores {
  /** Of the first one, which partners and the app reach. */
  readonly engine: OpenedEngine;
  readonly http: FastifyInstance;
  readonly holders: readonly RestrictionHolder[];
  stop(): Promise<void>;
}

type CoresInput = Omit<CoreInput, 'name'> & { readonly names: readonly string[] };

/** Starts them. */
export async function openCores(input: CoresInput): Promise<Cores> {
  const cores = input.names.map((name) => startCore({ ...input, name }));
  const first = cores[0]!; // a drill has at least one
  const front = await openFront(input, { db: input.db, ...first });
  return {
    engine: first.engine,
    http: front.http,
    holders: cores.map(({ holder }) => holder),
    async stop() {
      const tickers = [...front.tickers, ...cores.flatMap((core) => core.tickers)];
      await Promise.all(cores.map(({ server }) => server.close()));
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      await Promise.all(cores.map(({ engine }) => engine.stop()));
      await Promise.all(cores.map(({ ledger }) => ledger.stop()));
      await front.http.close();
    },
  };
}

/** The partner API, and the small payments of recovery, as the first core has them. */
async function openFront(
  { time, log, random }: Pick<CoresInput, 'time' | 'log' | 'random'>,
  core: {
    readonly db: Db;
    readonly engine: OpenedEngine;
    readonly ledger: ReturnType<typeof openLedger>;
  },
): Promise<{ readonly http: FastifyInstance; readonly tickers: readonly Ticker[] }> {
  const { db, engine, ledger } = core;
  const http = fastify({ logger: false });
  const balance = (account: string): ReturnType<typeof readBalance> => readBalance(db, account);
  const route = { debitAccount: SYNTHETIC.account, targets: SYNTHETIC.targets };
  const tickers = [
    registerSnap(http, {
      engine,
      ledger,
      balance,
      // Nobody of a drill shows a code.
      presented: { payOwn: async () => ({ ok: false, reason: 'code_unknown' }) },
      db,
      time,
      random,
      log,
      bank: DEMO_BANK,
      sealer: DRILL_SEALER,
    }),
    startSynthetic({ db, engine, time, log, route }),
  ];
  await http.ready();
  return { http, tickers };
}

interface CoreInput {
  readonly name: string;
  readonly gateway: string;
  readonly db: Db;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly log: Log;
  readonly network: MemoryNetwork;
  readonly folder: string;
  readonly setKey: KeyObject;
  readonly tap: Tap;
  readonly roster: Readonly<Record<string, string>>;
}

function startCore(input: CoreInput): {
  readonly engine: OpenedEngine;
  readonly holder: ReturnType<typeof openHolder>;
  readonly ledger: ReturnType<typeof openLedger>;
  readonly server: WireServer;
  readonly tickers: readonly Ticker[];
} {
  const { name, db, time, random, log, network } = input;
  const holder = openHolder({
    file: join(input.folder, name, 'restriction-set.json'),
    key: input.setKey,
    roster: input.roster,
    time,
    log,
  });
  const ledger = openLedger({ db, time, random, log, bank: DEMO_BANK });
  const engine = openEngine({
    db,
    ledger,
    rail: remoteRail({ gateway: input.tap.client(network.connect(name, input.gateway)) }),
    sign: remoteSigner(network.connect(name, 'signer')),
    gate: holder,
    time,
    random,
    log,
    bank: DEMO_BANK,
    env: 'drill',
    audience: input.gateway,
    settings: {},
    partyKey: sha256('parties of a drill'),
  });
  const server = network.listen(name, registerNetwork({ engine, holder, db, time, log }));
  engine.start();
  const beat = (): Promise<void> =>
    upsertProcess(db, {
      id: name,
      kind: 'core',
      target: name,
      now: new Date(time.now()),
      restrictionVersion: holder.current().version,
    });
  void beat();
  return { engine, holder, ledger, server, tickers: [time.every(HEARTBEAT_MS, beat, () => {})] };
}
