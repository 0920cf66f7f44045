/** The HSM as a process: no database, its own folder, its own key. */
import { startHsm } from '../hsm/start.ts';
import { processFolder, readIdentity, readRoster } from './key-file.ts';
import { liveNet } from './net-live.ts';
import type { Frame, Running } from './process-frame.ts';

const LOOK_MS = 500;

/** Starts it. It ends by itself when it cannot write, so that the supervisor starts one that reads what is there. */
export async function runHsm({ name, config, ports, time, random, log }: Frame): Promise<Running> {
  const state = config.folder;
  const hsm = await startHsm({
    folder: processFolder(state, name),
    time,
    random,
    net: liveNet({ identity: readIdentity(state, name, 'internal'), ports }),
    log,
    roster: () => readRoster(state, 'release'),
  });
  const watch = time.every(
    LOOK_MS,
    async () => {
      if (!hsm.isBroken()) return;
      log.error({}, 'hsm.disk_failed');
      process.exit(1);
    },
    () => {},
  );
  return {
    vital: { isReady: () => !hsm.isBroken(), gauges: hsm.gauges },
    async stop() {
      await watch.stop();
      await hsm.stop();
    },
  };
}
