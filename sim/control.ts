/** The demo's hand on the outside world, on loopback only: `GET /sim/fault` and `POST /sim/fault/<wire>` for the fault rules of every wire
 * (fault/desk.ts), `GET` and `POST /sim/faults` for the hub's settings, `GET /sim/counters`, `POST /sim/participant` (opens or closes a
 * bank), `POST /sim/port-away` (takes a proxy from us). Body of the POST to faults: any of `feedLagMs`, `areLinesPushed`,
 * `isStatementShort`, `amountMaxRupiah` (null = no cap), or `reset: true` for the start state. */
import { createServer, type IncomingMessage } from 'node:http';
import { parseJson } from '../src/kernel/wire.ts';
import { controlFaults, type FaultDesk } from './fault/desk.ts';
import type { HubFaults } from './hub/context.ts';
import type { Hub } from './hub/hub.ts';
import { SCHEME_CAP_SEN } from './hub/judge.ts';

const BODY_BYTES_MAX = 65_536;
const LAG_MS_MAX = 3_600_000;

export interface ControlAnswer {
  readonly status: number;
  readonly value: unknown;
}

/** What the control has a hand on. */
export interface Outside {
  readonly hub: Hub;
  /** Of each wire that runs. */
  readonly desks: readonly FaultDesk[];
}

/** Answers one control request. */
export function controlSim(
  { hub, desks }: Outside,
  request: { readonly method: string; readonly path: string; readonly body: string },
): ControlAnswer {
  const body = parseJson(request.body);
  const faults = controlFaults(desks, { ...request, body });
  if (faults) return faults;
  switch (`${request.method} ${request.path}`) {
    case 'GET /sim/faults':
      return { status: 200, value: shown(hub.faults()) };
    case 'GET /sim/counters':
      return { status: 200, value: hub.counters() };
    case 'POST /sim/faults': {
      const change = readChange(body);
      if (typeof change === 'string') return { status: 400, value: { ok: false, reason: change } };
      hub.setFaults(change);
      return { status: 200, value: shown(hub.faults()) };
    }
    case 'POST /sim/participant':
      return controlParticipant(hub, recordOf(body));
    case 'POST /sim/port-away':
      return controlPort(hub, recordOf(body));
    default:
      return {
        status: 404,
        value: {
          ok: false,
          reason:
            'GET /sim/fault, POST /sim/fault/<wire>, GET or POST /sim/faults, GET /sim/counters, POST /sim/participant or /sim/port-away',
        },
      };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

/** `{"bic": "BNINIDJA", "isOpen": false}`. */
function controlParticipant(hub: Hub, { bic, isOpen }: Fields): ControlAnswer {
  if (typeof bic !== 'string' || typeof isOpen !== 'boolean')
    return { status: 400, value: { ok: false, reason: 'bic, isOpen' } };
  return { status: 200, value: { ok: true, isNews: hub.setParticipant({ bic, isOpen }) } };
}

/** `{"type": "01", "value": "6281…", "toBank": "BNINIDJA"}`. */
function controlPort(hub: Hub, { type, value, toBank }: Fields): ControlAnswer {
  if (typeof type !== 'string' || typeof value !== 'string' || typeof toBank !== 'string')
    return { status: 400, value: { ok: false, reason: 'type, value, toBank' } };
  const isNews = hub.portAway({ proxy: { type, value }, toBank });
  return { status: 200, value: { ok: true, isNews } };
}

/** The change that a control body asks for, or what is wrong with it. */
export function readChange(value: unknown): Partial<HubFaults> | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'body: not an object';
  let change: Partial<HubFaults> = {};
  for (const [key, asked] of Object.entries(value)) {
    const part = readPart(key, asked);
    if (typeof part === 'string') return part;
    change = { ...change, ...part };
  }
  return change;
}

function readPart(key: string, asked: unknown): Partial<HubFaults> | string {
  switch (key) {
    case 'reset':
      return asked === true
        ? {
            feedLagMs: 0,
            amountMaxSen: SCHEME_CAP_SEN,
            areLinesPushed: false,
            isStatementShort: false,
          }
        : 'reset: only true';
    case 'feedLagMs':
      return Number.isSafeInteger(asked) && Number(asked) >= 0 && Number(asked) <= LAG_MS_MAX
        ? { feedLagMs: Number(asked) }
        : 'feedLagMs: 0 to 3600000';
    case 'areLinesPushed':
    case 'isStatementShort':
      return typeof asked === 'boolean' ? { [key]: asked } : `${key}: true or false`;
    case 'amountMaxRupiah':
      if (asked === null) return { amountMaxSen: undefined };
      return Number.isSafeInteger(asked) && Number(asked) > 0
        ? { amountMaxSen: BigInt(Number(asked)) * 100n }
        : 'amountMaxRupiah: whole rupiah or null';
    default:
      return `${key}: unknown`;
  }
}

function shown(faults: HubFaults): unknown {
  const { amountMaxSen, ...rest } = faults;
  return {
    ...rest,
    amountMaxRupiah: amountMaxSen === undefined ? null : Number(amountMaxSen / 100n),
  };
}

/** Answers requests under its own path; undefined for others. */
export type ControlPart = (request: {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}) => Promise<ControlAnswer | undefined>;

/** Serves the control on loopback: the hub's, and that of the parts that run. A browser's cross-site request is refused: it carries
 * an Origin. */
export async function listenControl(
  outside: Outside,
  port: number,
  parts: readonly ControlPart[],
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    void readBody(req).then(async (body) => {
      const isOurs = body !== undefined && req.headers.origin === undefined;
      const answer = isOurs
        ? await controlAll(outside, parts, {
            method: req.method ?? 'GET',
            path: req.url ?? '/',
            body,
          })
        : { status: 400, value: { ok: false, reason: 'not taken' } };
      res
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(`${JSON.stringify(answer.value)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function controlAll(
  outside: Outside,
  parts: readonly ControlPart[],
  request: Parameters<ControlPart>[0],
): Promise<ControlAnswer> {
  try {
    for (const part of parts) {
      const answer = await part(request);
      if (answer) return answer;
    }
    return controlSim(outside, request);
  } catch (error) {
    return { status: 500, value: { ok: false, reason: String(error) } };
  }
}

async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      size += (chunk as Buffer).length;
      if (size > BODY_BYTES_MAX) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
