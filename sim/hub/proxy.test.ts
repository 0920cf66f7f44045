import assert from 'node:assert/strict';
import { test } from 'node:test';
import { golden, idOf, withHub, type TestBank } from '../testing/bank.ts';

type Json = Record<string, unknown>;

function at(body: unknown, path: string): unknown {
  return path.split('.').reduce((here, key) => (here as Json | undefined)?.[key], body);
}

let sequence = 900;

/** Sends a golden proxy message with a sequence of its own and some text changed. */
async function ask(
  bank: TestBank,
  name: string,
  change: Readonly<Record<string, string>> = {},
): Promise<Json> {
  const own = String(++sequence).padStart(8, '0');
  let body = golden(name).replaceAll(/00000(20[12]|30[12])/g, own);
  for (const [from, to] of Object.entries(change)) body = body.replaceAll(from, to);
  return (await bank.post(body)).body;
}

const REGISTERED = 'BusMsg.Document.PrxyRegnRspn.RegnRspn';
const FOUND = 'BusMsg.Document.PrxyLookUpRspn.LkUpRspn.RegnRspn';
const codeOf = (body: Json, path: string): unknown => at(body, `${path}.StsRsnInf.Prtry`);
const register = async (bank: TestBank, change: Readonly<Record<string, string>> = {}) => {
  const body = await ask(bank, '4.7-register', change);
  return {
    code: codeOf(body, REGISTERED),
    id: at(body, `${REGISTERED}.PrxyRegn.RegnId`) as string | undefined,
  };
};
const OURS = { 6285511112222: '6281234567890' };

test('the directory registers a proxy once, finds it, and knows whose it is', () =>
  withHub(async (bank) => {
    const mobile = { 6281234567890: '6281100000804' };
    const first = await register(bank, mobile);
    assert.equal(first.code, 'U000');
    assert.deepEqual(await register(bank, mobile), { code: 'U808', id: undefined });
    assert.equal((await register(bank, { ...mobile, 1002003004: '1002003005' })).code, 'U815');
    const found = await ask(bank, '4.7-lookup', { 6285511112222: '6281100000804' });
    assert.deepEqual(
      [codeOf(found, FOUND), at(found, `${FOUND}.Regn.Agt.FinInstnId.Othr.Id`)],
      ['U000', 'PULHIDJA'],
    );
    const listed = await ask(bank, '4.7-enquiry');
    assert.equal(
      at(listed, 'BusMsg.Document.PrxyNqryRspn.NqryRspn.Rspn.0.Prxy.Val'),
      '6281100000804',
    );
  }));

test('a suspended proxy is not found until it is active again, and one that was ended is nobody’s', () =>
  withHub(async (bank) => {
    const { id } = await register(bank, { 6281234567890: '6281100000804' });
    const change = (operation: string) => ({
      SUSP: operation,
      nasabah: 'nasabah',
      '"02"': '"01"',
      'nasabah@contoh.id': '6281100000804',
      R000000000017: id!,
    });
    const lookup = async (): Promise<unknown> =>
      codeOf(await ask(bank, '4.7-lookup', { 6285511112222: '6281100000804' }), FOUND);
    const turn = async (operation: string): Promise<unknown> =>
      codeOf(await ask(bank, '4.7-suspend', change(operation)), REGISTERED);
    assert.deepEqual([await turn('SUSP'), await lookup()], ['U000', 'U805']);
    assert.deepEqual([await turn('ACTV'), await lookup()], ['U000', 'U000']);
    assert.deepEqual([await turn('DEAC'), await lookup()], ['U000', 'U804']);
    assert.equal(await turn('ACTV'), 'U804');
  }));

test('a number at another bank is refused as new, can be taken over, and the former bank hears of it', () =>
  withHub(async (bank) => {
    const [mobile, taken] = ['6281100000805', '6281100000811'];
    assert.equal((await register(bank, { 6281234567890: mobile! })).code, 'U807');
    const ported = await register(bank, { 6281234567890: mobile!, NEWR: 'PORT' });
    assert.equal(ported.code, 'U000');
    assert.equal((await register(bank, { 6281234567890: taken!, NEWR: 'PORT' })).code, 'U811');
    const proxy = { type: '01', value: mobile! };
    assert.equal(bank.hub.portAway({ proxy, toBank: 'BNINIDJA' }), true);
    assert.equal(bank.hub.portAway({ proxy, toBank: 'BNINIDJA' }), false);
    await bank.time.sleep(1_000);
    assert.deepEqual(
      bank.inbox.map(({ definition }) => definition),
      ['prxy.901.001.01'],
    );
  }));

