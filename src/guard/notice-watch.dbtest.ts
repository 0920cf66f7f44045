import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { withBank } from '../payment/test-bank.ts';
import { watchNotices } from './notice-watch.ts';

test('watchNotices() tells once a day that a partner was not told, with how many and since when', () =>
  withBank(
    async (bank) => {
      const alarms = () => bank.events('alarm.partner_notice_stuck');
      await watchNotices(bank, bank.db);
      assert.deepEqual(await alarms(), []);
      const at = new Date(bank.time.now());
      await bank.db
        .query(sql`insert into partner (id, name, public_key, secret, hmac_encoding, amount_max_sen, source_accounts, made_at)
        values ('P1', 'P', '', '', 'hex', 1, '{}', ${at})`);
      await bank.db
        .query(sql`insert into partner_notice (id, partner_id, kind, subject, external_id, facts, state, asked_at, changed_at)
        values ('ntc_1', 'P1', 'transfer', 'pay_1', '1', '{}', 'stuck', ${at}, ${at})`);
      await bank.time.sleep(10 * 60_000);
      for (let i = 0; i < 3; i++) await watchNotices(bank, bank.db);
      const [alarm, ...more] = await alarms();
      assert.deepEqual(more, []);
      assert.deepEqual([alarm!['stuckCount'], alarm!['oldestMinutes']], [1, 10]);
      await bank.db.tx(async (tx) => {
        await tx.query({ name: 'as_guard', text: 'set local role pulih_guard', values: [] });
        await watchNotices(bank, { tx: (work) => work(tx) });
      });
    },
    { days: 2 },
  ));
