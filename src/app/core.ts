/** Core as a process: channels, payment engine and ledger over one pool; rail and signer over mTLS. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { openBulks } from '../bulk/start.ts';
import type { Bulks } from '../bulk/port.ts';
import type { Cards } from '../card/port.ts';
import { registerConsole } from '../channel/console/register.ts';
import { explainRestriction } from '../channel/mobile/explain.ts';
import { registerMobile } from '../channel/mobile/register.ts';
import { registerNetwork } from '../channel/network/register.ts';
import { openAccess, type Access } from '../channel/session/access.ts';
import { openSecrets } from '../channel/session/secret.ts';
import { openNotices, type Notices } from '../channel/snap/notice/notice.ts';
import { readNetworks } from '../channel/snap/partner/network.ts';
import { registerDocument } from '../channel/snap/document/register.ts';
import { registerSnap, type SnapChannel } from '../channel/snap/register.ts';
import { openRequestLog, type RequestLog } from '../channel/snap/request-log.ts';
import { openSealer, type Sealer } from '../channel/snap/partner/seal.ts';
import { ensurePartitions } from '../db/partition.ts';
import { openDb, type Db } from '../db/pool.ts';
import { openHolder } from '../gate/holder.ts';
import { loadNumbers } from '../guard/load.ts';
import type { StaffRoster } from '../gate/port.ts';
import { newId } from '../kernel/ids.ts';
import { wibDate, type Ticker } from '../kernel/time.ts';
import type { Net, WireClient } from '../kernel/wire.ts';
import { readBalance } from '../ledger/account.ts';
import { statementPage } from '../ledger/statement.ts';
import { expireHolds } from '../ledger/expire.ts';
import { openLedger } from '../ledger/post.ts';
import { openEngine, type OpenedEngine } from '../payment/engine.ts';
import { sweepDebits } from '../direct-debit/sweep.ts';
import { openProxies, type Proxies } from '../payment/proxy/proxies.ts';
import { pruneCounters, pruneMemory } from '../payment/prune.ts';
import { remoteHsm } from '../rail/hsm/client.ts';
import { HSM_NAME } from '../rail/hsm/port.ts';
import { remoteProxies } from '../rail/remote-proxy.ts';
import { remoteRail } from '../rail/remote.ts';
import { openMerchantDesk } from '../merchant/desk.ts';
import { openMerchants } from '../merchant/open.ts';
import type { SalePort } from '../payment/sale/port.ts';
import type { PresentedCodes } from '../presented/port.ts';
import { openSaleDesk } from '../merchant/take-sale.ts';
import { openStanding } from '../standing/start.ts';
import type { StandingOrders } from '../standing/port.ts';
import { startSynthetic } from '../recovery/synthetic.ts';
import { isBusinessDecline } from './business-decline.ts';
import { DEMO_BANK } from './bank-profile.ts';
import { openCoreHttp, serveOps, servePages } from './core-http.ts';
import { SYNTHETIC } from './demo-people.ts';
import {
  processFolder,
  readDatabaseUrl,
  readIdentity,
  readPrivateKey,
  readPublicKey,
  readCoreSecret,
  readRoster,
  type CoreSecret,
} from './key-file.ts';
import { liveNet } from './net-live.ts';
import { demoSettings } from './demo-settings.ts';
import { readPageStyle } from './page-style.ts';
import type { PortName } from './port-map.ts';
import { openNoticeDesk } from './notice-desk.ts';
import { openOwnCards, openOwnPresented } from './core-card.ts';
import { openNoticePost } from './notice-post.ts';
import { openParties } from '../payment/party.ts';
import { previewRestriction } from './preview.ts';
import type { Frame, Running } from './process-frame.ts';
import { remoteSigner } from './signer-client.ts';
import { answers, selectMatchAgeMs, selectRailMatchAges, upsertProcess } from './store.ts';

/** One for the ledger's writer, the rest for reads and the state machine. */
const POOL_SIZE = 8;
/** Our own transactions hold a lock for milliseconds. Past this somebody outside holds it, and who asked is told so. */
const LOCK_MS_MAX = 2_000;
const GATEWAY = 'gateway-1';
const GATEWAY_SOCKET_MAX = 256;
/** Payments that go to the gateway by themselves; more at once travel together. */
const LONE_SENDS = 8;
const HEARTBEAT_MS = 5_000;
const PARTITION_MS = 3_600_000;
const PRUNE_MS = 6 * 3_600_000;
/** A direct debit that stopped half way ends this much later at most, and a minute. */
const SWEEP_MS = 30_000;
/** What an expired hold reserves is available again this much later at most. */
const EXPIRE_MS = 5_000;

