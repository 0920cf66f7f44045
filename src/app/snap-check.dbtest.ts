/** The conformance command, against our own bank: its client shares no code with the server, so each finds the other's mistakes. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { checkConformance } from '../../sim/customer/conformance.ts';
import type { CheckLine } from '../../sim/customer/conformance-run.ts';
import { bindAccount } from '../channel/grant/bind.ts';
import { makeGrant } from '../channel/grant/make.ts';
import { exchangeCode } from '../channel/grant/token.ts';
import { SERVICES } from '../channel/snap/code.ts';
import { createPartner } from '../channel/snap/partner/partner.ts';
import {
  ACCOUNT,
  BANK,
  NOON_MS,
  REDIRECT,
  sealer,
  withSnap,
  type World,
} from '../channel/snap/test-world.ts';
import { sql } from '../db/sql.ts';
import { registerMerchant } from '../direct-debit/make.ts';
import { rupiah } from '../kernel/money.ts';
import { createMerchants } from '../merchant/open.ts';
import { MERCHANTS } from '../merchant/test-merchant.ts';
import { systemRandom } from '../kernel/random.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const SECRET = 'rahasia-mitra-yang-panjangnya-cukup';

/** Runs all checks as a partner of this kind; `secret` is what the partner believes. */
async function check(
  world: World,
  input: {
    readonly id: string;
    readonly kind: 'symmetric' | 'asymmetric';
    readonly encoding: 'base64' | 'hex';
    readonly secret?: string;
    readonly withTransfer: boolean;
    /** Takes debits, and has a customer's leave. */
    readonly forCustomer?: boolean;
  },
): Promise<{
  readonly isGood: boolean;
  readonly lines: readonly CheckLine[];
  readonly paths: ReadonlySet<string>;
}> {
  const { id, kind, encoding, withTransfer } = input;
  await createPartner(
    { db: world.db, time: world.time, random: systemRandom(), sealer },
    {
      id,
      name: id,
      publicKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      ...(kind === 'symmetric' && { secret: SECRET }),
      signatureKind: kind,
      hmacEncoding: encoding,
      amountMaxSen: rupiah(10_000),
      sourceAccounts: ['199*'],
    },
  );
  await bindAccount(
    { db: world.db, time: world.time, random: systemRandom() },
    { partnerId: id, account: ACCOUNT.payer, proposedBy: 'stf_1', approvedBy: 'stf_2' },
  );
  const merchant = `mer_${id}`;
  await seedMerchantOf(world, { id: merchant, partnerId: id });
  const customer = input.forCustomer ? await giveLeave(world, id) : undefined;
  const lines: CheckLine[] = [];
  const paths = new Set<string>();
  const isGood = await checkConformance({
    time: world.time,
    random: systemRandom(),
    prefix: '',
    withTransfer,
    onLine: (line) => lines.push(line),
    carry: async ({ path, headers, body }) => {
      paths.add(path);
      const answer = await world.app.inject({ method: 'POST', url: path, headers, payload: body });
      return {
        status: answer.statusCode,
        body: answer.payload,
        date: new Date(world.clock.now()).toUTCString(),
      };
    },
    partner: {
      clientId: id,
      channelId: '95221',
      privateKey: keys.privateKey,
      secret: kind === 'symmetric' ? (input.secret ?? SECRET) : undefined,
      encoding,
      account: ACCOUNT.payer,
      beneficiary: ACCOUNT.payee,
      other: { bank: 'BNINIDJA', account: '1100000001' },
      merchant,
      customer,
    },
  });
  return { isGood, lines, paths };
}

/** Two people let the partner move customers' money, and the payer's customer grants it some. */
async function giveLeave({ db, time }: World, partnerId: string) {
  const context = { db, time, random: systemRandom() };
  const people = { proposedBy: 'stf_1', approvedBy: 'stf_2' };
  await registerMerchant(context, { ...people, partnerId, account: ACCOUNT.payee });
  const { code } = await makeGrant(context, {
    partnerId,
    partnerName: partnerId,
    customerId: 'cus_1',
    scopes: ['debit', 'qris'],
    accounts: [ACCOUNT.payer],
    limits: { perPaymentSen: rupiah(20_000), perDaySen: rupiah(50_000) },
    redirectUrl: REDIRECT,
    days: 30,
    sessionHash: Buffer.alloc(32),
    device: 'test',
    textShown: 'x',
    language: 'id',
  });
  const exchanged = await exchangeCode(context, { partnerId, code, redirectUrl: REDIRECT });
  assert(exchanged.ok);
  return { token: exchanged.pair.accessToken, device: 'phone-1' };
}

let serial = 100n;

async function seedMerchantOf(
  { db }: World,
  of: { readonly id: string; readonly partnerId: string },
): Promise<void> {
  serial += 1n;
  const nmid = `ID10200000${String(serial).padStart(5, '0')}`;
  const merchants = [{ ...MERCHANTS[0]!, ...of, serial, nmid }];
  await db.tx((tx) =>
    createMerchants(tx, { nowMs: NOON_MS, bank: BANK, random: systemRandom(), merchants }),
  );
}

const failed = (lines: readonly CheckLine[]) => lines.filter(({ verdict }) => verdict === 'fail');

test('snap check passes against our bank with signatures of both kinds and encodings, and moves money only when told to', () =>
  withSnap(async (world) => {
    const before = await world.money();
    for (const [id, kind, encoding] of [
      ['check-a', 'symmetric', 'base64'],
      ['check-b', 'symmetric', 'hex'],
      ['check-c', 'asymmetric', 'base64'],
      ['check-d', 'asymmetric', 'hex'],
    ] as const) {
      const { isGood, lines, paths } = await check(world, {
        id,
        kind,
        encoding,
        withTransfer: false,
      });
      assert.deepEqual(failed(lines), [], id);
      assert.ok(isGood && lines.length >= 50);
      const served = Object.keys(SERVICES).map((path) => `/v1.0${path}`);
      assert.deepEqual([...paths].toSorted(), served.toSorted(), 'what we serve is tried');
    }
    assert.equal(await world.money(), before, 'nothing moved');
    const { lines } = await check(world, {
      id: 'check-e',
      kind: 'symmetric',
      encoding: 'base64',
      withTransfer: true,
      forCustomer: true,
    });
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict !== 'pass'),
      [],
    );
    const kinds = await world.db.query<{ kind: string }>(sql`select kind from payment`);
    assert.deepEqual(
      kinds.map(({ kind }) => kind).toSorted(),
      ['onus', 'onus', 'onus', 'onus_refund'],
      'one transfer, one debit and one sale, each asked for again and again',
    );
  }));

test('snap check fails, line by line, for a bank that does not believe the partner', () =>
  withSnap(async (world) => {
    const { isGood, lines } = await check(world, {
      id: 'check-f',
      kind: 'symmetric',
      encoding: 'base64',
      secret: 'another secret',
      withTransfer: true,
    });
    assert.equal(isGood, false);
    const names = failed(lines).map(({ name }) => name);
    for (const name of ['signature', 'X-EXTERNAL-ID, again on the same day', 'transfer of Rp1'])
      assert.ok(names.includes(name), name);
    assert.ok(!names.includes('wrong signature'), 'that one is refused all the same');
    assert.equal(await world.countPayments(), 0);
  }));
