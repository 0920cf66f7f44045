/** What a bank keeps of SNAP BI, tried from outside by a partner: each check is one request, with what was expected and what came.
 * Written from the specification (domain.md section 3), apart from any server of ours. Moves no money unless it is told to. */
import { wibIso } from '../../src/kernel/time.ts';
import {
  ask,
  number,
  openRun,
  type Answer,
  type Bend,
  type CheckedPartner,
  type Input,
  type Run,
} from './conformance-run.ts';
import { checkCustomer } from './conformance-customer.ts';
import { checkBills, checkDebits, checkEntries, checkQrisPayments } from './conformance-service.ts';
import { signTokenRequest } from './snap-signature.ts';

const SKEW_MS_MAX = 30_000;
const OLD_MS = 10 * 60_000;
const TOKEN_PATH = '/v1.0/access-token/b2b';
const CUSTOMER_TOKEN_PATH = '/v1.0/access-token/b2b2c';
const INTERNAL = '/v1.0/account-inquiry-internal';
/** Asked about when the caller names no account: the answer "no such account" proves as well that the request was believed. */
const NOBODY = '0000000000';

/** Runs all checks in order; true when none failed. Never throws for what a bank answers or does not. */
export async function checkConformance(input: Input): Promise<boolean> {
  const run = openRun(input);
  await checkToken(run);
  await checkSignatures(run);
  await checkReplay(run);
  await checkBodies(run);
  await checkInquiries(run);
  await checkEntries(run);
  await checkBills(run);
  await checkDebits(run);
  await checkCodes(run);
  await checkQrisPayments(run);
  await checkTransfer(run, input.withTransfer);
  await checkCustomer(run, input.withTransfer);
  return run.hasPassed();
}

async function checkToken(run: Run): Promise<void> {
  const { time, partner } = run.input;
  const request = (
    bend: { atMs?: number; body?: unknown; isForged?: boolean; path?: string } = {},
  ) => {
    const timestamp = wibIso(bend.atMs ?? time.now());
    const clientId = bend.isForged ? `${partner.clientId}x` : partner.clientId;
    return ask(run.input, {
      path: `${run.input.prefix}${bend.path ?? TOKEN_PATH}`,
      body: JSON.stringify(bend.body ?? { grantType: 'client_credentials' }),
      headers: {
        'content-type': 'application/json',
        'x-timestamp': timestamp,
        'x-client-key': partner.clientId,
        'x-signature': signTokenRequest({ key: partner.privateKey, clientId, timestamp }),
      },
    });
  };
  const answer = await run.expect('token', ['2007300'], request(), ({ body }) =>
    typeof body['accessToken'] === 'string' &&
    body['tokenType'] === 'Bearer' &&
    Number(body['expiresIn']) > 0
      ? undefined
      : 'accessToken, tokenType Bearer and expiresIn are missing',
  );
  const token = answer.body['accessToken'];
  if (typeof token === 'string') run.keepToken(token);
  const skewMs = answer.date === undefined ? Number.NaN : Date.parse(answer.date) - time.now();
  run.line('clock', `the bank's clock within ${SKEW_MS_MAX / 1_000} s of ours`, {
    got: Number.isFinite(skewMs) ? `${Math.round(skewMs / 1_000)} s` : 'no Date header',
    ok: Math.abs(skewMs) <= SKEW_MS_MAX,
  });
  await run.expect('token, wrong signature', ['4017300'], request({ isForged: true }));
  await run.expect(
    'token, timestamp of 10 minutes ago',
    ['4017300'],
    request({ atMs: time.now() - OLD_MS }),
  );
  await run.expect('token, no grantType', ['4007302'], request({ body: { additionalInfo: {} } }));
  await run.expect(
    'token, unknown grantType',
    ['4007301'],
    request({ body: { grantType: 'password' } }),
  );
  await run.expect(
    'customer token for a code that never was',
    ['4017400'],
    request({
      path: CUSTOMER_TOKEN_PATH,
      body: {
        grantType: 'authorization_code',
        authCode: 'A'.repeat(43),
        additionalInfo: { redirectUrl: 'https://partner.example/back' },
      },
    }),
  );
}

