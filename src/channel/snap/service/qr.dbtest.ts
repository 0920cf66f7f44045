/** qr-mpm-generate and qr-mpm-decode over SNAP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { sql } from '../../../db/sql.ts';
import { silentLog } from '../../../kernel/log.ts';
import { rupiah } from '../../../kernel/money.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { seedMerchants } from '../../../merchant/test-merchant.ts';
import { decodeQris } from '../../../rail/qris/decode.ts';
import { encodeQris } from '../../../rail/qris/encode.ts';
import { nnsOfBank } from '../../../rail/qris/nns.ts';
import { qrisRules } from '../../../rail/qris/rules.ts';
import { PAYLOADS } from '../../../rail/qris/test-payload.ts';
import { registerEndpoint } from '../notice/endpoint.ts';
import { openNotices } from '../notice/notice.ts';
import type { NoticeCall } from '../notice/port.ts';
import { makeTestCode, payTestCode } from '../test-sale.ts';
import { ACCOUNT, NOON_MS, sealer, withSnap, type World } from '../test-world.ts';

const AMOUNT = { value: '45000.00', currency: 'IDR' };

test("qr-mpm-generate makes codes of the partner's own merchants, once per reference (T6); qr-mpm-decode reads any", () =>
  withSnap(async ({ partner, other, db }) => {
    await seedMerchants(db, NOON_MS);
    const generate = (body: Record<string, unknown>, who = partner, headers = {}) =>
      who.call(
        '/v1.0/qr/qr-mpm-generate',
        { partnerReferenceNo: 'q-1', merchantId: 'mer_warung', ...body },
        { headers },
      );
    const decode = (body: Record<string, unknown>) =>
      partner.call('/v1.0/qr/qr-mpm-decode', {
        partnerReferenceNo: 'd-1',
        scanTime: '2026-08-01T12:00:00+07:00',
        ...body,
      });

    const made = await generate({
      amount: AMOUNT,
      storeId: 'TOKO 1',
      terminalId: 'A02',
      additionalInfo: { billNumber: 'INV-7' },
    });
    assert.equal(made.code, '2004700');
    assert.equal(made.body['merchantName'], 'WARUNG BU SRI');
    assert.equal(made.body['terminalId'], 'A02');
    assert.ok(
      Buffer.from(String(made.body['qrImage']), 'base64').subarray(1, 4).equals(Buffer.from('PNG')),
    );
    const again = await generate({
      amount: AMOUNT,
      storeId: 'TOKO 1',
      terminalId: 'A02',
      additionalInfo: { billNumber: 'INV-7' },
    });
    assert.deepEqual([again.code, again.body['qrContent']], ['2004700', made.body['qrContent']]);
    assert.equal(
      (await generate({ amount: { value: '45000.01', currency: 'IDR' } })).code,
      '4044718',
    );

    const told = await decode({ qrContent: made.body['qrContent'] });
    assert.equal(told.code, '2004800');
    const { merchantName, merchantCategory, merchantLocation, transactionAmount, merchantInfos } =
      told.body;
    assert.deepEqual(
      [merchantName, merchantCategory, merchantLocation, transactionAmount],
      ['WARUNG BU SRI', '5812', 'YOGYAKARTA', AMOUNT],
    );
    assert.equal(
      (merchantInfos as { acquirerName: string }[])[0]?.acquirerName,
      'Bank Pulih Daerah',
    );
    // A code of ours with another name on it is read all the same, and kept for people to look at.
    const kept = () =>
      db.query<{ merchant_id: string; warnings: readonly string[]; channel: string }>(
        sql`select merchant_id, warnings, channel from merchant_code_warning`,
      );
    assert.deepEqual(await kept(), []);
    const own = { nns: nnsOfBank('199'), name: 'Bank Pulih Daerah' };
    const read = decodeQris(String(made.body['qrContent']), qrisRules('2026-08-01', own));
    assert.ok(read.ok && read.code.kind === 'merchant');
    const pasted = encodeQris({ ...read.code, name: 'WARUNG LAIN' });
    assert.equal((await decode({ qrContent: pasted })).code, '2004800');
    const [warning] = await kept();
    assert.deepEqual(
      [warning?.merchant_id, warning?.channel, warning?.warnings],
      ['mer_warung', 'snap', ['name_differs', 'code_not_made_here']],
    );

    const tipped = await decode({ qrContent: PAYLOADS.V4 });
    assert.deepEqual(tipped.body['feeAmount'], { value: '5000.00', currency: 'IDR' });

    const codes = async (
      bodies: readonly Record<string, unknown>[],
    ): Promise<readonly string[]> => {
      const replies: string[] = [];
      for (const body of bodies)
        replies.push((await generate({ partnerReferenceNo: 'q-9', ...body })).code);
      return replies;
    };
    assert.deepEqual(
      await codes([
        { merchantId: 'mer_sekolah' },
        { merchantId: 'mer_none' },
        { terminalId: 'X99' },
        { amount: { value: '10000000.01', currency: 'IDR' } },
        { amount: { value: '0.00', currency: 'IDR' } },
        { amount: AMOUNT, feeAmount: { value: '1.00', currency: 'IDR' } },
        { amount: AMOUNT, validityPeriod: '2026-07-31T12:00:00+07:00' },
        { storeId: 'TOKO 1' },
        { amount: AMOUNT, additionalInfo: { billNumber: 'A|B' } },
        { storeId: 'x'.repeat(26) },
      ]),
      [
        '4044708',
        '4044708',
        '4044717',
        '4034702',
        '4044713',
        '4044713',
        '4004701',
        '4004702',
        '4004701',
        '4004701',
      ],
    );
    // The other partner's profile says 409xx01 for a reused reference.
    const headers = { 'channel-id': '95221' };
    const school = { merchantId: 'mer_sekolah', amount: AMOUNT };
    assert.equal((await generate(school, other, headers)).code, '2004700');
    assert.equal(
      (await generate({ ...school, terminalId: 'K01' }, other, headers)).code,
      '4094701',
    );

    const refused = await decode({ qrContent: PAYLOADS.I1 });
    assert.deepEqual(
      [refused.code, refused.message],
      ['4004801', 'Invalid Field Format qrContent crc_mismatch 63'],
    );
    assert.equal((await decode({ qrContent: PAYLOADS.I8 })).code, '4034802');
    assert.equal((await decode({ qrContent: PAYLOADS.I10 })).code, '4044803');
    assert.equal((await decode({ qrContent: PAYLOADS.V7 })).code, '4034815');
    assert.equal((await decode({ qrContent: PAYLOADS.V2, amount: AMOUNT })).code, '4044813');
  }));

/** A sale of Rp100.000; our id of its code. */
async function sell(world: World, reference: string): Promise<string> {
  const { id, payload } = await makeTestCode(world, reference);
  assert.equal((await payTestCode(world, payload)).ok, true);
  return id;
}

