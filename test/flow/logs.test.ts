/** I11: whatever partners, customers, staff and the network send, and whatever goes wrong meanwhile, no log holds an account number,
 * a name, a telephone number, a password, a PIN, a token, a signature or a key. */
import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { otherAccount } from '../../sim/hub/people.ts';
import { DEMO_BANK } from '../../src/app/bank-profile.ts';
import { demoCustomer, PARTNER } from '../../src/app/demo-people.ts';
import { wibIso } from '../../src/kernel/time.ts';
import { openFace } from './app-client.ts';
import { askToPay, customerAccount } from './pay.ts';
import { startRig, until, type FlowRig } from './rig.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { readRequests } from '../../src/channel/snap/request-log.ts';
import { selectByReference, selectAllEvents } from './store.ts';

const OTHER_BANK = 'BNINIDJA';
const PAYEE = '1100077001';
/** The hub rejects what goes to this account (`sim/hub/faults.ts`). */
const UNKNOWN_PAYEE = '1100099101';
const REMARK = 'SPP ANAK 081234567890';
const PROCESSES = ['core-1', 'gateway-1', 'guard', 'signer', 'status'];

let rig: FlowRig;
let secrets: Secrets;

before(async () => {
  rig = await startRig({ cores: 1 });
  secrets = openSecrets(rig.config.folder);
});
after(() => rig.stop());

test('partners, customers, staff and other banks do what they do, right and wrong', async () => {
  await partnerPays();
  await customerPays();
  await customerUsesMore();
  await staffLooks();
  await otherBankPays();
});

async function partnerPays(): Promise<void> {
  const snap = rig.snap('core-1', secrets.hear);
  const from = customerAccount(0);
  const mate = demoCustomer(700);
  secrets.add('partner secret', [rig.credentials.partner.clientSecret]);
  secrets.add('account', [from, mate.account, PAYEE, UNKNOWN_PAYEE]);
  secrets.add('name', [mate.name, demoCustomer(500).name]);
  secrets.add(
    'name',
    [PAYEE, UNKNOWN_PAYEE].map((account) => otherAccount(account).name),
  );
  secrets.add('remark', [REMARK, '081234567890']);
  const common = { from, amountSen: 1_500_000n, remark: REMARK };
  const onus = await snap.transferIntrabank({ ...common, reference: 'log-1', to: mate.account });
  assert.equal(onus.code, '2001700');
  for (const [reference, to, code] of [
    ['log-2', PAYEE, '2001800'],
    ['log-3', UNKNOWN_PAYEE, '4041811'],
  ] as const) {
    const toName = otherAccount(to).name;
    const paid = await snap.transferInterbank({
      ...common,
      reference,
      toBank: OTHER_BANK,
      to,
      toName,
    });
    assert.equal(paid.code, code);
  }
  await snap.accountInquiryInternal(mate.account);
  await snap.accountInquiryExternal({ bank: OTHER_BANK, account: PAYEE });
  await snap.balanceInquiry(from);
  const malformed = await snap.call('/v1.0/transfer-interbank', {
    sourceAccountNo: from,
    name: mate.name,
  });
  assert.equal(malformed.status, 400);
  const stranger = await fetch(`${coreUrl()}/v1.0/balance-inquiry?accountNo=${from}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${from}`,
      'x-signature': 'c2FsYWg=',
      'content-type': 'application/json',
    },
    body: `{"accountNo":"${from}",`,
  });
  assert.ok(stranger.status >= 400);
}

async function customerPays(): Promise<void> {
  const [sari, budi] = rig.credentials.customers;
  secrets.add('password', [sari!.password, budi!.password, 'kata-sandi-salah']);
  secrets.add('PIN', [sari!.pin, '990011']);
  secrets.add('account', [sari!.account, budi!.account]);
  secrets.add('name', [sari!.name, budi!.name]);
  const face = openFace(`${coreUrl()}/app/api`);
  const wrong = await face.call('POST', '/sign-in', {
    username: budi!.username,
    password: 'kata-sandi-salah',
  });
  assert.equal(wrong.status, 401);
  const { username, password } = sari!;
  assert.equal((await face.call('POST', '/sign-in', { username, password })).status, 200);
  secrets.add('session', face.secrets());
  assert.equal((await face.call('GET', '/home')).status, 200);
  const bank = OTHER_BANK;
  const account = PAYEE;
  const checked = await face.call('POST', '/name-check', { bank, account });
  const terms = {
    fromAccount: sari!.account,
    nameCheckId: checked.body['nameCheckId'],
    amount: { value: '25000.00', currency: 'IDR' },
    remark: REMARK,
  };
  const quote = await face.call('POST', '/quote', terms);
  const consent = await face.call('POST', '/consent', { ...terms, text: quote.body['text'] });
  const order = { consentId: consent.body['consentId'], bank, account, amount: terms.amount };
  assert.equal((await face.call('POST', '/transfers', { ...order, pin: '990011' })).status, 403);
  const paid = await face.call('POST', '/transfers', { ...order, pin: sari!.pin });
  assert.equal(paid.status, 200, JSON.stringify(paid.body));
  assert.equal((await face.call('POST', '/transfers', { pin: sari!.pin, account })).status, 400);
}

