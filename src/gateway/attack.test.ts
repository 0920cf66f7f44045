/** I1: nobody but the ledger's own authorisation makes a byte leave, and a refusal costs its sender, never the rail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BifastInstruction } from '../authorisation/form-bifast.ts';
import { instructionHash } from '../authorisation/instruction.ts';
import { memoryFingerprint } from '../kernel/wire-memory.ts';
import { parseJson } from '../kernel/wire.ts';
import { messageIds } from '../rail/bifast/id.ts';
import { GATEWAY_PATH, type RefusalReason } from '../rail/journal-entry.ts';
import { BANK, KEYS, withRig, type Rig } from '../../test/gateway/rig.ts';

interface Attack {
  readonly name: string;
  readonly reason: RefusalReason;
  /** How many times it must knock before it is quarantined. */
  readonly knocks?: number;
  readonly peer?: string;
  make(rig: Rig): Promise<{ readonly instruction: unknown; readonly token: unknown }>;
}

/** A stolen good token with another instruction. */
function changed(name: string, change: (honest: BifastInstruction) => BifastInstruction): Attack {
  return {
    name,
    reason: 'instruction_changed',
    async make(rig) {
      const { instruction, token } = rig.authorise();
      return { instruction: change(instruction), token };
    },
  };
}

const attacks: readonly Attack[] = [
  {
    name: 'no token',
    reason: 'no_token',
    make: async (rig) => ({ instruction: rig.instruction(), token: undefined }),
  },
  {
    name: 'empty token',
    reason: 'no_token',
    make: async (rig) => ({ instruction: rig.instruction(), token: '' }),
  },
  {
    name: 'forged token',
    reason: 'bad_signature',
    make: async (rig) => {
      const instruction = rig.instruction();
      return { instruction, token: rig.tokenOf(instruction, {}, KEYS.stranger.privateKey) };
    },
  },
  {
    name: 'token of an unknown key',
    reason: 'unknown_key',
    make: async (rig) => {
      const instruction = rig.instruction();
      return {
        instruction,
        token: rig.tokenOf(instruction, { kid: 'k9' }, KEYS.stranger.privateKey),
      };
    },
  },
  {
    name: 'replayed token',
    reason: 'already_used',
    make: async (rig) => {
      const honest = rig.authorise();
      assert.equal((await rig.rail.send(honest)).outcome, 'accepted');
      return honest;
    },
  },
  {
    name: 'expired token',
    reason: 'expired',
    knocks: 3,
    make: async (rig) => {
      const instruction = rig.instruction();
      return {
        instruction,
        token: rig.tokenOf(instruction, {
          iatMs: rig.time.now() - 120_001 + 1_000,
          expMs: rig.time.now() - 1,
        }),
      };
    },
  },
  {
    name: 'token of another partition',
    reason: 'wrong_partition',
    make: async (rig) => {
      const instruction = rig.instruction();
      return { instruction, token: rig.tokenOf(instruction, { aud: 'gateway-2' }) };
    },
  },
  {
    name: 'token of the drill environment',
    reason: 'wrong_env',
    make: async (rig) => {
      const instruction = rig.instruction({ env: 'drill' });
      return { instruction, token: rig.tokenOf(instruction) };
    },
  },
  changed('other amount', (honest) => ({ ...honest, amountSen: '24900000000' })),
  changed('other bank', (honest) => ({
    ...honest,
    creditor: { ...honest.creditor, bank: 'CENAIDJA' },
  })),
  changed('other beneficiary', (honest) => ({
    ...honest,
    creditor: { ...honest.creditor, account: '6666666666' },
  })),
  changed('other name', (honest) => ({
    ...honest,
    creditor: { ...honest.creditor, name: 'PENADAH' },
  })),
  changed('other cohort', (honest) => ({ ...honest, isStaff: true })),
  changed('id never issued', (honest) => ({
    ...honest,
    ...messageIds({
      day: '20260801',
      bic: BANK.bic,
      trxType: '010',
      originator: 'O',
      channelCode: '02',
      sequence: 77_777_777,
    }),
  })),
  {
    name: 'foreign id under a good signature',
    reason: 'id_invalid',
    make: async (rig) => {
      const ids = messageIds({
        day: '20260801',
        bic: 'CENAIDJA',
        trxType: '010',
        originator: 'O',
        channelCode: '02',
        sequence: 1,
      });
      const instruction = rig.instruction(ids);
      return { instruction, token: rig.tokenOf(instruction) };
    },
  },
  {
    name: 'repeated id under a good signature',
    reason: 'id_repeated',
    make: async (rig) => {
      const honest = rig.authorise();
      assert.equal((await rig.rail.send(honest)).outcome, 'accepted');
      const instruction = rig.instruction({
        bizMsgIdr: honest.instruction.bizMsgIdr,
        msgId: honest.instruction.msgId,
      });
      return { instruction, token: rig.tokenOf(instruction) };
    },
  },
  {
    name: 'good token from a peer that is not core',
    reason: 'peer_not_admitted',
    peer: 'attacker',
    make: async (rig) => rig.authorise(),
  },
];

