import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryFingerprint } from '../../src/kernel/wire-memory.ts';
import { feed, golden, idOf, isFault, statement, STRANGER_KEYS, withHub } from '../testing/bank.ts';

const OWN = memoryFingerprint('connector:PULHIDJA');

test('startHub() takes a transfer, settles it once and tells by notice, feed and balance', () =>
  withHub(async (bank) => {
    const before = bank.hub.balance('PULHIDJA');
    const reply = await bank.post(bank.credit(1));
    assert.deepEqual(
      [reply.status, reply.txStatus, reply.code, reply.isSigned],
      [200, 'ACTC', 'U000', true],
    );
    await bank.time.sleep(2_000);
    assert.deepEqual(
      bank.inbox.map(({ txStatus, about, bizMsgIdr }) => [txStatus, about, bizMsgIdr[19]]),
      [['ACSC', idOf(1), 'H']],
    );
    assert.equal(before - bank.hub.balance('PULHIDJA'), 12_500_000n);
    const { lines, cursor } = await feed(bank);
    assert.deepEqual(
      lines.map((line) => [line.direction, line.bizMsgIdr, line.amountSen, line.connector]),
      [['out', idOf(1), '12500000', OWN]],
    );
    assert.deepEqual((await feed(bank, cursor)).lines, []);
  }));

test('answerMessage() refuses a wrong or missing signature without taking the transfer', () =>
  withHub(async (bank) => {
    const reply = await bank.post(bank.credit(1), { key: STRANGER_KEYS.privateKey });
    assert.deepEqual([reply.status, reply.txStatus, reply.code], [200, 'RJCT', 'U999']);
    const bare = await bank.client.call({
      path: '/bifast',
      body: bank.credit(2),
      timeoutMs: 5_000,
    });
    assert.match(bare.body.toString(), /"U999"/);
    const inquiry = await bank.post(bank.statusRequest(1), { key: STRANGER_KEYS.privateKey });
    assert.equal(inquiry.status, 403, 'a refused inquiry must not read like a refused payment');
    await bank.time.sleep(2_000);
    assert.deepEqual((await feed(bank)).lines, []);
    assert.equal(bank.hub.counters().refused['signature'], 3);
    assert.equal(
      (await bank.post(bank.credit(1))).txStatus,
      'ACTC',
      'a forgery does not use up the identifier',
    );
  }));

test('answerMessage() refuses a message that breaks the schema with admi.002 U215 and counts it', () =>
  withHub(async (bank) => {
    const text = bank.credit(1);
    const broken = [
      text.replace('"125000.00"', '"125000.0"'),
      text.replace('"125000.00"', '125000.00'),
      text.replace('"NbOfTxs": "1"', '"NbOfTxs": "1", "CtrlSum": "1"'),
      text.replace('"ChrgBr": "DEBT",', ''),
      text.replace('PULHIDJA01000000001"', 'PULHIDJA01000000002"'),
      text.replace('"DbtrAgt"', '"Dbtragt"'),
      text.replaceAll('010O02', '010R02'),
      text.replaceAll('20260801PULHIDJA', '20260801CENAIDJA'),
      '{"BusMsg":{}}',
      'not json',
    ];
    for (const bad of broken) {
      const reply = await bank.post(bad);
      assert.deepEqual(
        [reply.status, reply.definition, reply.code, reply.isSigned],
        [400, 'admi.002.001.01', 'U215', true],
        bad,
      );
    }
    assert.equal(bank.hub.counters().refused['U215'], broken.length);
    assert.equal((await bank.post(text)).txStatus, 'ACTC');
  }));

test('answerMessage() refuses a sender that is not the connector’s bank', () =>
  withHub(async (bank) => {
    const reply = await bank.post(bank.credit(1).replaceAll('PULHIDJA', 'CENAIDJA'));
    assert.deepEqual([reply.txStatus, reply.code], ['RJCT', 'U999']);
    assert.equal(bank.hub.feed('CENAIDJA').length, 0);
  }));

