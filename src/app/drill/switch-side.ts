/** The switch of a drill: the simulated network behind links of its own wire in virtual time, the bank's HSM between it and us, and the
 * cards and the shop that people use over it. Owns how the scenario's faults come about; what our processes make of them is theirs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkFault, SwitchFault } from '../../../sim/drills/fault-file.ts';
import { CARD_COUNT } from '../../../sim/drills/scenario.ts';
import { testLinkKeys } from '../../../sim/switch/crypto.ts';
import type { Card } from '../../../sim/switch/peers.ts';
import { startSwitch, type InterbankSwitch } from '../../../sim/switch/switch.ts';
import { createCards } from '../../card/open.ts';
import { openTokens } from '../../card/token.ts';
import type { Db } from '../../db/pool.ts';
import type { RailOpener } from '../../gateway/host.ts';
import { switchHosts } from '../../gateway/switch/host.ts';
import { openCeremonies, signAct } from '../../hsm/ceremony.ts';
import { xor } from '../../hsm/cipher.ts';
import { sealPin } from '../../hsm/pin-block.ts';
import { startHsm, type RunningHsm } from '../../hsm/start.ts';
import { assert } from '../../kernel/assert.ts';
import type { Log } from '../../kernel/log.ts';
import { seededRandom, systemRandom, type Random } from '../../kernel/random.ts';
import { memoryStreams, type MemoryStreams } from '../../kernel/stream-memory.ts';
import type { VirtualTime } from '../../kernel/virtual-time.ts';
import type { Net } from '../../kernel/wire.ts';
import { memoryNet, type MemoryNetwork } from '../../kernel/wire-memory.ts';
import { openAccounts } from '../../ledger/account.ts';
import { createMerchants } from '../../merchant/open.ts';
import type { Merchant } from '../../merchant/port.ts';
import { selectMerchant } from '../../merchant/store.ts';
import { remoteHsm } from '../../rail/hsm/client.ts';
import { HSM_NAME, type KeyAlgorithm, type KeyName } from '../../rail/hsm/port.ts';
import { maskPan } from '../../rail/iso8583/describe.ts';
import { nnsOfBank } from '../../rail/qris/nns.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { inventedCard } from '../demo-cards.ts';
import { MERCHANTS, type DemoCustomer } from '../demo-people.ts';
import { demoMember, demoNetwork, KEY_WINDOW, SWITCH_LINK } from '../switch-profile.ts';
import { GATEWAY } from './core.ts';
import type { DrillStaff } from './staff.ts';

/** One way. */
const LATENCY_MS = 5;
const LOOK_MS = 500;
const KEY_BYTES = 16;
/** Where the switch listens, and where it connects to us. */
const [THEIRS, OURS] = ['switch', `${GATEWAY}-switch`] as const;

/** The switch, and what people hold who use it. */
export interface SwitchSide {
  readonly outside: InterbankSwitch;
  /** The rails over it, for the gateway. */
  readonly rails: readonly RailOpener[];
  readonly tokenKey: Buffer;
  /** Each customer's card, in the order of customers. */
  readonly cards: readonly Card[];
  /** A shop whose acquirer we are. */
  readonly shop: Merchant;
  /** Resolves when every link is signed on and cash can be drawn. */
  ready(): Promise<void>;
  /** Plays faults of the scenario, each from its time after `startMs`. */
  play(faults: readonly NetworkFault[], startMs: number): void;
  stop(): Promise<void>;
}

interface Ground {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly log: Log;
  readonly network: MemoryNetwork;
  readonly folder: string;
  readonly seed: string | number;
  readonly db: Db;
  readonly customers: readonly DemoCustomer[];
  /** Two of them form the keys. */
  readonly staff: readonly DrillStaff[];
  readonly roster: Readonly<Record<string, string>>;
}

