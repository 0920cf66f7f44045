/** The HSM in software (ADR 0015): the only process that ever holds a clear PIN or a clear key. For development and tests; a bank puts
 * a certified one behind the same port. Serves gateway and core over mTLS, people over a socket in its folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import { listenLocal } from '../kernel/local-socket.ts';
import type { Time } from '../kernel/time.ts';
import {
  ALIVE_PATH,
  jsonResponse,
  parseJson,
  type Net,
  type WireRequest,
  type WireResponse,
  type WireServer,
} from '../kernel/wire.ts';
import { HSM_BATCH_PATH, HSM_NAME } from '../rail/hsm/port.ts';
import { answerCall, isCaller, mayCall, readBatch, readFunction, type HsmCall } from './call.ts';
import { openCeremonies, type Roster } from './ceremony.ts';
import { openJournal } from './journal.ts';
import { openKeyStore, readStore } from './key-store.ts';
import { openLimits } from './limit.ts';
import { openMasterKeys } from './master-key.ts';
import { COUNTED, type Counted, type Module } from './module.ts';
import { selfTest } from './self-test.ts';

/** The socket's name in the HSM's folder. */
export const CEREMONY_SOCKET = 'ceremony.sock';
const STORE_FILE = 'keys.json';
const JOURNAL_FILE = 'journal.jsonl';
const LIMIT_FILE = 'tries.jsonl';

/** What it needs. */
export interface HsmInput {
  /** Its own, 0700. */
  readonly folder: string;
  readonly time: Time;
  readonly random: Random;
  readonly net: Net;
  readonly log: Log;
  /** Read for each ceremony: the people may change. */
  readonly roster: () => Roster;
  /** @default true; in virtual time there are no people. */
  readonly hasSocket?: boolean;
}

/** A running HSM. */
export interface RunningHsm {
  readonly module: Module;
  gauges(): Readonly<Record<string, number>>;
  /** A disk that did not take a try or a key: nothing of the kind is done any more until a new process has read the files. */
  isBroken(): boolean;
  stop(): Promise<void>;
}

/** Tests itself, opens its files and listens as `hsm`. Throws, and serves nobody, when anything of it is not as it was left. */
export async function startHsm(input: HsmInput): Promise<RunningHsm> {
  const { net, log } = input;
  selfTest();
  // The port is the fence: a second HSM of this machine gets no further, and touches no file of the first.
  let opened: ReturnType<typeof openModule> | undefined;
  // No `admit`: a stranger is refused by the handler, where the knock is also counted.
  const server = await net.listen({
    name: HSM_NAME,
    handler: async (request) =>
      opened ? answer({ ...opened, log, request }) : jsonResponse(503, {}),
  });
  try {
    opened = openModule(input);
    return await serve(input, { ...opened, server });
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function serve(
  input: HsmInput,
  parts: {
    readonly module: Module;
    readonly counts: Readonly<Record<string, number>>;
    readonly server: WireServer;
  },
): Promise<RunningHsm> {
  const { time, log } = input;
  const { module, counts, server } = parts;
  const act = openCeremonies(module, input.roster);
  const socket =
    input.hasSocket === false
      ? undefined
      : await listenLocal({
          path: join(input.folder, CEREMONY_SOCKET),
          time,
          handle: async (value) => answerPerson({ module, log, act, value }),
        });
  log.info({ keys: module.store.list().length }, 'hsm.started');
  return {
    module,
    gauges: () => ({
      hsm_keys: module.store.list().length,
      ...Object.fromEntries(
        Object.entries(counts).map(([what, count]) => [`hsm_${what}_count`, count]),
      ),
    }),
    isBroken: () => module.limits.isBroken() || module.journal.isBroken(),
    async stop() {
      await socket?.close();
      await server.close();
      module.journal.close();
      await module.limits.close();
      module.keys.close();
    },
  };
}

function openModule(input: HsmInput): {
  readonly module: Module;
  readonly counts: Readonly<Record<string, number>>;
} {
  const { folder, time, random } = input;
  const path = join(folder, STORE_FILE);
  const keys = openMasterKeys({ folder, isNew: !existsSync(path), random });
  const body = readStore(path, keys);
  const journal = openJournal({
    path: join(folder, JOURNAL_FILE),
    key: keys.journal,
    mustHold: body?.journalHead,
  });
  const store = openKeyStore({ path, keys, body, journal, time, random });
  const limits = openLimits({ path: join(folder, LIMIT_FILE), key: keys.subject, time });
  const counts = Object.fromEntries(COUNTED.map((what) => [what, 0])) as Record<Counted, number>;
  const count: Module['count'] = (what) => void counts[what]++;
  return { module: { keys, store, journal, limits, time, random, count }, counts };
}

/** Who may ask whether the HSM lives, and nothing else. */
const WATCHER = 'guard';

async function answer(input: {
  readonly module: Module;
  readonly counts: Readonly<Record<string, number>>;
  readonly log: Log;
  readonly request: WireRequest;
}): Promise<WireResponse> {
  const { module, log, request } = input;
  const { peer, path } = request;
  if (peer === WATCHER && path === ALIVE_PATH) return jsonResponse(200, input.counts);
  const isBatch = path === HSM_BATCH_PATH;
  const calls = isBatch ? readBatch(parseJson(request.body)) : readOne(request);
  const forbidden = calls?.find(({ name }) => !mayCall(peer, name));
  if (!isCaller(peer) || forbidden) {
    module.count('peer_refused');
    log.error({ peer, function: forbidden?.name }, 'hsm.peer_refused');
    return jsonResponse(403, {});
  }
  if (!calls) return isBatch ? jsonResponse(400, {}) : jsonResponse(404, {});
  const { limits } = module;
  const before = limits.counted();
  const results = calls.map((call) => answerCall(module, { ...call, peer }));
  // A try that nobody would remember after a crash is not answered.
  if (limits.counted() !== before) await limits.durable();
  for (const [index, result] of results.entries())
    if (!result.ok)
      log.warn({ peer, function: calls[index]?.name, reason: result.reason }, 'hsm.refused');
  return jsonResponse(200, isBatch ? results : results[0]);
}

function readOne(request: WireRequest): readonly HsmCall[] | undefined {
  const name = readFunction(request.path);
  return name && [{ name, input: parseJson(request.body) }];
}

/** Lists keys to whoever reached the socket; all else needs a signature. */
function answerPerson(input: {
  readonly module: Module;
  readonly log: Log;
  readonly act: ReturnType<typeof openCeremonies>;
  readonly value: unknown;
}): unknown {
  const { module, log, act, value } = input;
  if ((value as { readonly action?: unknown } | undefined)?.action === 'keys')
    return { ok: true, keys: module.store.list() };
  const result = act(value);
  const facts = result.ok ? { state: result.state } : { reason: result.reason };
  log[result.ok ? 'info' : 'warn'](facts, 'hsm.ceremony');
  return result;
}
