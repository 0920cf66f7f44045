/** Bills through a real gateway to the simulated aggregator: what the rail's own conformance suite does not know of, because no
 * other rail has it: inquiries, receipts, and advice that repeats the payment. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BillerInstruction } from '../../src/authorisation/form-biller.ts';
import { networkIds } from '../../src/authorisation/instruction.ts';
import { receiptPurpose } from '../../src/rail/biller/message.ts';
import { seal, unseal } from '../../src/rail/seal.ts';
import { billerRules } from '../../src/gateway/biller/rules.ts';
import { readProducts } from '../../src/rail/biller/product.ts';
import { billInstruction, RECEIPT, withBiller } from '../sim/biller-world.ts';
import { BANK, type Rig } from './rig.ts';

const METER = '512345678901';

async function token(rig: Rig, number: string): Promise<BillerInstruction> {
  const asked = { rail: 'biller', product: 'PLN_PREPAID', customerKey: METER } as const;
  const bill = await rig.rail.enquireBill(asked);
  assert.ok(bill.found === true);
  assert.equal(bill.choices.length, 6);
  const { inquiryReference } = bill;
  const of = { product: 'PLN_PREPAID', customerKey: METER, amountSen: '5000000' };
  return billInstruction(rig, { number, inquiryReference, ...of });
}

function send(rig: Rig, instruction: BillerInstruction) {
  return rig.rail.send({ instruction, token: rig.tokenOf(instruction) });
}

function advise(rig: Rig, instruction: BillerInstruction) {
  const { paymentId } = instruction;
  return rig.rail.inquire({
    rail: 'biller',
    paymentId,
    ...networkIds(instruction),
    instruction,
  });
}

function open(receipt: string, reference: string): Readonly<Record<string, string>> | undefined {
  const text = unseal(receipt, { key: RECEIPT.privateKey, purpose: receiptPurpose(reference) });
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>);
}

test('a prepaid token reaches core sealed: no file of the gateway shows it, and it opens under its own reference only', () =>
  withBiller(async (rig) => {
    const instruction = await token(rig, '00000001');
    const answer = await send(rig, instruction);
    assert.ok(answer.outcome === 'accepted' && answer.isFinal && answer.receipt !== undefined);
    const shown = open(answer.receipt, instruction.reference)!['token']!;
    assert.match(shown, /^\d{20}$/);
    assert.equal(open(answer.receipt, '20260801PULHIDJA00000002'), undefined);
    await rig.gateway.stop();
    const files = readdirSync(rig.folder, { recursive: true, withFileTypes: true });
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'));
    assert.ok(texts.some((text) => text.includes(answer.receipt!)));
    assert.ok(!texts.some((text) => text.includes(shown)));
    await rig.restart();
  }));

test('T6 a token that the answer lacked is delivered by advice, the same one every time, and never bought again', () =>
  withBiller(async (rig, aggregator) => {
    aggregator.chooser.replace([{ name: 'no receipt', match: {}, does: { kind: 'no_receipt' } }]);
    const instruction = await token(rig, '00000001');
    const answer = await send(rig, instruction);
    assert.deepEqual(answer, { outcome: 'accepted', isFinal: true, code: '00' });
    const tokens: (string | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      const again = await advise(rig, instruction);
      assert.ok(again.outcome === 'accepted' && again.receipt !== undefined);
      tokens.push(open(again.receipt, instruction.reference)!['token']);
    }
    assert.equal(new Set(tokens).size, 1);
    assert.equal(aggregator.arrivals(instruction.reference), 1);
    assert.equal(aggregator.settledSen(), 5_000_000n);
  }));

test('I12 an answer about another amount is no answer: unknown, and told as forged', () =>
  withBiller(async (rig, aggregator) => {
    aggregator.chooser.replace([{ name: 'wrong', match: {}, does: { kind: 'wrong_amount' } }]);
    const instruction = await token(rig, '00000001');
    assert.equal((await send(rig, instruction)).outcome, 'unknown');
    const [forged] = await rig.bodies('forged');
    assert.equal(forged?.bizMsgIdr, instruction.reference);
  }));

test('advice goes out for the very instruction that was burned, and for no other', () =>
  withBiller(async (rig, aggregator) => {
    aggregator.chooser.replace([{ name: 'lost', match: {}, does: { kind: 'drop_answer' } }]);
    const instruction = await token(rig, '00000001');
    assert.equal((await send(rig, instruction)).outcome, 'unknown');
    const asked = { rail: 'biller', paymentId: 'pay_x', ...networkIds(instruction) } as const;
    const changed = { ...instruction, customerKey: '512345678902' };
    const refused = { outcome: 'unknown', reason: 'not burned by this gateway' };
    assert.deepEqual(await rig.rail.inquire({ ...asked, instruction: changed }), refused);
    assert.deepEqual(await rig.rail.inquire(asked), refused);
    assert.equal((await advise(rig, instruction)).outcome, 'accepted');
  }));

test('a payment that quotes no inquiry, or another amount than was offered, is refused by the biller and definite', () =>
  withBiller(async (rig) => {
    const good = await token(rig, '00000001');
    const unquoted = { ...good, inquiryReference: 'INQ0000000000000000' };
    assert.deepEqual(await send(rig, unquoted), { outcome: 'rejected', code: '91' });
    const odd = { ...good, reference: '20260801PULHIDJA00000002', amountSen: '5000100' };
    assert.deepEqual(await send(rig, odd), { outcome: 'rejected', code: '13' });
  }));

test('what the gateway pays is a product of the table, for a number of its form, at our aggregator, for our own account', () =>
  withBiller(async (rig, aggregator) => {
    const good = await token(rig, '00000001');
    const rules = billerRules({ bank: BANK, products: readProducts() });
    assert.ok(rules.isOurs(good));
    for (const over of [
      { product: 'PLN_UNKNOWN' },
      { customerKey: '1234' },
      { aggregator: 'ANDERE01' },
      { debtor: { ...good.debtor, bank: 'BNINIDJA' } },
    ])
      assert.ok(!rules.isOurs({ ...good, ...over }), JSON.stringify(over));
    assert.equal(rules.dayOf({ bizMsgIdr: '20260801BNINIDJA00000001' }), undefined);
    const answer = await send(rig, { ...good, aggregator: 'ANDERE01' });
    assert.deepEqual(answer, { outcome: 'not_reached', reason: 'refused: id_invalid' });
    assert.equal(aggregator.settledSen(), 0n);
  }));

test('seal() changes with every box, and unseal() opens nothing that was touched or meant for another', () => {
  const to = { key: RECEIPT.publicKey, purpose: 'receipt:1' };
  const by = { key: RECEIPT.privateKey, purpose: 'receipt:1' };
  const box = seal('rahasia', to);
  assert.notEqual(seal('rahasia', to), box);
  assert.equal(unseal(box, by), 'rahasia');
  assert.equal(unseal(box, { ...by, purpose: 'receipt:2' }), undefined);
  for (let at = 3; at < box.length; at += 7) {
    const letter = box[at] === 'A' ? 'B' : 'A';
    const touched = `${box.slice(0, at)}${letter}${box.slice(at + 1)}`;
    if (touched !== box) assert.notEqual(unseal(touched, by), 'rahasia', String(at));
  }
  for (const odd of ['', 'v1', 'v1.', 'v2.AAAA', 'v1.AAAA'])
    assert.equal(unseal(odd, by), undefined);
});