test('qr-mpm-query, -cancel and -refund: a code pays or is called back, a sale goes back at most once (T4, T6)', () =>
  withSnap(async (world) => {
    const { partner, other, db, ledger } = world;
    await seedMerchants(db, NOON_MS);
    const call = (service: string, body: Record<string, unknown>, who = partner) =>
      who.call(`/v1.0/qr/qr-mpm-${service}`, {
        merchantId: 'mer_warung',
        ...(service === 'query' ? { serviceCode: '47' } : { reason: 'uji' }),
        ...body,
      });
    const statusOf = async (reference: string) => {
      const told = await call('query', { originalPartnerReferenceNo: reference });
      assert.equal(told.code, '2005100');
      return [told.body['latestTransactionStatus'], told.body['transactionStatusDesc']];
    };
    const refund = (reference: string, number: string, value: string) =>
      call('refund', {
        originalPartnerReferenceNo: reference,
        partnerRefundNo: number,
        refundAmount: { value, currency: 'IDR' },
      });

    // Called back before anybody paid: nobody can any more.
    const { payload } = await makeTestCode(world, 'q-1');
    assert.deepEqual(await statusOf('q-1'), ['01', 'Initiated']);
    assert.equal((await refund('q-1', 'f-0', '1.00')).code, '4047800');
    for (let i = 0; i < 2; i++)
      assert.equal(
        (await call('cancel', { originalPartnerReferenceNo: 'q-1' })).code,
        '2007700',
        'a repeat gets the same answer',
      );
    assert.deepEqual(await statusOf('q-1'), ['05', 'Canceled']);
    const late = await payTestCode(world, payload);
    assert.equal(!late.ok && late.reason, 'code_used');

    // Paid: its partner is told (52), and it is given back in parts.
    const context = { db, time: world.time, random: systemRandom(), sealer };
    await registerEndpoint(context, {
      partnerId: 'partner-a',
      baseUrl: 'https://mitra.example/bank',
      clientId: 'pulih-at-a',
      channelId: '00199',
      proposedBy: 'stf_1',
      approvedBy: 'stf_2',
    });
    const codeId = await sell(world, 'q-2');
    const heard: NoticeCall[] = [];
    const notices = openNotices({
      ...context,
      log: silentLog,
      key: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey,
      post: async (asked) => {
        heard.push(asked);
        const body = Buffer.from('{"responseCode":"2005200"}');
        return { kind: 'answer', status: 200, body };
      },
    });
    await notices.work();
    await notices.work();
    assert.equal(heard.length, 1);
    assert.equal(heard[0]?.url, 'https://mitra.example/bank/v1.0/qr/qr-mpm-notify');
    const told = JSON.parse(String(heard[0]?.body)) as Record<string, unknown>;
    assert.equal(told['originalReferenceNo'], codeId);
    assert.equal(told['originalPartnerReferenceNo'], 'q-2');
    assert.equal(told['latestTransactionStatus'], '00');
    assert.deepEqual(told['amount'], { value: '100000.00', currency: 'IDR' });
    assert.deepEqual(await statusOf('q-2'), ['00', 'Success']);
    const part = await refund('q-2', 'f-1', '40000.00');
    assert.equal(part.code, '2007800');
    assert.deepEqual(part.body['refundAmount'], { value: '40000.00', currency: 'IDR' });
    const again = await refund('q-2', 'f-1', '40000.00');
    assert.deepEqual([again.code, again.body['refundNo']], ['2007800', part.body['refundNo']]);
    assert.equal((await refund('q-2', 'f-1', '40000.01')).code, '4047818');
    assert.equal((await refund('q-2', 'f-2', '60000.01')).code, '4047813');
    const asked = { originalPartnerReferenceNo: 'q-2' };
    assert.equal((await call('cancel', asked)).code, '4047700', 'partly given back');
    assert.equal((await refund('q-2', 'f-3', '60000.00')).code, '2007800');
    assert.deepEqual(await statusOf('q-2'), ['04', 'Refunded']);
    assert.equal((await ledger.balance(ACCOUNT.payee))?.availableSen, 0n);

    // A cancellation of the same day gives all of it back, by our reference too; the account of another partner's merchant is not there.
    const third = await sell(world, 'q-3');
    const byOurs = { originalReferenceNo: third };
    assert.equal((await call('cancel', { ...byOurs, merchantId: 'mer_sekolah' })).code, '4047708');
    assert.equal((await call('cancel', byOurs)).code, '2007700');
    assert.equal((await call('cancel', byOurs)).code, '2007700');
    assert.deepEqual(await statusOf('q-3'), ['04', 'Refunded']);
    const foreign = { originalReferenceNo: codeId, serviceCode: '47' };
    const headers = { 'channel-id': '95221' };
    assert.equal((await other.call('/v1.0/qr/qr-mpm-query', foreign, { headers })).code, '4045101');
    assert.equal((await ledger.balance(ACCOUNT.payer))?.availableSen, rupiah(1_000_000));
  }));
