/** The demo's cards, issued once the HSM is up: two operators form the key that verifies PINs and the one of an issuing terminal, each PIN
 * goes through that terminal into the HSM, and only its value is kept. Numbers and PINs are invented; they stand in one file of whoever
 * started Pulih, so that a simulated machine can use them. A bank issues cards in a system of its own (docs/hsm.md). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCards, type NewCard } from '../card/open.ts';
import { openTokens } from '../card/token.ts';
import { openDb } from '../db/pool.ts';
import { sealPin } from '../hsm/pin-block.ts';
import { newId } from '../kernel/ids.ts';
import { rupiah } from '../kernel/money.ts';
import { systemRandom } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { remoteHsm } from '../rail/hsm/client.ts';
import { HSM_NAME, type Hsm, type KeyName } from '../rail/hsm/port.ts';
import { maskPan } from '../rail/iso8583/describe.ts';
import type { Config } from './config.ts';
import { readCredentials } from './credentials.ts';
import { demoCustomers } from './demo-people.ts';
import { actOnKey } from './hsm-ceremony.ts';
import { peopleFolder, readCoreSecret, readIdentity } from './key-file.ts';
import { writeSecret } from './keys.ts';
import { liveNet } from './net-live.ts';
import type { PortMap } from './port-map.ts';

/** The first customers have one each, those who can sign in among them. */
const CARD_COUNT = 20;
/** Six digits of an invented issuer with the demo bank's code. */
const BIN = '639199';
/** From this one on they are drawn with all day by the demo's own traffic, never by people. */
const TRAFFIC_FROM = 10;
const TRAFFIC_LIMITS = { dailySenMax: rupiah(100_000_000), dailyCountMax: 1_000 } as const;
const EXPIRY = '3112';
const DEMO_CARD_PIN = '246810';
const TERMINAL: KeyName<'tpk'> = 'tpk.issuing';
const VERIFIER: KeyName<'pvk'> = 'pvk.cards';
const KEY_BYTES = 16;
const CONTROL_MS = 5_000;

/** A card as its holder has it. */
export interface HeldCard {
  readonly pan: string;
  readonly pin: string;
  readonly expiry: string;
}

/** Where cards are issued. */
export interface CardIssue {
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
  readonly databaseUrl: string;
}

/** Cards, and whose each is. */
export interface CardBatch {
  readonly held: readonly HeldCard[];
  readonly owners: readonly {
    readonly id: string;
    readonly account: string;
    /** Limits of a day other than everybody's. */
    readonly limits?: Pick<NewCard, 'dailySenMax' | 'dailyCountMax'>;
  }[];
  readonly terminal: KeyName<'tpk'>;
}

/** Where the demo's cards stand, for whoever plays their holders. */
function heldCardsFile(state: string): string {
  return join(peopleFolder(state), 'cards.json');
}

/** Issues them if nobody has; says what was done. Throws when the HSM refuses. */
export async function issueDemoCards(input: CardIssue): Promise<string> {
  const path = heldCardsFile(input.config.folder);
  if (existsSync(path)) return 'in place';
  const held = demoHeldCards();
  const owners = demoCustomers()
    .slice(0, held.length)
    .map((owner, index) => (index < TRAFFIC_FROM ? owner : { ...owner, limits: TRAFFIC_LIMITS }));
  const made = await issueCards(input, { held, owners, terminal: TERMINAL });
  writeSecret(path, `${JSON.stringify(held, null, 2)}\n`, undefined);
  return `${made} issued`;
}

/** Issues cards to owners, one each, their PINs from a terminal of that name, whose key two operators form for it. How many
 * are new. Throws when the HSM refuses. */
export async function issueCards(
  { config, ports, time, databaseUrl }: CardIssue,
  { held, owners, terminal }: CardBatch,
): Promise<number> {
  const terminalKey = systemRandom().bytes(KEY_BYTES);
  await formKeys(config, { terminal, terminalKey });
  // Only core may set a PIN, and core may not write cards: whoever starts the demo stands in for the bank's card system.
  const net = liveNet({ identity: readIdentity(config.folder, 'core-1', 'internal'), ports });
  const client = net.connect(HSM_NAME);
  const db = openDb({ url: databaseUrl, size: 1, time, name: 'cards' });
  try {
    const hsm = remoteHsm(client);
    const values = await Promise.all(
      held.map((card) => valueOf(hsm, { card, terminal, terminalKey })),
    );
    const tokenOf = openTokens(
      Buffer.from(readCoreSecret(config.folder, { process: 'core-1', name: 'card-token' }), 'hex'),
    );
    const nowMs = time.now();
    const cards = held.map(({ pan, expiry }, index) => ({
      id: newId('crd', nowMs, systemRandom()),
      token: tokenOf(pan),
      maskedPan: maskPan(pan),
      customerId: owners[index]!.id,
      account: owners[index]!.account,
      expiry,
      pinValue: values[index]!,
      ...owners[index]!.limits,
    }));
    return await db.tx((tx) => createCards(tx, { nowMs, cards }));
  } finally {
    terminalKey.fill(0);
    await client.close();
    await db.close();
  }
}

