/** What hands inside the bank do in a drill, each on the real database, files and processes: with which rights, by which alarm it must be
 * seen, and whether it has its effect in the end. The bank's own people answer among them. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ActKind } from '../../../sim/drills/act-file.ts';
import { recordEvents } from '../../audit/record.ts';
import { openDb, DbFault, type Db } from '../../db/pool.ts';
import { signRelease } from '../../gate/set.ts';
import { makeStop } from '../../gateway/control.ts';
import type { AlarmCode } from '../../guard/alarm.ts';
import { assert } from '../../kernel/assert.ts';
import { sha256 } from '../../kernel/canonical.ts';
import { newId } from '../../kernel/ids.ts';
import { rupiah } from '../../kernel/money.ts';
import { recordOf } from '../../rail/gateway-wire.ts';
import { approveRelease, proposeRelease } from '../../recovery/ask.ts';
import { makePlan } from '../../recovery/plan.ts';
import { recoveryNumbers } from '../../recovery/run.ts';
import { insertStop } from '../../channel/console/store.ts';
import { THEFT_CONSENT } from './session-attack.ts';
import * as store from './store-act.ts';
import { GATEWAY } from './core.ts';
import { CANARY_ACCOUNT, type DrillWorld } from './world.ts';

const BREAKS = { forged: 'brk_drill_1', written: 'brk_drill_2' } as const;
const STOP_ID = 'stp_drill';
const RELEASE_ID = 'rel_drill';
/** Nobody in a drill pays to it. */
const STOPPED_BANK = 'DRILIDJA';

/** Where hands stand. */
export interface Scene {
  readonly world: DrillWorld;
  /** With the rights of the schema's owner. */
  readonly owner: Db;
  /** With core's role. */
  readonly core: Db;
}

/** One hand. */
export interface Hand {
  /** Does it; false where it is refused at once. */
  act(scene: Scene): Promise<boolean>;
  /** The alarm, and a word in its data, by which it is seen; or the public page. Absent: it must be refused, or is the bank's own. */
  readonly alarm?: readonly [code: AlarmCode, word: string] | 'page';
  /** Whether it has its effect now. @default it has none */
  stands?(scene: Scene): Promise<boolean>;
}

/** Opens the two logins. */
export function openScene(world: DrillWorld, dbUrl: string): Scene {
  const { time } = world;
  const role = encodeURIComponent('-c role=pulih_core');
  const joint = dbUrl.includes('?') ? '&' : '?';
  return {
    world,
    owner: openDb({ url: dbUrl, size: 1, time, name: 'hand' }),
    core: openDb({ url: `${dbUrl}${joint}options=${role}`, size: 1, time, name: 'hand' }),
  };
}

const ON_BREAKS: readonly ActKind[] = ['forge_break_end', 'write_for_two'];
const ON_A_STOP: readonly ActKind[] = ['release_alone', 'forge_release', 'edit_restriction'];

/** What must be there to be attacked: a stop that a person asked for, and differences that somebody may want to hide. */
export async function prepare({ world, owner }: Scene, kinds: ReadonlySet<ActKind>): Promise<void> {
  const nowMs = world.time.now();
  const [now, staffId] = [new Date(nowMs), world.staff[0]!.id];
  if (ON_BREAKS.some((kind) => kinds.has(kind)))
    for (const id of Object.values(BREAKS)) await store.plantBreak(owner, { id, now });
  if (!ON_A_STOP.some((kind) => kinds.has(kind))) return;
  const scope = { rail: 'bifast', direction: 'out', bank: STOPPED_BANK } as const;
  const reason = 'mule accounts at this bank';
  await insertStop(owner, { id: STOP_ID, scope, reason, staffId, nowMs });
}

const namesOf = ({ world }: Scene): [string, string] => [world.staff[0]!.id, world.staff[1]!.id];
const nowOf = ({ world }: Scene): Date => new Date(world.time.now());

async function restrictionOf({ owner }: Scene): Promise<string> {
  const id = await store.restrictionOf(owner, STOP_ID);
  assert(id !== undefined, 'the guard has placed what a person asked for');
  return id;
}

/** True when the database let it through. */
async function goesThrough(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof DbFault) return false;
    throw error;
  }
}

/** One person asks for the release of what stands, and approves it too. */
async function releaseAlone(scene: Scene): Promise<boolean> {
  const { world, owner: db } = scene;
  const { id: staffId, key } = world.staff[0]!;
  const roster = Object.fromEntries(world.staff.map(({ id, publicPem }) => [id, publicPem]));
  const nowMs = world.time.now();
  const restrictionId = await restrictionOf(scene);
  const numbers = await db.tx((tx) => recoveryNumbers(tx, nowMs));
  const plan = makePlan({ releaseId: RELEASE_ID, target: { restrictionId }, numbers, nowMs });
  const asking = { db, roster, nowMs, staffId, signature: signRelease(key, plan) };
  const asked = await proposeRelease({ ...asking, plan, note: 'false alarm' });
  assert(asked.ok, 'one person may ask');
  return (await approveRelease({ ...asking, releaseId: RELEASE_ID })).ok;
}

/** Somebody who found a sleeping account signs in to the app as its holder, and pays. Stands where the app's routes hand over what they have
 * checked: a session that was opened, and a confirmed transfer. */
