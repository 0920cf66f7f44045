/** The groups of tests, as data: which files, with which server, and how they run. */
import type { Durability } from './postgres.ts';

export interface Group {
  readonly name: string;
  readonly files: readonly string[];
  readonly except?: RegExp;
  /** Absent = no server. */
  readonly database?: Durability;
  /** Runners side by side, each with one file at a time and a server of its own: an open transaction of one file holds back the
   * event stream of every other database of its server. */
  readonly lanes: 1 | 2;
  /** Files of one run of node; 0 = all of them, in one process. */
  readonly filesPerRun: number;
  readonly isShuffled: boolean;
  /** Bound of one run. */
  readonly minutesMax: number;
  readonly needsBrowser?: true;
}

const ACROSS = /^test\/(flow|gateway|sim|crash|browser|slow)\//;

/** Measures only where a commit reaches the disk. */
const NEEDS_DISK = 'src/bench/tpcb.dbtest.ts';
const ELSEWHERE = new RegExp(`${ACROSS.source}|^${NEEDS_DISK}$`);

/** In the order in which they run. */
export const GROUPS: readonly Group[] = [
  {
    name: 'pure',
    files: ['{src,sim,web,test}/**/*.test.ts'],
    except: ACROSS,
    lanes: 1,
    filesPerRun: 0,
    isShuffled: true,
    minutesMax: 5,
  },
  {
    name: 'database',
    files: ['{src,sim,test}/**/*.dbtest.ts'],
    except: ELSEWHERE,
    database: 'kill',
    lanes: 2,
    filesPerRun: 8,
    isShuffled: true,
    minutesMax: 15,
  },
  {
    name: 'crash',
    files: ['test/crash/**/*.test.ts', NEEDS_DISK],
    database: 'power',
    lanes: 2,
    filesPerRun: 1,
    isShuffled: false,
    minutesMax: 8,
  },
  {
    name: 'browser',
    files: ['test/browser/**/*.test.ts', 'test/browser/**/*.dbtest.ts'],
    database: 'none',
    lanes: 2,
    filesPerRun: 1,
    isShuffled: false,
    minutesMax: 8,
    needsBrowser: true,
  },
  {
    name: 'flow',
    files: ['test/{flow,gateway,sim}/**/*.test.ts', 'test/{flow,gateway,sim}/**/*.dbtest.ts'],
    database: 'none',
    lanes: 2,
    filesPerRun: 1,
    isShuffled: false,
    minutesMax: 8,
  },
  {
    name: 'slow',
    files: ['{src,sim,test}/**/*.slowtest.ts', 'test/slow/**/*.test.ts'],
    database: 'power',
    lanes: 1,
    filesPerRun: 1000,
    isShuffled: false,
    minutesMax: 60,
  },
];