/** Starts HSM and switch, forms the keys of the link and issues the cards. Nothing is connected before the gateway is there. */
export async function openSwitchSide(ground: Ground): Promise<SwitchSide> {
  const { time, log, seed } = ground;
  const streams = memoryStreams(time, LATENCY_MS);
  const keys = testLinkKeys(String(seed), SWITCH_LINK);
  const hsm = await startHsmIn(ground);
  const form = keyFormer(ground, hsm);
  form(`zmk.${SWITCH_LINK}`, { algorithm: 'T', key: keys.zmk });
  form(`zak.${SWITCH_LINK}`, { algorithm: 'T', key: keys.mac });
  const tokenKey = ground.random.bytes(32);
  const cards = await issue(ground, { form, tokenKey });
  const shop = await openShop(ground);
  const outside = await startSwitch({
    time,
    net: streams.net(THEIRS),
    random: seededRandom(`${seed}:switch`),
    log,
    seed: String(seed),
    bank: { code: DEMO_BANK.bankCode, nns: nnsOfBank(DEMO_BANK.bankCode) },
    links: [
      { name: 'switch-1', role: 'server', at: THEIRS, keys },
      { name: 'switch-2', role: 'client', at: OURS, keys },
    ],
    rules: [],
  });
  const faults = openFaults(time, { streams, outside });
  return {
    outside,
    rails: switchHosts({
      bank: DEMO_BANK,
      setting: demoNetwork({
        links: [
          { name: 'switch-1', side: 'client', address: THEIRS, admitted: [] },
          { name: 'switch-2', side: 'server', address: OURS, admitted: [THEIRS] },
        ],
      }),
      member: demoMember(DEMO_BANK),
      streams: streams.net('bank'),
      hsm: remoteHsm(ground.network.connect(GATEWAY, HSM_NAME)),
      keyWindow: KEY_WINDOW,
      settlementFile: faults.settlementFile,
    }),
    tokenKey,
    cards,
    shop,
    async ready() {
      const isReady = (): boolean =>
        Object.values(outside.links()).every(Boolean) &&
        hsm.module.store.list().some(({ name }) => name === `zpk.${SWITCH_LINK}`);
      while (!isReady()) await time.sleep(LOOK_MS);
    },
    play: faults.play,
    async stop() {
      await outside.stop();
      await hsm.stop();
    },
  };
}

/** Its files are not of virtual time: time waits for each answer. */
function startHsmIn({ time, random, log, network, folder, roster }: Ground): Promise<RunningHsm> {
  const path = join(folder, HSM_NAME);
  mkdirSync(path, { mode: 0o700 });
  const plain = memoryNet(network, HSM_NAME);
  const net: Net = {
    ...plain,
    listen: (input) =>
      plain.listen({ ...input, handler: (request) => time.track(input.handler(request)) }),
  };
  return startHsm({
    folder: path,
    time,
    random,
    net,
    log,
    roster: () => roster,
    hasSocket: false,
  });
}

type FormKey = (
  name: KeyName,
  of: { readonly algorithm: KeyAlgorithm; readonly key?: Buffer },
) => void;

/** Both people act: each brings half of a key that is known, or agrees that the HSM makes one. */
function keyFormer({ time, random, staff, roster }: Ground, hsm: RunningHsm): FormKey {
  const send = openCeremonies(hsm.module, () => roster);
  return (name, { algorithm, key }) => {
    const first = key && random.bytes(key.length);
    const halves = [first, key && first && xor(first, key)];
    for (const [turn, half] of halves.entries()) {
      const person = staff[turn]!; // two people: world.ts
      const answer = send(
        signAct(person.key, {
          name,
          algorithm,
          allowsFormat0: false,
          ...(half && { component: half.toString('hex').toUpperCase() }),
          staffId: person.id,
          atMs: time.now(),
          nonce: random.bytes(12).toString('hex'),
        }),
      );
      assert(answer.ok, `the HSM forms ${name} in a drill`);
    }
  };
}

