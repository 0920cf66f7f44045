import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { otherAccount } from '../hub/people.ts';
import { codeOf, linkKeys, PEER, PEER_CARD, withSwitch } from '../testing/member-bank.ts';
import { REVERSAL_MEMORY_MS } from './book.ts';
import { sha256 } from '../../src/kernel/canonical.ts';
import { retailMac, sealPin } from './crypto.ts';
import type { Message } from './codec.ts';
import { NETWORK_CODE } from './network-management.ts';
import { amountText, readNames, writeReplacement } from './private-data.ts';

const HOUR_MS = 3_600_000;

test('nothing financial is answered before sign-on, nor after sign-off: RC 01', () =>
  withSwitch({ isSignedOff: true }, async ({ bank, network }) => {
    assert.equal(await bank.code(bank.withdrawal()), '01');
    assert.equal(codeOf(await bank.link.manage(NETWORK_CODE.echo)), '00');
    assert.equal(codeOf(await bank.link.manage(NETWORK_CODE.keyRequest)), '01');
    assert.equal(await bank.signOn(), '00');
    assert.equal(await bank.code(bank.withdrawal()), '00');
    assert.equal(codeOf(await bank.link.manage(NETWORK_CODE.signOff)), '00');
    assert.equal(await bank.code(bank.withdrawal()), '01');
    assert.equal(network.book.summary()['from_bank|withdrawal']?.approved, 1);
  }));

test('a peer answers a withdrawal once with code, balance and business date, and books it', () =>
  withSwitch({}, async ({ bank, network }) => {
    const request = bank.withdrawal();
    const asked = await bank.ask(request);
    assert.ok(asked.kind === 'answer');
    const { fields, mti } = asked.message;
    assert.equal(mti, '0210');
    assert.match(fields[38]!, /^\d{6}$/);
    assert.equal(fields[15], '0801');
    assert.equal(fields[54], '1001360C0004500000001002360C000450000000');
    for (const field of [2, 3, 4, 7, 11, 32, 37, 41])
      assert.equal(fields[field], request.fields[field], `DE${field}`);
    for (const secret of [35, 52]) assert.equal(fields[secret], undefined);
    const [entry] = [...network.book.entries()];
    assert.deepEqual(
      [entry?.state, entry?.amountSen, entry?.bank],
      ['approved', 50_000_000n, PEER.code],
    );
  }));

test('a peer refuses a wrong PIN, a wrong card, too much money and the fourth try', () =>
  withSwitch({}, async ({ bank }) => {
    const pin = (text: string): string =>
      sealPin(linkKeys('one').zpk, { pin: text, pan: PEER_CARD.pan });
    assert.equal(await bank.code(bank.withdrawal({ 4: amountText(0n) })), '13');
    assert.equal(await bank.code(bank.withdrawal({ 4: amountText(1_000_000_100n) })), '61');
    assert.equal(await bank.code(bank.withdrawal({ 4: amountText(500_000_100n) })), '51');
    assert.equal(await bank.code(bank.withdrawal({ 2: `${PEER.bin}0000000001` })), '14');
    assert.equal(await bank.code(bank.withdrawal({ 2: '4000000000000002' })), '92');
    assert.equal(await bank.code(bank.withdrawal({ 14: '2607' })), '33');
    assert.equal(await bank.code(bank.withdrawal({ 52: '0123456789ABCDEF' })), '63');
    assert.equal(await bank.code(bank.withdrawal({ 52: pin('0000') })), '55');
    assert.equal(await bank.code(bank.withdrawal()), '00', 'the right PIN begins the count again');
    for (const rc of ['55', '55', '75'])
      assert.equal(await bank.code(bank.withdrawal({ 52: pin('0000') })), rc);
    assert.equal(await bank.code(bank.withdrawal()), '75');
  }));

