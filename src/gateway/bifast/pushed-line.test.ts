import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, withRig, type Rig } from '../../../test/gateway/rig.ts';
import { encodeMessage } from '../../rail/bifast/encode.ts';
import { messageIds } from '../../rail/bifast/id.ts';
import { parseMessage } from '../../rail/bifast/parse.ts';
import type { AccountReport } from '../../rail/bifast/report.ts';
import { signedHeaders } from '../../rail/signature.ts';

const WIB_MS = 7 * 3_600_000;
const local = (ms: number): string => new Date(ms + WIB_MS).toISOString().slice(0, 23);
const idOf = (sequence: number) =>
  messageIds({
    day: '20260801',
    bic: 'PULHIDJA',
    trxType: '010',
    originator: 'O',
    channelCode: '02',
    sequence,
  });

function pushOf(rig: Rig, over: Partial<AccountReport> = {}, count = 1): AccountReport {
  const { header, msgId } = rig.hub.report(idOf(1));
  return {
    kind: 'account_report',
    of: 'lines',
    header,
    msgId,
    madeAt: local(rig.time.now()),
    reportId: 'R1',
    account: 'PULHIDJA',
    balances: [],
    entries: Array.from({ length: count }, (_, n) => ({
      lineId: `L${n + 1}`,
      direction: 'out' as const,
      amountSen: 12_500_000n,
      bookedAt: '2026-08-01T10:05:00.900',
      valueDate: '2026-08-01',
      trxType: '010',
      endToEndId: idOf(n + 1).bizMsgIdr,
      counterpartyBank: 'BNINIDJA',
      connector: 'ab'.repeat(32),
    })),
    ...over,
  };
}

async function push(
  rig: Rig,
  message: AccountReport,
  options: { readonly peer?: string; readonly key?: keyof typeof KEYS } = {},
): Promise<number> {
  const body = encodeMessage(message);
  const headers = signedHeaders(KEYS[options.key ?? 'hub'].privateKey, body);
  const response = await rig.network
    .connect(options.peer ?? 'hub', 'gateway-1-network')
    .call({ path: '/bifast', body, headers, timeoutMs: 10_000 });
  if (response.status === 400) {
    const parsed = parseMessage(response.body);
    assert.ok(parsed.ok && parsed.message.kind === 'message_reject');
  }
  return response.status;
}

const lineIds = async (rig: Rig): Promise<readonly string[]> =>
  (await rig.bodies('feed')).map(({ line }) => line.lineId);

test('I12 a pushed line enters the journal once, whether the feed, the same push or a restart brings it again', () =>
  withRig(async (rig) => {
    const pushed = pushOf(rig, {}, 2);
    const line = {
      lineId: 'L1',
      direction: 'out',
      bizMsgIdr: idOf(1).bizMsgIdr,
      amountSen: '12500000',
      counterpartyBank: 'BNINIDJA',
      connector: 'ab'.repeat(32),
      settledAtMs: Date.parse('2026-08-01T10:05:00.900+07:00'),
      businessDate: '2026-08-01',
    } as const;
    const statuses = await Promise.all([1, 2, 3].map(() => push(rig, pushed)));
    assert.deepEqual(statuses, [200, 200, 200]);
    assert.deepEqual((await rig.bodies('feed'))[0]?.line, line);
    rig.hub.lines.push(line);
    await rig.sleep(3_000);
    await rig.restart();
    assert.equal(await push(rig, pushOf(rig, {}, 3)), 200);
    assert.deepEqual(await lineIds(rig), ['L1', 'L2', 'L3']);
  }));

test('I12 a forged push posts nothing and is kept as evidence; an old one played again, another account’s and other reports post nothing', () =>
  withRig(async (rig) => {
    assert.equal(await push(rig, pushOf(rig), { key: 'stranger' }), 403);
    assert.equal(await push(rig, pushOf(rig), { peer: 'attacker-1' }), 403);
    const forged = await rig.bodies('forged');
    assert.deepEqual(
      forged.map(({ what }) => what),
      ['account_report', 'account_report'],
    );
    assert.equal(await push(rig, pushOf(rig, { account: 'BNINIDJA' })), 400);
    assert.equal(await push(rig, pushOf(rig, { of: 'position' })), 400);
    for (const madeAt of [local(rig.time.now() - 301_000), '2026-99-99T10:05:00.000'])
      assert.equal(await push(rig, pushOf(rig, { madeAt })), 200, 'the feed tells it');
    assert.deepEqual(await lineIds(rig), []);
    assert.equal(await push(rig, pushOf(rig)), 200);
    assert.deepEqual(await lineIds(rig), ['L1']);
  }));
