/** Our cards and other banks' at our own machines: the money, against the real ledger and database. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { CHART, machineAccount } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import { BANK, OPENING } from '../payment/test-bank.ts';
import type { FlowFacts } from '../gate/port.ts';
import type { MachineReport, SwitchReversalNotice } from '../rail/notice-switch.ts';
import { verdictOf } from './machine.ts';
import {
  atOurs,
  cash,
  codeOf,
  idOf,
  MACHINE,
  PIN,
  reversal,
  RIGHT_ARQC,
  withCards,
  type TestCards,
} from './test-card.ts';

const CASH = rupiah(100_000);
const STOP = { kind: 'stop', restriction: { id: 'r' } } as never;

/** What the books say lies in the machine. */
async function inMachine(bank: TestCards): Promise<bigint> {
  const balance = (await bank.ledger.balance(machineAccount(MACHINE)))!;
  return -(balance.postedSen + balance.pendingCreditSen);
}

async function posted(bank: TestCards, account = '1001'): Promise<bigint> {
  return (await bank.ledger.balance(account))!.postedSen;
}

const back = (n: number, more: Partial<SwitchReversalNotice> = {}) =>
  reversal(n, { fromBank: BANK.bic, ...more } as Parameters<typeof reversal>[1]);

function report(n: number, more: Partial<MachineReport> = {}): MachineReport {
  return {
    kind: 'machine',
    rail: 'switch',
    what: 'totals',
    bizMsgIdr: idOf(n),
    terminal: MACHINE,
    businessDate: '2026-08-01',
    cashSen: '0',
    dispensedSen: '0',
    depositedSen: '0',
    owedCount: 0,
    ...more,
  };
}

/** Cash for another bank's card, approved by it under the network's id `n`. */
function acquired(bank: TestCards, n: number) {
  return {
    kind: 'request',
    rail: 'switch',
    what: 'acquired',
    bizMsgIdr: idOf(n),
    rrn: 'rrn000000001',
    fromBank: 'CENAIDJA',
    amountSen: String(CASH),
    deadlineMs: bank.time.now() + 12_000,
    terminal: MACHINE,
    place: 'ATM PULIH SUDIRMAN',
  } as const;
}

test('cash at our machine is debited at once and for nothing; T6 its repeat, at once and by another process, is the same cash; T7 what did not come out goes back once, and its day’s limit with it', () =>
  withCards(async (bank) => {
    await bank.cards.take(report(90, { what: 'load', cashSen: String(rupiah(1_000_000)) }));
    const request = atOurs(bank, 1);
    const other = bank.anotherCards();
    const answers = await Promise.all([
      bank.cards.take(request),
      other.take(request),
      bank.cards.take(request),
    ]);
    assert.deepEqual(answers.map(codeOf), ['00', '00', '00']);
    assert.equal(await posted(bank), OPENING - CASH);
    assert.equal(await inMachine(bank), rupiah(900_000));
    const partly = back(1, { keptSen: String(rupiah(50_000)) });
    assert.deepEqual(await bank.cards.take(partly), { taken: true });
    assert.deepEqual(await other.take(partly), { taken: true });
    assert.equal((await bank.cards.take(back(1))).taken, false, 'it says something else');
    assert.equal(await posted(bank), OPENING - rupiah(50_000));
    assert.equal(await inMachine(bank), rupiah(950_000));
    assert.equal(codeOf(await bank.cards.take(request)), '12', 'nothing is given out again');
    await bank.cards.take(atOurs(bank, 2));
    await Promise.all([bank.cards.take(back(2)), other.take(back(2))]);
    assert.equal(await posted(bank), OPENING - rupiah(50_000));
    const key = `day|crd_1|${wibDate(bank.time.now())}`;
    const spent = (await bank.ledger.counted([key])).get(key);
    assert.equal(
      spent?.amountSen,
      CASH,
      'what came out in part counts whole, the other not at all',
    );
    await bank.checkMoney();
  }));

