/** Every fault point in the source, found by reading it, so that a new one cannot be left out. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../src/app/place.ts';
import type { ProcessName } from './rig.ts';

/** Which process passes the points of a slice. */
const PROCESS_OF: Readonly<Record<string, ProcessName>> = {
  ledger: 'core-1',
  payment: 'core-1',
  signer: 'signer',
  gateway: 'gateway-1',
  guard: 'guard',
};

/** Points that this load cannot pass, each with the reason. Fewest is best. */
const NO_STANDING = 'no date of a standing order comes in this load: standing.test.ts takes them';
const NO_CARD =
  'nothing comes over the switch in this load: test/sim/card-crash.dbtest.ts, test/slow/rails.test.ts';
export const NOT_PASSED: Readonly<Record<string, string>> = {
  'standing.afterOpen': NO_STANDING,
  'standing.beforeSubmit': NO_STANDING,
  'standing.afterSubmit': NO_STANDING,
  'standing.afterMark': NO_STANDING,
  'bulk.beforeSubmit': 'no list comes in this load: src/bulk/bulk.dbtest.ts ends the work there',
  'bulk.afterSubmit': 'the same',
  'bulk.afterMark': 'the same',
  'card.afterPin': NO_CARD,
  'card.afterApproval': NO_CARD,
  'card.afterReversal': NO_CARD,
  'presented.afterApproval':
    'nobody shows a code in this load: test/sim/presented.dbtest.ts ends the work there',
  'switch.afterRequest': NO_CARD,
  'switch.beforeAnswer': NO_CARD,
  'switch.afterTakeBack': NO_CARD,
  'gateway.afterAcquired':
    'no machine of ours is in this load: test/sim/atm.dbtest.ts ends the work there',
  'gateway.afterAcquiredAnswer': 'the same',
  'gateway.afterAcquiredWord': 'the same',
  'gateway.afterTakeBack': 'the same',
  'payment.beforeRelease':
    'nothing waits for people in this load: src/payment/screening/withheld.dbtest.ts ends the work there',
  'payment.afterRelease': 'the same',
  'archive.afterWrite': 'a command, not a process under load: src/app/archive.dbtest.ts',
  'archive.afterCheck': 'the same',
  'archive.afterDrop': 'the same',
  'directDebit.afterReserve':
    'no debit comes in this load: src/channel/snap/service/debit.dbtest.ts ends the work there',
  'directDebit.afterOpen': 'the same',
  'qrisDebit.afterOpen': 'the same',
  'directDebit.afterSubmit': 'the same',
  'directDebit.afterReturn': 'the same',
  'payment.afterRefund':
    'no merchant gives back in this load: src/payment/sale/refund.dbtest.ts ends the work there',
  'payment.afterScan':
    'no shop scans a code in this load: test/sim/scanned.dbtest.ts ends the work there',
  'virtualAccount.afterCommit': 'no bill comes in this load: src/channel/snap/service/va.dbtest.ts',
  'notice.afterSend':
    'no partner takes notices in this load: src/channel/snap/notice/notice.dbtest.ts',
};

export interface Point {
  readonly point: string;
  readonly process: ProcessName;
}

/** The points in the order in which the test takes them: core first, because what it had leased stays leased for a minute. */
export function findPoints(): readonly Point[] {
  const names = new Set<string>();
  for (const path of globSync('src/**/*.ts', { cwd: ROOT })) {
    if (path.endsWith('kernel/fault-point.ts') || /\.(test|dbtest)\.ts$/.test(path)) continue;
    const text = readFileSync(join(ROOT, path), 'utf8');
    for (const match of text.matchAll(/\bfaultPoint\(\s*(?:'([^']+)')?/g)) {
      if (!match[1]) throw new Error(`${path}: a fault point without a plain name`);
      names.add(match[1]);
    }
  }
  for (const name of Object.keys(NOT_PASSED))
    if (!names.delete(name)) throw new Error(`${name} is excused and is not in the source`);
  const points = [...names].map((point): Point => {
    const process = PROCESS_OF[point.split('.')[0]!];
    if (!process)
      throw new Error(`${point}: say in points.ts which process passes it, or why none does`);
    return { point, process };
  });
  const order: readonly ProcessName[] = ['core-1', 'signer', 'guard', 'gateway-1'];
  return points.toSorted(
    (a, b) => order.indexOf(a.process) - order.indexOf(b.process) || (a.point < b.point ? -1 : 1),
  );
}