/** As a bank does: each PIN through a terminal of the bank's own, and only its value is kept. */
async function issue(
  { time, random, network, db, customers }: Ground,
  { form, tokenKey }: { readonly form: FormKey; readonly tokenKey: Buffer },
): Promise<readonly Card[]> {
  const terminalKey = random.bytes(KEY_BYTES);
  const [terminal, pvk] = ['tpk.issuing', 'pvk.cards'] as const;
  form(pvk, { algorithm: 'A' });
  form(terminal, { algorithm: 'T', key: terminalKey });
  const hsm = remoteHsm(network.connect('core-1', HSM_NAME));
  const tokenOf = openTokens(tokenKey);
  const owners = customers.slice(0, CARD_COUNT);
  const held = owners.map((_, index) => inventedCard(index + 1));
  const values = await Promise.all(
    held.map(async ({ pan, pin }) => {
      const digits = Buffer.from([...pin].map(Number));
      const sealed = sealPin({ algorithm: 'T', key: terminalKey }, { pin: digits, pan, random });
      const block = sealed.toString('hex').toUpperCase();
      const set = await hsm.setPin({ key: terminal, pvk, pan, block });
      assert(set.ok, 'the HSM sets a PIN in a drill');
      return set.verificationValue;
    }),
  );
  const nowMs = time.now();
  const cards = held.map(({ pan, expiry }, index) => ({
    id: `crd_drill${index}`,
    token: tokenOf(pan),
    maskedPan: maskPan(pan),
    customerId: owners[index]!.id,
    account: owners[index]!.account,
    expiry,
    pinValue: values[index]!,
  }));
  await db.tx((tx) => createCards(tx, { nowMs, cards }));
  return held.map((card) => ({ ...card, track2: `${card.pan}=${card.expiry}226000000000` }));
}

async function openShop({ db, time }: Ground): Promise<Merchant> {
  const nowMs = time.now();
  const { owner, customerId: _, ...draft } = MERCHANTS[2]!; // one of the demo's, without a partner
  await db.tx(async (tx) => {
    await openAccounts(tx, {
      nowMs,
      accounts: [{ number: draft.settlementAccount, name: owner, accountType: 'CACC' }],
    });
    const merchants = [draft];
    await createMerchants(tx, { nowMs, bank: DEMO_BANK, random: systemRandom(), merchants });
  });
  const shop = await selectMerchant(db, draft.id);
  assert(shop, 'the shop of a drill was opened');
  return shop;
}

/** What the scenario does to the lines, the messages and the file. */
function openFaults(
  time: VirtualTime,
  { streams, outside }: { readonly streams: MemoryStreams; readonly outside: InterbankSwitch },
): Pick<SwitchSide, 'play'> & { settlementFile(date: string): Promise<string | undefined> } {
  let standing: readonly { fromMs: number; untilMs: number; kind: SwitchFault['kind'] }[] = [];
  const holds = (kind: SwitchFault['kind']): boolean =>
    standing.some(
      (one) => one.kind === kind && time.now() >= one.fromMs && time.now() < one.untilMs,
    );
  streams.isOpen = () => !holds('down');
  return {
    play(faults, startMs) {
      const ours = faults.filter((one) => one.network === 'switch');
      standing = ours.map(({ fromMs, untilMs, fault: { kind } }) => ({
        kind,
        fromMs: startMs + fromMs,
        untilMs: startMs + untilMs,
      }));
      outside.chooser.replace(
        ours.flatMap(({ fault, fromMs, untilMs }, at) =>
          fault.kind !== 'message'
            ? []
            : [
                {
                  name: `scenario ${at + 1}`,
                  does: fault.does,
                  match: { ...fault.match, fromMs: startMs + fromMs, untilMs: startMs + untilMs },
                },
              ],
        ),
      );
      for (const { kind, fromMs } of standing)
        if (kind === 'down')
          void time.sleep(fromMs - time.now()).then(() => {
            for (const connection of streams.connections()) connection.cut();
          });
    },
    async settlementFile(date) {
      if (holds('file_missing')) return undefined;
      const text = outside.settlement(date);
      // One amount is another one, under the MAC of the first.
      return holds('file_damaged') ? text.replace(/\|(\d{11})0\|([CD])\|/, '|$11|$2|') : text;
    },
  };
}
