/** A disk with no room left: nothing is acknowledged that did not last, nothing leaves that was not journalled, errors are clear,
 * and all goes on by itself once there is room (I1, I2). */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { postgresFolder } from '../../src/app/database.ts';
import { processFolder } from '../../src/app/key-file.ts';
import { settleAll } from '../crash/chaos.ts';
import { checkAlways, readBooks } from '../crash/check.ts';
import { pidsIn, smallDisk, type SmallDisk } from '../crash/disk.ts';
import { startLoad, type Load } from '../crash/load.ts';
import { isReady, say, startRig, type Rig } from '../crash/rig.ts';
import { switchLog } from '../crash/store.ts';
import { until } from '../crash/until.ts';

/** A new cluster with its log and ten thousand customers takes less than half. */
const DATABASE_MEGABYTES = 600;
const GATEWAY_MEGABYTES = 8;
const FULL_MS = 6_000;
const SEEN_MS_MAX = 30_000;
const AGAIN_MS_MAX = 30_000;

let rig: Rig;
let load: Load;
let database: SmallDisk;
let gateway: SmallDisk;

before(async () => {
  rig = await startRig({
    backOffMs: [500],
    prepare(config) {
      const data = join(postgresFolder(config), 'data');
      database = smallDisk({
        folder: postgresFolder(config),
        megabytes: DATABASE_MEGABYTES,
        pids: () => pidsIn(data),
      });
      gateway = smallDisk({
        folder: processFolder(config.folder, 'gateway-1'),
        megabytes: GATEWAY_MEGABYTES,
        pids: () => [rig.child('gateway-1').pid() ?? []].flat(),
      });
      return () => {
        database.remove();
        gateway.remove();
      };
    },
  });
  load = startLoad(rig, { prefix: 'full', isBackground: true });
  say(`small disks: ${database.kind}`);
  await rig.time.sleep(3_000);
});

after(() => rig?.stop());

/** Each new segment of the write-ahead log needs 16 MB: without them the server cannot go on, nor recover. */
async function useUpLog(): Promise<boolean> {
  await switchLog(rig.db()).catch(() => {});
  return !rig.isDatabaseRunning();
}

const answered = (): number => load.told.filter(({ code }) => code.startsWith('2001700')).length;

test('disk full under PostgreSQL: 5xx in the terms of SNAP, nothing acknowledged is lost, and it goes on by itself', async () => {
  const evasive = (): number =>
    [...load.evasions].reduce((sum, [code, count]) => sum + (/^50[04]/.test(code) ? count : 0), 0);
  const before = evasive();
  database.fill();
  const seenMs = await until('a clear error', () => evasive() > before + 5, SEEN_MS_MAX);
  await rig.time.sleep(FULL_MS);
  if (database.kind === 'file system')
    await until('its log has no room either and it ends', useUpLog, SEEN_MS_MAX);
  const atFull = answered();
  say(
    `full for ${((seenMs + FULL_MS) / 1000).toFixed(1)} s: ${[...load.evasions].map(([code, count]) => `${count} x ${code}`).join(', ')}; PostgreSQL ${rig.isDatabaseRunning() ? 'runs' : 'cannot run'}`,
  );
  database.free();
  const againMs = await until(
    'transfers are answered again',
    () => answered() > atFull + 20,
    AGAIN_MS_MAX,
  );
  say(`goes on ${againMs} ms after there is room`);
  checkAlways(await readBooks(rig, load.told), rig.time.now());
});

test('I1 disk full under the journal: nothing leaves that was not journalled, and the gateway comes back by itself', async () => {
  const readJournal = (): string => {
    const folder = processFolder(rig.config.folder, 'gateway-1');
    return globSync('journal-*.jsonl', { cwd: folder })
      .toSorted()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  };
  gateway.fill();
  await until(
    'the gateway says that it cannot work',
    async () => !(await isReady('gateway-1', rig.ports)),
    SEEN_MS_MAX,
  );
  const atHub = rig.hub.read().arrivals.size;
  await rig.time.sleep(FULL_MS);
  const { arrivals } = rig.hub.read();
  if (gateway.kind === 'file system')
    assert.equal(arrivals.size, atHub, 'I1 nothing left while nothing could be written');
  const journal = readJournal();
  for (const id of arrivals.keys())
    assert.ok(
      journal.includes(`"bizMsgIdr":"${id}"`),
      `I1 ${id} arrived at the hub without an intent`,
    );
  const onus = answered();
  await until('on-us transfers go on', () => answered() > onus, SEEN_MS_MAX);
  gateway.free();
  const againMs = await until(
    'the gateway works again',
    () => isReady('gateway-1', rig.ports),
    AGAIN_MS_MAX,
  );
  await until(
    'instructions leave again',
    () => rig.hub.read().arrivals.size > arrivals.size + 5,
    AGAIN_MS_MAX,
  );
  say(`the gateway is ready ${againMs} ms after there is room`);
});

test('after full disks the partner, the hub and the ledger say the same, to the sen', async () => {
  assert.ok((await load.askAgain(30)) > 0);
  await settleAll({ rig, load });
});
