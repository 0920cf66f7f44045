/** The code by message before a larger debit, or before an account is bound: the customer reads it in the bank's own messages and types it at the partner. A challenge is for
 * one request to the letter, lives three minutes, takes three tries, and its code is nowhere but in that message. */
import { recordEvents } from '../audit/record.ts';
import type { Db, Tx } from '../db/pool.ts';
import { equalSecret, sha256 } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import type { Sen } from '../kernel/money.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import {
  countChallenges,
  insertChallenge,
  lockChallenge,
  updateChallenge,
  type Challenge,
} from './store-challenge.ts';
import { insertDebitMessage } from './store.ts';

/** How long a code is good for. */
export const CODE_MS = 3 * 60_000;
/** Guesses at one code. SQL checks the same number. */
export const TRIES_MAX = 3;
/** Codes of one grant in an hour: with the tries, fifteen guesses at a million. */
export const CODES_MAX = 5;
const HOUR_MS = 3_600_000;
/** A request whose answer was lost comes again with its code. */
const AGAIN_MS = 10 * 60_000;
const CODES = 1_000_000;
const TOKEN_BYTES = 32;

export interface ChallengeContext {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
}

export interface ChallengeCommand {
  readonly partnerId: string;
  /** What the customer reads. */
  readonly partnerName: string;
  readonly partnerReferenceNo: string;
  readonly requestHash: Buffer;
  readonly grantId: string;
  readonly customerId: string;
  readonly amountSen: Sen;
  /** The merchant, where it is not the partner itself that is paid. */
  readonly payeeName?: string;
  /** The account is bound, and nobody is paid; `amountSen` is 0 or the limit that the partner asked for. */
  readonly isBinding?: boolean;
  /** What the partner sent back; absent: a code is asked for. */
  readonly given?: { readonly token: string; readonly code: string };
}

/** `sent`: a code is on its way, and `token` names its challenge. `blocked`: too many guesses, or codes. `unknown`: there is no challenge of this
 * request under that token. */
export type ChallengeResult =
  | { readonly kind: 'passed' }
  | { readonly kind: 'sent'; readonly token: string; readonly expiresAtMs: number }
  | { readonly kind: 'wrong' | 'expired' | 'blocked' | 'unknown' };

/** Sends a code, or tries one. A try is counted in the commit that judges it: nobody learns of one that was not. Throws DbFault. */
export function demandCode(
  context: ChallengeContext,
  command: ChallengeCommand,
): Promise<ChallengeResult> {
  const { given } = command;
  return context.db.tx((tx) =>
    given ? tryCode(context, tx, { ...command, given }) : sendCode(context, tx, command),
  );
}

async function sendCode(
  context: ChallengeContext,
  tx: Tx,
  command: ChallengeCommand,
): Promise<ChallengeResult> {
  const { random } = context;
  const nowMs = context.time.now();
  const { grantId, payeeName } = command;
  if ((await countChallenges(tx, { grantId, since: new Date(nowMs - HOUR_MS) })) >= CODES_MAX)
    return { kind: 'blocked' };
  const token = random.bytes(TOKEN_BYTES).toString('base64url');
  const code = String(random.below(CODES)).padStart(6, '0');
  const expiresAtMs = nowMs + CODE_MS;
  const id = newId('dch', nowMs, random);
  await insertChallenge(tx, {
    id,
    partnerId: command.partnerId,
    partnerReferenceNo: command.partnerReferenceNo,
    requestHash: command.requestHash,
    grantId,
    tokenHash: sha256(token),
    codeHash: codeHash({ token, code }),
    expiresAtMs,
    madeAtMs: nowMs,
  });
  await insertDebitMessage(tx, {
    id: newId('msg', nowMs, random),
    customerId: command.customerId,
    template: templateOf(command),
    params: JSON.stringify({
      amountSen: String(command.amountSen),
      name: command.partnerName,
      reference: id,
      atMs: String(nowMs),
      nextAtMs: String(expiresAtMs),
      code,
      ...(payeeName !== undefined && { payee: payeeName }),
    }),
    now: new Date(nowMs),
  });
  await tell(tx, { id, fact: 'sent', nowMs, command });
  return { kind: 'sent', token, expiresAtMs };
}

function templateOf({ isBinding, payeeName }: ChallengeCommand) {
  if (isBinding) return 'direct_debit.code_bind';
  return payeeName === undefined ? 'direct_debit.code' : 'direct_debit.code_qris';
}

async function tryCode(
  context: ChallengeContext,
  tx: Tx,
  command: ChallengeCommand & { readonly given: NonNullable<ChallengeCommand['given']> },
): Promise<ChallengeResult> {
  const nowMs = context.time.now();
  const challenge = await lockChallenge(tx, sha256(command.given.token));
  if (!challenge || !isOf(challenge, command)) return { kind: 'unknown' };
  const { id } = challenge;
  const isPassed = challenge.passedAtMs !== undefined;
  if (challenge.expiresAtMs + (isPassed ? AGAIN_MS : 0) <= nowMs) return { kind: 'expired' };
  if (!isPassed && challenge.tryCount >= TRIES_MAX) return { kind: 'blocked' };
  const isRight = equalSecret(codeHash(command.given), challenge.codeHash);
  if (isPassed) return { kind: isRight ? 'passed' : 'wrong' };
  const tryCount = challenge.tryCount + 1;
  await updateChallenge(tx, { id, tryCount, passedAt: isRight ? new Date(nowMs) : undefined });
  await tell(tx, { id, fact: isRight ? 'passed' : 'wrong', nowMs, command, tryCount });
  return { kind: isRight ? 'passed' : 'wrong' };
}

/** A challenge is for one request: another amount, account, reference or partner has none. */
function isOf(challenge: Challenge, command: ChallengeCommand): boolean {
  return (
    challenge.partnerId === command.partnerId &&
    challenge.partnerReferenceNo === command.partnerReferenceNo &&
    challenge.grantId === command.grantId &&
    challenge.requestHash.equals(command.requestHash)
  );
}

function codeHash({ token, code }: { readonly token: string; readonly code: string }): Buffer {
  return sha256(`${token}:${code}`);
}

async function tell(
  tx: Tx,
  told: {
    readonly id: string;
    readonly fact: 'sent' | 'passed' | 'wrong';
    readonly nowMs: number;
    readonly command: ChallengeCommand;
    readonly tryCount?: number;
  },
): Promise<void> {
  const { command, tryCount } = told;
  const { partnerId, grantId, amountSen } = command;
  const data = {
    partnerId,
    grantId,
    amountSen: String(amountSen),
    ...(tryCount !== undefined && { tryCount }),
  };
  await recordEvents(tx, [
    { atMs: told.nowMs, kind: `direct_debit_code.${told.fact}`, subject: told.id, data },
  ]);
}
