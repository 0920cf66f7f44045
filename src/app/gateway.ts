/** The gateway as a process: two identities (our own world and the hub's), its journal, no database. */
import { startGateway } from '../gateway/start.ts';
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
import type { Frame, Running } from './process-frame.ts';

/** Towards the hub at once; each waits up to ten seconds for an answer. */
const HUB_SOCKET_MAX = 256;

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
  const gateway = await startGateway({
    time,
    net,
    networkNet,
    hub,
    log,
    random,
    folder: processFolder(state, name),
    statusFolder: statusFolder(state),
    partition: name,
    bank: DEMO_BANK,
    env: config.env,
    ring: watchKeyRing(state),
    setKey: readPublicKey(state, 'set'),
    roster: readRoster(state, 'release'),
    stopRoster: readRoster(state, 'stop'),
    messageKey: readPrivateKey(state, name, 'message'),
    hubKey: readPublicKey(state, 'hub-message'),
    statusKey: readPrivateKey(state, name, 'status'),
    cores: Array.from({ length: config.coreCount }, (_, index) => `core-${index + 1}`),
    hasControlSocket: true,
  });
  return {
    vital: {
      isReady: () => !gateway.state().isBroken,
      gauges: () => {
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
      },
    },
    async stop() {
      await gateway.stop();
      await hub.close();
    },
  };
}