async function checkSignatures(run: Run): Promise<void> {
  const { time, partner } = run.input;
  const body = inquiryOf(partner);
  const believed = ['2001500', '4041511'];
  const refused = ['4011500'];
  await run.expect('signature', believed, run.call(INTERNAL, body));
  await run.expect(
    'signature, white space between the tokens',
    believed,
    run.call(INTERNAL, JSON.stringify(body, undefined, 2)),
  );
  const bends: readonly (readonly [string, Bend])[] = [
    ['wrong signature', { signature: spoil }],
    ['signature in the other encoding', { signature: (right) => recode(right, partner.encoding) }],
    ['signature of the other kind', { otherKind: true }],
    [
      'body changed after signing',
      { sentBody: JSON.stringify({ ...body, beneficiaryAccountNo: '0000000001' }) },
    ],
    ['timestamp of 10 minutes ago', { atMs: time.now() - OLD_MS }],
    ['timestamp of 10 minutes ahead', { atMs: time.now() + OLD_MS }],
  ];
  for (const [name, bend] of bends) await run.expect(name, refused, run.call(INTERNAL, body, bend));
  await run.expect(
    'timestamp of another form',
    ['4001501'],
    run.call(INTERNAL, body, { timestamp: '2026-08-01 10:00:05' }),
  );
  await run.expect(
    'unknown token',
    ['4011501'],
    run.call(INTERNAL, body, { token: 'A'.repeat(43) }),
  );
  if (partner.secret === undefined) return;
  await run.expect('no token', ['4011503'], run.call(INTERNAL, body, { noToken: true }));
}

async function checkReplay(run: Run): Promise<void> {
  const externalId = number(run.input.random);
  const body = inquiryOf(run.input.partner);
  await run.expect(
    'X-EXTERNAL-ID, first time',
    ['2001500', '4041511'],
    run.call(INTERNAL, body, { externalId }),
  );
  await run.expect(
    'X-EXTERNAL-ID, again on the same day',
    ['4091500'],
    run.call(INTERNAL, body, { externalId }),
  );
}

async function checkBodies(run: Run): Promise<void> {
  await run.expect('body that is no JSON', ['4001500'], run.call(INTERNAL, '{"a":'));
  await run.expect('body without its field', ['4001502'], run.call(INTERNAL, {}));
  await run.expect(
    'field of another form',
    ['4001501'],
    run.call(INTERNAL, { beneficiaryAccountNo: '10 02' }),
  );
  await run.expect(
    'transfer whose amount is no text',
    ['4001701'],
    // Refused for its form, whatever the bank thinks of the accounts: no money can move.
    run.call('/v1.0/transfer-intrabank', {
      ...transferOf(run, number(run.input.random), NOBODY),
      amount: { value: 1, currency: 'IDR' },
    }),
  );
  await run.expect(
    'interbank transfer whose amount is no text',
    ['4001801'],
    run.call('/v1.0/transfer-interbank', {
      ...transferOf(run, number(run.input.random), NOBODY),
      beneficiaryAccountName: 'CHECK',
      beneficiaryBankCode: run.input.partner.other?.bank ?? '009',
      amount: { value: 1, currency: 'IDR' },
    }),
  );
}

async function checkInquiries(run: Run): Promise<void> {
  const { partner } = run.input;
  const named = ({ body }: Answer): string | undefined =>
    typeof body['beneficiaryAccountName'] === 'string' ? undefined : 'no beneficiaryAccountName';
  if (partner.beneficiary === undefined) run.skip('inquiry, internal', '2001500', '--beneficiary');
  else
    await run.expect(
      'inquiry, internal',
      ['2001500'],
      run.call(INTERNAL, inquiryOf(partner)),
      named,
    );
  if (partner.other === undefined)
    run.skip('inquiry, external', '2001600', '--other-bank and --other-account');
  else
    await run.expect(
      'inquiry, external',
      ['2001600'],
      run.call('/v1.0/account-inquiry-external', {
        beneficiaryBankCode: partner.other.bank,
        beneficiaryAccountNo: partner.other.account,
      }),
      named,
    );
  if (partner.account === undefined) run.skip('balance', '2001100', '--account');
  else
    await run.expect(
      'balance',
      ['2001100'],
      run.call('/v1.0/balance-inquiry', { accountNo: partner.account }),
      ({ body }) => (Array.isArray(body['accountInfos']) ? undefined : 'no accountInfos'),
    );
  await run.expect(
    'status of a transfer that never was',
    ['4043601'],
    run.call('/v1.0/transfer/status', {
      originalPartnerReferenceNo: number(run.input.random),
      serviceCode: '17',
    }),
  );
}

