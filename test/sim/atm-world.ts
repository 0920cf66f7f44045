/** Our own machines end to end in virtual time: the simulator's machines on their link, the real gateway and HSM, real cards on a real
 * ledger and database, and the simulator's switch with other banks behind it. */
import { testKey, testLinkKeys } from '../../sim/switch/crypto.ts';
import { DEMO_PEERS, peerCard, type Card } from '../../sim/switch/peers.ts';
import { worthOfAll, type Cassette } from '../../sim/terminal/cassette.ts';
import { openLinkHost, type LinkHost } from '../../sim/terminal/link-host.ts';
import { openTerminal, type Terminal } from '../../sim/terminal/terminal.ts';
import { demoTerminals, OWN_MACHINES, TERMINAL_LINK } from '../../src/app/terminal-profile.ts';
import { machineAccount } from '../../src/kernel/bank.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { openAccounts } from '../../src/ledger/account.ts';
import { withCardWorld, type CardWorld } from './card-world.ts';

const SEED = 'machines';
const MACHINE = OWN_MACHINES[0];
const FULL: readonly Cassette[] = [
  { noteSen: 10_000_000n, count: 50 },
  { noteSen: 5_000_000n, count: 100 },
];

export interface MachineWorld extends CardWorld {
  readonly terminal: Terminal;
  /** The concentrator of now; `restartMachines` makes another on the same disk. */
  host(): LinkHost;
  restartMachines(): Promise<void>;
  /** A card of BCA. */
  readonly strange: Card;
  /** What lies in the machine, by its cassettes and by our books. */
  cash(): Promise<{ readonly countedSen: bigint; readonly bookedSen: bigint }>;
}

/** Runs `work` with one machine that was filled and signed on. */
export async function withMachines(
  folder: string,
  work: (world: MachineWorld) => Promise<void>,
): Promise<void> {
  const terminals = demoTerminals({
    links: [{ name: 'terminal-1', side: 'server', address: 'machines', admitted: ['machine'] }],
  });
  await withCardWorld(
    async (world) => {
      const { rig, hsm, db, streams } = world;
      const { time } = rig;
      const keys = testLinkKeys(SEED, TERMINAL_LINK);
      const masterKeys = { [MACHINE]: testKey(SEED, `master:${MACHINE}`) };
      hsm.form(`zak.${TERMINAL_LINK}`, { algorithm: 'T', key: keys.mac });
      hsm.form(`zmk.${MACHINE.toLowerCase()}`, { algorithm: 'T', key: masterKeys[MACHINE]! });
      await db.tx((tx) =>
        openAccounts(tx, {
          nowMs: time.now(),
          accounts: [
            { number: machineAccount(MACHINE), book: 'cash', name: MACHINE, mayGoNegative: true },
          ],
        }),
      );
      let openings = 0;
      const open = async (): Promise<LinkHost> => {
        const made = openLinkHost({
          time,
          net: streams.net('machine'),
          random: seededRandom(`machines ${++openings}`),
          log: silentLog,
          at: 'machines',
          keys,
          masterKeys,
          bankCode: '199',
          folder,
        });
        for (let looks = 0; looks < 120 && !made.isSignedOn(); looks++) await time.sleep(1_000);
        await time.sleep(1_000);
        return made;
      };
      let host = await open();
      const terminal = openTerminal({
        id: MACHINE,
        host: {
          withdraw: (asked) => host.withdraw(asked),
          closedText: (asked) => host.closedText(asked),
          dispensed: (reference) => host.dispensed(reference),
          giveBack: (reference, keptSen) => host.giveBack(reference, keptSen),
        },
        cassettes: [],
        random: seededRandom('machine'),
      });
      terminal.takeIn(FULL);
      const cashSen = worthOfAll(FULL);
      await host.report({
        terminal: MACHINE,
        what: 'load',
        cashSen,
        dispensedSen: 0n,
        depositedSen: 0n,
      });
      await work({
        ...world,
        terminal,
        host: () => host,
        async restartMachines() {
          await host.stop();
          host = await open();
        },
        strange: peerCard('conformance', DEMO_PEERS[3]!, 1),
        async cash() {
          const balance = (await world.ledger.balance(machineAccount(MACHINE)))!;
          return {
            countedSen: worthOfAll(terminal.cassettes()),
            bookedSen: -(balance.postedSen + balance.pendingCreditSen),
          };
        },
      });
      await host.stop();
    },
    { terminals },
  );
}