interface Parts {
  readonly frame: Frame;
  readonly db: Db;
  readonly roster: StaffRoster;
  readonly holder: ReturnType<typeof openHolder>;
  readonly ledger: ReturnType<typeof openLedger>;
  readonly engine: OpenedEngine;
  readonly cards: Cards;
  readonly presented: PresentedCodes;
  readonly standing: StandingOrders;
  readonly bulks: Bulks;
  readonly proxies: Proxies;
  readonly access: Access;
  readonly notices: Notices;
  readonly requestLog: RequestLog;
  readonly clients: readonly Pick<WireClient, 'close'>[];
  readonly net: Net;
}

/** Starts it. */
export async function runCore(frame: Frame): Promise<Running> {
  const { name, config, ports, time, random, log } = frame;
  const parts = openParts(frame);
  const { db, holder, engine, cards, standing, bulks, notices, ledger, clients, requestLog } =
    parts;
  const { rules } = openMerchants({ db, time, random, bank: DEMO_BANK });
  const take = openNoticeDesk({
    cards,
    presented: parts.presented,
    sale: openSaleDesk({ db, time, bank: DEMO_BANK, rules, sales: engine.sales }),
    payments: engine.take,
  });
  // No `admit`: a stranger is refused by the handler, where the knock also becomes an event.
  const wire = await parts.net.listen({
    name,
    handler: registerNetwork({ engine: { take }, holder, db, time, log }),
  });
  const app = await openCoreHttp({ log });
  const tickers = startLoops(parts);
  let snap: SnapChannel | undefined;
  engine.start();
  standing.start();
  bulks.start();
  notices.start();
  return {
    vital: {
      isReady: () => answers(db),
      gauges: () => {
        const { version, isBlind, blindCount } = holder.state();
        return {
          core_restriction_set_version: version,
          core_is_blind: isBlind ? 1 : 0,
          core_blind_decisions: blindCount,
          core_standing_due_runs: standing.queue().dueCount,
          core_standing_oldest_due_seconds: Math.round(standing.queue().oldestDueMs / 1_000),
          core_partner_notices_waiting: notices.queue().waitingCount,
          core_partner_notice_oldest_seconds: Math.round(notices.queue().oldestAgeMs / 1_000),
          core_partner_notices_stuck: notices.queue().stuckCount,
          core_snap_log_waiting: requestLog.counts().waiting,
          core_snap_log_lost: requestLog.counts().lost,
          core_snap_origin_refused: snap?.strangeCount() ?? 0,
        };
      },
    },
    async serveOps(ops) {
      // Hooks before routes, so that every route is measured.
      serveOps(app, ops);
      snap = await registerChannels(app, parts);
      tickers.push(snap);
      await app.listen({ host: config.host, port: ports.of(name as PortName) });
      log.info({ port: ports.of(name as PortName) }, 'core.started');
    },
    stop: () =>
      stop({
        app,
        wire,
        standing,
        bulks,
        notices,
        engine,
        ledger,
        tickers,
        requestLog,
        db,
        clients,
      }),
  };
}

