import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerPort } from '../ledger/port.ts';
import { bifast, OPENING, withBank } from './test-bank.ts';

test('cancel() gives back a held payment once, and is too late after it was sent', () =>
  withBank(async (bank) => {
    const sign = bank.signer.sign;
    let letGo!: () => void;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    bank.signer.sign = async (jtis) => {
      await gate;
      return sign(jtis);
    };
    const held = await bank.engine.submit(bifast());
    assert.ok(held.ok);
    assert.deepEqual(await bank.engine.cancel(held.payment.id), { ok: true });
    // Whoever was about to send it finds that it moved.
    letGo();
    await bank.time.sleep(1_000);
    assert.equal(await bank.state(held.payment.id), 'cancelled');
    assert.equal(bank.rail.sends.size, 0);
    assert.equal(await bank.available('1001'), OPENING);
    assert.deepEqual(await bank.messages('C1'), ['payment.cancelled']);
    bank.rail.onSend = () => 'lose_request';
    const sent = await bank.engine.submit(bifast());
    assert.ok(sent.ok);
    await bank.time.sleep(1_000);
    assert.deepEqual(await bank.engine.cancel(sent.payment.id), { ok: false, reason: 'too_late' });
    assert.deepEqual(await bank.engine.cancel('pay_none'), { ok: false, reason: 'not_found' });
    await bank.checkMoney();
  }));

for (const end of ['sends', 'finds no signer'] as const) {
  test(`cancel() wins against a sender under way that ${end} between its claim and its commit`, () =>
    withBank(async (bank) => {
      const sign = bank.signer.sign;
      let letGo!: () => void;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      bank.signer.sign = async (jtis) => {
        await gate;
        if (end === 'finds no signer') throw new Error('connection refused');
        return sign(jtis);
      };
      const ledger: LedgerPort = {
        balance: (account) => bank.ledger.balance(account),
        counted: (keys) => bank.ledger.counted(keys),
        async post(request) {
          if (request.key.startsWith('cancel:')) {
            letGo();
            await bank.time.sleep(500);
          }
          return bank.ledger.post(request);
        },
      };
      const held = await bank.engine.submit(bifast());
      assert.ok(held.ok);
      assert.deepEqual(await bank.another({ ledger }).cancel(held.payment.id), { ok: true });
      assert.equal(await bank.state(held.payment.id), 'cancelled');
      assert.equal(bank.rail.sends.size, 0);
      assert.equal(await bank.available('1001'), OPENING);
      await bank.checkMoney();
    }));
}
