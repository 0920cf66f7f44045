/** The longest list there may be: ten thousand rows over a network, with two processes, each row paid once and no long transaction. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAccounts } from '../ledger/account.ts';
import { rupiah, sen } from '../kernel/money.ts';
import { sql } from '../db/sql.ts';
import { FEE } from '../payment/test-bank.ts';
import { AGREEMENT, HEAD, rowOf, withBulks } from './test-bulk.ts';

const ROWS = 10_000;
const OPENING = rupiah(1_000_000_000);
/** A statement that takes longer keeps others waiting. On a busy machine of two cores the upload took a third of it. */
const LONG_MS = 3_000;

test('ten thousand rows are taken, checked and paid once each by two processes, with no long transaction', () =>
  withBulks(
    async ({ bank, bulks, another, find, check }) => {
      bank.rail.onSend = () => 'settle';
      await bank.db.tx((tx) =>
        openAccounts(tx, {
          nowMs: bank.time.now(),
          accounts: [
            { number: '100100', name: 'PT SINTETIS', customerId: 'C1', openingSen: OPENING },
          ],
        }),
      );
      await bank.db.query(sql`update bulk_agreement set day_max_sen = ${OPENING}`);
      const file = [HEAD, ...Array.from({ length: ROWS }, (_, n) => rowOf(n, '1000'))].join('\n');
      const begunMs = performance.now();
      const made = await bulks.upload({
        customerId: 'C1',
        key: 'upload-key',
        name: 'Gaji',
        debitAccount: '100100',
        file,
      });
      const uploadMs = performance.now() - begunMs;
      assert.ok(made.ok);
      const peers = [bulks, another()];
      let longestMs = 0;
      const workUntil = async (state: string): Promise<number> => {
        const fromMs = performance.now();
        for (let second = 0; (await find(made.bulk)).state !== state; second++) {
          assert.ok(second < 400, 'it goes on');
          const roundMs = performance.now();
          await Promise.all(peers.map((peer) => peer.work()));
          longestMs = Math.max(longestMs, performance.now() - roundMs);
          await bank.time.sleep(1_000);
        }
        return performance.now() - fromMs;
      };
      const checkMs = await workUntil('ready');
      const own = { id: made.bulk.id, customerId: 'C1' };
      const agreedMs = performance.now();
      assert.ok((await bulks.confirm(own, AGREEMENT)).ok);
      const confirmMs = performance.now() - agreedMs;
      const payMs = await workUntil('done');
      const spent = BigInt(ROWS) * (rupiah(1_000) + FEE);
      assert.equal(await bank.available('100100'), sen(OPENING - spent));
      for (const ms of [uploadMs, confirmMs, longestMs]) assert.ok(ms < LONG_MS, `${ms}`);
      await check();
      const shown = { uploadMs, checkMs, confirmMs, payMs, longestMs };
      process.stdout.write(
        `${JSON.stringify(shown, (_, ms: unknown) => (typeof ms === 'number' ? Math.round(ms) : ms))}\n`,
      );
    },
    { rowMax: ROWS },
  ));
