/** I12: what comes in is believed only when the hub said it; it reaches core once, in order, also over restarts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFingerprint } from '../kernel/wire-memory.ts';
import type { WireResponse } from '../kernel/wire.ts';
import { encodeMessage } from '../rail/bifast/encode.ts';
import { messageIds } from '../rail/bifast/id.ts';
import type { BifastMessage, BulkCredit, CreditTransfer } from '../rail/bifast/message.ts';
import { parseMessage } from '../rail/bifast/parse.ts';
import { isSigned, signedHeaders } from '../rail/signature.ts';
import { GATEWAY_PATH } from '../rail/journal-entry.ts';
import type { NoticeAnswer, SettlementLine } from '../rail/notice.ts';
import { KEYS, withRig, type Rig } from '../../test/gateway/rig.ts';

function credit(sequence: number, over: Partial<CreditTransfer> = {}): CreditTransfer {
  const trxType = over.trxType ?? '010';
  const ids = messageIds({
    day: '20260801',
    bic: 'BNINIDJA',
    trxType,
    originator: 'O',
    channelCode: '02',
    sequence,
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
    trxType,
    channelCode: '02',
    categoryPurpose: `${trxType}99`,
    amountSen: 5_000_000n,
    debtorName: 'PENGIRIM',
    debtorAccount: { number: '9001', type: 'SVGS' },
    debtorBank: 'BNINIDJA',
    creditorBank: 'PULHIDJA',
    creditorName: 'PENERIMA',
    creditorAccount: { number: '1001002003', type: 'SVGS' },
    remittance: '',
    ...over,
  };
}

async function post(
  rig: Rig,
  message: BifastMessage,
  options: { peer?: string; key?: keyof typeof KEYS; unsigned?: boolean } = {},
): Promise<WireResponse> {
  const body = encodeMessage(message);
  const headers = options.unsigned
    ? {}
    : signedHeaders(KEYS[options.key ?? 'hub'].privateKey, body);
  return rig.network
    .connect(options.peer ?? 'hub', 'gateway-1-network')
    .call({ path: '/bifast', body, headers, timeoutMs: 10_000 });
}

function word(response: WireResponse): string {
  assert.ok(
    isSigned({ key: KEYS.bank.publicKey, body: response.body, headers: response.headers }),
    'our answers are signed',
  );
  const parsed = parseMessage(response.body);
  assert.ok(parsed.ok && parsed.message.kind === 'status_report');
  return `${parsed.message.status} ${parsed.message.code}`;
}

function line(n: number, over: Partial<SettlementLine> = {}): SettlementLine {
  return {
    lineId: `L${n}`,
    direction: 'out',
    bizMsgIdr: messageIds({
      day: '20260801',
      bic: 'PULHIDJA',
      trxType: '010',
      originator: 'O',
      channelCode: '02',
      sequence: n,
    }).bizMsgIdr,
    amountSen: '12500000',
    counterpartyBank: 'BNINIDJA',
    connector: 'ab'.repeat(32),
    settledAtMs: 1_785_553_500_900,
    businessDate: '2026-08-01',
    ...over,
  };
}

const BULK_IDS = messageIds({
  day: '20260801',
  bic: 'BNINIDJA',
  trxType: '020',
  originator: 'O',
  channelCode: '02',
  sequence: 900,
});

function bulk(credits: readonly CreditTransfer[], over: Partial<BulkCredit> = {}): BulkCredit {
  const { header, madeAt } = credits[0]!;
  return {
    kind: 'bulk_credit',
    header: { ...header, bizMsgIdr: BULK_IDS.bizMsgIdr },
    msgId: BULK_IDS.msgId,
    madeAt,
    credits,
    ...over,
  };
}

test('a list of credits that contradicts itself is refused whole; one of which core has no word about a credit is not answered, and comes again without posting twice (T6)', async () => {
  await withRig(async (rig) => {
    for (const odd of [
      bulk([credit(1), credit(1)]),
      bulk([credit(1), credit(2, { debtorBank: 'CENAIDJA' })]),
      bulk([credit(1), credit(2, { creditorBank: 'CENAIDJA' })]),
      bulk([credit(1), credit(2, { txId: credit(3).txId })]),
      bulk([credit(1), credit(2, { trxType: '011', relatedEndToEndId: line(1).bizMsgIdr })]),
      bulk([credit(1)], { msgId: credit(1).msgId }),
    ])
      assert.equal((await post(rig, odd)).status, 400);
    assert.equal((await rig.bodies('inbound')).length, 0, 'nothing of it is believed');
    const forged = await post(rig, bulk([credit(1), credit(2)]), { key: 'stranger' });
    assert.equal(forged.status, 403);
    assert.equal((await rig.bodies('inbound')).length, 0);
    // One of the list came alone before.
    assert.equal(word(await post(rig, credit(2))), 'ACTC U000');
    const core: { third?: NoticeAnswer } = {};
    rig.coreAnswer = (notice) =>
      notice.kind === 'credit' && notice.bizMsgIdr === credit(3).endToEndId
        ? core.third
        : { taken: true };
    const list = bulk([credit(1), credit(2), credit(3)]);
    assert.equal((await post(rig, list)).status, 503, 'nobody knows about the third');
    core.third = { taken: false, code: 'U102' };
    const words = async (): Promise<readonly string[]> => {
      const answer = parseMessage((await post(rig, list)).body);
      assert.ok(answer.ok && answer.message.kind === 'bulk_report');
      return answer.message.reports.map(
        ({ originalEndToEndId, status, code }) =>
          `${originalEndToEndId.slice(-1)} ${status} ${code}`,
      );
    };
    assert.deepEqual(await words(), ['1 ACTC U000', '2 ACTC U000', '3 RJCT U102']);
    assert.deepEqual(await words(), ['1 ACTC U000', '2 ACTC U000', '3 RJCT U102']);
    assert.equal((await rig.bodies('inbound')).length, 3);
  });
});

test('an incoming credit is journalled, taken by core and answered; its repeat is journalled once and answered alike', async () => {
  await withRig(async (rig) => {
    assert.equal(word(await post(rig, credit(1))), 'ACTC U000');
    assert.equal(word(await post(rig, credit(1))), 'ACTC U000');
    assert.equal((await rig.bodies('inbound')).length, 1);
    const [notice] = rig.notices;
    assert.ok(
      notice?.kind === 'credit' && notice.amountSen === '5000000' && notice.fromBank === 'BNINIDJA',
    );
    rig.coreAnswer = () => ({ taken: false, code: 'U101' });
    assert.equal(word(await post(rig, credit(2))), 'RJCT U101');
    rig.coreAnswer = () => ({ taken: true, accountName: 'NASABAH A', accountType: 'SVGS' });
    const { amountSen, ...rest } = credit(3, { trxType: '510' });
    const response = await post(rig, { ...rest, amountSen });
    const parsed = parseMessage(response.body);
    assert.ok(
      parsed.ok &&
        parsed.message.kind === 'status_report' &&
        parsed.message.creditorName === 'NASABAH A',
    );
  });
});

test('with core dead a credit is on disk, the hub is told to come again, and core gets it later, also over a restart', async () => {
  await withRig(async (rig) => {
    rig.coreAnswer = () => undefined;
    assert.equal((await post(rig, credit(1))).status, 503);
    assert.equal(
      (await post(rig, rig.hub.report({ bizMsgIdr: credit(1).endToEndId, msgId: credit(1).txId })))
        .status,
      200,
    );
    await rig.restart();
    assert.equal(rig.notices.length, 0);
    rig.coreAnswer = () => ({ taken: true });
    await rig.sleep(12_000);
    assert.deepEqual(
      rig.notices.map(({ kind }) => kind),
      ['credit', 'credit_settled'],
      'in order',
    );
    await rig.restart({ isKilled: false });
    await rig.sleep(12_000);
    assert.equal(rig.notices.length, 2, 'what was taken is not sent again');
    assert.equal(word(await post(rig, credit(1))), 'ACTC U000');
  });
});

test("the hub's word about our payment reaches core and the journal", async () => {
  await withRig(async (rig) => {
    const payment = rig.authorise();
    await rig.rail.send(payment);
    const { bizMsgIdr, msgId } = payment.instruction;
    assert.equal((await post(rig, rig.hub.report({ bizMsgIdr, msgId }))).status, 200);
    assert.equal((await post(rig, rig.hub.report({ bizMsgIdr, msgId }))).status, 200);
    await rig.sleep(1_000);
    assert.deepEqual(
      rig.notices.map((notice) => (notice.kind === 'outcome' ? notice.answer : notice.kind)),
      [{ outcome: 'accepted', isFinal: true, code: 'U000' }],
    );
    assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), {
      known: 'outcome',
      answer: { outcome: 'accepted', isFinal: true, code: 'U000' },
    });
    // T1: a notice with a code that proves nothing has no effect.
    const other = rig.authorise();
    await rig.rail.send(other);
    assert.equal(
      (await post(rig, rig.hub.report(other.instruction, { status: 'RJCT', code: 'U900' }))).status,
      200,
    );
    await rig.sleep(1_000);
    assert.equal(rig.notices.length, 1);
  });
});

test("I12 a forged rejection, acceptance, credit or feed line posts nothing; its sender is quarantined, the hub's name never", async () => {
  await withRig(async (rig) => {
    const payment = rig.authorise();
    await rig.rail.send(payment);
    const rejection = rig.hub.report(payment.instruction, { status: 'RJCT', code: 'U101' });
    const forgeries: [BifastMessage, Parameters<typeof post>[2]][] = [
      [rejection, { peer: 'attacker-1' }],
      [rig.hub.report(payment.instruction), { peer: 'attacker-2', key: 'stranger' }],
      [credit(1), { peer: 'connector:BNINIDJA', unsigned: true }],
      [rejection, { key: 'stranger' }],
      [credit(2), { unsigned: true }],
      [credit(3, { header: { ...credit(3).header, from: 'BNINIDJA' } }), {}],
      [credit(4, { header: { ...credit(4).header, to: 'CENAIDJA' } }), {}],
      [rig.hub.report(payment.instruction, { amountSen: 1n }), {}],
    ];
    for (const [message, options] of forgeries)
      assert.equal((await post(rig, message, options)).status, 403);
    rig.hub.isFeedForged = true;
    rig.hub.lines.push(line(1));
    await rig.sleep(5_000);
    assert.deepEqual(rig.notices, []);
    assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), {
      known: 'outcome',
      answer: { outcome: 'accepted', isFinal: false, code: 'U000' },
    });
    assert.deepEqual(await rig.bodies('feed'), []);
    assert.deepEqual(await rig.bodies('inbound'), []);
    const forged = await rig.bodies('forged');
    assert.ok(
      forged.some(({ what }) => what === 'feed') &&
        forged.some(({ what }) => what === 'credit_transfer') &&
        forged.some(({ what }) => what === 'status_report'),
    );
    const caught = rig.gateway.state().quarantines.map(({ fingerprint }) => fingerprint);
    for (const peer of ['attacker-1', 'attacker-2', 'connector:BNINIDJA'])
      assert.ok(caught.includes(memoryFingerprint(peer)), peer);
    assert.ok(!caught.includes(memoryFingerprint('hub')), 'one knock must not cut the hub off');
    rig.hub.isFeedForged = false;
    assert.equal(word(await post(rig, credit(9))), 'ACTC U000');
    await rig.sleep(2_000);
    assert.equal((await rig.bodies('feed')).length, 1);
  });
});

test('an authentic message that contradicts itself is rejected with admi.002 and posts nothing', async () => {
  await withRig(async (rig) => {
    for (const message of [
      credit(1, { creditorBank: 'CENAIDJA' }),
      credit(2, { debtorBank: 'CENAIDJA' }),
      credit(3, { txId: credit(4).txId }),
    ]) {
      const response = await post(rig, message);
      assert.equal(response.status, 400);
      const parsed = parseMessage(response.body);
      assert.ok(
        parsed.ok && parsed.message.kind === 'message_reject' && parsed.message.code === 'U215',
      );
    }
    assert.deepEqual(rig.notices, []);
  });
});

test('every feed line enters the journal once, over restarts, within two seconds, and silence is told from nothing new', async () => {
  await withRig(async (rig) => {
    rig.hub.lines.push(line(1), line(2));
    await rig.sleep(2_000);
    assert.deepEqual(
      (await rig.bodies('feed')).map(({ line: { lineId } }) => lineId),
      ['L1', 'L2'],
    );
    await rig.restart();
    rig.hub.lines.push(line(3));
    await rig.sleep(2_500);
    assert.deepEqual(
      (await rig.bodies('feed')).map(({ line: { lineId } }) => lineId),
      ['L1', 'L2', 'L3'],
    );
    const before = (await rig.bodies('feed_alive')).length;
    await rig.sleep(60_000);
    const alive = (await rig.bodies('feed_alive')).length - before;
    assert.ok(alive >= 9 && alive <= 13, `${alive}`);
    rig.network.onCall = (_, target, path) =>
      target === 'hub' && path.startsWith('/feed') ? 'lose_answer' : undefined;
    await rig.sleep(6_000);
    const silent = (await rig.bodies('feed_alive')).length;
    await rig.sleep(60_000);
    assert.equal((await rig.bodies('feed_alive')).length, silent);
  });
});

test('the statement of an ended business date goes to core once complete, with the lines that the feed missed', async () => {
  await withRig(
    async (rig) => {
      rig.hub.lines.push(line(1));
      await rig.sleep(2_000);
      await rig.sleep(14 * 3_600_000);
      await rig.pushSet();
      assert.ok(!rig.notices.some(({ kind }) => kind === 'statement'), 'not complete yet');
      rig.hub.completeDates.add('2026-08-01');
      await rig.sleep(125_000);
      const statements = rig.notices.filter((notice) => notice.kind === 'statement');
      assert.equal(statements.length, 1);
      assert.deepEqual(
        statements[0]?.lines.map(({ lineId }) => lineId),
        ['L1'],
      );
      rig.coreAnswer = () => undefined;
      assert.equal(
        (await rig.post('core-1', GATEWAY_PATH.statement, { businessDate: '2026-08-01' })).status,
        200,
      );
      await rig.restart();
      rig.coreAnswer = () => ({ taken: true });
      await rig.sleep(8_000);
      assert.equal(
        rig.notices.filter(({ kind }) => kind === 'statement').length,
        2,
        'a statement on its way survives a restart',
      );
    },
    { limits: { feedPollMs: 30_000, feedAliveMs: 600_000, statusFileMs: 600_000 } },
  );
});

test('an incoming latch refuses credits, and returns of our own money still come in', async () => {
  await withRig(async (rig) => {
    const request = {
      partition: 'gateway-1',
      rail: 'bifast' as const,
      direction: 'in' as const,
      reason: 'uji',
      staffId: 'ani',
      atMs: rig.time.now(),
      nonce: 'n',
    };
    const { makeStop } = await import('./control.ts');
    await rig.gateway.control(makeStop(KEYS.ani.privateKey, request));
    assert.equal(word(await post(rig, credit(1))), 'RJCT U110');
    assert.equal(
      word(await post(rig, credit(2, { trxType: '011', relatedEndToEndId: line(5).bizMsgIdr }))),
      'ACTC U000',
    );
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
  });
});
