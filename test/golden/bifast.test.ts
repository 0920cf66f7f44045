/** The golden BI-FAST samples of docs/rail/bifast.md, held against both sides at once: our codec (`src/rail/bifast`) and the
 * simulator's own (`sim/hub`). Neither imports the other. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readBusMsg } from '../../sim/hub/bifast-schema.ts';
import { HUB_BIC } from '../../sim/hub/participant.ts';
import {
  makeIds,
  renderAdminAnswer,
  renderCredit,
  renderReject,
  renderStatusReport,
} from '../../sim/hub/render.ts';
import { encodeMessage } from '../../src/rail/bifast/encode.ts';
import { parseMessage } from '../../src/rail/bifast/parse.ts';
import { parseFeed, parseStatement } from '../../src/rail/bifast/settlement.ts';

const text = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'bifast', `${name}.json`), 'utf8');
const value = (name: string): unknown => JSON.parse(text(name));
const MESSAGES = [
  '4.1-out-010',
  '4.1-out-011',
  '4.1-out-510',
  '4.1-in-010',
  '4.1-in-011',
  '4.2-answer-actc',
  '4.2-answer-rjct',
  '4.2-answer-510',
  '4.2-ours-actc',
  '4.2-ours-rjct',
  '4.3-notice-acsc',
  '4.3-notice-rjct',
  '4.4-status-request',
  '4.4-answer-acsc',
  '4.5-sign-on',
  '4.5-answer',
  '4.6-reject',
  '4.10-in-bulk',
  '4.10-ours-bulk',
];

test('parseMessage() and encodeMessage() keep every golden message as it is', () => {
  for (const name of MESSAGES) {
    const parsed = parseMessage(Buffer.from(text(name)));
    assert.ok(parsed.ok, `${name}: ${parsed.ok ? '' : parsed.error.path}`);
    assert.deepEqual(JSON.parse(encodeMessage(parsed.message).toString()), value(name), name);
  }
});

test('readBusMsg() of the simulator takes what our codec writes', () => {
  for (const name of MESSAGES.filter((one) => /out|ours|request|sign-on/.test(one))) {
    const parsed = parseMessage(Buffer.from(text(name)));
    assert.ok(parsed.ok);
    const read = readBusMsg(encodeMessage(parsed.message));
    assert.ok(read.ok, `${name}: ${read.ok ? '' : read.where}`);
  }
});

const AT = Date.UTC(2026, 7, 1, 3, 5);
const OUT = { endToEndId: '20260801PULHIDJA010O0200000123', txId: '20260801PULHIDJA01000000123' };
const ANSWERED = { msgId: OUT.txId, definition: 'pacs.008.001.08' as const };
const hubIds = (trxType: string, originator: 'R' | 'H', channel: string, sequence: number) =>
  makeIds({ nowMs: AT, bic: HUB_BIC, trxType, originator, channel, sequence });

test('the simulator’s hub writes its golden messages', () => {
  const base = { to: 'PULHIDJA', answered: ANSWERED, payment: OUT, amountSen: 12_500_000n };
  const same = (name: string, body: Buffer): void =>
    assert.deepEqual(JSON.parse(body.toString()), value(name), name);
  same(
    '4.2-answer-actc',
    renderStatusReport({
      ...base,
      nowMs: AT + 150,
      ids: hubIds('010', 'R', '02', 4711),
      service: 'CLEAR',
      status: 'ACTC',
      code: 'U000',
    }),
  );
  same(
    '4.2-answer-rjct',
    renderStatusReport({
      ...base,
      nowMs: AT + 150,
      ids: hubIds('010', 'R', '02', 4712),
      service: 'CLEAR',
      status: 'RJCT',
      code: 'U101',
    }),
  );
  const notice = {
    ...base,
    nowMs: AT + 450,
    service: 'STTL' as const,
    settlementDate: '2026-08-01',
  };
  same(
    '4.3-notice-acsc',
    renderStatusReport({
      ...notice,
      ids: hubIds('000', 'H', '99', 4714),
      status: 'ACSC',
      code: 'U000',
    }),
  );
  same(
    '4.3-notice-rjct',
    renderStatusReport({
      ...notice,
      ids: hubIds('000', 'H', '99', 4715),
      status: 'RJCT',
      code: 'U110',
    }),
  );
  same(
    '4.5-answer',
    renderAdminAnswer({
      to: 'PULHIDJA',
      nowMs: AT + 60_020,
      ids: hubIds('000', 'R', '99', 4717),
      answeredMsgId: '20260801PULHIDJA00000360021',
      operation: 'SIGNON',
      status: 'ACPT',
      code: 'U000',
    }),
  );
  same(
    '4.6-reject',
    renderReject({
      to: 'PULHIDJA',
      nowMs: AT + 60_000,
      ids: hubIds('000', 'R', '99', 4718),
      ref: OUT.endToEndId,
      where: 'Document.FIToFICstmrCdtTrf.GrpHdr.MsgId: wrong form',
    }),
  );
  const credit = renderCredit({
    bizMsgIdr: '20260801CENAIDJA010O0200000777',
    msgId: '20260801CENAIDJA01000000777',
    trxType: '010',
    fromBank: 'CENAIDJA',
    toBank: 'PULHIDJA',
    amountSen: '5000000',
    debtorAccount: '7006005004',
    debtorName: 'NASABAH SINTETIS C',
    creditorAccount: '1002003004',
    creditorName: 'NASABAH SINTETIS A',
    remittance: 'uji masuk',
    takenAtMs: AT,
    businessDate: '2026-08-01',
  });
  same('4.1-in-010', credit);
});

test('parseFeed() and parseStatement() read the golden pages', () => {
  const feed = parseFeed({
    body: Buffer.from(text('5-feed')),
    bic: 'PULHIDJA',
    after: '17',
    nowMs: 1_785_553_502_000,
  });
  assert.deepEqual(
    [feed?.cursor, feed?.lines],
    ['19', (value('5-feed') as { lines: unknown }).lines],
  );
  const statement = parseStatement({
    body: Buffer.from(text('5-statement')),
    bic: 'PULHIDJA',
    businessDate: '2026-08-01',
    nowMs: 1_785_603_660_000,
  });
  assert.deepEqual([statement?.isComplete, statement?.lines.length], [true, 2]);
});
