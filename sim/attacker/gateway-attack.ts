/** The attacker on our own network (drill `dki-2025`): posts perfectly formed instructions to the gateway's inner side, each
 * with another flaw in its proof, and forged messages of the hub to its network side. Knows what an insider could know: the
 * message forms, overheard sends, a stolen certificate per try; never the signing key. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Random } from '../../src/kernel/random.ts';
import { wibDate, type Time } from '../../src/kernel/time.ts';
import { parseJson, type WireClient, type WireResponse } from '../../src/kernel/wire.ts';
import type { AttackStep, GatewayAttack } from '../drills/scenario.ts';
import { makeIds } from '../hub/render.ts';
import { attackLog, knock, type AttackEntry, type AttackLog } from './log.ts';
import { forgeNetworkMessage, isNetworkStep } from './network-forge.ts';
import type { Captured, Tap } from './tap.ts';
import { claimsOf, forgeToken, hashOf, type ForgedClaims } from './token-forge.ts';

export interface GatewayAttackInput {
  readonly time: Time;
  readonly random: Random;
  readonly steps: readonly AttackStep[];
  /** The gateway's inner side, seen with the certificate `identity`. Made once per identity. */
  readonly connect: (identity: string) => WireClient;
  /** The gateway's network side (`gateway-1-network`), the same way. */
  readonly connectNetwork: (identity: string) => WireClient;
  readonly tap: Tap;
  readonly bank: { readonly bic: string; readonly partition: string; readonly env: string };
  /** Stands for tokens that were truly signed but stolen or strayed: expired, of another partition, of the drill environment.
   * Without it those three are signed by the attacker's own key. */
  readonly signAsOurs?: (claims: ForgedClaims) => string;
}

const CALL_TIMEOUT_MS = 12_000;
const TOKEN_LIFE_MS = 60_000;

/** Tries every step at its time; ends when all were answered. A step that needs an overheard send and has none is made up whole. */
export async function attackGateway(input: GatewayAttackInput): Promise<AttackLog> {
  const own = generateKeyPairSync('ed25519').privateKey;
  const clients = new Map<string, WireClient>();
  const clientOf = (step: AttackStep): WireClient => {
    let client = clients.get(step.identity);
    if (!client)
      clients.set(
        step.identity,
        (client = isNetworkStep(step)
          ? input.connectNetwork(step.identity)
          : input.connect(step.identity)),
      );
    return client;
  };
  const tries: Promise<AttackEntry>[] = [];
  for (const step of input.steps) {
    const waitMs = step.atMs - input.time.now();
    if (waitMs > 0) await input.time.sleep(waitMs);
    tries.push(
      isNetworkStep(step)
        ? forgeOne(input, { step, own, client: clientOf(step) })
        : injectOne(input, { step, own, client: clientOf(step) }),
    );
  }
  const entries = await Promise.all(tries);
  await Promise.all([...clients.values()].map((client) => client.close()));
  return attackLog(entries);
}

interface Try {
  readonly step: AttackStep;
  readonly own: KeyObject;
  readonly client: WireClient;
}

async function injectOne(
  input: GatewayAttackInput,
  { step, own, client }: Try,
): Promise<AttackEntry> {
  const { instruction, token } = makeInjection(input, { step, own });
  const atMs = input.time.now();
  const answer = await knock(client, {
    path: '/send',
    body: JSON.stringify({ instruction, ...(token === undefined ? {} : { token }) }),
    timeoutMs: CALL_TIMEOUT_MS,
  });
  return {
    atMs,
    kind: step.kind,
    identity: step.identity,
    bizMsgIdr: String(instruction['bizMsgIdr']),
    amountSen: BigInt(String(instruction['amountSen'])),
    ...told(answer),
  };
}

async function forgeOne(
  input: GatewayAttackInput,
  { step, own, client }: Try,
): Promise<AttackEntry> {
  const call = forgeNetworkMessage({
    step,
    key: own,
    nowMs: input.time.now(),
    bic: input.bank.bic,
    victim: pick(input.tap.captured, input.random),
    random: input.random,
  });
  const atMs = input.time.now();
  const answer = await knock(client, {
    path: call.path,
    headers: call.headers,
    body: call.body,
    timeoutMs: CALL_TIMEOUT_MS,
  });
  return {
    atMs,
    kind: step.kind,
    identity: step.identity,
    bizMsgIdr: call.bizMsgIdr,
    amountSen: step.amountSen,
    ...told(answer),
  };
}

function told(
  answer: WireResponse | 'no_answer' | 'not_sent',
): Pick<AttackEntry, 'answer' | 'reason' | 'isTaken'> {
  if (typeof answer === 'string') return { answer, reason: '', isTaken: answer === 'no_answer' };
  const body = parseJson(answer.body) as
    | { readonly reason?: unknown; readonly outcome?: unknown }
    | undefined;
  const reason = typeof body?.reason === 'string' ? body.reason : '';
  return {
    answer: answer.status,
    reason,
    isTaken: answer.status === 200 && body?.outcome !== 'not_sent',
  };
}

