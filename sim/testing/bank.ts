/** A bank of one page for the hub's tests: takes the golden samples, puts its own ids in, signs, and answers the hub as told. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { virtualTime, type VirtualTime } from '../../src/kernel/virtual-time.ts';
import { memoryNet, memoryNetwork, type MemoryNetwork } from '../../src/kernel/wire-memory.ts';
import {
  WireFault,
  type WireClient,
  type WireRequest,
  type WireResponse,
} from '../../src/kernel/wire.ts';
import { isSigned, signBody } from '../hub/message-signature.ts';
import { startHub, type Hub } from '../hub/hub.ts';
import { demoParticipants } from '../hub/participant.ts';

/** Saturday 1 August 2026, 10:05 WIB: the golden samples' day. */
export const START_MS = Date.UTC(2026, 7, 1, 3, 5);
/** The bank's message keys. */
export const BANK_KEYS = generateKeyPairSync('ed25519');
/** The hub's message keys. */
export const HUB_KEYS = generateKeyPairSync('ed25519');
/** Keys that nobody knows. */
export const STRANGER_KEYS = generateKeyPairSync('ed25519');

type Json = Record<string, unknown>;

/** A golden sample as text. */
export function golden(name: string): string {
  return readFileSync(
    join(import.meta.dirname, '../../test/golden/bifast', `${name}.json`),
    'utf8',
  );
}

export interface Reply {
  readonly status: number;
  readonly definition: string;
  readonly code: string;
  readonly txStatus: string;
  readonly isSigned: boolean;
  readonly body: Json;
}

interface PostOptions {
  readonly key?: KeyObject;
  readonly client?: WireClient;
  readonly path?: string;
  readonly timeoutMs?: number;
}

interface HubOptions {
  readonly folder?: string;
  readonly prefundSen?: bigint;
  readonly startMs?: number;
}

export interface TestBank {
  readonly time: VirtualTime;
  readonly network: MemoryNetwork;
  readonly hub: Hub;
  readonly client: WireClient;
  /** What the hub posted to us, oldest first. */
  readonly inbox: {
    readonly atMs: number;
    readonly definition: string;
    readonly bizMsgIdr: string;
    readonly about: string;
    readonly txStatus: string;
    readonly code: string;
  }[];
  /** Answers one message of the hub; undefined = HTTP 503. */
  respond: (body: Json) => Json | undefined;
  /** The text of an outgoing 010 with this sequence; `change` edits the text. */
  credit(
    sequence: number,
    change?: {
      readonly account?: string;
      readonly bank?: string;
      readonly amount?: string;
      readonly date?: string;
    },
  ): string;
  statusRequest(sequence: number): string;
  post(text: string, options?: PostOptions): Promise<Reply>;
  get(path: string): Promise<Json>;
  portal(action: string, over?: Json): Promise<Json>;
  restartHub(folder: string): Promise<void>;
}

/** Runs `work` against a hub in virtual time. */
export async function withHub(
  work: (bank: TestBank) => Promise<void>,
  options: HubOptions = {},
): Promise<void> {
  const startMs = options.startMs ?? START_MS;
  const time = virtualTime(startMs);
  await time.run(run({ time, work, options }), startMs + 10 * 86_400_000);
}

async function run(input: {
  readonly time: VirtualTime;
  readonly work: (bank: TestBank) => Promise<void>;
  readonly options: HubOptions;
}): Promise<void> {
  const { time, options } = input;
  const network = memoryNetwork(time, 1);
  const start = (folder: string | undefined): Promise<Hub> =>
    startHub({
      time,
      net: memoryNet(network, 'hub'),
      random: seededRandom('hub'),
      log: silentLog,
      messageKey: HUB_KEYS.privateKey,
      bankKeys: { PULHIDJA: BANK_KEYS.publicKey },
      participants: demoParticipants(options.prefundSen),
      ...(folder === undefined ? {} : { folder }),
    });
  let hub = await start(options.folder);
  const client = network.connect('connector:PULHIDJA', 'hub');
  const bank: TestBank = {
    time,
    network,
    get hub() {
      return hub;
    },
    client,
    inbox: [],
    respond: takeEverything,
    credit: (sequence, change = {}) => creditText(sequence, change),
    statusRequest: (sequence) =>
      golden('4.4-status-request')
        .replaceAll('00360011', `99${digits(sequence).slice(2)}`)
        .replaceAll('00000123', digits(sequence)),
    post: (text, options) => post(client, { text, ...options }),
    get: async (path) => {
      const response = await client.call({ method: 'GET', path, timeoutMs: 5_000 });
      return isFromHub(response)
        ? (JSON.parse(response.body.toString()) as Json)
        : { status: response.status };
    },
    portal: async (action, over) =>
      (
        await bank.post(portalText({ nowMs: time.now(), action, over }), {
          path: `/portal/${action}`,
        })
      ).body,
    restartHub: async (folder) => {
      await hub.stop();
      hub = await start(folder);
    },
  };
  network.listen('gateway-1-network', async (request) => hear(bank, request));
  await input.work(bank);
  await hub.stop();
}

async function post(
  own: WireClient,
  input: PostOptions & { readonly text: string },
): Promise<Reply> {
  const { key = BANK_KEYS.privateKey, client = own, path = '/bifast', timeoutMs = 10_000 } = input;
  const body = Buffer.from(input.text);
  return replyOf(
    await client.call({ path, headers: { 'x-signature': signBody(key, body) }, body, timeoutMs }),
  );
}

