/** One owner per partition (DESIGN.md 1.1): every start takes the next epoch by creating a file that only one process can
 * create. A second process on the same folder refuses to start while the first lives. Owns the epoch files, nothing else. */
import { access, link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../kernel/wire.ts';
import type { Time } from '../kernel/time.ts';

export interface Fence {
  readonly epoch: number;
  /** False once another process has taken a later epoch: whoever finds that must stop writing. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Says which process holds an epoch, so that a dead one does not block the next start, nor a reused pid. */
interface Owner {
  readonly partition: string;
  readonly epoch: number;
  readonly pid: number;
  readonly bornAt: string;
  readonly isReleased: boolean;
}

const EPOCH_FILE = /^epoch-(\d{8})$/;
/** Enough to see who came before; more only fill the folder. */
const EPOCH_FILE_COUNT_MAX = 4;

/** Takes the next epoch of the partition in `folder`. Throws when a living process holds it or another was faster. */
export async function takeFence(input: {
  readonly folder: string;
  readonly partition: string;
  readonly time: Time;
}): Promise<Fence> {
  return input.time.track(take(input));
}

async function take({
  folder,
  partition,
  time,
}: {
  folder: string;
  partition: string;
  time: Time;
}): Promise<Fence> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const epochs = (await readdir(folder))
    .flatMap((name) => EPOCH_FILE.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const last = epochs.at(-1) ?? 0;
  if (last > 0) {
    const owner = parseJson(await readFile(join(folder, fileName(last)))) as Owner;
    if (owner.partition !== partition)
      throw new Error(`Cannot open journal: the folder belongs to partition ${owner.partition}`);
    if (!owner.isReleased && isAlive(owner))
      throw new Error(`Cannot open journal: process ${owner.pid} owns partition ${partition}`);
  }
  const epoch = last + 1;
  const owner: Owner = {
    partition,
    epoch,
    pid: process.pid,
    bornAt: bornAt(process.pid) ?? '',
    isReleased: false,
  };
  await createOnce({ folder, epoch, owner });
  for (const old of epochs.slice(0, -EPOCH_FILE_COUNT_MAX))
    await rm(join(folder, fileName(old)), { force: true });
  return {
    epoch,
    isHeld: () =>
      time.track(
        access(join(folder, fileName(epoch + 1))).then(
          () => false,
          () => true,
        ),
      ),
    release: () => time.track(replace({ folder, epoch, owner: { ...owner, isReleased: true } })),
  };
}

/** `link` fails when the name exists: of two starters exactly one gets the epoch, with its content whole. */
async function createOnce({
  folder,
  epoch,
  owner,
}: {
  folder: string;
  epoch: number;
  owner: Owner;
}): Promise<void> {
  const draft = join(folder, `epoch-draft-${process.pid}-${epoch}`);
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600, flush: true });
  try {
    await link(draft, join(folder, fileName(epoch)));
  } catch (cause) {
    throw new Error(`Cannot open journal: another process took epoch ${epoch}`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}

async function replace({
  folder,
  epoch,
  owner,
}: {
  folder: string;
  epoch: number;
  owner: Owner;
}): Promise<void> {
  const next = join(folder, `epoch-release-${epoch}`);
  await writeFile(next, JSON.stringify(owner), { mode: 0o600, flush: true });
  await rename(next, join(folder, fileName(epoch)));
}

function fileName(epoch: number): string {
  return `epoch-${String(epoch).padStart(8, '0')}`;
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return owner.bornAt === '' || bornAt(owner.pid) === owner.bornAt;
}

/** Boot id and start tick: the same pid after a reboot or a wrap is another process. Undefined where /proc is missing. */
function bornAt(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}
