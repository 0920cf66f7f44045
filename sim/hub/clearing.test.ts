import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerTo, feed, golden, idOf, isFault, withHub } from '../testing/bank.ts';

test('finish() plays late, lost, repeated and taken-back endings', () =>
  withHub(async (bank) => {
    const heard = (sequence: number): string[] =>
      bank.inbox.filter(({ about }) => about === idOf(sequence)).map(({ txStatus }) => txStatus);
    await assert.rejects(
      bank.post(bank.credit(1, { account: '9008099906' })),
      isFault('no_answer'),
    );
    assert.deepEqual(heard(1), ['ACSC']);
    await bank.post(bank.credit(2, { account: '9008099902' }));
    await bank.time.sleep(60_000);
    assert.deepEqual(heard(2), []);
    await bank.time.sleep(40_000);
    assert.deepEqual(heard(2), ['ACSC']);
    await bank.post(bank.credit(3, { account: '9008099904' }));
    await bank.post(bank.credit(4, { account: '9008099110' }));
    await bank.post(bank.credit(5, { account: '9008099903' }));
    assert.equal((await bank.post(bank.credit(6, { account: '9008099101' }))).code, 'U101');
    await bank.time.sleep(5_000);
    assert.deepEqual(
      [heard(3), heard(4), heard(5), heard(6)],
      [['ACSC', 'ACSC', 'ACSC'], ['RJCT'], [], []],
    );
    const same = bank.inbox
      .filter(({ about }) => about === idOf(3))
      .map(({ bizMsgIdr }) => bizMsgIdr);
    assert.equal(new Set(same).size, 1, 'a repeated notice is the same notice');
    const ids = (await feed(bank)).lines.map((line) => line.bizMsgIdr);
    assert.deepEqual(ids, [idOf(1), idOf(2), idOf(3), idOf(5)]);
  }));

test('deliver() repeats a notice with the same bytes until the bank answers', () =>
  withHub(async (bank) => {
    const { respond } = bank;
    bank.respond = () => undefined;
    await bank.post(bank.credit(1));
    await bank.time.sleep(20_000);
    assert.ok(bank.inbox.length >= 3 && bank.inbox.length <= 5);
    bank.respond = respond;
    await bank.time.sleep(60_000);
    const count = bank.inbox.length;
    await bank.time.sleep(600_000);
    assert.equal(bank.inbox.length, count);
    assert.equal(new Set(bank.inbox.map(({ bizMsgIdr }) => bizMsgIdr)).size, 1);
  }));

test('sendCredit() settles what the bank takes, gives back what it refuses or never answers', () =>
  withHub(async (bank) => {
    const credit = {
      fromBank: 'CENAIDJA',
      toBank: 'PULHIDJA',
      debtorAccount: '7006005004',
      creditorAccount: '1002003004',
      amountSen: 5_000_000n,
    };
    const before = bank.hub.balance('CENAIDJA');
    const taken = await bank.hub.sendCredit(credit);
    assert.equal(taken.outcome, 'settled');
    await bank.time.sleep(1_000);
    assert.deepEqual(
      bank.inbox.map(({ definition, txStatus, about }) => [definition, txStatus, about]),
      [
        ['pacs.008.001.08', '', ''],
        ['pacs.002.001.10', 'ACSC', taken.bizMsgIdr],
      ],
    );
    bank.respond = (message) => {
      const [, endToEndId, txId] = /"EndToEndId":"([^"]+)","TxId":"([^"]+)"/.exec(
        JSON.stringify(message),
      )!;
      return answerTo({ endToEndId: endToEndId!, txId: txId!, status: 'RJCT', code: 'U101' });
    };
    assert.deepEqual([(await bank.hub.sendCredit(credit)).outcome], ['rejected']);
    bank.respond = () => undefined;
    assert.equal((await bank.hub.sendCredit(credit)).outcome, 'no_answer');
    assert.equal(before - bank.hub.balance('CENAIDJA'), 5_000_000n);
    assert.deepEqual(
      (await feed(bank)).lines.map((line) => [line.direction, line.connector]),
      [['in', '']],
    );
  }));

test('answerCredit() takes a return once, in full, of a credit that settled to us', () =>
  withHub(async (bank) => {
    const taken = await bank.hub.sendCredit({
      fromBank: 'CENAIDJA',
      toBank: 'PULHIDJA',
      debtorAccount: '7006005004',
      creditorAccount: '1002003004',
      amountSen: 5_000_000n,
    });
    const back = (sequence: string, amount = '50000.00'): string =>
      golden('4.1-out-011')
        .replaceAll('20260801CENAIDJA010O0200000777', taken.bizMsgIdr)
        .replaceAll('00000124', sequence)
        .replaceAll('50000.00', amount);
    assert.equal(
      (await bank.post(golden('4.1-out-011'))).code,
      'U110',
      'of something that never came',
    );
    assert.equal((await bank.post(back('00000201', '40000.00'))).code, 'U110', 'of another amount');
    assert.equal((await bank.post(back('00000202'))).txStatus, 'ACTC');
    assert.equal((await bank.post(back('00000203'))).code, 'U110', 'a second time');
  }));

test('giveBack() sends a return of ours that names the original', () =>
  withHub(async (bank) => {
    const inbox: string[] = [];
    const { respond } = bank;
    bank.respond = (message) => (inbox.push(JSON.stringify(message)), respond(message));
    await bank.post(bank.credit(1, { account: '9008099911' }));
    await bank.time.sleep(90_000);
    assert.ok(
      inbox.some(
        (text) =>
          text.includes('"CtgyPurp":{"Prtry":"01199"}') &&
          text.includes(`"RltdEndToEndId":"${idOf(1)}"`),
      ),
    );
    assert.deepEqual(
      (await feed(bank)).lines.map((line) => line.direction),
      ['out', 'in'],
    );
  }));