test('answerMessage() answers a repeat with U149 and moves the money once', () =>
  withHub(async (bank) => {
    await bank.post(bank.credit(1));
    const [again, other] = [
      await bank.post(bank.credit(1)),
      await bank.post(bank.credit(1, { amount: '999.00' })),
    ];
    assert.deepEqual([again.code, other.code], ['U149', 'U149']);
    await bank.time.sleep(2_000);
    assert.equal((await feed(bank)).lines.length, 1);
    assert.deepEqual(bank.hub.arrivals(idOf(1)).count, 3);
  }));

test('answerMessage() says U149, not U128, to a repeat that meets a suspension', () =>
  withHub(async (bank) => {
    await bank.post(bank.credit(1, { account: '9008099902' }));
    await bank.portal('suspend');
    assert.equal((await bank.post(bank.credit(1, { account: '9008099902' }))).code, 'U149');
  }));

test('answerPortal() suspends only our outbound, until resumed', () =>
  withHub(async (bank) => {
    assert.equal((await bank.portal('suspend'))['ok'], true);
    assert.deepEqual(
      [(await bank.post(bank.credit(1))).code, (await bank.post(golden('4.1-out-510'))).txStatus],
      ['U128', 'ACTC'],
    );
    const credit = await bank.hub.sendCredit({
      fromBank: 'CENAIDJA',
      toBank: 'PULHIDJA',
      debtorAccount: '7006005004',
      creditorAccount: '1002003004',
      amountSen: 5_000_000n,
    });
    assert.equal(credit.outcome, 'settled');
    assert.equal(
      (await bank.post(bank.statusRequest(1))).code,
      'U128',
      'an inquiry is answered while suspended',
    );
    assert.equal((await bank.portal('resume'))['ok'], true);
    assert.equal((await bank.post(bank.credit(2))).txStatus, 'ACTC');
  }));

test('answerPortal() revokes one certificate and leaves the other of the same name', () =>
  withHub(async (bank) => {
    const imitated = bank.network.connect('connector:PULHIDJA', 'hub', 'imitated');
    const fingerprint = memoryFingerprint('connector:PULHIDJA', 'imitated');
    assert.equal((await bank.post(bank.credit(1), { client: imitated })).txStatus, 'ACTC');
    await bank.time.sleep(1_000);
    assert.equal((await feed(bank)).lines[0]?.connector, fingerprint);
    assert.equal((await bank.portal('revoke', { fingerprint }))['ok'], true);
    assert.equal((await bank.post(bank.credit(2), { client: imitated })).status, 403);
    assert.equal((await bank.post(bank.credit(3))).txStatus, 'ACTC');
    assert.equal(bank.hub.counters().peers[fingerprint]?.instructions, 1);
  }));

test('answerPortal() refuses another bank, an old request and a repeated one', () =>
  withHub(async (bank) => {
    const fingerprint = 'ab'.repeat(32);
    assert.equal((await bank.portal('revoke', { fingerprint, bank: 'CENAIDJA' }))['ok'], false);
    assert.equal(
      (await bank.portal('revoke', { fingerprint, atMs: bank.time.now() - 180_000 }))['ok'],
      false,
    );
    assert.equal((await bank.portal('revoke', { fingerprint, requestId: 'r1' }))['ok'], true);
    assert.equal((await bank.portal('resume', { requestId: 'r1' }))['ok'], false);
    assert.equal(
      (await bank.post('{}', { key: STRANGER_KEYS.privateKey, path: '/portal/suspend' })).status,
      403,
    );
  }));

test('startHub() admits only connectors of known banks', () =>
  withHub(async (bank) => {
    for (const peer of ['connector:CENAIDJA', 'PULHIDJA', 'hub', 'connector:PULHIDJA ']) {
      const reply = await bank.post(bank.credit(1), { client: bank.network.connect(peer, 'hub') });
      assert.equal(reply.status, 403, peer);
    }
  }));