/** A code's life without money: made, asked about, not refundable, called back for good. */
async function checkCodes(run: Run): Promise<void> {
  const { merchant } = run.input.partner;
  const names = ['QRIS code', 'its status', 'refund of an unpaid code', 'cancel', 'cancelled'];
  if (merchant === undefined) {
    for (const name of names) run.skip(name, 'see docs/snap.md', '--merchant');
    return;
  }
  const reference = number(run.input.random);
  const amount = { value: '10000.00', currency: 'IDR' };
  const asked = { originalPartnerReferenceNo: reference, merchantId: merchant };
  const query = () => run.call('/v1.0/qr/qr-mpm-query', { ...asked, serviceCode: '47' });
  const isStatus =
    (wanted: string) =>
    ({ body }: Answer): string | undefined => {
      const told = String(body['latestTransactionStatus']);
      return told === wanted ? undefined : `latestTransactionStatus ${told}`;
    };
  const made = { partnerReferenceNo: reference, merchantId: merchant, amount };
  await run.expect(names[0]!, ['2004700'], run.call('/v1.0/qr/qr-mpm-generate', made));
  await run.expect(names[1]!, ['2005100'], query(), isStatus('01'));
  const refund = { ...asked, partnerRefundNo: reference, refundAmount: amount, reason: 'check' };
  await run.expect(names[2]!, ['4047800'], run.call('/v1.0/qr/qr-mpm-refund', refund));
  const cancel = { ...asked, reason: 'check' };
  await run.expect(names[3]!, ['2007700'], run.call('/v1.0/qr/qr-mpm-cancel', cancel));
  await run.expect(names[4]!, ['2005100'], query(), isStatus('05'));
}

async function checkTransfer(run: Run, withTransfer: boolean): Promise<void> {
  const { account, beneficiary } = run.input.partner;
  const names = ['transfer of Rp1', 'its status', 'the same again', 'another under its reference'];
  if (!withTransfer || account === undefined || beneficiary === undefined) {
    for (const name of names)
      run.skip(name, 'see docs/snap.md', '--with-transfer, --account and --beneficiary');
    return;
  }
  const path = '/v1.0/transfer-intrabank';
  const reference = number(run.input.random);
  const body = transferOf(run, reference, beneficiary);
  const first = await run.expect(names[0]!, ['2001700'], run.call(path, body));
  await run.expect(
    names[1]!,
    ['2003600'],
    run.call('/v1.0/transfer/status', { originalPartnerReferenceNo: reference, serviceCode: '17' }),
    (answer) =>
      answer.body['latestTransactionStatus'] === '00'
        ? undefined
        : `latestTransactionStatus ${String(answer.body['latestTransactionStatus'])}`,
  );
  await run.expect(names[2]!, ['2001700'], run.call(path, body), (answer) =>
    answer.body['referenceNo'] === first.body['referenceNo']
      ? undefined
      : 'another referenceNo: it may have been paid twice',
  );
  await run.expect(
    names[3]!,
    ['4041718', '4091701'],
    run.call(path, { ...body, amount: { value: '2.00', currency: 'IDR' } }),
  );
}

function inquiryOf(partner: CheckedPartner): { readonly beneficiaryAccountNo: string } {
  return { beneficiaryAccountNo: partner.beneficiary ?? NOBODY };
}

function transferOf(run: Run, reference: string, beneficiary: string) {
  return {
    partnerReferenceNo: reference,
    amount: { value: '1.00', currency: 'IDR' },
    beneficiaryAccountNo: beneficiary,
    sourceAccountNo: run.input.partner.account ?? NOBODY,
    transactionDate: wibIso(run.input.time.now()),
  };
}

/** The first character becomes another of the same alphabet. */
function spoil(signature: string): string {
  return `${signature.startsWith('a') ? 'b' : 'a'}${signature.slice(1)}`;
}

function recode(signature: string, from: 'base64' | 'hex'): string {
  return Buffer.from(signature, from).toString(from === 'hex' ? 'base64' : 'hex');
}
