/** Notices between the bank's own sender and the partner's server of the simulator, over a real socket: each side reads the specification
 * for itself. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { startNoticeServer } from '../../sim/customer/notice-server.ts';
import { openNoticePost } from '../../src/app/notice-post.ts';
import { registerEndpoint } from '../../src/channel/snap/notice/endpoint.ts';
import { openNotices } from '../../src/channel/snap/notice/notice.ts';
import { body, INTRABANK } from '../../src/channel/snap/test-transfer.ts';
import { sealer, withSnap } from '../../src/channel/snap/test-world.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { systemRandom } from '../../src/kernel/random.ts';

test('a notice passes the partner’s own check of its signature; a silent partner gets it again and knows the repeat', () =>
  withSnap(async ({ db, time, clock, partner }) => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const server = await startNoticeServer({
      time,
      log: silentLog,
      port: 0,
      bankKey: keys.publicKey,
      clientId: 'PULHIDJA',
      faultRandom: systemRandom(),
    });
    const way = openNoticePost({ mayLoopback: true });
    const context = { db, time, random: systemRandom(), log: silentLog, post: way.post, sealer };
    try {
      await registerEndpoint(context, {
        partnerId: 'partner-a',
        baseUrl: `http://127.0.0.1:${server.port}`,
        clientId: 'PULHIDJA',
        channelId: '00199',
        proposedBy: 'stf_1',
        approvedBy: 'stf_2',
      });
      const forger = openNotices({ ...context, key: other.privateKey });
      const notices = openNotices({ ...context, key: keys.privateKey });
      await partner.call(INTRABANK, body());
      await forger.work();
      assert.deepEqual(server.counts(), { taken: 0, repeated: 0, refused: 1 });
      server.chooser.replace([{ name: 'silent', match: {}, does: { kind: 'drop_answer' } }]);
      clock.set(clock.now() + 10_000);
      await notices.work();
      server.chooser.replace([]);
      clock.set(clock.now() + 60_000);
      await notices.work();
      assert.deepEqual(server.counts(), { taken: 1, repeated: 1, refused: 1 });
      assert.deepEqual([notices.queue().waitingCount, notices.queue().stuckCount], [0, 0]);
    } finally {
      way.close();
      await server.close();
    }
  }));