test('a transfer to a proxy settles only where the proxy leads now', () =>
  withHub(async (bank) => {
    const found = await ask(bank, '4.7-lookup', { 6285511112222: '6285500000001' });
    const regn = at(found, `${FOUND}.Regn`);
    const [to, account] = [
      at(regn, 'Agt.FinInstnId.Othr.Id') as string,
      at(regn, 'Acct.Id.Othr.Id') as string,
    ];
    const pay = (number: string, credited: string): Promise<{ code: string; txStatus: string }> =>
      bank.post(
        golden('4.1-out-110')
          .replaceAll('00000123', number)
          .replaceAll('BNINIDJA', to)
          .replaceAll('9008007006', credited)
          .replaceAll('6281234567890', '6285500000001'),
      );
    assert.equal((await pay('00000501', account)).txStatus, 'ACTC');
    assert.equal((await pay('00000502', '1100000009')).code, 'U804');
  }));

test('a closed participant gets no transfer, and every connected bank hears of it', () =>
  withHub(async (bank) => {
    assert.equal(bank.hub.setParticipant({ bic: 'BNINIDJA', isOpen: false }), true);
    assert.equal(bank.hub.setParticipant({ bic: 'BNINIDJA', isOpen: false }), false);
    assert.equal((await bank.post(bank.credit(1))).code, 'U129');
    await bank.time.sleep(1_000);
    assert.deepEqual(
      bank.inbox.map(({ definition }) => definition),
      ['admi.004.001.02'],
    );
    const page = await bank.get('/participants');
    const states = (page['participants'] as Json[]).filter(({ state }) => state === 'closed');
    assert.deepEqual(
      states.map(({ bic }) => bic),
      ['BNINIDJA'],
    );
    bank.hub.setParticipant({ bic: 'BNINIDJA', isOpen: true });
    assert.equal((await bank.post(bank.credit(2))).txStatus, 'ACTC');
  }));

test('a lost event leaves the list as the only word', () =>
  withHub(async (bank) => {
    bank.hub.chooser.replace([
      {
        name: 'events',
        match: { direction: 'to_bank', trxType: 'event' },
        does: { kind: 'drop_request' },
      },
    ]);
    bank.hub.setParticipant({ bic: 'CENAIDJA', isOpen: false });
    await bank.time.sleep(400_000);
    assert.deepEqual(bank.inbox, []);
    assert.match(JSON.stringify(await bank.get('/participants')), /"CENAIDJA"[^}]*"closed"/);
  }));

test('the position is what was there plus what came less what went, and an open transfer is not free', () =>
  withHub(
    async (bank) => {
      await bank.post(bank.credit(1));
      await bank.time.sleep(2_000);
      await bank.post(bank.credit(2));
      const report = at(await bank.get('/position'), 'BusMsg.Document.BkToCstmrAcctRpt.Rpt.0');
      const amounts = [0, 1, 2].map((i) => at(report, `Bal.${i}.Amt.value`));
      assert.deepEqual(amounts, ['1000000.00', '875000.00', '750000.00']);
      assert.equal(at(report, 'TxsSummry.TtlDbtNtries.Sum'), '125000.00');
      await bank.time.sleep(86_400_000);
      const day = at(
        await bank.get('/balances?date=2026-08-01'),
        'BusMsg.Document.BkToCstmrStmt.Stmt.0',
      );
      assert.equal(at(day, 'Bal.1.Amt.value'), '750000.00');
      assert.ok(bank.hub.transfer({ fromBank: 'PULHIDJA', bizMsgIdr: idOf(2) }));
    },
    { prefundSen: 100_000_000n },
  ));

test('a silent directory stays silent', () =>
  withHub(async (bank) => {
    await assert.rejects(ask(bank, '4.7-lookup', { ...OURS, 6281234567890: '6281234560900' }));
  }));
