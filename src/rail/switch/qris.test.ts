import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileCodec } from '../iso8583/codec.ts';
import { DIALECTS } from '../iso8583/dialects.ts';
import type { IsoFields, IsoMessage } from '../iso8583/spec.ts';
import { checkDigitOf } from '../qris/pan.ts';
import { answerOfQris, answerOfQrisCheck } from './qris-answer.ts';
import {
  readQris,
  renderQris,
  tagsOf,
  terminalOf,
  type QrisNetwork,
  type QrisPayment,
  type QrisRefund,
} from './qris.ts';
import { checkedIds, readQrisCheck, renderQrisCheck } from './qris-check.ts';

const NETWORK: QrisNetwork = { network: 'switch', dialect: DIALECTS.demo, isCheckFinal: true };
const NOON = Date.UTC(2026, 7, 1, 5);
const panOf = (digits: string): string => `${digits}${checkDigitOf(digits)}`;
const MERCHANT = {
  pan: panOf('936000090000000012'),
  nmid: 'ID1020000000456',
  criteria: 'UME',
  id: '000000000000456',
  name: 'TOKO SINTETIS MANDIRI',
  city: 'BANDUNG',
};
const PAYMENT: QrisPayment = {
  kind: 'payment',
  stan: '000042',
  rrn: '621310000042',
  transmittedAt: '0801030015',
  settlementDay: '0801',
  amountSen: 13_000_000n,
  tipSen: 500_000n,
  customerPan: panOf('936001990123456789'),
  sender: '93600199',
  receiver: '93600009',
  channelCode: '6017',
  terminal: 'K02',
  merchant: MERCHANT,
  reference: 'REF0000000001',
  billNumber: 'INV20260801000105',
};
const { tipSen: _tip, ...BASE } = PAYMENT;
const REFUND: QrisRefund = {
  ...BASE,
  kind: 'refund',
  stan: '000077',
  rrn: '621411000077',
  transmittedAt: '0802040000',
  settlementDay: '0802',
  sender: '93600009',
  receiver: '93600199',
  amountSen: 1_000_000n,
  originalRrn: PAYMENT.rrn,
  originalDate: '0801',
  refundNumber: 'RFD-1',
};
const codec = compileCodec(DIALECTS.demo);
/** What the other side has after the message went over the wire. */
const overTheWire = (message: IsoMessage | undefined): IsoMessage => {
  assert.ok(message);
  const packed = codec.pack(message);
  assert.ok(packed.ok, JSON.stringify(packed));
  const read = codec.unpack(packed.value);
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
};
const changed = (message: IsoMessage, change: IsoFields): IsoMessage => ({
  mti: message.mti,
  fields: { ...message.fields, ...change },
});
const answered = (processing: string, code: string): IsoMessage => ({
  mti: '0210',
  fields: { 3: processing, 39: code, 4: '000013000000', 37: PAYMENT.rrn },
});

test('renderQris() says a payment field by field, the same bytes whenever it is asked (T6)', () => {
  const message = renderQris(NETWORK, PAYMENT, NOON);
  assert.deepEqual(message, {
    mti: '0200',
    fields: {
      2: PAYMENT.customerPan,
      3: '261000',
      4: '000013000000',
      7: '0801030015',
      11: '000042',
      12: '100015',
      13: '0801',
      15: '0801',
      18: '6017',
      22: '039',
      25: '00',
      32: '93600199',
      37: '621310000042',
      41: 'K02',
      42: '000000000000456',
      43: `${'TOKO SINTETIS MANDIRI'.padEnd(25)}${'BANDUNG'.padEnd(13)}ID`,
      48: `MP19${MERCHANT.pan}NM15ID1020000000456CR03UMETP12000000500000RL13REF0000000001BN17INV20260801000105`,
      49: '360',
      100: '93600009',
    },
  });
  assert.deepEqual(renderQris(NETWORK, PAYMENT, NOON + 30 * 86_400_000), message);
});

test('renderQris() says a refund with the payment that it gives back', () => {
  const message = renderQris(NETWORK, REFUND, NOON);
  assert.equal(message?.fields[3], '201000');
  assert.match(message?.fields[48] ?? '', /OR12621310000042OD040801RN05RFD-1$/);
});

