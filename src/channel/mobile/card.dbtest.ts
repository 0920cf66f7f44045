import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCards } from '../../card/open.ts';
import { signIn, withWorld } from './test-world.ts';

test('a customer sees their own cards, blocks one at once without a PIN, and nobody else’s', () =>
  withWorld(async (world) => {
    const cards = ['budi', 'ayu'].map((name, index) => ({
      id: `crd_${name}`,
      token: Buffer.alloc(32, index),
      maskedPan: `639199******001${index}`,
      customerId: `cus_${name}`,
      account: '1990000001',
      expiry: '3112',
      pinValue: 's1.1.x.y',
    }));
    await world.db.tx((tx) => createCards(tx, { nowMs: 1_000, cards }));
    const budi = await signIn(world, 'budi');
    const { body } = await budi.call('GET', '/cards');
    assert.deepEqual(body.cards, [
      {
        id: 'crd_budi',
        number: '639199******0010',
        account: '1990000001',
        state: 'active',
        goodThrough: '12/31',
        canBlock: true,
      },
    ]);
    assert.ok(!JSON.stringify(body).includes('s1.1'));
    const other = await budi.call('POST', '/cards/crd_ayu/block', { reason: 'lost' });
    assert.equal(other.status, 404);
    const blocked = await budi.call('POST', '/cards/crd_budi/block', { reason: 'stolen' });
    assert.deepEqual([blocked.status, blocked.body.canBlock], [200, false]);
    for (const reason of ['active', 'new', undefined])
      assert.equal((await budi.call('POST', '/cards/crd_budi/block', { reason })).status, 400);
    const again = await budi.call('GET', '/cards');
    assert.equal((again.body.cards as readonly { state: string }[])[0]!.state, 'stolen');
    const messages = await budi.call('GET', '/messages');
    assert.match(JSON.stringify(messages.body), /Kartu diblokir/);
  }));
