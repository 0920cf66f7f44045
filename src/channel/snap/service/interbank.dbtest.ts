/** transfer-interbank against the real engine and ledger; only the network beyond the rail is played. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idr, interbank, INTERBANK, refuses, restriction } from '../test-transfer.ts';
import { ACCOUNT, withSnap } from '../test-world.ts';

test('transfer-interbank waits for the outcome: settled 2001800, refused by the network its own code with the fee back', () =>
  withSnap(async (world) => {
    const settled = await world.partner.call(INTERBANK, interbank());
    assert.equal(settled.code, '2001800', settled.message);
    assert.equal(settled.body['beneficiaryBankCode'], 'BNINIDJA');
    const byCode = await world.partner.call(INTERBANK, interbank({ beneficiaryBankCode: '009' }));
    assert.equal(byCode.code, '2001800');
    for (const [rail, code] of [
      ['U101', '4041811'],
      ['U102', '4031818'],
      ['U156', '4031803'],
      ['U110', '4031805'],
    ] as const) {
      world.rail.answer = { outcome: 'rejected', code: rail };
      const { code: told } = await world.partner.call(INTERBANK, interbank());
      assert.equal(told, code, rail);
    }
    const { body: balance } = await world.partner.call('/v1.0/balance-inquiry', {
      accountNo: ACCOUNT.payer,
    });
    const [info] = balance['accountInfos'] as { availableBalance: unknown; holdAmount: unknown }[];
    // Two settled of Rp100.000 with Rp2.500 each; the four refused ones gave back principal and fee.
    assert.deepEqual([info!.availableBalance, info!.holdAmount], [idr('795000.00'), idr('0.00')]);
  }));

test('T2 I2 transfer-interbank without an answer is 2021800, held and pending, and a repeat sends nothing again', () =>
  withSnap(async (world) => {
    world.rail.answer = { outcome: 'unknown', reason: 'no_answer' };
    const asked = interbank();
    const started = world.clock.now();
    const reply = await world.partner.call(INTERBANK, asked);
    assert.equal(reply.code, '2021800', reply.message);
    assert.ok(world.clock.now() - started >= 10_000, 'it waits up to 10 s');
    assert.equal(world.rail.sent, 1);
    assert.deepEqual(await world.partner.call(INTERBANK, asked), reply);
    assert.equal(world.rail.sent, 1);
    const { body: balance } = await world.partner.call('/v1.0/balance-inquiry', {
      accountNo: ACCOUNT.payer,
    });
    assert.deepEqual(
      (balance['accountInfos'] as { holdAmount: unknown }[])[0]!.holdAmount,
      idr('102500.00'),
    );
  }));

test('T4 transfer-interbank refuses by bank, gate and rail cap, and moves no money', () =>
  withSnap(async (world) => {
    const cases: readonly [string, Record<string, unknown>][] = [
      ['4041803', interbank({ beneficiaryBankCode: 'XXXXIDJA' })],
      ['4031806', interbank({ beneficiaryBankCode: 'BRINIDJA' })],
      ['4041802', interbank({ beneficiaryBankCode: '199' })],
      ['4001802', interbank({ beneficiaryAccountName: undefined })],
      ['4001801', interbank({ beneficiaryAccountName: '  ' })],
      ['4001802', interbank({ beneficiaryBankCode: '' })],
      ['4031802', interbank({ amount: idr('250000000.01') })],
      ['4041813', interbank({ amount: idr('0.99') })],
      ['4031814', interbank({ amount: idr('1000000.00') })],
    ];
    for (const [code, asked] of cases)
      await refuses(world, { code, ask: (p) => p.call(INTERBANK, asked) });
    const until = { ...restriction({ kind: 'stop' }), nextUpdateAtMs: world.clock.now() + 600_000 };
    world.gate.word = { kind: 'stop', restriction: until };
    await refuses(world, {
      code: '4031806',
      ask: (p) => p.call(INTERBANK, interbank()),
      message: /next update \d\d:\d\d WIB/,
    });
    assert.equal(world.rail.sent, 0);
  }));

test('transfer-interbank goes over the way that the request names, else over the one of the contract', () =>
  withSnap(async (world) => {
    const over = async (additionalInfo?: unknown): Promise<string> => {
      const reply = await world.partner.call(
        INTERBANK,
        interbank(additionalInfo === undefined ? {} : { additionalInfo }),
      );
      assert.equal(reply.code, '2001800', reply.message);
      return world.rail.last?.rail ?? '';
    };
    assert.equal(await over(), 'bifast');
    assert.equal(await over({ switcher: 'ONLINE' }), 'switch');
    assert.equal(await over({ switcher: 'BIFAST', categoryPurpose: '01' }), 'bifast');
    for (const switcher of ['PRIMA', '', 7, null, 'toString'])
      await refuses(world, {
        code: '4001801',
        ask: (p) => p.call(INTERBANK, interbank({ additionalInfo: { switcher } })),
      });
    await world.db.script("update partner set route = 'switch'");
    world.clock.set(world.clock.now() + 6_000);
    assert.equal(await over(), 'switch');
    assert.equal(await over({ switcher: 'BIFAST' }), 'bifast');
  }));
