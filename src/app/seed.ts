/** Fills an empty database with the demo bank: chart, 10,000 customers with accounts, people who can sign in, a partner. Every
 * step leaves alone what is there, so a seed that was cut short is finished by the next start. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agreeBulks } from '../bulk/agree.ts';
import { bindAccount, registerRedirect } from '../channel/grant/bind.ts';
import { selectPartnerAccount, selectRedirect } from '../channel/grant/store.ts';
import {
  createCustomerCredential,
  createCustomers,
  createStaff,
} from '../channel/session/enrol.ts';
import { openSecrets } from '../channel/session/secret.ts';
import { registerEndpoint } from '../channel/snap/notice/endpoint.ts';
import { selectLastEndpoint } from '../channel/snap/notice/store.ts';
import { createPartner } from '../channel/snap/partner/partner.ts';
import { selectPartner } from '../channel/snap/partner/store.ts';
import { openDb, type Db } from '../db/pool.ts';
import { machineAccount } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import { systemRandom, type Random } from '../kernel/random.ts';
import { wallTime, type Time } from '../kernel/time.ts';
import { ensureChart, openAccounts, type AccountDraft } from '../ledger/account.ts';
import { createMerchants } from '../merchant/open.ts';
import { DEMO_BANK } from './bank-profile.ts';
import type { Config } from './config.ts';
import { credentialsFile, readCredentials, type DemoCredentials } from './credentials.ts';
import {
  BANKS,
  BULK_PAYER,
  demoContacts,
  demoCustomers,
  MERCHANTS,
  PARTNER,
  SIGN_IN,
  STAFF,
  SYNTHETIC,
} from './demo-people.ts';
import { peopleFolder, publicFolder, stopCredentialFile } from './key-file.ts';
import { ensureKey, writePublic, writeSecret } from './keys.ts';
import { readSealer } from './partner/seal.ts';
import { processOwner } from './place.ts';
import { simPartnerFile, type SimPartner } from './sim-partner.ts';
import { portMap } from './port-map.ts';
import { OWN_MACHINES } from './terminal-profile.ts';
import {
  endMovedEndpoint,
  insertContacts,
  insertParticipants,
  selectSealedStaffKey,
  selectStaffNames,
} from './store.ts';

const RSA_BITS = 2_048;
const DEMO_PIN = '135790';

/** Seeds what is missing; true when it had to. Data of a former version get the accounts that this one adds to the chart. */
export async function seed(input: {
  readonly state: string;
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  /** Where the demo partner's server takes notices on this machine; absent: nowhere. */
  readonly noticePort?: number;
}): Promise<boolean> {
  if (readCredentials(input.state)) {
    await input.db.tx((tx) => ensureChart(tx, { nowMs: input.time.now() }));
    await seedMachines(input.db, input.time.now());
    await entitlePartner(input);
    await seedMerchants(input);
    await seedBulks(input);
    return false;
  }
  const credentials = plannedCredentials(input.state, input.random);
  await seedAccounts(input.db, input.time.now());
  await seedMachines(input.db, input.time.now());
  const customers = demoCustomers();
  const own = { id: SYNTHETIC.customerId, name: SYNTHETIC.name, isStaff: true };
  await createCustomers(input, [
    own,
    ...customers.map(({ id, name, isStaff }) => ({ id, name, isStaff })),
  ]);
  await insertParticipants(input.db, { banks: BANKS, now: new Date(input.time.now()) });
  await insertContacts(input.db, {
    contacts: credentials.customers.flatMap(({ username }, index) => demoContacts(username, index)),
    customerIds: customers.map(({ id }) => id),
    now: new Date(input.time.now()),
  });
  const secrets = openSecrets(input);
  await Promise.all(
    credentials.customers.map(({ username, password, pin }, index) =>
      createCustomerCredential(
        { db: input.db, secrets },
        { customerId: customers[index]!.id, username, password, pin },
      ),
    ),
  );
  await seedStaff({ ...input, credentials });
  await seedPartner({ ...input, credentials });
  await entitlePartner(input);
  await seedMerchants(input);
  await seedBulks(input);
  writeSecret(credentialsFile(input.state), `${JSON.stringify(credentials, null, 2)}\n`, undefined);
  return true;
}

