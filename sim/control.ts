/** The demo's hand on the outside world, on loopback only: `GET /sim/` is a page (fault/page.ts); `GET /sim/fault` and `POST /sim/fault/<wire>` for the fault rules of every wire
 * (fault/desk.ts), `GET` and `POST /sim/faults` for the hub's settings, `GET /sim/counters`, `POST /sim/participant` (opens or closes a
 * bank), `POST /sim/bulk` (several credits to us in one message), `POST /sim/port-away` (takes a proxy from us). Body of the POST to faults: any of `feedLagMs`, `areLinesPushed`,
 * `isStatementShort`, `amountMaxRupiah` (null = no cap), or `reset: true` for the start state. */
import { createServer, type IncomingMessage } from 'node:http';
import { parseJson } from '../src/kernel/wire.ts';
import { controlFaults, type FaultDesk } from './fault/desk.ts';
import { faultPage, readForm } from './fault/page.ts';
import { BULK_COUNT_MAX } from './hub/bifast-schema.ts';
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
    case 'POST /sim/bulk':
      return controlBulk(hub, recordOf(body));
    case 'POST /sim/port-away':
      return controlPort(hub, recordOf(body));
    default:
      return {
        status: 404,
        value: {
          ok: false,
          reason:
            'GET /sim/fault, POST /sim/fault/<wire>, GET or POST /sim/faults, GET /sim/counters, POST /sim/participant, /sim/bulk or /sim/port-away',
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

/** `{"fromBank": "CENAIDJA", "toBank": "PULHIDJA", "credits": [{"account": "1990000001", "amountRupiah": 1000}]}`; how each ended is in the
 * hub's feed. */
function controlBulk(hub: Hub, { fromBank, toBank, credits }: Fields): ControlAnswer {
  const asked = Array.isArray(credits) ? credits.map(recordOf) : [];
  const isFit =
    typeof fromBank === 'string' &&
    typeof toBank === 'string' &&
    asked.length >= 1 &&
    asked.length <= BULK_COUNT_MAX &&
    asked.every(
      ({ account, amountRupiah }) =>
        /^\d{5,20}$/.test(String(account)) &&
        Number.isSafeInteger(amountRupiah) &&
        Number(amountRupiah) > 0,
    );
  if (!isFit)
    return { status: 400, value: { ok: false, reason: 'fromBank, toBank, 1 to 100 credits' } };
  void hub.sendBulk(
    asked.map(({ account, amountRupiah }) => ({
      fromBank,
      toBank,
      debtorAccount: '7006005004',
      creditorAccount: String(account),
      amountSen: BigInt(Number(amountRupiah)) * 100n,
      remittance: 'kiriman massal',
    })),
  );
  return { status: 202, value: { ok: true, count: asked.length } };
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

/** Serves the control on loopback: the hub's, that of the parts that run, and the page. A browser's request is taken from that page alone: one
 * of another site carries another Origin, and one under a name that only points here carries another Host. */
export async function listenControl(
  outside: Outside,
  port: number,
  parts: readonly ControlPart[],
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    void readBody(req).then(async (body) => {
      const request = { method: req.method ?? 'GET', path: req.url ?? '/', body: body ?? '' };
      const isOurs = body !== undefined && isFromHere(req.headers);
      const page = isOurs ? await controlPage(outside, parts, request) : undefined;
      if (page) {
        res.writeHead(page.status, PAGE_HEADERS).end(page.html);
        return;
      }
      const answer = isOurs
        ? await controlAll(outside, parts, request)
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

/** No script, no other site, no frame around it. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
} as const;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** Whether a request is from this machine's own tools or from our page: under a name of loopback, and with no Origin or that of the page. */
export function isFromHere(headers: {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}): boolean {
  const { host = '', origin } = headers;
  return LOOPBACK.test(host) && (origin === undefined || origin === `http://${host}`);
}

/** The page, and its forms; undefined for any other path. A form that is taken shows the page as it is then. */
export async function controlPage(
  { hub, desks }: Outside,
  parts: readonly ControlPart[],
  request: Parameters<ControlPart>[0],
): Promise<{ readonly status: number; readonly html: string } | undefined> {
  const { method, path, body } = request;
  const show = async (status: number, wrong?: string) => ({
    status,
    html: faultPage({
      desks,
      counters: { hub: hubNumbers(hub), switch: await switchNumbers(parts) },
      ...(wrong !== undefined && { wrong }),
    }),
  });
  if (method === 'GET' && (path === '/sim/' || path === '/')) return show(200);
  const wire = /^\/sim\/page\/([a-z]+)$/.exec(path)?.[1];
  const desk = desks.find((one) => one.wire === wire);
  if (method !== 'POST' || !desk) return undefined;
  const answer = controlFaults(desks, {
    method,
    path: `/sim/fault/${desk.wire}`,
    body: readForm(desk, body),
  });
  if (answer?.status === 200) return show(200);
  return show(400, `${desk.wire}: ${String(recordOf(answer?.value)['reason'])}`);
}

function hubNumbers(hub: Hub): Readonly<Record<string, number>> {
  const { peers, refused, undelivered } = hub.counters();
  const sum = (of: (one: (typeof peers)[string]) => number): number =>
    Object.values(peers).reduce((all, one) => all + of(one), 0);
  return {
    messages: sum(({ messages }) => messages),
    instructions: sum(({ instructions }) => instructions),
    bytes: sum(({ bytes }) => bytes),
    refused: Object.values(refused).reduce((all, one) => all + one, 0),
    undelivered,
  };
}

async function switchNumbers(
  parts: readonly ControlPart[],
): Promise<Readonly<Record<string, unknown>>> {
  for (const part of parts) {
    const answer = await part({ method: 'GET', path: '/sim/switch/counters', body: '' });
    if (answer) return recordOf(answer.value);
  }
  return {};
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