test('readQris() reads what was rendered, whatever a code may hold, over the real wire', () => {
  const text = (max: number) =>
    fc.stringMatching(new RegExp(`^[A-Z0-9.&/-][A-Z0-9 .&/-]{0,${max - 2}}[A-Z0-9]$`));
  const payment = fc
    .record({
      amountSen: fc.bigInt({ min: 2n, max: 1_000_000_000n }),
      tip: fc.nat(1_000_000),
      name: text(25),
      city: text(13),
      id: text(15),
      digits: fc.stringMatching(/^\d{10}$/),
      reference: fc.option(text(25), { nil: undefined }),
      hasNmid: fc.boolean(),
    })
    .map(({ amountSen, tip, name, city, id, digits, reference, hasNmid }): QrisPayment => {
      const { reference: _reference, merchant, ...rest } = PAYMENT;
      const { nmid, ...shop } = merchant;
      return {
        ...rest,
        amountSen,
        tipSen: BigInt(tip) % amountSen,
        customerPan: panOf(`93600199${digits}`),
        merchant: {
          ...shop,
          pan: panOf(`93600009${digits}`),
          name,
          city,
          id,
          ...(hasNmid && { nmid: nmid! }),
        },
        ...(reference !== undefined && { reference }),
      };
    });
  fc.assert(
    fc.property(payment, (one) => {
      assert.deepEqual(readQris(DIALECTS.demo, overTheWire(renderQris(NETWORK, one, NOON))), one);
    }),
    { numRuns: 100 },
  );
  assert.deepEqual(readQris(DIALECTS.demo, overTheWire(renderQris(NETWORK, REFUND, NOON))), REFUND);
});

test('readQris() takes no payment whose fields are missing, of another form, or disagree', () => {
  const good = overTheWire(renderQris(NETWORK, PAYMENT, NOON));
  const data = good.fields[48]!;
  const wrong: readonly IsoFields[] = [
    { 4: '000000000000' },
    // No check digit.
    { 2: `${PAYMENT.customerPan.slice(0, -1)}${(Number(PAYMENT.customerPan.at(-1)) + 1) % 10}` },
    // A customer of another bank than the one that pays; a merchant of another than the one that is paid.
    { 32: '93600014' },
    { 100: '93600014' },
    { 49: '840' },
    { 22: '010' },
    { 3: '262000' },
    { 15: '1301' },
    { 48: data.replace('CR03UME', 'CR02UM') },
    { 48: data.replace('MP19', 'XX19') },
    { 48: data.replace('NM15ID', 'NM15XD') },
    // A tip of nothing, a tip that is all of it.
    { 48: data.replace('TP12000000500000', 'TP12000000000000') },
    { 48: data.replace('TP12000000500000', 'TP12000013000000') },
    { 48: 'MP' },
  ];
  for (const change of wrong)
    assert.equal(readQris(DIALECTS.demo, changed(good, change)), undefined, JSON.stringify(change));
  for (const field of [2, 4, 7, 11, 15, 18, 22, 32, 37, 41, 43, 48, 49, 100] as const) {
    const { [field]: _gone, ...fields } = good.fields;
    assert.equal(readQris(DIALECTS.demo, { mti: good.mti, fields }), undefined, `DE${field}`);
  }
});

test('readQris() takes no refund that names no payment, or comes from another than the shop’s bank', () => {
  const good = overTheWire(renderQris(NETWORK, REFUND, NOON));
  const data = good.fields[48]!;
  for (const change of [
    { 48: data.replace('OR12621310000042', '') },
    { 48: data.replace('OD040801', 'OD041301') },
    { 48: data.replace('RN05RFD-1', '') },
    { 32: '93600014' },
    { 100: '93600014' },
  ])
    assert.equal(readQris(DIALECTS.demo, changed(good, change)), undefined, JSON.stringify(change));
});

test('readQris() takes a shown code from a merchant of the sender’s, about a customer of ours, with its data and no other way', () => {
  const asked = renderQris(NETWORK, { ...REFUND, stan: '000099' }, NOON);
  const data = '00112233445566778899AABBCCDDEEFF';
  const tags = `MP19${MERCHANT.pan}CR03UMECD32${data}`;
  const shown = changed(overTheWire(asked), { 3: '271000', 48: tags });
  const read = readQris(DIALECTS.demo, overTheWire(shown));
  assert.ok(read?.kind === 'presented');
  assert.equal(read.codeData, data);
  assert.equal(read.customerPan, REFUND.customerPan);
  assert.equal(read.merchant.pan, MERCHANT.pan);
  for (const [name, change] of Object.entries<IsoFields>({
    'no data': { 48: `MP19${MERCHANT.pan}CR03UME` },
    'short data': { 48: `MP19${MERCHANT.pan}CR03UMECD14${data.slice(0, 14)}` },
    'data in small letters': { 48: tags.replace(data, data.toLowerCase()) },
    'another bank’s merchant': { 32: '93600014' },
    'a customer of the shop’s bank': { 2: panOf('936000090123456789') },
    'no money': { 4: '000000000000' },
  }))
    assert.equal(readQris(DIALECTS.demo, changed(shown, change)), undefined, name);
  const check = changed(overTheWire(shown), {
    3: '361000',
    48: `${tags}OT100801050000OS06000099`,
  });
  assert.equal(readQrisCheck(DIALECTS.demo, check)?.kind, 'presented');
});

