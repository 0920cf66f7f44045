/** `pulih stop`: the stop button from a command line. Works with core, database and guard dead: it needs the gateway's socket and
 * a person's stop credential. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { RailName } from '../authorisation/instruction.ts';
import { makeStop } from '../gateway/control.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime, wibClock } from '../kernel/time.ts';
import type { Config } from './config.ts';
import { askGateway } from './control-client.ts';
import { peopleFolder, processFolder, stopCredentialFile } from './key-file.ts';
import { confirmWordOf, isConfirmed, stopPreview, type GatewayFigures } from './stop-preview.ts';

const REFUSALS: Readonly<Record<string, string>> = {
  bad_signature: 'the credential is not one that this gateway believes',
  too_old: 'the clock of this machine differs too much from the gateway',
  repeated: 'the same request was sent before',
  malformed: 'the request was not understood',
};

/** Stops one direction of a rail at every gateway of this machine; the exit code. */
export async function stopRail(input: {
  readonly config: Config;
  readonly rail: RailName;
  readonly direction: 'out' | 'in';
  readonly reason: string;
  /** A username, whose credential lies in the state folder, or the path of a credential file. @default the first one there */
  readonly person: string | undefined;
  /** What was typed with the command, in place of an answer at the terminal. */
  readonly confirm: string | undefined;
  readonly asJson: boolean;
}): Promise<number> {
  const { config, rail, direction, reason } = input;
  const state = config.folder;
  const credential = readCredential(state, input.person);
  if (!(await isMeant(input))) return 1;
  const results: Record<string, unknown>[] = [];
  for (const partition of gatewaysOf(state)) {
    const request = makeStop(credential.key, {
      partition,
      rail,
      direction,
      reason,
      staffId: credential.staffId,
      atMs: wallTime().now(),
      nonce: systemRandom().bytes(12).toString('hex'),
    });
    const answer = await askGateway({ state, partition, request }).catch((error: Error) => ({
      ok: false,
      reason: error.message,
    }));
    results.push({ partition, ...answer });
  }
  const isStopped = results.length > 0 && results.every((result) => result['ok'] === true);
  if (input.asJson)
    process.stdout.write(
      `${JSON.stringify({ ok: isStopped, rail, direction, staffId: credential.staffId, gateways: results })}\n`,
    );
  else
    for (const result of results)
      process.stdout.write(`${describe(result, { rail, direction })}\n`);
  if (!input.asJson && isStopped)
    process.stdout.write(
      'Only a release that two people sign and that names the latch lifts it.\n',
    );
  return isStopped ? 0 : 1;
}

/** Shows what the stop closes and asks for its word: a rail is never closed by one stroke (T20). Where nobody can answer, the command
 * itself must carry the word. */
async function isMeant(input: Parameters<typeof stopRail>[0]): Promise<boolean> {
  const { config, rail, direction } = input;
  const stop = { rail, direction };
  if (isConfirmed(stop, input.confirm)) return true;
  const gateways = await Promise.all(
    gatewaysOf(config.folder).map(async (partition) => {
      const request = { action: 'status' };
      const said = await askGateway({ state: config.folder, partition, request }).catch(() => ({}));
      const recent = (said as { recent?: unknown }).recent;
      return { partition, recent: recent as GatewayFigures['recent'] };
    }),
  );
  const lines = stopPreview(stop, gateways);
  const word = confirmWordOf(stop);
  if (input.asJson || !process.stdin.isTTY) {
    const said = { ok: false, reason: 'confirm_needed', confirm: word, preview: lines };
    if (input.asJson) process.stdout.write(`${JSON.stringify(said)}\n`);
    else
      process.stderr.write(
        `${lines.join('\n')}\nBelum dihentikan / not stopped: --confirm "${word}"\n`,
      );
    return false;
  }
  process.stderr.write(`${lines.join('\n')}\n`);
  const typed = await ask(`Ketik ${word} untuk menghentikan / type it to stop: `);
  if (isConfirmed(stop, typed)) return true;
  process.stderr.write('Tidak dihentikan / not stopped.\n');
  return false;
}

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}

function describe(
  result: Record<string, unknown>,
  what: { readonly rail: string; readonly direction: string },
): string {
  const where = String(result['partition']);
  if (result['ok'] !== true)
    return `${where}: NOT stopped, because ${REFUSALS[String(result['reason'])] ?? String(result['reason'])}`;
  const journal =
    result['isJournalled'] === false ? ' (its journal is broken: kept in its signed file)' : '';
  return `${where}: ${what.rail} ${what.direction} stopped at ${wibClock(wallTime().now())}, latch ${String(result['latchId'])}${journal}`;
}

function gatewaysOf(state: string): readonly string[] {
  const folder = dirname(processFolder(state, 'x'));
  if (!existsSync(folder))
    throw new Error(`Cannot stop: there is no Pulih in ${state}; choose its folder with --state`);
  return readdirSync(folder)
    .filter((name) => name.startsWith('gateway-'))
    .toSorted();
}

function readCredential(
  state: string,
  person: string | undefined,
): { readonly staffId: string; readonly key: ReturnType<typeof createPrivateKey> } {
  const path = person?.includes('/')
    ? resolve(person)
    : person
      ? stopCredentialFile(state, person)
      : firstCredential(state);
  if (!path || !existsSync(path))
    throw new Error(
      `Cannot stop: no stop credential${person ? ` of ${person}` : ''} (${path ?? peopleFolder(state)})`,
    );
  const { staffId, keyFile } = JSON.parse(readFileSync(path, 'utf8')) as {
    staffId: string;
    keyFile: string;
  };
  return { staffId, key: createPrivateKey(readFileSync(join(dirname(path), keyFile), 'utf8')) };
}

function firstCredential(state: string): string | undefined {
  const folder = peopleFolder(state);
  if (!existsSync(folder)) return undefined;
  const name = readdirSync(folder)
    .filter((file) => file.endsWith('.stop.json'))
    .toSorted()[0];
  return name && join(folder, name);
}
