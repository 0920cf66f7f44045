/** One run of the checks of SNAP BI: sends a request that is right but for what a check bends, and keeps the lines of the result. */
import type { KeyObject } from 'node:crypto';
import type { Random } from '../../src/kernel/random.ts';
import { wibIso, type Time } from '../../src/kernel/time.ts';
import { signTransaction, signWithoutToken } from './snap-signature.ts';

/** Carries one request; throws when no answer came. `date` is the bank's Date header. */
export type Carry = (request: {
  readonly method: 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<{
  readonly status: number;
  readonly body: string;
  readonly date: string | undefined;
}>;

export interface CheckedPartner {
  readonly clientId: string;
  readonly channelId: string;
  readonly privateKey: KeyObject;
  /** Undefined = signs with the private key. */
  readonly secret: string | undefined;
  readonly encoding: 'base64' | 'hex';
  /** One of its own accounts. */
  readonly account: string | undefined;
  /** An account at the bank. */
  readonly beneficiary: string | undefined;
  readonly other: { readonly bank: string; readonly account: string } | undefined;
  /** A merchant whose QRIS codes it makes. */
  readonly merchant: string | undefined;
  /** What a customer gave it leave with. */
  readonly customer: { readonly token: string; readonly device: string } | undefined;
}

/** One line of the result. `got` is the SNAP code, or why there is none. */
export interface CheckLine {
  readonly name: string;
  readonly expected: string;
  readonly got: string;
  readonly verdict: 'pass' | 'fail' | 'skipped';
}

/** What a run needs. */
export interface Input {
  readonly time: Time;
  readonly random: Random;
  readonly carry: Carry;
  readonly partner: CheckedPartner;
  /** What stands before `/v1.0` in the bank's paths; part of what is signed. */
  readonly prefix: string;
  readonly withTransfer: boolean;
  readonly onLine: (line: CheckLine) => void;
}

/** What the bank said. */
export interface Answer {
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly date: string | undefined;
}

/** What a check bends of a request that is right. */
export interface Bend {
  readonly atMs?: number;
  readonly timestamp?: string;
  readonly externalId?: string;
  /** Sent instead of the text that was signed. */
  readonly sentBody?: string;
  readonly signature?: (right: string) => string;
  readonly otherKind?: boolean;
  readonly token?: string | undefined;
  readonly noToken?: boolean;
  /** Besides, or instead. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A run under way. */
export type Run = ReturnType<typeof openRun>;

/** Begins one. */
export function openRun(input: Input) {
  const { time, partner, onLine } = input;
  let hasPassed = true;
  let token: string | undefined;
  const line = (name: string, expected: string, told: { got: string; ok: boolean }): void => {
    hasPassed &&= told.ok;
    onLine({ name, expected, got: told.got, verdict: told.ok ? 'pass' : 'fail' });
  };
  const call = async (service: string, body: unknown, bend: Bend = {}): Promise<Answer> => {
    const path = `${input.prefix}${service}`;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const timestamp = bend.timestamp ?? wibIso(bend.atMs ?? time.now());
    const sent = 'token' in bend ? bend.token : token;
    const signed = { method: 'POST', path, body: text, timestamp, encoding: partner.encoding };
    const isSymmetric = (partner.secret !== undefined) !== (bend.otherKind ?? false);
    const right = isSymmetric
      ? signTransaction({ ...signed, secret: partner.secret ?? 'x', token: sent ?? '' })
      : signWithoutToken({ ...signed, key: partner.privateKey });
    const needsToken = partner.secret !== undefined || 'token' in bend;
    return ask(input, {
      path,
      body: bend.sentBody ?? text,
      headers: {
        'content-type': 'application/json',
        ...(needsToken && sent !== undefined && !bend.noToken
          ? { authorization: `Bearer ${sent}` }
          : {}),
        'x-timestamp': timestamp,
        'x-partner-id': partner.clientId,
        'x-external-id': bend.externalId ?? number(input.random),
        'channel-id': partner.channelId,
        'x-signature': bend.signature?.(right) ?? right,
        ...bend.headers,
      },
    });
  };
  return {
    input,
    line,
    call,
    hasPassed: () => hasPassed,
    keepToken: (text: string) => void (token = text),
    skip: (name: string, expected: string, needs: string) =>
      onLine({ name, expected, got: `not tried: needs ${needs}`, verdict: 'skipped' }),
    /** One request whose code must be one of these, and whose answer may have to pass a look. */
    async expect(
      name: string,
      codes: readonly string[],
      work: Promise<Answer>,
      look: (answer: Answer) => string | undefined = () => undefined,
    ): Promise<Answer> {
      const answer = await work;
      const isRight = codes.includes(answer.code);
      const wrong = isRight ? look(answer) : undefined;
      const got = wrong === undefined ? answer.code : `${answer.code}, ${wrong}`;
      line(name, codes.join(' or '), { got, ok: isRight && wrong === undefined });
      return answer;
    },
  };
}

/** One request as it is. Never throws: no answer is an answer too. */
export async function ask(
  input: Pick<Input, 'carry'>,
  request: { path: string; body: string; headers: Record<string, string> },
): Promise<Answer> {
  try {
    const { status, body, date } = await input.carry({ method: 'POST', ...request });
    const read = parseObject(body);
    const code = read['responseCode'];
    return {
      code: typeof code === 'string' && code !== '' ? code : `HTTP ${status} without a code`,
      body: read,
      date,
    };
  } catch (error) {
    return { code: `no answer (${(error as Error).message})`, body: {}, date: undefined };
  }
}

/** 18 digits. */
export function number(random: Random): string {
  return random.bytes(8).readBigUInt64BE().toString().padStart(20, '0').slice(-18);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
