/** The switch inside a real gateway, in virtual time with the real HSM: what the network tells and asks us. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeStop } from '../../src/gateway/control.ts';
import type { JournalBody } from '../../src/rail/journal-entry.ts';
import type { NoticeAnswer, RailNotice } from '../../src/rail/notice.ts';
import type { TransferInRequest } from '../../src/rail/notice-switch.ts';
import { KEYS } from '../gateway/rig.ts';
import { withSwitch, type SwitchRig } from './switch-world.ts';

const FROM_BANK = { direction: 'from_bank', flow: 'transfer' } as const;
const INCOMING = {
  bank: '009',
  fromAccount: '9008007006',
  toAccount: '1001',
  amountSen: 5_000_000n,
};

async function send({ rig, instruction }: SwitchRig) {
  const made = instruction();
  const { jti } = rig.authorise();
  const answer = await rig.rail.send({ instruction: made, token: rig.tokenOf(made, { jti }) });
  return { made, answer };
}

function approving(heard: RailNotice[]): (notice: RailNotice) => NoticeAnswer {
  return (notice) => {
    heard.push(notice);
    if (notice.kind === 'account_enquiry') return { taken: true, accountName: 'SITI RAHAYU' };
    return notice.kind === 'request'
      ? { taken: true, approved: true, approvalCode: 'AB12CD', accountName: 'SITI RAHAYU' }
      : { taken: true };
  };
}

test('an answer that comes after the caller gave up is told to core as the network said it, once (T5)', () =>
  withSwitch(async (world) => {
    const { rig, outside } = world;
    outside.chooser.replace([
      { name: 'slow', match: FROM_BANK, does: { kind: 'late_answer', afterMs: 20_000 } },
    ]);
    const slow = await send(world);
    assert.equal(slow.answer.outcome, 'unknown');
    // The link itself stops waiting after 35 s: even then the word counts, because a transfer is never reversed.
    outside.chooser.replace([
      { name: 'late', match: FROM_BANK, does: { kind: 'late_answer', afterMs: 50_000 } },
    ]);
    const late = await send(world);
    await rig.sleep(120_000);
    const told = rig.notices.filter((notice) => notice.kind === 'outcome');
    assert.deepEqual(
      told.map(({ bizMsgIdr, answer }) => [bizMsgIdr, answer.outcome]),
      [
        [slow.made.switchId, 'accepted'],
        [late.made.switchId, 'accepted'],
      ],
    );
    assert.deepEqual(await rig.bodies('forged'), []);
  }));

test('an answer about another amount is no answer, and P1 (I12)', () =>
  withSwitch(async (world) => {
    const { rig, outside } = world;
    const does = { kind: 'wrong_amount', deltaSen: 100 } as const;
    outside.chooser.replace([{ name: 'amount', match: FROM_BANK, does }]);
    assert.equal((await send(world)).answer.outcome, 'unknown');
    await rig.sleep(60_000);
    assert.deepEqual(
      rig.notices.filter(({ kind }) => kind === 'outcome'),
      [],
    );
    const [forged] = await rig.bodies('forged');
    assert.equal(forged?.what, 'answer_mismatched');
  }));

test('who owns an account is asked over the switch; a network in trouble is not "not found"', () =>
  withSwitch(async ({ rig, outside }) => {
    const ask = (account: string) =>
      rig.rail.enquireAccount({ rail: 'switch', bank: 'BNINIDJA', account, amountSen: 100n });
    const found = await ask('9008007006');
    assert.ok(found.found === true && found.name.length > 0);
    assert.deepEqual(await ask('12'), { found: false, code: 'RC76' });
    outside.setSettings({ isSilent: true });
    assert.equal((await ask('9008007006')).found, 'unknown');
  }));

test('a key that nobody expects is refused and is a security event; one that we asked for, or in its window, goes to the HSM', () =>
  withSwitch(
    async ({ rig, outside, hsm }) => {
      const pinKeys = async (): Promise<number> => {
        const listed = await hsm.gateway.listKeys({});
        return listed.ok ? listed.keys.filter(({ name }) => name === 'zpk.switch').length : -1;
      };
      const alarms = async (): Promise<readonly string[]> =>
        (await rig.bodies('forged')).map(({ what }) => what);
      assert.equal(await outside.act('key_exchange'), false);
      assert.deepEqual([await pinKeys(), await alarms()], [0, ['key_unplanned']]);
      await rig.sleep(60_000);
      assert.equal(await pinKeys(), 1, 'the first one is asked for as soon as a link is up');
      await rig.sleep(60_000);
      assert.equal(await outside.act('key_exchange'), false);
      await rig.sleep(10 * 60_000);
      assert.equal(await outside.act('key_exchange'), true);
      assert.deepEqual([await pinKeys(), (await alarms()).length], [2, 2]);
    },
    // 10:10 WIB; the rig begins at 10:00.
    { keyWindow: { fromMinute: 610, untilMinute: 620 } },
  ));

test('a settlement file of another date is told and calls nobody a forger; lines that vanish from a running file are told', async () => {
  let answer: (text: string) => string = (text) => text;
  let first: string | undefined;
  await withSwitch(
    async ({ rig, outside, ...world }) => {
      const faults = async () =>
        (await rig.bodies('file_fault')).map(({ fault, rail }) => `${rail} ${fault}`);
      await rig.sleep(7_000);
      await send({ rig, outside, ...world });
      await rig.sleep(12_000);
      assert.deepEqual(await faults(), []);
      answer = () => first!;
      await rig.sleep(12_000);
      assert.deepEqual(await faults(), ['switch changed'], 'what was read of it is gone');
      answer = () => outside.settlement('2026-07-30')!;
      await rig.sleep(12_000);
      assert.ok((await faults()).includes('switch wrong_date'));
      assert.deepEqual(await rig.bodies('forged'), []);
    },
    { file: (text) => answer((first ??= text) && text) },
  );
});

test('a settlement file that adds up and whose MAC is not its own posts nothing and is P1 (I12)', async () => {
  let forge = false;
  await withSwitch(
    async (world) => {
      const { rig } = world;
      await send(world);
      forge = true;
      await rig.sleep(30_000);
      assert.deepEqual(await rig.bodies('feed'), []);
      assert.ok((await rig.bodies('forged')).some(({ what }) => what === 'settlement'));
      forge = false;
      await rig.sleep(30_000);
      const [fed] = await rig.bodies('feed');
      assert.deepEqual(
        [fed?.rail, fed?.line.direction, fed?.line.amountSen],
        ['switch', 'out', '12500000'],
      );
    },
    // Another payment's RRN: it adds up all the same.
    {
      file: (text) => (forge ? text.replace(/\|199\|\d{12}\|/, '|199|621310000777|') : text),
    },
  );
});

test('a transfer to us is answered when core has committed it, and is settled when the network names it', () =>
  withSwitch(async ({ rig, outside }) => {
    const heard: RailNotice[] = [];
    rig.coreAnswer = approving(heard);
    const asked = await outside.inquire(INCOMING);
    assert.ok(asked.outcome === 'approved');
    assert.equal(asked.fields[48]?.slice(0, 11), 'SITI RAHAYU');
    const paid = await outside.transfer(INCOMING);
    assert.ok(paid.outcome === 'approved');
    assert.equal(paid.approvalCode, 'AB12CD');
    const [request] = heard.filter((notice) => notice.kind === 'request') as TransferInRequest[];
    assert.equal(request?.fromBank, 'BNINIDJA');
    assert.deepEqual([request?.creditorAccount, request?.amountSen], ['1001', '5000000']);
    await rig.sleep(15_000);
    const settled = heard.filter((notice) => notice.kind === 'credit_settled');
    assert.deepEqual(settled, [
      {
        kind: 'credit_settled',
        rail: 'switch',
        fromBank: 'BNINIDJA',
        bizMsgIdr: request?.bizMsgIdr,
        amountSen: '5000000',
      },
    ]);
  }));

test('core is silent: nothing is said, the advice of the same transfer brings it in, under one name (T6)', () =>
  withSwitch(async ({ rig, outside }) => {
    const heard: RailNotice[] = [];
    rig.coreAnswer = () => undefined;
    const paid = await outside.transfer(INCOMING);
    assert.equal(paid.outcome, 'unknown');
    rig.coreAnswer = approving(heard);
    await rig.sleep(120_000);
    const requests = heard.filter((notice) => notice.kind === 'request');
    assert.ok(requests.length >= 1);
    assert.equal(new Set(requests.map(({ bizMsgIdr }) => bizMsgIdr)).size, 1);
    const inbound = (await rig.bodies('inbound')).filter(({ what }) => what === 'request');
    assert.equal(inbound.length, 1, 'written down once');
    const [entry] = [...outside.book.entries()].filter(({ direction }) => direction === 'to_bank');
    assert.equal(entry?.state, 'approved');
  }));

test('a stopped way in takes nothing: core does not hear of it', () =>
  withSwitch(async ({ rig, outside }) => {
    const heard: RailNotice[] = [];
    rig.coreAnswer = approving(heard);
    const stop = makeStop(KEYS.ani.privateKey, {
      partition: 'gateway-1',
      rail: 'switch',
      direction: 'in',
      reason: 'uji',
      staffId: 'ani',
      atMs: rig.time.now(),
      nonce: 'stop-in',
    });
    assert.ok(((await rig.gateway.control(stop)) as { ok: boolean }).ok);
    const refused = await outside.transfer(INCOMING);
    assert.deepEqual([refused.outcome, 'rc' in refused && refused.rc], ['declined', '57']);
    assert.deepEqual(
      heard.filter(({ kind }) => kind === 'request'),
      [],
    );
  }));

test('no account, name or key of a customer stands in the journal of outgoing transfers', () =>
  withSwitch(async (world) => {
    const { made } = await send(world);
    const { entries } = await world.rig.page();
    const text = JSON.stringify(entries.map(({ body }): JournalBody => body));
    for (const secret of [made.creditor.account, made.debtor.account, made.creditor.name])
      assert.ok(!text.includes(secret));
  }));
