/** qr-mpm-generate and qr-mpm-decode over SNAP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedMerchants } from '../../merchant/test-merchant.ts';
import { PAYLOADS } from '../../rail/qris/test-payload.ts';
import { NOON_MS, withSnap } from './test-world.ts';

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
