/** What the rules of risk say of cash, in the codes of the network. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { rupiah, type Sen } from '../kernel/money.ts';
import { BANK, block, OPENING, transfer } from '../payment/test-bank.ts';
import { atOurs, cash, codeOf, OTHER_PAN, withCards } from './test-card.ts';

test('a blocked account draws nothing and takes no cash, at any machine, after the right PIN alone, and the same request again is refused alike', () =>
  withCards(async (bank) => {
    await block(bank.db, { bank: BANK.bic, account: '1001' });
    const wrong = cash(bank, 1, { card: { pinBlock: '000000' } });
    assert.equal(codeOf(await bank.cards.take(wrong)), '55', 'who found a card learns nothing');
    const request = cash(bank, 2);
    for (const asked of [request, request, atOurs(bank, 3), atOurs(bank, 4, { what: 'deposit' })])
      assert.equal(codeOf(await bank.cards.take(asked)), '62');
    const other = cash(bank, 5, { card: { pan: OTHER_PAN } });
    assert.equal(codeOf(await bank.cards.take(other)), '00');
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal((await bank.events('risk.acted')).length, 3);
    const [card] = await bank.db.query<{ pin_tries: number }>(
      sql`select pin_tries from card where id = 'crd_1'`,
    );
    assert.equal(card!.pin_tries, 0, 'a right PIN forgives the wrong one');
    await bank.checkMoney();
  }));

test('D24 a young account that passes on what came in cannot draw the rest: 57', () =>
  withCards(async (bank) => {
    const rules = { mule: { numbers: { lookFromSen: '5000000', inSen: '60000000' } } };
    await bank.db.script(`
      insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
        select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 2) n;
      insert into setting (key, version, value, effective_from, set_by, approved_by, source)
        values ('risk.rules', 1, '${JSON.stringify({ form: 1, rules })}', '2026-08-01', 'stf_1', 'stf_2', 'test');
      update account set opened_at = '2026-07-30' where number = '1002';`);
    for (const remark of ['1', '2']) {
      const paid = await bank.engine.submit(transfer({ amount: rupiah(300_000) as Sen, remark }));
      assert.ok(paid.ok);
    }
    const draw = (n: number, amount: number) =>
      bank.cards.take(
        cash(bank, n, { amountSen: String(rupiah(amount)), card: { pan: OTHER_PAN } }),
      );
    assert.equal(codeOf(await draw(1, 500_000)), '00');
    assert.equal(codeOf(await draw(2, 50_000)), '57');
    const acted = await bank.events('risk.acted');
    assert.equal(acted.length, 1);
  }));