test('T5 a reversal that comes first refuses its request; a stranger machine gives out nothing; an approval that comes too late says nothing and is taken back', () =>
  withCards(async (bank) => {
    assert.deepEqual(await bank.cards.take(back(1)), { taken: true });
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 1))), '12');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 2, { terminal: 'ATM99999' }))), '58');
    const late = atOurs(bank, 3, { deadlineMs: bank.time.now() + 10 });
    assert.deepEqual(await bank.cards.take(late), { taken: true }, 'nothing may be said');
    assert.deepEqual(await bank.cards.take(back(3)), { taken: true }, 'as the gateway then does');
    assert.equal(await posted(bank), OPENING);
    await bank.checkMoney();
  }));

test('restrictions tell our own machine, our card elsewhere and another bank’s card at ours apart', () =>
  withCards(async (bank) => {
    const asked: FlowFacts[] = [];
    const stop = (is: (flow: FlowFacts) => boolean): void =>
      void (bank.gate.decide = (flow) => {
        asked.push(flow);
        return is(flow) ? STOP : { kind: 'allow' };
      });
    stop(({ rail }) => rail === 'switch');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 1))), '00', 'on-us stays open');
    assert.equal(codeOf(await bank.cards.take(cash(bank, 2))), '57');
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 3))), '57');
    stop(({ direction }) => direction === 'in');
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 4))), '00');
    assert.equal(codeOf(await bank.cards.take(cash(bank, 5))), '57');
    stop(({ rail, channel }) => rail === 'onus' && channel === 'atm');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 6))), '57');
    assert.deepEqual(
      asked.map(({ rail, direction, channel }) => `${rail} ${direction} ${channel}`),
      [
        'onus out atm',
        'switch in network',
        'switch out atm',
        'switch out atm',
        'switch in network',
        'onus out atm',
      ],
    );
  }));

test('cash paid in is spendable at once; T6 twice is once; taken back it leaves, and where it is spent people are told and the machine asks again', () =>
  withCards(
    async (bank) => {
      const paidIn = atOurs(bank, 1, { what: 'deposit', amountSen: String(CASH) });
      await Promise.all([bank.cards.take(paidIn), bank.anotherCards().take(paidIn)]);
      assert.equal(await posted(bank), OPENING + CASH);
      assert.equal(await inMachine(bank), CASH);
      assert.equal(
        codeOf(await bank.cards.take(back(1))),
        '12',
        'a reversal of cash drawn is none of it',
      );
      assert.deepEqual(await bank.cards.take(back(1, { what: 'deposit' })), { taken: true });
      assert.equal(await posted(bank), OPENING);
      assert.deepEqual((await bank.messages('C1')).toSorted(), [
        'card.deposit_returned',
        'card.deposited',
      ]);
      const more = rupiah(2_400_000);
      await bank.cards.take(atOurs(bank, 2, { what: 'deposit', amountSen: String(more) }));
      for (let n = 0; (await posted(bank)) >= more; n++)
        assert.equal(
          codeOf(
            await bank.cards.take(atOurs(bank, 10 + n, { amountSen: String(rupiah(2_500_000)) })),
          ),
          '00',
        );
      const refused = await bank.cards.take(back(2, { what: 'deposit', amountSen: String(more) }));
      assert.deepEqual(refused, { taken: false, code: '96' });
      assert.equal((await bank.events('payment.outcome_contradicted')).length, 2);
      await bank.checkMoney();
    },
    { settings: { cardDailySen: rupiah(1_000_000_000), cardDailyCount: 1_000n } },
  ));

