/** The guard as a process: reads the event stream and the gateways' journals, restricts, recovers, publishes the public state. */
import { join } from 'node:path';
import { isBusinessDecline } from './business-decline.ts';
import { explainRestriction } from '../channel/mobile/explain.ts';
import { openDb } from '../db/pool.ts';
import { startGuard, type Guard } from '../guard/start.ts';
import { DEMO_BANK, DEMO_CONTACT } from './bank-profile.ts';
import {
  processFolder,
  readDatabaseUrl,
  readFingerprint,
  readIdentity,
  readPrivateKey,
  readRoster,
  statusFolder,
} from './key-file.ts';
import { liveNet } from './net-live.ts';
import type { Frame, Running } from './process-frame.ts';
import { answers } from './store.ts';

const POOL_SIZE = 4;
/** Shorter than in drills: an event is folded under 300 ms after its commit (issue 5). */
const STEP_MS = 150;
/** They have no database and no journal of ours: they are asked. */
const WATCHED = ['signer', 'hsm'] as const;
/** Beside the guard's own keys: whoever copies a folder copies it too. */
const CANARY_FILE = 'signing-backup.key';
const GATEWAYS = ['gateway-1'] as const;

/** Starts it; it waits for its turn when another guard leads. */
export async function runGuard({
  name,
  config,
  ports,
  time,
  random,
  log,
}: Frame): Promise<Running> {
  const state = config.folder;
  const db = openDb({ url: readDatabaseUrl(state, name), size: POOL_SIZE, time, name });
  const net = liveNet({ identity: readIdentity(state, name, 'internal'), ports });
  const guard = startGuard({
    db,
    time,
    net,
    log,
    random,
    name,
    bank: DEMO_BANK,
    setKey: readPrivateKey(state, name, 'set'),
    auditKey: readPrivateKey(state, name, 'audit'),
    statusFolder: statusFolder(state),
    gateways: GATEWAYS,
    watched: WATCHED,
    connectors: GATEWAYS.map((gateway) => readFingerprint(state, gateway, 'network')),
    roster: readRoster(state, 'release'),
    isBusinessDecline,
    explain: explainRestriction,
    contact: DEMO_CONTACT,
    canaryFiles: [join(processFolder(state, name), CANARY_FILE), ...config.canaryFiles],
    numbers: { loop: { stepMs: STEP_MS } },
  });
  return {
    vital: {
      isReady: () => answers(db),
      gauges: () => gaugesOf(guard.state(), time.now()),
      takeLatencies: () => ({ guard_fold: guard.state()?.takeLatencies() ?? [] }),
    },
    async stop() {
      await guard.stop();
      await db.close();
    },
  };
}

/** A guard that waits for the lead knows nothing and shows nothing. */
function gaugesOf(
  state: ReturnType<Guard['state']>,
  nowMs: number,
): Readonly<Record<string, number>> {
  if (!state) return {};
  const { treasury, security, investigate } = state.answers;
  return {
    guard_liquidity_answers: treasury,
    guard_security_answers: security,
    guard_duplicate_answers: investigate,
    guard_match_age_seconds: Math.round((nowMs - state.matchedAtMs) / 1_000),
    ...Object.fromEntries(
      state
        .railAges()
        .map(({ rail, matchAgeMs }) => [
          `guard_match_age_${rail}_seconds`,
          Math.round(matchAgeMs / 1_000),
        ]),
    ),
    ...(state.liquidity && {
      // Whole rupiah: a figure for a graph, never one to book by.
      guard_liquidity_free_rupiah: Number(state.liquidity.freeSen / 100n),
      guard_liquidity_age_seconds: Math.round((nowMs - state.liquidity.heardAtMs) / 1_000),
    }),
  };
}
