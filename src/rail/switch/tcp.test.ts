/** Two banks over a real socket: one connects, the other listens. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import test from 'node:test';
import { silentLog } from '../../kernel/log.ts';
import { systemRandom } from '../../kernel/random.ts';
import { tcpStreams } from '../../kernel/stream-tcp.ts';
import { wallTime } from '../../kernel/time.ts';
import { openNetwork } from './network.ts';
import type { SwitchPorts } from './port.ts';
import { approve, LISTENING, macUnder, settingOf, transfer } from './test-network.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address);
  return address.port;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let left = 1_000; !isSo(); left--) {
    assert.ok(left > 0, 'it came to be within ten seconds');
    await wallTime().sleep(10);
  }
}

test('200 transfers at once over one TCP connection with MACs each get their own answer, and a lost listener leaves the rest unknown', async () => {
  const port = await freePort();
  const alarms: string[] = [];
  const ports: SwitchPorts = {
    time: wallTime(),
    random: systemRandom(),
    log: silentLog,
    streams: tcpStreams(() => ({ host: '127.0.0.1', port })),
    mac: macUnder(Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex')),
    keys: { accept: async () => 'refused' },
    stan: () => '900001',
    serve: async (request) =>
      request.fields[11] === '000999' ? undefined : approve(request, { 38: request.fields[11]! }),
    mayBeTaken: () => false,
    late: () => {},
    cutOver: async () => {},
    alarm: (alarm) => void alarms.push(`${alarm.kind} ${alarm.detail}`),
  };
  const listening = settingOf({ ...LISTENING, macOn: 'financial' });
  const [link] = listening.links;
  const issuer = await openNetwork(
    { ...listening, name: 'issuer', links: [{ ...link!, admitted: ['127.0.0.1'] }] },
    ports,
  );
  const acquirer = await openNetwork(settingOf({ macOn: 'financial' }), {
    ...ports,
    stan: (
      (count) => () =>
        String(++count).padStart(6, '0')
    )(0),
  });
  try {
    await until(() => acquirer.links()[0]!.phase === 'signed_on');
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        acquirer.request({ kind: 'financial', message: transfer(at) }),
      ),
    );
    assert.deepEqual(
      answers.map((one) => (one.outcome === 'answered' ? one.message.fields[38] : one.outcome)),
      Array.from({ length: 200 }, (_, at) => String(at).padStart(6, '0')),
    );
    assert.equal(issuer.counts().served, 200);
    const lost = acquirer.request({ kind: 'financial', message: transfer(999) });
    await until(() => acquirer.links()[0]!.inFlight === 1);
    await issuer.stop();
    assert.deepEqual(await lost, { outcome: 'unknown', reason: 'link_broken', link: 'demo-1' });
    await until(() => acquirer.counts().connectFailed > 0);
    assert.deepEqual(alarms, []);
  } finally {
    await acquirer.stop();
    await issuer.stop();
  }
});
