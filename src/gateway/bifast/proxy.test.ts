import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, withRig, type Rig } from '../../../test/gateway/rig.ts';
import { trxTypeOf } from '../../rail/bifast/render.ts';
import { messageIds } from '../../rail/bifast/id.ts';
import type { CreditTransfer } from '../../rail/bifast/message.ts';
import { parseMessage } from '../../rail/bifast/parse.ts';
import { makeStop } from '../control.ts';
import { GATEWAY_PATH } from '../../rail/journal-entry.ts';

const PROXY = { type: '01', value: '6281234567890' } as const;

/** A credit that somebody paid to a proxy of our customer's. */
function credit(over: Partial<CreditTransfer> = {}): CreditTransfer {
  const ids = messageIds({
    day: '20260801',
    bic: 'BNINIDJA',
    trxType: '110',
    originator: 'O',
    channelCode: '02',
    sequence: 1,
  });
  return {
    kind: 'credit_transfer',
    header: {
      from: 'FASTIDJA',
      to: 'PULHIDJA',
      bizMsgIdr: ids.bizMsgIdr,
      createdAt: '2026-08-01T03:05:00Z',
      isCopy: false,
      isPossibleDuplicate: false,
    },
    msgId: ids.msgId,
    madeAt: '2026-08-01T10:05:00.000',
    endToEndId: ids.bizMsgIdr,
    txId: ids.msgId,
    trxType: '110',
    channelCode: '02',
    categoryPurpose: '11099',
    amountSen: 5_000_000n,
    debtorName: 'PENGIRIM',
    debtorAccount: { number: '9001', type: 'SVGS' },
    debtorBank: 'BNINIDJA',
    creditorBank: 'PULHIDJA',
    creditorName: 'PENERIMA',
    creditorAccount: { number: '1001002003', type: 'SVGS' },
    creditorProxy: PROXY,
    remittance: '',
    ...over,
  };
}

async function tell(rig: Rig, message: Parameters<Rig['hub']['sign']>[0]) {
  const { body, headers } = rig.hub.sign(message);
  const response = await rig.network
    .connect('hub', 'gateway-1-network')
    .call({ path: '/bifast', body, headers, timeoutMs: 5_000 });
  const parsed = parseMessage(response.body);
  return {
    status: response.status,
    word:
      parsed.ok && parsed.message.kind === 'status_report'
        ? `${parsed.message.status} ${parsed.message.code}`
        : '',
  };
}

test('a credit to a proxy is taken as any credit is, and a stop on what comes in holds it back as well', () =>
  withRig(async (rig) => {
    assert.equal((await tell(rig, credit())).word, 'ACTC U000');
    const notice = rig.notices.find(({ kind }) => kind === 'credit');
    assert.ok(notice?.kind === 'credit' && notice.trxType === '010');
    const stop = makeStop(KEYS.ani.privateKey, {
      partition: 'gateway-1',
      rail: 'bifast',
      direction: 'in',
      reason: 'uji',
      staffId: 'ani',
      atMs: rig.time.now(),
      nonce: 'n',
    });
    await rig.gateway.control(stop);
    const next = messageIds({
      day: '20260801',
      bic: 'BNINIDJA',
      trxType: '110',
      originator: 'O',
      channelCode: '02',
      sequence: 2,
    });
    const { bizMsgIdr, msgId } = next;
    const again = credit({ endToEndId: bizMsgIdr, txId: msgId, msgId });
    const held = { ...again, header: { ...again.header, bizMsgIdr } };
    assert.equal((await tell(rig, held)).word, 'RJCT U110');
  }));

test('a proxy that moved is passed to core, and said again until core has taken it', () =>
  withRig(async (rig) => {
    const { header, msgId, madeAt } = rig.hub.report({ bizMsgIdr: '', msgId: '' });
    const message = {
      kind: 'proxy_notice',
      header,
      msgId,
      madeAt,
      proxy: PROXY,
      registrationId: 'R000000000018',
      bank: 'BNINIDJA',
    } as const;
    rig.coreAnswer = () => undefined;
    assert.equal((await tell(rig, message)).status, 503);
    rig.coreAnswer = () => ({ taken: true });
    assert.equal((await tell(rig, message)).status, 200);
    assert.deepEqual(rig.notices.at(-1), {
      kind: 'proxy_moved',
      rail: 'bifast',
      proxyType: '01',
      proxyValue: '6281234567890',
      registrationId: 'R000000000018',
      bank: 'BNINIDJA',
    });
  }));

test('the signed instruction decides the wire: a proxy makes a 110, and one that was changed after signing is refused', () =>
  withRig(async (rig) => {
    const ids = messageIds({
      day: '20260801',
      bic: 'PULHIDJA',
      trxType: '110',
      originator: 'O',
      channelCode: '02',
      sequence: 7,
    });
    const instruction = rig.instruction({
      ...ids,
      categoryPurpose: '11099',
      creditorProxy: PROXY,
    });
    assert.equal(trxTypeOf(instruction), '110');
    const token = rig.tokenOf(instruction);
    const moved = { ...instruction, creditorProxy: { ...PROXY, value: '6281234567891' } };
    // Each refusal costs its sender its place: three peers.
    const changed = await rig.railOf('core-1').send({ instruction: moved, token });
    assert.equal(changed.outcome, 'not_reached');
    const bare = rig.instruction({ ...ids, categoryPurpose: '11099' });
    const naked = await rig.railOf('core-2').send({ instruction: bare, token: rig.tokenOf(bare) });
    assert.equal(naked.outcome, 'not_reached', 'a 110 without its proxy is no instruction of ours');
    assert.equal(rig.hub.taken.length, 0);
    const sent = await rig.railOf('core-3').send({ instruction, token });
    assert.equal(sent.outcome, 'accepted');
    assert.deepEqual(rig.hub.taken[0]?.creditorProxy, PROXY);
  }));

test('only core may ask the directory, and a malformed question goes nowhere', () =>
  withRig(async (rig) => {
    const before = rig.hub.messageCount;
    const ask = { rail: 'bifast', ask: 'look_up', proxy: PROXY, askingAccount: '1001002003' };
    assert.equal((await rig.post('guard', GATEWAY_PATH.proxy, ask)).status, 403);
    for (const body of [
      { ...ask, proxy: { type: '01', value: 'x' } },
      { ...ask, ask: 'steal' },
      { ...ask, askingAccount: 'a b' },
      { rail: 'bifast', ask: 'register', wish: { operation: 'NEWR' } },
      null,
    ]) {
      const answer = await rig.post('core-1', GATEWAY_PATH.proxy, body);
      assert.match(answer.body.toString(), /malformed/);
    }
    assert.equal(rig.hub.messageCount, before);
  }));