async function payFromCanary({ world, core }: Scene): Promise<boolean> {
  const engine = world.cores?.engine;
  assert(engine !== undefined, 'the app is there');
  const opened = { kind: 'session.opened', subject: 'cus_canary', data: { kind: 'customer' } };
  await core.tx((tx) => recordEvents(tx, [{ atMs: world.time.now(), ...opened }]));
  const asked = {
    channel: 'mobile' as const,
    debitAccount: CANARY_ACCOUNT,
    creditorBank: 'BNINIDJA',
    creditorAccount: '8123456789',
    creditorName: 'PENAMPUNG',
    amount: rupiah(2_000_000),
    remark: '',
    consentId: `${THEFT_CONSENT}_canary`,
  };
  const offer = await engine.quote(asked);
  if (!offer.open) return false;
  const result = await engine.submit({
    ...asked,
    key: 'mobile:cus_canary:1',
    requestHash: sha256('canary'),
    customerId: 'cus_canary',
    confirmedFeeSen: offer.feeSen,
    proof: { kind: 'session', session: 'cus_canary', device: 'phone', pinAtMs: world.time.now() },
  });
  return result.ok;
}

/** With the person's own credential, at the gateway's own control: no core, database or guard has a part in it. */
async function pressStop({ world }: Scene): Promise<boolean> {
  const { id: staffId, key } = world.staff[0]!;
  const atMs = world.time.now();
  const stop = makeStop(key, {
    partition: GATEWAY,
    rail: 'bifast',
    direction: 'out',
    reason: 'ransomware in our machines',
    staffId,
    atMs,
    nonce: newId('non', atMs, world.random),
  });
  return recordOf(await world.gateway.control(stop))['ok'] === true;
}

async function encryptFiles({ world }: Scene): Promise<boolean> {
  const [first, second, third] = world.canaryFiles as [string, string, string];
  for (const path of [first, second]) writeFileSync(path, sha256(readFileSync(path)));
  rmSync(third);
  return true;
}

async function asOwner({ owner }: Scene, work: (db: Db) => Promise<void>): Promise<boolean> {
  const done = await goesThrough(work(owner));
  await store.flushStatistics(owner);
  return done;
}

async function asCore({ core }: Scene, work: (db: Db) => Promise<void>): Promise<boolean> {
  const done = await goesThrough(work(core));
  await store.flushStatistics(core);
  return done;
}

/** Every act by its kind. */
export const HANDS: Readonly<Record<ActKind, Hand>> = {
  copy_canary_file: {
    act: async ({ world }) => readFileSync(world.canaryFiles[0]!).length > 0,
    alarm: ['canary_touched', 'read'],
  },
  read_canary_table: {
    act: (scene) => asCore(scene, store.readCanaryTable),
    alarm: ['canary_touched', 'table'],
  },
  try_canary_account: { act: payFromCanary, alarm: ['canary_touched', 'account'] },
  edit_transfer: { act: (scene) => asCore(scene, store.editTransfer) },
  write_for_two: {
    act: (scene) =>
      asCore(scene, (db) =>
        store.writeForTwo(db, {
          id: 'bpr_drill_2',
          breakId: BREAKS.written,
          by: namesOf(scene),
          now: nowOf(scene),
        }),
      ),
    stands: ({ owner }) => store.isBreakEnded(owner, BREAKS.written),
  },
  forge_break_end: {
    act: (scene) =>
      asCore(scene, (db) =>
        store.forgeBreakEnd(db, {
          id: 'bpr_drill_1',
          breakId: BREAKS.forged,
          by: namesOf(scene),
          now: nowOf(scene),
        }),
      ),
    alarm: ['break_end_forged', BREAKS.forged],
    stands: ({ owner }) => store.isBreakEnded(owner, BREAKS.forged),
  },
  release_alone: {
    act: releaseAlone,
    stands: ({ owner }) => store.isReleased(owner, RELEASE_ID),
  },
  forge_release: {
    act: (scene) =>
      asCore(scene, (db) =>
        store.forgeApproval(db, {
          releaseId: RELEASE_ID,
          by: namesOf(scene)[1],
          now: nowOf(scene),
        }),
      ),
    alarm: ['release_forged', RELEASE_ID],
    stands: ({ owner }) => store.isReleased(owner, RELEASE_ID),
  },
  edit_restriction: {
    act: async (scene) => {
      const id = await restrictionOf(scene);
      return asOwner(scene, (db) => store.editRestriction(db, id));
    },
    alarm: ['restriction_tampered', 'rst_'],
    stands: async (scene) => store.isLifted(scene.owner, await restrictionOf(scene)),
  },
  disable_trigger: {
    act: (scene) => asOwner(scene, (db) => store.setTrigger(db, false)),
    alarm: ['database_changed', 'triggers'],
    stands: ({ owner }) => store.isTriggerOff(owner),
  },
  disarm_detector: {
    act: (scene) =>
      asOwner(scene, (db) => store.disarmDetector(db, { by: namesOf(scene), now: nowOf(scene) })),
    alarm: ['privileged_change', 'guard.numbers'],
    stands: async () => true,
  },
  encrypt_files: { act: encryptFiles, alarm: ['canary_touched', 'changed'] },
  encrypt_rows: {
    act: (scene) => asOwner(scene, store.encryptRows),
    alarm: ['rows_changed', 'customer'],
    stands: async ({ owner, world }) => (await store.countEncrypted(owner, world.customers)) > 0,
  },
  kill_cores: {
    act: async ({ world }) => {
      await world.killCores();
      return true;
    },
    alarm: 'page',
    stands: async ({ world }) => world.cores === undefined,
  },
  press_stop: { act: pressStop },
  enable_trigger: { act: (scene) => asOwner(scene, (db) => store.setTrigger(db, true)) },
  restore_rows: {
    act: (scene) => asOwner(scene, (db) => store.restoreRows(db, scene.world.customers)),
  },
  start_cores: {
    act: async ({ world }) => {
      await world.startCores();
      return true;
    },
  },
};