function openParts(frame: Frame): Parts {
  const { name, config, ports, time, random, log } = frame;
  const state = config.folder;
  const url = readDatabaseUrl(state, name);
  const db = openDb({ url, size: POOL_SIZE, time, name, lockMsMax: LOCK_MS_MAX });
  const identity = readIdentity(state, name, 'internal');
  const net = liveNet({ identity, ports, socketCountMax: GATEWAY_SOCKET_MAX });
  const roster = readRoster(state, 'release');
  const file = join(processFolder(state, name), 'restriction-set.json');
  const holder = openHolder({ file, key: readPublicKey(state, 'set'), roster, time, log });
  const ledger = openLedger({ db, time, random, log, bank: DEMO_BANK });
  const gateway = net.connect(GATEWAY);
  const signer = net.connect('signer');
  const partyKey = Buffer.from(readCoreSecret(state, { process: name, name: 'party' }), 'hex');
  const engine = openEngine({
    db,
    ledger,
    rail: remoteRail({
      gateway,
      together: { time, channel: newId('chn', time.now(), random), lone: LONE_SENDS },
    }),
    sign: remoteSigner(signer),
    gate: holder,
    time,
    random,
    log,
    bank: DEMO_BANK,
    env: config.env,
    audience: GATEWAY,
    settings: demoSettings(),
    partyKey,
  });
  const hsm = net.connect(HSM_NAME);
  const own = { db, ledger, gate: holder, partyKey };
  const cards = openOwnCards(frame, { ...own, hsm: remoteHsm(hsm) });
  const presented = openOwnPresented(frame, own);
  const standing = openStanding({ db, engine, time, random, log, settings: demoSettings() });
  const bulks = openBulks({ db, engine, time, random, log, bank: DEMO_BANK });
  // A bank that listens on this machine only may tell partners on this machine only.
  const way = openNoticePost({ mayLoopback: config.host === '127.0.0.1' });
  const sealer = coreSealer(frame);
  const key = readPrivateKey(state, name, 'partner');
  const notices = openNotices({ db, time, random, log, key, post: way.post, sealer });
  const proxies = openProxies({
    db,
    rail: remoteProxies(gateway),
    time,
    log,
    bank: DEMO_BANK,
    settings: demoSettings(),
  });
  const access = openAccess({ db, time, random, secrets: openSecrets({ time, random }), log });
  return {
    frame,
    requestLog: openRequestLog({ db, time, random, log }),
    db,
    roster,
    holder,
    ledger,
    engine,
    cards,
    presented,
    standing,
    bulks,
    proxies,
    access,
    notices,
    clients: [gateway, signer, hsm, { close: async () => way.close() }],
    net,
  };
}

/** Opens what is sealed for partners in the database. */
function coreSealer({ config, name, random }: Frame): Sealer {
  const text = readCoreSecret(config.folder, { process: name, name: 'partner-seal' });
  return openSealer({ key: Buffer.from(text, 'hex'), random });
}

/** All that people and partners reach. The ticker belongs to the partner API. */
async function registerChannels(app: FastifyInstance, parts: Parts): Promise<SnapChannel> {
  const { db, engine, standing, bulks, proxies, access, holder, roster } = parts;
  const { time, random, log } = parts.frame;
  const shared = { db, time, random, log, presented: parts.presented };
  const balance = (account: string): ReturnType<typeof readBalance> => readBalance(db, account);
  const { config, name } = parts.frame;
  const secretOf = (secret: CoreSecret): string =>
    readCoreSecret(config.folder, { process: name, name: secret });
  const snap = registerSnap(app, {
    ...shared,
    engine,
    ledger: parts.ledger,
    balance,
    bank: DEMO_BANK,
    sealer: coreSealer(parts.frame),
    proxies:
      config.proxies.length > 0
        ? { networks: readNetworks(config.proxies), key: secretOf('proxy') }
        : undefined,
    processCount: config.coreCount,
    requestLog: parts.requestLog,
  });
  registerDocument(app, { bankName: DEMO_BANK.name, ...readPageStyle('partner') });
  await registerMobile(app, {
    ...shared,
    engine,
    bills: engine.bills,
    sales: engine.sales,
    receiptKey: readPrivateKey(parts.frame.config.folder, parts.frame.name, 'receipt'),
    standing,
    bulks,
    cards: parts.cards,
    proxies,
    merchants: openMerchants({ db, time, random, bank: DEMO_BANK }),
    access,
    bank: DEMO_BANK,
    holder,
    balance,
    explainRestriction,
    isSecure: false,
    statement: (account, page) => statementPage(db, account, page),
  });
  const parties = openParties(Buffer.from(secretOf('party'), 'hex'));
  await registerConsole(app, {
    ...shared,
    access,
    holder,
    roster,
    ledger: parts.ledger,
    balance,
    secure: false,
    preview: (asked) =>
      previewRestriction({ db, nowMs: time.now(), parties, bic: DEMO_BANK.bic, ...asked }),
    explain: (restriction, language) => {
      const { title, reason } = explainRestriction({ restriction, language, nowMs: time.now() });
      return { title, text: reason };
    },
    withheld: engine.withheld,
    ...merchantRoom({ db, time, random, bank: DEMO_BANK, sales: engine.sales }),
    risk: engine.risk,
    matchAgeMs: () => selectMatchAgeMs(db, time.now()),
    railMatchAges: () => selectRailMatchAges(db, time.now()),
    isBusinessDecline,
    liquidityNumbers: async () => (await loadNumbers({ db, time })).liquidity,
  });
  await servePages(app);
  return snap;
}