test('a peer answers balance, deposit, inquiry, transfer, QRIS payment and check', () =>
  withSwitch({}, async ({ bank }) => {
    const balance = await bank.ask(bank.withdrawal({ 3: '301000' }));
    assert.ok(balance.kind === 'answer');
    assert.equal(balance.message.fields[54], '1001360C0005000000001002360C000500000000');
    const deposit = await bank.ask(bank.withdrawal({ 3: '210000' }));
    assert.ok(deposit.kind === 'answer');
    assert.equal(deposit.message.fields[54], '1001360C0005500000001002360C000550000000');
    const inquiry = await bank.ask(bank.inquiry());
    assert.ok(inquiry.kind === 'answer');
    assert.equal(
      readNames(inquiry.message.fields[48]!)!.beneficiary,
      otherAccount('9008007006').name,
    );
    assert.equal(await bank.code(bank.transfer()), '00');
    assert.equal(await bank.code(bank.transfer({ 103: '12AB' })), '76');
    assert.equal(await bank.code(bank.transfer({ 48: 'short' })), '30');
    assert.equal(await bank.code(bank.transfer({ 127: '999' })), '92');
    assert.equal(await bank.code(bank.transfer({ 4: amountText(2_500_000_100n) })), '61');
    const paid = bank.qris();
    const checkOf = ({ fields }: Message) =>
      bank.qris({
        3: '361000',
        37: fields[37]!,
        48: `${fields[48]!}OT10${fields[7]!}OS06${fields[11]!}`,
      });
    assert.equal(await bank.code(paid), '00');
    assert.equal(await bank.code(checkOf(paid)), '00');
    const never = bank.qris();
    assert.equal(await bank.code(checkOf(never)), '25');
    assert.equal(await bank.code(never), '12', 'what was not known is refused when it comes');
    assert.equal(await bank.code(checkOf(never)), '25');
    const merchant = (pan: string) => ({ 48: `MP19${pan}CR03UMI` });
    assert.equal(await bank.code(bank.qris(merchant('9360001400000009999'))), '03');
    assert.equal(await bank.code(bank.qris({ 2: '9360019901234567890' })), '14');
    assert.equal(await bank.code(bank.qris({ 4: amountText(1_000_000_100n) })), '61');
  }));

test('a request is refused for its form: 30 field missing, 24 unknown processing, 12 other currency, 63 wrong MAC', () =>
  withSwitch({}, async ({ bank, network }) => {
    const { 52: _pin, ...bare } = bank.withdrawal().fields;
    assert.equal(await bank.code({ mti: '0200', fields: bare }), '30');
    assert.equal(await bank.code(bank.withdrawal({ 3: '990000' })), '24');
    assert.equal(await bank.code(bank.withdrawal({ 49: '840' })), '12');
    const forged = bank.withdrawal();
    const asked = await bank.link.ask(forged, { timeoutMs: 5_000, sending: { isMacWrong: true } });
    assert.equal(codeOf(asked), '63');
    assert.deepEqual([...network.book.entries()], []);
    assert.equal(network.counters().links['one']!.messages['refused mac'], 1);
    assert.equal(await bank.code(forged), '00', 'a forgery does not use up the number');
  }));

test('T6 a request that came before moves money once: 94, or its first answer, and 94 always when it asks for something else', () =>
  withSwitch({}, async ({ bank, network }) => {
    const request = bank.withdrawal();
    const first = await bank.ask(request);
    assert.equal(await bank.code(request), '94');
    assert.deepEqual(
      codeOf(await bank.ask({ ...request, mti: '0201' })),
      '00',
      'a repeat gets the first answer',
    );
    network.setSettings({ duplicates: 'first_answer' });
    assert.deepEqual(await bank.ask(request), first);
    const other = { mti: '0200', fields: { ...request.fields, 4: amountText(1_000_000n) } };
    assert.equal(await bank.code(other), '94');
    assert.equal(network.book.moved(PEER.code, PEER_CARD.pan), -50_000_000n);
  }));

test('T7 a reversal counts once per DE90, whatever its own number, and gives back all or all but DE95', () =>
  withSwitch({}, async ({ bank, network }) => {
    const whole = bank.withdrawal();
    assert.equal(await bank.code(whole), '00');
    assert.equal(network.book.moved(PEER.code, PEER_CARD.pan), -50_000_000n);
    assert.equal(await bank.code(bank.reversal(whole)), '00');
    assert.equal(await bank.code(bank.reversal(whole)), '00');
    assert.equal(await bank.code({ ...bank.reversal(whole), mti: '0421' }), '00');
    assert.equal(network.book.moved(PEER.code, PEER_CARD.pan), 0n);
    const partly = bank.withdrawal();
    assert.equal(await bank.code(partly), '00');
    assert.equal(await bank.code(bank.reversal(partly, { actualSen: 20_000_000n })), '00');
    assert.equal(network.book.moved(PEER.code, PEER_CARD.pan), -20_000_000n);
    assert.equal(await bank.code(bank.reversal(partly)), '00', 'the first reversal stands');
    assert.equal(network.book.moved(PEER.code, PEER_CARD.pan), -20_000_000n);
    assert.equal(
      await bank.code({ ...whole, mti: '0201' }),
      '12',
      'a repeat of what was taken back',
    );
  }));