test('I1 no attack makes a byte leave, each costs its sender, and honest traffic goes on', async () => {
  await withRig(async (rig) => {
    for (const [i, attack] of attacks.entries()) {
      const peer = attack.peer ?? `core-${100 + i}`;
      const request = await attack.make(rig);
      const before = { bytes: { ...rig.hubServer.bytesIn() }, messages: rig.hub.messageCount };
      for (let knock = 1; knock <= (attack.knocks ?? 1); knock++) {
        const response = await rig.post(peer, GATEWAY_PATH.send, request);
        assert.equal(response.status, 403, attack.name);
        assert.deepEqual(
          parseJson(response.body),
          { outcome: 'refused', reason: attack.reason },
          attack.name,
        );
      }
      assert.deepEqual(
        { bytes: rig.hubServer.bytesIn(), messages: rig.hub.messageCount },
        before,
        `${attack.name}: bytes left`,
      );
      const caught = rig.gateway
        .state()
        .quarantines.find(({ fingerprint }) => fingerprint === memoryFingerprint(peer));
      assert.equal(caught?.reason, attack.reason, `${attack.name}: not quarantined`);
      // From now on even a perfect instruction of that sender is refused.
      const good = await rig.railOf(peer).send(rig.authorise());
      assert.deepEqual(
        good,
        { outcome: 'not_reached', reason: 'refused: quarantined' },
        attack.name,
      );
      assert.deepEqual(
        { bytes: rig.hubServer.bytesIn(), messages: rig.hub.messageCount },
        before,
        `${attack.name}: bytes left afterwards`,
      );
      assert.equal(
        (await rig.rail.send(rig.authorise())).outcome,
        'accepted',
        `${attack.name}: the honest sender suffers`,
      );
    }
    const refused = await rig.bodies('refused');
    for (const { reason } of attacks)
      assert.ok(
        refused.some((body) => body.reason === reason),
        reason,
      );
  });
});

test('I1 the same token again from the same peer gets the recorded answer and nothing leaves', async () => {
  await withRig(async (rig) => {
    const payment = rig.authorise();
    const first = await rig.rail.send(payment);
    const taken = rig.hub.taken.length;
    await rig.sleep(200_000);
    assert.deepEqual(await rig.rail.send(payment), first);
    assert.equal(rig.hub.taken.length, taken);
    assert.deepEqual(rig.gateway.state().quarantines, []);
  });
});

test('I1 a refused payment above the scheme cap is voided, so core may refund, and its sender is not to blame', async () => {
  await withRig(async (rig) => {
    const instruction = rig.instruction({ amountSen: '25000000001' });
    assert.deepEqual(
      await rig.rail.send({ instruction, token: rig.tokenOf(instruction, { jti: 'jti_big' }) }),
      { outcome: 'not_sent', reason: 'above_cap' },
    );
    assert.deepEqual(await rig.rail.recall({ jti: 'jti_big' }), { known: 'voided' });
    assert.equal(rig.hub.taken.length, 0);
    const limit = rig.instruction({ amountSen: '25000000000' });
    assert.equal(
      (await rig.rail.send({ instruction: limit, token: rig.tokenOf(limit) })).outcome,
      'accepted',
    );
  });
});

test('I1 the gateway renders what was signed, field by field', async () => {
  await withRig(async (rig) => {
    const { instruction, token } = rig.authorise();
    assert.ok(instructionHash(instruction));
    await rig.rail.send({ instruction, token });
    const [sent] = rig.hub.taken;
    assert.equal(sent?.amountSen, 12_500_000n);
    assert.equal(sent?.endToEndId, instruction.bizMsgIdr);
    assert.equal(sent?.txId, instruction.msgId);
    assert.equal(sent?.creditorAccount.number, instruction.creditor.account);
    assert.equal(sent?.creditorName, instruction.creditor.name);
    assert.equal(sent?.debtorAccount?.number, instruction.debtor.account);
    assert.equal(sent?.creditorBank, 'BNINIDJA');
    assert.equal(sent?.settlementDate, '2026-08-01');
  });
});

test('two requests of one jti in one instant burn it once', async () => {
  await withRig(async (rig) => {
    const payment = rig.authorise();
    const answers = await Promise.all([
      rig.rail.send(payment),
      rig.rail.send(rig.signAgain(payment)),
      rig.railOf('core-2').send(payment),
    ]);
    assert.equal(rig.hub.taken.length, 1);
    assert.equal(answers[0].outcome, 'accepted');
    assert.equal(answers[1].outcome, 'accepted');
    assert.deepEqual(answers[2], { outcome: 'not_reached', reason: 'refused: already_used' });
  });
});

test('a thousand knocks fill the journal by a bounded amount and are all counted', async () => {
  await withRig(async (rig) => {
    const body = { instruction: { ...rig.instruction(), amountSen: '100' }, token: '' };
    for (let i = 0; i < 1_000; i++) await rig.post('core-66', GATEWAY_PATH.send, body);
    await rig.sleep(130_000);
    const refused = await rig.bodies('refused');
    assert.ok(refused.length < 30, `${refused.length} entries`);
    assert.equal(
      refused.reduce((sum, { count }) => sum + (count ?? 1), 0),
      1_000,
    );
    assert.equal(
      refused.reduce((sum, { amountSen }) => sum + BigInt(amountSen ?? 0), 0n),
      100_000n,
    );
    assert.equal((await rig.bodies('quarantined')).length, 1);
  });
});

test('a peer that asks what is not its own is quarantined: core for sets, guard for recalls, anybody for anything', async () => {
  await withRig(async (rig) => {
    for (const [peer, path] of [
      ['core-7', GATEWAY_PATH.set],
      ['guard-2', GATEWAY_PATH.recall],
      ['status', GATEWAY_PATH.journal],
      ['attacker', '/elsewhere'],
    ] as const) {
      assert.equal((await rig.post(peer, path, {})).status, 403, peer);
      assert.ok(
        rig.gateway.state().quarantines.some((caught) => caught.peer === peer),
        peer,
      );
    }
  });
});