/** Bills, proxies, a third party with its code and its tokens. */
async function customerUsesMore(): Promise<void> {
  const [, budi] = rig.credentials.customers;
  const { username, password, pin, account } = budi!;
  const face = openFace(`${coreUrl()}/app/api`);
  assert.equal((await face.call('POST', '/sign-in', { username, password })).status, 200);
  secrets.add('session', face.secrets());
  const meter = '86001234567';
  const phone = '0855-1111-2222';
  secrets.add('PIN', [pin]);
  secrets.add('meter', [meter]);
  secrets.add('telephone', ['6285511112222', '085511112222', phone]);
  const bill = { product: 'PLN_PREPAID', customerKey: meter };
  assert.equal((await face.call('POST', '/bills/inquiry', bill)).status, 200);
  assert.equal((await face.call('POST', '/proxy-check', { proxy: phone })).status, 200);
  assert.equal((await face.call('GET', '/proxies')).status, 200);
  const { redirectUrl, id: partnerId } = PARTNER;
  const chosen = { partnerId, redirectUrl, scopes: ['balance'], accounts: [account], days: 30 };
  const terms = await face.call('POST', '/third-parties/terms', chosen);
  const agreed = { ...chosen, text: terms.body['text'], state: 'keadaan-rahasia' };
  assert.equal(
    (await face.call('POST', '/third-parties', { ...agreed, pin: '990011' })).status,
    403,
  );
  const given = await face.call('POST', '/third-parties', { ...agreed, pin });
  assert.equal(given.status, 200, JSON.stringify(given.body));
  const authCode = new URL(String(given.body['url'])).searchParams.get('authCode')!;
  secrets.add('code', [authCode, 'keadaan-rahasia']);
  const tokens = await exchange(authCode);
  assert.equal(tokens['responseCode'], '2007400');
  secrets.add('token', [String(tokens['accessToken']), String(tokens['refreshToken'])]);
  assert.notEqual((await exchange(authCode))['responseCode'], '2007400');
}

async function exchange(authCode: string): Promise<Readonly<Record<string, unknown>>> {
  const { clientId, privateKeyFile } = rig.credentials.partner;
  const timestamp = wibIso(rig.time.now());
  const key = readFileSync(privateKeyFile, 'utf8');
  const signature = sign('sha256', Buffer.from(`${clientId}|${timestamp}`), key).toString('base64');
  secrets.add('signature', [signature]);
  const answer = await fetch(`${coreUrl()}/v1.0/access-token/b2b2c`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-timestamp': timestamp,
      'x-client-key': clientId,
      'x-signature': signature,
    },
    body: JSON.stringify({
      grantType: 'authorization_code',
      authCode,
      additionalInfo: { redirectUrl: PARTNER.redirectUrl },
    }),
  });
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

async function staffLooks(): Promise<void> {
  const [operator] = rig.credentials.staff;
  secrets.add(
    'password',
    rig.credentials.staff.map(({ password }) => password),
  );
  secrets.add(
    'name',
    rig.credentials.staff.map(({ name }) => name),
  );
  const face = openFace(`${coreUrl()}/console/api`);
  const { username, password } = operator!;
  await face.call('POST', '/session', { username, password: 'kata-sandi-salah' });
  assert.equal((await face.call('POST', '/session', { username, password })).status, 200);
  secrets.add('session', face.secrets());
  for (const path of ['/board', '/payments', '/restrictions', '/releases', '/incidents'])
    assert.equal((await face.call('GET', path)).status, 200, path);
  const reason = 'containment: uji log';
  const pressed = await rig.pulih([
    'stop',
    'bifast',
    '--direction',
    'in',
    '--reason',
    reason,
    '--confirm',
    'BI-FAST MASUK',
  ]);
  assert.equal(pressed.code, 0, pressed.err);
  const latch = /latch_\w+/.exec(pressed.out)![0];
  await until({ time: rig.time, what: 'the guard knows the latch' }, async () => {
    const asked = await rig.pulih(
      ['release', 'propose', latch, '--as', username, '--reason', reason],
      {
        [`PULIH_PASSWORD_${username.toUpperCase()}`]: password,
      },
    );
    assert.deepEqual(secrets.findIn(asked.out + asked.err), [], 'a command tells no secret');
    return asked.code === 0;
  });
}

