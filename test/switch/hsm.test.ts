/** The bank's HSM and the simulated switch hold the same keys after an exchange, and mean the same by them. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { retailMac, sealPin, testLinkKeys, wrapKey } from '../../sim/switch/crypto.ts';
import { openTestHsm } from '../../src/hsm/test-hsm.ts';

const CARD = { pan: '6220990000000011', pin: '123456' };
const KEYS = testLinkKeys('seed', 'switch-1');

test('the HSM takes the keys that DE120 brings under the ZMK, makes the switch’s MACs and reads its PIN blocks', async () => {
  const hsm = await openTestHsm();
  try {
    hsm.form('zmk.switch', { algorithm: 'T', key: Buffer.from(KEYS.zmk) });
    hsm.form('pvk.bank', { algorithm: 'A' });
    for (const [name, key] of [
      ['zak.switch', KEYS.mac],
      ['zpk.switch', KEYS.zpk],
    ] as const) {
      const sent = wrapKey(KEYS.zmk, key);
      const [cryptogram, checkValue] = [sent.slice(0, 32), sent.slice(32)];
      const taken = await hsm.gateway.importZoneKey({ name, cryptogram, checkValue });
      assert.ok(taken.ok, JSON.stringify(taken));
      assert.equal(taken.checkValue, checkValue);
    }
    const text = Buffer.from('0200 and what follows');
    const data = text.toString('base64');
    const made = await hsm.gateway.makeMac({ key: 'zak.switch', data });
    assert.ok(made.ok);
    assert.equal(made.mac, retailMac(KEYS.mac, text));
    const input = { key: 'zpk.switch', pvk: 'pvk.bank', pan: CARD.pan } as const;
    const block = sealPin(KEYS.zpk, CARD);
    const set = await hsm.core.setPin({ ...input, block });
    assert.ok(set.ok, JSON.stringify(set));
    const { verificationValue } = set;
    const right = await hsm.core.verifyPin({ ...input, block, verificationValue });
    assert.ok(right.ok && right.isRight);
    const other = sealPin(KEYS.zpk, { ...CARD, pin: '654321' });
    const wrong = await hsm.core.verifyPin({ ...input, block: other, verificationValue });
    assert.ok(wrong.ok && !wrong.isRight);
  } finally {
    await hsm.close();
  }
});