test('readQrisCheck() names the original that renderQrisCheck() asks about, and tells payments from refunds', () => {
  const question = { stan: '900001', atMs: NOON + 60_000 };
  const asked = readQrisCheck(
    DIALECTS.demo,
    overTheWire(renderQrisCheck(NETWORK, { original: PAYMENT, said: tagsOf(PAYMENT) }, question)),
  );
  assert.ok(asked);
  assert.equal(asked.kind, 'payment');
  assert.equal(asked.rrn, PAYMENT.rrn);
  assert.equal(asked.amountSen, PAYMENT.amountSen);
  assert.deepEqual([asked.stan, asked.transmittedAt], ['900001', '0801050100']);
  assert.deepEqual(checkedIds(asked), {
    transmittedAt: PAYMENT.transmittedAt,
    acquirer: PAYMENT.sender,
    stan: PAYMENT.stan,
  });
  const refund = readQrisCheck(
    DIALECTS.demo,
    overTheWire(renderQrisCheck(NETWORK, { original: REFUND, said: tagsOf(REFUND) }, question)),
  );
  assert.equal(refund?.kind, 'refund');
  assert.equal(refund?.refundNumber, 'RFD-1');
  const { 48: _data, ...fields } = renderQrisCheck(
    NETWORK,
    { original: PAYMENT, said: tagsOf(PAYMENT) },
    question,
  )!.fields;
  assert.equal(readQrisCheck(DIALECTS.demo, { mti: '0200', fields }), undefined);
});

test('answerOfQris() calls nothing a refusal that may have been paid: only the table says no (T1, T2)', () => {
  const outcomeOf = (processing: string, code: string) =>
    answerOfQris(NETWORK, answered(processing, code)).outcome;
  assert.equal(outcomeOf('261000', '00'), 'accepted');
  for (const code of ['03', '05', '13', '54', '57', '61'])
    assert.equal(outcomeOf('261000', code), 'rejected', code);
  // The switch itself says 91 when the acquirer was slow: the shop may have been told.
  for (const code of ['09', '68', '91', '94', '96', 'ZZ', ''])
    assert.equal(outcomeOf('261000', code), 'unknown', code);
  for (const code of ['25', '61', '13']) assert.equal(outcomeOf('201000', code), 'rejected', code);
  for (const code of ['09', '68', '91', '94', '96', 'ZZ'])
    assert.equal(outcomeOf('201000', code), 'unknown', code);
});

test('answerOfQrisCheck() believes 00 and 25 about the very RRN and amount, and nothing else (T1)', () => {
  const asked = { rrn: PAYMENT.rrn, amountSen: PAYMENT.amountSen, isIncoming: false };
  const of = (code: string, change: IsoFields = {}, network = NETWORK) =>
    answerOfQrisCheck(network, asked, changed(answered('361000', code), change)).outcome;
  assert.equal(of('00'), 'accepted');
  assert.equal(of('25'), 'rejected');
  assert.equal(of('25', {}, { ...NETWORK, isCheckFinal: false }), 'unknown');
  for (const code of ['09', '05', '12', '57', '68', '91', '96', ''])
    assert.equal(of(code), 'unknown', code);
  for (const code of ['00', '25']) {
    assert.equal(of(code, { 37: '621310000043' }), 'unknown');
    assert.equal(of(code, { 4: '000012999999' }), 'unknown');
  }
});

test('terminalOf() keeps of a label what the dialect can carry', () => {
  assert.equal(terminalOf(DIALECTS.demo, 'KASIR-2/LANTAI-1', 'PULIHM01'), 'KASIR2LA');
  assert.equal(terminalOf(DIALECTS.demo, '***', 'PULIHM01'), 'PULIHM01');
  assert.equal(terminalOf(DIALECTS.demo, undefined, 'PULIHM01'), 'PULIHM01');
});
