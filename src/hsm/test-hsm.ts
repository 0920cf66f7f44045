/** An HSM for tests: the real one in a folder of its own, with a clock that the test moves, two people of staff, and callers by name.
 * Keeps every answer and log line, so that a test can look for what must not be there. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../kernel/log.ts';
import { seededRandom, type Random } from '../kernel/random.ts';
import { wallTime, type Time } from '../kernel/time.ts';
import type { Net, WireClient, WireHandler } from '../kernel/wire.ts';
import { remoteHsm } from '../rail/hsm/client.ts';
import type { Hsm, KeyAlgorithm, KeyName } from '../rail/hsm/port.ts';
import {
  openCeremonies,
  signAct,
  type CeremonyAct,
  type CeremonyAnswer,
  type SignedAct,
} from './ceremony.ts';
import { xor } from './cipher.ts';
import { sealPin } from './pin-block.ts';
import { startHsm, type RunningHsm } from './start.ts';

/** Hundreds of flushes to a busy disk would be most of the tests' time. */
const MEMORY = '/dev/shm';
const START_MS = Date.UTC(2026, 10, 27, 3, 0, 0);

/** Two people who may, one who is not of the staff, and one who holds a second id with the key of another. */
export const PEOPLE = ['stf_rina', 'stf_agus', 'stf_stranger', 'stf_rina_again'] as const;
export type Person = (typeof PEOPLE)[number];

export interface TestHsm {
  readonly folder: string;
  readonly gateway: Hsm;
  readonly core: Hsm;
  readonly random: Random;
  /** A raw call of anybody over the same wire. */
  call(peer: string, path: string, body: string): Promise<{ status: number; text: string }>;
  running(): RunningHsm;
  advance(ms: number): void;
  restart(): Promise<void>;
  /** One person's act, as the socket takes it. */
  act(person: Person, act: Partial<CeremonyAct> & { readonly name: KeyName }): CeremonyAnswer;
  signed(person: Person, act: Partial<CeremonyAct> & { readonly name: KeyName }): SignedAct;
  send(value: unknown): CeremonyAnswer;
  /** Both people form a key; `key` in clear, when the test must know it. */
  form(
    name: KeyName,
    options: {
      readonly algorithm: KeyAlgorithm;
      readonly key?: Buffer;
      readonly allowsFormat0?: boolean;
    },
  ): CeremonyAnswer;
  /** The block that a terminal or another bank makes; 16 bytes of key are TDES, 32 AES. */
  block(key: Buffer, pin: string, pan: string): string;
  /** All answers and log lines so far. */
  said(): string;
  close(): Promise<void>;
}

/** Starts it in an empty folder. */
export async function openTestHsm(): Promise<TestHsm> {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'hsm-test-'));
  const random = seededRandom('hsm tests');
  let nowMs = START_MS;
  const time: Time = { ...wallTime(), now: () => nowMs };
  const said: string[] = [];
  const hear = (fields: object, event: string): void =>
    void said.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info: hear, warn: hear, error: hear };
  const { net, client, call } = directNet(said);
  const keys = keysOf();
  const roster = () => ({
    stf_rina: pemOf(keys.stf_rina),
    stf_agus: pemOf(keys.stf_agus),
    stf_rina_again: pemOf(keys.stf_rina),
  });
  const start = () => startHsm({ folder, time, random, net, log, roster, hasSocket: false });
  let hsm = await start();
  let isRunning = true;
  let send = openCeremonies(hsm.module, roster);
  const signed: TestHsm['signed'] = (person, act) =>
    signAct(keys[person], {
      algorithm: 'T',
      allowsFormat0: false,
      staffId: person,
      atMs: nowMs,
      nonce: random.bytes(12).toString('hex'),
      ...act,
    });
  const world: TestHsm = {
    folder,
    random,
    gateway: remoteHsm(client('gateway-1')),
    core: remoteHsm(client('core-1')),
    call,
    running: () => hsm,
    advance: (ms) => void (nowMs += ms),
    async restart() {
      if (isRunning) await hsm.stop();
      isRunning = false;
      hsm = await start();
      isRunning = true;
      send = openCeremonies(hsm.module, roster);
    },
    signed,
    send: (value) => {
      const answer = send(value);
      said.push(JSON.stringify(answer));
      return answer;
    },
    act: (person, act) => world.send(signed(person, act)),
    form: (name, options) => formKey(world, name, options),
    block: (key, pin, pan) => blockOf(key, { pin, pan, random }),
    said: () => said.join('\n'),
    async close() {
      if (isRunning) await hsm.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

type FormOptions = Parameters<TestHsm['form']>[1];

function formKey(
  world: TestHsm,
  name: KeyName,
  { algorithm, key, allowsFormat0 = false }: FormOptions,
): CeremonyAnswer {
  const facts = { name, algorithm, allowsFormat0 };
  const first = key && world.random.bytes(key.length);
  const second = first && xor(first, key);
  world.act('stf_rina', { ...facts, ...component(first) });
  return world.act('stf_agus', { ...facts, ...component(second) });
}

function blockOf(
  key: Buffer,
  { pin, pan, random }: { readonly pin: string; readonly pan: string; readonly random: Random },
): string {
  const clear = { algorithm: key.length === 32 ? 'A' : 'T', key } as const;
  const digits = Buffer.from([...pin].map(Number));
  return sealPin(clear, { pin: digits, pan, random }).toString('hex').toUpperCase();
}

function component(bytes: Buffer | undefined): { readonly component?: string } {
  return bytes ? { component: bytes.toString('hex').toUpperCase() } : {};
}

function keysOf(): Readonly<Record<Person, KeyObject>> {
  const make = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
  const rina = make();
  return { stf_rina: rina, stf_agus: make(), stf_stranger: make(), stf_rina_again: rina };
}

function pemOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

/** A network without a network: the same handler and the same admission, called at once. */
function directNet(said: string[]): {
  readonly net: Net;
  client(peer: string): WireClient;
  call(peer: string, path: string, body: string): Promise<{ status: number; text: string }>;
} {
  let handler: WireHandler | undefined;
  let admit: ((peer: string, fingerprint: string) => boolean) | undefined;
  const call = async (
    peer: string,
    path: string,
    body: string,
  ): Promise<{ status: number; text: string }> => {
    if (!handler || (admit && !admit(peer, ''))) return { status: 403, text: '' };
    const request = { peer, fingerprint: '', method: 'POST', path, headers: {} };
    const { status, body: bytes } = await handler({ ...request, body: Buffer.from(body) });
    said.push(bytes.toString());
    return { status, text: bytes.toString() };
  };
  const client = (peer: string): WireClient => ({
    close: async () => {},
    async call(input) {
      const { status, text } = await call(peer, input.path, String(input.body ?? ''));
      return { status, body: Buffer.from(text) };
    },
  });
  const net: Net = {
    connect: () => client('nobody'),
    async listen(input) {
      ({ handler, admit } = input);
      return { port: 0, bytesIn: () => ({}), close: async () => void (handler = undefined) };
    },
  };
  return { net, client, call };
}