async function otherBankPays(): Promise<void> {
  const credit = {
    fromBank: OTHER_BANK,
    toBank: DEMO_BANK.bic,
    debtorAccount: '1100088002',
    debtorName: 'PENGIRIM RAHASIA',
    amountSen: 3_000_000n,
    remittance: REMARK,
  };
  secrets.add('account', [credit.debtorAccount]);
  secrets.add('name', [credit.debtorName]);
  await rig.hub.sendCredit({ ...credit, creditorAccount: demoCustomer(700).account });
  await rig.hub.sendCredit({ ...credit, creditorAccount: '1998887776' });
  secrets.add('account', ['1998887776']);
}

test('the database dies under a transfer and comes back', async () => {
  const snap = rig.snap('core-1', secrets.hear);
  await snap.balanceInquiry(customerAccount(0));
  rig.hub.chooser.replace([{ name: 'silent', match: {}, does: { kind: 'half_open' } }]);
  const reference = 'log-dead';
  const pending = askToPay({ snap, from: customerAccount(0), reference }).catch(() => undefined);
  await until({ time: rig.time, what: 'it is on its way', everyMs: 5 }, async () =>
    (await selectByReference(rig.db(), reference)).some(({ state }) => state === 'sending'),
  );
  await rig.killDatabase();
  for (let round = 0; round < 3; round++) {
    await snap.balanceInquiry(customerAccount(0)).catch(() => undefined);
    await askToPay({ snap, from: customerAccount(0), reference: `log-dead-${round}` }).catch(
      () => undefined,
    );
  }
  const face = openFace(`${coreUrl()}/app/api`);
  const { username, password } = rig.credentials.customers[0]!;
  await face.call('POST', '/sign-in', { username, password });
  rig.hub.chooser.replace([]);
  await rig.startDatabase();
  await pending;
});

test('I11 no log of any process or of the database holds personal data, a password, a token, a signature or a key', () => {
  const logs = rig.logs();
  for (const name of PROCESSES)
    assert.ok(
      logs.some(({ file, lines }) => file === `${name}.log` && lines.length > 0),
      name,
    );
  const all = logs.flatMap(({ lines }) => lines);
  for (const event of ['gateway.sent', 'latch.pressed', 'restriction_set.accepted'])
    assert.ok(
      all.some((line) => line.includes(event)),
      `${event} was logged`,
    );
  assert.ok(
    all.filter((line) => line.includes('"level":"error"')).length > 0,
    'errors were logged',
  );
  assert.ok(secrets.count() > 40, `${secrets.count()} secrets are known`);
  const leaks = logs.flatMap(({ file, lines }) =>
    lines.flatMap((line, number) =>
      secrets.findIn(line).map((what) => `${file}:${number + 1} ${what} in ${eventOf(line)}`),
    ),
  );
  assert.deepEqual(leaks, []);
});

test('I11 no event and no line of the log of requests holds them either', async () => {
  const found = new Set<string>();
  for (const { kind, subject, data } of await selectAllEvents(rig.db()))
    for (const what of secrets.findIn(`${subject} ${data}`)) found.add(`${what} in ${kind}`);
  const span = { partnerId: PARTNER.id, fromMs: rig.time.now() - 3_600_000, toMs: rig.time.now() };
  let count = 0;
  for await (const one of readRequests(rig.db(), span)) {
    count++;
    for (const what of secrets.findIn(JSON.stringify(one))) found.add(`${what} in ${one.service}`);
  }
  assert.ok(count > 5, `${count} requests`);
  assert.deepEqual([...found], []);
});

/** The event's name, not its fields. */
function eventOf(line: string): string {
  return /"msg":"([\w.]+)"/.exec(line)?.[1] ?? 'another line';
}

function coreUrl(): string {
  return `http://127.0.0.1:${rig.ports.of('core-1')}`;
}