/** Has the simulated switch bring gentle traffic with the later cards and to their accounts; says how much. */
export async function startSwitchTraffic(
  input: Pick<CardIssue, 'config' | 'ports'>,
): Promise<string> {
  const { config, ports } = input;
  const cards = JSON.parse(readFileSync(heldCardsFile(config.folder), 'utf8')) as HeldCard[];
  const accounts = demoCustomers().slice(TRAFFIC_FROM, cards.length);
  const response = await fetch(`http://127.0.0.1:${ports.of('sim:control')}/sim/switch/traffic`, {
    method: 'POST',
    body: JSON.stringify({
      perMinute: config.switchTraffic,
      cards: cards.slice(TRAFFIC_FROM),
      accounts: accounts.map(({ account: number }) => ({ number })),
    }),
    signal: AbortSignal.timeout(CONTROL_MS),
  });
  if (!response.ok) throw new Error(`Cannot start traffic: the simulator says ${response.status}`);
  return `${config.switchTraffic} a minute`;
}

function demoHeldCards(): readonly HeldCard[] {
  return Array.from({ length: CARD_COUNT }, (_, index) => inventedCard(index + 1));
}

/** The card of this number from 1, under the demo's invented issuer. */
export function inventedCard(number: number): HeldCard {
  return {
    pan: withCheckDigit(`${BIN}${String(number).padStart(9, '0')}`),
    pin: DEMO_CARD_PIN,
    expiry: EXPIRY,
  };
}

/** ISO/IEC 7812-1 (Luhn). */
function withCheckDigit(digits: string): string {
  const sum = [...digits].toReversed().reduce((all, digit, index) => {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return all + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

async function valueOf(
  hsm: Hsm,
  input: {
    readonly card: HeldCard;
    readonly terminal: KeyName<'tpk'>;
    readonly terminalKey: Buffer;
  },
): Promise<string> {
  const { card, terminal, terminalKey } = input;
  const sealed = sealPin(
    { algorithm: 'T', key: terminalKey },
    { pin: Buffer.from([...card.pin].map(Number)), pan: card.pan, random: systemRandom() },
  );
  const block = sealed.toString('hex').toUpperCase();
  const set = await hsm.setPin({ key: terminal, pvk: VERIFIER, pan: card.pan, block });
  if (!set.ok) throw new Error(`Cannot issue cards: the HSM says ${set.reason}`);
  return set.verificationValue;
}

/** Both keys by two people, the verifier only once; the terminal's from halves, since the terminal is this process. */
async function formKeys(
  config: Config,
  { terminal, terminalKey }: Pick<CardBatch, 'terminal'> & { readonly terminalKey: Buffer },
): Promise<void> {
  const people = (readCredentials(config.folder)?.staff ?? [])
    .filter(({ role }) => role === 'operator')
    .slice(0, 2);
  if (people.length < 2) throw new Error('Cannot issue cards: two operators form the keys');
  const one = systemRandom().bytes(KEY_BYTES);
  const halves = [one, Buffer.from(terminalKey.map((byte, at) => byte ^ one[at]!))]; // as long as the key
  for (const [turn, { username: person, password }] of people.entries()) {
    const component = halves[turn]!.toString('hex').toUpperCase();
    const wanted = [
      ...(terminal === TERMINAL
        ? [{ name: VERIFIER, algorithm: 'A', allowsFormat0: false } as const]
        : []),
      { name: terminal, algorithm: 'T', allowsFormat0: false, component } as const,
    ];
    for (const what of wanted) {
      const answer = await actOnKey({ config, person, password, what });
      if (!answer.ok) throw new Error(`Cannot form ${what.name}: the HSM says ${answer.reason}`);
    }
  }
}