test('answerCredit() holds a silent one until the caller gives up; the statement tells the two kinds apart', () =>
  withHub(async (bank) => {
    await assert.rejects(
      bank.post(bank.credit(1, { account: '9008099900' })),
      isFault('no_answer'),
    );
    await assert.rejects(
      bank.post(bank.credit(2, { account: '9008099901' })),
      isFault('no_answer'),
    );
    assert.deepEqual(
      [
        (await bank.post(bank.statusRequest(1))).txStatus,
        (await bank.post(bank.statusRequest(2))).txStatus,
      ],
      ['ACSC', 'ACTC'],
    );
    assert.deepEqual(
      [
        (await bank.post(bank.statusRequest(3))).txStatus,
        (await bank.post(bank.statusRequest(3))).code,
      ],
      ['RJCT', 'U106'],
    );
    assert.deepEqual(bank.inbox, []);
    await bank.time.sleep(15 * 3_600_000);
    const { complete, lines } = await statement(bank, '2026-08-01');
    assert.deepEqual([complete, lines.map((line) => line.bizMsgIdr)], [true, [idOf(1)]]);
    assert.deepEqual(
      [
        (await bank.post(bank.statusRequest(2))).txStatus,
        (await bank.post(bank.statusRequest(2))).code,
      ],
      ['RJCT', 'U110'],
    );
  }));

test('answerStatement() is complete only after the date is over and nothing of it is open', () =>
  withHub(
    async (bank) => {
      await bank.post(bank.credit(1));
      await bank.time.sleep(1_000);
      assert.deepEqual(
        [
          (await statement(bank, '2026-08-01')).complete,
          (await statement(bank, '2026-08-01')).lines.length,
        ],
        [false, 1],
      );
      await bank.time.sleep(Date.UTC(2026, 7, 1, 16, 59, 30) - bank.time.now());
      await bank.post(bank.credit(2, { account: '9008099902' }));
      bank.hub.chooser.replace([
        { name: 'late', match: {}, does: { kind: 'late_settlement', afterMs: 300_000 } },
      ]);
      await bank.time.sleep(75_000);
      assert.equal(
        (await bank.post(bank.credit(3))).txStatus,
        'ACTC',
        'sent before midnight, arrived just after',
      );
      await bank.time.sleep(10_000);
      assert.equal((await statement(bank, '2026-08-01')).complete, false, 'the grace is not over');
      await bank.time.sleep(20_000);
      assert.equal((await statement(bank, '2026-08-01')).complete, false, 'one is still open');
      await bank.time.sleep(300_000);
      const late = await statement(bank, '2026-08-01');
      assert.deepEqual(
        [late.complete, late.lines.map((line) => line.bizMsgIdr)],
        [true, [idOf(1), idOf(2), idOf(3)]],
      );
      assert.equal((await bank.post(bank.credit(4))).code, 'U116', 'yesterday is closed');
      assert.equal(
        (await bank.post(bank.credit(5, { date: '2026-08-03' }))).code,
        'U116',
        'tomorrow has not begun',
      );
      assert.equal((await statement(bank, '2026-08-01')).lines.length, 3);
    },
    { startMs: Date.UTC(2026, 7, 1, 16, 50) },
  ));

test('judge() refuses what the scheme refuses: amount, bank, liquidity, sign-off', () =>
  withHub(
    async (bank) => {
      assert.equal((await bank.post(bank.credit(1, { amount: '0.99' }))).code, 'U111');
      assert.equal((await bank.post(bank.credit(2, { amount: '250000000.01' }))).code, 'U112');
      assert.equal((await bank.post(bank.credit(3, { bank: 'XXXXIDJA' }))).code, 'U124');
      assert.equal((await bank.post(bank.credit(4, { amount: '1000000.01' }))).code, 'U194');
      assert.equal((await bank.post(bank.credit(5, { amount: '1000000.00' }))).txStatus, 'ACTC');
      await bank.time.sleep(1_000);
      assert.equal(bank.hub.balance('PULHIDJA'), 0n);
      bank.hub.setFaults({ amountMaxSen: undefined });
      assert.equal((await bank.post(bank.credit(6, { amount: '250000000.01' }))).code, 'U194');
      await bank.post(golden('4.5-sign-on').replaceAll('SIGNON', 'SIGNOFF'));
      assert.equal((await bank.post(bank.credit(7))).code, 'U119');
      const on = await bank.post(golden('4.5-sign-on').replaceAll('00360021', '00360022'));
      assert.equal(on.definition, 'admn.002.001.01');
    },
    { prefundSen: 100_000_000n },
  ));

