/** The core processes of a drill: engines, ledgers, the partner API. They die together, and are started again. */
import fastify, { type FastifyInstance } from 'fastify';
import { registerSnap } from '../../channel/snap/register.ts';
import type { Db } from '../../db/pool.ts';
import type { RestrictionHolder } from '../../gate/port.ts';
import type { Ticker } from '../../kernel/time.ts';
import { readBalance } from '../../ledger/account.ts';
import type { OpenedEngine } from '../../payment/engine.ts';
import { startSynthetic } from '../../recovery/synthetic.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { SYNTHETIC } from '../demo-people.ts';
import { startCore, type CoreInput, type DrillCore } from './core.ts';
import { DRILL_SEALER } from './seed.ts';

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
  core: Pick<DrillCore, 'engine' | 'ledger'> & { readonly db: Db },
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
