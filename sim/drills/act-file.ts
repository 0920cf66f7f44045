/** The part `acts` of a scenario file: what a person inside the bank, or software in their place, does, and when. Times count from the first bad
 * event. Pure. */
import { object, oneOf } from '../hub/schema.ts';
import { count, some } from './shape.ts';

/** Two days. */
const SECONDS_MAX = 172_800;
const ACTS_MAX = 100;

/** What hands do. Each is played on the real database, files and processes of the drill, with the rights that are named. */
export const ACTS = [
  // Looking around.
  'copy_canary_file',
  'read_canary_table',
  'try_canary_account',
  // With core's database role.
  'edit_transfer',
  'write_for_two',
  'forge_break_end',
  'forge_release',
  // With a staff login.
  'release_alone',
  // With the rights of the schema's owner.
  'edit_restriction',
  'disable_trigger',
  'disarm_detector',
  // Ransomware.
  'encrypt_files',
  'encrypt_rows',
  'kill_cores',
  // The bank's own people answer.
  'press_stop',
  'enable_trigger',
  'restore_rows',
  'start_cores',
] as const;
export type ActKind = (typeof ACTS)[number];

/** Acts of the bank's own people. */
export const ANSWERS: readonly ActKind[] = [
  'press_stop',
  'enable_trigger',
  'restore_rows',
  'start_cores',
];

/** One act as a file writes it. */
export interface FileAct {
  readonly atSecond: number;
  readonly kind: ActKind;
}

/** One act. Time in ms from the first bad event. */
export interface Act {
  readonly atMs: number;
  readonly kind: ActKind;
}

/** The shape of `acts`. */
export const ACT_LIST = some(
  object({ atSecond: count(SECONDS_MAX), kind: oneOf(...ACTS) }),
  ACTS_MAX,
);

/** Acts in the order of their times. */
export function actsOf(acts: readonly FileAct[]): readonly Act[] {
  return acts
    .map(({ atSecond, kind }) => ({ atMs: atSecond * 1_000, kind }))
    .toSorted((a, b) => a.atMs - b.atMs);
}
