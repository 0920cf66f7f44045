/** A core of a drill: engine, ledger, restrictions and, where the day has a switch, cards, shops and shown codes. The process's own code
 * without its process. */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Tap } from '../../../sim/attacker/tap.ts';
import { openCards } from '../../card/open.ts';
import type { Cards } from '../../card/port.ts';
import { registerNetwork } from '../../channel/network/register.ts';
import type { Db } from '../../db/pool.ts';
import { openHolder } from '../../gate/holder.ts';
import { sha256 } from '../../kernel/canonical.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Ticker } from '../../kernel/time.ts';
import type { VirtualTime } from '../../kernel/virtual-time.ts';
import type { WireServer } from '../../kernel/wire.ts';
import type { MemoryNetwork } from '../../kernel/wire-memory.ts';
import { openLedger } from '../../ledger/post.ts';
import { openMerchants } from '../../merchant/open.ts';
import { openSaleDesk } from '../../merchant/take-sale.ts';
import { openEngine, type OpenedEngine } from '../../payment/engine.ts';
import { openPresented } from '../../presented/open.ts';
import { remoteHsm } from '../../rail/hsm/client.ts';
import { HSM_NAME } from '../../rail/hsm/port.ts';
import { remoteRail } from '../../rail/remote.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { openNoticeDesk, type TakeNotice } from '../notice-desk.ts';
import { remoteSigner } from '../signer-client.ts';
import { upsertProcess } from '../store.ts';

/** The one gateway partition, and its name on the network. */
export const GATEWAY = 'gateway-1';
const HEARTBEAT_MS = 5_000;
const PARTY_KEY = sha256('parties of a drill');

/** What a core is built from. */
export interface CoreInput {
  readonly name: string;
  readonly db: Db;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly log: Log;
  readonly network: MemoryNetwork;
  readonly folder: string;
  readonly setKey: KeyObject;
  readonly tap: Tap;
  readonly roster: Readonly<Record<string, string>>;
  /** Where there is a switch. */
  readonly cards?: {
    readonly tokenKey: Buffer;
    /** What this core's release makes of a card's request. */
    readonly release: (cards: Cards) => Pick<Cards, 'take'>;
  };
}

/** A running core. */
export interface DrillCore {
  readonly engine: OpenedEngine;
  readonly holder: ReturnType<typeof openHolder>;
  readonly ledger: ReturnType<typeof openLedger>;
  readonly server: WireServer;
  readonly tickers: readonly Ticker[];
}

/** Starts it; it listens under its name. */
export function startCore(input: CoreInput): DrillCore {
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
    rail: remoteRail({ gateway: input.tap.client(network.connect(name, GATEWAY)) }),
    sign: remoteSigner(network.connect(name, 'signer')),
    gate: holder,
    time,
    random,
    log,
    bank: DEMO_BANK,
    env: 'drill',
    audience: GATEWAY,
    settings: {},
    partyKey: PARTY_KEY,
  });
  const take = deskOf(input, { engine, holder, ledger });
  const server = network.listen(name, registerNetwork({ engine: { take }, holder, db, time, log }));
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

/** Who answers what the networks say. */
function deskOf(
  input: CoreInput,
  parts: Pick<DrillCore, 'engine' | 'holder' | 'ledger'>,
): TakeNotice {
  const { db, time, random, log, cards } = input;
  const { engine, holder: gate, ledger } = parts;
  if (!cards) return engine.take;
  const shared = { db, ledger, gate, time, random, log, bank: DEMO_BANK, settings: {} };
  const hsm = remoteHsm(input.network.connect(input.name, HSM_NAME));
  const { rules } = openMerchants(shared);
  return openNoticeDesk({
    cards: cards.release(
      openCards({ ...shared, hsm, partyKey: PARTY_KEY, tokenKey: cards.tokenKey }),
    ),
    presented: openPresented({ ...shared, partyKey: PARTY_KEY }),
    sale: openSaleDesk({ db, time, bank: DEMO_BANK, rules, sales: engine.sales }),
    payments: engine.take,
  });
}
