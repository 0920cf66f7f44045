import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { seedMerchants } from '../../merchant/test-merchant.ts';
import { PAYLOADS } from '../../rail/qris/test-payload.ts';
import { signIn, withWorld } from './test-world.ts';

test('registerQris() reads a code for a signed-in customer: ours, a pasted one, a broken one', () =>
  withWorld(async (world) => {
    await seedMerchants(world.db, Date.now());
    const caller = await signIn(world);
    const read = async (payload: string) =>
      (await caller.call('POST', '/qris/read', { payload })).body;
    const [row] = await world.db.query<{ payload: string }>(
      sql`select payload from merchant_code where terminal = 'A01'`,
    );
    const ours = await read(` ${row!.payload}\n`);
    assert.equal(ours.content.name, 'WARUNG BU SRI');
    assert.equal(ours.content.institution, 'Bank Pulih Daerah');
    assert.deepEqual(ours.warnings, []);
    assert.equal('notPayable' in ours, false);
    assert.equal('notPayable' in (await read(PAYLOADS.V2)), false);
    assert.equal((await read(PAYLOADS.V8)).notPayable.title, 'Belum bisa dibayar di sini');
    assert.deepEqual(
      (await read(PAYLOADS.I15)).warnings.map(({ code }) => code),
      ['check_digit_wrong'],
    );
    const broken = await read(PAYLOADS.I1);
    assert.deepEqual(
      [broken.refusal.rule, broken.refusal.tag, 'content' in broken],
      ['crc_mismatch', '63', false],
    );
    const none = await caller.call('POST', '/qris/read', { payload: '' });
    assert.deepEqual([none.status, none.body.field], [400, 'payload']);
    const stranger = await world.app.inject({
      method: 'POST',
      url: '/app/api/qris/read',
      payload: { payload: 'x' },
    });
    assert.ok([401, 403].includes(stranger.statusCode));
    for (let i = 0; i < 40; i++) await read('x');
    assert.equal((await caller.call('POST', '/qris/read', { payload: 'x' })).status, 429);
  }));