test('a reversal with another amount, more than all in DE95, or no DE90 moves nothing', () =>
  withSwitch({}, async ({ bank, network }) => {
    const request = bank.withdrawal();
    await bank.ask(request);
    assert.equal(await bank.code(bank.reversal(request, { 4: amountText(1n) })), '13');
    assert.equal(await bank.code(bank.reversal(request, { actualSen: 50_000_001n })), '13');
    assert.equal(
      await bank.code(bank.reversal(request, { 95: `${writeReplacement(1n).slice(0, -1)}1` })),
      '30',
    );
    assert.equal(network.book.moved(PEER.code, PEER_CARD.pan), -50_000_000n);
  }));

test('a reversal of something unknown is answered and remembered for 24 h: the original that comes later is refused', () =>
  withSwitch({}, async ({ bank, network, time }) => {
    const late = bank.withdrawal();
    const later = bank.withdrawal();
    assert.equal(await bank.code(bank.reversal(late)), '00');
    assert.equal(await bank.code(bank.reversal(later)), '00');
    await time.sleep(REVERSAL_MEMORY_MS - HOUR_MS);
    assert.equal(await bank.code(late), '12');
    assert.equal(network.book.moved(PEER.code, PEER_CARD.pan), 0n);
    await time.sleep(2 * HOUR_MS);
    assert.equal(await bank.code(later), '00', 'forgotten after a day');
    network.setSettings({ unknownReversal: '25' });
    const unknown = bank.withdrawal();
    assert.equal(await bank.code(bank.reversal(unknown)), '25');
    assert.equal(await bank.code(unknown), '12');
    assert.equal(
      await bank.code(bank.reversal(unknown)),
      '25',
      'the first answer, whatever came since',
    );
  }));

test('a reversal of a transfer is refused with 12, unless the script says otherwise', () =>
  withSwitch({}, async ({ bank, network }) => {
    const request = bank.transfer();
    assert.equal(await bank.code(request), '00');
    assert.equal(await bank.code(bank.reversal(request)), '12');
    assert.equal(network.book.moved(PEER.code, '9008007006'), 12_500_000n);
    network.setSettings({ transferReversal: 'taken' });
    assert.equal(await bank.code(bank.reversal(request)), '00');
    assert.equal(network.book.moved(PEER.code, '9008007006'), 0n);
  }));

test('an advice of a transfer is answered with what became of it, and makes up for a request that was lost', () =>
  withSwitch({}, async ({ bank, network }) => {
    const known = bank.transfer();
    assert.equal(await bank.code(known), '00');
    assert.equal(await bank.code({ ...known, mti: '0220' }), '00');
    const lost = bank.transfer();
    assert.equal(await bank.code({ ...lost, mti: '0220' }), '00');
    assert.equal(await bank.code({ ...lost, mti: '0221' }), '00');
    assert.equal(network.book.moved(PEER.code, '9008007006'), 25_000_000n);
  }));

test('a key exchange gives both sides a new PIN key, on demand of the bank or unplanned', () =>
  withSwitch({}, async ({ bank, network, time }) => {
    const before = bank.link.sealPin(PEER_CARD);
    assert.equal(codeOf(await bank.link.manage(NETWORK_CODE.keyRequest)), '00');
    await time.sleep(100);
    assert.notEqual(bank.link.sealPin(PEER_CARD), before);
    assert.equal(await bank.code(bank.withdrawal()), '00');
    assert.equal(
      await bank.code(bank.withdrawal({ 52: before })),
      '00',
      'a PIN block that was on its way under the old key',
    );
    const second = bank.link.sealPin(PEER_CARD);
    assert.equal(await network.act('key_exchange'), true);
    assert.equal(await bank.code(bank.withdrawal()), '00');
    assert.equal(await bank.code(bank.withdrawal({ 52: before })), '63', 'two keys back');
    await time.sleep(61_000);
    assert.equal(await bank.code(bank.withdrawal({ 52: second })), '63', 'a minute later');
    assert.equal(bank.network.filter((effect) => effect.kind === 'take_key').length, 2);
  }));

