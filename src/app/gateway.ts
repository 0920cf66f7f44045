/** The gateway as a process: two identities (our own world and the hub's), its journal, no database. */
import { billerHost } from '../gateway/biller/host.ts';
import { bifastHost } from '../gateway/bifast/host.ts';
import type { RailOpener } from '../gateway/host.ts';
import { startGateway, type Gateway } from '../gateway/start.ts';
import { switchHosts } from '../gateway/switch/host.ts';
import type { Log } from '../kernel/log.ts';
import { tcpStreams } from '../kernel/stream-tcp.ts';
import { remoteHsm } from '../rail/hsm/client.ts';
import { HSM_NAME, type Hsm } from '../rail/hsm/port.ts';
import type { LinkSetting } from '../rail/switch/setting.ts';
import type { Net, WireClient } from '../kernel/wire.ts';
import { DEMO_BANK } from './bank-profile.ts';
import {
  processFolder,
  readIdentity,
  readPrivateKey,
  readPublicKey,
  readRoster,
  statusFolder,
  watchKeyRing,
} from './key-file.ts';
import { liveNet } from './net-live.ts';
import type { PortMap } from './port-map.ts';
import type { Frame, Running } from './process-frame.ts';
import { settlementFileOf } from './switch-file.ts';
import { demoMember, demoNetwork, KEY_WINDOW } from './switch-profile.ts';
import { demoTerminals } from './terminal-profile.ts';

/** Towards the hub at once; each waits up to ten seconds for an answer. */
const HUB_SOCKET_MAX = 256;

const JOURNAL_LOOK_MS = 500;

/** The demo's switch is on this machine. */
const LOOPBACK = '127.0.0.1';
/** One connection that we make, and one that they make: either carries everything. */
const LINKS: readonly LinkSetting[] = [
  { name: 'switch-1', side: 'client', address: 'switch', admitted: [] },
  { name: 'switch-2', side: 'server', address: 'gateway-1-switch', admitted: [LOOPBACK] },
];

/** Where our own machines sign on. */
const TERMINAL_LINKS: readonly LinkSetting[] = [
  { name: 'terminal-1', side: 'server', address: 'gateway-1-terminal', admitted: [LOOPBACK] },
];

/** Starts the partition that is named like the process. */
export async function runGateway({
  name,
  config,
  ports,
  time,
  random,
  log,
}: Frame): Promise<Running> {
  const state = config.folder;
  const net = liveNet({ identity: readIdentity(state, name, 'internal'), ports });
  const networkNet = liveNet({
    identity: readIdentity(state, name, 'network'),
    ports,
    socketCountMax: HUB_SOCKET_MAX,
  });
  const hub = networkNet.connect('hub');
  const hsm = net.connect(HSM_NAME);
  const aggregator = networkNet.connect('biller');
  const gateway = await startGateway({
    time,
    net,
    log,
    random,
    folder: processFolder(state, name),
    statusFolder: statusFolder(state),
    partition: name,
    env: config.env,
    ring: watchKeyRing(state),
    setKey: readPublicKey(state, 'set'),
    roster: readRoster(state, 'release'),
    stopRoster: readRoster(state, 'stop'),
    statusKey: readPrivateKey(state, name, 'status'),
    cores: Array.from({ length: config.coreCount }, (_, index) => `core-${index + 1}`),
    hasControlSocket: true,
    rails: [
      ...railsOf({ state, name, net: networkNet, hub, aggregator }),
      ...demoSwitch(ports, remoteHsm(hsm)),
    ],
  });
  const watch = time.every(
    JOURNAL_LOOK_MS,
    async () => endWhenBroken(gateway, log),
    () => {},
  );
  return {
    vital: {
      isReady: () => !gateway.state().isBroken,
      gauges: () => gaugesOf(gateway),
    },
    async stop() {
      await watch.stop();
      await gateway.stop();
      await Promise.all([hub.close(), aggregator.close(), hsm.close()]);
    },
  };
}

function demoSwitch(ports: PortMap, hsm: Hsm): readonly RailOpener[] {
  return switchHosts({
    bank: DEMO_BANK,
    setting: demoNetwork({ links: LINKS }),
    member: demoMember(DEMO_BANK),
    streams: tcpStreams((at) => ({ host: LOOPBACK, port: ports.stream(at) })),
    hsm,
    keyWindow: KEY_WINDOW,
    terminals: demoTerminals({ links: TERMINAL_LINKS }),
    settlementFile: settlementFileOf(ports.of('sim:control')),
  });
}

function gaugesOf(gateway: Gateway): Readonly<Record<string, number>> {
  const { head, latches, quarantines, pendingNotices, setVersion, door, isBroken } =
    gateway.state();
  return {
    gateway_journal_head_entries: head,
    gateway_latches: latches.length,
    gateway_quarantined_peers: quarantines.length,
    gateway_pending_notices: pendingNotices,
    gateway_restriction_set_version: setVersion,
    gateway_is_open: door === 'open' && !isBroken ? 1 : 0,
  };
}

/** The rails that this gateway carries, one line each. */
function railsOf(parts: {
  readonly state: string;
  readonly name: string;
  readonly net: Net;
  readonly hub: WireClient;
  readonly aggregator: WireClient;
}): readonly RailOpener[] {
  const { state, name, net, hub, aggregator } = parts;
  return [
    bifastHost({
      bank: DEMO_BANK,
      hub,
      net,
      messageKey: readPrivateKey(state, name, 'message'),
      hubKey: readPublicKey(state, 'hub-message'),
    }),
    billerHost({
      bank: DEMO_BANK,
      aggregator,
      messageKey: readPrivateKey(state, name, 'biller'),
      aggregatorKey: readPublicKey(state, 'aggregator'),
      receiptKey: readPublicKey(state, 'receipt'),
    }),
  ];
}

/** A journal that could not be written stays shut for as long as the process lives, because nobody knows what the disk took. A new
 * process reads what is there, cuts off the torn end, and opens again once the disk has room; until then it does not start. Who lost
 * its partition to another process finds it owned, and does not start either. */
function endWhenBroken(gateway: Gateway, log: Log): void {
  if (!gateway.state().isBroken) return;
  log.error({}, 'gateway.journal_broken');
  process.exit(1);
}