test('a new PIN counts from the answer on, its repeat is answered the same; the old one does not open it any more; a short one changes nothing', () =>
  withCards(async (bank) => {
    const change = (n: number, pinBlock: string, newPinBlock: string) => {
      const { what: _what, card, ...rest } = atOurs(bank, n, { amountSen: '0' });
      return { ...rest, what: 'pin_change', card: { ...card, pinBlock, newPinBlock } } as const;
    };
    assert.equal(codeOf(await bank.cards.take(change(1, PIN, '4321'))), '12');
    assert.equal(codeOf(await bank.cards.take(change(2, '000000', '654321'))), '55');
    assert.equal(codeOf(await bank.cards.take(change(3, PIN, '654321'))), '00');
    assert.equal(codeOf(await bank.cards.take(change(3, PIN, '654321'))), '00');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 4))), '55');
    assert.equal(
      codeOf(await bank.cards.take(atOurs(bank, 5, { card: { pinBlock: '654321' } }))),
      '00',
    );
    assert.equal((await bank.events('card.pin_changed')).length, 1);
    assert.ok((await bank.messages('C1')).includes('card.pin_changed'));
  }));

test('another bank’s card: what it owes us is held before cash comes out; T7 a reversal ends it, first or last; the statement captures, and what it does not name waits for people', () =>
  withCards(async (bank) => {
    await bank.cards.take(report(90, { what: 'load', cashSen: String(rupiah(1_000_000)) }));
    for (const n of [1, 2, 3, 4])
      assert.equal(codeOf(await bank.cards.take(acquired(bank, n))), '00');
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 1))), '00', 'asked again');
    assert.equal(await inMachine(bank), rupiah(600_000));
    const take = (n: number, keptSen = '0') =>
      bank.cards.take(reversal(n, { what: 'acquired', keptSen } as never));
    assert.deepEqual([await take(1), await take(1)], [{ taken: true }, { taken: true }]);
    assert.deepEqual(await take(2, String(rupiah(50_000))), { taken: true });
    assert.deepEqual(await take(9), { taken: true });
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 9))), '12');
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 1))), '12');
    assert.equal(await inMachine(bank), rupiah(750_000));
    const lineOf = (n: number) => ({
      lineId: `20260801.${n}`,
      direction: 'in' as const,
      bizMsgIdr: idOf(n),
      amountSen: String(CASH),
      counterpartyBank: 'CENAIDJA',
      connector: '',
      settledAtMs: bank.time.now(),
      businessDate: '2026-08-01',
    });
    await bank.engine.take({
      kind: 'statement',
      rail: 'switch',
      businessDate: '2026-08-01',
      lines: [lineOf(3)],
    });
    await bank.workUntil(bank.time.now() + 3 * 3_600_000, 600_000);
    const rows = await bank.db.query<{ id: string; state: string }>(
      sql`select right(biz_msg_idr, 1) as id, state from payment where kind = 'atm_acquired' order by biz_msg_idr`,
    );
    assert.deepEqual(
      rows.map(({ id, state }) => `${id} ${state}`),
      ['1 refunded', '2 settled', '3 settled', '4 review'],
    );
    assert.equal(await inMachine(bank), rupiah(750_000), 'cash that left stays gone');
    const owed = (await bank.ledger.balance(CHART.switchAcquired))!;
    const fee = rupiah(5_000);
    assert.equal(-owed.postedSen, rupiah(150_000) + 2n * fee);
    assert.equal(owed.heldSen, CASH + fee);
    await bank.checkMoney();
  }));

