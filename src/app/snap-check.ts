/** `pulih snap check`: the checks of `sim/customer/conformance.ts` against a bank over HTTP or HTTPS. Uses nothing of our server. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { checkConformance } from '../../sim/customer/conformance.ts';
import type { Carry, CheckLine } from '../../sim/customer/conformance-run.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';

const ANSWER_MS_MAX = 30_000;
const ANSWER_BYTES_MAX = 1_048_576;

/** Prints a line per check. Exit 0 when none failed, 1 when one did, 2 for wrong usage. */
export async function snapCheck(asked: {
  readonly url: string | undefined;
  readonly clientId: string | undefined;
  readonly privateKeyFile: string | undefined;
  readonly secretFile: string | undefined;
  readonly encoding: string;
  readonly channelId: string;
  readonly account: string | undefined;
  readonly beneficiary: string | undefined;
  readonly otherBank: string | undefined;
  readonly otherAccount: string | undefined;
  readonly merchant: string | undefined;
  readonly customerTokenFile: string | undefined;
  readonly deviceId: string | undefined;
  readonly withTransfer: boolean;
  readonly asJson: boolean;
}): Promise<number> {
  const { clientId, privateKeyFile, secretFile, encoding, otherBank, otherAccount } = asked;
  const { customerTokenFile, deviceId } = asked;
  const base = asked.url === undefined ? null : URL.parse(asked.url);
  const isHttp = base?.protocol === 'http:' || base?.protocol === 'https:';
  const isForm = encoding === 'base64' || encoding === 'hex';
  if (!base || !isHttp || !clientId || !privateKeyFile || !isForm) {
    process.stderr.write(
      'Usage: pulih snap check --url http://127.0.0.1:8080 --client-id ... --private-key file --secret-file file\n',
    );
    return 2;
  }
  const lines: CheckLine[] = [];
  const isGood = await checkConformance({
    time: wallTime(),
    random: systemRandom(),
    carry: carryTo(base),
    prefix: base.pathname.replace(/\/$/, ''),
    partner: {
      clientId,
      channelId: asked.channelId,
      privateKey: createPrivateKey(readFileSync(privateKeyFile, 'utf8')),
      secret: secretFile === undefined ? undefined : readFileSync(secretFile, 'utf8').trim(),
      encoding,
      account: asked.account,
      beneficiary: asked.beneficiary,
      merchant: asked.merchant,
      other: otherBank && otherAccount ? { bank: otherBank, account: otherAccount } : undefined,
      customer:
        customerTokenFile !== undefined && deviceId !== undefined
          ? { token: readFileSync(customerTokenFile, 'utf8').trim(), device: deviceId }
          : undefined,
    },
    withTransfer: asked.withTransfer,
    onLine(line) {
      lines.push(line);
      if (!asked.asJson) process.stdout.write(`${shown(line)}\n`);
    },
  });
  const count = (verdict: CheckLine['verdict']): number =>
    lines.filter((line) => line.verdict === verdict).length;
  const totals = { passed: count('pass'), failed: count('fail'), skipped: count('skipped') };
  process.stdout.write(
    asked.asJson
      ? `${JSON.stringify({ ok: isGood, ...totals, checks: lines })}\n`
      : `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`,
  );
  return isGood ? 0 : 1;
}

const MARKS = { pass: 'pass', fail: 'FAIL', skipped: 'skip' } as const;

function shown({ name, expected, got, verdict }: CheckLine): string {
  return `${MARKS[verdict]}  ${name.padEnd(44)} ${got}${verdict === 'fail' ? `  (expected ${expected})` : ''}`;
}

function carryTo(base: URL): Carry {
  const request = base.protocol === 'https:' ? requestTls : requestPlain;
  return (call) =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(call.body);
      const out = request(
        {
          host: base.hostname,
          port: base.port,
          method: call.method,
          path: call.path,
          headers: { ...call.headers, 'content-length': body.length },
          signal: AbortSignal.timeout(ANSWER_MS_MAX),
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > ANSWER_BYTES_MAX) out.destroy(new Error('the answer is too long'));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              date: response.headers.date,
            }),
          );
        },
      );
      out.on('error', reject);
      out.end(body);
    });
}
