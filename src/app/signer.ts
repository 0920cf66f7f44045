/** The signer as a process: its own database role, its own key, nothing else. */
import { openDb } from '../db/pool.ts';
import { startSigner } from '../signer/start.ts';
import { readDatabaseUrl, readIdentity, readPrivateKey } from './key-file.ts';
import { signingKid } from './keys.ts';
import { liveNet } from './net-live.ts';
import type { Frame, Running } from './process-frame.ts';
import { answers } from './store.ts';

/** Signs in batches; two connections are one for the batch and one for the next. */
const POOL_SIZE = 2;

/** Starts it. */
export async function runSigner({
  name,
  config,
  ports,
  time,
  random,
  log,
}: Frame): Promise<Running> {
  const state = config.folder;
  const db = openDb({ url: readDatabaseUrl(state, name), size: POOL_SIZE, time, name });
  const net = liveNet({ identity: readIdentity(state, name, 'internal'), ports });
  const signer = await startSigner({
    db,
    time,
    net,
    log,
    random,
    key: readPrivateKey(state, name, 'signing'),
    kid: signingKid(state),
    env: config.env,
  });
  return {
    vital: { isReady: () => answers(db), gauges: () => ({}) },
    async stop() {
      await signer.stop();
      await db.close();
    },
  };
}