/** The account of the cash in each machine of the demo's own. */
async function seedMachines(db: Db, nowMs: number): Promise<void> {
  const accounts = OWN_MACHINES.map((machine) => ({
    number: machineAccount(machine),
    book: 'cash',
    name: `Cash in machine ${machine}`,
    mayGoNegative: true,
  }));
  await db.tx((tx) => openAccounts(tx, { nowMs, accounts }));
}

async function seedAccounts(db: Db, nowMs: number): Promise<void> {
  const drafts: AccountDraft[] = demoCustomers().map(({ id, name, account, openingRupiah }) => ({
    number: account,
    name,
    customerId: id,
    openingSen: rupiah(openingRupiah),
  }));
  const own: AccountDraft[] = [
    {
      number: PARTNER.account,
      name: PARTNER.name,
      accountType: 'CACC',
      openingSen: rupiah(PARTNER.openingRupiah),
    },
    {
      number: SYNTHETIC.account,
      name: SYNTHETIC.name,
      customerId: SYNTHETIC.customerId,
      accountType: 'CACC',
      openingSen: rupiah(SYNTHETIC.openingRupiah),
    },
  ];
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs });
    await openAccounts(tx, { nowMs, accounts: [...own, ...drafts] });
  });
}

/** Merchants with an account each; data of a former version get them too. */
async function seedMerchants(input: {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
}): Promise<void> {
  const { db, random } = input;
  const nowMs = input.time.now();
  const accounts = MERCHANTS.map(({ settlementAccount, owner, customerId }): AccountDraft => ({
    number: settlementAccount,
    name: owner,
    ...(customerId !== undefined && { customerId }),
    accountType: 'CACC',
  }));
  await db.tx(async (tx) => {
    await openAccounts(tx, { nowMs, accounts });
    await createMerchants(tx, { nowMs, bank: DEMO_BANK, random, merchants: MERCHANTS });
  });
}

/** One of those who can sign in pays wages by lists, as two people of the bank agreed. What they ended stays ended. */
async function seedBulks(input: {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
}): Promise<void> {
  if ((await selectStaffNames(input.db)).length === 0) return;
  await agreeBulks(input, {
    customerId: demoCustomers()[BULK_PAYER.index]!.id,
    rowMax: BULK_PAYER.rowMax,
    dayMaxSen: rupiah(BULK_PAYER.dayMaxRupiah),
    proposedBy: STAFF[0].id,
    approvedBy: STAFF[1].id,
  });
}