function portalText(input: {
  readonly nowMs: number;
  readonly action: string;
  readonly over: Json | undefined;
}): string {
  const { nowMs, action } = input;
  const target = action === 'revoke' ? {} : { direction: 'out' };
  const requestId = `req_${nowMs}_${action}`;
  const sample = { bank: 'PULHIDJA', reason: 'test', requestId, atMs: nowMs, ...target };
  return JSON.stringify({ ...sample, ...input.over });
}

function digits(sequence: number): string {
  return String(sequence).padStart(8, '0');
}

function creditText(sequence: number, change: Parameters<TestBank['credit']>[1] = {}): string {
  return golden('4.1-out-010')
    .replaceAll('00000123', digits(sequence))
    .replaceAll('9008007006', change.account ?? '9008007006')
    .replaceAll('BNINIDJA', change.bank ?? 'BNINIDJA')
    .replaceAll('125000.00', change.amount ?? '125000.00')
    .replaceAll('2026-08-01"', `${change.date ?? '2026-08-01'}"`)
    .replaceAll('20260801PUL', `${(change.date ?? '2026-08-01').replaceAll('-', '')}PUL`);
}

/** The BizMsgIdr of `credit(sequence)`. */
export function idOf(sequence: number, date = '20260801'): string {
  return `${date}PULHIDJA010O02${digits(sequence)}`;
}

function isFromHub(response: WireResponse): boolean {
  return isSigned({
    key: HUB_KEYS.publicKey,
    body: response.body,
    signature: response.headers?.['x-signature'],
  });
}

function replyOf(response: WireResponse): Reply {
  const body = response.body.length === 0 ? {} : (JSON.parse(response.body.toString()) as Json);
  return { status: response.status, isSigned: isFromHub(response), body, ...partsOf(body) };
}

function partsOf(body: Json): {
  readonly definition: string;
  readonly code: string;
  readonly txStatus: string;
  readonly about: string;
  readonly bizMsgIdr: string;
} {
  const at = (path: string): string => {
    let here: unknown = body;
    for (const key of path.split('.')) here = (here as Json | undefined)?.[key];
    return typeof here === 'string' ? here : '';
  };
  const tx = 'BusMsg.Document.FIToFIPmtStsRpt.TxInfAndSts.0';
  return {
    definition: at('BusMsg.AppHdr.MsgDefIdr'),
    bizMsgIdr: at('BusMsg.AppHdr.BizMsgIdr'),
    code: at(`${tx}.StsRsnInf.0.Rsn.Prtry`) || at('BusMsg.Document.MessageReject.Rsn.RjctgPtyRsn'),
    txStatus: at(`${tx}.TxSts`),
    about: at(`${tx}.OrgnlEndToEndId`),
  };
}

async function hear(bank: TestBank, request: WireRequest): Promise<WireResponse> {
  if (
    !isSigned({
      key: HUB_KEYS.publicKey,
      body: request.body,
      signature: request.headers['x-signature'],
    })
  )
    return { status: 403, body: Buffer.alloc(0) };
  const message = JSON.parse(request.body.toString()) as Json;
  bank.inbox.push({ atMs: bank.time.now(), ...partsOf(message) });
  const answer = bank.respond(message);
  if (!answer) return { status: 503, body: Buffer.alloc(0) };
  const body = Buffer.from(JSON.stringify(answer));
  return { status: 200, headers: { 'x-signature': signBody(BANK_KEYS.privateKey, body) }, body };
}

/** ACTC for a credit, `{}` for a notice. */
export function takeEverything(message: Json): Json {
  const text = JSON.stringify(message);
  const credit = /"EndToEndId":"(\d{8}[A-Z0-9]{8}\d{3}O\d{2}\d{8})","TxId":"([^"]+)"/.exec(text);
  return credit
    ? answerTo({ endToEndId: credit[1]!, txId: credit[2]!, status: 'ACTC', code: 'U000' })
    : {};
}

/** Our pacs.002 to a credit. */
export function answerTo(input: {
  readonly endToEndId: string;
  readonly txId: string;
  readonly status: 'ACTC' | 'RJCT';
  readonly code: string;
}): Json {
  const text = golden('4.2-ours-rjct')
    .replaceAll('20260801CENAIDJA010O0200000777', input.endToEndId)
    .replaceAll('20260801CENAIDJA01000000777', input.txId)
    .replaceAll('"RJCT"', `"${input.status}"`)
    .replaceAll('"U101"', `"${input.code}"`);
  return JSON.parse(text) as Json;
}

/** A settlement line as the bank reads it. */
export interface Line {
  readonly lineId: string;
  readonly direction: string;
  readonly bizMsgIdr: string;
  readonly amountSen: string;
  readonly connector: string;
  readonly businessDate: string;
}

/** A page of the feed. */
export async function feed(
  bank: TestBank,
  after = '0',
): Promise<{ readonly cursor: string; readonly lines: readonly Line[] }> {
  return (await bank.get(`/feed?after=${after}`)) as never;
}

/** The statement of a date. */
export async function statement(
  bank: TestBank,
  date: string,
): Promise<{ readonly complete: boolean; readonly lines: readonly Line[] }> {
  return (await bank.get(`/statement?date=${date}`)) as never;
}

/** Tells a transport fault of one kind, for assert.rejects. */
export function isFault(kind: WireFault['kind']): (error: unknown) => boolean {
  return (error) => error instanceof WireFault && error.kind === kind;
}
