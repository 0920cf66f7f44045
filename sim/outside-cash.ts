/** The optional parts of the outside world: the interbank switch with its banks, and ATMs of the bank and of others. */
import type { Log } from '../src/kernel/log.ts';
import type { Random } from '../src/kernel/random.ts';
import type { Time } from '../src/kernel/time.ts';
import type { ControlPart } from './control.ts';
import { controlSwitch } from './switch/control.ts';
import { startGentle } from './switch/gentle.ts';
import { openLoadScript, readGentle } from './switch/load-script.ts';
import { startSwitch, type InterbankSwitch, type SwitchInput } from './switch/switch.ts';
import type { Cassette } from './terminal/cassette.ts';
import { controlTerminals } from './terminal/control.ts';
import { openLinkHost, type LinkHost, type LinkHostInput } from './terminal/link-host.ts';
import { peerHost } from './terminal/peer-host.ts';
import { openOwnMachine } from './terminal/own-machine.ts';
import { openTerminal, type Terminal } from './terminal/terminal.ts';

type Ports = 'time' | 'random' | 'log';

export interface CashInput {
  readonly interbank?: Omit<SwitchInput, Ports>;
  /** The bank's own ATMs, behind one link. */
  readonly ownMachines?: Omit<LinkHostInput, Ports> & { readonly ids: readonly string[] };
}

export interface Cash {
  readonly interbank: InterbankSwitch | undefined;
  readonly terminals: readonly Terminal[];
  readonly control: readonly ControlPart[];
  /** The bank's own machines, behind their link. */
  readonly host: LinkHost | undefined;
  stop(): Promise<void>;
}

/** 200 notes of Rp100.000 and 400 of Rp50.000. */
const FULL: readonly Cassette[] = [
  { noteSen: 10_000_000n, count: 200 },
  { noteSen: 5_000_000n, count: 400 },
];

/** Starts what is asked for. Each bank behind the switch has one machine. */
export async function startCash(
  input: CashInput & { readonly time: Time; readonly random: Random; readonly log: Log },
): Promise<Cash> {
  const { time, random, log, interbank: setup, ownMachines } = input;
  const interbank = setup && (await startSwitch({ ...setup, time, random, log }));
  const stopping = new AbortController();
  const host = ownMachines && openLinkHost({ ...ownMachines, time, random, log });
  const machine = (id: string, at: Parameters<typeof openTerminal>[0]['host']): Terminal =>
    openTerminal({ id, host: at, cassettes: FULL, random, retryCount: 1 });
  const own = (id: string, at: LinkHost): Terminal => {
    const folder = ownMachines?.folder;
    const disk = folder === undefined ? {} : { folder };
    const { signal } = stopping;
    return at.serves(id)
      ? openOwnMachine({ id, host: at, full: FULL, random, time, stopping: signal, ...disk })
      : machine(id, at);
  };
  const terminals = [
    ...(host ? ownMachines.ids.map((id) => own(id, host)) : []),
    ...(interbank
      ? interbank.peers.map(({ code }) => machine(`ATM${code}01`, peerHost(interbank, code)))
      : []),
  ];
  const control: ControlPart[] = [];
  let stopTraffic = (): void => {};
  if (interbank) {
    const folder = setup.folder === undefined ? {} : { folder: setup.folder };
    const load = openLoadScript({ network: interbank, time, random, ...folder });
    const traffic = (value: unknown): string | undefined => {
      const asked = readGentle(value);
      if (typeof asked === 'string') return asked;
      stopTraffic();
      stopTraffic = startGentle({ ...asked, network: interbank, time, random, log });
      return undefined;
    };
    control.push((request) => controlSwitch({ network: interbank, load, traffic }, request));
  }
  if (terminals.length > 0)
    control.push((request) =>
      controlTerminals({ terminals, full: FULL, ...(host && { host }) }, request),
    );
  return {
    interbank,
    terminals,
    control,
    host,
    stop: async () => {
      stopping.abort();
      stopTraffic();
      await host?.stop();
      await interbank?.stop();
    },
  };
}
