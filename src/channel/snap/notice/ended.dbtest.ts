/** What was ended stays ended in the database too: a core in wrong hands begins nothing anew that needed two people or a customer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DbFault } from '../../../db/pool.ts';
import { sql } from '../../../db/sql.ts';
import { registerMerchant } from '../../../direct-debit/make.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { registerChannel, registerService } from '../../../virtual-account/make.ts';
import { bindAccount } from '../../grant/bind.ts';
import { makeGrant } from '../../grant/make.ts';
import { registerEndpoint } from './endpoint.ts';
import { ACCOUNT, REDIRECT, sealer, withSnap, type World } from '../test-world.ts';

const PEOPLE = { partnerId: 'partner-b', proposedBy: 'stf_1', approvedBy: 'stf_2' };
const TABLES = [
  'partner_account',
  'partner_endpoint',
  'va_service',
  'va_channel',
  'debit_merchant',
  'access_grant',
];

async function registerAll({ db, time }: World): Promise<void> {
  const context = { db, time, random: systemRandom() };
  const account = ACCOUNT.poor;
  await bindAccount(context, { ...PEOPLE, account });
  await registerService(context, { ...PEOPLE, account, serviceId: '78' });
  await registerChannel(context, { ...PEOPLE, account });
  await registerMerchant(context, { ...PEOPLE, account });
  await registerEndpoint(
    { ...context, sealer },
    { ...PEOPLE, baseUrl: 'https://toko.example', clientId: 'x', channelId: '1' },
  );
  await makeGrant(context, {
    partnerId: 'partner-b',
    partnerName: 'B',
    customerId: 'cus_1',
    scopes: ['balance'],
    accounts: [ACCOUNT.payer],
    redirectUrl: REDIRECT,
    days: 30,
    sessionHash: Buffer.alloc(32),
    device: 'test',
    textShown: 'x',
    language: 'id',
  });
}

test('I5 core may end an account, an address, a service or a grant, and begin none of them anew', () =>
  withSnap(async (world) => {
    await registerAll(world);
    let count = 0;
    const asCore = (text: string) =>
      world.db.tx(async (tx) => {
        await tx.query(sql`set local role pulih_core`);
        return tx.query<{ partner_id: string }>({ name: `ended_${count++}`, text, values: [] });
      });
    for (const table of TABLES) {
      const by = table === 'access_grant' ? `, ended_by = 'customer'` : '';
      const ended = await asCore(
        `update ${table} set ended_at = now()${by} where partner_id = 'partner-b' returning partner_id`,
      );
      assert.equal(ended.length, 1, table);
      const none = table === 'access_grant' ? ', ended_by = null' : '';
      for (const at of [`null${none}`, `now() + interval '1 year'`])
        await assert.rejects(
          asCore(`update ${table} set ended_at = ${at} where partner_id = 'partner-b'`),
          (error) => error instanceof DbFault && error.code === '23001',
          `${table} ${at}`,
        );
    }
  }));
