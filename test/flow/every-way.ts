/** Every way that money takes, once, through a bank as its processes run: what the slices' own tests prove is worth nothing where the processes
 * are not connected. Each answer is the customer's or the network's; the books are `pulih verify`'s. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_BANK } from '../../src/app/bank-profile.ts';
import { readCredentials } from '../../src/app/credentials.ts';
import { demoCustomer, MERCHANTS } from '../../src/app/demo-people.ts';
import { portMap } from '../../src/app/port-map.ts';
import { merchantPan } from '../../src/merchant/decide-code.ts';
import { decodeQris } from '../../src/rail/qris/decode.ts';
import { encodeQris } from '../../src/rail/qris/encode.ts';
import { nnsOfBank } from '../../src/rail/qris/nns.ts';
import { checkDigitOf } from '../../src/rail/qris/pan.ts';
import { qrisRules } from '../../src/rail/qris/rules.ts';
import { PAYLOADS } from '../../src/rail/qris/test-payload.ts';
import { openFace, type Face } from './app-client.ts';

/** A bank that runs. */
export interface Place {
  readonly state: string;
  readonly port: number;
}

type Answer = Readonly<Record<string, unknown>>;

const BANK = '014';
const BIC = 'CENAIDJA';
const OWN = { nns: nnsOfBank(DEMO_BANK.bankCode), name: DEMO_BANK.name };

/** What each way must answer, by its name. */
export const EVERY_WAY: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  'a card of ours draws cash at another bank’s machine': async (place) => {
    const { pan, pin, expiry } = heldCard(place, 1);
    const asked = { kind: 'withdrawal', bank: BANK, amountRupiah: '100000', pan, pin, expiry };
    const drawn = await send(place, asked);
    assert.equal(drawn['outcome'], 'approved', JSON.stringify(drawn));
    const wrong = await send(place, { ...asked, pin: pin === '000000' ? '111111' : '000000' });
    assert.deepEqual([wrong['outcome'], wrong['rc']], ['declined', '55']);
  },
  'a card of ours draws cash at a machine of ours': async (place) => {
    // A machine gives nothing before it has its key.
    for (let left = 60; ; left--) {
      const drawn = await machine(place, heldCard(place, 2));
      if (drawn.dispensedRupiah === 100_000) return;
      assert.ok(left > 0 && drawn.outcome === 'no_cash', JSON.stringify(drawn));
      await sleep(250);
    }
  },
  'a customer of another bank sends money over the switch': async (place) => {
    const accounts = { fromAccount: '5001001001', toAccount: demoCustomer(7).account };
    const asked = { bank: BANK, amountRupiah: '75000', ...accounts };
    assert.equal(
      (await send(place, { kind: 'transfer_inquiry', ...asked }))['outcome'],
      'approved',
    );
    assert.equal((await send(place, { kind: 'transfer', ...asked }))['outcome'], 'approved');
  },
  'a customer of another bank pays a shop of ours': async (place) => {
    const [shop] = MERCHANTS;
    const sold = await send(place, {
      kind: 'qris',
      bank: BANK,
      amountRupiah: '25000',
      fromAccount: '5001001002',
      merchantPan: merchantPan(DEMO_BANK.bankCode, shop!.serial),
      merchantId: String(shop!.serial),
      merchantName: shop!.name,
      criteria: shop!.merchantClass,
    });
    assert.equal(sold['outcome'], 'approved');
  },
  'a shop of ours scans the code of another bank’s customer, and of ours': async (place) => {
    const shown = (await control(place, '/sim/switch/show', { bank: BANK })) as Answer;
    await scan(place, String(shown['payload']));
    const { account, pin } = credentials(place).customers[1]!;
    const face = await signIn(place, 1);
    const limit = { value: '50000.00', currency: 'IDR' };
    const made = await face.call('POST', '/qris/presented', { fromAccount: account, limit, pin });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    await scan(place, String(made.body['payload']));
  },
  'a customer of ours pays a shop of another bank, and is given back': async (place) => {
    const paid = await payCode(place, PAYLOADS.V2);
    assert.equal(statusOf(paid), 'Berhasil', JSON.stringify(paid));
  },
  'money goes and comes by QRIS Transfer': async (place) => {
    const person = withBank(PAYLOADS.V7, '93600009');
    const sent = await payCode(place, person, { value: '31000.00', currency: 'IDR' });
    assert.equal(statusOf(sent), 'Berhasil', JSON.stringify(sent));
    const { account } = credentials(place).customers[0]!;
    const face = await signIn(place, 0);
    const made = await face.call('POST', '/qris/receive', { account });
    const decoded = decodeQris(String(made.body['payload']), qrisRules('2026-08-01', OWN));
    assert.ok(decoded.ok && decoded.code.kind === 'transfer', JSON.stringify(made.body));
    const { pan, beneficiary } = decoded.code.account;
    const asked = { bank: BANK, amountRupiah: '32000', fromAccount: '5001001003' };
    const name = decoded.code.name;
    const came = await send(place, { kind: 'qris_transfer', ...asked, pan, beneficiary, name });
    assert.equal(came['outcome'], 'approved', JSON.stringify(came));
  },
  'a customer of ours pays over BI-FAST and over the switch': async (place) => {
    for (const rail of ['bifast', 'switch']) {
      const paid = await transfer(place, rail);
      assert.equal(statusOf(paid), 'Berhasil', `${rail}: ${JSON.stringify(paid)}`);
    }
  },
  'a customer of ours pays a bill': async (place) => {
    const face = await signIn(place, 1);
    const bill = { product: 'PLN_PREPAID', customerKey: '86001234567' };
    const found = await face.call('POST', '/bills/inquiry', bill);
    assert.equal(found.status, 200, JSON.stringify(found.body));
  },
};

