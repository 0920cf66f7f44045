/** The HSM as a process: no database, its own folder, its own key. */
import { startHsm } from '../hsm/start.ts';
import { processFolder, readIdentity, readRoster } from './key-file.ts';
import { liveNet } from './net-live.ts';
import type { Frame, Running } from './process-frame.ts';

/** Starts it. */
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
  return {
    vital: { isReady: () => true, gauges: hsm.gauges },
    stop: hsm.stop,
  };
}