test('answerFeed() pages in order, hides nothing behind a lag for good, and echoes what was asked', () =>
  withHub(async (bank) => {
    for (let i = 1; i <= 505; i++) await bank.post(bank.credit(i, { amount: '1.00' }));
    await bank.time.sleep(2_000);
    const first = await feed(bank);
    const second = await feed(bank, first.cursor);
    assert.deepEqual([first.lines.length, second.lines.length], [500, 5]);
    assert.deepEqual(
      [...first.lines, ...second.lines].map((line) => line.bizMsgIdr),
      Array.from({ length: 505 }, (_, i) => idOf(i + 1)),
    );
    bank.hub.setFaults({ feedLagMs: 30_000 });
    await bank.post(bank.credit(600));
    await bank.time.sleep(10_000);
    assert.equal((await feed(bank, second.cursor)).lines.length, 0);
    await bank.time.sleep(25_000);
    assert.equal((await feed(bank, second.cursor)).lines.length, 1);
    assert.deepEqual(
      [(await bank.get('/feed?after=-1'))['status'], (await bank.get('/feed'))['status']],
      [400, 400],
    );
  }));

test('fault half_open makes the whole hub silent, and its end brings it back', () =>
  withHub(async (bank) => {
    bank.hub.chooser.replace([{ name: 'silent', match: {}, does: { kind: 'half_open' } }]);
    await assert.rejects(bank.post(bank.credit(1)), isFault('no_answer'));
    bank.hub.chooser.replace([]);
    assert.equal((await bank.post(bank.statusRequest(1))).code, 'U106');
    assert.equal((await bank.post(bank.credit(1))).txStatus, 'ACTC');
  }));

test('startHub() continues after a restart: settlements, revocations, notices owed, and a line cut by a kill', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-test-'));
  try {
    await withHub(
      async (bank) => {
        const imitated = memoryFingerprint('connector:PULHIDJA', 'imitated');
        await bank.portal('revoke', { fingerprint: imitated });
        await bank.post(bank.credit(1));
        await bank.time.sleep(1_000);
        await bank.post(bank.credit(2, { account: '9008099902' }));
        const { respond } = bank;
        bank.respond = () => undefined;
        await bank.post(bank.credit(3));
        await bank.time.sleep(1_000);
        const balance = bank.hub.balance('PULHIDJA');
        writeFileSync(join(folder, 'hub.jsonl'), '{"kind":"sett', { flag: 'a' });
        await bank.restartHub(folder);
        await bank.restartHub(folder);
        bank.respond = respond;
        assert.equal(bank.hub.balance('PULHIDJA'), balance);
        assert.deepEqual(
          (await feed(bank)).lines.map((line) => line.bizMsgIdr),
          [idOf(1), idOf(3)],
        );
        assert.equal((await bank.post(bank.credit(1))).code, 'U149');
        assert.equal(
          (
            await bank.post(bank.credit(9), {
              client: bank.network.connect('connector:PULHIDJA', 'hub', 'imitated'),
            })
          ).status,
          403,
        );
        await bank.time.sleep(120_000);
        assert.deepEqual(
          (await feed(bank)).lines.map((line) => line.bizMsgIdr),
          [idOf(1), idOf(3), idOf(2)],
        );
        const told = new Set(bank.inbox.map(({ about }) => about));
        assert.deepEqual(told, new Set([idOf(1), idOf(3), idOf(2)]));
        const used = bank.inbox
          .filter(({ about }) => about !== idOf(3))
          .map(({ bizMsgIdr }) => bizMsgIdr);
        assert.equal(new Set(used).size, used.length, 'no identifier of the hub comes twice');
        assert.doesNotMatch(readFileSync(join(folder, 'hub.jsonl'), 'utf8'), /"sett\n/);
      },
      { folder },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