function credentials({ state }: Place) {
  const found = readCredentials(state);
  assert.ok(found, 'the demo has its credentials');
  return found;
}

function heldCard({ state }: Place, index: number) {
  const cards = JSON.parse(readFileSync(join(state, 'people/cards.json'), 'utf8')) as readonly {
    readonly pan: string;
    readonly pin: string;
    readonly expiry: string;
  }[];
  return cards[index]!;
}

async function control(place: Place, path: string, body: unknown): Promise<unknown> {
  const base = `http://127.0.0.1:${portMap(place.port).of('sim:control')}`;
  const answer = await fetch(`${base}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
}

async function send(place: Place, asked: Answer): Promise<Answer> {
  return (await control(place, '/sim/switch/send', asked)) as Answer;
}

async function machine(place: Place, { pan, pin, expiry }: ReturnType<typeof heldCard>) {
  const lines = (await control(place, '/sim/terminals/withdraw', {
    terminal: 'ATM19901',
    pan,
    pin,
    expiry,
    amountRupiah: '100000',
  })) as readonly {
    readonly outcome: string;
    readonly dispensedRupiah: number;
    readonly rc?: string;
  }[];
  assert.ok(Array.isArray(lines), JSON.stringify(lines));
  return lines.at(-1)!;
}

/** A till of the demo partner's shop charges it, once however often it asks. */
async function scan(place: Place, qrContent: string): Promise<void> {
  const asked = { qrContent, merchantId: MERCHANTS[0]!.id, amountRupiah: 20_000 };
  const paid = (await control(place, '/sim/till/scan', asked)) as Answer;
  assert.equal(paid['code'], '2006000', JSON.stringify(paid));
  const reference = paid['reference'];
  const again = (await control(place, '/sim/till/scan', { ...asked, reference })) as Answer;
  assert.deepEqual(again['body'], paid['body']);
}

async function signIn(place: Place, index: number): Promise<Face> {
  const { username, password } = credentials(place).customers[index]!;
  const face = openFace(`http://127.0.0.1:${place.port}/app/api`);
  assert.equal((await face.call('POST', '/sign-in', { username, password })).status, 200);
  return face;
}

async function transfer(place: Place, route: string): Promise<Answer> {
  const { account: from, pin } = credentials(place).customers[0]!;
  const face = await signIn(place, 0);
  const to = { bank: BIC, account: '5001002003' };
  const checked = await face.call('POST', '/name-check', to);
  // The same payment again within a minute would be asked about.
  const amount = { value: route === 'switch' ? '26000.00' : '25000.00', currency: 'IDR' };
  const terms = {
    fromAccount: from,
    nameCheckId: checked.body['nameCheckId'],
    amount,
    remark: 'uji',
    route,
  };
  const quote = await face.call('POST', '/quote', terms);
  const consent = await face.call('POST', '/consent', { ...terms, text: quote.body['text'] });
  const consentId = consent.body['consentId'];
  const paid = await face.call('POST', '/transfers', { consentId, ...to, amount, pin });
  assert.equal(
    paid.status,
    200,
    JSON.stringify([checked.body, quote.body, consent.body, paid.body]),
  );
  return paid.body;
}

/** The same code of a customer of a bank behind the demo's switch. */
function withBank(payload: string, nns: string): string {
  const decoded = decodeQris(payload, qrisRules('2026-08-01'));
  assert.ok(decoded.ok && decoded.code.kind === 'transfer');
  const { code } = decoded;
  const digits = `${nns}${code.account.pan.slice(8, -1)}`;
  const account = { ...code.account, pan: `${digits}${checkDigitOf(digits)}` };
  return encodeQris({ ...code, account });
}

async function payCode(
  place: Place,
  payload: string,
  typed?: { readonly value: string; readonly currency: string },
): Promise<Answer> {
  const { account: fromAccount, pin } = credentials(place).customers[0]!;
  const face = await signIn(place, 0);
  const asked = { payload, fromAccount, ...(typed && { amount: typed }) };
  const quote = await face.call('POST', '/qris/quote', asked);
  const consent = await face.call('POST', '/qris/consent', { ...asked, text: quote.body['text'] });
  const payee = quote.body['payee'] as { readonly bic: string; readonly account: string };
  const paid = await face.call('POST', '/transfers', {
    consentId: consent.body['consentId'],
    pin,
    bank: payee?.bic,
    account: payee?.account,
    amount: quote.body['amount'] ?? quote.body['total'],
  });
  assert.equal(paid.status, 200, JSON.stringify([quote.body, consent.body, paid.body]));
  return paid.body;
}

function statusOf(paid: Answer): unknown {
  return (paid['payment'] as { readonly status: { readonly label: string } } | undefined)?.status
    .label;
}
