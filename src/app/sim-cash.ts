/** The interbank switch and the ATMs of the simulated outside world, composed for a machine: test keys from a seed of this
 * deployment, real TCP on loopback. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CashInput } from '../../sim/outside-cash.ts';
import { testLinkKeys } from '../../sim/switch/crypto.ts';
import type { Random } from '../kernel/random.ts';
import { tcpStreams } from '../kernel/stream-tcp.ts';
import { DEMO_BANK } from './bank-profile.ts';
import { processFolder } from './key-file.ts';
import { makeFolder } from './place.ts';
import type { Frame } from './process-frame.ts';
import { machineMasterKey, SWITCH_SEED_FILE } from './switch-keys.ts';
import { SWITCH_LINK } from './switch-profile.ts';
import { OWN_MACHINES, TERMINAL_LINK } from './terminal-profile.ts';

const SEED_BYTES = 16;

/** What `PULIH_SIM` asks for. */
export function cashOf({ name, config, ports, random }: Frame): CashInput {
  const folder = processFolder(config.folder, name);
  const has = (part: Frame['config']['simParts'][number]): boolean =>
    config.simParts.includes(part);
  if (config.simParts.length === 0) return {};
  const net = tcpStreams((at) => ({ host: '127.0.0.1', port: ports.stream(at) }));
  const seed = readSeed(folder, random);
  return {
    ...(has('switch') && {
      interbank: {
        net,
        seed,
        bank: { code: DEMO_BANK.bankCode, nns: `93600${DEMO_BANK.bankCode}` },
        links: [
          {
            name: 'switch-1',
            role: 'server',
            at: 'switch',
            keys: testLinkKeys(seed, SWITCH_LINK),
          },
          {
            name: 'switch-2',
            role: 'client',
            at: 'gateway-1-switch',
            keys: testLinkKeys(seed, SWITCH_LINK),
          },
        ],
        folder: makeFolder(join(folder, 'switch')),
      },
    }),
    ...(has('terminal') && {
      ownMachines: {
        net,
        at: 'gateway-1-terminal',
        keys: testLinkKeys(seed, TERMINAL_LINK),
        masterKeys: Object.fromEntries(
          OWN_MACHINES.map((machine) => [machine, machineMasterKey(seed, machine)]),
        ),
        bankCode: DEMO_BANK.bankCode,
        folder: makeFolder(join(folder, 'terminal')),
        ids: OWN_MACHINES,
      },
    }),
  };
}

/** Made at the first start: from it follow the test keys of every link, and the PINs of other banks' cards. */
function readSeed(folder: string, random: Random): string {
  const path = join(folder, SWITCH_SEED_FILE);
  if (!existsSync(path))
    writeFileSync(path, random.bytes(SEED_BYTES).toString('hex'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}