type Instruction = Readonly<Record<string, unknown>>;

/** The instruction and token of one step. `token` undefined = none at all. */
export function makeInjection(
  input: Pick<GatewayAttackInput, 'time' | 'random' | 'tap' | 'bank' | 'signAsOurs'>,
  { step, own }: { readonly step: AttackStep; readonly own: KeyObject },
): { readonly instruction: Instruction; readonly token: string | undefined } {
  const kind = step.kind as GatewayAttack;
  const heard = pick(input.tap.captured, input.random);
  if (kind === 'replayed' && heard) return heard;
  if (isChange(kind) && heard)
    return { instruction: changed(heard, { kind, step, input }), token: heard.token };
  const instruction = inventInstruction(input, step);
  if (kind === 'no_token') return { instruction, token: undefined };
  const nowMs = input.time.now();
  const honest = heard ? claimsOf(heard.token) : undefined;
  const claims: ForgedClaims = {
    version: 1,
    env: input.bank.env,
    kid: honest?.kid ?? 'k1',
    jti: `jti_${input.random.bytes(13).toString('hex').toUpperCase()}`,
    aud: input.bank.partition,
    paymentId: String(instruction['paymentId']),
    attempt: 1,
    iatMs: nowMs - 500,
    expMs: nowMs - 500 + TOKEN_LIFE_MS,
    instructionHash: hashOf(instruction),
  };
  const sign = input.signAsOurs ?? ((flawed) => forgeToken(own, flawed));
  switch (kind) {
    case 'unknown_key':
      return { instruction, token: forgeToken(own, { ...claims, kid: 'k-attacker' }) };
    case 'expired':
      return {
        instruction,
        token: sign({ ...claims, iatMs: nowMs - 2 * TOKEN_LIFE_MS, expMs: nowMs - TOKEN_LIFE_MS }),
      };
    case 'wrong_partition':
      return { instruction, token: sign({ ...claims, aud: 'gateway-99' }) };
    case 'drill_env': {
      const env = input.bank.env === 'drill' ? 'prod' : 'drill';
      const other = { ...instruction, env };
      return {
        instruction: other,
        token: sign({ ...claims, env, instructionHash: hashOf(other) }),
      };
    }
    default:
      return { instruction, token: forgeToken(own, claims) };
  }
}

function isChange(kind: GatewayAttack): boolean {
  return kind.startsWith('changed_') || kind === 'unissued_id';
}

function changed(
  heard: Captured,
  how: {
    readonly kind: GatewayAttack;
    readonly step: AttackStep;
    readonly input: Pick<GatewayAttackInput, 'time' | 'bank'>;
  },
): Instruction {
  const { kind, step, input } = how;
  const creditor = heard.instruction['creditor'] as Instruction;
  switch (kind) {
    case 'changed_amount':
      return { ...heard.instruction, amountSen: step.amountSen.toString() };
    case 'changed_bank':
      return {
        ...heard.instruction,
        creditor: { ...creditor, bank: creditor['bank'] === step.bank ? 'BNIAIDJA' : step.bank },
      };
    case 'changed_name':
      return {
        ...heard.instruction,
        creditor: { ...creditor, name: `${step.name} ${step.sequence}` },
      };
    case 'changed_beneficiary':
      return { ...heard.instruction, creditor: { ...creditor, account: step.account } };
    default:
      return { ...heard.instruction, ...unissuedIds(input, step) };
  }
}

function unissuedIds(
  input: Pick<GatewayAttackInput, 'time' | 'bank'>,
  step: AttackStep,
): { readonly bizMsgIdr: string; readonly msgId: string } {
  return makeIds({
    nowMs: input.time.now(),
    bic: input.bank.bic,
    trxType: '010',
    originator: 'O',
    channel: '02',
    sequence: step.sequence,
  });
}

function inventInstruction(
  input: Pick<GatewayAttackInput, 'time' | 'random' | 'bank'>,
  step: AttackStep,
): Instruction {
  return {
    version: 1,
    env: input.bank.env,
    rail: 'bifast',
    direction: 'out',
    kind: 'credit_transfer',
    paymentId: `pay_${input.random.bytes(13).toString('hex').toUpperCase()}`,
    attempt: 1,
    ...unissuedIds(input, step),
    amountSen: step.amountSen.toString(),
    currency: 'IDR',
    debtor: {
      bank: input.bank.bic,
      account: `1990${String(step.sequence).slice(-6)}`,
      accountType: 'SVGS',
      name: 'NASABAH',
    },
    creditor: { bank: step.bank, account: step.account, accountType: 'SVGS', name: step.name },
    channelCode: '02',
    channel: 'mobile',
    categoryPurpose: '01099',
    remittance: '',
    businessDate: wibDate(input.time.now()),
    cohortBucket: step.sequence % 10_000,
    isStaff: false,
  };
}

function pick(captured: readonly Captured[], random: Random): Captured | undefined {
  return captured.length === 0 ? undefined : captured[random.below(captured.length)];
}