function startLoops({ frame, db, holder, ledger, engine }: Parts): Ticker[] {
  const { time, random, log, name } = frame;
  const debits = { db, ledger, engine, time, random, bic: DEMO_BANK.bic };
  const failed = (loop: string) => (error: unknown) =>
    log.warn({ loop, error: (error as Error).message }, 'core.loop_failed');
  const beat = (): Promise<void> =>
    upsertProcess(db, {
      id: name,
      kind: 'core',
      target: name,
      now: new Date(time.now()),
      restrictionVersion: holder.current().version,
    });
  void beat().catch(failed('heartbeat'));
  const route = { debitAccount: SYNTHETIC.account, targets: SYNTHETIC.targets };
  return [
    time.every(HEARTBEAT_MS, beat, failed('heartbeat')),
    time.every(PARTITION_MS, () => ensurePartitions(db, wibDate(time.now())), failed('partitions')),
    time.every(PRUNE_MS, () => prune(db, time.now()), failed('prune')),
    time.every(
      EXPIRE_MS,
      async () => void (await expireHolds({ db, ledger, time, log })),
      failed('expiry'),
    ),
    time.every(SWEEP_MS, async () => void (await sweepDebits(debits)), failed('debits')),
    startSynthetic({ db, engine, time, log, route }),
  ];
}

/** Nobody new comes in, what is in finishes, and the ledger writes what it took. */
async function stop(input: {
  readonly app: FastifyInstance;
  readonly wire: { close(): Promise<void> };
  readonly standing: { stop(): Promise<void> };
  readonly bulks: { stop(): Promise<void> };
  readonly notices: { stop(): Promise<void> };
  readonly engine: { stop(): Promise<void> };
  readonly ledger: { stop(): Promise<void> };
  readonly tickers: readonly Ticker[];
  readonly requestLog: RequestLog;
  readonly db: Db;
  readonly clients: readonly { close(): Promise<void> }[];
}): Promise<void> {
  await input.app.close();
  await input.requestLog.stop();
  await Promise.all(input.tickers.map((ticker) => ticker.stop()));
  await input.standing.stop();
  await input.bulks.stop();
  await input.notices.stop();
  await input.engine.stop();
  await input.wire.close();
  await input.ledger.stop();
  await Promise.all(input.clients.map((client) => client.close()));
  await input.db.close();
}

/** What the console needs for the room of merchants. */
function merchantRoom(
  input: Parameters<typeof openMerchantDesk>[0] & { readonly sales: SalePort },
) {
  const { sales } = input;
  return { merchants: openMerchants(input), sales, desk: openMerchantDesk(input) };
}

async function prune(db: Db, nowMs: number): Promise<void> {
  await pruneCounters(db, nowMs);
  await pruneMemory(db, nowMs);
}