test('a machine’s day: its counters beside the ledger are written once; a difference is an alarm, unless it still owes reversals', () =>
  withCards(async (bank) => {
    await bank.cards.take(report(90, { what: 'load', cashSen: String(rupiah(1_000_000)) }));
    await bank.cards.take(report(90, { what: 'load', cashSen: String(rupiah(1_000_000)) }));
    await bank.cards.take(atOurs(bank, 1, { amountSen: String(rupiah(50_000)) }));
    await bank.cards.take({ ...acquired(bank, 2), amountSen: String(rupiah(50_000)) });
    const counted = (n: number, cashSen: bigint, owedCount = 0) =>
      bank.cards.take(report(n, { cashSen: String(cashSen), owedCount }));
    await counted(91, rupiah(900_000));
    await counted(92, rupiah(1_000_000), 1);
    await counted(93, rupiah(1_000_000));
    await counted(93, rupiah(1_000_000));
    const kinds = ['balanced', 'owed', 'differs'];
    assert.deepEqual(
      await Promise.all(kinds.map(async (kind) => (await bank.events(`machine.${kind}`)).length)),
      [1, 1, 1],
    );
    assert.equal((await bank.cards.take(report(94, { terminal: 'ATM99999' }))).taken, false);
    assert.equal(verdictOf({ cashSen: 1n, ledgerSen: 2n, owedCount: 0 }), 'differs');
    await bank.checkMoney();
  }));

test('a chip card: its cryptogram is compared before its PIN, a wrong or an overheard one is 97 and an event; without a chip it is a copy of its stripe', () =>
  withCards(async (bank) => {
    await bank.db.script(`update card set is_chip = true where id = 'crd_1'`);
    const chip = (counter: string, arqc = RIGHT_ARQC) => ({
      card: { chip: { sequence: '00', counter, arqc, data: 'AAAAAAAA' } },
    });
    const right = await bank.cards.take(atOurs(bank, 1, chip('0005')));
    assert.equal(right.taken && right.approved && right.arpc, 'A'.repeat(16));
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 1, chip('0005')))), '00', 'its repeat');
    const calls = bank.hsm.calls;
    assert.equal(
      codeOf(await bank.cards.take(atOurs(bank, 2, chip('0006', 'F'.repeat(16))))),
      '97',
    );
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 3, chip('0005')))), '97', 'overheard');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 4, chip('0004')))), '97');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 5))), '57', 'no chip');
    assert.equal(codeOf(await bank.cards.take(cash(bank, 6))), '57', 'nor at another bank');
    assert.equal(bank.hsm.calls, calls, 'no PIN was compared');
    assert.equal(codeOf(await bank.cards.take(cash(bank, 7, chip('0006')))), '00');
    const kinds = ['cryptogram_wrong', 'cryptogram_replayed', 'fallback_refused'];
    const told = kinds.map(async (kind) => (await bank.events(`card.${kind}`)).length);
    assert.deepEqual(await Promise.all(told), [1, 2, 2]);
    await bank.checkMoney();
  }));

test('T1 a hold keeps other banks’ cards from our machines, and a throttle counts cash with both cards in its minute', () =>
  withCards(async (bank) => {
    await bank.cards.take(report(90, { what: 'load', cashSen: String(rupiah(1_000_000)) }));
    const { time } = bank;
    const restriction = { id: 'rst_1', action: { kind: 'throttle', countPerMinute: 1 } } as never;
    for (const kind of ['hold', 'step_up'] as const) {
      bank.gate.decide = () => ({ kind, restriction });
      assert.equal(codeOf(await bank.cards.take(acquired(bank, 1))), '57', kind);
    }
    const throttled = (id: string) => () =>
      ({ kind: 'allow', throttles: [{ ...(restriction as object), id }] }) as never;
    bank.gate.decide = throttled('rst_own');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 2))), '00');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 2))), '00', 'its repeat counts nowhere');
    assert.equal(codeOf(await bank.cards.take(atOurs(bank, 3))), '57');
    assert.equal(codeOf(await bank.cards.take(cash(bank, 4))), '57');
    assert.ok((await bank.messages('C1')).includes('card.restricted'));
    bank.gate.decide = throttled('rst_other');
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 5))), '00');
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 6))), '57');
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 6))), '57', 'and stays refused');
    await time.sleep(60_000);
    assert.equal(codeOf(await bank.cards.take(acquired(bank, 7))), '00');
    assert.equal(await inMachine(bank), rupiah(700_000));
    await bank.checkMoney();
  }));