/** The passwords are made before anything is written, and kept, so that a seed that was cut short goes on with the same ones. */
function plannedCredentials(state: string, random: Random): DemoCredentials {
  const path = join(peopleFolder(state), 'planned.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as DemoCredentials;
  const password = (): string => random.bytes(9).toString('base64url');
  const customers = demoCustomers();
  const planned: DemoCredentials = {
    customers: SIGN_IN.map(({ username, name }, index) => ({
      username,
      password: password(),
      pin: DEMO_PIN,
      account: customers[index]!.account,
      name,
    })),
    staff: STAFF.map(({ username, role, name }) => ({
      username,
      password: password(),
      role,
      name,
    })),
    partner: {
      clientId: PARTNER.id,
      clientSecret: random.bytes(32).toString('hex'),
      privateKeyFile: join(peopleFolder(state), 'demo-partner.pem'),
      account: PARTNER.account,
    },
  };
  writeSecret(path, JSON.stringify(planned), undefined);
  return planned;
}

/** Staff, the rosters that processes believe, and a stop credential per person: a key that can stop and nothing else. */
async function seedStaff(input: {
  readonly state: string;
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly credentials: DemoCredentials;
}): Promise<void> {
  const { state, db } = input;
  const secrets = openSecrets(input);
  const known = new Map((await selectStaffNames(db)).map((one) => [one.username, one.publicKey]));
  const release: Record<string, string> = {};
  const stop: Record<string, string> = {};
  for (const [index, { id, name, username, role }] of STAFF.entries()) {
    const { password } = input.credentials.staff[index]!;
    release[id] =
      known.get(username) ??
      (await createStaff({ db, time: input.time, secrets }, { id, name, username, role, password }))
        .publicKeyPem;
    const sealed = await selectSealedStaffKey(db, id);
    writeSecret(
      join(peopleFolder(state), `${username}.sealed.json`),
      JSON.stringify({ staffId: id, sealed }),
      undefined,
    );
    const key = ensureKey({
      path: join(peopleFolder(state), `${username}.stop.key`),
      owner: undefined,
    });
    stop[id] = key.publicPem;
    writeSecret(
      stopCredentialFile(state, username),
      JSON.stringify({ staffId: id, keyFile: `${username}.stop.key` }),
      undefined,
    );
  }
  writePublic(
    join(publicFolder(state), 'roster-release.json'),
    `${JSON.stringify(release, null, 2)}\n`,
  );
  writePublic(join(publicFolder(state), 'roster-stop.json'), `${JSON.stringify(stop, null, 2)}\n`);
}

async function seedPartner(input: {
  readonly state: string;
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly credentials: DemoCredentials;
}): Promise<void> {
  const { clientId, clientSecret, privateKeyFile, account } = input.credentials.partner;
  const pair = existsSync(privateKeyFile)
    ? undefined
    : generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  if (pair) {
    writeSecret(
      privateKeyFile,
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      undefined,
    );
    writeSecret(
      `${privateKeyFile}.pub`,
      pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      undefined,
    );
  }
  const held: SimPartner = {
    clientId,
    clientSecret,
    privateKeyPem: readFileSync(privateKeyFile, 'utf8'),
  };
  writeSecret(simPartnerFile(input.state), JSON.stringify(held), processOwner('sim'));
  await createPartner(
    { ...input, sealer: readSealer(input.state) },
    {
      id: clientId,
      name: PARTNER.name,
      publicKeyPem: readFileSync(`${privateKeyFile}.pub`, 'utf8'),
      secret: clientSecret,
      hmacEncoding: 'base64',
      amountMaxSen: rupiah(500_000_000),
      sourceAccounts: [account, '199*'],
    },
  );
}

/** Two people of the bank let the demo partner read its own account, and register where it may send a customer's browser and where it
 * takes notices. Data of a former version get it too; without that partner and its people there is nothing to do. */
async function entitlePartner(input: {
  readonly state: string;
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly noticePort?: number;
}): Promise<void> {
  const people = { proposedBy: STAFF[0].id, approvedBy: STAFF[1].id };
  const known = await selectStaffNames(input.db);
  if (known.length === 0 || !(await selectPartner(input.db, PARTNER.id))) return;
  const partnerId = PARTNER.id;
  const { account, redirectUrl: url } = PARTNER;
  // What people of the bank ended stays ended, however often the demo starts.
  if (!(await selectPartnerAccount(input.db, { partnerId, account })))
    await bindAccount(input, { ...people, partnerId, account });
  if (!(await selectRedirect(input.db, { partnerId, url })))
    await registerRedirect(input, { ...people, partnerId, url });
  const last = await selectLastEndpoint(input.db, partnerId);
  if (input.noticePort === undefined || (last && last.ended_at !== null)) return;
  const endpoint = { partnerId, baseUrl: `http://127.0.0.1:${input.noticePort}` };
  await endMovedEndpoint(input.db, { ...endpoint, now: new Date(input.time.now()) });
  await registerEndpoint(
    { ...input, sealer: readSealer(input.state) },
    {
      ...people,
      ...endpoint,
      clientId: DEMO_BANK.bic,
      channelId: '00199',
    },
  );
}

/** `pulih seed`: the demo bank into the configured database. */
export async function seedOnce(config: Config): Promise<number> {
  if (!config.databaseUrl)
    throw new Error('Cannot seed: DATABASE_URL is not set; pulih up seeds by itself');
  const time = wallTime();
  const db = openDb({ url: config.databaseUrl, size: 2, time, name: 'seed' });
  try {
    const noticePort = portMap(config.port).of('sim:partner');
    await seed({ state: config.folder, db, time, random: systemRandom(), noticePort });
    return 0;
  } finally {
    await db.close();
  }
}