test('settlement holds every approval and reversal of its business date, totals, the net position and a MAC', () =>
  withSwitch({}, async ({ bank, network }) => {
    const [kept, back] = [bank.withdrawal(), bank.withdrawal()];
    await bank.ask(kept);
    await bank.ask(back);
    await bank.ask(bank.transfer());
    await bank.ask(bank.withdrawal({ 4: amountText(0n) }));
    assert.match(network.settlement('2026-08-01').split('\n')[0]!, /\|OPEN$/);
    assert.equal(await network.act('cut_over'), true);
    assert.deepEqual(bank.network.at(-1), { kind: 'cut_over', date: '0802' });
    // Comes after the cut-over: counts on the date that is open.
    assert.equal(await bank.code(bank.reversal(back, { actualSen: 10_000_000n })), '00');
    const closed = network.settlement('2026-08-01');
    const lines = closed.trimEnd().split('\n');
    assert.equal(lines[0], 'H|PULIH SWITCH|199|2026-08-01|360|CLOSED');
    assert.deepEqual(lines.slice(-4, -1), [
      'T|from_bank|transfer|014|1|-12500000',
      'T|from_bank|withdrawal|014|2|100000000',
      'E|3|100000000|12500000|87500000',
    ]);
    const text = closed.slice(0, closed.indexOf('M|'));
    const digest = sha256(text).toString('hex');
    assert.equal(lines.at(-1), `M|${retailMac(linkKeys('one').mac, Buffer.from(digest))}`);
    const next = network.settlement('2026-08-02').split('\n');
    assert.match(next[1]!, /\|R\|000040000000\|D\|/);
    assert.equal(
      next.find((line) => line.startsWith('E')),
      'E|1|0|40000000|-40000000',
    );
    const asked = await bank.ask(bank.withdrawal());
    assert.ok(asked.kind === 'answer');
    assert.equal(asked.message.fields[15], '0802');
  }));

test('the business date turns by itself at the cut-over minute', () =>
  withSwitch({ change: { cutOverMinute: 22 * 60 } }, async ({ bank, network, time }) => {
    assert.equal(network.book.date(), '2026-08-01');
    await time.sleep(12 * HOUR_MS);
    assert.equal(network.book.date(), '2026-08-02');
    await time.sleep(24 * HOUR_MS);
    assert.equal(network.book.date(), '2026-08-03');
    assert.deepEqual(
      bank.network.filter((effect) => effect.kind === 'cut_over').map((effect) => effect.date),
      ['0802', '0803'],
    );
  }));

test('startSwitch() remembers across a restart what it approved, reversed and refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-switch-'));
  return withSwitch({ change: { folder } }, async (world) => {
    const { bank } = world;
    const [kept, back, late] = [bank.withdrawal(), bank.withdrawal(), bank.withdrawal()];
    await bank.ask(kept);
    await bank.ask(back);
    await bank.ask(bank.reversal(back));
    await bank.ask(bank.reversal(late));
    const before = world.network.settlement('2026-08-01');
    await world.restart();
    assert.equal(world.network.settlement('2026-08-01'), before);
    assert.equal(await bank.code({ ...kept, mti: '0201' }), '00');
    assert.equal(await bank.code(late), '12');
    assert.equal(world.network.book.moved(PEER.code, PEER_CARD.pan), -50_000_000n);
    await world.network.act('cut_over');
    assert.deepEqual(readdirSync(folder).toSorted(), ['settlement-2026-08-01.txt', 'switch.jsonl']);
    assert.match(readFileSync(join(folder, 'settlement-2026-08-01.txt'), 'utf8'), /\|CLOSED\n/);
  }).finally(() => rmSync(folder, { recursive: true }));
});

test('a link asks nothing twice at a time under the same numbers, and cuts off whoever leaves its words unread', async () => {
  await withSwitch({}, async ({ bank }) => {
    const request = bank.withdrawal();
    const both = await Promise.all([bank.code(request), bank.code(request)]);
    assert.deepEqual(both, ['00', 'not_sent']);
  });
  let isCut = false;
  await withSwitch({}, async ({ bank }) => {
    bank.link.attach({
      peer: 'a slow one',
      open: () => {},
      write: () => {},
      waitingBytes: () => 5_000_000,
      pause: () => {},
      resume: () => {},
      end: () => {},
      destroy: () => void (isCut = true),
    });
    void bank.link.manage(NETWORK_CODE.echo);
    assert.equal(isCut, true);
  });
});
