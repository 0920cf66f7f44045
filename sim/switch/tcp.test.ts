import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSwitch, PEER, OWN_CARD, codeOf } from '../testing/member-bank.ts';
import { realNet } from '../testing/real-net.ts';
import { NETWORK_CODE } from './network-management.ts';
import { frame, FRAME_BYTES_MAX, openSplitter } from './frame.ts';
import type { ByteStream } from '../../src/kernel/stream.ts';

async function untilClosed(stream: ByteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.open({ data: () => {}, closed: () => resolve() }));
}

/** The first frames that come. */
async function read(stream: ByteStream, count: number): Promise<readonly string[]> {
  const splitter = openSplitter();
  const frames: string[] = [];
  return new Promise((resolve) =>
    stream.open({
      data: (bytes) => {
        for (const one of splitter.push(bytes).frames) frames.push(one.toString('latin1'));
        if (frames.length >= count) resolve(frames);
      },
      closed: () => resolve(frames),
    }),
  );
}

test('over TCP: both directions work, and a stranger’s golden echo is answered byte for byte', () =>
  withSwitch({ net: realNet() }, async ({ bank, network, net }) => {
    assert.equal(await bank.code(bank.withdrawal()), '00');
    const drawn = await network.withdraw({ bank: PEER.code, card: OWN_CARD, amountSen: 100n });
    assert.equal(drawn.outcome, 'approved');
    const stream = await net.connect({ target: 'switch', timeoutMs: 1_000 });
    const answers = read(stream, 2);
    const echo = frame(Buffer.from('0800822000000000000004000000000000000801030015000101301'));
    // In pieces, and two in one.
    for (const byte of echo) stream.write(Buffer.of(byte));
    stream.write(echo);
    const golden = '081082200000020000000400000000000000080103001500010100301';
    assert.deepEqual(await answers, [golden, golden]);
    stream.destroy();
  }));

test('over TCP: a new connection takes the place of the old one and starts signed off', () =>
  withSwitch({ net: realNet() }, async ({ bank, network, net }) => {
    const stream = await net.connect({ target: 'switch', timeoutMs: 1_000 });
    await bank.link.untilClosed();
    assert.deepEqual(network.links(), { one: false });
    stream.destroy();
  }));

test('over TCP: bytes that are no message are counted, a frame that is too long ends the connection', () =>
  withSwitch({ net: realNet() }, async ({ network, net }) => {
    const stream = await net.connect({ target: 'switch', timeoutMs: 1_000 });
    stream.write(frame(Buffer.from('not ISO 8583')));
    const tooLong = Buffer.alloc(2);
    tooLong.writeUInt16BE(FRAME_BYTES_MAX + 1);
    stream.write(tooLong);
    await untilClosed(stream);
    const { messages } = network.counters().links['one']!;
    assert.deepEqual([messages['refused format'], messages['refused frame']], [1, 1]);
  }));

test('over TCP: a half-open switch takes bytes and never answers; a cut one is seen at once', () =>
  withSwitch({ net: realNet() }, async ({ bank, network }) => {
    network.chooser.replace([{ name: 'deaf', match: {}, does: { kind: 'half_open' } }]);
    const asked = bank.ask(bank.withdrawal(), 100);
    assert.equal(codeOf(await asked), 'no_answer');
    assert.equal(bank.link.isConnected(), true);
    network.chooser.replace([]);
    const closed = bank.link.untilClosed();
    await network.act('disconnect');
    await closed;
    assert.equal(codeOf(await bank.link.manage(NETWORK_CODE.echo)), 'not_sent');
  }));

test('over TCP: a slow reader leaves bytes in the pipe', () =>
  withSwitch({ net: realNet() }, async ({ network, net, time }) => {
    network.chooser.replace([
      { name: 'slow', match: {}, does: { kind: 'slow_reader', bytesPerSecond: 1_000 } },
    ]);
    const stream = await net.connect({ target: 'switch', timeoutMs: 1_000 });
    stream.write(
      Buffer.concat(Array.from({ length: 100_000 }, () => frame(Buffer.from('x'.repeat(50))))),
    );
    await time.sleep(100);
    assert.ok(network.counters().links['one']!.bytesIn < 1_000_000);
    stream.destroy();
  }));
